//! Keeps a stateful set's pods: each with a name, a place in the order and storage of its own.
// Models pkg/controller/statefulset/stateful_set_control.go

mod identity;
mod order;

use podyard_api::kinds::{Pod, StatefulSet};
use podyard_api::{Key as Field, Status, Value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::{Context, Controller, Key, Keys, Outcome, history, pods};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "statefulset-controller",
    account: "statefulset-controller",
    component: "statefulset-controller",
    route,
    reconcile,
};

const SETS: ResourceKey = ResourceKey::STATEFUL_SETS;
/// Names a revision's hash.
const HASH: &str = "controller.kubernetes.io/hash";

fn route(api: &ApiServer, change: &Change, keys: &mut Keys) {
    match change.resource {
        SETS => keys.push(Key::new(change.namespace.clone(), change.name.clone())),
        ResourceKey::PODS => pods::route(api, change, SETS, keys),
        _ => {}
    }
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let Some(set) = context.get(SETS, &key.namespace, &key.name) else { return Outcome::Done };
    pods::outcome(sync(context, &set))
}

/// A stateful set with its revisions.
struct Stateful<'a> {
    set: &'a Value,
    /// The revision that pods had before the present rollout.
    current: Value,
    /// The revision of the present template.
    update: Value,
}

impl Stateful<'_> {
    fn view(&self) -> StatefulSet<'_> {
        StatefulSet(self.set)
    }

    /// The number of the first pod.
    fn start(&self) -> i64 {
        self.view().spec().ordinals().start()
    }

    fn is_updated(&self, pod: &Value) -> bool {
        history::of_pod(pod) == self.update.name_text()
    }
}

fn sync(context: &mut Context<'_>, set: &Value) -> Result<Outcome, Status> {
    let selector = pods::selector(set);
    let mut revisions = history::list(context, set, &selector)?;
    let own = |pod: &Value| identity::ordinal(pod).is_some();
    let claimed = pods::claim(context, ResourceKey::PODS, set, &selector, own)?;
    let claimed: Vec<Value> = claimed.into_iter().filter(|pod| identity::is_member(set, pod)).collect();
    let update = history::current(context, set, &mut revisions, HASH)?;
    let named = set.get("status").get("currentRevision").str();
    let current = revisions.iter().find(|revision| revision.name() == named).unwrap_or(&update).clone();
    let stateful = Stateful { set, current, update };
    let done = order::bring(context, &stateful, claimed);
    write_status(context, &stateful)?;
    done?;
    let live: Vec<_> = context.api.owned(set.uid(), ResourceKey::PODS).map(history::of_pod).collect();
    let is_used = |revision: &Value| {
        [&stateful.current, &stateful.update].iter().any(|used| used.name() == revision.name())
            || live.contains(&revision.name_text())
    };
    history::truncate(context, &revisions, is_used, stateful.view().spec().revision_history_limit())?;
    Ok(until_available(context, set))
}

fn until_available(context: &Context<'_>, set: &Value) -> Outcome {
    let min_ready = StatefulSet(set).spec().min_ready_seconds();
    let pods = context.api.owned(set.uid(), ResourceKey::PODS);
    let waits = pods.filter_map(|pod| pods::until_available(pod, min_ready, context.now));
    waits.filter(|wait| !wait.is_zero()).min().map_or(Outcome::Done, Outcome::After)
}

fn write_status(context: &mut Context<'_>, stateful: &Stateful<'_>) -> Result<(), Status> {
    let spec = stateful.view().spec();
    let min_ready = spec.min_ready_seconds();
    let (mut all, mut ready, mut available, mut current, mut updated) = (0, 0, 0, 0, 0);
    for pod in context.api.owned(stateful.set.uid(), ResourceKey::PODS) {
        all += 1;
        if order::is_running_and_ready(pod) {
            ready += 1;
            available += i64::from(pods::is_available(pod, min_ready, context.now));
        }
        if !Pod(pod).is_terminating() {
            current += i64::from(history::of_pod(pod) == stateful.current.name_text());
            updated += i64::from(stateful.is_updated(pod));
        }
    }
    let mut revision = stateful.current.name_text();
    let rolls = spec.update_strategy().kind() == "RollingUpdate";
    if rolls && updated == all && ready == all && updated == spec.replicas() {
        current = updated;
        revision = stateful.update.name_text();
    }
    let mut status = stateful.set.get("status").clone();
    status.set(Field::Static("replicas"), all);
    status.set(Field::Static("availableReplicas"), available);
    for (field, count) in [("currentReplicas", current), ("readyReplicas", ready), ("updatedReplicas", updated)] {
        pods::set_count(&mut status, field, count);
    }
    status.set(Field::Static("currentRevision"), revision);
    status.set(Field::Static("updateRevision"), stateful.update.name_text());
    status.set(Field::Static("observedGeneration"), stateful.set.meta().generation());
    if status.get("collisionCount").is_null() {
        status.set(Field::Static("collisionCount"), 0);
    }
    if status == *stateful.set.get("status") {
        return Ok(());
    }
    let mut changed = stateful.set.clone();
    changed.set(Field::Static("status"), status);
    context.update_status(SETS, changed).map(|_| ())
}
