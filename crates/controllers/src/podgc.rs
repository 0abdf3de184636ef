//! Deletes pods that no kubelet will ever end: those of nodes that are gone, and unbound ones that were deleted.
// Models pkg/controller/podgc/gc_controller.go

use std::time::Duration;

use podyard_api::kinds::{Pod, pod};
use podyard_api::{Value, value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::context::target;
use crate::{Context, Controller, Key, Keys, Outcome};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "pod-garbage-collector-controller",
    account: "pod-garbage-collector",
    component: "",
    route,
    reconcile,
};

/// A node may come back for so long, and after that it is looked for once more.
const QUARANTINE: Duration = Duration::from_secs(40);
const PERIOD: Duration = Duration::from_secs(20);

fn route(_: &ApiServer, change: &Change, keys: &mut Keys) {
    if change.resource == ResourceKey::NODES && change.new.is_none() {
        keys.push(Key::new("", change.name.clone()));
    }
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    if context.api.get(ResourceKey::NODES, "", &key.name).is_some() {
        context.memory.gone_nodes.remove(&key.name);
        return Outcome::Done;
    }
    let due = context.now + QUARANTINE + PERIOD;
    let due = *context.memory.gone_nodes.entry(key.name.clone()).or_insert(due);
    if due > context.now {
        return Outcome::After(due.since(context.now));
    }
    context.memory.gone_nodes.remove(&key.name);
    let is_orphan = |pod: &&Value| Pod(pod).node_name() == key.name;
    let orphans: Vec<Value> = context.api.list(ResourceKey::PODS, None).filter(is_orphan).cloned().collect();
    for orphan in orphans {
        let mut failed = orphan.clone();
        if !Pod(&orphan).is_terminal() {
            let (why, now) = ("PodGC: node no longer exists", context.now.rfc3339());
            pod::set_condition(&mut failed, "DisruptionTarget", "True", "DeletionByPodGC", why, &now);
            let patch = value!({"status": {
                "phase": "Failed",
                "conditions": (failed.get("status").get("conditions").clone()),
            }});
            let target = target(ResourceKey::PODS, orphan.namespace(), orphan.name()).sub("status");
            if context.merge_patch(target, patch).is_err() {
                return Outcome::Retry;
            }
        }
        let options = value!({"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0});
        match context.delete_object(ResourceKey::PODS, &orphan, options) {
            Ok(_) => {}
            Err(status) if status.is("NotFound") => {}
            Err(_) => return Outcome::Retry,
        }
    }
    Outcome::Done
}
