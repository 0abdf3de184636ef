//! What the checks of workloads share: selectors, templates, numbers and percentages.
// Models pkg/apis/apps/validation/validation.go

use podyard_api::kinds::LabelSelector;
use podyard_api::{Selector, Value, json, names};

use super::field::{At, Errors};
use super::{labels, meta, pod};

const MISMATCH: &str = "`selector` does not match template `labels`";

/// A number that is not negative, if set.
pub(crate) fn non_negative(at: &At, errors: &mut Errors) {
    if let Some(number) = at.value.as_i64().filter(|number| *number < 0) {
        errors.invalid(&at.path, number, meta::NEGATIVE);
    }
}

/// The selector of a workload; an empty one is told `empty`.
pub(crate) fn selector(at: &At, empty: &str, errors: &mut Errors) {
    if !at.is_set() {
        return errors.required(&at.path, "");
    }
    labels::selector(at, errors);
    if at.at("matchLabels").is_empty() && at.at("matchExpressions").is_empty() {
        errors.invalid(&at.path, at.value, empty);
    }
}

/// What a selector matches; an absent one matches nothing.
pub(crate) fn read(at: &At) -> Result<Selector, String> {
    Selector::of(Some(at.value).filter(|value| !value.is_null()).map(LabelSelector))
}

/// The labels of a template must be those that the selector wants.
pub(crate) fn matches(selector: &Selector, template: &At, errors: &mut Errors) {
    let metadata = template.at("metadata");
    let own = metadata.at("labels");
    if !selector.matches(own.value) {
        let shown = if own.is_empty() { "null".into() } else { json::to_string(own.value) };
        errors.invalid_as(&own.path, &shown, MISMATCH);
    }
}

/// The template of a workload whose pods run for ever; `kind` as the messages name it.
pub(crate) fn lasting_template(template: &At, kind: &str, errors: &mut Errors) {
    pod::check_template(template, errors);
    always(template, kind, errors);
}

/// Pods of workloads are restarted and have no deadline.
pub(crate) fn always(template: &At, kind: &str, errors: &mut Errors) {
    let spec = template.at("spec");
    let restart = spec.at("restartPolicy");
    if restart.str() != "Always" {
        errors.not_supported(&restart.path, restart.str(), &["Always"]);
    }
    let deadline = spec.at("activeDeadlineSeconds");
    if deadline.is_set() {
        errors.forbidden(&deadline.path, &format!("activeDeadlineSeconds in {kind} is not Supported"));
    }
}

/// A number that is not negative, or a percentage.
pub(crate) fn amount(at: &At, errors: &mut Errors) {
    match at.value {
        Value::String(text) => errors.invalid_each(&at.path, text, names::percent(text)),
        _ => non_negative(at, errors),
    }
}

/// The number, or the percentage without its sign.
pub(crate) fn number(value: &Value) -> i64 {
    percentage(value).or(value.as_i64()).unwrap_or_default()
}

fn percentage(value: &Value) -> Option<i64> {
    let text = value.as_str()?;
    names::percent(text).is_empty().then(|| text.trim_end_matches('%').parse().ok())?
}

/// A percentage of at most 100.
pub(crate) fn at_most_all(at: &At, errors: &mut Errors) {
    if percentage(at.value).is_some_and(|value| value > 100) {
        errors.invalid(&at.path, at.value, "must not be greater than 100%");
    }
}

/// A list of texts, or one text, in which each must be one of these.
pub(crate) fn supported(at: &At, values: &[&str], errors: &mut Errors) {
    if at.is_set() && !values.contains(&at.str()) {
        errors.not_supported(&at.path, at.value, values);
    }
}
