//! Notices nodes that are silent, and taints nodes by their state.
// Models pkg/controller/nodelifecycle/node_lifecycle_controller.go

use std::time::Duration;

use podyard_api::kinds::{Lease, Node, Pod, node, pod};
use podyard_api::{Key as Field, Status, Value, value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};
use podyard_sim::Time;

use crate::{Context, Controller, Key, Keys, Outcome, pods};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "node-lifecycle-controller",
    account: "node-controller",
    component: "node-controller",
    route,
    reconcile,
};

const NODES: ResourceKey = ResourceKey::NODES;
/// How long a node may be silent, and how often that is looked at.
const GRACE: Duration = Duration::from_secs(50);
const PERIOD: Duration = Duration::from_secs(5);
/// Where nodes renew their leases.
const LEASES: &str = "kube-node-lease";

fn route(_: &ApiServer, change: &Change, keys: &mut Keys) {
    if change.resource != NODES {
        return;
    }
    let seen = |node: &Value| {
        let conditions: Vec<_> =
            Node(node).status().conditions().map(|c| (c.kind().to_owned(), c.status().to_owned())).collect();
        (conditions, node.get("spec").clone())
    };
    if change.old.as_ref().map(seen) != change.new.as_ref().map(seen) {
        keys.push(Key::new("", change.name.clone()));
    }
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let Some(node) = context.get(NODES, "", &key.name) else {
        let gone = value!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": &key.name, "uid": &key.name}});
        let message = format!("Node {} event: Removing Node {} from Controller", key.name, key.name);
        context.normal(&gone, "RemovingNode", &message);
        return Outcome::Done;
    };
    match sync(context, node) {
        Ok(wait) => Outcome::After(wait),
        Err(_) => Outcome::Retry,
    }
}

fn sync(context: &mut Context<'_>, node: Value) -> Result<Duration, Status> {
    let heard = last_heard(context, &node);
    let left = (heard + GRACE).since(context.now);
    let was_ready = Node(&node).is_ready();
    let node = if left.is_zero() { silence(context, node)? } else { node };
    taint(context, &node)?;
    let is_ready = Node(&node).is_ready();
    if !is_ready {
        mark_pods(context, &node)?;
    }
    if was_ready && !is_ready {
        let message = format!("Node {} status is now: NodeNotReady", node.name());
        context.normal(&node, "NodeNotReady", &message);
    }
    Ok(left.max(PERIOD) + Duration::from_millis(1))
}

/// When a node last renewed its lease, or told its state.
fn last_heard(context: &Context<'_>, node: &Value) -> Time {
    let lease = context.api.get(ResourceKey::LEASES, LEASES, node.name());
    let renewed = lease.and_then(|lease| Lease(lease).spec().renew_time().and_then(pods::time));
    let ready = Node(node).status().condition("Ready");
    let told =
        ready.filter(|ready| ready.status() != "Unknown").and_then(|r| r.last_heartbeat_time()).and_then(pods::time);
    let created = pods::time(node.meta().creation_timestamp());
    renewed.max(told).max(created).unwrap_or(context.now)
}

/// Nothing is known of a silent node.
fn silence(context: &mut Context<'_>, node: Value) -> Result<Value, Status> {
    let mut changed = node.clone();
    let now = context.now.rfc3339();
    for kind in ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"] {
        let condition = Node(&node).status().condition(kind);
        let (reason, message) = match condition {
            Some(condition) if condition.status() == "Unknown" => continue,
            Some(_) => ("NodeStatusUnknown", "Kubelet stopped posting node status."),
            None => ("NodeStatusNeverUpdated", "Kubelet never posted node status."),
        };
        let beat = condition.and_then(|condition| condition.last_heartbeat_time()).map(str::to_owned);
        node::set_condition(&mut changed, kind, "Unknown", reason, message, &now);
        let conditions = changed.field_mut("status").field_mut("conditions").items_mut();
        if let (Some(beat), Some(item)) = (beat, conditions.iter_mut().find(|item| *item.get("type") == kind)) {
            item.set(Field::Static("lastHeartbeatTime"), beat);
        }
    }
    if changed == node {
        return Ok(node);
    }
    context.update_status(NODES, changed)
}

const NOT_READY: &str = "node.kubernetes.io/not-ready";
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";

/// The taints that a node's state asks for: key and effect.
fn wanted(node: &Value) -> Vec<(&'static str, &'static str)> {
    let status = Node(node).status();
    let is = |kind: &str| status.condition(kind).map(|condition| condition.status()).unwrap_or_default();
    let mut wanted = Vec::new();
    match is("Ready") {
        "False" => wanted.extend([(NOT_READY, "NoSchedule"), (NOT_READY, "NoExecute")]),
        "Unknown" => wanted.extend([(UNREACHABLE, "NoSchedule"), (UNREACHABLE, "NoExecute")]),
        _ => {}
    }
    for (kind, key) in OWN {
        if is(kind) == "True" {
            wanted.push((key, "NoSchedule"));
        }
    }
    if Node(node).spec().unschedulable() {
        wanted.push((UNSCHEDULABLE, "NoSchedule"));
    }
    wanted
}

const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

const OWN: [(&str, &str); 4] = [
    ("MemoryPressure", "node.kubernetes.io/memory-pressure"),
    ("DiskPressure", "node.kubernetes.io/disk-pressure"),
    ("NetworkUnavailable", "node.kubernetes.io/network-unavailable"),
    ("PIDPressure", "node.kubernetes.io/pid-pressure"),
];

fn is_own(key: &str) -> bool {
    [NOT_READY, UNREACHABLE, UNSCHEDULABLE].contains(&key) || OWN.iter().any(|(_, own)| *own == key)
}

fn taint(context: &mut Context<'_>, node: &Value) -> Result<(), Status> {
    let wanted = wanted(node);
    let is = |taint: &Value, key: &str, effect: &str| *taint.get("key") == key && *taint.get("effect") == effect;
    let present = node.get("spec").get("taints").items();
    let stays = |taint: &&Value| {
        let evicts = *taint.get("effect") == "PreferNoSchedule";
        evicts || !is_own(taint.get("key").str()) || wanted.iter().any(|(key, effect)| is(taint, key, effect))
    };
    let mut taints: Vec<Value> = present.iter().filter(stays).cloned().collect();
    for (key, effect) in wanted {
        if !taints.iter().any(|taint| is(taint, key, effect)) {
            taints.push(value!({"key": key, "effect": effect, "timeAdded": (context.now.rfc3339())}));
        }
    }
    if taints == present {
        return Ok(());
    }
    let taints = if taints.is_empty() { Value::Null } else { Value::from(taints) };
    context.patch_object(NODES, node, value!({"spec": {"taints": taints}})).map(|_| ())
}

/// Pods of a node that is not ready are not ready either.
fn mark_pods(context: &mut Context<'_>, node: &Value) -> Result<(), Status> {
    let is_there = |pod: &&Value| Pod(pod).node_name() == node.name() && Pod(pod).is_ready();
    let ready: Vec<Value> = context.api.list(ResourceKey::PODS, None).filter(is_there).cloned().collect();
    for mut pod in ready {
        let now = context.now.rfc3339();
        pod::set_condition(&mut pod, "Ready", "False", "", "", &now);
        match context.update_status(ResourceKey::PODS, pod.clone()) {
            Ok(_) => context.warning(&pod, "NodeNotReady", "Node is not ready"),
            Err(status) if status.is("NotFound") => {}
            Err(status) => return Err(status),
        }
    }
    Ok(())
}
