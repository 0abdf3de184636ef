//! The pod and container that a command is about, when it names a workload or names no container.

// Models staging/src/k8s.io/kubectl/pkg/polymorphichelpers and staging/src/k8s.io/kubectl/pkg/cmd/util/podcmd

use std::cmp::Reverse;

use ecow::EcoString;
use podyard_api::kinds::{LabelSelector, Pod};
use podyard_api::{Selector, Value, Verb};

use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;
use crate::resource::q;
use crate::watching;

/// `--pod-running-timeout`
pub(crate) const fn running_timeout(default: &'static str) -> Flag {
    Flag::duration(
        "pod-running-timeout",
        default,
        "The length of time (like 5s, 2m, or 3h, higher than zero) to wait until at least one pod is running",
    )
}

const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// The names of all containers of a pod, as messages list them.
pub(crate) fn container_names(pod: &Value) -> String {
    let spec = Pod(pod).spec();
    let main = spec.containers().map(|c| c.name().to_owned());
    let ephemeral = spec.ephemeral_containers().map(|c| format!("{} (ephem)", c.name()));
    let init = spec.init_containers().map(|c| format!("{} (init)", c.name()));
    main.chain(ephemeral).chain(init).collect::<Vec<_>>().join(", ")
}

/// Whether the pod has a container of that name, of any sort.
pub(crate) fn has_container(pod: &Value, name: &str) -> bool {
    let spec = Pod(pod).spec();
    spec.containers().any(|c| c.name() == name)
        || spec.init_containers().any(|c| c.name() == name)
        || spec.ephemeral_containers().any(|c| c.name() == name)
}

/// The container asked for, or the default one; says on standard error which one it took by itself.
///
/// # Errors
/// A container that the pod does not have.
pub(crate) async fn container(ctx: &Ctx, pod: &Value, name: &str, quiet: bool) -> Outcome<EcoString> {
    if !name.is_empty() {
        if has_container(pod, name) {
            return Ok(name.into());
        }
        return Err(no_container(pod, name));
    }
    if let Some(name) = pod.meta().annotation(DEFAULT_CONTAINER).filter(|name| has_container(pod, name)) {
        return Ok(name.into());
    }
    let spec = Pod(pod).spec();
    let Some(first) = spec.containers().next().map(|c| EcoString::from(c.name())) else {
        return Err(Failure::Text(format!("pod {}/{} does not have any containers", pod.namespace(), pod.name())));
    };
    let several = spec.containers().len() + spec.init_containers().len() + spec.ephemeral_containers().len() > 1;
    if several && !quiet {
        ctx.err(format!("Defaulted container {} out of: {}\n", q(&first), container_names(pod))).await;
    }
    Ok(first)
}

/// `container x is not valid for pod web out of: web`
pub(crate) fn no_container(pod: &Value, name: &str) -> Failure {
    Failure::Text(format!("container {name} is not valid for pod {} out of: {}", pod.name(), container_names(pod)))
}

/// How the pods of a workload are ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rank {
    /// For exec, attach, port-forward and cp.
    Active,
    Logging,
}

/// The selector by which a workload finds its pods, as text.
///
/// # Errors
/// A kind that has no pods.
pub(crate) fn selector(object: &Value) -> Outcome<EcoString> {
    let spec = object.get("spec").get("selector");
    match object.kind() {
        "Service" | "ReplicationController" => {
            if spec.is_empty() {
                let (kind, name) = (object.kind().to_lowercase(), object.name());
                let kind_title = object.kind();
                return Err(Failure::Text(format!(
                    "invalid {kind} '{name}': {kind_title} is defined without a selector"
                )));
            }
            let pairs = spec.fields().iter().map(|(key, value)| format!("{key}={}", value.str()));
            Ok(pairs.collect::<Vec<_>>().join(",").into())
        }
        "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" | "Job" => Selector::of(Some(LabelSelector(spec)))
            .map(|selector| selector.to_string().into())
            .map_err(|error| Failure::Text(format!("invalid label selector: {error}"))),
        _ => Err(Failure::Text(format!("selector for *{} not implemented", go_type(object)))),
    }
}

