//! Runs a job's pods to their end, as many and as often as it wants.
// Models pkg/controller/job/job_controller.go

mod failures;
mod indexes;
mod manage;
mod tracking;

use std::time::Duration;

use podyard_api::kinds::{Job, Pod};
use podyard_api::{Key as Field, Status, Value, value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};
use podyard_sim::Time;

use crate::{Context, Controller, Key, Keys, Outcome, pods};

pub(crate) use failures::Backoff;
pub(crate) use tracking::finished;

pub(crate) const CONTROLLER: Controller =
    Controller { name: "job-controller", account: "job-controller", component: "job-controller", route, reconcile };

const JOBS: ResourceKey = ResourceKey::JOBS;
const PODS: ResourceKey = ResourceKey::PODS;
/// Keeps a pod until it was counted.
const FINALIZER: &str = "batch.kubernetes.io/job-tracking";

fn route(api: &ApiServer, change: &Change, keys: &mut Keys) {
    match change.resource {
        JOBS => {
            keys.push(Key::new(change.namespace.clone(), change.name.clone()));
            if let (Some(old), None) = (&change.old, &change.new) {
                for pod in api.owned(old.uid(), PODS) {
                    keys.push(Key::of(PODS, pod.namespace_text(), pod.name_text()));
                }
            }
        }
        PODS => {
            let pod = change.new.as_ref().or(change.old.as_ref());
            let Some(pod) = pod else { return };
            let name = pods::controller_of(pod.meta(), "batch/v1", "Job");
            let job = name.and_then(|name| api.get(JOBS, &change.namespace, name));
            let job = job.filter(|job| pod.meta().controller().is_some_and(|owner| owner.uid() == job.uid()));
            match job {
                Some(job) => {
                    let size = Job(job).spec().parallelism();
                    keys.gather(Key::new(change.namespace.clone(), job.name_text()), size);
                }
                None if is_tracked(pod) => keys.push(Key::of(PODS, change.namespace.clone(), change.name.clone())),
                None => {}
            }
        }
        _ => {}
    }
}

fn is_tracked(pod: &Value) -> bool {
    pod.meta().finalizers().any(|finalizer| finalizer == FINALIZER)
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    if key.resource == Some(PODS) {
        return free_orphan(context, key);
    }
    let Some(job) = context.get(JOBS, &key.namespace, &key.name) else {
        context.memory.backoffs.remove(&(key.namespace.clone(), key.name.clone()));
        return Outcome::Done;
    };
    if finished(&job).is_some() || Job(&job).spec().managed_by().is_some_and(|by| by != "kubernetes.io/job-controller")
    {
        return Outcome::Done;
    }
    pods::outcome(sync(context, job))
}

/// A pod whose job has gone needs not be counted.
fn free_orphan(context: &mut Context<'_>, key: &Key) -> Outcome {
    let Some(pod) = context.get(PODS, &key.namespace, &key.name).filter(is_tracked) else { return Outcome::Done };
    let owner = pods::controller_of(pod.meta(), "batch/v1", "Job");
    let job = owner.and_then(|name| context.api.get(JOBS, &key.namespace, name));
    let uid = pod.meta().controller().map(|owner| owner.uid().to_owned()).unwrap_or_default();
    if job.is_some_and(|job| job.uid() == uid) {
        return Outcome::Done;
    }
    match tracking::free(context, &pod) {
        Ok(()) => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}

/// What is known of a job while it is looked at.
struct Sync {
    job: Value,
    pods: Vec<Value>,
    /// Pods that ended and are not counted yet.
    new_succeeded: Vec<Value>,
    new_failed: Vec<Value>,
    /// The completion indexes that have succeeded, and those that have failed for good.
    succeeded_indexes: indexes::Set,
    failed_indexes: Option<indexes::Set>,
    active: i64,
    ready: i64,
    terminating: i64,
    /// Why the job is over.
    verdict: Option<Verdict>,
}

/// Type, reason and message of the condition that comes first when a job is over.
#[derive(Clone, Debug)]
struct Verdict {
    succeeded: bool,
    reason: String,
    message: String,
}

impl Sync {
    fn view(&self) -> Job<'_> {
        Job(&self.job)
    }

    fn is_indexed(&self) -> bool {
        self.view().spec().completion_mode() == "Indexed"
    }

    fn succeeded(&self) -> i64 {
        if self.is_indexed() {
            return self.succeeded_indexes.len();
        }
        self.view().status().succeeded() + self.new_succeeded.len() as i64
    }

    fn failed(&self) -> i64 {
        self.view().status().failed() + self.new_failed.len() as i64
    }
}

