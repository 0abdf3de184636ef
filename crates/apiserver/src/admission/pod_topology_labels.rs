//! A pod that is bound to a node gets the node's zone and region as labels.
// Models plugin/pkg/admission/podtopologylabels/admission.go

use podyard_api::{Status, Value, Verb};

use super::Attributes;
use crate::{ApiServer, ResourceKey};

const LABELS: [&str; 2] = ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"];

pub(super) fn admit(server: &mut ApiServer, attributes: &mut Attributes) -> Result<(), Status> {
    let binds = attributes.key == ResourceKey::PODS && attributes.verb == Verb::Create;
    let Some(object) = attributes.object.as_mut().filter(|_| binds) else { return Ok(()) };
    let node = match attributes.sub {
        "binding" => object.at(&["target", "name"]),
        "" => object.at(&["spec", "nodeName"]),
        _ => return Ok(()),
    };
    let Some(node) = server.get(ResourceKey::NODES, "", node.str()) else { return Ok(()) };
    let labels: Vec<(&str, Value)> =
        LABELS.into_iter().filter_map(|key| Some((key, Value::from(node.meta().label(key)?)))).collect();
    for (key, value) in labels {
        object.meta_mut().field_mut("labels").set(key, value);
    }
    Ok(())
}
