//! What many strategies do.

use podyard_api::{Key, Object, Value, schema};

use crate::decode::canonical;

/// The spec differs.
pub(crate) fn spec_changed(new: &Value, old: &Value) -> bool {
    new.get("spec") != old.get("spec")
}

/// A new object comes without status, but for what is always in it.
pub(crate) fn drop_status(object: &mut Value) {
    if object.get("status").is_empty() {
        return;
    }
    let info = schema::of_object(object.api_version(), object.kind()).and_then(|info| info.at(&["status"]));
    let always = info.into_iter().flat_map(canonical::always);
    let status: Object = Object::from_entries(always.map(|field| (Key::Static(field.name), Value::object())));
    object.set(Key::Static("status"), Value::Object(status));
}

/// An update leaves the status alone.
pub(crate) fn keep_status(new: &mut Value, old: &Value) {
    restore(new, old, "status");
}

/// An update of the status leaves everything else of it alone.
pub(crate) fn only_status(new: &mut Value, old: &Value) {
    restore(new, old, "spec");
}

/// Sets a field to what it was, sharing it.
pub(crate) fn restore(new: &mut Value, old: &Value, field: &'static str) {
    let before = old.get(field);
    if new.get(field).same(before) {
        return;
    }
    match before {
        Value::Null => drop(new.remove(field)),
        before => new.set(Key::Static(field), before),
    }
}

/// The last finalizer has gone from an object that waited for nothing else.
pub(crate) fn gone_without_finalizers(new: &Value, old: &Value) -> bool {
    new.get("metadata").get("finalizers").items().is_empty() && old.meta().deletion_grace_period_seconds() == Some(0)
}
