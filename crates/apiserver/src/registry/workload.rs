//! Workloads that keep pods of a template running.
// Models pkg/registry/apps

use ecow::EcoString;
use podyard_api::{Key, Value, names, value};

use super::{Strategy, WITH_STATUS, common};
use crate::{defaults, validation};

pub(super) const STRATEGY: Strategy = Strategy {
    // Annotations of a Deployment, as of its rollout, count as a change of what is wanted.
    changed: |new, old| {
        new.get("spec") != old.get("spec")
            || new.kind() == "Deployment"
                && new.at(&["metadata", "annotations"]) != old.at(&["metadata", "annotations"])
    },
    ..WITH_STATUS
};

pub(super) const DEPLOYMENT: Strategy = Strategy {
    defaults: defaults::deployment,
    validates_meta: true,
    validate_create: validation::deployment::create,
    validate_update: validation::deployment::update,
    warnings: template_warnings,
    ..STRATEGY
};

pub(super) const REPLICA_SET: Strategy = Strategy {
    defaults: defaults::replica_set,
    validates_meta: true,
    validate_create: validation::replica_set::create,
    validate_update: validation::replica_set::update,
    warnings: template_warnings,
    ..STRATEGY
};

pub(super) const STATEFUL_SET: Strategy = Strategy {
    name_check: names::name_label,
    defaults: |set| {
        defaults::stateful_set(set);
        defaults::fill(set.field_mut("spec"), "serviceName", "");
    },
    prepare_create: |set| set.set(Key::Static("status"), value!({"availableReplicas": 0, "replicas": 0})),
    prepare_update: |new, old| {
        common::keep_status(new, old);
        defaults::fill(new.field_mut("status"), "availableReplicas", 0);
    },
    validates_meta: true,
    validate_create: validation::stateful_set::create,
    validate_update: validation::stateful_set::update,
    warnings: template_warnings,
    ..STRATEGY
};

/// Warnings about the pods that are to be made.
pub(super) fn template_warnings(object: &Value, old: Option<&Value>) -> Vec<EcoString> {
    let template = |object: &Value| object.at(&["spec", "template"]).clone();
    let mut warnings = Vec::new();
    if old.is_none_or(|old| template(old) != template(object)) {
        validation::warnings::spec(template(object).get("spec"), "spec.template.spec", &mut warnings);
    }
    warnings
}
