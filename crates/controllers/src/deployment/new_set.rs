//! The replica set of the present template: finding it, making it, giving it its revision.
// Models pkg/controller/deployment/sync.go

use podyard_api::kinds::reference;
use podyard_api::{Key as Field, Status, Value, value};
use podyard_apiserver::ResourceKey;

use super::progress::{self, set_condition};
use super::{Rollout, SETS, annotations, scaling, sizes};
use crate::{Context, names, pods};

const HASH: &str = "pod-template-hash";

/// Tells the set of the present template from the others.
pub(super) fn find(deployment: Value, mut sets: Vec<Value>) -> Rollout {
    sort_by_age(&mut sets);
    let template = deployment.get("spec").get("template");
    let found = sets.iter().position(|set| is_of(set, template));
    let new = found.map(|index| sets.remove(index));
    Rollout { deployment, new, old: sets }
}

/// The oldest first, ties by name.
pub(super) fn sort_by_age(sets: &mut [Value]) {
    sets.sort_by(|a, b| {
        let (a, b) = (a.meta(), b.meta());
        a.creation_timestamp().cmp(b.creation_timestamp()).then_with(|| a.name().cmp(b.name()))
    });
}

/// Whether a set was made from this template, but for the hash.
fn is_of(set: &Value, template: &Value) -> bool {
    let of_set = set.get("spec").get("template");
    if of_set.get("spec") != template.get("spec") {
        return false;
    }
    let without_hash = |template: &Value| {
        let mut metadata = template.get("metadata").clone();
        if !metadata.get("labels").get(HASH).is_null()
            && let Some(labels) = metadata.get_mut("labels")
        {
            labels.remove(HASH);
        }
        metadata
    };
    without_hash(of_set) == without_hash(template)
}

/// Sees to it that the new set has its revision and annotations; makes it if there is none and `create` says so.
pub(super) fn revise(context: &mut Context<'_>, rollout: &mut Rollout, create: bool) -> Result<(), Status> {
    let revision = rollout.old.iter().map(annotations::revision).max().unwrap_or_default() + 1;
    match rollout.new.take() {
        Some(set) => {
            let set = adjust(context, rollout, set, revision);
            rollout.new = Some(set?);
            Ok(())
        }
        None if create => make(context, rollout, revision),
        None => Ok(()),
    }
}

fn adjust(context: &mut Context<'_>, rollout: &mut Rollout, set: Value, revision: i64) -> Result<Value, Status> {
    let mut changed = set;
    let mut is_changed = annotations::note_revision(&mut changed, &rollout.deployment, revision, true);
    let min_ready = rollout.deployment.get("spec").get("minReadySeconds");
    if changed.get("spec").get("minReadySeconds").as_i64().unwrap_or_default() != min_ready.as_i64().unwrap_or_default()
    {
        is_changed = true;
        match min_ready.as_i64() {
            None | Some(0) => drop(changed.field_mut("spec").remove("minReadySeconds")),
            Some(seconds) => changed.field_mut("spec").set(Field::Static("minReadySeconds"), seconds),
        }
    }
    if is_changed {
        return context.update_object(SETS, changed);
    }
    let mut deployment = rollout.deployment.clone();
    let mut is_news = false;
    let revision = annotations::revision(&changed);
    if annotations::revision(&deployment) != revision {
        deployment.set_annotation(annotations::REVISION, &revision.to_string());
        is_news = true;
    }
    if progress::deadline(&deployment).is_some() && pods::condition(&deployment, "Progressing").is_none() {
        let message = format!("Found new replica set \"{}\"", changed.name());
        set_condition(&mut deployment, context.now, "Progressing", "True", "FoundNewReplicaSet", &message);
        is_news = true;
    }
    if is_news {
        rollout.deployment = context.update_status(ResourceKey::DEPLOYMENTS, deployment)?;
    }
    Ok(changed)
}

fn make(context: &mut Context<'_>, rollout: &mut Rollout, revision: i64) -> Result<(), Status> {
    let mut set = of_template(rollout);
    let present = sizes::sum(rollout.all(), sizes::of);
    let size = sizes::of_new(rollout.view(), present, 0);
    set.field_mut("spec").set(Field::Static("replicas"), size);
    annotations::note_revision(&mut set, &rollout.deployment, revision, false);
    let name = set.name_text();
    let made = match context.create_object(SETS, set) {
        Ok(made) => made,
        Err(status) if status.is("AlreadyExists") => {
            // Another template with the same hash: the next one counts collisions in.
            let mut deployment = rollout.deployment.clone();
            let collisions = rollout.view().status().collision_count() + 1;
            deployment.field_mut("status").set(Field::Static("collisionCount"), collisions);
            context.update_status(ResourceKey::DEPLOYMENTS, deployment)?;
            return Err(status);
        }
        Err(status) if pods::is_terminating_namespace(&status) => return Err(status),
        Err(status) => {
            let message = format!("Failed to create new replica set \"{name}\": {}", status.message);
            if progress::deadline(&rollout.deployment).is_some() {
                let mut deployment = rollout.deployment.clone();
                set_condition(&mut deployment, context.now, "Progressing", "False", "ReplicaSetCreateError", &message);
                context.update_status(ResourceKey::DEPLOYMENTS, deployment)?;
            }
            context.warning(&rollout.deployment, "ReplicaSetCreateError", &message);
            return Err(status);
        }
    };
    if size > 0 {
        let message = scaling::message("up", &name, 0, size);
        context.normal(&rollout.deployment, "ScalingReplicaSet", &message);
    }
    let mut deployment = rollout.deployment.clone();
    if annotations::revision(&deployment) != revision {
        deployment.set_annotation(annotations::REVISION, &revision.to_string());
    }
    if progress::deadline(&deployment).is_some() {
        let message = format!("Created new replica set \"{name}\"");
        set_condition(&mut deployment, context.now, "Progressing", "True", "NewReplicaSetCreated", &message);
    }
    if deployment != rollout.deployment {
        rollout.deployment = context.update_status(ResourceKey::DEPLOYMENTS, deployment)?;
    }
    rollout.new = Some(made);
    Ok(())
}

/// A replica set of the deployment's template, told from others by the template's hash.
fn of_template(rollout: &Rollout) -> Value {
    let deployment = &rollout.deployment;
    let mut template = deployment.get("spec").get("template").clone();
    let collisions = deployment.get("status").get("collisionCount").as_i64();
    let hash = names::hash(&template, collisions);
    template.set_label(HASH, &hash);
    let mut selector = deployment.get("spec").get("selector").clone();
    selector.field_mut("matchLabels").set(Field::Static(HASH), hash.as_str());
    let mut spec = value!({
        "replicas": 0,
        "selector": selector,
        "template": (template.clone()),
    });
    if let Some(seconds) = deployment.get("spec").get("minReadySeconds").as_i64().filter(|seconds| *seconds > 0) {
        spec.set(Field::Static("minReadySeconds"), seconds);
    }
    value!({
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": (format!("{}-{hash}", deployment.name())),
            "namespace": deployment.namespace_text(),
            "labels": (template.get("metadata").get("labels").clone()),
            "ownerReferences": [reference::to_controller(deployment)],
        },
        "spec": spec,
    })
}
