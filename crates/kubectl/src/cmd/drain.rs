//! `kubectl drain`.

// Models staging/src/k8s.io/kubectl/pkg/drain

use std::time::Duration;

use ecow::EcoString;
use podyard_api::kinds::Pod;
use podyard_api::{Target, Value, Verb, value};

use crate::cmd::node;
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::{Flag, format_duration, shared};
use crate::print::DryRun;
use crate::resource::{Info, delete_options};

pub(crate) static COMMAND: Command = Command {
    name: "drain",
    usage: "drain NODE",
    short: "Drain node in preparation for maintenance",
    long: "Drain node in preparation for maintenance.

 The given node will be marked unschedulable to prevent new pods from arriving. 'drain' evicts the pods if the API server supports https://kubernetes.io/docs/concepts/workloads/pods/disruptions/ eviction https://kubernetes.io/docs/concepts/workloads/pods/disruptions/ . Otherwise, it will use normal DELETE to delete the pods. The 'drain' evicts or deletes all pods except mirror pods (which cannot be deleted through the API server).  If there are daemon set-managed pods, drain will not proceed without --ignore-daemonsets, and regardless it will not delete any daemon set-managed pods, because those pods would be immediately replaced by the daemon set controller, which ignores unschedulable markings.  If there are any pods that are neither mirror pods nor managed by a replication controller, replica set, daemon set, stateful set, or job, then drain will not delete any pods unless you use --force.  --force will also allow deletion to proceed if the managing resource of one or more pods is missing.

 'drain' waits for graceful termination. You should not operate on the machine until the command completes.

 When you are ready to put the node back into service, use kubectl uncordon, which will make the node schedulable again.

 https://kubernetes.io/images/docs/kubectl_drain.svg",
    example: "# Drain node \"foo\", even if there are pods not managed by a replication controller, replica set, job, daemon set, or stateful set on it
kubectl drain foo --force

# As above, but abort if there are pods not managed by a replication controller, replica set, job, daemon set, or stateful set, and use a grace period of 15 minutes
kubectl drain foo --grace-period=900",
    flags: &[FLAGS, shared::DRY_RUN, shared::SELECTOR],
    run: run!(drain),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::int64(
        "chunk-size",
        "500",
        "Return large lists in chunks rather than all at once. Pass 0 to disable. This flag is beta and may change in the future.",
    ),
    Flag::bool(
        "delete-emptydir-data",
        "Continue even if there are pods using emptyDir (local data that will be deleted when the node is drained).",
    ),
    Flag::bool(
        "disable-eviction",
        "Force drain to use delete, even if eviction is supported. This will bypass checking PodDisruptionBudgets, use with caution.",
    ),
    Flag::bool("force", "Continue even if there are pods that do not declare a controller."),
    Flag::int(
        "grace-period",
        "-1",
        "Period of time in seconds given to each pod to terminate gracefully. If negative, the default value specified in the pod will be used.",
    ),
    Flag::bool("ignore-daemonsets", "Ignore DaemonSet-managed pods."),
    Flag::text("pod-selector", "", "Label selector to filter pods on the node"),
    Flag::int(
        "skip-wait-for-delete-timeout",
        "0",
        "If pod DeletionTimestamp older than N seconds, skip waiting for the pod.  Seconds must be greater than 0 to skip.",
    ),
    Flag::duration("timeout", "0s", "The length of time to wait before giving up, zero means infinite"),
];

const RETRY: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_secs(1);

