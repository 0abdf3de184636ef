//! What the API server fills in: one file per kind or family.
// Models pkg/apis/*/v1/defaults.go

mod batch;
mod config;
pub(crate) mod pod;
mod policy;
mod service;
mod storage;
mod workload;

use podyard_api::{Key, Object, Value};

pub(crate) use batch::{cron_job, job};
pub(crate) use config::{endpoint_slice, endpoints, limit_range, namespace, node, secret};
pub(crate) use policy::{autoscaler, binding, network_policy, priority_class};
pub(crate) use service::service;
pub(crate) use storage::{persistent_volume, persistent_volume_claim, storage_class};
pub(crate) use workload::{daemon_set, deployment, replica_set, replication_controller, stateful_set};

/// Sets a field that is not set. One that is set is not touched, so that it stays shared.
pub(crate) fn fill(value: &mut Value, field: &'static str, default: impl Into<Value>) {
    if value.get(field).is_null() {
        value.set(Key::Static(field), default);
    }
}

/// Sets those of several fields that are not set or empty texts, in one go; `defaults` in alphabetical order.
fn fill_all(value: &mut Value, defaults: &[(&'static str, &Value)]) {
    let missing = |name: &str| match value.get(name) {
        Value::String(text) => text.is_empty(),
        field => field.is_null(),
    };
    let added: Vec<(Key, Value)> = defaults
        .iter()
        .filter(|(name, _)| missing(name))
        .map(|(name, default)| (Key::Static(name), (*default).clone()))
        .collect();
    if !added.is_empty() {
        *value = Value::Object(Object::merged(value.fields().iter().cloned(), added));
    }
}

/// Changes the items of a list in place, but only if `needs` of one holds, so that the list stays shared else.
fn each(value: &mut Value, list: &str, needs: fn(&Value) -> bool, change: fn(&mut Value)) {
    if value.get(list).items().iter().any(needs)
        && let Some(items) = value.get_mut(list)
    {
        items.items_mut().iter_mut().filter(|item| needs(item)).for_each(change);
    }
}
