//! A pod is not resized beyond what its node has.
// Models plugin/pkg/admission/podresize

use podyard_api::kinds::Pod;
use podyard_api::{Quantity, Status, Value};

use super::Attributes;
use crate::{ApiServer, ResourceKey};

pub(super) fn validate(server: &ApiServer, attributes: &Attributes) -> Result<(), Status> {
    if attributes.key != ResourceKey::PODS || attributes.sub != "resize" {
        return Ok(());
    }
    let Some(pod) = &attributes.object else { return Ok(()) };
    let Some(node) = server.get(ResourceKey::NODES, "", Pod(pod).node_name()) else { return Ok(()) };
    let lacking = ["cpu", "memory"].into_iter().filter_map(|name| {
        let wanted = requested(pod, name);
        let there = amount(node.at(&["status", "allocatable", name]), name);
        (wanted > there).then(|| format!("{name}, requested: {wanted}, allocatable: {there}"))
    });
    let lacking: Vec<String> = lacking.collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let why = format!("node didn't have enough allocatable resources: {}", lacking.join("; "));
    Err(attributes.forbidden(&why))
}

/// What the pod's containers ask for together: thousandths of a CPU, or bytes.
fn requested(pod: &Value, name: &str) -> i64 {
    let containers = pod.at(&["spec", "containers"]).items().iter();
    containers.map(|container| amount(container.at(&["resources", "requests", name]), name)).sum()
}

fn amount(value: &Value, name: &str) -> i64 {
    let quantity = Quantity::of(value);
    if name == "cpu" { quantity.milli_value() } else { quantity.value() }
}
