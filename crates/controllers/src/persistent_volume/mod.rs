//! Binds claims to volumes.
// Models pkg/controller/volume/persistentvolume/pv_controller.go

mod binding;
mod local_path;

use podyard_api::kinds::{PersistentVolume, PersistentVolumeClaim, Pod, StorageClass};
use podyard_api::{Key as Field, Status, Value, gostr};
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::storage_protection::claims as claims_of;
use crate::{Context, Controller, Key, Keys, Outcome};

pub(crate) use local_path::CONTROLLER as LOCAL_PATH;

pub(crate) const CONTROLLER: Controller = Controller {
    name: "persistentvolume-binder-controller",
    account: "persistent-volume-binder",
    component: "persistentvolume-controller",
    route,
    reconcile,
};

const CLAIMS: ResourceKey = ResourceKey::PERSISTENT_VOLUME_CLAIMS;
const VOLUMES: ResourceKey = ResourceKey::PERSISTENT_VOLUMES;
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
const PROVISIONER: &str = "volume.kubernetes.io/storage-provisioner";
const OLD_PROVISIONER: &str = "volume.beta.kubernetes.io/storage-provisioner";
const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";

fn route(api: &ApiServer, change: &Change, keys: &mut Keys) {
    match change.resource {
        CLAIMS => {
            keys.push(Key::of(CLAIMS, change.namespace.clone(), change.name.clone()));
            let claim = change.new.as_ref().or(change.old.as_ref());
            let volume = claim.map(|claim| PersistentVolumeClaim(claim).spec().volume_name()).unwrap_or_default();
            if !volume.is_empty() {
                keys.push(Key::of(VOLUMES, "", volume));
            }
        }
        VOLUMES => {
            keys.push(Key::of(VOLUMES, "", change.name.clone()));
            let became_free = change.new.as_ref().is_some_and(|volume| {
                PersistentVolume(volume).status().phase() == "Available"
                    && change.old.as_ref().is_none_or(|old| PersistentVolume(old).status().phase() != "Available")
            });
            if became_free {
                // Claims that wait for a volume.
                for claim in api.list(CLAIMS, None).filter(|claim| !is_bound(claim)) {
                    keys.push(Key::of(CLAIMS, claim.namespace_text(), claim.name_text()));
                }
            }
            let volume = change.new.as_ref().or(change.old.as_ref());
            if let Some(claim) = volume.and_then(|volume| PersistentVolume(volume).spec().claim_ref()) {
                keys.push(Key::of(CLAIMS, claim.namespace(), claim.name()));
            }
        }
        _ => {}
    }
}

fn is_bound(claim: &Value) -> bool {
    claim.meta().annotation(binding::COMPLETED).is_some()
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let resource = key.resource.unwrap_or(CLAIMS);
    let Some(object) = context.get(resource, &key.namespace, &key.name) else { return Outcome::Done };
    let result = match resource {
        VOLUMES => sync_volume(context, &object),
        _ if is_bound(&object) => sync_bound(context, &object),
        _ => sync_unbound(context, &object),
    };
    match result {
        Ok(()) => Outcome::Done,
        Err(status) if status.is("NotFound") => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}

fn class_of<'a>(api: &'a ApiServer, claim: &Value) -> Option<&'a Value> {
    let name = PersistentVolumeClaim(claim).spec().storage_class_name()?;
    api.get(ResourceKey::STORAGE_CLASSES, "", name)
}

/// Whether a claim waits for a pod that uses it to be scheduled.
fn waits_for_pod(context: &Context<'_>, claim: &Value) -> bool {
    let class = class_of(context.api, claim).map(|class| StorageClass(class).volume_binding_mode());
    class == Some("WaitForFirstConsumer") && claim.meta().annotation(SELECTED_NODE).is_none()
}

fn sync_unbound(context: &mut Context<'_>, claim: &Value) -> Result<(), Status> {
    let wanted = PersistentVolumeClaim(claim).spec().volume_name();
    if !wanted.is_empty() {
        let Some(volume) = context.get(VOLUMES, "", wanted) else { return binding::set_pending(context, claim) };
        if binding::may_bind(&volume, claim) {
            return binding::bind(context, &volume, claim);
        }
        let message = format!("volume {} already bound to a different claim.", gostr::quote(wanted));
        context.warning(claim, "FailedBinding", &message);
        return binding::set_pending(context, claim);
    }
    let waits = waits_for_pod(context, claim);
    if let Some(volume) = binding::best_match(context, claim, waits) {
        return binding::bind(context, &volume, claim);
    }
    let class = PersistentVolumeClaim(claim).spec().storage_class_name().unwrap_or_default();
    if waits {
        tell_waiting(context, claim);
    } else if class.is_empty() {
        let message = "no persistent volumes available for this claim and no storage class is set";
        context.normal(claim, "FailedBinding", message);
    } else {
        provision(context, claim, class)?;
    }
    binding::set_pending(context, claim)
}

