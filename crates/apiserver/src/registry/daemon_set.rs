//! Daemon sets: the number of their template, which pods still carry.
// Models pkg/registry/apps/daemonset/strategy.go

use podyard_api::Value;

use super::{Strategy, common, workload};
use crate::{defaults, validation};

pub(super) const STRATEGY: Strategy = Strategy {
    defaults: defaults::daemon_set,
    prepare_create,
    prepare_update,
    validates_meta: true,
    validate_create: validation::daemon_set::create,
    validate_update: validation::daemon_set::update,
    warnings: workload::template_warnings,
    ..workload::STRATEGY
};

const GENERATION: &str = "deprecated.daemonset.template.generation";

fn prepare_create(set: &mut Value) {
    common::drop_status(set);
    set.set_annotation(GENERATION, "1");
}

fn prepare_update(new: &mut Value, old: &Value) {
    common::keep_status(new, old);
    let before = old.meta().annotation(GENERATION).and_then(|text| text.parse::<i64>().ok()).unwrap_or_default();
    let changed = new.get("spec").get("template") != old.get("spec").get("template");
    let generation = (before + i64::from(changed)).to_string();
    if new.meta().annotation(GENERATION) != Some(&generation) {
        new.set_annotation(GENERATION, &generation);
    }
}
