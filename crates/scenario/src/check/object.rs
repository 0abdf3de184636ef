//! `object`: one object exists (or does not), and its condition holds.

use super::Finding;
use crate::probe::{Probe, Unsupported};
use crate::schema::ObjectCheck;

pub(super) fn find(check: &ObjectCheck, probe: &dyn Probe) -> Result<Finding, Unsupported> {
    let ObjectCheck { kind, name, .. } = check;
    let namespace = check.namespace.as_deref().unwrap_or("default");
    let object = probe.object(kind, namespace, name)?;
    let exists = object.is_some();
    let what = format!("{kind} {name}");
    let say = |there: bool| if there { format!("{what} exists") } else { format!("there is no {what}") };
    Ok(Finding {
        variables: vec![("object", object.unwrap_or_default())],
        expected: say(!check.absent),
        found: say(exists),
        failure: (exists == check.absent).then(|| {
            if exists {
                format!("{what} is still there.")
            } else {
                format!("{what} was not found in namespace {namespace}.")
            }
        }),
    })
}
