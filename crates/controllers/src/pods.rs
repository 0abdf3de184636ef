//! What controllers of pods share: which pods count, which go first, how they are made from a template.
// Models pkg/controller/controller_utils.go

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::time::Duration;

use ecow::{EcoString, eco_format};
use podyard_api::kinds::reference;
use podyard_api::kinds::{Condition, ContainerStatus, ObjectMeta, Pod};
use podyard_api::{Key as Field, Selector, Status, Value, value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};
use podyard_sim::Time;

use crate::{Context, Key, Keys, Outcome};

/// A moment as text, as objects hold it.
pub(crate) fn time(text: &str) -> Option<Time> {
    podyard_api::timestamp::parse(text).and_then(|micros| u64::try_from(micros).ok()).map(Time::from_micros)
}

/// Tells the owner of a pod of its change; of a pod without a controller those of `sets` that may adopt it.
pub(crate) fn route(api: &ApiServer, change: &Change, sets: ResourceKey, keys: &mut Keys) {
    let key = |name: EcoString| Key::new(change.namespace.clone(), name);
    for pod in [&change.old, &change.new].into_iter().flatten() {
        match controller_of(pod.meta(), &sets.resource().api_version(), sets.kind()) {
            Some(name) => keys.push(key(name.into())),
            None if pod.meta().controller().is_none() => {
                let adopters = adopters(api.list(sets, Some(&change.namespace)), pod);
                adopters.for_each(|set| keys.push(key(set.name_text())));
            }
            None => {}
        }
    }
}

/// What came of bringing pods into order. In a namespace that goes nothing is to be made any more.
pub(crate) fn outcome(result: Result<Outcome, Status>) -> Outcome {
    match result {
        Ok(outcome) => outcome,
        Err(status) if is_terminating_namespace(&status) => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}

/// Neither ended nor being deleted.
pub(crate) fn is_active(pod: &Value) -> bool {
    !Pod(pod).is_terminal() && !Pod(pod).is_terminating()
}

/// When a pod became ready, if it is.
pub(crate) fn ready_since(pod: &Value) -> Option<Time> {
    Pod(pod).status().condition("Ready").filter(|ready| ready.is_true()).and_then(|r| time(r.last_transition_time()))
}

/// Ready for at least so many seconds.
// Models staging/src/k8s.io/kubectl/pkg/util/podutils/podutils.go
pub(crate) fn is_available(pod: &Value, min_ready_seconds: i64, now: Time) -> bool {
    until_available(pod, min_ready_seconds, now) == Some(Duration::ZERO)
}

/// How long a ready pod is not yet available; nothing for a pod that is not ready.
pub(crate) fn until_available(pod: &Value, min_ready_seconds: i64, now: Time) -> Option<Duration> {
    if min_ready_seconds == 0 {
        return Pod(pod).is_ready().then_some(Duration::ZERO);
    }
    let since = ready_since(pod)?;
    Some((since + seconds(min_ready_seconds)).since(now))
}

pub(crate) fn seconds(number: i64) -> Duration {
    Duration::from_secs(u64::try_from(number).unwrap_or_default())
}

/// Which of two pods goes first if one must; `doubled` is how many of the same kind are on each one's node.
pub(crate) fn goes_first(a: &Value, b: &Value, doubled: (usize, usize), now: Time) -> Ordering {
    let unassigned = |pod: &Value| Pod(pod).node_name().is_empty();
    let phase = |pod: &Value| match Pod(pod).status().phase() {
        "Pending" => 0,
        "Unknown" => 1,
        _ => 2,
    };
    let ready = |pod: &Value| Pod(pod).is_ready();
    unassigned(b)
        .cmp(&unassigned(a))
        .then_with(|| phase(a).cmp(&phase(b)))
        .then_with(|| ready(a).cmp(&ready(b)))
        .then_with(|| deletion_cost(a).cmp(&deletion_cost(b)))
        .then_with(|| doubled.1.cmp(&doubled.0))
        .then_with(|| magnitude(ready_since(a), now).cmp(&magnitude(ready_since(b), now)))
        .then_with(|| max_restarts(b).cmp(&max_restarts(a)))
        .then_with(|| {
            let created = |pod: &Value| magnitude(time(pod.meta().creation_timestamp()), now);
            created(a).cmp(&created(b))
        })
        .then_with(|| a.uid().cmp(b.uid()))
}

/// The order of magnitude of an age: the younger goes first only as far as the ages differ in it.
fn magnitude(since: Option<Time>, now: Time) -> Option<u32> {
    let nanos = now.since(since?).as_nanos();
    Some(nanos.checked_ilog2().map_or(0, |rank| rank + 1))
}

fn deletion_cost(pod: &Value) -> i64 {
    let cost = pod.meta().annotation("controller.kubernetes.io/pod-deletion-cost");
    cost.and_then(|cost| cost.parse::<i32>().ok()).map_or(0, i64::from)
}

fn max_restarts(pod: &Value) -> i64 {
    Pod(pod).status().container_statuses().map(ContainerStatus::restart_count).max().unwrap_or_default()
}

/// How many active pods there are on each node.
pub(crate) fn on_nodes<'p>(pods: impl Iterator<Item = &'p Value>) -> BTreeMap<EcoString, usize> {
    let mut counts = BTreeMap::new();
    for pod in pods.filter(|pod| is_active(pod)) {
        *counts.entry(pod.get("spec").get("nodeName").text()).or_default() += 1;
    }
    counts
}

