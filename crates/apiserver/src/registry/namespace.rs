//! Namespaces: they end only when their content has gone.
// Models pkg/registry/core/namespace

use podyard_api::{Key, Value, names, value};
use podyard_sim::Time;

use super::{GENERIC, Strategy, common};
use crate::{defaults, validation};

const FINALIZER: &str = "kubernetes";

pub(super) const STRATEGY: Strategy = Strategy {
    name_check: names::name_label,
    defaults: defaults::namespace,
    prepare_create,
    prepare_update: |new, old| {
        common::restore(new, old, "spec");
        common::restore(new, old, "status");
    },
    prepare_status: common::only_status,
    validates_meta: true,
    validate_create: validation::namespace::create,
    validate_update: validation::namespace::update,
    validate_status: validation::namespace::status,
    delete: Some(delete),
    gone_after_update,
    ..GENERIC
};

fn prepare_create(namespace: &mut Value) {
    namespace.set(Key::Static("status"), value!({"phase": "Active"}));
    let finalizers = namespace.at_mut(&["spec", "finalizers"]);
    if !finalizers.items().iter().any(|f| *f == FINALIZER) {
        finalizers.push(FINALIZER);
    }
    // A generated name has its label only now.
    defaults::namespace(namespace);
}

/// Marks it as terminating; once the controller has emptied it, it goes.
fn delete(namespace: &Value, now: Time) -> Option<Value> {
    let mut marked = namespace.clone();
    if namespace.meta().deletion_timestamp().is_none() {
        let meta = marked.meta_mut();
        meta.set(Key::Static("deletionTimestamp"), now.rfc3339());
        marked.field_mut("status").set(Key::Static("phase"), "Terminating");
        return Some(marked);
    }
    let waits = |path: &[&str]| !namespace.at(path).items().is_empty();
    (waits(&["spec", "finalizers"]) || waits(&["metadata", "finalizers"])).then_some(marked)
}

fn gone_after_update(new: &Value, _: &Value) -> bool {
    new.at(&["spec", "finalizers"]).items().is_empty() && new.at(&["metadata", "finalizers"]).items().is_empty()
}
