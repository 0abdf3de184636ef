//! Scaling a deployment, and the sets of one that is paused or between two templates, in proportion.
// Models pkg/controller/deployment/sync.go

use podyard_api::kinds::Deployment;
use podyard_api::{Key as Field, Status, Value};

use super::{Rollout, SETS, annotations, sizes};
use crate::Context;

/// The text of the event.
pub(super) fn message(way: &str, set: &str, from: i64, to: i64) -> String {
    format!("Scaled {way} replica set {set} from {from} to {to}")
}

/// Gives a set another size and tells of it; `true` if it had another.
pub(super) fn resize(
    context: &mut Context<'_>,
    deployment: &Value,
    set: &mut Value,
    size: i64,
) -> Result<bool, Status> {
    let before = sizes::of(set);
    let mut changed = set.clone();
    let noted = annotations::note_sizes(&mut changed, Deployment(deployment));
    if before == size && !noted {
        return Ok(false);
    }
    changed.field_mut("spec").set(Field::Static("replicas"), size);
    *set = context.update_object(SETS, changed)?;
    if before == size {
        return Ok(false);
    }
    let way = if before < size { "up" } else { "down" };
    let message = message(way, set.name(), before, size);
    context.normal(deployment, "ScalingReplicaSet", &message);
    Ok(true)
}

/// Whether the deployment's size was changed since its sets were last scaled.
pub(super) fn is_scaled(rollout: &Rollout) -> bool {
    let wanted = rollout.view().spec().replicas();
    let mut active = rollout.all().filter(|set| sizes::of(set) > 0);
    active.any(|set| annotations::desired(set).is_some_and(|desired| desired != wanted))
}

/// Brings the sets to the deployment's size without going on with a rollout.
pub(super) fn scale(context: &mut Context<'_>, rollout: &mut Rollout) -> Result<(), Status> {
    let deployment = rollout.deployment.clone();
    let wanted = rollout.view().spec().replicas();
    if let Some(set) = active_or_latest(rollout) {
        if sizes::of(set) != wanted {
            resize(context, &deployment, set, wanted)?;
        }
        return Ok(());
    }
    if is_saturated(rollout) {
        for set in rollout.old.iter_mut().filter(|set| sizes::of(set) > 0) {
            resize(context, &deployment, set, 0)?;
        }
        return Ok(());
    }
    if sizes::is_rolling(Deployment(&deployment)) {
        scale_in_proportion(context, rollout, &deployment)?;
    }
    Ok(())
}

/// The only set with pods, or the latest if none has any; nothing if several have.
fn active_or_latest(rollout: &mut Rollout) -> Option<&mut Value> {
    let active = |set: &Value| sizes::of(set) > 0;
    match rollout.all().filter(|set| active(set)).count() {
        // The sets are in order of age: without a new one the youngest is the latest.
        0 => rollout.new.as_mut().or(rollout.old.last_mut()),
        1 => rollout.old.iter_mut().chain(&mut rollout.new).find(|set| active(set)),
        _ => None,
    }
}

/// Whether the new set has all the pods that are wanted, available.
fn is_saturated(rollout: &Rollout) -> bool {
    let wanted = rollout.view().spec().replicas();
    rollout.new.as_ref().is_some_and(|set| {
        sizes::of(set) == wanted && annotations::desired(set) == Some(wanted) && sizes::available(set) == wanted
    })
}

fn scale_in_proportion(context: &mut Context<'_>, rollout: &mut Rollout, deployment: &Value) -> Result<(), Status> {
    let view = Deployment(deployment);
    let wanted = view.spec().replicas();
    let allowed = if wanted > 0 { wanted + sizes::max_surge(view) } else { 0 };
    let mut sets: Vec<&mut Value> =
        rollout.old.iter_mut().chain(&mut rollout.new).filter(|set| sizes::of(set) > 0).collect();
    let to_add = allowed - sets.iter().map(|set| sizes::of(set)).sum::<i64>();
    // The larger first; of equal ones the newer grow and the older shrink first.
    sets.sort_by(|a, b| {
        let age = |set: &Value| (set.meta().creation_timestamp().to_owned(), set.name_text());
        let by_size = sizes::of(b).cmp(&sizes::of(a));
        let (a, b) = (age(a), age(b));
        by_size.then_with(|| if to_add > 0 { b.cmp(&a) } else { a.cmp(&b) })
    });
    let mut added = 0;
    let mut new_sizes = Vec::new();
    for set in &sets {
        let share = if to_add == 0 { 0 } else { proportion(set, view, to_add, added) };
        added += share;
        new_sizes.push(sizes::of(set) + share);
    }
    if let Some(first) = new_sizes.first_mut() {
        *first = (*first + to_add - added).max(0);
    }
    for (set, size) in sets.into_iter().zip(new_sizes) {
        resize(context, deployment, set, size)?;
    }
    Ok(())
}

/// By how much a set grows or shrinks when the whole does.
// Models pkg/controller/deployment/util/deployment_util.go GetReplicaSetProportion
fn proportion(set: &Value, deployment: Deployment<'_>, to_add: i64, added: i64) -> i64 {
    let size = sizes::of(set);
    if size == 0 || to_add == added {
        return 0;
    }
    let fraction = fraction(set, deployment);
    let allowed = to_add - added;
    if to_add > 0 { fraction.min(allowed) } else { fraction.max(allowed) }
}

fn fraction(set: &Value, deployment: Deployment<'_>) -> i64 {
    let size = sizes::of(set);
    let wanted = deployment.spec().replicas();
    if wanted == 0 {
        return -size;
    }
    let most = wanted + sizes::max_surge(deployment);
    let before = annotations::max_replicas(set).filter(|before| *before != 0);
    let before = before.unwrap_or_else(|| deployment.status().replicas());
    if before == 0 {
        return 0;
    }
    let share = size as f64 * most as f64 / before as f64;
    share.round() as i64 - size
}
