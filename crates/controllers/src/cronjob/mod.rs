//! Starts a cron job's jobs on time and keeps a few that have ended.
// Models pkg/controller/cronjob/cronjob_controllerv2.go

mod schedule;

use std::time::Duration;

use ecow::{EcoString, eco_format};
use podyard_api::kinds::{CronJob, Job, reference};
use podyard_api::{Key as Field, Status, Value, gostr, value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};
use podyard_sim::Time;

use crate::{Context, Controller, Key, Keys, Outcome, job, pods};
use schedule::Schedule;

pub(crate) const CONTROLLER: Controller = Controller {
    name: "cronjob-controller",
    account: "cronjob-controller",
    component: "cronjob-controller",
    route,
    reconcile,
};

const JOBS: ResourceKey = ResourceKey::JOBS;
const CRON_JOBS: ResourceKey = ResourceKey::CRON_JOBS;
/// A job starts a little after its moment.
const DELTA: Duration = Duration::from_millis(100);

fn route(_: &ApiServer, change: &Change, keys: &mut Keys) {
    match change.resource {
        CRON_JOBS => keys.push(Key::new(change.namespace.clone(), change.name.clone())),
        JOBS => {
            let job = change.new.as_ref().or(change.old.as_ref());
            if let Some(name) = job.and_then(|job| pods::controller_of(job.meta(), "batch/v1", "CronJob")) {
                keys.push(Key::new(change.namespace.clone(), name));
            }
        }
        _ => {}
    }
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let Some(cron) = context.get(CRON_JOBS, &key.namespace, &key.name) else { return Outcome::Done };
    let mut work = cron.clone();
    let result = sync(context, &mut work);
    let cleaned = clean_up(context, &cron);
    let written = if work.get("status") == cron.get("status") {
        Ok(())
    } else {
        context.update_status(CRON_JOBS, work).map(|_| ())
    };
    match (result, cleaned.and(written)) {
        (Ok(outcome), Ok(())) => outcome,
        (Err(status), _) if pods::is_terminating_namespace(&status) => Outcome::Done,
        _ => Outcome::Retry,
    }
}

fn owned(context: &Context<'_>, cron: &Value) -> Vec<Value> {
    context.api.owned(cron.uid(), JOBS).cloned().collect()
}

fn active(cron: &Value) -> &[Value] {
    cron.get("status").get("active").items()
}

fn set_active(cron: &mut Value, active: Vec<Value>) {
    let status = cron.field_mut("status");
    if active.is_empty() {
        status.remove("active");
    } else {
        status.set(Field::Static("active"), active);
    }
}

fn sync(context: &mut Context<'_>, cron: &mut Value) -> Result<Outcome, Status> {
    note_ended(context, cron);
    let spec = CronJob(cron).spec();
    if cron.meta().deletion_timestamp().is_some() || spec.suspend() {
        return Ok(Outcome::Done);
    }
    if let Some(zone) = spec.time_zone().filter(|zone| !matches!(*zone, "UTC" | "Etc/UTC" | "Etc/GMT" | "GMT")) {
        let message = format!("invalid timeZone: {} - only UTC is simulated", gostr::quote(zone));
        context.warning(cron, "UnknownTimeZone", &message);
        return Ok(Outcome::Done);
    }
    let Some(schedule) = Schedule::parse(spec.schedule()) else {
        let message = format!("unparseable schedule: {}", gostr::quote(spec.schedule()));
        context.warning(cron, "UnparseableSchedule", &message);
        return Ok(Outcome::Done);
    };
    let again = match schedule.next(context.now) {
        Some(next) => Outcome::After(next.since(context.now) + DELTA),
        None => Outcome::Done,
    };
    let Some(due) = due(cron, &schedule, context.now) else { return Ok(again) };
    let late = spec.starting_deadline_seconds().is_some_and(|limit| due + pods::seconds(limit) < context.now);
    if late {
        let message = format!("Missed scheduled time to start a job: {}", due.rfc1123());
        context.warning(cron, "MissSchedule", &message);
        return Ok(again);
    }
    let name = job_name(cron, due);
    if active(cron).iter().any(|job| job.get("name").str() == name) {
        return Ok(again);
    }
    if spec.concurrency_policy() == "Forbid" && !active(cron).is_empty() {
        let message = "Not starting job because prior execution is running and concurrency policy is Forbid";
        context.normal(cron, "JobAlreadyActive", message);
        return Ok(again);
    }
    if spec.concurrency_policy() == "Replace" {
        replace(context, cron)?;
    }
    start(context, cron, &name, due)?;
    Ok(again)
}

