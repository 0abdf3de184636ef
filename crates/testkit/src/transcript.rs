//! Recorded sessions: their form, and the comparison of what was recorded with what a simulator printed.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::normalize::{Likeness, Normalizer, likeness};

/// What a learner typed and what was answered.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Session {
    /// The session's name, which is its file's.
    #[serde(default)]
    pub name: String,
    /// The files in the working directory before the first step.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// What was typed, in order.
    pub steps: Vec<Step>,
}

/// One command of a session.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Step {
    /// The command line.
    pub run: String,
    /// What it printed.
    #[serde(default)]
    pub stdout: String,
    /// What it printed as errors.
    #[serde(default)]
    pub stderr: String,
    /// Its exit code.
    #[serde(default)]
    pub exit: i32,
    /// Whether two runs of the real thing differed.
    #[serde(default)]
    pub unstable: bool,
    /// What to overlook so that they did not: `nodes`, `order`, `nodes+order`.
    #[serde(default)]
    pub stable_if: Option<String>,
    /// What a second run printed.
    #[serde(default)]
    pub stdout_run2: Option<String>,
    /// What a second run printed as errors.
    #[serde(default)]
    pub stderr_run2: Option<String>,
}

/// What is known about a recorded step beyond the recording.
#[derive(Clone, Debug, Deserialize)]
pub struct Annotation {
    /// The session's name.
    pub session: String,
    /// The step, from 0.
    pub step: usize,
    /// The recording differs from a stock cluster here: the step does not count.
    #[serde(default)]
    pub artefact: bool,
    /// The step hangs on timing: it counts only as far as `real` says.
    #[serde(default)]
    pub timing: bool,
    /// What a stock cluster prints.
    pub real: String,
}

/// The outcome of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It does not count.
    Uncounted,
    /// It counts and is as recorded.
    Matched,
    /// It counts and is not; the texts are normalised.
    Differs(Box<Difference>),
}

/// Where a step differs: recorded and found, normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Standard output.
    pub stdout: (String, String),
    /// Standard error.
    pub stderr: (String, String),
    /// Exit code; nothing was found if the simulator never came to this step.
    pub exit: (i32, Option<i32>),
}

impl Session {
    /// Reads a transcript.
    ///
    /// # Errors
    /// When the text is not YAML of a transcript's form.
    pub fn parse(text: &str) -> Result<Self, serde_yaml::Error> {
        serde_yaml::from_str(text)
    }
}

/// Compares a session with the transcript that a simulator made of it, step by step.
#[must_use]
pub fn compare(recorded: &Session, found: &Session, annotations: &[Annotation]) -> Vec<Outcome> {
    let (mut ours, mut theirs) = (Normalizer::default(), Normalizer::default());
    let mut outcomes = Vec::new();
    for (index, step) in recorded.steps.iter().enumerate() {
        let answer = found.steps.get(index);
        let mut pair =
            |recorded: &str, found: Option<&str>| (theirs.text(recorded), ours.text(found.unwrap_or_default()));
        let difference = Difference {
            stdout: pair(&step.stdout, answer.map(|answer| answer.stdout.as_str())),
            stderr: pair(&step.stderr, answer.map(|answer| answer.stderr.as_str())),
            exit: (step.exit, answer.map(|answer| answer.exit)),
        };
        let annotation = annotations.iter().find(|note| note.session == recorded.name && note.step == index);
        outcomes.push(match tolerance(step, annotation) {
            None => Outcome::Uncounted,
            Some(any_order) if difference.is_tolerable(any_order) => Outcome::Matched,
            Some(_) => Outcome::Differs(Box::new(difference)),
        });
    }
    outcomes
}

/// Whether a step counts, and if so whether its lines may come in any order.
fn tolerance(step: &Step, annotation: Option<&Annotation>) -> Option<bool> {
    let timing = annotation.is_some_and(|note| note.timing);
    let says_any_order = annotation.is_some_and(|note| note.real.contains("any order"));
    if annotation.is_some_and(|note| note.artefact) || (timing && !says_any_order) {
        return None;
    }
    match &step.stable_if {
        Some(relaxation) => Some(says_any_order || relaxation.contains("order")),
        None if step.unstable => says_any_order.then_some(true),
        None => Some(says_any_order),
    }
}

impl Difference {
    /// Upstream breaks ties between nodes at random, so they are relaxed anywhere; rows are sorted by name, so those with
    /// random names come in any order.
    fn is_tolerable(&self, any_order: bool) -> bool {
        let alike = |(recorded, found): &(String, String)| match likeness(recorded, found) {
            Some(Likeness::Exact | Likeness::Nodes) => true,
            Some(Likeness::Order | Likeness::NodesAndOrder) => any_order || recorded.contains("<rand"),
            None => false,
        };
        self.exit.1 == Some(self.exit.0) && alike(&self.stdout) && alike(&self.stderr)
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, (recorded, found)) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if recorded != found {
                writeln!(f, "--- {name} recorded\n+++ {name} found")?;
                let lines = similar::TextDiff::from_lines(recorded.as_str(), found.as_str());
                write!(f, "{}", lines.unified_diff().context_radius(2).missing_newline_hint(false))?;
            }
        }
        match self.exit {
            (_, None) => writeln!(f, "not reached"),
            (recorded, Some(found)) if recorded != found => writeln!(f, "exit {recorded} recorded, {found} found"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(steps: &str) -> Session {
        Session::parse(&format!("name: s\nsteps:\n{steps}")).expect("a session")
    }

    fn check(recorded: &str, found: &str, note: Option<&str>, expect: &str) {
        let note =
            note.map(|fields| serde_yaml::from_str(&format!("{{session: s, step: 0, {fields}}}")).expect("a note"));
        let outcomes = compare(&session(recorded), &session(found), note.as_slice());
        let word = match outcomes[0] {
            Outcome::Uncounted => "uncounted",
            Outcome::Matched => "matched",
            Outcome::Differs(_) => "differs",
        };
        assert_eq!(word, expect, "{recorded} / {found}");
    }

    #[test]
    fn a_step_counts_as_its_marks_say() {
        let (a, b) = ("- {run: x, stdout: a, exit: 0}", "- {run: x, stdout: b, exit: 0}");
        check(a, a, None, "matched");
        check(a, b, None, "differs");
        check(a, "- {run: x, stdout: a, exit: 1}", None, "differs");
        check(a, b, Some("artefact: true, real: b"), "uncounted");
        check(a, b, Some("timing: true, real: varies"), "uncounted");
        check("- {run: x, stdout: a, unstable: true}", b, None, "uncounted");
    }

    #[test]
    fn order_is_overlooked_only_where_it_may_be() {
        let (ab, ba) = ("- {run: x, stdout: \"a\\nb\\n\"}", "- {run: x, stdout: \"b\\na\\n\"}");
        check(ab, ba, None, "differs");
        check(ab, ba, Some("timing: true, real: lines in any order"), "matched");
        check("- {run: x, stdout: \"a\\nb\\n\", unstable: true, stable_if: order}", ba, None, "matched");
    }
}