fn sync(context: &mut Context<'_>, job: Value) -> Result<Outcome, Status> {
    let selector = pods::selector(&job);
    let pods = pods::claim(context, PODS, &job, &selector, |pod| !Pod(pod).is_terminating())?;
    let mut sync = look(job, pods);
    let suspended = sync.view().spec().suspend();
    if !suspended && sync.view().status().start_time().is_none() {
        sync.job.field_mut("status").set(Field::Static("startTime"), context.now.rfc3339());
    }
    note_failures(context, &sync);
    sync.verdict = verdict(context.now, &sync);
    let mut again = deadline(context.now, &sync);
    let mut managed = Ok(None);
    if sync.verdict.is_some() {
        manage::delete_active(context, &mut sync, manage::Counted::Yes)?;
    } else if sync.job.meta().deletion_timestamp().is_none() {
        managed = manage::manage(context, &mut sync);
        if let Ok(Some(wait)) = managed {
            again = Some(again.map_or(wait, |other| other.min(wait)));
        }
        if is_complete(&sync) {
            sync.verdict = Some(Verdict {
                succeeded: true,
                reason: "CompletionsReached".into(),
                message: "Reached expected number of succeeded pods".into(),
            });
        }
        note_suspension(context, &mut sync, suspended);
    }
    tracking::track(context, sync)?;
    managed?;
    Ok(again.map_or(Outcome::Done, Outcome::After))
}

fn look(job: Value, pods: Vec<Value>) -> Sync {
    let active: Vec<&Value> = pods.iter().filter(|pod| pods::is_active(pod)).collect();
    let (count, ready) = (active.len() as i64, active.iter().filter(|pod| Pod(pod).is_ready()).count() as i64);
    let terminating = pods.iter().filter(|pod| Pod(pod).is_terminating() && !Pod(pod).is_terminal()).count() as i64;
    let uncounted = |pod: &&Value| {
        let status = Job(&job).status();
        let lists = status.uncounted_terminated_pods();
        is_tracked(pod) && !lists.succeeded().chain(lists.failed()).any(|uid| uid == pod.uid())
    };
    let succeeded = |pod: &&Value| Pod(pod).status().phase() == "Succeeded";
    let new_succeeded: Vec<Value> = pods.iter().filter(uncounted).filter(succeeded).cloned().collect();
    let has_failed = |pod: &&Value| failures::has_failed(&job, pod);
    let new_failed: Vec<Value> =
        pods.iter().filter(uncounted).filter(has_failed).filter(|pod| failures::counts(&job, pod)).cloned().collect();
    let succeeded_indexes = indexes::succeeded(&job, &pods);
    let failed_indexes = indexes::failed(&job, &pods);
    Sync {
        job,
        new_succeeded,
        new_failed,
        succeeded_indexes,
        failed_indexes,
        active: count,
        ready,
        terminating,
        verdict: None,
        pods,
    }
}

/// Remembers when pods failed, for the delay before the next ones.
fn note_failures(context: &mut Context<'_>, sync: &Sync) {
    if sync.new_failed.is_empty() && sync.new_succeeded.is_empty() {
        return;
    }
    let key = (sync.job.namespace_text(), sync.job.name_text());
    let record = context.memory.backoffs.entry(key).or_default();
    record.note(&sync.new_succeeded, &sync.new_failed, context.now);
}