/// Takes jobs that have ended, or gone, from the list of active ones.
fn note_ended(context: &mut Context<'_>, cron: &mut Value) {
    let before = active(cron).to_vec();
    let mut kept = before.clone();
    for job in owned(context, cron) {
        let listed = before.iter().any(|reference| *reference.get("uid") == job.uid());
        match (listed, job::finished(&job)) {
            (true, Some(condition)) => {
                kept.retain(|reference| *reference.get("uid") != job.uid());
                let kind = condition.kind();
                let message = format!("Saw completed job: {}, condition: {kind}", job.name());
                context.normal(cron, "SawCompletedJob", &message);
                if let Some(at) = Job(&job).status().completion_time().filter(|_| kind == "Complete") {
                    cron.field_mut("status").set(Field::Static("lastSuccessfulTime"), at);
                }
            }
            (false, None) => {
                let name = job.name();
                let message = format!("Saw a job that the controller did not create or forgot: {name}");
                context.warning(cron, "UnexpectedJob", &message);
            }
            _ => {}
        }
    }
    kept.retain(|reference| {
        let name = reference.get("name").str();
        let is_there = context.api.get(JOBS, cron.namespace(), name).is_some();
        if !is_there {
            context.normal(cron, "MissingJob", &format!("Active job went missing: {name}"));
        }
        is_there
    });
    if kept != before {
        set_active(cron, kept);
    }
}

/// The latest time at which a job should have started and did not.
fn due(cron: &Value, schedule: &Schedule, now: Time) -> Option<Time> {
    let view = CronJob(cron);
    let created = pods::time(view.metadata().creation_timestamp());
    let last = view.status().last_schedule_time().and_then(pods::time);
    let mut from = last.or(created)?;
    if let Some(limit) = view.spec().starting_deadline_seconds() {
        from = from.max(now - pods::seconds(limit));
    }
    let mut latest = None;
    for _ in 0..100_000 {
        match schedule.next(from).filter(|next| *next <= now) {
            Some(next) => (latest, from) = (Some(next), next),
            None => break,
        }
    }
    latest
}

fn job_name(cron: &Value, due: Time) -> EcoString {
    eco_format!("{}-{}", cron.name(), due.as_secs() / 60)
}

fn replace(context: &mut Context<'_>, cron: &mut Value) -> Result<(), Status> {
    for reference in active(cron).to_vec() {
        let name = reference.get("name").str();
        if let Some(job) = context.get(JOBS, cron.namespace(), name) {
            delete(context, cron, &job)?;
        }
    }
    set_active(cron, Vec::new());
    Ok(())
}

fn delete(context: &mut Context<'_>, cron: &Value, job: &Value) -> Result<(), Status> {
    let options = value!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"});
    match context.delete_object(JOBS, job, options) {
        Ok(_) => {
            context.normal(cron, "SuccessfulDelete", &format!("Deleted job {}", job.name()));
            Ok(())
        }
        Err(status) if status.is("NotFound") => Ok(()),
        Err(status) => {
            context.warning(cron, "FailedDelete", &format!("Deleted job: {}", status.message));
            Err(status)
        }
    }
}

fn start(context: &mut Context<'_>, cron: &mut Value, name: &str, due: Time) -> Result<(), Status> {
    let template = cron.get("spec").get("jobTemplate");
    let mut metadata = value!({
        "name": name,
        "namespace": cron.namespace_text(),
        "ownerReferences": [reference::to_controller(cron)],
    });
    let labels = template.get("metadata").get("labels");
    if !labels.is_empty() {
        metadata.set(Field::Static("labels"), labels);
    }
    let mut annotations = template.get("metadata").get("annotations").clone();
    annotations.set("batch.kubernetes.io/cronjob-scheduled-timestamp", due.rfc3339());
    metadata.set(Field::Static("annotations"), annotations);
    let job = value!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata,
        "spec": (template.get("spec").clone()),
    });
    let job = match context.create_object(JOBS, job) {
        Ok(job) => job,
        Err(status) if status.is("AlreadyExists") => return Ok(()),
        Err(status) => {
            if !pods::is_terminating_namespace(&status) {
                context.warning(cron, "FailedCreate", &format!("Error creating job: {}", status.message));
            }
            return Err(status);
        }
    };
    context.normal(cron, "SuccessfulCreate", &format!("Created job {}", job.name()));
    let mut listed = active(cron).to_vec();
    listed.push(reference::to_object(&job, ""));
    set_active(cron, listed);
    cron.field_mut("status").set(Field::Static("lastScheduleTime"), due.rfc3339());
    Ok(())
}

/// Deletes ended jobs beyond the limits, the oldest first.
fn clean_up(context: &mut Context<'_>, cron: &Value) -> Result<(), Status> {
    let spec = CronJob(cron).spec();
    let jobs = owned(context, cron);
    for (kind, limit) in
        [("Complete", spec.successful_jobs_history_limit()), ("Failed", spec.failed_jobs_history_limit())]
    {
        let ended = |job: &&Value| job::finished(job).is_some_and(|condition| condition.kind() == kind);
        let mut ended: Vec<&Value> = jobs.iter().filter(ended).collect();
        ended.sort_by(|a, b| {
            let start = |job: &Value| job.get("status").get("startTime").text();
            start(a).cmp(&start(b)).then_with(|| a.name().cmp(b.name()))
        });
        let surplus = ended.len().saturating_sub(usize::try_from(limit).unwrap_or_default());
        for job in ended.into_iter().take(surplus) {
            delete(context, cron, job)?;
        }
    }
    Ok(())
}
