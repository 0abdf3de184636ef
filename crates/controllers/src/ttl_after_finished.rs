//! Deletes finished jobs when their time is up.
// Models pkg/controller/ttlafterfinished/ttlafterfinished_controller.go

use podyard_api::kinds::Job;
use podyard_api::value;
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::{Context, Controller, Key, Keys, Outcome, job, pods};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "ttl-after-finished-controller",
    account: "ttl-after-finished-controller",
    component: "",
    route,
    reconcile,
};

fn route(_: &ApiServer, change: &Change, keys: &mut Keys) {
    let is_finished = |job: &podyard_api::Value| {
        Job(job).spec().ttl_seconds_after_finished().is_some() && job::finished(job).is_some()
    };
    if change.resource == ResourceKey::JOBS && change.new.as_ref().is_some_and(is_finished) {
        keys.push(Key::new(change.namespace.clone(), change.name.clone()));
    }
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let Some(job) = context.get(ResourceKey::JOBS, &key.namespace, &key.name) else { return Outcome::Done };
    let Some(ttl) = Job(&job).spec().ttl_seconds_after_finished() else { return Outcome::Done };
    let ended = job::finished(&job).and_then(|condition| pods::time(condition.last_transition_time()));
    let Some(ended) = ended.filter(|_| job.meta().deletion_timestamp().is_none()) else { return Outcome::Done };
    let left = (ended + pods::seconds(ttl)).since(context.now);
    if !left.is_zero() {
        return Outcome::After(left);
    }
    let options = value!({
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": (job.uid())},
        "propagationPolicy": "Foreground",
    });
    match context.delete_object(ResourceKey::JOBS, &job, options) {
        Ok(_) => Outcome::Done,
        Err(status) if status.is("NotFound") => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}