/// As Go prints the type of a decoded object.
pub(crate) fn go_type(object: &Value) -> String {
    let (group, version) = object.api_version().split_once('/').unwrap_or(("core", object.api_version()));
    let package = group.split('.').next().unwrap_or_default();
    let package = if package == "core" { String::new() } else { package.to_owned() };
    format!("{package}{version}.{}", object.kind())
}

/// All pods that a workload selects, best first.
pub(crate) async fn of_workload(ctx: &Ctx, object: &Value, rank: Rank) -> Outcome<Vec<Value>> {
    let selector = selector(object)?;
    let list = list(ctx, object.namespace(), &selector).await?;
    let mut pods: Vec<Value> = list.get("items").items().iter().map(typed).collect();
    pods.sort_by_cached_key(|pod| key(pod, rank));
    Ok(pods)
}

async fn list(ctx: &Ctx, namespace: &str, selector: &str) -> Outcome<Value> {
    let discovery = ctx.discovery().await?;
    let mut request = ctx.request(Verb::List, discovery.resolve("pods")?.target(namespace, ""));
    request.options.label_selector = selector.into();
    ctx.send(request).await
}

/// A list's item with its kind.
fn typed(item: &Value) -> Value {
    let mut pod = item.clone();
    pod.set("apiVersion", "v1");
    pod.set("kind", "Pod");
    pod
}

type Key = (bool, u8, bool, String, Reverse<i64>, i64, String);

/// Smaller is better: bound, running, ready, for longer, then by restarts and age.
fn key(pod: &Value, rank: Rank) -> Key {
    let view = Pod(pod);
    let phase = match view.status().phase() {
        "Running" => 0,
        "Pending" => 2,
        _ => 1,
    };
    let ready = view.status().condition("Ready").filter(|condition| condition.is_true());
    let since = ready.map(|condition| condition.last_transition_time().to_owned()).unwrap_or_default();
    let restarts = view.status().container_statuses().map(|c| c.restart_count()).max().unwrap_or_default();
    let (more, fewer) = match rank {
        Rank::Logging => (restarts, 0),
        Rank::Active => (0, restarts),
    };
    let created = pod.meta().creation_timestamp().to_owned();
    (view.node_name().is_empty(), phase, !view.is_ready(), since, Reverse(more), fewer, created)
}

/// The pod itself, or the best pod of a workload, waited for so many nanoseconds; and of how many it is one.
pub(crate) async fn first(ctx: &Ctx, object: &Value, rank: Rank, timeout: i64) -> Outcome<(Value, usize)> {
    if object.kind() == "Pod" {
        return Ok((object.clone(), 1));
    }
    let pods = of_workload(ctx, object, rank).await?;
    if let Some(pod) = pods.first() {
        return Ok((pod.clone(), pods.len()));
    }
    wait_for_one(ctx, object, timeout).await.map(|pod| (pod, 1))
}

async fn wait_for_one(ctx: &Ctx, object: &Value, timeout: i64) -> Outcome<Value> {
    let selector = selector(object)?;
    let deadline = watching::deadline(ctx, timeout).await;
    let discovery = ctx.discovery().await?;
    let mut request = ctx.request(Verb::Watch, discovery.resolve("pods")?.target(object.namespace(), ""));
    request.options.label_selector = selector;
    let fd = ctx.watch(request).await?;
    while watching::wait_readable(ctx, fd, Some(deadline)).await {
        match ctx.next_event(fd).await {
            Some(event) if matches!(event.kind.as_str(), "ADDED" | "MODIFIED") => {
                ctx.sys.close(fd).await;
                return Ok(event.object);
            }
            Some(_) => {}
            None => break,
        }
    }
    ctx.sys.close(fd).await;
    Err("timed out waiting for the condition".into())
}
