//! Horizontal pod autoscalers.
// Models pkg/apis/autoscaling/validation/validation.go

use podyard_api::{Value, names};

use super::field::{At, Errors};
use super::meta;
use super::pod::quantity;

/// The longest stabilization window and period, in seconds.
const MAX_WINDOW: i64 = 3600;
const MAX_PERIOD: i64 = 1800;
const POSITIVE: &str = "must be greater than zero";

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    meta::check(object, true, names::name_subdomain, errors);
    spec(&At::root(object, "spec"), true, errors);
}

pub(crate) fn update(new: &Value, old: &Value, errors: &mut Errors) {
    meta::check_update(new, old, errors);
    let before = old.at(&["spec", "scaleTargetRef", "apiVersion"]);
    spec(&At::root(new, "spec"), before.str().contains('/'), errors);
}

/// `strict`: the target's API version must name a group.
fn spec(at: &At, strict: bool, errors: &mut Errors) {
    let (least, most) = (at.at("minReplicas"), at.at("maxReplicas"));
    let (min, max) = (least.value.as_i64(), most.value.as_i64().unwrap_or_default());
    if let Some(min) = min.filter(|min| *min < 1) {
        errors.invalid(&least.path, min, "must be greater than or equal to 1");
    }
    if max < 1 {
        errors.required(&most.path, "must be set and greater than 0");
    }
    if min.is_some_and(|min| max < min) {
        errors.invalid(&most.path, max, "must be greater than or equal to `minReplicas`");
    }
    reference(&at.at("scaleTargetRef"), strict, errors);
    let metrics = at.at("metrics");
    metrics.items().for_each(|item| metric(&item, errors));
    let outside = |item: &Value| matches!(item.get("type").str(), "Object" | "External");
    if min == Some(0) && !metrics.value.items().iter().any(outside) {
        let detail = "must specify at least one Object or External metric to support scaling to zero replicas";
        errors.forbidden(&metrics.path, detail);
    }
    let behavior = at.at("behavior");
    for direction in ["scaleUp", "scaleDown"] {
        let rules = behavior.at(direction);
        if rules.is_set() {
            scaling_rules(&rules, errors);
        }
    }
}

fn reference(at: &At, strict: bool, errors: &mut Errors) {
    for field in ["kind", "name"] {
        let field = at.at(field);
        match field.str() {
            "" => errors.required(&field.path, ""),
            text => errors.invalid_each(&field.path, text, names::path_segment(text)),
        }
    }
    let version = at.at("apiVersion");
    if strict && !version.str().contains('/') && *at.value.get("kind") != "ReplicationController" {
        errors.invalid(&version.path, version.str(), "apiVersion must specify API group");
    }
}

/// The type of a metric and the field that describes it, in the order in which they are looked at.
const SOURCES: [(&str, &str); 5] = [
    ("Object", "object"),
    ("External", "external"),
    ("Pods", "pods"),
    ("Resource", "resource"),
    ("ContainerResource", "containerResource"),
];

fn metric(at: &At, errors: &mut Errors) {
    let kind = at.at("type");
    let expected = SOURCES.iter().find(|(name, _)| *name == kind.str()).map(|(_, field)| *field);
    match kind.str() {
        "" => errors.required(&kind.path, "must specify a metric source type"),
        other if expected.is_none() => {
            errors.not_supported(&kind.path, other, &["ContainerResource", "External", "Object", "Pods", "Resource"]);
        }
        _ => {}
    }
    let given: Vec<&str> = SOURCES.iter().map(|(_, field)| *field).filter(|field| at.at(field).is_set()).collect();
    if let Some(field) = given.first() {
        source(field, &at.at(field), errors);
    }
    let Some(expected) = expected else { return };
    if !given.contains(&expected) {
        errors.required(&at.path.child(expected), "must populate information for the given metric source");
    }
    if given.len() != 1 {
        for field in given.into_iter().filter(|field| *field != expected) {
            errors.forbidden(&at.path.child(field), "must populate the given metric source only");
        }
    }
}

