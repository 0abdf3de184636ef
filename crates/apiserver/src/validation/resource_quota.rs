//! Resource quotas.
// Models pkg/apis/core/validation/validation.go

use podyard_api::{Value, names};

use super::field::{At, Errors};
use super::meta;
use super::pod::{quantity_value, resource_name};

/// Names without a domain that a quota may limit.
const STANDARD: [&str; 19] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "persistentvolumeclaims",
    "configmaps",
    "services.nodeports",
    "services.loadbalancers",
];
const SCOPES: [&str; 7] = [
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
];
const OF_PODS: [&str; 7] = ["pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    meta::check(object, true, names::name_subdomain, errors);
    spec(&At::root(object, "spec"), errors);
}

pub(crate) fn update(new: &Value, old: &Value, errors: &mut Errors) {
    meta::check_update(new, old, errors);
    let at = At::root(new, "spec");
    spec(&at, errors);
    let sorted = |spec: &Value| {
        let mut scopes: Vec<_> = spec.get("scopes").items().iter().map(Value::text).collect();
        scopes.sort();
        scopes
    };
    if sorted(at.value) != sorted(old.get("spec")) {
        let scopes = at.at("scopes");
        errors.invalid(&scopes.path, scopes.value, meta::IMMUTABLE);
    }
}

fn spec(at: &At, errors: &mut Errors) {
    let hard = at.at("hard");
    for (name, amount) in hard.entries() {
        quota_name(name, &amount, errors);
        quantity_value(name, &amount, errors);
    }
    let limited: Vec<&str> = hard.value.fields().iter().map(|(name, _)| name.as_str()).collect();
    scopes(&at.at("scopes"), &limited, errors);
    let selector = at.at("scopeSelector");
    let expressions = selector.at("matchExpressions");
    for expression in expressions.value.items() {
        let at = At { value: expression, path: expressions.path };
        scope_requirement(&at, &limited, errors);
    }
}

fn is_standard(name: &str) -> bool {
    STANDARD.contains(&name) || name.starts_with("hugepages-") || name.starts_with("requests.hugepages-")
}

fn quota_name(name: &str, at: &At, errors: &mut Errors) {
    resource_name(name, &at.path, errors);
    if !name.contains('/') && !is_standard(name) {
        errors.invalid(&at.path, name, "must be a standard resource for quota");
    }
}

fn fits(scope: &str, resource: &str) -> bool {
    match scope {
        "BestEffort" => resource == "pods",
        "VolumeAttributesClass" => matches!(resource, "persistentvolumeclaims" | "requests.storage"),
        scope if SCOPES.contains(&scope) => OF_PODS.contains(&resource),
        _ => true,
    }
}

fn scopes(at: &At, limited: &[&str], errors: &mut Errors) {
    let given: Vec<&str> = at.value.items().iter().map(Value::str).collect();
    for scope in &given {
        if !SCOPES.contains(scope) {
            errors.invalid(&at.path, at.value, "unsupported scope");
        }
        for _ in limited.iter().filter(|name| is_standard(name) && !fits(scope, name)) {
            errors.invalid(&at.path, at.value, "unsupported scope applied to resource");
        }
    }
    for pair in [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]] {
        if pair.iter().all(|scope| given.contains(scope)) {
            errors.invalid(&at.path, at.value, "conflicting scopes");
        }
    }
}

fn scope_requirement(at: &At, limited: &[&str], errors: &mut Errors) {
    let (scope, operator, values) = (at.at("scopeName"), at.at("operator"), at.at("values"));
    if !SCOPES.contains(&scope.str()) {
        errors.invalid(&scope.path, scope.str(), "unsupported scope");
    }
    for _ in limited.iter().filter(|name| is_standard(name) && !fits(scope.str(), name)) {
        errors.invalid(&at.path, at.value, "unsupported scope applied to resource");
    }
    if !matches!(scope.str(), "PriorityClass" | "VolumeAttributesClass") && operator.str() != "Exists" {
        let detail = "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, \
                      ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, \
                      ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
        errors.invalid(&operator.path, operator.str(), detail);
    }
    match operator.str() {
        "In" | "NotIn" if values.is_empty() => {
            let detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
            errors.required(&values.path, detail);
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            let detail = "must be no value when `operator` is 'Exists' or 'DoesNotExist' for scope selector";
            errors.invalid(&values.path, values.value, detail);
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
        other => errors.invalid(&operator.path, other, "not a valid selector operator"),
    }
}
