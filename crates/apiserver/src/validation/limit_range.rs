//! Limit ranges.
// Models pkg/apis/core/validation/validation.go

use podyard_api::quantity::Quantity;
use podyard_api::{Value, names};

use super::field::{At, Errors};
use super::meta;
use super::pod::{container_name, quantity, resource_name};

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    meta::check(object, true, names::name_subdomain, errors);
    let spec = At::root(object, "spec");
    let mut seen: Vec<&str> = Vec::new();
    for limit in spec.at("limits").items() {
        let kind = limit.at("type");
        type_name(&kind, errors);
        if seen.contains(&kind.str()) {
            errors.duplicate(&kind.path, kind.str());
        }
        seen.push(kind.value.str());
        names_of(&limit, kind.str(), errors);
        let mut resources: Vec<&str> = Vec::new();
        for list in ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] {
            resources.extend(limit.value.get(list).fields().iter().map(|(name, _)| name.as_str()));
        }
        resources.sort_unstable();
        resources.dedup();
        for name in resources {
            amounts(&limit, name, errors);
        }
    }
}

pub(crate) fn update(new: &Value, _: &Value, errors: &mut Errors) {
    create(new, errors);
}

fn type_name(at: &At, errors: &mut Errors) {
    let name = at.str();
    let messages = names::qualified_name(name);
    if !messages.is_empty() {
        errors.invalid_each(&at.path, name, messages);
    } else if !name.contains('/') && !["Pod", "Container", "PersistentVolumeClaim"].contains(&name) {
        errors.invalid(&at.path, name, "must be a standard limit type or fully qualified");
    }
}

fn names_of(limit: &At, kind: &str, errors: &mut Errors) {
    let check = |list: &'static str, errors: &mut Errors| {
        let list = limit.at(list);
        for (name, amount) in list.entries() {
            match kind {
                "Pod" | "Container" => container_name(name, &amount.path, errors),
                _ => drop(resource_name(name, &amount.path, errors)),
            }
        }
    };
    check("max", errors);
    check("min", errors);
    for list in ["default", "defaultRequest"] {
        if kind == "Pod" {
            if !limit.at(list).is_empty() {
                errors.forbidden(&limit.path.child(list), "may not be specified when `type` is 'Pod'");
            }
        } else {
            check(list, errors);
        }
    }
    let storage = |list| limit.value.get(list).get("storage").is_null();
    if kind == "PersistentVolumeClaim" && storage("min") && storage("max") {
        let detail = "either minimum or maximum storage value is required, but neither was provided";
        errors.required(&limit.path.child("limits"), detail);
    }
    check("maxLimitRequestRatio", errors);
}

/// How the amounts of one resource stand to each other.
fn amounts(limit: &At, name: &str, errors: &mut Errors) {
    let of = |list: &str| quantity(limit.value.get(list).get(name));
    let (min, max, default) = (of("min"), of("max"), of("default"));
    let (request, ratio) = (of("defaultRequest"), of("maxLimitRequestRatio"));
    let mut order = |low: Option<Quantity>, high: Option<Quantity>, list, bad: Option<Quantity>, words: [&str; 2]| {
        if let (Some(low), Some(high), Some(bad)) = (low, high, bad)
            && low > high
        {
            let detail = format!("{} value {low} is greater than {} value {high}", words[0], words[1]);
            errors.invalid(&limit.path.child(list).key(name), bad.to_string(), &detail);
        }
    };
    order(min, max, "min", min, ["min", "max"]);
    order(min, request, "defaultRequest", request, ["min", "default request"]);
    order(request, max, "defaultRequest", request, ["default request", "max"]);
    order(request, default, "defaultRequest", request, ["default request", "default limit"]);
    order(min, default, "default", min, ["min", "default"]);
    order(default, max, "default", max, ["default", "max"]);
    let Some(ratio) = ratio else { return };
    let list = limit.path.child("maxLimitRequestRatio");
    if ratio.milli_value() < 1000 {
        errors.invalid(&list.key(name), ratio.to_string(), &format!("ratio {ratio} is less than 1"));
    }
    if let (Some(min), Some(max)) = (min, max) {
        let possible = max.as_f64() / min.as_f64();
        if ratio.as_f64() > possible {
            let detail = format!("ratio {ratio} is greater than max/min = {possible:.6}");
            errors.invalid(&list.key(name), ratio.to_string(), &detail);
        }
    }
}
