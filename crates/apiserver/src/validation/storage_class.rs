//! Storage classes.
// Models pkg/apis/storage/validation/validation.go

use podyard_api::{Value, names};

use super::field::{At, Errors};
use super::meta;
use super::workload::supported;

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    meta::check(object, false, names::name_subdomain, errors);
    let provisioner = At::root(object, "provisioner");
    match provisioner.str() {
        "" => errors.required(&provisioner.path, ""),
        text => {
            let lower = text.to_lowercase();
            errors.invalid_each(&provisioner.path, &lower, names::qualified_name(&lower));
        }
    }
    let parameters = At::root(object, "parameters");
    for (key, _) in parameters.entries() {
        if key.is_empty() {
            errors.invalid(&parameters.path, key, "field can not be empty.");
        }
    }
    supported(&At::root(object, "reclaimPolicy"), &["Delete", "Retain"], errors);
    let binding = At::root(object, "volumeBindingMode");
    match binding.is_set() {
        true => supported(&binding, &["Immediate", "WaitForFirstConsumer"], errors),
        false => errors.required(&binding.path, ""),
    }
    topologies(&At::root(object, "allowedTopologies"), errors);
}

fn topologies(at: &At, errors: &mut Errors) {
    for term in at.items() {
        let mut keys = Vec::new();
        for expression in term.at("matchLabelExpressions").items() {
            let (key, values) = (expression.at("key"), expression.at("values"));
            if values.is_empty() {
                errors.required(&values.path, "");
            }
            let mut seen = Vec::new();
            for value in values.items() {
                if seen.contains(&value.str()) {
                    errors.duplicate(&value.path, value.str());
                }
                seen.push(value.str());
            }
            super::labels::label_name(key.str(), &key.path, errors);
            if keys.contains(&key.str()) {
                errors.duplicate(&key.path, key.str());
            }
            keys.push(key.str());
        }
    }
}

pub(crate) fn update(new: &Value, old: &Value, errors: &mut Errors) {
    meta::check_update(new, old, errors);
    let parameters = At::root(new, "parameters");
    if parameters.value != old.get("parameters") && !(parameters.is_empty() && old.get("parameters").is_empty()) {
        errors.forbidden(&parameters.path, "updates to parameters are forbidden.");
    }
    let provisioner = At::root(new, "provisioner");
    meta::immutable(&provisioner, old.get("provisioner"), errors);
    meta::immutable(&At::root(new, "reclaimPolicy"), old.get("reclaimPolicy"), errors);
    meta::immutable(&At::root(new, "volumeBindingMode"), old.get("volumeBindingMode"), errors);
}
