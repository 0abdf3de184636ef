//! A new node takes no pods before it has reported that it is ready.
// Models plugin/pkg/admission/nodetaint/admission.go

use podyard_api::{Status, Value, value};

use super::Attributes;
use crate::{ApiServer, ResourceKey};

const NOT_READY: &str = "node.kubernetes.io/not-ready";

pub(super) fn admit(_: &mut ApiServer, attributes: &mut Attributes) -> Result<(), Status> {
    if !attributes.creates(ResourceKey::NODES) {
        return Ok(());
    }
    let Some(node) = attributes.object.as_mut() else { return Ok(()) };
    let taints = node.at_mut(&["spec", "taints"]);
    let is_it = |taint: &Value| *taint.get("key") == NOT_READY && *taint.get("effect") == "NoSchedule";
    if !taints.items().iter().any(is_it) {
        taints.push(value!({"key": NOT_READY, "effect": "NoSchedule"}));
    }
    Ok(())
}
