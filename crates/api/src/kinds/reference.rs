//! References to other objects.

use ecow::EcoString;

use crate::{Key, Value, value, view};

view! {
    ObjectReference: "core.v1.ObjectReference" {
        kind "kind": str;
        namespace "namespace": str;
        name "name": str;
        uid "uid": str;
        api_version "apiVersion": str;
        resource_version "resourceVersion": str;
        field_path "fieldPath": str;
    }
}

view! {
    LocalObjectReference: "core.v1.LocalObjectReference" {
        name "name": str;
    }
}

/// A reference to `object`, as events and endpoints hold it; empty parts are left out. `field_path` names a part of
/// the object, as `spec.containers{nginx}`.
pub fn to_object(object: &Value, field_path: &str) -> Value {
    let meta = object.meta();
    let parts = [
        ("kind", object.kind()),
        ("namespace", meta.namespace()),
        ("name", meta.name()),
        ("uid", meta.uid()),
        ("apiVersion", object.api_version()),
        ("resourceVersion", meta.resource_version()),
        ("fieldPath", field_path),
    ];
    let entries = parts.into_iter().filter(|(_, text)| !text.is_empty());
    Value::Object(entries.map(|(key, text)| (Key::Static(key), Value::from(text))).collect())
}

/// The `ownerReferences` entry by which `owner` manages another object.
pub fn to_controller(owner: &Value) -> Value {
    value!({
        "apiVersion": owner.api_version(),
        "kind": owner.kind(),
        "name": owner.name(),
        "uid": owner.uid(),
        "controller": true,
        "blockOwnerDeletion": true,
    })
}

/// `apiVersion` into group and version: `apps/v1` is `("apps", "v1")`, `v1` is `("", "v1")`.
pub fn group_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// Group and version as an `apiVersion`.
pub fn api_version(group: &str, version: &str) -> EcoString {
    if group.is_empty() { version.into() } else { ecow::eco_format!("{group}/{version}") }
}
