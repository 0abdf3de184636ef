//! Labels and label selectors.
// Models staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go

use super::field::{At, Errors, Path};
use podyard_api::names;

/// A label's key.
pub(crate) fn label_name(key: &str, path: &Path, errors: &mut Errors) {
    errors.invalid_each(path, key, names::qualified_name(key));
}

/// A map of labels.
pub(crate) fn labels(at: &At, errors: &mut Errors) {
    for (key, entry) in at.entries() {
        label_name(key, &at.path, errors);
        errors.invalid_each(&at.path, entry.str(), names::label_value(entry.str()));
    }
}

/// A `LabelSelector`, if set.
pub(crate) fn selector(at: &At, errors: &mut Errors) {
    if !at.is_set() {
        return;
    }
    labels(&at.at("matchLabels"), errors);
    for requirement in at.at("matchExpressions").items() {
        selector_requirement(&requirement, errors);
    }
}

fn selector_requirement(at: &At, errors: &mut Errors) {
    let (operator, values) = (at.at("operator"), at.at("values"));
    match operator.str() {
        "In" | "NotIn" if values.is_empty() => {
            errors.required(&values.path, "must be specified when `operator` is 'In' or 'NotIn'");
        }
        "In" | "NotIn" => {}
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            errors.forbidden(&values.path, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
        "Exists" | "DoesNotExist" => {}
        other => errors.invalid(&operator.path, other, "not a valid selector operator"),
    }
    let key = at.at("key");
    label_name(key.str(), &key.path, errors);
    for value in values.items() {
        errors.invalid_each(&value.path, value.str(), names::label_value(value.str()));
    }
}
