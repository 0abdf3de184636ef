//! PersistentVolumes, storage classes, CSI nodes and volume attributes classes.

use podyard_api::Value;
use podyard_api::kinds::{PersistentVolume, SelectorRequirement, StorageClass, VolumeNodeAffinity};

use super::out::Out;
use super::{Describer, Related, ingress, nothing, volume};
use crate::labels::labels;
use crate::values::{access_modes, age, moment, quantity, storage_class, title_bool};

pub(super) const VOLUME: Describer = Describer { reads: nothing, write: persistent_volume };
pub(super) const CLASS: Describer = Describer { reads: nothing, write: class };
pub(super) const CSI_NODE: Describer = Describer { reads: nothing, write: csi_node };
pub(super) const ATTRIBUTES_CLASS: Describer = Describer { reads: nothing, write: attributes_class };

/// The fields of a volume's spec that are no source.
const NO_SOURCE: [&str; 9] = [
    "accessModes",
    "capacity",
    "claimRef",
    "mountOptions",
    "nodeAffinity",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "volumeAttributesClassName",
    "volumeMode",
];

fn persistent_volume(object: &Value, related: &Related, out: &mut Out) {
    let volume = PersistentVolume(object);
    let (meta, spec, status) = (volume.metadata(), volume.spec(), volume.status());
    ingress::head(object, out);
    out.field(0, "Finalizers", format_args!("[{}]", meta.finalizers().collect::<Vec<_>>().join(" ")));
    out.field(0, "StorageClass", storage_class(meta, spec.storage_class_name()));
    match meta.deletion_timestamp() {
        Some(when) => out.field(0, "Status", format_args!("Terminating (lasts {})", age(when, related.now))),
        None => out.field(0, "Status", status.phase()),
    }
    let claim = spec.claim_ref().map(|claim| format!("{}/{}", claim.namespace(), claim.name()));
    out.field(0, "Claim", claim.unwrap_or_default());
    out.field(0, "Reclaim Policy", spec.reclaim_policy());
    out.field(0, "Access Modes", access_modes(spec.access_modes()));
    out.field(0, "VolumeMode", spec.volume_mode());
    out.field(0, "Capacity", quantity(spec.value().get("capacity").get("storage")));
    affinity(spec.node_affinity(), out);
    out.field(0, "Message", status.message());
    out.line(0, "Source:");
    match spec.value().fields().iter().find(|(name, _)| !NO_SOURCE.contains(&name.as_str())) {
        Some((kind, source)) => volume::source_of(kind, source, out),
        None => out.line(1, "<unknown>"),
    }
}

fn affinity(affinity: Option<VolumeNodeAffinity<'_>>, out: &mut Out) {
    let Some(required) = affinity.and_then(|affinity| affinity.required()) else {
        out.field(0, "Node Affinity", "<none>");
        return;
    };
    out.field(0, "Node Affinity", "");
    let terms = required.node_selector_terms();
    out.field(1, "Required Terms", if terms.len() == 0 { "<none>" } else { "" });
    for (index, term) in terms.enumerate() {
        let text = |requirement: SelectorRequirement<'_>| {
            let operator = requirement.operator().to_lowercase();
            expression(requirement.key(), &operator, &requirement.values().collect::<Vec<_>>())
        };
        self::terms(2, index, term.match_expressions().map(text).collect(), out);
    }
}

/// `key in [a, b]`
fn expression(key: &str, operator: &str, values: &[&str]) -> String {
    if values.is_empty() { format!("{key} {operator}") } else { format!("{key} {operator} [{}]", values.join(", ")) }
}

fn terms(level: usize, index: usize, expressions: Vec<String>, out: &mut Out) {
    out.write(level, format_args!("Term {index}:\t"));
    if expressions.is_empty() {
        out.line(0, "<none>");
    }
    for (index, text) in expressions.into_iter().enumerate() {
        if index > 0 {
            out.write(level, "\t");
        }
        out.line(0, text);
    }
}

fn class(object: &Value, _: &Related, out: &mut Out) {
    let class = StorageClass(object);
    let meta = class.metadata();
    let default = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"]
        .iter()
        .any(|key| meta.annotation(key) == Some("true"));
    out.field(0, "Name", class.name());
    out.field(0, "IsDefaultClass", if default { "Yes" } else { "No" });
    out.field(0, "Annotations", labels(meta.annotations()));
    out.field(0, "Provisioner", class.provisioner());
    out.field(0, "Parameters", labels(class.parameters()));
    out.field(0, "AllowVolumeExpansion", class.allow_volume_expansion().map_or("<unset>", title_bool));
    if class.mount_options().len() == 0 {
        out.field(0, "MountOptions", "<none>");
    } else {
        out.line(0, "MountOptions:");
    }
    class.mount_options().for_each(|option| out.line(1, option));
    out.field(0, "ReclaimPolicy", class.reclaim_policy());
    out.field(0, "VolumeBindingMode", class.volume_binding_mode());
    let topologies = class.allowed_topologies();
    if topologies.is_null() {
        return;
    }
    out.field(0, "AllowedTopologies", if topologies.items().is_empty() { "<none>" } else { "" });
    for (index, term) in topologies.items().iter().enumerate() {
        let text = |item: &Value| {
            let values: Vec<_> = item.get("values").items().iter().map(Value::str).collect();
            expression(item.get("key").str(), "in", &values)
        };
        terms(1, index, term.get("matchLabelExpressions").items().iter().map(text).collect(), out);
    }
}

fn csi_node(object: &Value, _: &Related, out: &mut Out) {
    ingress::head(object, out);
    out.field(0, "CreationTimestamp", moment(object.meta().creation_timestamp()));
    out.line(0, "Spec:");
    let drivers = object.at(&["spec", "drivers"]);
    if !drivers.is_null() {
        out.line(1, "Drivers:");
    }
    for driver in drivers.items() {
        out.line(2, format_args!("{}:", driver.get("name").str()));
        out.field(3, "Node ID", driver.get("nodeID").str());
        if let Some(count) = driver.at(&["allocatable", "count"]).as_i64() {
            out.line(3, "Allocatables:");
            out.field(4, "Count", count);
        }
        let keys = driver.get("topologyKeys");
        if !keys.is_null() {
            out.field(3, "Topology Keys", podyard_expr::go::print(keys));
        }
    }
}

fn attributes_class(object: &Value, _: &Related, out: &mut Out) {
    out.field(0, "Name", object.name());
    out.field(0, "Annotations", labels(object.meta().annotations()));
    out.field(0, "DriverName", object.get("driverName").str());
    out.field(0, "Parameters", labels(object.get("parameters").fields()));
}