/// What is done with a pod.
enum Fate {
    Evict,
    /// With a word to say.
    EvictBut(&'static str),
    Leave,
    LeaveBut(&'static str),
    /// It stands in the way.
    Refuse(&'static str),
}

async fn drain(ctx: Ctx) -> Outcome {
    let dry_run = DryRun::from_flags(&ctx).await?;
    let nodes = node::named(&ctx).await?;
    for info in &nodes {
        node::set(&ctx, info, true, dry_run).await?;
    }
    let mut pending: Vec<&str> = Vec::new();
    let mut failures = Vec::new();
    for info in &nodes {
        match one(&ctx, info, dry_run).await {
            Ok(()) => ctx.out(format!("node/{} {}\n", info.name, dry_run.mark("drained"))).await,
            Err(failure) => {
                let why = failure.message();
                ctx.err(format!(
                    "error: unable to drain node \"{}\" due to error: {why}, continuing command...\n",
                    info.name
                ))
                .await;
                pending.push(&info.name);
                failures.push(failure);
            }
        }
    }
    if !pending.is_empty() {
        let lines: String = pending.iter().map(|name| format!(" {name}\n")).collect();
        ctx.err(format!("There are pending nodes to be drained:\n{lines}")).await;
    }
    if let Err(failure) = Failure::collect(failures) {
        // What stood in the way was said above with its node; here it is said line by line.
        let text = match failure {
            Failure::Many(all) => all.iter().map(|one| format!("{}\n", one.message())).collect(),
            one => format!("{}\n", one.message()),
        };
        return Err(Failure::Said { code: 1, text });
    }
    Ok(())
}

async fn one(ctx: &Ctx, info: &Info, dry_run: DryRun) -> Outcome {
    let mut request = ctx.request(Verb::List, Target::resource("", "v1", "pods", "", ""));
    request.options.field_selector = ecow::eco_format!("spec.nodeName={}", info.name);
    request.options.label_selector = ctx.flags.text("pod-selector");
    let list = ctx.send(request).await?;
    let mut leaving: Vec<Value> = Vec::new();
    let mut warnings: Vec<(&str, Vec<String>)> = Vec::new();
    let mut refusals: Vec<(&str, Vec<String>)> = Vec::new();
    for pod in list.get("items").items() {
        let name = format!("{}/{}", pod.namespace(), pod.name());
        match fate(ctx, pod).await? {
            Fate::Evict => leaving.push(pod.clone()),
            Fate::EvictBut(why) => {
                note(&mut warnings, why, name);
                leaving.push(pod.clone());
            }
            Fate::Leave => {}
            Fate::LeaveBut(why) => note(&mut warnings, why, name),
            Fate::Refuse(why) => note(&mut refusals, why, name),
        }
    }
    if !refusals.is_empty() {
        let failure =
            |(why, pods): &(&str, Vec<String>)| Failure::Text(format!("cannot delete {why}: {}", pods.join(", ")));
        return Failure::collect(refusals.iter().map(failure).collect());
    }
    if !warnings.is_empty() {
        // What is ignored comes before what is deleted.
        warnings.sort_by(|(a, _), (b, _)| b.cmp(a));
        let texts: Vec<String> = warnings.iter().map(|(why, pods)| format!("{why}: {}", pods.join(", "))).collect();
        ctx.warn(&texts.join("; ")).await;
    }
    evict_all(ctx, &info.name, leaving, dry_run).await
}

fn note<'a>(notes: &mut Vec<(&'a str, Vec<String>)>, why: &'a str, pod: String) {
    match notes.iter_mut().find(|(known, _)| *known == why) {
        Some((_, pods)) => pods.push(pod),
        None => notes.push((why, vec![pod])),
    }
}

// Models staging/src/k8s.io/kubectl/pkg/drain/filters.go
async fn fate(ctx: &Ctx, pod: &Value) -> Outcome<Fate> {
    let flags = &ctx.flags;
    let view = Pod(pod);
    let finished = view.is_terminal();
    let controller = pod.meta().controller();
    if let Some(owner) = controller.filter(|owner| owner.kind() == "DaemonSet" && !finished) {
        let target = Target::resource("apps", "v1", "daemonsets", pod.namespace(), owner.name());
        match ctx.send(ctx.request(Verb::Get, target)).await {
            Err(failure) if failure.is("NotFound") && flags.bool("force") => {
                return Ok(Fate::EvictBut("ignoring DaemonSet-managed Pods"));
            }
            other => other?,
        };
        return Ok(if flags.bool("ignore-daemonsets") {
            Fate::LeaveBut("ignoring DaemonSet-managed Pods")
        } else {
            Fate::Refuse("DaemonSet-managed Pods (use --ignore-daemonsets to ignore)")
        });
    }
    if view.is_mirror() {
        return Ok(Fate::Leave);
    }
    let local = view.spec().volumes().any(|volume| !volume.value().get("emptyDir").is_null());
    if local && !finished && !flags.bool("delete-emptydir-data") {
        return Ok(Fate::Refuse("Pods with local storage (use --delete-emptydir-data to override)"));
    }
    if finished || controller.is_some() {
        return Ok(Fate::Evict);
    }
    Ok(if flags.bool("force") {
        Fate::EvictBut("deleting Pods that declare no controller")
    } else {
        Fate::Refuse("Pods that declare no controller (use --force to override)")
    })
}

/// The eviction of pods that is under way.
struct Eviction<'a> {
    ctx: &'a Ctx,
    verb: &'static str,
    done: &'static str,
    dry_run: DryRun,
    timeout: i64,
    /// In microseconds since 1970.
    deadline: Option<u64>,
    failures: Vec<Failure>,
    /// The names of pods that are given up.
    stuck: Vec<EcoString>,
}

