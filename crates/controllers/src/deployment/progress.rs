//! A deployment's status: counts, conditions, and whether it progresses.
// Models pkg/controller/deployment/progress.go and sync.go

use std::time::Duration;

use podyard_api::kinds::{Condition, Deployment, DeploymentStatus, ReplicaSet};
use podyard_api::{Key as Field, Status, Value, value};
use podyard_apiserver::ResourceKey;
use podyard_sim::Time;

use super::{Rollout, sizes};
use crate::{Context, Outcome, pods};

/// Whether a status is that of a rollout that goes on, or one that is paused, scaled or deleted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    Rollout,
}

/// A deployment without a deadline has this one.
const NO_DEADLINE: i64 = 2_147_483_647;

/// The seconds in which a rollout must progress.
pub(super) fn deadline(deployment: &Value) -> Option<i64> {
    Some(Deployment(deployment).spec().progress_deadline_seconds()).filter(|seconds| *seconds != NO_DEADLINE)
}

/// Writes the status if it has changed, and says when to look again.
pub(super) fn write_status(context: &mut Context<'_>, rollout: &Rollout, kind: Kind) -> Result<Outcome, Status> {
    let mut changed = rollout.deployment.clone();
    changed.set(Field::Static("status"), counts(context.now, rollout));
    if kind == Kind::Rollout {
        set_progress(context.now, rollout, &mut changed);
    }
    if changed.get("status") == rollout.deployment.get("status") {
        return Ok(if kind == Kind::Rollout { again(context.now, &rollout.deployment) } else { Outcome::Done });
    }
    context.update_status(ResourceKey::DEPLOYMENTS, changed)?;
    Ok(Outcome::Done)
}

fn counts(now: Time, rollout: &Rollout) -> Value {
    let view = rollout.view();
    let available = sizes::sum(rollout.all(), sizes::available);
    let ready = sizes::sum(rollout.all(), |set| ReplicaSet(set).status().ready_replicas());
    let terminating =
        sizes::sum(rollout.all(), |set| ReplicaSet(set).status().terminating_replicas().unwrap_or_default());
    let mut status = rollout.deployment.get("status").clone();
    status.set(Field::Static("observedGeneration"), view.metadata().generation());
    for (field, count) in [
        ("replicas", sizes::sum(rollout.all(), sizes::actual)),
        ("updatedReplicas", sizes::sum(&rollout.new, sizes::actual)),
        ("readyReplicas", ready),
        ("availableReplicas", available),
        ("unavailableReplicas", (sizes::sum(rollout.all(), sizes::of) - available).max(0)),
    ] {
        pods::set_count(&mut status, field, count);
    }
    status.set(Field::Static("terminatingReplicas"), terminating);
    let mut deployment = value!({"status": status});
    let least = view.spec().replicas() - sizes::max_unavailable(view);
    let (is, reason, message) = match available >= least {
        true => ("True", "MinimumReplicasAvailable", "Deployment has minimum availability."),
        false => ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."),
    };
    set_condition(&mut deployment, now, "Available", is, reason, message);
    deployment.get("status").clone()
}

/// Sets a condition unless it already has this status and reason; a changed one goes to the end.
// Models pkg/controller/deployment/util/deployment_util.go SetDeploymentCondition
pub(super) fn set_condition(deployment: &mut Value, now: Time, kind: &str, is: &str, reason: &str, message: &str) {
    let old = pods::condition(deployment, kind);
    if old.is_some_and(|old| old.status() == is && old.reason() == reason) {
        return;
    }
    let moment = now.rfc3339();
    let since = old.filter(|old| old.status() == is).map_or(moment.as_str(), Condition::last_transition_time);
    let new = value!({
        "type": kind,
        "status": is,
        "reason": reason,
        "message": message,
        "lastUpdateTime": moment.as_str(),
        "lastTransitionTime": since,
    });
    let others = deployment.get("status").get("conditions").items().iter().filter(|item| *item.get("type") != kind);
    let conditions: Value = others.cloned().chain([new]).collect();
    deployment.field_mut("status").set(Field::Static("conditions"), conditions);
}

fn set_progress(now: Time, rollout: &Rollout, changed: &mut Value) {
    if deadline(&rollout.deployment).is_none() {
        pods::remove_condition(changed.field_mut("status"), "Progressing");
    } else {
        judge(now, rollout, changed);
    }
    let failure = rollout.new.iter().chain(&rollout.old).find_map(|set| pods::condition(set, "ReplicaFailure"));
    match failure {
        Some(failure) => {
            let (status, reason, message) = (failure.status(), failure.reason(), failure.message());
            set_condition(changed, now, "ReplicaFailure", status, reason, message);
        }
        None => pods::remove_condition(changed.field_mut("status"), "ReplicaFailure"),
    }
}

