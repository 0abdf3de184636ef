//! Keeps as many pods as a replica set (or replication controller) wants.
// Models pkg/controller/replicaset/replica_set.go

use std::time::Duration;

use ecow::EcoString;
use podyard_api::kinds::{Pod, ReplicaSet, ReplicaSetStatus, condition};
use podyard_api::{Key as Field, Status, Value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::{Context, Controller, Key, Keys, Outcome, pods};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "replicaset-controller",
    account: "replicaset-controller",
    component: "replicaset-controller",
    route: |api, change, keys| route(ResourceKey::REPLICA_SETS, api, change, keys),
    reconcile: |context, key| reconcile(ResourceKey::REPLICA_SETS, context, key),
};

/// A replication controller is a replica set of an older form.
// Models pkg/controller/replication/replication_controller.go
pub(crate) const OLD: Controller = Controller {
    name: "replicationcontroller-controller",
    account: "replication-controller",
    component: "replication-controller",
    route: |api, change, keys| route(ResourceKey::REPLICATION_CONTROLLERS, api, change, keys),
    reconcile: |context, key| reconcile(ResourceKey::REPLICATION_CONTROLLERS, context, key),
};

/// How many pods are made or deleted in one go.
const BURST: usize = 500;
/// With how many creations a batch of them begins.
const FIRST_BATCH: usize = 1;

fn route(resource: ResourceKey, api: &ApiServer, change: &Change, keys: &mut Keys) {
    if change.resource == resource {
        keys.push(Key::new(change.namespace.clone(), change.name.clone()));
    }
    if change.resource == ResourceKey::PODS {
        route_pod(resource, api, change, keys);
    }
}

/// A pod concerns whoever controls it, or might adopt it.
fn route_pod(resource: ResourceKey, api: &ApiServer, change: &Change, keys: &mut Keys) {
    let mut owners: [Option<&str>; 2] = [None, None];
    for (index, object) in [&change.old, &change.new].into_iter().enumerate() {
        owners[index] = object
            .as_ref()
            .and_then(|pod| pods::controller_of(pod.meta(), &resource.resource().api_version(), resource.kind()));
    }
    if owners[0] == owners[1] {
        owners[0] = None;
    }
    for name in owners.into_iter().flatten() {
        let replicas = api.get(resource, &change.namespace, name).map_or(0, |set| ReplicaSet(set).spec().replicas());
        keys.gather(Key::new(change.namespace.clone(), name), replicas);
    }
    if let Some(pod) = change.new.as_ref().filter(|pod| pod.meta().controller().is_none()) {
        for set in pods::adopters(api.list(resource, Some(&change.namespace)), pod) {
            keys.push(Key::new(change.namespace.clone(), set.name_text()));
        }
    }
}

fn reconcile(resource: ResourceKey, context: &mut Context<'_>, key: &Key) -> Outcome {
    let Some(set) = context.get(resource, &key.namespace, &key.name) else { return Outcome::Done };
    match sync(resource, context, set) {
        Ok(outcome) => outcome,
        Err(_) => Outcome::Retry,
    }
}

fn sync(resource: ResourceKey, context: &mut Context<'_>, set: Value) -> Result<Outcome, Status> {
    let selector = pods::selector(&set);
    let all = pods::claim(context, ResourceKey::PODS, &set, &selector, pods::is_active)?;
    let terminating = all.iter().filter(|pod| Pod(pod).is_terminating() && !Pod(pod).is_terminal()).count();
    let active: Vec<Value> = all.into_iter().filter(pods::is_active).collect();
    let managed = match set.meta().deletion_timestamp() {
        None => manage(resource, context, &set, &active),
        Some(_) => Ok(()),
    };
    let set = context.get(resource, set.namespace(), set.name()).unwrap_or(set);
    let status = status(context, &set, &active, terminating, managed.as_ref().err());
    let mut written = Ok(());
    if status != *set.get("status") {
        let mut changed = set.clone();
        changed.set(Field::Static("status"), status);
        written = context.update_status(resource, changed).map(|_| ());
    }
    managed?;
    written?;
    Ok(again(context, &set, &active))
}

/// When a pod that is ready will have been so for long enough.
fn again(context: &Context<'_>, set: &Value, active: &[Value]) -> Outcome {
    let min_ready = ReplicaSet(set).spec().min_ready_seconds();
    if min_ready == 0 {
        return Outcome::Done;
    }
    let waits = active.iter().filter_map(|pod| pods::until_available(pod, min_ready, context.now));
    waits.filter(|wait| *wait > Duration::ZERO).min().map_or(Outcome::Done, Outcome::After)
}

/// What went wrong with the pods.
struct Failure {
    reason: &'static str,
    status: Status,
}

