//! DaemonSets.
// Models pkg/apis/apps/validation/validation.go

use podyard_api::{Value, names};

use super::field::{At, Errors};
use super::workload::{always, amount, at_most_all, matches, non_negative, number, read};
use super::{goform, labels, meta, pod};

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    meta::check(object, true, names::name_subdomain, errors);
    spec(&At::root(object, "spec"), errors);
}

pub(crate) fn update(new: &Value, old: &Value, errors: &mut Errors) {
    meta::check_update(new, old, errors);
    let at = At::root(new, "spec");
    meta::immutable(&at.at("selector"), old.get("spec").get("selector"), errors);
    spec(&at, errors);
}

fn spec(at: &At, errors: &mut Errors) {
    let (selected, template) = (at.at("selector"), at.at("template"));
    labels::selector(&selected, errors);
    if let Ok(selector) = read(&selected) {
        matches(&selector, &template, errors);
    }
    if selected.is_set() && selected.at("matchLabels").is_empty() && selected.at("matchExpressions").is_empty() {
        errors.invalid(&selected.path, selected.value, "empty selector is invalid for daemonset");
    }
    pod::check_template(&template, errors);
    always(&template, "DaemonSet", errors);
    non_negative(&at.at("minReadySeconds"), errors);
    strategy(&at.at("updateStrategy"), errors);
    non_negative(&at.at("revisionHistoryLimit"), errors);
}

fn strategy(at: &At, errors: &mut Errors) {
    let rolling = at.at("rollingUpdate");
    match at.value.get("type").str() {
        "OnDelete" => {}
        "RollingUpdate" if !rolling.is_set() => errors.required(&rolling.path, ""),
        "RollingUpdate" => {
            let (unavailable, surge) = (rolling.at("maxUnavailable"), rolling.at("maxSurge"));
            amount(&unavailable, errors);
            amount(&surge, errors);
            at_most_all(&unavailable, errors);
            at_most_all(&surge, errors);
            match (number(unavailable.value) != 0, number(surge.value) != 0) {
                (true, true) => {
                    errors.invalid(&surge.path, surge.value, "may not be set when maxUnavailable is non-zero");
                }
                (false, false) => errors.required(&unavailable.path, "cannot be 0 when maxSurge is 0"),
                _ => {}
            }
        }
        _ => errors.not_supported_as(
            &at.path,
            &goform::compact("DaemonSetUpdateStrategy", at.value),
            &["RollingUpdate", "OnDelete"],
        ),
    }
}
