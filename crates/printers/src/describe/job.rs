//! Jobs and cron jobs.

use podyard_api::kinds::{CronJob, Job, JobSpec};
use podyard_api::{Selector, Value, duration, timestamp};

use super::out::Out;
use super::{Describer, Related, config, nothing, pod, workload};
use crate::values::{moment, title_bool};

pub(super) const JOB: Describer = Describer { reads: nothing, write: job };
pub(super) const CRON_JOB: Describer = Describer { reads: nothing, write: cron_job };

/// Lists of indexes longer than this are cut at the next comma.
const MAX_INDEXES: usize = 50;

fn job(object: &Value, _: &Related, out: &mut Out) {
    let job = Job(object);
    let (spec, status) = (job.spec(), job.status());
    let selector = Selector::of(Some(spec.selector())).map(|selector| selector.to_string());
    workload::head(job.metadata(), &selector.unwrap_or_else(|why| format!("Failed to get selector: {why}")), out);
    out.field(0, "Parallelism", spec.parallelism());
    out.field(0, "Completions", unset(spec.completions()));
    out.field(0, "Completion Mode", spec.completion_mode());
    out.field(0, "Suspend", spec.suspend());
    out.field(0, "Backoff Limit", spec.backoff_limit());
    if let Some(seconds) = spec.ttl_seconds_after_finished() {
        out.field(0, "TTL Seconds After Finished", seconds);
    }
    if let Some(start) = status.start_time() {
        out.field(0, "Start Time", moment(start));
    }
    if let Some(end) = status.completion_time() {
        out.field(0, "Completed At", moment(end));
    }
    let times = [status.start_time(), status.completion_time()].map(|time| time.and_then(timestamp::parse));
    if let [Some(start), Some(end)] = times {
        out.field(0, "Duration", duration::human(end - start));
    }
    if let Some(seconds) = spec.active_deadline_seconds() {
        out.field(0, "Active Deadline Seconds", format_args!("{seconds}s"));
    }
    let ready = status.ready().map(|ready| format!(" ({ready} Ready)")).unwrap_or_default();
    let (active, succeeded, failed) = (status.active(), status.succeeded(), status.failed());
    let counts = format_args!("{active} Active{ready} / {succeeded} Succeeded / {failed} Failed").to_string();
    out.field(0, "Pods Statuses", counts);
    if spec.completion_mode() == "Indexed" {
        out.field(0, "Completed Indexes", indexes(status.completed_indexes()));
    }
    pod::template(spec.template(), out);
}

fn unset(number: Option<i64>) -> String {
    number.map_or_else(|| "<unset>".into(), |number| number.to_string())
}

fn indexes(text: &str) -> String {
    if text.is_empty() {
        return "<none>".into();
    }
    match text.get(MAX_INDEXES..).and_then(|rest| rest.find(',')) {
        Some(comma) => format!("{}...", &text[..=MAX_INDEXES + comma]),
        None => text.into(),
    }
}

fn cron_job(object: &Value, _: &Related, out: &mut Out) {
    let job = CronJob(object);
    let (spec, status) = (job.spec(), job.status());
    config::head(job.metadata(), out);
    out.field(0, "Schedule", spec.schedule());
    out.field(0, "Concurrency Policy", spec.concurrency_policy());
    out.field(0, "Suspend", title_bool(spec.suspend()));
    out.field(0, "Time Zone", spec.time_zone().unwrap_or("<unset>"));
    out.field(0, "Successful Job History Limit", spec.successful_jobs_history_limit());
    out.field(0, "Failed Job History Limit", spec.failed_jobs_history_limit());
    let deadline = spec.starting_deadline_seconds().map(|seconds| format!("{seconds}s"));
    out.field(0, "Starting Deadline Seconds", deadline.as_deref().unwrap_or("<unset>"));
    job_template(spec.job_template().spec(), out);
    let last = status.last_schedule_time().map(moment);
    out.field(0, "Last Schedule Time", last.as_deref().unwrap_or("<unset>"));
    let active: Vec<_> = status.active().map(|job| job.name()).collect();
    out.field(0, "Active Jobs", if active.is_empty() { "<none>".to_owned() } else { active.join(", ") });
}

fn job_template(spec: JobSpec<'_>, out: &mut Out) {
    let selector = spec.selector();
    let text = match selector.value().is_null() {
        true => Ok("<unset>".to_owned()),
        false => Selector::of(Some(selector)).map(|selector| selector.to_string()),
    };
    out.field(0, "Selector", text.unwrap_or_else(|why| format!("Failed to get selector: {why}")));
    out.field(0, "Parallelism", unset(spec.value().get("parallelism").as_i64()));
    out.field(0, "Completions", unset(spec.completions()));
    if let Some(seconds) = spec.active_deadline_seconds() {
        out.field(0, "Active Deadline Seconds", format_args!("{seconds}s"));
    }
    pod::template(spec.template(), out);
}
