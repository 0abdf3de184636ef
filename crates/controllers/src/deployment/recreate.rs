//! Recreation: all old pods go before the first new one comes.
// Models pkg/controller/deployment/recreate.go

use podyard_api::kinds::Pod;
use podyard_api::{Status, Value};
use podyard_apiserver::ResourceKey;

use super::{Rollout, clean_up, new_set, progress, scaling, sizes};
use crate::Context;

pub(super) fn roll_out(context: &mut Context<'_>, rollout: &mut Rollout) -> Result<(), Status> {
    new_set::revise(context, rollout, false)?;
    let mut scaled = false;
    for set in rollout.old.iter_mut().filter(|set| sizes::of(set) > 0) {
        scaled |= scaling::resize(context, &rollout.deployment, set, 0)?;
    }
    if scaled || old_pods_run(context, rollout) {
        return Ok(());
    }
    if rollout.new.is_none() {
        new_set::revise(context, rollout, true)?;
    }
    let wanted = rollout.view().spec().replicas();
    if let Some(new) = &mut rollout.new
        && scaling::resize(context, &rollout.deployment, new, wanted)?
    {
        return Ok(());
    }
    if progress::is_complete(&rollout.deployment, rollout.deployment.get("status")) {
        clean_up(context, rollout)?;
    }
    Ok(())
}

/// Whether a pod of an old set is still there, be it that it is ending.
fn old_pods_run(context: &Context<'_>, rollout: &Rollout) -> bool {
    if sizes::sum(&rollout.old, sizes::actual) > 0 {
        return true;
    }
    let runs = |set: &Value| context.api.owned(set.uid(), ResourceKey::PODS).any(|pod| !Pod(pod).is_terminal());
    rollout.old.iter().any(runs)
}
