//! ReplicaSets.
// Models pkg/apis/apps/validation/validation.go

use podyard_api::{Value, names};

use super::field::{At, Errors};
use super::meta;
use super::workload::{lasting_template, matches, non_negative, read, selector};

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    meta::check(object, true, names::name_subdomain, errors);
    spec(&At::root(object, "spec"), errors);
}

pub(crate) fn update(new: &Value, old: &Value, errors: &mut Errors) {
    meta::check_update(new, old, errors);
    let at = At::root(new, "spec");
    spec(&at, errors);
    meta::immutable(&at.at("selector"), old.get("spec").get("selector"), errors);
}

fn spec(at: &At, errors: &mut Errors) {
    non_negative(&at.at("replicas"), errors);
    non_negative(&at.at("minReadySeconds"), errors);
    let selected = at.at("selector");
    selector(&selected, "empty selector is invalid for deployment", errors);
    match read(&selected) {
        Err(_) => errors.invalid(&selected.path, selected.value, "invalid label selector"),
        Ok(selector) => {
            let template = at.at("template");
            if !selector.is_empty() {
                matches(&selector, &template, errors);
            }
            lasting_template(&template, "ReplicaSet", errors);
        }
    }
}
