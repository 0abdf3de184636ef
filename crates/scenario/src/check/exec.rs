//! `exec`: a console line and what it must print. It runs on a fork.

use podyard_api::value;

use super::Finding;
use crate::probe::{Probe, Unsupported};
use crate::schema::ExecCheck;

pub(super) fn find(check: &ExecCheck, probe: &dyn Probe) -> Result<Finding, Unsupported> {
    let output = probe.fork()?.run(&check.run)?;
    let exit = check.exit.unwrap_or(0);
    let missing = check.contains.as_ref().filter(|text| !output.stdout.contains(text.as_str()));
    let shown = if output.stdout.is_empty() { &output.stderr } else { &output.stdout };
    let failure = if output.exit != exit {
        Some(format!("`{}` ended with status {} instead of {exit}.", check.run, output.exit))
    } else {
        missing.map(|text| format!("`{}` did not print {text:?}.", check.run))
    };
    let found = match (&check.contains, shown.trim_end()) {
        (None, "") => format!("status {}", output.exit),
        (None, text) => format!("status {}: {text}", output.exit),
        (Some(_), "") => "nothing".to_string(),
        (Some(_), text) => text.to_string(),
    };
    Ok(Finding {
        variables: vec![(
            "output",
            value!({"stdout": &output.stdout, "stderr": &output.stderr, "exit": i64::from(output.exit)}),
        )],
        expected: check.contains.clone().unwrap_or_else(|| format!("status {exit}")),
        found,
        failure,
    })
}
