//! The provisioner `rancher.io/local-path`: makes volumes that are directories of a node, and deletes them.
// Models github.com/rancher/local-path-provisioner provisioner.go

use ecow::eco_format;
use podyard_api::kinds::{PersistentVolume, PersistentVolumeClaim, StorageClass};
use podyard_api::{Status, Value, value};
use podyard_apiserver::{ApiServer, Change};

use super::{CLAIMS, PROVISIONED_BY, PROVISIONER, SELECTED_NODE, VOLUMES, class_of, is_bound};
use crate::{Context, Controller, Key, Keys, Outcome};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "local-path-provisioner",
    account: "persistent-volume-binder",
    component: "rancher.io/local-path_local-path-provisioner",
    route,
    reconcile,
};

const NAME: &str = "rancher.io/local-path";

fn route(_: &ApiServer, change: &Change, keys: &mut Keys) {
    let Some(new) = &change.new else { return };
    let is_own = |key: &str| new.meta().annotation(key) == Some(NAME);
    if change.resource == CLAIMS && is_own(PROVISIONER) && !is_bound(new) {
        keys.push(Key::of(CLAIMS, change.namespace.clone(), change.name.clone()));
    }
    let is_released = PersistentVolume(new).status().phase() == "Released";
    if change.resource == VOLUMES && is_own(PROVISIONED_BY) && is_released {
        keys.push(Key::of(VOLUMES, "", change.name.clone()));
    }
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let resource = key.resource.unwrap_or(CLAIMS);
    let Some(object) = context.get(resource, &key.namespace, &key.name) else { return Outcome::Done };
    let result = if resource == VOLUMES { delete(context, &object) } else { provision(context, &object) };
    match result {
        Ok(()) => Outcome::Done,
        Err(status) if status.is("NotFound") => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}

fn delete(context: &mut Context<'_>, volume: &Value) -> Result<(), Status> {
    let goes = PersistentVolume(volume).spec().reclaim_policy() == "Delete";
    if !goes || volume.meta().deletion_timestamp().is_some() {
        return Ok(());
    }
    context.delete_object(VOLUMES, volume, Value::Null).map(|_| ())
}

fn provision(context: &mut Context<'_>, claim: &Value) -> Result<(), Status> {
    let Some(node) = claim.meta().annotation(SELECTED_NODE) else { return Ok(()) };
    let name = eco_format!("pvc-{}", claim.uid());
    if is_bound(claim) || context.api.get(VOLUMES, "", &name).is_some() {
        return Ok(());
    }
    let (namespace, claim_name) = (claim.namespace(), claim.name());
    let message = format!("External provisioner is provisioning volume for claim \"{namespace}/{claim_name}\"");
    context.normal(claim, "Provisioning", &message);
    let volume = volume(context, claim, &name, node);
    context.create_object(VOLUMES, volume)?;
    context.normal(claim, "ProvisioningSucceeded", &format!("Successfully provisioned volume {name}"));
    Ok(())
}

fn volume(context: &Context<'_>, claim: &Value, name: &str, node: &str) -> Value {
    let (namespace, claim_name) = (claim.namespace(), claim.name());
    let spec = PersistentVolumeClaim(claim).spec();
    let policy = class_of(context.api, claim).map_or("Delete", |class| StorageClass(class).reclaim_policy());
    let requirement = value!({"key": "kubernetes.io/hostname", "operator": "In", "values": [node]});
    let mut annotations = Value::object();
    annotations.set("local.path.provisioner/selected-node", node);
    annotations.set(PROVISIONED_BY, NAME);
    value!({
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": annotations},
        "spec": {
            "accessModes": (claim.get("spec").get("accessModes").clone()),
            "capacity": {"storage": (claim.at(&["spec", "resources", "requests", "storage"]).clone())},
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "name": claim_name,
                "namespace": namespace,
                "resourceVersion": (claim.meta().resource_version()),
                "uid": (claim.uid()),
            },
            "hostPath": {
                "path": (eco_format!("/opt/local-path-provisioner/{name}_{namespace}_{claim_name}")),
                "type": "DirectoryOrCreate",
            },
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [requirement]}]}},
            "persistentVolumeReclaimPolicy": policy,
            "storageClassName": (spec.storage_class_name().unwrap_or_default()),
            "volumeMode": (spec.volume_mode()),
        },
    })
}