/// Whether and why the job is over.
fn verdict(now: Time, sync: &Sync) -> Option<Verdict> {
    let fails = |reason: &str, message: String| Some(Verdict { succeeded: false, reason: reason.into(), message });
    for (kind, succeeded) in [("FailureTarget", false), ("SuccessCriteriaMet", true)] {
        if let Some(condition) = pods::condition(&sync.job, kind).filter(|condition| condition.is_true()) {
            let (reason, message) = (condition.reason().into(), condition.message().into());
            return Some(Verdict { succeeded, reason, message });
        }
    }
    if let Some(message) = failures::policy_says(&sync.job, &sync.pods) {
        return fails("PodFailurePolicy", message);
    }
    if let Some(reason) = indexes::success_policy(&sync.job, &sync.succeeded_indexes) {
        return Some(Verdict { succeeded: true, reason: "SuccessPolicy".into(), message: reason });
    }
    let spec = sync.view().spec();
    if sync.failed() > spec.backoff_limit() || failures::restarts_exceed(&sync.job, &sync.pods) {
        return fails("BackoffLimitExceeded", "Job has reached the specified backoff limit".into());
    }
    if let Some(over) = until_deadline(now, sync)
        && over.is_zero()
    {
        return fails("DeadlineExceeded", "Job was active longer than specified deadline".into());
    }
    let failed = sync.failed_indexes.as_ref()?;
    if spec.max_failed_indexes().is_some_and(|most| failed.len() > most) {
        return fails(
            "MaxFailedIndexesExceeded",
            "Job has exceeded the specified maximal number of failed indexes".into(),
        );
    }
    let all = spec.completions().unwrap_or_default();
    if !failed.is_empty() && failed.len() + sync.succeeded_indexes.len() >= all {
        return fails("FailedIndexes", "Job has failed indexes".into());
    }
    None
}

/// How long the job may still be active; nothing if it may be for ever.
fn until_deadline(now: Time, sync: &Sync) -> Option<Duration> {
    let spec = sync.view().spec();
    let limit = spec.active_deadline_seconds().filter(|_| !spec.suspend())?;
    let start = sync.view().status().start_time().and_then(pods::time)?;
    Some((start + pods::seconds(limit)).since(now))
}

fn deadline(now: Time, sync: &Sync) -> Option<Duration> {
    until_deadline(now, sync).filter(|left| !left.is_zero())
}

fn is_complete(sync: &Sync) -> bool {
    match sync.view().spec().completions() {
        None => sync.succeeded() > 0 && sync.active == 0,
        Some(wanted) => sync.succeeded() >= wanted && sync.active == 0,
    }
}

fn note_suspension(context: &mut Context<'_>, sync: &mut Sync, suspended: bool) {
    let was = pods::condition(&sync.job, "Suspended").map(|condition| condition.is_true());
    if suspended && was != Some(true) {
        set_condition(&mut sync.job, context.now, "Suspended", "True", "JobSuspended", "Job suspended");
        context.normal(&sync.job, "Suspended", "Job suspended");
        sync.job.field_mut("status").remove("startTime");
    } else if !suspended && was == Some(true) {
        set_condition(&mut sync.job, context.now, "Suspended", "False", "JobResumed", "Job resumed");
        context.normal(&sync.job, "Resumed", "Job resumed");
        sync.job.field_mut("status").set(Field::Static("startTime"), context.now.rfc3339());
    }
}

/// Sets a condition of a job.
fn set_condition(job: &mut Value, now: Time, kind: &str, is: &str, reason: &str, message: &str) {
    let moment = now.rfc3339();
    let new = value!({
        "type": kind,
        "status": is,
        "reason": reason,
        "message": message,
        "lastProbeTime": moment.as_str(),
        "lastTransitionTime": moment.as_str(),
    });
    let conditions = job.field_mut("status").field_mut("conditions");
    match conditions.items().iter().position(|item| *item.get("type") == kind) {
        Some(index) => conditions.items_mut()[index] = new,
        None => conditions.push(new),
    }
}
