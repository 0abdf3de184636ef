//! Resource requests and limits.

use std::str::FromStr;

use podyard_api::Value;
use podyard_api::quantity::Quantity;

use super::super::field::{At, Errors, Path};
use podyard_api::names;

use super::super::meta;
use super::Context;

const NOT_INTEGER: &str = "must be an integer";

/// A quantity, if it reads as one.
pub(crate) fn quantity(value: &Value) -> Option<Quantity> {
    match value {
        Value::String(text) => Quantity::from_str(text).ok(),
        Value::Int(number) => Quantity::from_str(&number.to_string()).ok(),
        _ => None,
    }
}

/// Resources with a name of Kubernetes' own or without a domain.
pub(crate) fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

fn is_hugepages(name: &str) -> bool {
    name.starts_with("hugepages-")
}

/// Resources of device plugins and the like, counted in whole pieces.
pub(crate) fn is_extended(name: &str) -> bool {
    !is_native(name) && !name.starts_with("requests.") && names::qualified_name(&format!("requests.{name}")).is_empty()
}

fn overcommit_allowed(name: &str) -> bool {
    is_native(name) && !is_hugepages(name)
}

fn is_integer(name: &str) -> bool {
    const WHOLE: [&str; 9] = [
        "pods",
        "services",
        "replicationcontrollers",
        "resourcequotas",
        "secrets",
        "configmaps",
        "persistentvolumeclaims",
        "services.nodeports",
        "services.loadbalancers",
    ];
    WHOLE.contains(&name) || is_extended(name)
}

const STANDARD: [&str; 20] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "storage",
    "requests.storage",
    "services.nodeports",
    "services.loadbalancers",
];

/// The form of a resource's name anywhere.
pub(crate) fn resource_name(name: &str, path: &Path, errors: &mut Errors) -> bool {
    let messages = names::qualified_name(name);
    if !messages.is_empty() {
        errors.invalid_each(path, name, messages);
        return false;
    }
    let standard = STANDARD.contains(&name) || is_hugepages(name) || name.starts_with("requests.hugepages-");
    if !name.contains('/') && !standard {
        errors.invalid(path, name, "must be a standard resource type or fully qualified");
        return false;
    }
    true
}

/// A resource that containers may ask for.
pub(crate) fn container_name(name: &str, path: &Path, errors: &mut Errors) {
    resource_name(name, path, errors);
    if !name.contains('/') {
        if !["cpu", "memory", "ephemeral-storage"].contains(&name) && !is_hugepages(name) {
            errors.invalid(path, name, "must be a standard resource for containers");
        }
    } else if !is_native(name) && !is_extended(name) {
        errors.invalid(path, name, "doesn't follow extended resource name standard");
    }
}

/// A resource that whole pods may ask for.
pub(crate) fn pod_name(name: &str, path: &Path, errors: &mut Errors) {
    resource_name(name, path, errors);
    if !name.contains('/') && !["cpu", "memory"].contains(&name) && !is_hugepages(name) {
        errors.invalid(path, name, "must be a supported resource for pods");
    }
}

/// A quantity of a resource: not negative, and whole where only whole ones exist.
pub(crate) fn quantity_value(name: &str, at: &At, errors: &mut Errors) {
    let Some(quantity) = quantity(at.value) else { return };
    if quantity.sign() < 0 {
        errors.invalid(&at.path, quantity.to_string(), meta::NEGATIVE);
    }
    if is_integer(name) && quantity.milli_value() % 1000 != 0 {
        errors.invalid(&at.path, quantity.to_string(), NOT_INTEGER);
    }
}

