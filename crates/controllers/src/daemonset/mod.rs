//! Keeps one pod of a daemon set on every node that should have one.
// Models pkg/controller/daemon/daemon_controller.go

mod nodes;
mod update;

use std::collections::BTreeMap;

use ecow::EcoString;
use podyard_api::kinds::{DaemonSet, Pod};
use podyard_api::{Key as Field, Status, Value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::{Context, Controller, Key, Keys, Outcome, history, pods};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "daemonset-controller",
    account: "daemon-set-controller",
    component: "daemonset-controller",
    route,
    reconcile,
};

const SETS: ResourceKey = ResourceKey::DAEMON_SETS;
/// Names a pod's revision.
const HASH: &str = "controller-revision-hash";

fn route(api: &ApiServer, change: &Change, keys: &mut Keys) {
    let key = |set: &Value| Key::new(set.namespace_text(), set.name_text());
    match change.resource {
        SETS => keys.push(Key::new(change.namespace.clone(), change.name.clone())),
        ResourceKey::PODS => pods::route(api, change, SETS, keys),
        // Heartbeats do not matter.
        ResourceKey::NODES => {
            let seen = |node: &Value| (node.get("metadata").get("labels").clone(), node.get("spec").clone());
            if change.old.as_ref().map(seen) != change.new.as_ref().map(seen) {
                api.list(SETS, None).for_each(|set| keys.push(key(set)));
            }
        }
        _ => {}
    }
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let Some(set) = context.get(SETS, &key.namespace, &key.name) else { return Outcome::Done };
    pods::outcome(sync(context, &set))
}

/// A daemon set with its pods by node.
struct Daemons<'a> {
    set: &'a Value,
    /// Of the present template.
    hash: EcoString,
    nodes: Vec<Value>,
    pods: BTreeMap<EcoString, Vec<Value>>,
}

impl Daemons<'_> {
    fn view(&self) -> DaemonSet<'_> {
        DaemonSet(self.set)
    }

    fn on(&self, node: &Value) -> &[Value] {
        self.pods.get(node.name()).map_or(&[], Vec::as_slice)
    }
}

fn sync(context: &mut Context<'_>, set: &Value) -> Result<Outcome, Status> {
    let selector = pods::selector(set);
    let mut revisions = history::list(context, set, &selector)?;
    if set.meta().deletion_timestamp().is_some() {
        return Ok(Outcome::Done);
    }
    let current = history::current(context, set, &mut revisions, HASH)?;
    let hash = current.get("metadata").get("labels").get(HASH).text();
    let managed = collect(context, set, &hash)?;
    let again = manage(context, &managed)?;
    let managed = collect(context, set, &hash)?;
    if managed.view().spec().update_strategy().kind() == "RollingUpdate" {
        update::roll(context, &managed)?;
    }
    let live: Vec<EcoString> = managed.pods.values().flatten().map(history::of_pod).collect();
    let is_used = |revision: &Value| {
        let own = revision.get("metadata").get("labels").get(HASH).text();
        own == hash || live.contains(&own)
    };
    history::truncate(context, &revisions, is_used, managed.view().spec().revision_history_limit())?;
    let managed = collect(context, set, &hash)?;
    write_status(context, &managed)?;
    Ok(again.map_or_else(|| until_available(context, &managed), Outcome::After))
}

fn until_available(context: &Context<'_>, daemons: &Daemons<'_>) -> Outcome {
    let min_ready = daemons.view().spec().min_ready_seconds();
    let waits = daemons.pods.values().flatten().filter_map(|pod| pods::until_available(pod, min_ready, context.now));
    waits.filter(|wait| !wait.is_zero()).min().map_or(Outcome::Done, Outcome::After)
}

fn collect<'a>(context: &mut Context<'_>, set: &'a Value, hash: &EcoString) -> Result<Daemons<'a>, Status> {
    let selector = pods::selector(set);
    let claimed = pods::claim(context, ResourceKey::PODS, set, &selector, |pod| !Pod(pod).is_terminating())?;
    let mut by_node: BTreeMap<EcoString, Vec<Value>> = BTreeMap::new();
    for pod in claimed {
        let node = nodes::target(&pod);
        if !node.is_empty() {
            by_node.entry(node).or_default().push(pod);
        }
    }
    let nodes = context.api.list(ResourceKey::NODES, None).cloned().collect();
    Ok(Daemons { set, hash: hash.clone(), nodes, pods: by_node })
}

/// How long a pod that fails again is left before it is replaced.
const AFTER_FAILURE: std::time::Duration = std::time::Duration::from_secs(1);

