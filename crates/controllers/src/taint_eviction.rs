//! Deletes pods from nodes whose `NoExecute` taints they do not tolerate, or not for ever.
// Models pkg/controller/tainteviction/taint_eviction.go

use std::time::Duration;

use podyard_api::Value;
use podyard_api::kinds::{Node, Pod, Taint, pod};
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::{Context, Controller, Key, Keys, Outcome, pods};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "taint-eviction-controller",
    account: "node-controller",
    component: "taint-eviction-controller",
    route,
    reconcile,
};

const REASON: &str = "TaintManagerEviction";

fn route(api: &ApiServer, change: &Change, keys: &mut Keys) {
    match change.resource {
        ResourceKey::NODES => {
            let taints = |node: &Option<Value>| {
                node.as_ref().map(|node| node.get("spec").get("taints").clone()).unwrap_or_default()
            };
            if taints(&change.old) == taints(&change.new) {
                return;
            }
            for pod in api.list(ResourceKey::PODS, None).filter(|pod| Pod(pod).node_name() == change.name) {
                keys.push(Key::new(pod.namespace_text(), pod.name_text()));
            }
        }
        ResourceKey::PODS => {
            let Some(pod) = &change.new else { return };
            let node = api.get(ResourceKey::NODES, "", Pod(pod).node_name());
            if node.is_some_and(|node| evicting(node).next().is_some()) {
                keys.push(Key::new(change.namespace.clone(), change.name.clone()));
            }
        }
        _ => {}
    }
}

fn evicting(node: &Value) -> impl Iterator<Item = Taint<'_>> {
    Node(node).spec().taints().filter(|taint| taint.effect() == "NoExecute")
}

/// How long a pod may stay; nothing: for ever.
fn tolerated_for(pod: &Value, node: &Value) -> Option<Duration> {
    let mut shortest: Option<Duration> = None;
    for taint in evicting(node) {
        let mut used = Pod(pod).spec().tolerations().filter(|toleration| toleration.tolerates(taint));
        let Some(toleration) = used.next() else { return Some(Duration::ZERO) };
        if let Some(seconds) = toleration.toleration_seconds() {
            let time = pods::seconds(seconds);
            shortest = Some(shortest.map_or(time, |other| other.min(time)));
        }
    }
    shortest
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let memory = (key.namespace.clone(), key.name.clone());
    let pod = context.get(ResourceKey::PODS, &key.namespace, &key.name);
    let Some(pod) = pod.filter(|pod| !Pod(pod).is_terminating()) else {
        context.memory.evictions.remove(&memory);
        return Outcome::Done;
    };
    let node = context.get(ResourceKey::NODES, "", Pod(&pod).node_name());
    let Some(wait) = node.as_ref().and_then(|node| tolerated_for(&pod, node)) else {
        if context.memory.evictions.remove(&memory).is_some() {
            let message = format!("Cancelling deletion of Pod {}/{}", key.namespace, key.name);
            context.normal(&pod, REASON, &message);
        }
        return Outcome::Done;
    };
    let now = context.now;
    let due = *context.memory.evictions.entry(memory.clone()).or_insert(now + wait);
    if due > now {
        return Outcome::After(due.since(now));
    }
    let message = format!("Marking for deletion Pod {}/{}", key.namespace, key.name);
    context.normal(&pod, REASON, &message);
    let mut marked = pod.clone();
    let why = "Taint manager: deleting due to NoExecute taint";
    pod::set_condition(&mut marked, "DisruptionTarget", "True", "DeletionByTaintManager", why, &now.rfc3339());
    let marked = context.update_status(ResourceKey::PODS, marked);
    let deleted = marked.and_then(|pod| context.delete_object(ResourceKey::PODS, &pod, Value::Null));
    match deleted {
        Ok(_) => {
            context.memory.evictions.remove(&memory);
            Outcome::Done
        }
        Err(status) if status.is("NotFound") => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}
