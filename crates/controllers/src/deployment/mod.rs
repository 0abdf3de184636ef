//! Brings a deployment's replica sets to what its template and strategy want.
// Models pkg/controller/deployment/deployment_controller.go

mod annotations;
mod new_set;
mod progress;
mod recreate;
mod rolling;
mod scaling;
mod sizes;

use podyard_api::kinds::{Deployment, Pod};
use podyard_api::{Status, Value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::{Context, Controller, Key, Keys, Outcome, pods};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "deployment-controller",
    account: "deployment-controller",
    component: "deployment-controller",
    route,
    reconcile,
};

const SETS: ResourceKey = ResourceKey::REPLICA_SETS;

fn route(api: &ApiServer, change: &Change, keys: &mut Keys) {
    let owner = |object: &Option<Value>| {
        let name = object.as_ref().and_then(|o| pods::controller_of(o.meta(), "apps/v1", "Deployment"));
        name.map(|name| Key::new(change.namespace.clone(), name))
    };
    match change.resource {
        ResourceKey::DEPLOYMENTS => keys.push(Key::new(change.namespace.clone(), change.name.clone())),
        SETS => {
            let (old, new) = (owner(&change.old), owner(&change.new));
            if old != new {
                old.into_iter().for_each(|key| keys.push(key));
            }
            new.into_iter().for_each(|key| keys.push(key));
            if let Some(set) = change.new.as_ref().filter(|set| set.meta().controller().is_none()) {
                for deployment in pods::adopters(api.list(ResourceKey::DEPLOYMENTS, Some(&change.namespace)), set) {
                    keys.push(Key::new(change.namespace.clone(), deployment.name_text()));
                }
            }
        }
        // Only a deployment that recreates waits for pods to be gone.
        ResourceKey::PODS => {
            let ended = change.new.as_ref().is_none_or(|pod| Pod(pod).is_terminal());
            let set = change
                .old
                .as_ref()
                .filter(|_| ended)
                .and_then(|pod| pods::controller_of(pod.meta(), "apps/v1", "ReplicaSet"));
            let set = set.and_then(|name| api.get(SETS, &change.namespace, name));
            let name = set.and_then(|set| pods::controller_of(set.meta(), "apps/v1", "Deployment"));
            let deployment = name.and_then(|name| api.get(ResourceKey::DEPLOYMENTS, &change.namespace, name));
            if let Some(deployment) = deployment.filter(|d| Deployment(d).spec().strategy().kind() == "Recreate") {
                keys.push(Key::new(change.namespace.clone(), deployment.name_text()));
            }
        }
        _ => {}
    }
}

/// A deployment with its replica sets, as they are changed.
struct Rollout {
    deployment: Value,
    /// The set of the present template, if it was made.
    new: Option<Value>,
    /// All others.
    old: Vec<Value>,
}

impl Rollout {
    fn view(&self) -> Deployment<'_> {
        Deployment(&self.deployment)
    }

    /// All sets, the new one last.
    fn all(&self) -> impl Iterator<Item = &Value> + Clone {
        self.old.iter().chain(&self.new)
    }
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let Some(deployment) = context.get(ResourceKey::DEPLOYMENTS, &key.namespace, &key.name) else {
        return Outcome::Done;
    };
    match sync(context, deployment) {
        Ok(outcome) => outcome,
        // A set that could not be made in a namespace that goes is no error.
        Err(status) if pods::is_terminating_namespace(&status) => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}

fn sync(context: &mut Context<'_>, deployment: Value) -> Result<Outcome, Status> {
    let selector = pods::selector(&deployment);
    let sets = pods::claim(context, SETS, &deployment, &selector, |set| set.meta().deletion_timestamp().is_none())?;
    if deployment.meta().deletion_timestamp().is_some() {
        let rollout = new_set::find(deployment, sets);
        return progress::write_status(context, &rollout, progress::Kind::Plain);
    }
    let deployment = progress::note_pause(context, deployment)?;
    let mut rollout = new_set::find(deployment, sets);
    if rollout.view().spec().paused() || scaling::is_scaled(&rollout) {
        new_set::revise(context, &mut rollout, false)?;
        scaling::scale(context, &mut rollout)?;
        if rollout.view().spec().paused() {
            clean_up(context, &rollout)?;
        }
        return progress::write_status(context, &rollout, progress::Kind::Plain);
    }
    match rollout.view().spec().strategy().kind() {
        "Recreate" => recreate::roll_out(context, &mut rollout)?,
        _ => rolling::roll_out(context, &mut rollout)?,
    }
    progress::write_status(context, &rollout, progress::Kind::Rollout)
}

/// Deletes old sets beyond the history limit, the oldest revisions first.
// Models pkg/controller/deployment/sync.go cleanupDeployment
fn clean_up(context: &mut Context<'_>, rollout: &Rollout) -> Result<(), Status> {
    let limit = usize::try_from(rollout.view().spec().revision_history_limit()).unwrap_or_default();
    let mut old: Vec<&Value> = rollout.old.iter().filter(|set| set.meta().deletion_timestamp().is_none()).collect();
    let Some(surplus) = old.len().checked_sub(limit).filter(|surplus| *surplus > 0) else { return Ok(()) };
    old.sort_by_key(|set| annotations::revision(set));
    for set in old.into_iter().take(surplus) {
        let observed = set.get("status").get("observedGeneration").as_i64().unwrap_or_default();
        if sizes::of(set) != 0 || sizes::actual(set) != 0 || set.meta().generation() > observed {
            continue;
        }
        match context.delete_object(SETS, set, Value::Null) {
            Ok(_) => {}
            Err(status) if status.is("NotFound") => {}
            Err(status) => return Err(status),
        }
    }
    Ok(())
}
