//! Tolerations, topology spread and scheduling gates.

use podyard_api::Value;

use super::super::field::{At, Errors, Path};
use podyard_api::names;

use super::super::labels;
use super::security::one_of;

const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

pub(crate) fn tolerations(at: &At, errors: &mut Errors) {
    for toleration in at.items() {
        let (key, operator, effect) = (toleration.at("key"), toleration.at("operator"), toleration.at("effect"));
        if let Some(text) = key.text() {
            labels::label_name(text, &key.path, errors);
        } else if operator.str() != "Exists" {
            let detail = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            errors.invalid(&operator.path, operator.str(), detail);
        }
        if toleration.at("tolerationSeconds").is_set() && effect.str() != "NoExecute" {
            let detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            errors.invalid(&effect.path, effect.str(), detail);
        }
        let value = toleration.value.get("value").str();
        match operator.str() {
            "Equal" | "" => {
                let messages = names::label_value(value);
                if !messages.is_empty() {
                    errors.invalid(&operator.path, value, &messages.join(";"));
                }
            }
            "Exists" => {
                if !value.is_empty() {
                    errors.invalid(&operator.path, value, "value must be empty when `operator` is 'Exists'");
                }
            }
            // `Lt` and `Gt` are listed, but behind a gate that is off.
            other => errors.not_supported(&operator.path, other, &["Equal", "Exists", "Lt", "Gt"]),
        }
        if effect.text().is_some() {
            one_of(&effect, &EFFECTS, errors);
        }
    }
}

/// A taint's effect, which must be there.
pub(crate) fn taint_effect(at: &At, errors: &mut Errors) {
    if at.str().is_empty() {
        errors.required(&at.path, "");
    } else {
        one_of(at, &EFFECTS, errors);
    }
}

pub(crate) fn spread(at: &At, errors: &mut Errors) {
    for (i, constraint) in at.items().enumerate() {
        let skew = constraint.at("maxSkew");
        let number = skew.value.as_i64().unwrap_or_default();
        if number <= 0 {
            errors.invalid(&skew.path, number, "must be greater than zero");
        }
        let topology = constraint.at("topologyKey");
        if topology.str().is_empty() {
            errors.required(&topology.path, "can not be empty");
        }
        let action = constraint.at("whenUnsatisfiable");
        if !["DoNotSchedule", "ScheduleAnyway"].contains(&action.str()) {
            errors.not_supported(&action.path, action.str(), &["DoNotSchedule", "ScheduleAnyway"]);
        }
        let same = |other: &Value| {
            other.get("topologyKey").str() == topology.str() && other.get("whenUnsatisfiable").str() == action.str()
        };
        if at.value.items()[i + 1..].iter().any(same) {
            let pair = format!("{{{}, {}}}", topology.str(), action.str());
            errors.duplicate(&constraint.path.child("{topologyKey, whenUnsatisfiable}"), pair);
        }
        min_domains(&constraint, action.str(), errors);
        one_of(&constraint.at("nodeAffinityPolicy"), &["Honor", "Ignore"], errors);
        one_of(&constraint.at("nodeTaintsPolicy"), &["Honor", "Ignore"], errors);
        spread_keys(&constraint, errors);
        labels::selector(&constraint.at("labelSelector"), errors);
    }
}

fn min_domains(constraint: &At, action: &str, errors: &mut Errors) {
    let domains = constraint.at("minDomains");
    let Some(number) = domains.value.as_i64() else { return };
    if number <= 0 {
        errors.invalid(&domains.path, number, "must be greater than zero");
    }
    if action != "DoNotSchedule" {
        let detail = format!("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}");
        errors.invalid(&domains.path, number, &detail);
    }
}

fn spread_keys(constraint: &At, errors: &mut Errors) {
    let (keys, selector) = (constraint.at("matchLabelKeys"), constraint.value.get("labelSelector"));
    if keys.is_empty() {
        return;
    }
    if selector.is_null() {
        errors.forbidden(&keys.path, "must not be specified when labelSelector is not set");
    }
    for key in keys.items() {
        labels::label_name(key.str(), &key.path, errors);
        let in_labels = selector.get("matchLabels").fields().iter().any(|(k, _)| k.as_str() == key.str());
        let in_expressions = selector.get("matchExpressions").items().iter().any(|e| e.get("key").str() == key.str());
        if in_labels || in_expressions {
            errors.invalid(&key.path, key.str(), "exists in both matchLabelKeys and labelSelector");
        }
    }
}

pub(crate) fn gates(at: &At, errors: &mut Errors) {
    let mut seen: Vec<&str> = Vec::new();
    for gate in at.items() {
        let name = gate.value.get("name").str();
        errors.invalid_each(&gate.path, name, names::qualified_name(name));
        if seen.contains(&name) {
            errors.duplicate(&gate.path, name);
        }
        seen.push(name);
    }
}

/// Gates may only go.
pub(crate) fn gates_update(at: &At, old: &Value, errors: &mut Errors) {
    let known = |name: &str| old.items().iter().any(|gate| gate.get("name").str() == name);
    for gate in at.items() {
        let name = gate.at("name");
        if !known(name.str()) {
            let detail = format!("only deletion is allowed, but found new scheduling gate '{}'", name.str());
            errors.forbidden(&name.path, &detail);
        }
    }
}

/// Tolerations may only be added, or have their time changed.
pub(crate) fn tolerations_update(at: &At, old: &Value, errors: &mut Errors) {
    let bare = |toleration: &Value| {
        let mut toleration = toleration.clone();
        toleration.remove("tolerationSeconds");
        toleration
    };
    for toleration in old.items() {
        let toleration = bare(toleration);
        if !at.value.items().iter().any(|new| bare(new) == toleration) {
            let detail = "existing toleration can not be modified except its tolerationSeconds";
            errors.forbidden(&at.path, detail);
            return;
        }
    }
    tolerations(at, errors);
}

/// Node selectors of gated pods may only grow.
pub(crate) fn node_selector_update(path: &Path, new: &Value, old: &Value, errors: &mut Errors) {
    if old.fields().iter().any(|(key, value)| new.get(key) != value) {
        let detail = "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
        errors.invalid(path, new, detail);
    }
}
