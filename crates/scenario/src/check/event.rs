//! `event`: something was reported.

use super::Finding;
use crate::probe::{Probe, Unsupported};
use crate::schema::EventCheck;
use podyard_api::Value;

pub(super) fn find(check: &EventCheck, probe: &dyn Probe) -> Result<Finding, Unsupported> {
    let namespace = check.namespace.as_deref().unwrap_or("default");
    let events = probe.objects("Event", namespace)?;
    let about = |event: &Value| {
        let object = event.get("involvedObject");
        format!("{}/{}", object.get("kind").str().to_lowercase(), object.get("name").str())
    };
    let wanted = |event: &&Value| {
        event.get("reason") == check.reason.as_str()
            && check.object.as_ref().is_none_or(|object| *object == about(event))
    };
    let matching: Vec<Value> = events.iter().filter(wanted).cloned().collect();
    let subject = check.object.as_deref().unwrap_or("any object");
    let seen: Vec<_> = events.iter().map(|event| format!("{} ({})", event.get("reason").str(), about(event))).collect();
    Ok(Finding {
        failure: matching.is_empty().then(|| format!("No event {} was reported for {subject}.", check.reason)),
        variables: vec![("objects", matching.into_iter().collect())],
        expected: format!("an event {} for {subject}", check.reason),
        found: if seen.is_empty() { "no events".into() } else { seen.join(", ") },
    })
}
