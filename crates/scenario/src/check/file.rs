//! `file`: a file of the workstation.

use podyard_api::value;

use super::Finding;
use crate::probe::{Probe, Unsupported};
use crate::schema::FileCheck;

pub(super) fn find(check: &FileCheck, probe: &dyn Probe) -> Result<Finding, Unsupported> {
    let bytes = probe.file(&check.path)?;
    let text = bytes.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let failure = match (&text, &check.contains) {
        (None, _) => Some(format!("The file {} does not exist.", check.path)),
        (Some(text), Some(part)) if !text.contains(part.as_str()) => {
            Some(format!("The file {} does not contain {part:?}.", check.path))
        }
        _ => None,
    };
    let text = text.unwrap_or_default();
    Ok(Finding {
        expected: check.contains.clone().unwrap_or_else(|| format!("a file {}", check.path)),
        found: text.lines().take(5).collect::<Vec<_>>().join("\n"),
        variables: vec![("text", value!(text))],
        failure,
    })
}
