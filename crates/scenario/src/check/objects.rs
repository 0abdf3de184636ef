//! `objects`: a condition on all objects of a kind.

use podyard_api::{Selector, Value};

use super::Finding;
use crate::probe::{Probe, Unsupported};
use crate::schema::ObjectsCheck;

pub(super) fn find(check: &ObjectsCheck, probe: &dyn Probe) -> Result<Finding, Unsupported> {
    let namespace = check.namespace.as_deref().unwrap_or("default");
    let mut objects = probe.objects(&check.kind, namespace)?;
    if let Some(selector) = &check.selector {
        let selector = Selector::parse(selector).map_err(Unsupported)?;
        objects.retain(|object| selector.matches_object(object));
    }
    let names: Vec<_> = objects.iter().map(|object| object.name().to_string()).collect();
    Ok(Finding {
        variables: vec![("objects", objects.into_iter().collect::<Value>())],
        expected: format!("{} in namespace {namespace}", check.kind),
        found: if names.is_empty() { "none".into() } else { names.join(", ") },
        failure: None,
    })
}