/// Notes whether the rollout is complete, progresses, or has not for too long.
fn judge(now: Time, rollout: &Rollout, changed: &mut Value) {
    let status = changed.get("status").clone();
    let current = pods::condition(&rollout.deployment, "Progressing");
    let view = DeploymentStatus(&status);
    let was_complete = view.replicas() == view.updated_replicas()
        && current.is_some_and(|current| current.reason() == "NewReplicaSetAvailable");
    if was_complete {
        return;
    }
    let what = match &rollout.new {
        Some(set) => format!("ReplicaSet \"{}\"", set.name()),
        None => format!("Deployment \"{}\"", rollout.deployment.name()),
    };
    if is_complete(&rollout.deployment, &status) {
        let message = format!("{what} has successfully progressed.");
        set_condition(changed, now, "Progressing", "True", "NewReplicaSetAvailable", &message);
    } else if progresses(rollout.view().status(), view) {
        let message = format!("{what} is progressing.");
        // Every progress counts anew for the deadline.
        let since =
            current.filter(|current| current.is_true()).map(|current| current.last_transition_time().to_owned());
        pods::remove_condition(changed.field_mut("status"), "Progressing");
        set_condition(changed, now, "Progressing", "True", "ReplicaSetUpdated", &message);
        if let Some(since) = since
            && let Some(last) = changed.field_mut("status").field_mut("conditions").items_mut().last_mut()
        {
            last.set(Field::Static("lastTransitionTime"), since);
        }
    } else if has_timed_out(now, &rollout.deployment) {
        let message = format!("{what} has timed out progressing.");
        set_condition(changed, now, "Progressing", "False", "ProgressDeadlineExceeded", &message);
    }
}

/// Whether all pods are of the present template and available.
pub(super) fn is_complete(deployment: &Value, status: &Value) -> bool {
    let (wanted, status) = (Deployment(deployment).spec().replicas(), DeploymentStatus(status));
    status.updated_replicas() == wanted
        && status.replicas() == wanted
        && status.available_replicas() == wanted
        && status.observed_generation() >= deployment.meta().generation()
}

fn progresses(old: DeploymentStatus<'_>, new: DeploymentStatus<'_>) -> bool {
    new.updated_replicas() > old.updated_replicas()
        || new.replicas() - new.updated_replicas() < old.replicas() - old.updated_replicas()
        || new.ready_replicas() > old.ready_replicas()
        || new.available_replicas() > old.available_replicas()
}

/// When the rollout must have progressed again.
fn due(deployment: &Value) -> Option<Time> {
    let condition = pods::condition(deployment, "Progressing")?;
    Some(pods::time(condition.last_update_time())? + pods::seconds(deadline(deployment)?))
}

fn has_timed_out(now: Time, deployment: &Value) -> bool {
    match pods::condition(deployment, "Progressing").map(|condition| condition.reason().to_owned()).as_deref() {
        None | Some("NewReplicaSetAvailable") => false,
        Some("ProgressDeadlineExceeded") => true,
        Some(_) => due(deployment).is_some_and(|due| due < now),
    }
}

/// A rollout that does not progress is looked at when its deadline has passed.
fn again(now: Time, deployment: &Value) -> Outcome {
    let condition = pods::condition(deployment, "Progressing");
    let is_over = condition.is_none_or(|condition| condition.reason() == "ProgressDeadlineExceeded")
        || is_complete(deployment, deployment.get("status"));
    match due(deployment).filter(|_| !is_over) {
        Some(due) => Outcome::After(due.since(now) + Duration::from_secs(1)),
        None => Outcome::Done,
    }
}

/// A paused deployment does not count against its deadline: the condition says so.
// Models pkg/controller/deployment/sync.go checkPausedConditions
pub(super) fn note_pause(context: &mut Context<'_>, deployment: Value) -> Result<Value, Status> {
    if deadline(&deployment).is_none() {
        return Ok(deployment);
    }
    let reason = pods::condition(&deployment, "Progressing").map(Condition::reason).unwrap_or_default();
    let (paused, noted) = (Deployment(&deployment).spec().paused(), reason == "DeploymentPaused");
    if reason == "ProgressDeadlineExceeded" || paused == noted {
        return Ok(deployment);
    }
    let (reason, message) = match paused {
        true => ("DeploymentPaused", "Deployment is paused"),
        false => ("DeploymentResumed", "Deployment is resumed"),
    };
    let mut changed = deployment;
    set_condition(&mut changed, context.now, "Progressing", "Unknown", reason, message);
    context.update_status(ResourceKey::DEPLOYMENTS, changed)
}
