//! Keeps claims that pods use, and volumes that are bound, until they are free.
// Models pkg/controller/volume/pvcprotection and pvprotection

use podyard_api::kinds::{PersistentVolume, Pod};
use podyard_api::{Key as Field, Value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::{Context, Controller, Key, Keys, Outcome};

pub(crate) const CLAIMS: Controller = Controller {
    name: "persistentvolumeclaim-protection-controller",
    account: "pvc-protection-controller",
    component: "",
    route: route_claims,
    reconcile: |context, key| reconcile(ResourceKey::PERSISTENT_VOLUME_CLAIMS, context, key),
};

pub(crate) const VOLUMES: Controller = Controller {
    name: "persistentvolume-protection-controller",
    account: "pv-protection-controller",
    component: "",
    route: |_, change, keys| {
        if change.resource == ResourceKey::PERSISTENT_VOLUMES && change.new.as_ref().is_some_and(is_leaving) {
            keys.push(Key::new("", change.name.clone()));
        }
    },
    reconcile: |context, key| reconcile(ResourceKey::PERSISTENT_VOLUMES, context, key),
};

fn is_leaving(object: &Value) -> bool {
    object.meta().deletion_timestamp().is_some()
}

fn route_claims(_: &ApiServer, change: &Change, keys: &mut Keys) {
    match change.resource {
        ResourceKey::PERSISTENT_VOLUME_CLAIMS if change.new.as_ref().is_some_and(is_leaving) => {
            keys.push(Key::new(change.namespace.clone(), change.name.clone()));
        }
        // A pod that has ended or gone uses nothing any longer.
        ResourceKey::PODS => {
            let ended = change.new.as_ref().is_none_or(|pod| Pod(pod).is_terminal());
            for claim in change.old.as_ref().filter(|_| ended).into_iter().flat_map(claims) {
                keys.push(Key::new(change.namespace.clone(), claim));
            }
        }
        _ => {}
    }
}

/// The names of the claims that a pod mounts.
pub(crate) fn claims(pod: &Value) -> Vec<String> {
    let volumes = pod.get("spec").get("volumes").items().iter();
    let name = |volume: &Value| match volume.get("ephemeral").is_null() {
        true => volume.get("persistentVolumeClaim").get("claimName").as_str().map(str::to_owned),
        false => Some(format!("{}-{}", pod.name(), volume.get("name").str())),
    };
    volumes.filter_map(name).collect()
}

fn reconcile(resource: ResourceKey, context: &mut Context<'_>, key: &Key) -> Outcome {
    let Some(object) = context.get(resource, &key.namespace, &key.name).filter(is_leaving) else {
        return Outcome::Done;
    };
    let (finalizer, in_use) = if resource == ResourceKey::PERSISTENT_VOLUMES {
        ("kubernetes.io/pv-protection", PersistentVolume(&object).status().phase() == "Bound")
    } else {
        let uses = |pod: &Value| !Pod(pod).is_terminal() && claims(pod).iter().any(|claim| *claim == key.name);
        ("kubernetes.io/pvc-protection", context.api.list(ResourceKey::PODS, Some(&key.namespace)).any(uses))
    };
    let has = object.meta().finalizers().any(|present| present == finalizer);
    if in_use || !has {
        return Outcome::Done;
    }
    let kept: Value = object.meta().finalizers().filter(|present| *present != finalizer).collect();
    let mut freed = object.clone();
    match kept.is_empty() {
        true => drop(freed.meta_mut().remove("finalizers")),
        false => freed.meta_mut().set(Field::Static("finalizers"), kept),
    }
    match context.update_object(resource, freed) {
        Ok(_) => Outcome::Done,
        Err(status) if status.is("NotFound") => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}
