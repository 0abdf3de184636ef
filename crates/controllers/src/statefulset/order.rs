//! In which order pods come, go and are replaced.
// Models pkg/controller/statefulset/stateful_set_control.go

use podyard_api::kinds::Pod;
use podyard_api::{Status, Value, intstr};

use super::{Stateful, identity};
use crate::{Context, pods};

pub(super) fn is_running_and_ready(pod: &Value) -> bool {
    Pod(pod).status().phase() == "Running" && Pod(pod).is_ready()
}

fn is_healthy(pod: &Value) -> bool {
    is_running_and_ready(pod) && !Pod(pod).is_terminating()
}

/// Makes, deletes and replaces pods as far as the order lets it now.
pub(super) fn bring(context: &mut Context<'_>, stateful: &Stateful<'_>, claimed: Vec<Value>) -> Result<(), Status> {
    if stateful.set.meta().deletion_timestamp().is_some() {
        return Ok(());
    }
    let spec = stateful.view().spec();
    let (start, count) = (stateful.start(), spec.replicas());
    let one_by_one = spec.pod_management_policy() != "Parallel";
    let range = start..start + count;
    let mut replicas: Vec<Option<Value>> = range.clone().map(|_| None).collect();
    let mut condemned = Vec::new();
    for pod in claimed {
        let Some(ordinal) = identity::ordinal(&pod) else { continue };
        match usize::try_from(ordinal - start).ok().and_then(|index| replicas.get_mut(index)) {
            Some(place) => *place = Some(pod),
            None => condemned.push(pod),
        }
    }
    condemned.sort_by_key(|pod| std::cmp::Reverse(identity::ordinal(pod)));
    let unhealthy = replicas.iter().flatten().chain(condemned.iter().rev()).find(|pod| !is_healthy(pod));
    let unhealthy = unhealthy.map(|pod| pod.uid().to_owned());
    for (ordinal, place) in range.zip(&replicas) {
        if settle_one(context, stateful, ordinal, place.as_ref(), one_by_one)? && one_by_one {
            return Ok(());
        }
    }
    for pod in &condemned {
        identity::own_claims(context, stateful.set, pod, true)?;
        if Pod(pod).is_terminating() {
            if one_by_one {
                return Ok(());
            }
            continue;
        }
        let waits = !is_running_and_ready(pod) && unhealthy.as_deref() != Some(pod.uid());
        if one_by_one && waits {
            return Ok(());
        }
        identity::delete(context, stateful.set, pod)?;
        if one_by_one {
            return Ok(());
        }
    }
    if spec.update_strategy().kind() == "OnDelete" {
        return Ok(());
    }
    let replicas: Vec<Value> = replicas.into_iter().flatten().collect();
    roll(context, stateful, &replicas)
}

/// Sees to one pod; `true` if those behind it must wait.
fn settle_one(
    context: &mut Context<'_>,
    stateful: &Stateful<'_>,
    ordinal: i64,
    present: Option<&Value>,
    one_by_one: bool,
) -> Result<bool, Status> {
    let set = stateful.set;
    let Some(pod) = present else {
        identity::create(context, set, identity::pod(stateful, ordinal))?;
        return Ok(true);
    };
    if identity::has_ended(pod) {
        if !Pod(pod).is_terminating() {
            let (reason, kind) = match Pod(pod).status().phase() {
                "Failed" => ("RecreatingFailedPod", "failed"),
                _ => ("RecreatingTerminatedPod", "terminated"),
            };
            let (namespace, name) = (set.namespace(), set.name());
            let message = format!("StatefulSet {namespace}/{name} is recreating {kind} Pod {}", pod.name());
            match kind {
                "failed" => context.warning(set, reason, &message),
                _ => context.normal(set, reason, &message),
            }
            identity::delete(context, set, pod)?;
        }
        return Ok(true);
    }
    if Pod(pod).status().phase() == "Pending" {
        identity::claims(context, set, pod)?;
    }
    let min_ready = stateful.view().spec().min_ready_seconds();
    let is_available = is_running_and_ready(pod) && pods::is_available(pod, min_ready, context.now);
    if one_by_one && (Pod(pod).is_terminating() || !is_available) {
        return Ok(true);
    }
    identity::own_claims(context, set, pod, false)?;
    Ok(false)
}

/// Replaces pods of the old revision, the highest number first, down to the partition.
fn roll(context: &mut Context<'_>, stateful: &Stateful<'_>, replicas: &[Value]) -> Result<(), Status> {
    let rolling = stateful.view().spec().update_strategy().rolling_update();
    let partition = rolling.partition();
    let lowest = stateful.start() + partition;
    let updatable = replicas.iter().rev().filter(|pod| identity::ordinal(pod).is_some_and(|number| number >= lowest));
    let most = match rolling.max_unavailable() {
        Value::Null => 1,
        most => intstr::scaled(most, stateful.view().spec().replicas(), true).unwrap_or(1).max(1),
    };
    let mut unavailable = 0;
    for pod in updatable {
        if unavailable >= most {
            break;
        }
        if !stateful.is_updated(pod) && !Pod(pod).is_terminating() {
            identity::delete(context, stateful.set, pod)?;
            unavailable += 1;
        } else if !is_healthy(pod) {
            unavailable += 1;
        }
    }
    Ok(())
}
