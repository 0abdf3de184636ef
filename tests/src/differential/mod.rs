//! Cases whose answers the real Kubernetes code computed, compared with the engine's.
//!
//! A set is a file of one JSON object a line, which holds the inputs and the answers. Its comparison gives the engine's
//! answers under the same names; every name that it gives must be equal.

mod networkpolicy;
mod print;
mod rbac;
mod scheduler;
mod selectors_quantities;
mod validation;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

/// The engine's answers to one case; nothing where it does not answer this type of case yet.
type Answer = fn(&Value) -> Option<Value>;

/// The sets by name, in alphabetical order.
const SETS: &[(&str, Answer)] = &[
    ("networkpolicy", networkpolicy::answer),
    ("rbac", rbac::answer),
    ("scheduler", scheduler::answer),
    ("selectors_quantities", selectors_quantities::answer),
    ("validation", validation::answer),
];

/// How a set went.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// By type of case: equal, compared, not answered.
    pub types: BTreeMap<String, Counts>,
    /// The cases that differ.
    pub differing: Vec<Differing>,
    /// The engine's answers, one JSON object a case, with its `id`.
    pub answers: Vec<Value>,
}

/// Numbers of cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The engine's answer is the real one.
    pub equal: usize,
    /// The engine answered.
    pub compared: usize,
    /// The engine does not answer such cases.
    pub unanswered: usize,
}

/// A case whose answer differs.
#[derive(Clone, Debug)]
pub struct Differing {
    /// The case.
    pub case: Value,
    /// Name of an answer, the real one, the engine's.
    pub answers: Vec<(String, Value, Value)>,
}

/// The set's file in the folder that `$PODYARD_DATA` names, or in its `differential/`.
///
/// # Errors
/// When the variable is not set, or the folder has no such file.
pub fn data_file(set: &str) -> Result<PathBuf> {
    let folder = std::env::var_os("PODYARD_DATA").map(PathBuf::from);
    let folder = folder.context("name the file of cases, or set PODYARD_DATA to the folder of the sets")?;
    let places = [folder.join("differential"), folder.clone()].map(|place| place.join(set).join("dev.jsonl"));
    let found = places.into_iter().find(|place| place.exists());
    found.with_context(|| format!("no {set}/dev.jsonl in {}", folder.display()))
}

/// The project's own sample of a set.
#[must_use]
pub fn sample(set: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("differential").join(format!("{set}.jsonl"))
}

/// Compares every case of a file.
///
/// # Errors
/// When there is no such set, or the file cannot be read.
pub fn compare(set: &str, file: &Path) -> Result<Report> {
    let Some((_, answer)) = SETS.iter().find(|(name, _)| *name == set) else {
        let names: Vec<&str> = SETS.iter().map(|(name, _)| *name).collect();
        bail!("no set {set}; the sets are {}", names.join(", "));
    };
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let mut report = Report::default();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let case: Value = serde_json::from_str(line).with_context(|| format!("{}:{}", file.display(), number + 1))?;
        report.add(case, *answer);
    }
    Ok(report)
}

impl Report {
    fn add(&mut self, case: Value, answer: Answer) {
        let counts = self.types.entry(type_of(&case)).or_default();
        let Some(found) = answer(&case) else {
            counts.unanswered += 1;
            return;
        };
        counts.compared += 1;
        let found = found.as_object().cloned().unwrap_or_default();
        let answers = differences(&case, &found);
        counts.equal += usize::from(answers.is_empty());
        self.answers.push(with_id(&case, found));
        if !answers.is_empty() {
            self.differing.push(Differing { case, answers });
        }
    }
}

fn type_of(case: &Value) -> String {
    let fields = ["type", "kind"];
    fields.iter().find_map(|field| case[field].as_str()).unwrap_or("case").to_owned()
}

/// What differs of the answers that were given; within an answer everything counts, and is named by its path.
fn differences(case: &Value, found: &Map<String, Value>) -> Vec<(String, Value, Value)> {
    let mut differing = Vec::new();
    for (name, value) in found {
        compare_parts(name, &case[name], value, &mut differing);
    }
    differing
}

fn compare_parts(path: &str, real: &Value, found: &Value, into: &mut Vec<(String, Value, Value)>) {
    match (real, found) {
        _ if real == found => {}
        (Value::Object(real), Value::Object(found)) => {
            let names: BTreeSet<&String> = real.keys().chain(found.keys()).collect();
            for name in names {
                let part = |object: &Map<String, Value>| object.get(name).cloned().unwrap_or_default();
                compare_parts(&format!("{path}.{name}"), &part(real), &part(found), into);
            }
        }
        _ => into.push((path.to_owned(), real.clone(), found.clone())),
    }
}

fn with_id(case: &Value, mut found: Map<String, Value>) -> Value {
    found.insert("id".to_owned(), case["id"].clone());
    Value::Object(found)
}
