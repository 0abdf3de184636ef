//! The proof of a scenario: its start fails, its solution passes, each wrong answer fails where it says.

use std::fmt;

use crate::check::{Verdict, judge_task};
use crate::probe::Probe;
use crate::schema::Scenario;

/// Why a scenario does not prove itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw(pub String);

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// All flaws of a scenario; `start` makes the cluster that the learner finds.
pub fn prove(scenario: &Scenario, start: &dyn Fn() -> Box<dyn Probe>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let mut flaw = |text: String| flaws.push(Flaw(text));
    let fresh = start();
    for task in &scenario.spec.tasks {
        if judge_task(task, fresh.as_ref()).iter().all(|verdict| verdict.passed) {
            flaw(format!("task {} passes before anything has been done", task.id));
        }
    }
    let mut solved = start();
    if let Err(unsupported) = solved.run(&scenario.spec.solution) {
        flaw(unsupported.to_string());
    }
    for (task, verdict) in verdicts(scenario, solved.as_ref()) {
        if !verdict.passed {
            let Verdict { name, expected, found, why, .. } = verdict;
            flaw(format!("the solution fails {task}/{name}: expected {expected}; found {found}; {why}"));
        }
    }
    for wrong in &scenario.spec.wrong {
        let mut probe = start();
        if let Err(unsupported) = probe.run(&wrong.run) {
            flaw(unsupported.to_string());
        }
        let named = verdicts(scenario, probe.as_ref()).find(|(task, v)| wrong.fails == format!("{task}/{}", v.name));
        if named.is_none_or(|(_, verdict)| verdict.passed) {
            flaw(format!("the wrong answer {:?} passes {}", wrong.run.trim(), wrong.fails));
        }
    }
    flaws
}

fn verdicts<'a>(scenario: &'a Scenario, probe: &'a dyn Probe) -> impl Iterator<Item = (&'a str, Verdict)> {
    scenario
        .spec
        .tasks
        .iter()
        .flat_map(|task| judge_task(task, probe).into_iter().map(|verdict| (task.id.as_str(), verdict)))
}