/// A pod made from a template, controlled by `owner`. It still needs a name or a base for one.
pub(crate) fn of_template(owner: &Value, template: &Value) -> Value {
    let meta = template.get("metadata");
    let mut metadata = value!({
        "namespace": owner.namespace_text(),
        "ownerReferences": [reference::to_controller(owner)],
    });
    for field in ["annotations", "finalizers", "labels"] {
        if !meta.get(field).is_empty() {
            metadata.set(Field::Static(field), meta.get(field));
        }
    }
    value!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": (template.get("spec").clone()),
    })
}

/// The base of the names of an owner's pods.
pub(crate) fn name_base(owner: &Value) -> EcoString {
    eco_format!("{}-", owner.name())
}

/// Creates a pod and tells of it.
///
/// # Errors
/// The server's refusal, which was told, too.
pub(crate) fn create(context: &mut Context<'_>, owner: &Value, pod: Value) -> Result<Value, Status> {
    match context.create_object(ResourceKey::PODS, pod) {
        Ok(pod) => {
            context.normal(owner, "SuccessfulCreate", &format!("Created pod: {}", pod.name()));
            Ok(pod)
        }
        Err(status) => {
            // In a namespace that goes, it is known to fail.
            if !is_terminating_namespace(&status) {
                context.warning(owner, "FailedCreate", &format!("Error creating: {}", status.message));
            }
            Err(status)
        }
    }
}

/// Whether something could not be created because its namespace is being deleted.
pub(crate) fn is_terminating_namespace(status: &Status) -> bool {
    status.is("Forbidden") && status.message.contains("because it is being terminated")
}

/// Deletes a pod and tells of it.
///
/// # Errors
/// The server's refusal; a pod that has gone already is none.
pub(crate) fn delete(context: &mut Context<'_>, owner: &Value, pod: &Value) -> Result<(), Status> {
    match context.delete_object(ResourceKey::PODS, pod, Value::Null) {
        Ok(_) => {
            context.normal(owner, "SuccessfulDelete", &format!("Deleted pod: {}", pod.name()));
            Ok(())
        }
        Err(status) if status.is("NotFound") => Ok(()),
        Err(status) => {
            context.warning(owner, "FailedDelete", &format!("Error deleting: {}", status.message));
            Err(status)
        }
    }
}

