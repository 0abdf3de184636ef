//! Node and pod affinity, and node selectors.

use super::super::field::{At, Errors};
use podyard_api::names;

use super::super::labels;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

pub(crate) fn check(at: &At, errors: &mut Errors) {
    if !at.is_set() {
        return;
    }
    let node = at.at("nodeAffinity");
    let required = node.at(REQUIRED);
    if required.is_set() {
        node_selector(&required, errors);
    }
    for term in node.at(PREFERRED).items() {
        weight(&term, errors);
        // Wrong label values are let through here: another term may still match.
        node_selector_term(&term.at("preference"), false, errors);
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
        let pods = at.at(kind);
        for term in pods.at(REQUIRED).items() {
            pod_term(&term, errors);
        }
        for weighted in pods.at(PREFERRED).items() {
            weight(&weighted, errors);
            pod_term(&weighted.at("podAffinityTerm"), errors);
        }
    }
}

fn weight(term: &At, errors: &mut Errors) {
    let weight = term.at("weight");
    let number = weight.value.as_i64().unwrap_or_default();
    if !(1..=100).contains(&number) {
        errors.invalid(&weight.path, number, "must be in the range 1-100");
    }
}

/// A node selector that must hold.
pub(crate) fn node_selector(at: &At, errors: &mut Errors) {
    let terms = at.at("nodeSelectorTerms");
    if terms.is_empty() {
        errors.required(&terms.path, "must have at least one node selector term");
    }
    for term in terms.items() {
        node_selector_term(&term, true, errors);
    }
}

fn node_selector_term(at: &At, check_values: bool, errors: &mut Errors) {
    for requirement in at.at("matchExpressions").items() {
        expression(&requirement, check_values, errors);
    }
    for requirement in at.at("matchFields").items() {
        field(&requirement, errors);
    }
}

fn expression(at: &At, check_values: bool, errors: &mut Errors) {
    let (operator, values, key) = (at.at("operator"), at.at("values"), at.at("key"));
    match operator.str() {
        "In" | "NotIn" => {
            if values.is_empty() {
                errors.required(&values.path, "must be specified when `operator` is 'In' or 'NotIn'");
            }
        }
        "Exists" | "DoesNotExist" => {
            if !values.is_empty() {
                let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                errors.forbidden(&values.path, detail);
            }
        }
        "Gt" | "Lt" => {
            if values.len() != 1 {
                errors.required(&values.path, "must be specified single value when `operator` is 'Lt' or 'Gt'");
            }
        }
        other => errors.invalid(&operator.path, other, "not a valid selector operator"),
    }
    labels::label_name(key.str(), &key.path, errors);
    if check_values {
        for value in values.items() {
            errors.invalid_each(&value.path, value.str(), names::label_value(value.str()));
        }
    }
}

fn field(at: &At, errors: &mut Errors) {
    let (operator, values, key) = (at.at("operator"), at.at("values"), at.at("key"));
    match operator.str() {
        "In" | "NotIn" => {
            if values.len() != 1 {
                let detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
                errors.required(&values.path, detail);
            }
        }
        other => errors.invalid(&operator.path, other, "not a valid selector operator"),
    }
    if key.str() != "metadata.name" {
        errors.invalid(&key.path, key.str(), "not a valid field selector key");
        return;
    }
    for value in values.items() {
        errors.invalid_each(&value.path, value.str(), names::dns_subdomain(value.str()));
    }
}

fn pod_term(at: &At, errors: &mut Errors) {
    let selector = at.at("labelSelector");
    labels::selector(&selector, errors);
    labels::selector(&at.at("namespaceSelector"), errors);
    let namespace = at.path.child("namespace");
    for name in at.value.get("namespaces").items() {
        errors.invalid_each(&namespace, name.str(), names::dns_label(name.str()));
    }
    let (same, other) = (at.at("matchLabelKeys"), at.at("mismatchLabelKeys"));
    for keys in [&same, &other] {
        if !keys.is_empty() && !selector.is_set() {
            errors.forbidden(&keys.path, "must not be specified when labelSelector is not set");
        } else {
            keys.items().for_each(|key| labels::label_name(key.str(), &key.path, errors));
        }
    }
    repeated_keys(at, &selector, &same, errors);
    for key in same.items().filter(|key| other.value.items().contains(key.value)) {
        errors.invalid(&key.path, key.str(), "exists in both matchLabelKeys and mismatchLabelKeys");
    }
    let topology = at.at("topologyKey");
    if topology.str().is_empty() {
        errors.required(&topology.path, "can not be empty");
    }
    labels::label_name(topology.str(), &topology.path, errors);
}

fn repeated_keys(at: &At, selector: &At, same: &At, errors: &mut Errors) {
    let mut seen: Vec<&str> = selector.value.get("matchLabels").fields().iter().map(|(k, _)| k.as_str()).collect();
    for expression in selector.value.get("matchExpressions").items() {
        let key = expression.get("key").str();
        let index = same.value.items().iter().position(|k| k.str() == key);
        if let Some(index) = index.filter(|_| seen.contains(&key)) {
            errors.invalid(&at.path.index(index), key, "exists in both matchLabelKeys and labelSelector");
        }
        seen.push(key);
    }
}