/// Evicts the pods, those that a budget protects again and again, and waits until they are gone.
async fn evict_all(ctx: &Ctx, node: &str, pods: Vec<Value>, dry_run: DryRun) -> Outcome {
    let deleting = ctx.flags.bool("disable-eviction");
    let (verb, done) = if deleting { ("deleting", "deleted") } else { ("evicting", "evicted") };
    let timeout = ctx.flags.duration("timeout");
    let start = ctx.sys.now().await;
    let deadline = u64::try_from(timeout).ok().filter(|nanos| *nanos > 0).map(|n| start.as_micros() + n / 1000);
    let (failures, stuck) = (Vec::new(), Vec::new());
    let mut eviction = Eviction { ctx, verb, done, dry_run, timeout, deadline, failures, stuck };
    let (mut waiting, mut left): (Vec<Value>, Vec<Value>) = (Vec::new(), pods);
    let mut retry_at = start;
    while !left.is_empty() || !waiting.is_empty() {
        let now = ctx.sys.now().await;
        if !left.is_empty() && now >= retry_at {
            left = eviction.ask(std::mem::take(&mut left), &mut waiting, now.as_micros()).await;
            retry_at = now + RETRY;
            if dry_run.is_server() {
                waiting.clear();
            }
        }
        waiting = eviction.look(waiting, now.as_micros()).await?;
        if !waiting.is_empty() {
            ctx.sys.sleep_until(now + LOOK).await;
        } else if !left.is_empty() {
            ctx.sys.sleep_until(retry_at).await;
        }
    }
    let result = Failure::collect(eviction.failures);
    if let Err(failure) = &result {
        let lines: String = eviction.stuck.iter().map(|name| format!("pod/{name}\n")).collect();
        let why = failure.message();
        ctx.err(format!("There are pending pods in node \"{node}\" when an error occurred: {why}\n{lines}")).await;
    }
    result
}

impl Eviction<'_> {
    fn is_late(&self, now: u64) -> bool {
        self.deadline.is_some_and(|deadline| now >= deadline)
    }

    fn give_up(&mut self, pod: &Value, failure: Failure) {
        self.failures.push(failure);
        self.stuck.push(pod.name_text());
    }

    /// Asks for the end of each pod; gives those that are to be asked for again later.
    async fn ask(&mut self, pods: Vec<Value>, waiting: &mut Vec<Value>, now: u64) -> Vec<Value> {
        let (ctx, verb, dry_run) = (self.ctx, self.verb, self.dry_run);
        let mut refused = Vec::new();
        for pod in pods {
            let (namespace, name) = (pod.namespace(), pod.name());
            ctx.out(format!("{verb} pod {namespace}/{name}{}\n", dry_run.mark(""))).await;
            if self.is_late(now) {
                self.give_up(&pod, global_timeout(&pod, verb, self.timeout));
                continue;
            }
            if dry_run.is_client() {
                continue;
            }
            let place = format!("error when {verb} pods/\"{name}\" -n \"{namespace}\"");
            match send(ctx, &pod, verb == "deleting", dry_run).await {
                Ok(()) => waiting.push(pod),
                Err(failure) if failure.is("NotFound") => waiting.push(pod),
                Err(failure) if failure.is("TooManyRequests") => {
                    ctx.err(format!("{place} (will retry after 5s): {}\n", failure.message())).await;
                    refused.push(pod);
                }
                Err(failure) => {
                    self.give_up(&pod, Failure::Text(format!("{place}: {}", failure.message())));
                }
            }
        }
        refused
    }

    /// Looks which of the pods are gone; gives those that are still there.
    async fn look(&mut self, waiting: Vec<Value>, now: u64) -> Outcome<Vec<Value>> {
        let mut still = Vec::new();
        for pod in waiting {
            if is_gone(self.ctx, &pod).await? {
                self.ctx.out(format!("pod/{} {}\n", pod.name(), self.done)).await;
            } else if self.is_late(now) {
                let why = format!(
                    "error when waiting for pod \"{}\" in namespace \"{}\" to terminate: global timeout reached: {}",
                    pod.name(),
                    pod.namespace(),
                    format_duration(self.timeout)
                );
                self.give_up(&pod, Failure::Text(why));
            } else {
                still.push(pod);
            }
        }
        Ok(still)
    }
}

fn global_timeout(pod: &Value, verb: &str, timeout: i64) -> Failure {
    let (namespace, name) = (pod.namespace(), pod.name());
    let timeout = format_duration(timeout);
    Failure::Text(format!("error when {verb} pods/\"{name}\" -n \"{namespace}\": global timeout reached: {timeout}"))
}

async fn send(ctx: &Ctx, pod: &Value, deleting: bool, dry_run: DryRun) -> Outcome {
    let grace = ctx.flags.int("grace-period");
    let options = delete_options((grace >= 0).then_some(grace), "");
    let target = Target::resource("", "v1", "pods", pod.namespace(), pod.name());
    let mut request = if deleting {
        ctx.request(Verb::Delete, target).with_body(options)
    } else {
        let eviction = value!({
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": pod.name(), "namespace": pod.namespace()},
            "deleteOptions": options,
        });
        ctx.request(Verb::Create, target.sub("eviction")).with_body(eviction)
    };
    request.dry_run = dry_run.is_server();
    ctx.send(request).await.map(drop)
}

async fn is_gone(ctx: &Ctx, pod: &Value) -> Outcome<bool> {
    let target = Target::resource("", "v1", "pods", pod.namespace(), pod.name());
    match ctx.send(ctx.request(Verb::Get, target)).await {
        Ok(found) => Ok(found.uid() != pod.uid()),
        Err(failure) if failure.is("NotFound") => Ok(true),
        Err(failure) => Err(failure),
    }
}
