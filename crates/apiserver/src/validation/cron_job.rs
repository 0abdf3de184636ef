//! Cron jobs.
// Models pkg/apis/batch/validation/validation.go

use podyard_api::{Value, names};

use super::field::{At, Errors};
use super::workload::{non_negative, supported};
use super::{job, meta, schedule};

/// What the names of a cron job's jobs append, and may take in all.
const MAX_NAME: usize = 52;

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    meta::check(object, true, names::name_subdomain, errors);
    spec(&At::root(object, "spec"), errors);
    if object.name().len() > MAX_NAME {
        let at = At::root(object, "metadata");
        errors.invalid(&at.at("name").path, object.name(), "must be no more than 52 characters");
    }
}

pub(crate) fn update(new: &Value, old: &Value, errors: &mut Errors) {
    meta::check_update(new, old, errors);
    spec(&At::root(new, "spec"), errors);
}

fn spec(at: &At, errors: &mut Errors) {
    let (schedule, zone) = (at.at("schedule"), at.at("timeZone"));
    if schedule.str().is_empty() {
        errors.required(&schedule.path, "");
    } else {
        self::schedule::check(&schedule, errors);
    }
    if zone.is_set() {
        time_zone(&zone, errors);
    }
    non_negative(&at.at("startingDeadlineSeconds"), errors);
    let policy = at.at("concurrencyPolicy");
    match policy.str() {
        "" => errors.required(&policy.path, ""),
        _ => supported(&policy, &["Allow", "Forbid", "Replace"], errors),
    }
    let template = at.at("jobTemplate");
    let job_spec = template.at("spec");
    template_meta(&template, errors);
    job::spec(&job_spec, false, errors);
    for (field, detail) in
        [("manualSelector", "`selector` will be auto-generated"), ("selector", "`selector` will be auto-generated")]
    {
        let field = job_spec.at(field);
        if field.value.as_bool() == Some(true) || field.value.is_object() {
            errors.invalid(&field.path, field.value, detail);
        }
    }
    non_negative(&at.at("successfulJobsHistoryLimit"), errors);
    non_negative(&at.at("failedJobsHistoryLimit"), errors);
}

fn template_meta(at: &At, errors: &mut Errors) {
    let metadata = at.at("metadata");
    super::labels::labels(&metadata.at("labels"), errors);
    meta::annotations(&metadata.at("annotations"), errors);
}

fn time_zone(at: &At, errors: &mut Errors) {
    let name = at.str();
    if name.is_empty() {
        return errors.invalid(&at.path, name, "timeZone must be nil or non-empty string");
    }
    let explicit = name.split('/').all(|part| {
        let first = part.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
        first && part.chars().all(|c| c.is_ascii_alphanumeric() || "+-_".contains(c))
    });
    if !explicit || name.eq_ignore_ascii_case("local") {
        let detail = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
        errors.invalid(&at.path, name, detail);
    } else if !schedule::is_time_zone(name) {
        errors.invalid(&at.path, name, &format!("unknown time zone {name}"));
    }
}