fn tell_waiting(context: &mut Context<'_>, claim: &Value) {
    let uses = |pod: &&Value| {
        !Pod(pod).is_terminal()
            && Pod(pod).node_name().is_empty()
            && claims_of(pod).iter().any(|name| name == claim.name())
    };
    let waiting = context.api.list(ResourceKey::PODS, Some(claim.namespace())).find(uses).map(Value::name_text);
    match waiting {
        Some(pod) => {
            context.normal(claim, "WaitForPodScheduled", &format!("waiting for pod {pod} to be scheduled"));
        }
        None => {
            let message = "waiting for first consumer to be created before binding";
            context.normal(claim, "WaitForFirstConsumer", message);
        }
    }
}

/// Asks the class's provisioner for a volume.
fn provision(context: &mut Context<'_>, claim: &Value, class: &str) -> Result<(), Status> {
    let Some(found) = context.get(ResourceKey::STORAGE_CLASSES, "", class) else {
        let message = format!("storageclass.storage.k8s.io \"{class}\" not found");
        context.warning(claim, "ProvisioningFailed", &message);
        return Ok(());
    };
    let provisioner = StorageClass(&found).provisioner();
    if provisioner.starts_with("kubernetes.io/") {
        let message = format!("no volume plugin matched name: {provisioner}");
        context.warning(claim, "ProvisioningFailed", &message);
        return Ok(());
    }
    let mut claim = claim.clone();
    if claim.meta().annotation(PROVISIONER) != Some(provisioner) {
        claim.set_annotation(OLD_PROVISIONER, provisioner);
        claim.set_annotation(PROVISIONER, provisioner);
        claim = context.update_object(CLAIMS, claim)?;
    }
    let message = format!(
        "Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the \
         system administrator. If volume creation is delayed, please verify that the provisioner is running and \
         correctly registered."
    );
    context.normal(&claim, "ExternalProvisioning", &message);
    Ok(())
}

fn sync_bound(context: &mut Context<'_>, claim: &Value) -> Result<(), Status> {
    let name = PersistentVolumeClaim(claim).spec().volume_name();
    let volume = context.get(VOLUMES, "", name);
    let Some(volume) = volume else {
        let message = "Bound claim has lost its PersistentVolume. Data on the volume is lost!";
        return binding::set_lost(context, claim, "ClaimLost", message);
    };
    if binding::may_bind(&volume, claim) {
        return binding::bind(context, &volume, claim);
    }
    binding::set_lost(
        context,
        claim,
        "ClaimMisbound",
        "Two claims are bound to the same volume, this one is bound incorrectly",
    )
}

fn sync_volume(context: &mut Context<'_>, volume: &Value) -> Result<(), Status> {
    let Some(reference) = PersistentVolume(volume).spec().claim_ref() else {
        return binding::set_phase(context, volume, "Available");
    };
    if reference.uid().is_empty() {
        return binding::set_phase(context, volume, "Available");
    }
    let claim = context.get(CLAIMS, reference.namespace(), reference.name());
    let Some(claim) = claim.filter(|claim| claim.uid() == reference.uid()) else {
        return release(context, volume);
    };
    match PersistentVolumeClaim(&claim).spec().volume_name() {
        "" => Ok(()),
        name if name == volume.name() => binding::set_phase(context, volume, "Bound"),
        _ if volume.meta().annotation(binding::BY_CONTROLLER).is_some() => binding::unbind(context, volume),
        _ => Ok(()),
    }
}

/// A volume whose claim has gone.
fn release(context: &mut Context<'_>, volume: &Value) -> Result<(), Status> {
    let view = PersistentVolume(volume);
    if !matches!(view.status().phase(), "Released" | "Failed") {
        binding::set_phase(context, volume, "Released")?;
        return Ok(());
    }
    let in_tree = view.metadata().annotation(PROVISIONED_BY).is_none();
    if view.spec().reclaim_policy() != "Delete" || !in_tree || view.status().phase() == "Failed" {
        return Ok(());
    }
    // Nothing but the provisioner can delete a volume's data.
    let message = match view.spec().host_path() {
        Some(path) if path.path().starts_with("/tmp/") => {
            return context.delete_object(VOLUMES, volume, Value::Null).map(|_| ());
        }
        Some(path) => format!("host_path deleter only supports /tmp/.+ but received provided {}", path.path()),
        None => format!(
            "error getting deleter volume plugin for volume {}: no deletable volume plugin matched",
            gostr::quote(volume.name())
        ),
    };
    context.warning(volume, "VolumeFailedDelete", &message);
    let mut failed = volume.clone();
    failed.field_mut("status").set(Field::Static("message"), message);
    binding::set_phase(context, &failed, "Failed")
}
