//! Jobs and cron jobs.
// Models pkg/apis/batch/v1/defaults.go

use podyard_api::Value;

use super::{each, fill, pod};

pub(crate) fn job(object: &mut Value) {
    let spec = object.field_mut("spec");
    pod::template(spec, &["template"]);
    if spec.get("completions").is_null() && spec.get("parallelism").is_null() {
        fill(spec, "completions", 1);
    }
    fill(spec, "parallelism", 1);
    let per_index = !spec.get("backoffLimitPerIndex").is_null();
    fill(spec, "backoffLimit", if per_index { i32::MAX } else { 6 });
    fill(spec, "completionMode", "NonIndexed");
    fill(spec, "suspend", false);
    fill(spec, "manualSelector", false);
    let policy = spec.get("podFailurePolicy").is_object();
    fill(spec, "podReplacementPolicy", if policy { "Failed" } else { "TerminatingOrFailed" });
    if policy {
        each(spec.field_mut("podFailurePolicy"), "rules", lacks_status, |rule| {
            let conditions = rule.field_mut("onPodConditions");
            for condition in conditions.items_mut() {
                fill(condition, "status", "True");
            }
        });
    }
}

fn lacks_status(rule: &Value) -> bool {
    rule.get("onPodConditions").items().iter().any(|condition| condition.get("status").is_null())
}

pub(crate) fn cron_job(object: &mut Value) {
    let spec = object.field_mut("spec");
    pod::template(spec, &["jobTemplate", "spec", "template"]);
    fill(spec, "concurrencyPolicy", "Allow");
    fill(spec, "suspend", false);
    fill(spec, "successfulJobsHistoryLimit", 3);
    fill(spec, "failedJobsHistoryLimit", 1);
}
