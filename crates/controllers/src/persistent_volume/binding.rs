//! Which volume fits a claim, and what is written when they are bound.
// Models pkg/controller/volume/persistentvolume/index.go and pv_controller.go

use podyard_api::kinds::{LabelSelector, PersistentVolume, PersistentVolumeClaim, reference};
use podyard_api::{Key as Field, Quantity, Selector, Status, Value};

use super::{CLAIMS, VOLUMES};
use crate::Context;

pub(super) const COMPLETED: &str = "pv.kubernetes.io/bind-completed";
pub(super) const BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";

/// Whether a volume is free, or this claim's already.
pub(super) fn may_bind(volume: &Value, claim: &Value) -> bool {
    PersistentVolume(volume).spec().claim_ref().is_none_or(|reference| {
        reference.namespace() == claim.namespace()
            && reference.name() == claim.name()
            && (reference.uid().is_empty() || reference.uid() == claim.uid())
    })
}

/// The smallest volume that has what a claim wants; if the claim waits for a pod, only one that was made for it.
pub(super) fn best_match(context: &Context<'_>, claim: &Value, only_bound: bool) -> Option<Value> {
    let wanted = size(PersistentVolumeClaim(claim).spec().resources().requests());
    let fits = |volume: &&Value| {
        let view = PersistentVolume(volume);
        volume.meta().deletion_timestamp().is_none()
            && size(view.spec().capacity()) >= wanted
            && may_bind(volume, claim)
            && fits(volume, claim)
            && (view.spec().claim_ref().is_some() || !only_bound && view.status().phase() == "Available")
    };
    let volumes = context.api.list(VOLUMES, None).filter(fits);
    let is_free = |volume: &Value| PersistentVolume(volume).spec().claim_ref().is_none();
    volumes.min_by_key(|volume| (is_free(volume), size(PersistentVolume(volume).spec().capacity()))).cloned()
}

fn size(amounts: &[(podyard_api::Key, Value)]) -> i64 {
    let storage = amounts.iter().find(|(key, _)| key.as_str() == "storage");
    storage.map_or(0, |(_, amount)| Quantity::of(amount).value())
}

fn fits(volume: &Value, claim: &Value) -> bool {
    let (has, wants) = (PersistentVolume(volume).spec(), PersistentVolumeClaim(claim).spec());
    let mut modes = wants.access_modes();
    let selector = wants.selector().map(|selector| LabelSelector(selector.value()));
    let selected = selector.is_none_or(|s| Selector::of(Some(s)).is_ok_and(|s| s.matches_object(volume)));
    has.storage_class_name() == wants.storage_class_name().unwrap_or_default()
        && has.volume_mode() == wants.volume_mode()
        && modes.all(|mode| has.access_modes().any(|offered| offered == mode))
        && selected
}

/// Binds both to each other; what is written already is not written again.
pub(super) fn bind(context: &mut Context<'_>, volume: &Value, claim: &Value) -> Result<(), Status> {
    let mut bound = volume.clone();
    let by_user = PersistentVolume(volume).spec().claim_ref().is_some();
    if PersistentVolume(volume).spec().claim_ref().is_none_or(|reference| reference.uid().is_empty()) {
        if !by_user {
            bound.set_annotation(BY_CONTROLLER, "yes");
        }
        bound.field_mut("spec").set(Field::Static("claimRef"), reference::to_object(claim, ""));
        bound = context.update_object(VOLUMES, bound)?;
    }
    set_phase(context, &bound, "Bound")?;
    let mut done = claim.clone();
    if PersistentVolumeClaim(claim).spec().volume_name().is_empty() {
        done.set_annotation(BY_CONTROLLER, "yes");
        done.field_mut("spec").set(Field::Static("volumeName"), volume.name_text());
    }
    if claim.meta().annotation(COMPLETED).is_none() {
        done.set_annotation(COMPLETED, "yes");
    }
    if done != *claim {
        done = context.update_object(CLAIMS, done)?;
    }
    let before = done.clone();
    let status = done.field_mut("status");
    status.set(Field::Static("phase"), "Bound");
    status.set(Field::Static("accessModes"), bound.get("spec").get("accessModes").clone());
    status.set(Field::Static("capacity"), bound.get("spec").get("capacity").clone());
    if done != before {
        context.update_status(CLAIMS, done)?;
    }
    Ok(())
}

/// Sets a volume's phase.
pub(super) fn set_phase(context: &mut Context<'_>, volume: &Value, phase: &str) -> Result<(), Status> {
    if PersistentVolume(volume).status().phase() == phase {
        return Ok(());
    }
    let mut changed = volume.clone();
    let status = changed.field_mut("status");
    status.set(Field::Static("phase"), phase);
    status.set(Field::Static("lastPhaseTransitionTime"), context.now.rfc3339());
    context.update_status(VOLUMES, changed).map(|_| ())
}

/// Frees a volume that was bound here to a claim that took another.
pub(super) fn unbind(context: &mut Context<'_>, volume: &Value) -> Result<(), Status> {
    let mut free = volume.clone();
    free.field_mut("spec").remove("claimRef");
    crate::endpoints::annotate(&mut free, BY_CONTROLLER, None);
    let free = context.update_object(VOLUMES, free)?;
    set_phase(context, &free, "Available")
}

pub(super) fn set_pending(context: &mut Context<'_>, claim: &Value) -> Result<(), Status> {
    set_claim_phase(context, claim, "Pending")
}

/// A claim that has lost its volume.
pub(super) fn set_lost(context: &mut Context<'_>, claim: &Value, reason: &str, message: &str) -> Result<(), Status> {
    if PersistentVolumeClaim(claim).status().phase() != "Lost" {
        context.warning(claim, reason, message);
    }
    set_claim_phase(context, claim, "Lost")
}

fn set_claim_phase(context: &mut Context<'_>, claim: &Value, phase: &str) -> Result<(), Status> {
    let Some(mut changed) = context.get(CLAIMS, claim.namespace(), claim.name()) else { return Ok(()) };
    if PersistentVolumeClaim(&changed).status().phase() == phase {
        return Ok(());
    }
    let status = changed.field_mut("status");
    status.set(Field::Static("phase"), phase);
    status.remove("accessModes");
    status.remove("capacity");
    context.update_status(CLAIMS, changed).map(|_| ())
}
