//! Priority classes.
// Models pkg/apis/scheduling/validation/validation.go

use podyard_api::{Value, names};

use super::field::{At, Errors};
use super::meta;

/// The highest value of a class that is not the system's.
const HIGHEST: i64 = 1_000_000_000;
const SYSTEM: [(&str, i64); 2] = [("system-node-critical", 2_000_001_000), ("system-cluster-critical", 2_000_000_000)];

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    meta::check(object, false, names::name_subdomain, errors);
    let (metadata, value) = (At::root(object, "metadata"), At::root(object, "value"));
    let number = value.value.as_i64().unwrap_or_default();
    if object.name().starts_with("system-") {
        let known = SYSTEM.iter().any(|(name, value)| *name == object.name() && *value == number);
        if !known {
            errors.forbidden(
                &metadata.at("name").path,
                &format!(
                    "priority class names with 'system-' prefix are reserved for system use only. error: {} is not a \
                     known system priority class",
                    object.name()
                ),
            );
        }
    } else if number > HIGHEST {
        let detail = format!("maximum allowed value of a user defined priority is {HIGHEST}");
        errors.forbidden(&value.path, &detail);
    }
    let policy = At::root(object, "preemptionPolicy");
    if policy.is_set() {
        preemption(&policy, errors);
    }
}

fn preemption(at: &At, errors: &mut Errors) {
    match at.str() {
        "" => errors.required(&at.path, ""),
        "PreemptLowerPriority" | "Never" => {}
        other => errors.not_supported(&at.path, other, &["PreemptLowerPriority", "Never"]),
    }
}

pub(crate) fn update(new: &Value, old: &Value, errors: &mut Errors) {
    meta::check_update(new, old, errors);
    let number = |object: &Value| object.get("value").as_i64().unwrap_or_default();
    if number(new) != number(old) {
        errors.forbidden(&At::root(new, "value").path, "may not be changed in an update.");
    }
    meta::immutable(&At::root(new, "preemptionPolicy"), old.get("preemptionPolicy"), errors);
}