fn source(kind: &str, at: &At, errors: &mut Errors) {
    let goal = at.at("target");
    let (value, average, used) = (goal.at("value"), goal.at("averageValue"), goal.at("averageUtilization"));
    if kind == "object" {
        reference(&at.at("describedObject"), false, errors);
    }
    if matches!(kind, "resource" | "containerResource") {
        let name = at.at("name");
        if name.str().is_empty() {
            errors.required(&name.path, "must specify a resource name");
        }
        let container = at.at("container");
        if kind == "containerResource" && container.str().is_empty() {
            errors.required(&container.path, "must specify a container");
        }
        target(&goal, errors);
        match (used.is_set(), average.is_set()) {
            (false, false) => {
                errors.required(&used.path, "must set either a target raw value or a target utilization");
            }
            (true, true) => {
                errors.forbidden(&average.path, "may not set both a target raw value and a target utilization");
            }
            _ => {}
        }
        return;
    }
    let metric = at.at("metric");
    let name = metric.at("name");
    match name.str() {
        "" => errors.required(&name.path, "must specify a metric name"),
        text => errors.invalid_each(&name.path, text, names::path_segment(text)),
    }
    target(&goal, errors);
    match (value.is_set(), average.is_set()) {
        (_, false) if kind == "pods" => {
            errors.required(&average.path, "must specify a positive target averageValue");
        }
        (false, false) => {
            errors.required(&average.path, "must set either a target value for metric or a per-pod target");
        }
        (true, true) if kind == "external" => {
            errors.forbidden(&value.path, "may not set both a target value for metric and a per-pod target");
        }
        _ => {}
    }
}

fn target(at: &At, errors: &mut Errors) {
    let kind = at.at("type");
    match kind.str() {
        "" => errors.required(&kind.path, "must specify a metric target type"),
        "Utilization" | "Value" | "AverageValue" => {}
        other => errors.invalid(&kind.path, other, "must be either Utilization, Value, or AverageValue"),
    }
    for field in ["value", "averageValue"] {
        let field = at.at(field);
        if let Some(amount) = quantity(field.value).filter(|amount| amount.sign() <= 0) {
            errors.invalid(&field.path, amount.to_string(), "must be positive");
        }
    }
    let used = at.at("averageUtilization");
    if let Some(percent) = used.value.as_i64().filter(|percent| *percent < 1) {
        errors.invalid(&used.path, percent, "must be greater than 0");
    }
}

fn scaling_rules(at: &At, errors: &mut Errors) {
    let (window, select, policies) = (at.at("stabilizationWindowSeconds"), at.at("selectPolicy"), at.at("policies"));
    match window.value.as_i64() {
        Some(seconds) if seconds < 0 => {
            errors.invalid(&window.path, seconds, "must be greater than or equal to zero");
        }
        Some(seconds) if seconds > MAX_WINDOW => {
            errors.invalid(&window.path, seconds, "must be less than or equal to 3600");
        }
        _ => {}
    }
    super::workload::supported(&select, &["Disabled", "Max", "Min"], errors);
    if policies.is_empty() {
        errors.required(&policies.path, "must specify at least one Policy");
    }
    for policy in policies.items() {
        let (kind, value, period) = (policy.at("type"), policy.at("value"), policy.at("periodSeconds"));
        if !["Percent", "Pods"].contains(&kind.str()) {
            errors.not_supported(&kind.path, kind.str(), &["Percent", "Pods"]);
        }
        let number = |at: &At| at.value.as_i64().unwrap_or_default();
        for field in [&value, &period] {
            if number(field) <= 0 {
                errors.invalid(&field.path, number(field), POSITIVE);
            }
        }
        if number(&period) > MAX_PERIOD {
            errors.invalid(&period.path, number(&period), "must be less than or equal to 1800");
        }
    }
}