pub(crate) fn check(at: &At, check_name: fn(&str, &Path, &mut Errors), context: &Context, errors: &mut Errors) {
    if at.is_empty() {
        return;
    }
    let (limits, requests) = (at.at("limits"), at.at("requests"));
    let (mut compute, mut huge) = (false, false);
    for (name, entry) in limits.entries() {
        check_name(name, &entry.path, errors);
        quantity_value(name, &entry, errors);
        huge |= huge_pages(name, &entry, errors);
        compute |= name == "cpu" || name == "memory";
    }
    for (name, entry) in requests.entries() {
        check_name(name, &entry.path, errors);
        quantity_value(name, &entry, errors);
        within_limit(name, &entry, limits.value.get(name), (&requests.path, &limits.path), errors);
        huge |= huge_pages(name, &entry, errors);
        compute |= name == "cpu" || name == "memory";
    }
    if huge && !compute {
        errors.forbidden(&at.path, "HugePages require cpu or memory");
    }
    claims(&at.at("claims"), context, errors);
}

fn within_limit(name: &str, request: &At, limit: &Value, places: (&Path, &Path), errors: &mut Errors) {
    let Some(asked) = quantity(request.value) else { return };
    match quantity(limit) {
        Some(limit) if asked != limit && !overcommit_allowed(name) => {
            errors.invalid(places.0, asked.to_string(), &format!("must be equal to {name} limit of {limit}"));
        }
        Some(limit) if asked > limit => {
            let detail = format!("must be less than or equal to {name} limit of {limit}");
            errors.invalid(places.0, asked.to_string(), &detail);
        }
        Some(_) => {}
        None if !overcommit_allowed(name) => {
            errors.required(places.1, "Limit must be set for non overcommitable resources");
        }
        None => {}
    }
}

/// Whether these are huge pages, which come in whole pages.
fn huge_pages(name: &str, at: &At, errors: &mut Errors) -> bool {
    let Some(page) = name.strip_prefix("hugepages-") else { return false };
    if let (Some(page), Some(asked)) = (Quantity::from_str(page).ok(), quantity(at.value)) {
        let whole = page.value() > 0 && asked.value() % page.value() == 0;
        if !whole {
            let detail = format!("{asked} is not positive integer multiple of {name}");
            errors.invalid(&at.path, asked.to_string(), &detail);
        }
    }
    true
}

fn claims(at: &At, context: &Context, errors: &mut Errors) {
    let mut seen: Vec<String> = Vec::new();
    for claim in at.items() {
        let Some(name) = claim.at("name").text() else {
            errors.required(&claim.path, "");
            continue;
        };
        if seen.iter().any(|s| s == name) {
            errors.duplicate(&claim.path, name);
        } else {
            let request = claim.at("request");
            let mut key = name.to_owned();
            if let Some(text) = request.text() {
                errors.invalid_each(&request.path, text, names::dns_label(text));
                key = format!("{name}/{text}");
            }
            if seen.contains(&key) {
                errors.duplicate(&claim.path, key.as_str());
            } else if request.text().is_none() && seen.iter().any(|s| s.starts_with(&format!("{name}/"))) {
                errors.duplicate(&claim.path, name);
            }
            seen.push(key);
        }
        if !context.claims.contains(&name) {
            let mut names = context.claims.clone();
            names.sort_unstable();
            let known = if names.is_empty() { " which is empty".into() } else { format!(": {}", names.join(", ")) };
            let detail = format!("must be one of the names in pod.spec.resourceClaims{known}");
            errors.not_found_with(&claim.path, name, &detail);
        }
    }
}

pub(crate) fn resize_policy(at: &At, context: &Context, errors: &mut Errors) {
    let mut seen: Vec<&str> = Vec::new();
    for policy in at.items() {
        let (name, restart) = (policy.value.get("resourceName").str(), policy.value.get("restartPolicy").str());
        if seen.contains(&name) {
            errors.duplicate(&policy.path, name);
        }
        seen.push(name);
        match name {
            "cpu" | "memory" => {}
            "" => errors.required(&at.path, ""),
            _ => errors.not_supported(&at.path, name, &["cpu", "memory"]),
        }
        match restart {
            "NotRequired" | "RestartContainer" => {}
            "" => errors.required(&at.path, ""),
            _ => errors.not_supported(&at.path, restart, &["NotRequired", "RestartContainer"]),
        }
        if context.restart_policy == "Never" && restart != "NotRequired" {
            errors.invalid(&at.path, restart, "must be 'NotRequired' when `restartPolicy` is 'Never'");
        }
    }
}
