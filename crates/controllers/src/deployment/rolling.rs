//! The rolling update: the new set grows as the old ones shrink.
// Models pkg/controller/deployment/rolling.go

use podyard_api::{Status, Value};

use super::{Rollout, clean_up, new_set, progress, scaling, sizes};
use crate::Context;

pub(super) fn roll_out(context: &mut Context<'_>, rollout: &mut Rollout) -> Result<(), Status> {
    new_set::revise(context, rollout, true)?;
    if scale_new(context, rollout)? || scale_old(context, rollout)? {
        return Ok(());
    }
    if progress::is_complete(&rollout.deployment, rollout.deployment.get("status")) {
        clean_up(context, rollout)?;
    }
    Ok(())
}

fn scale_new(context: &mut Context<'_>, rollout: &mut Rollout) -> Result<bool, Status> {
    let present = sizes::sum(rollout.all(), sizes::of);
    let view = rollout.view();
    let wanted = view.spec().replicas();
    let Some(size) = rollout.new.as_ref().map(sizes::of) else { return Ok(false) };
    if size == wanted {
        return Ok(false);
    }
    let target = if size > wanted { wanted } else { sizes::of_new(view, present, size) };
    let Some(new) = &mut rollout.new else { return Ok(false) };
    scaling::resize(context, &rollout.deployment, new, target)
}

fn scale_old(context: &mut Context<'_>, rollout: &mut Rollout) -> Result<bool, Status> {
    if sizes::sum(&rollout.old, sizes::of) == 0 {
        return Ok(false);
    }
    let view = rollout.view();
    let least = view.spec().replicas() - sizes::max_unavailable(view);
    let new = rollout.new.as_ref();
    let not_available = new.map_or(0, |set| sizes::of(set) - sizes::available(set));
    let may_go = sizes::sum(rollout.all(), sizes::of) - least - not_available;
    if may_go <= 0 {
        return Ok(false);
    }
    let gone = drop_unhealthy(context, rollout, may_go)?;
    let available = sizes::sum(rollout.all(), sizes::available);
    let shrunk = shrink(context, rollout, available - least)?;
    Ok(gone + shrunk > 0)
}

/// Takes the pods that are not available from the old sets first.
fn drop_unhealthy(context: &mut Context<'_>, rollout: &mut Rollout, most: i64) -> Result<i64, Status> {
    let mut gone = 0;
    for set in active(&mut rollout.old) {
        if gone >= most {
            break;
        }
        let (size, available) = (sizes::of(set), sizes::available(set));
        if size == available {
            continue;
        }
        let fewer = (most - gone).min(size - available);
        if fewer <= 0 {
            continue;
        }
        scaling::resize(context, &rollout.deployment, set, size - fewer)?;
        gone += fewer;
    }
    Ok(gone)
}

/// Shrinks the old sets by so many pods in all, the oldest first.
fn shrink(context: &mut Context<'_>, rollout: &mut Rollout, count: i64) -> Result<i64, Status> {
    let mut gone = 0;
    for set in active(&mut rollout.old) {
        if gone >= count {
            break;
        }
        let size = sizes::of(set);
        let fewer = size.min(count - gone);
        scaling::resize(context, &rollout.deployment, set, size - fewer)?;
        gone += fewer;
    }
    Ok(gone)
}

fn active(sets: &mut [Value]) -> impl Iterator<Item = &mut Value> {
    sets.iter_mut().filter(|set| sizes::of(set) > 0)
}
