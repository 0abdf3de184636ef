//! Deployments.
// Models pkg/apis/apps/validation/validation.go

use podyard_api::{Value, names};

use super::field::{At, Errors};
use super::workload::{amount, at_most_all, lasting_template, matches, non_negative, number, read, selector};
use super::{goform, meta};

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
    let selected = at.at("selector");
    selector(&selected, "empty selector is invalid for deployment", errors);
    let template = at.at("template");
    match read(&selected) {
        Err(_) => errors.invalid(&selected.path, selected.value, "invalid label selector"),
        Ok(selector) => {
            if !selector.is_empty() {
                matches(&selector, &template, errors);
            }
            lasting_template(&template, "ReplicaSet", errors);
        }
    }
    strategy(&at.at("strategy"), errors);
    let ready = at.at("minReadySeconds");
    non_negative(&ready, errors);
    non_negative(&at.at("revisionHistoryLimit"), errors);
    let deadline = at.at("progressDeadlineSeconds");
    non_negative(&deadline, errors);
    if let Some(seconds) = deadline.value.as_i64().filter(|s| *s <= ready.value.as_i64().unwrap_or_default()) {
        errors.invalid(&deadline.path, seconds, "must be greater than minReadySeconds");
    }
}

fn strategy(at: &At, errors: &mut Errors) {
    let rolling = at.at("rollingUpdate");
    match at.value.get("type").str() {
        "Recreate" if rolling.is_set() => {
            errors.forbidden(&rolling.path, "may not be specified when strategy `type` is 'Recreate'");
        }
        "Recreate" => {}
        "RollingUpdate" => {
            let (unavailable, surge) = (rolling.at("maxUnavailable"), rolling.at("maxSurge"));
            amount(&unavailable, errors);
            amount(&surge, errors);
            if number(unavailable.value) == 0 && number(surge.value) == 0 {
                errors.invalid(&unavailable.path, unavailable.value, "may not be 0 when `maxSurge` is 0");
            }
            at_most_all(&unavailable, errors);
        }
        _ => errors.not_supported_as(
            &at.path,
            &goform::compact("DeploymentStrategy", at.value),
            &["Recreate", "RollingUpdate"],
        ),
    }
}
