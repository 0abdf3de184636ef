//! Disruption budgets and priority classes.

use podyard_api::kinds::{PodDisruptionBudget, PriorityClass};
use podyard_api::{Selector, Value};

use super::out::Out;
use super::{Describer, Related, nothing};
use crate::labels::labels;
use crate::values::int_or_string;

pub(super) const BUDGET: Describer = Describer { reads: nothing, write: budget };
pub(super) const PRIORITY_CLASS: Describer = Describer { reads: nothing, write: priority_class };

fn budget(object: &Value, _: &Related, out: &mut Out) {
    let budget = PodDisruptionBudget(object);
    let (spec, status) = (budget.spec(), budget.status());
    out.field(0, "Name", budget.name());
    out.field(0, "Namespace", budget.namespace());
    if !spec.min_available().is_null() {
        out.field(0, "Min available", int_or_string(spec.min_available()));
    } else if !spec.max_unavailable().is_null() {
        out.field(0, "Max unavailable", int_or_string(spec.max_unavailable()));
    }
    let selector = spec.selector().map_or_else(|| "<unset>".into(), |selector| Selector::format(Some(selector)));
    out.field(0, "Selector", selector);
    out.line(0, "Status:");
    out.field(2, "Allowed disruptions", status.disruptions_allowed());
    out.field(2, "Current", status.current_healthy());
    out.field(2, "Desired", status.desired_healthy());
    out.field(2, "Total", status.expected_pods());
}

fn priority_class(object: &Value, _: &Related, out: &mut Out) {
    let class = PriorityClass(object);
    out.field(0, "Name", class.name());
    out.field(0, "Value", class.priority());
    out.field(0, "GlobalDefault", class.global_default());
    out.field(0, "PreemptionPolicy", class.preemption_policy());
    out.field(0, "Description", class.description());
    out.field(0, "Annotations", labels(class.metadata().annotations()));
}
