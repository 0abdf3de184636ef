//! ServiceCIDRs and IPAddresses.

use podyard_api::Value;

use super::{AGE, NAME, Printer, cells, object_age, text};

pub(super) const SERVICE_CIDR: Printer = Printer {
    columns: &[NAME, text("CIDRs"), AGE],
    row: |object, now| {
        let cidrs: Vec<_> = object.at(&["spec", "cidrs"]).items().iter().map(Value::str).collect();
        cells![object.name(), cidrs.join(","), object_age(object, now)]
    },
};

/// The age has no column of its own, so that it does not show; so it is in Kubernetes.
pub(super) const ADDRESS: Printer = Printer {
    columns: &[NAME, text("ParentRef")],
    row: |object, now| {
        let parent = object.at(&["spec", "parentRef"]);
        let [group, resource, namespace, name] =
            ["group", "resource", "namespace", "name"].map(|field| parent.get(field).str());
        let mut text = resource.to_lowercase();
        if !group.is_empty() {
            text = format!("{text}.{}", group.to_lowercase());
        }
        if !namespace.is_empty() {
            text = format!("{text}/{namespace}");
        }
        let text = if parent.is_null() { "<none>".to_owned() } else { format!("{text}/{name}") };
        cells![object.name(), text, object_age(object, now)]
    },
};
