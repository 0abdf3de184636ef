//! Namespaces, secrets, endpoints, nodes and limits.
// Models pkg/apis/core/v1/defaults.go and pkg/apis/discovery/v1/defaults.go

use podyard_api::{Key, Value};

use super::{each, fill};

pub(crate) fn namespace(object: &mut Value) {
    const LABEL: &str = "kubernetes.io/metadata.name";
    let name = object.name_text();
    if !name.is_empty() && *object.at(&["metadata", "labels", LABEL]) != name.as_str() {
        object.meta_mut().field_mut("labels").set(Key::Static(LABEL), name);
    }
    fill(object.field_mut("status"), "phase", "Active");
}

pub(crate) fn secret(object: &mut Value) {
    if object.get("type").str().is_empty() {
        object.set(Key::Static("type"), "Opaque");
    }
    // What was given as text is stored as data.
    if let Some(texts) = object.remove("stringData") {
        let data = object.field_mut("data");
        for (key, text) in texts.fields() {
            data.set(key, podyard_api::base64::encode(text.str()));
        }
    }
}

pub(crate) fn node(object: &mut Value) {
    let capacity = object.at(&["status", "capacity"]).clone();
    if !capacity.is_null() && object.at(&["status", "allocatable"]).is_null() {
        object.field_mut("status").set(Key::Static("allocatable"), capacity);
    }
}

fn lacks_protocol(port: &Value) -> bool {
    port.get("protocol").is_null()
}

pub(crate) fn endpoints(object: &mut Value) {
    each(
        object,
        "subsets",
        |subset| subset.get("ports").items().iter().any(lacks_protocol),
        |subset| {
            each(subset, "ports", lacks_protocol, |port| fill(port, "protocol", "TCP"));
        },
    );
}

pub(crate) fn endpoint_slice(object: &mut Value) {
    each(
        object,
        "ports",
        |port| lacks_protocol(port) || port.get("name").is_null(),
        |port| {
            fill(port, "name", "");
            fill(port, "protocol", "TCP");
        },
    );
}

pub(crate) fn limit_range(object: &mut Value) {
    let Some(limits) = object.field_mut("spec").get_mut("limits") else { return };
    for item in limits.items_mut().iter_mut().filter(|item| *item.get("type") == "Container") {
        inherit(item, "default", "max");
        inherit(item, "defaultRequest", "default");
        inherit(item, "defaultRequest", "min");
    }
}

/// Amounts that `field` lacks are those of `from`.
fn inherit(item: &mut Value, field: &'static str, from: &str) {
    for (name, amount) in item.get(from).clone().fields() {
        let list = item.field_mut(field);
        if list.get(name).is_null() {
            list.set(name, amount);
        }
    }
}
