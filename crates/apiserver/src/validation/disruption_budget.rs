//! Pod disruption budgets.
// Models pkg/apis/policy/validation/validation.go

use podyard_api::Value;

use super::field::{At, Errors};
use super::workload::{amount, at_most_all, supported};
use super::{goform, labels};

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    let at = At::root(object, "spec");
    let (least, most) = (at.at("minAvailable"), at.at("maxUnavailable"));
    if least.is_set() && most.is_set() {
        errors.invalid_as(
            &at.path,
            &goform::compact("PodDisruptionBudgetSpec", at.value),
            "minAvailable and maxUnavailable cannot be both set",
        );
    }
    for field in [&least, &most].into_iter().filter(|field| field.is_set()) {
        amount(field, errors);
        at_most_all(field, errors);
    }
    labels::selector(&at.at("selector"), errors);
    supported(&at.at("unhealthyPodEvictionPolicy"), &["AlwaysAllow", "IfHealthyBudget"], errors);
}

pub(crate) fn update(new: &Value, _: &Value, errors: &mut Errors) {
    create(new, errors);
}