impl From<Failure> for Status {
    fn from(failure: Failure) -> Self {
        failure.status
    }
}

/// Makes the pods that are missing, or deletes those that are too many.
fn manage(resource: ResourceKey, context: &mut Context<'_>, set: &Value, active: &[Value]) -> Result<(), Failure> {
    let wanted = usize::try_from(ReplicaSet(set).spec().replicas()).unwrap_or_default();
    if active.len() < wanted {
        let missing = (wanted - active.len()).min(BURST);
        create(context, set, missing).map_err(|status| Failure { reason: "FailedCreate", status })?;
        if wanted - active.len() > missing {
            // The rest in the next round.
            return Ok(());
        }
        return Ok(());
    }
    let extra = (active.len() - wanted).min(BURST);
    if extra == 0 {
        return Ok(());
    }
    for pod in surplus(resource, context, set, active, extra) {
        pods::delete(context, set, &pod).map_err(|status| Failure { reason: "FailedDelete", status })?;
    }
    Ok(())
}

/// Creates pods in batches that double, so that what cannot succeed is not tried often.
fn create(context: &mut Context<'_>, set: &Value, count: usize) -> Result<(), Status> {
    let mut pod = pods::of_template(set, set.get("spec").get("template"));
    pod.meta_mut().set(Field::Static("generateName"), pods::name_base(set));
    let (mut left, mut batch) = (count, FIRST_BATCH);
    while left > 0 {
        let size = batch.min(left);
        let mut failed = None;
        for _ in 0..size {
            match pods::create(context, set, pod.clone()) {
                Err(status) if pods::is_terminating_namespace(&status) => return Ok(()),
                Err(status) => failed = failed.or(Some(status)),
                Ok(_) => {}
            }
        }
        if let Some(status) = failed {
            return Err(status);
        }
        left -= size;
        batch *= 2;
    }
    Ok(())
}

/// The pods that go first.
fn surplus(resource: ResourceKey, context: &Context<'_>, set: &Value, active: &[Value], count: usize) -> Vec<Value> {
    let mut chosen: Vec<&Value> = active.iter().collect();
    if count < active.len() {
        // How many pods of the same deployment each node has.
        let siblings: Vec<EcoString> = match set.meta().controller() {
            Some(owner) => {
                context.api.owned(owner.uid(), resource).map(|s| s.get("metadata").get("uid").text()).collect()
            }
            None => vec![set.get("metadata").get("uid").text()],
        };
        let related = siblings.iter().flat_map(|uid| context.api.owned(uid, ResourceKey::PODS));
        let counts = pods::on_nodes(related);
        let doubled = |pod: &Value| counts.get(Pod(pod).node_name()).copied().unwrap_or_default();
        chosen.sort_by(|a, b| pods::goes_first(a, b, (doubled(a), doubled(b)), context.now));
    }
    chosen.into_iter().take(count).cloned().collect()
}

// Models pkg/controller/replicaset/replica_set_utils.go
fn status(
    context: &Context<'_>,
    set: &Value,
    active: &[Value],
    terminating: usize,
    failure: Option<&Failure>,
) -> Value {
    let spec = ReplicaSet(set).spec();
    let labels = spec.template().metadata().labels();
    let labelled = |pod: &Value| {
        let own = pod.get("metadata").get("labels");
        labels.iter().all(|(key, value)| own.get(key) == value)
    };
    let count = |matches: &dyn Fn(&Value) -> bool| active.iter().filter(|pod| matches(pod)).count() as i64;
    let mut status = set.get("status").clone();
    status.set(Field::Static("replicas"), active.len());
    pods::set_count(&mut status, "fullyLabeledReplicas", count(&labelled));
    pods::set_count(&mut status, "readyReplicas", count(&|pod| Pod(pod).is_ready()));
    let min_ready = spec.min_ready_seconds();
    pods::set_count(&mut status, "availableReplicas", count(&|p| pods::is_available(p, min_ready, context.now)));
    if set.kind() == "ReplicaSet" {
        status.set(Field::Static("terminatingReplicas"), terminating);
    }
    status.set(
        Field::Static("observedGeneration"),
        set.meta().generation().max(ReplicaSetStatus(&status).observed_generation()),
    );
    match failure {
        Some(failure) => {
            let now = context.now.rfc3339();
            let conditions = status.field_mut("conditions");
            if !conditions
                .items()
                .iter()
                .any(|c| *c.get("type") == "ReplicaFailure" && *c.get("reason") == failure.reason)
            {
                condition::set(conditions, "ReplicaFailure", "True", failure.reason, &failure.status.message, &now, []);
            }
        }
        None => pods::remove_condition(&mut status, "ReplicaFailure"),
    }
    status
}