/// Makes the pods that are missing and deletes those that are too many; says when to look again.
fn manage(context: &mut Context<'_>, daemons: &Daemons<'_>) -> Result<Option<std::time::Duration>, Status> {
    let (mut missing, mut surplus) = (Vec::new(), Vec::new());
    let mut again = None;
    for node in &daemons.nodes {
        let (should_run, should_stay) = nodes::should_run(node, daemons.set);
        let pods = daemons.on(node);
        if should_run && pods.is_empty() {
            missing.push(node.name_text());
        } else if should_stay {
            again = sort_out(context, daemons, pods, &mut surplus).or(again);
        } else {
            surplus.extend(pods.iter().filter(|pod| !Pod(pod).is_terminating()).cloned());
        }
    }
    // Pods of nodes that are gone.
    for (name, pods) in &daemons.pods {
        if !daemons.nodes.iter().any(|node| node.name() == name) {
            surplus.extend(pods.iter().filter(|pod| !Pod(pod).is_terminating()).cloned());
        }
    }
    change(context, daemons, &missing, &surplus)?;
    Ok(again)
}

/// Of a node's pods one stays: the oldest that has not ended.
fn sort_out(
    context: &mut Context<'_>,
    daemons: &Daemons<'_>,
    pods: &[Value],
    surplus: &mut Vec<Value>,
) -> Option<std::time::Duration> {
    let mut running: Vec<&Value> = Vec::new();
    let mut again = None;
    for pod in pods.iter().filter(|pod| !Pod(pod).is_terminating()) {
        let (namespace, name, node) = (pod.namespace(), pod.name(), nodes::target(pod));
        match Pod(pod).status().phase() {
            "Failed" => {
                again = Some(AFTER_FAILURE);
                let message = format!("Found failed daemon pod {namespace}/{name} on node {node}, will try to kill it");
                context.warning(daemons.set, "FailedDaemonPod", &message);
                surplus.push(pod.clone());
            }
            "Succeeded" => {
                let message =
                    format!("Found succeeded daemon pod {namespace}/{name} on node {node}, will try to delete it");
                context.normal(daemons.set, "SucceededDaemonPod", &message);
                surplus.push(pod.clone());
            }
            _ => running.push(pod),
        }
    }
    let allowed = if update::max_surge(daemons) > 0 { update::with_surge(context, daemons, &running) } else { 1 };
    if running.len() > allowed {
        running.sort_by(|a, b| a.meta().creation_timestamp().cmp(b.meta().creation_timestamp()));
        surplus.extend(running.into_iter().skip(1).cloned());
    }
    again
}

/// Creates and deletes daemon pods.
fn change(
    context: &mut Context<'_>,
    daemons: &Daemons<'_>,
    missing: &[EcoString],
    surplus: &[Value],
) -> Result<(), Status> {
    let mut failed = None;
    for node in missing {
        let pod = nodes::pod(daemons.set, node, &daemons.hash);
        if let Err(status) = pods::create(context, daemons.set, pod) {
            failed = Some(status);
            break;
        }
    }
    for pod in surplus {
        if let Err(status) = pods::delete(context, daemons.set, pod) {
            failed = Some(status);
        }
    }
    failed.map_or(Ok(()), Err)
}

fn write_status(context: &mut Context<'_>, daemons: &Daemons<'_>) -> Result<(), Status> {
    let min_ready = daemons.view().spec().min_ready_seconds();
    let (mut desired, mut current, mut misscheduled) = (0, 0, 0);
    let (mut ready, mut available, mut updated) = (0, 0, 0);
    for node in &daemons.nodes {
        let (should_run, _) = nodes::should_run(node, daemons.set);
        let pods = daemons.on(node);
        desired += i64::from(should_run);
        let Some(oldest) = pods.iter().min_by(|a, b| a.meta().creation_timestamp().cmp(b.meta().creation_timestamp()))
        else {
            continue;
        };
        if !should_run {
            misscheduled += 1;
            continue;
        }
        current += 1;
        if Pod(oldest).is_ready() {
            ready += 1;
            available += i64::from(pods::is_available(oldest, min_ready, context.now));
        }
        updated += i64::from(history::of_pod(oldest) == daemons.hash);
    }
    let mut status = daemons.set.get("status").clone();
    for (field, count) in [
        ("currentNumberScheduled", current),
        ("desiredNumberScheduled", desired),
        ("numberMisscheduled", misscheduled),
        ("numberReady", ready),
    ] {
        status.set(Field::Static(field), count);
    }
    pods::set_count(&mut status, "numberAvailable", available);
    pods::set_count(&mut status, "numberUnavailable", desired - available);
    pods::set_count(&mut status, "updatedNumberScheduled", updated);
    status.set(Field::Static("observedGeneration"), daemons.set.meta().generation());
    if status == *daemons.set.get("status") {
        return Ok(());
    }
    let mut changed = daemons.set.clone();
    changed.set(Field::Static("status"), status);
    context.update_status(SETS, changed).map(|_| ())
}