/// The objects of a resource that `owner` controls, having adopted what matches and released what no longer does.
// Models pkg/controller/controller_ref_manager.go
pub(crate) fn claim(
    context: &mut Context<'_>,
    resource: ResourceKey,
    owner: &Value,
    selector: &Selector,
    may_adopt: fn(&Value) -> bool,
) -> Result<Vec<Value>, Status> {
    let is_leaving = owner.meta().deletion_timestamp().is_some();
    let mut claimed = Vec::new();
    let mut released = Vec::new();
    for object in context.api.owned(owner.uid(), resource) {
        let controls = object.meta().controller().is_some_and(|controller| controller.uid() == owner.uid());
        if !controls {
            continue;
        }
        if is_leaving || selector.matches_object(object) {
            claimed.push(object.clone());
        } else {
            released.push(object.clone());
        }
    }
    for object in released {
        let kept: Value =
            object.meta().owner_references().filter(|r| r.uid() != owner.uid()).map(|r| r.value().clone()).collect();
        let patch = value!({"metadata": {"uid": (object.uid()), "ownerReferences": kept}});
        match context.patch_object(resource, &object, patch) {
            Ok(_) => {}
            Err(status) if status.is("NotFound") || status.is("Invalid") => {}
            Err(status) => return Err(status),
        }
    }
    if is_leaving {
        return Ok(claimed);
    }
    let orphans: Vec<Value> = context
        .api
        .orphans(resource, owner.namespace())
        .filter(|object| object.meta().deletion_timestamp().is_none() && selector.matches_object(object))
        .filter(|object| may_adopt(object))
        .cloned()
        .collect();
    for orphan in orphans {
        let mut owners = orphan.get("metadata").get("ownerReferences").clone();
        owners.push(reference::to_controller(owner));
        let patch = value!({"metadata": {"uid": (orphan.uid()), "ownerReferences": owners}});
        match context.patch_object(resource, &orphan, patch) {
            Ok(adopted) => claimed.push(adopted),
            Err(status) if status.is("NotFound") => {}
            Err(status) => return Err(status),
        }
    }
    Ok(claimed)
}

/// The keys of those in a pod's namespace whose selector would adopt it.
pub(crate) fn adopters<'a>(
    owners: impl Iterator<Item = &'a Value> + 'a,
    object: &'a Value,
) -> impl Iterator<Item = &'a Value> + 'a {
    owners.filter(move |owner| selector(owner).matches_object(object))
}

/// The selector of a workload; one that is wrong or empty matches nothing.
pub(crate) fn selector(owner: &Value) -> Selector {
    let selector = owner.get("spec").get("selector");
    let parsed = if owner.kind() == "ReplicationController" {
        Selector::of_labels(selector.fields())
    } else {
        Selector::of(Some(podyard_api::kinds::LabelSelector(selector))).unwrap_or_else(|_| Selector::nothing())
    };
    if parsed.is_empty() { Selector::nothing() } else { parsed }
}

/// The controller of an object, if it is of this kind: the namespace and name of it.
pub(crate) fn controller_of<'v>(meta: ObjectMeta<'v>, api_version: &str, kind: &str) -> Option<&'v str> {
    meta.controller().filter(|c| c.kind() == kind && c.api_version() == api_version).map(|c| c.name())
}

/// A condition of a workload's list, if there.
pub(crate) fn condition<'v>(object: &'v Value, kind: &str) -> Option<Condition<'v>> {
    object.get("status").get("conditions").items().iter().map(Condition).find(|condition| condition.kind() == kind)
}

/// Sets a count in a status, leaving 0 out.
pub(crate) fn set_count(status: &mut Value, field: &'static str, count: i64) {
    if count == 0 {
        status.remove(field);
    } else {
        status.set(Field::Static(field), count);
    }
}

/// Takes a condition out of a status.
pub(crate) fn remove_condition(status: &mut Value, kind: &str) {
    if !status.get("conditions").items().iter().any(|item| *item.get("type") == kind) {
        return;
    }
    let kept: Value = status.get("conditions").items().iter().filter(|item| *item.get("type") != kind).collect();
    if kept.is_empty() {
        status.remove("conditions");
    } else {
        status.set(Field::Static("conditions"), kept);
    }
}
