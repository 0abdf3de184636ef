//! Counting pods that have ended exactly once, and ending the job.
// Models pkg/controller/job/job_controller.go trackJobStatusAndRemoveFinalizers

use podyard_api::kinds::{Condition, Job, Pod};
use podyard_api::{Key as Field, Status, Value, value};

use super::{FINALIZER, JOBS, PODS, Sync, failures, is_tracked, set_condition};
use crate::{Context, pods};

/// The condition by which a job is over, if it is.
pub(crate) fn finished(job: &Value) -> Option<Condition<'_>> {
    let ends = |kind: &str| matches!(kind, "Complete" | "Failed");
    Job(job).status().conditions().find(|condition| ends(condition.kind()) && condition.is_true())
}

/// Writes the status, in two steps: first what will be counted, then, when the pods are let go, the counts.
pub(super) fn track(context: &mut Context<'_>, sync: Sync) -> Result<(), Status> {
    let mut job = sync.job.clone();
    let over = sync.verdict.as_ref();
    let leaves = job.meta().deletion_timestamp().is_some();
    let ended = |pod: &&Value| Pod(pod).is_terminal() || failures::has_failed(&job, pod);
    let freed: Vec<Value> =
        sync.pods.iter().filter(|pod| is_tracked(pod) && (ended(pod) || over.is_some() || leaves)).cloned().collect();
    count_active(&mut job, &sync);
    let now = context.now;
    if let Some(verdict) = over {
        let kind = if verdict.succeeded { "SuccessCriteriaMet" } else { "FailureTarget" };
        if pods::condition(&job, kind).is_none() {
            set_condition(&mut job, now, kind, "True", &verdict.reason, &verdict.message);
        }
    }
    let uids = |pods: &[Value]| pods.iter().map(|pod| pod.get("metadata").get("uid").clone()).collect::<Value>();
    let mut uncounted = Value::object();
    let mut failed = sync.new_failed.clone();
    if over.is_some_and(|verdict| !verdict.succeeded) {
        // Pods that were deleted because the job is over have failed.
        let active = sync.pods.iter().filter(|pod| is_tracked(pod) && pods::is_active(pod));
        failed.extend(active.cloned());
    }
    for (field, list) in [("failed", &failed), ("succeeded", &sync.new_succeeded)] {
        if !list.is_empty() {
            uncounted.set(Field::Static(field), uids(list));
        }
    }
    let waits = !uncounted.is_empty();
    job.field_mut("status").set(Field::Static("uncountedTerminatedPods"), uncounted);
    let mut written = read(context, &job);
    if job.get("status") != written.get("status") {
        written = write(context, &job)?;
    }
    for pod in &freed {
        free(context, pod)?;
    }
    if waits {
        count_ended(&mut written, &sync, failed.len() as i64);
    }
    end(context, &sync, &mut written);
    if written.get("status") != read(context, &written).get("status") {
        write(context, &written)?;
    }
    Ok(())
}

fn read(context: &Context<'_>, job: &Value) -> Value {
    context.get(JOBS, job.namespace(), job.name()).unwrap_or_default()
}

fn write(context: &mut Context<'_>, job: &Value) -> Result<Value, Status> {
    context.update_status(JOBS, job.clone())
}

fn count_active(job: &mut Value, sync: &Sync) {
    let status = job.field_mut("status");
    pods::set_count(status, "active", sync.active);
    status.set(Field::Static("ready"), sync.ready);
    status.set(Field::Static("terminating"), sync.terminating);
}

fn count_ended(job: &mut Value, sync: &Sync, failed: i64) {
    let succeeded = sync.succeeded();
    let failed = sync.view().status().failed() + failed;
    let status = job.field_mut("status");
    pods::set_count(status, "succeeded", succeeded);
    pods::set_count(status, "failed", failed);
    if sync.is_indexed() && !sync.succeeded_indexes.is_empty() {
        status.set(Field::Static("completedIndexes"), sync.succeeded_indexes.text());
    }
    if let Some(failed) = &sync.failed_indexes {
        status.set(Field::Static("failedIndexes"), failed.text());
    }
    status.set(Field::Static("uncountedTerminatedPods"), Value::object());
}

/// Ends the job once all its pods have gone or ended.
fn end(context: &mut Context<'_>, sync: &Sync, job: &mut Value) {
    let Some(verdict) = sync.verdict.as_ref().filter(|_| sync.terminating == 0) else { return };
    let kind = if verdict.succeeded { "Complete" } else { "Failed" };
    set_condition(job, context.now, kind, "True", &verdict.reason, &verdict.message);
    if verdict.succeeded {
        job.field_mut("status").set(Field::Static("completionTime"), context.now.rfc3339());
        context.normal(job, "Completed", "Job completed");
    } else {
        context.warning(job, &verdict.reason, &verdict.message);
    }
}

/// Lets a pod go that was counted.
pub(super) fn free(context: &mut Context<'_>, pod: &Value) -> Result<(), Status> {
    let kept: Value = pod.meta().finalizers().filter(|finalizer| *finalizer != FINALIZER).collect();
    let kept = if kept.is_empty() { Value::Null } else { kept };
    let patch = value!({"metadata": {"finalizers": kept}});
    match context.patch_object(PODS, pod, patch) {
        Ok(_) => Ok(()),
        Err(status) if status.is("NotFound") => Ok(()),
        Err(status) => Err(status),
    }
}
