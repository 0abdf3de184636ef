//! Jobs, and their templates in cron jobs.
// Models pkg/apis/batch/validation/validation.go

use podyard_api::{Selector, Value, json, names};

use super::field::{At, Errors};
use super::workload::{matches, non_negative, read, supported};
use super::{goform, labels, meta, pod};

/// The label that tells the pods of one job from all others.
pub(crate) const UID_LABEL: &str = "batch.kubernetes.io/controller-uid";

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    meta::check(object, true, names::name_subdomain, errors);
    generated_selector(object, errors);
    spec(&At::root(object, "spec"), true, errors);
    indexed_name(object, errors);
}

pub(crate) fn update(new: &Value, old: &Value, errors: &mut Errors) {
    create(new, errors);
    meta::check_update(new, old, errors);
    let (at, old) = (At::root(new, "spec"), old.get("spec"));
    spec(&at, true, errors);
    let suspended = old.get("suspend").as_bool() == Some(true) && at.value.get("suspend").as_bool() == Some(true);
    let indexed = *at.value.get("completionMode") == "Indexed";
    let with_parallelism = indexed && at.value.get("completions") == at.value.get("parallelism");
    if !(indexed && with_parallelism) {
        meta::immutable(&at.at("completions"), old.get("completions"), errors);
    }
    meta::immutable(&at.at("selector"), old.get("selector"), errors);
    template_update(&at.at("template"), old.get("template"), suspended, errors);
    for field in ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"] {
        meta::immutable(&at.at(field), old.get(field), errors);
    }
}

/// The template of a job that waits may change in what concerns its placing.
fn template_update(at: &At, old: &Value, suspended: bool, errors: &mut Errors) {
    let mut old = old.clone();
    if suspended {
        for field in ["nodeSelector", "tolerations", "schedulingGates", "affinity"] {
            match at.value.get("spec").get(field) {
                Value::Null => drop(old.field_mut("spec").remove(field)),
                value => old.field_mut("spec").set(field, value),
            }
        }
    }
    if *at.value != old {
        let mut shown = String::from("{");
        for field in ["labels", "annotations"] {
            let entries = at.value.at(&["metadata", field]);
            if !entries.is_empty() {
                shown.push_str(&format!("\"{field}\":{},", json::to_string(entries)));
            }
        }
        shown.push_str(&format!("\"Spec\":{}}}", goform::compact("PodSpec", at.value.get("spec"))));
        errors.invalid_as(&at.path, &shown, meta::IMMUTABLE);
    }
}

/// The selector and the labels that the server itself has set.
fn generated_selector(object: &Value, errors: &mut Errors) {
    let at = At::root(object, "spec");
    let selected = at.at("selector");
    if at.value.get("manualSelector").as_bool() == Some(true) {
        if !selected.is_set() {
            errors.required(&selected.path, "");
        }
        return;
    }
    let wanted = selected.value.get("matchLabels");
    let only = wanted.fields().len() == 1 && *wanted.get(UID_LABEL) == object.uid();
    if !only || !selected.at("matchExpressions").is_empty() {
        errors.invalid(&selected.path, selected.value, "`selector` not auto-generated");
    }
}

/// The names of an indexed job's pods are host names.
fn indexed_name(object: &Value, errors: &mut Errors) {
    let spec = object.get("spec");
    let last = spec.get("completions").as_i64().filter(|c| *c > 0 && *spec.get("completionMode") == "Indexed");
    if let Some(completions) = last {
        let name = format!("{}-{}", object.name(), completions - 1);
        let at = At::root(object, "metadata");
        errors.invalid_each(&at.at("name").path, object.name(), names::dns_label(&name));
    }
}

/// The spec of a job; the selector only of one that is not a template.
pub(crate) fn spec(at: &At, with_selector: bool, errors: &mut Errors) {
    for field in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
    ] {
        non_negative(&at.at(field), errors);
    }
    indexes(at, errors);
    supported(&at.at("podReplacementPolicy"), &["Failed", "TerminatingOrFailed"], errors);
    let failures = at.at("podFailurePolicy");
    failure_policy(&failures, errors);
    let success = at.at("successPolicy");
    if success.is_set() && *at.value.get("completionMode") != "Indexed" {
        errors.invalid_as(
            &success.path,
            &goform::compact("SuccessPolicy", success.value),
            "requires indexed completion mode",
        );
    }
    let template = at.at("template");
    pod::check_template(&template, errors);
    let pod_spec = template.at("spec");
    let restart = pod_spec.at("restartPolicy");
    match restart.str() {
        "" | "Always" => errors.required(&restart.path, "valid values: \"OnFailure\", \"Never\""),
        "Never" | "OnFailure" => {}
        other => errors.not_supported(&restart.path, other, &["OnFailure", "Never"]),
    }
    if failures.is_set() && restart.str() != "Never" {
        errors.invalid(&restart.path, restart.str(), "only \"Never\" is supported when podFailurePolicy is specified");
    }
    if with_selector {
        let selected = at.at("selector");
        labels::selector(&selected, errors);
        let selector = read(&selected).unwrap_or_else(|_| Selector::nothing());
        matches(&selector, &template, errors);
    }
}

fn indexes(at: &At, errors: &mut Errors) {
    let mode = at.at("completionMode");
    let indexed = mode.str() == "Indexed";
    let (limit, failed) = (at.at("backoffLimitPerIndex"), at.at("maxFailedIndexes"));
    if failed.is_set() && !limit.is_set() {
        errors.required(&limit.path, "when maxFailedIndexes is specified");
    }
    non_negative(&failed, errors);
    match mode.str() {
        "NonIndexed" | "" => {
            for field in [&limit, &failed] {
                if field.is_set() {
                    errors.invalid(&field.path, field.value, "requires indexed completion mode");
                }
            }
        }
        "Indexed" => {}
        other => errors.not_supported(&mode.path, other, &["NonIndexed", "Indexed"]),
    }
    let completions = at.at("completions");
    if indexed && !completions.is_set() {
        errors.required(&completions.path, "when completion mode is Indexed");
    }
}

fn failure_policy(at: &At, errors: &mut Errors) {
    const ACTIONS: [&str; 4] = ["Count", "FailIndex", "FailJob", "Ignore"];
    for rule in at.at("rules").items() {
        let action = rule.at("action");
        match action.str() {
            "" => errors.required(&action.path, "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]"),
            other if !ACTIONS.contains(&other) => errors.not_supported(&action.path, other, &ACTIONS),
            _ => {}
        }
        match (rule.at("onExitCodes").is_set(), !rule.at("onPodConditions").is_empty()) {
            (true, true) => {
                let detail = "specifying both OnExitCodes and OnPodConditions is not supported";
                errors.invalid_bare(&rule.path, detail);
            }
            (false, false) => {
                errors.invalid_bare(&rule.path, "specifying one of OnExitCodes and OnPodConditions is required");
            }
            _ => {}
        }
    }
}
