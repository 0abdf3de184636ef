//! The kinds of check, and how a task is judged by them.

mod can_i;
mod event;
mod exec;
mod file;
mod object;
mod objects;
mod reach;
#[cfg(test)]
mod testing;

use std::time::Duration;

use podyard_api::Value;
use podyard_expr::cel;

use crate::probe::{Probe, Unsupported};
use crate::schema::{Check, Scenario, Task};
use crate::text;

/// What became of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub name: String,
    pub passed: bool,
    pub expected: String,
    pub found: String,
    /// What causes the difference, in a sentence; empty where it passed.
    pub why: String,
}

/// What a kind of check found, before the condition is judged.
struct Finding {
    /// Names for the condition.
    variables: Vec<(&'static str, Value)>,
    expected: String,
    found: String,
    /// Says why it fails already; nothing if the condition decides.
    failure: Option<String>,
}

/// A task's verdicts, in the order of its checks. The cluster is only looked at; what must be tried is tried on a
/// fork.
pub fn judge_task(task: &Task, probe: &dyn Probe) -> Vec<Verdict> {
    task.checks.iter().map(|check| judge(check, probe)).collect()
}

/// One check's verdict.
pub fn judge(check: &Check, probe: &dyn Probe) -> Verdict {
    let verdict = match &check.afterwards {
        None => find(check, probe),
        Some(afterwards) => probe.fork().and_then(|mut fork| {
            fork.run(&afterwards.run)?;
            let within = afterwards.within.as_deref().and_then(text::duration).unwrap_or(Duration::from_secs(30));
            fork.wait(within)?;
            find(check, fork.as_ref())
        }),
    };
    match verdict {
        Ok(finding) => decide(check, finding),
        Err(unsupported) => Verdict { name: check.name.clone(), why: unsupported.to_string(), ..Verdict::default() },
    }
}

/// Looks, by the kind of check that is named.
fn find(check: &Check, probe: &dyn Probe) -> Result<Finding, Unsupported> {
    if let Some(request) = &check.can_i {
        can_i::find(request, probe)
    } else if let Some(event) = &check.event {
        event::find(event, probe)
    } else if let Some(exec) = &check.exec {
        exec::find(exec, probe)
    } else if let Some(file) = &check.file {
        file::find(file, probe)
    } else if let Some(object) = &check.object {
        object::find(object, probe)
    } else if let Some(objects) = &check.objects {
        objects::find(objects, probe)
    } else if let Some(connection) = &check.reach {
        reach::find(connection, probe)
    } else {
        Err(Unsupported("the check names nothing to look at".into()))
    }
}

/// Judges what was found by the check's condition.
fn decide(check: &Check, finding: Finding) -> Verdict {
    let Finding { variables, mut expected, mut found, failure } = finding;
    let mut why = failure.unwrap_or_default();
    if !why.is_empty() && check.cel.is_none() {
        // Without a condition this is all that the check asks: its author's advice comes with what was found.
        if let Some(advice) = &check.otherwise {
            why = format!("{why} {}", text::fill(advice, &variables));
        }
    }
    if why.is_empty()
        && let Some(condition) = &check.cel
    {
        expected = condition.trim().to_string();
        match cel::evaluate(condition, &variables) {
            Ok(Value::Bool(true)) => {}
            Ok(_) => {
                why = check
                    .otherwise
                    .as_ref()
                    .map_or_else(|| check.name.clone() + ": not yet", |t| text::fill(t, &variables));
                found = inputs(condition, &variables).unwrap_or(found);
            }
            Err(error) => {
                why = check.otherwise.as_ref().map_or_else(|| error.to_string(), |text| text::fill(text, &variables));
            }
        }
    }
    Verdict { name: check.name.clone(), passed: why.is_empty(), expected, found, why }
}

/// The values of the condition's paths, as `object.status.replicas = 2`.
fn inputs(condition: &str, variables: &[(&str, Value)]) -> Option<String> {
    let is_path = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_');
    let mut seen: Vec<String> = Vec::new();
    for path in condition.split(|c| !is_path(c)) {
        let mut parts = path.split('.');
        let Some((_, root)) = parts.next().and_then(|root| variables.iter().find(|(name, _)| *name == root)) else {
            continue;
        };
        let fields: Vec<&str> = parts.collect();
        let value = root.at(&fields);
        // A method's name is no field: the path without it says more.
        let shown = if value.is_null() && fields.len() > 1 { root.at(&fields[..fields.len() - 1]) } else { value };
        let text = podyard_api::json::to_string(shown);
        if !fields.is_empty() && text.len() < 200 {
            let line = format!("{path} = {text}");
            if !seen.contains(&line) {
                seen.push(line);
            }
        }
    }
    if seen.is_empty() { None } else { Some(seen.join(", ")) }
}

impl Scenario {
    /// The task with this id.
    pub fn task(&self, id: &str) -> Option<&Task> {
        self.spec.tasks.iter().find(|task| task.id == id)
    }
}
