//! `kubectl rollout status`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/rollout/rollout_status.go and staging/src/k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go

use podyard_api::Value;
use podyard_api::kinds::{DaemonSet, Deployment, StatefulSet};

use super::infos;
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::filename_flags;
use crate::flags::{Flag, shared};
use crate::resource::Info;
use crate::watching::{self, Seen, Watched};

pub(super) static COMMAND: Command = Command {
    name: "status",
    usage: "status (TYPE NAME | TYPE/NAME) [flags]",
    short: "Show the status of the rollout",
    long: "Show the status of the rollout.

 By default 'rollout status' will watch the status of the latest rollout until it's done. If you don't want to wait for the rollout to finish then you can use --watch=false. Note that if a new rollout starts in-between, then 'rollout status' will continue watching the latest revision. If you want to pin to a specific revision and abort if it is rolled over by another revision, use --revision=N where N is the revision you need to watch for.",
    example: "# Watch the rollout status of a deployment
kubectl rollout status deployment/nginx",
    flags: &[FLAGS, filename_flags!("identifying the resource to get from a server."), shared::SELECTOR],
    run: run!(status),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::int64("revision", "0", "Pin to a specific revision for showing its status. Defaults to 0 (last revision)."),
    Flag::duration(
        "timeout",
        "0s",
        "The length of time to wait before ending watch, zero means never. Any other values should contain a corresponding time unit (e.g. 1s, 2m, 3h).",
    ),
    Flag::on("watch", "Watch the status of the rollout until it's done.").short("w"),
];

async fn status(ctx: Ctx) -> Outcome {
    if ctx.flags.int("revision") < 0 {
        return Err(Failure::Text(format!("revision must be a positive integer: {}", ctx.flags.int("revision"))));
    }
    let (infos, mut failures) = infos(&ctx).await?;
    let timeout = ctx.flags.duration("timeout");
    let deadline = if timeout > 0 { Some(watching::deadline(&ctx, timeout).await) } else { None };
    if infos.is_empty() && failures.is_empty() {
        let namespace = ctx.namespace().await?;
        ctx.err(format!("No resources found in {namespace} namespace.\n")).await;
    }
    for info in &infos {
        failures.extend(one(&ctx, info, deadline).await.err());
    }
    Failure::collect(failures)
}

async fn one(ctx: &Ctx, info: &Info, deadline: watching::Deadline) -> Outcome {
    let revision = ctx.flags.int("revision");
    progress(&info.object, revision)?;
    let watched = Watched { resource: &info.resource, namespace: &info.namespace, name: &info.name };
    let mut watching = watched.begin(deadline);
    let result = loop {
        let object = match watching.next(ctx).await? {
            Seen::Present(object) => object,
            Seen::Absent => break Err("object has been deleted".into()),
            Seen::TimedOut => break Err("timed out waiting for the condition".into()),
        };
        match progress(&object, revision) {
            Ok((text, done)) => {
                ctx.out(text).await;
                if done || !ctx.flags.bool("watch") {
                    break Ok(());
                }
            }
            Err(failure) => break Err(failure),
        }
    };
    watching.end(ctx).await;
    result
}

/// How far a rollout has come, and whether it is done.
fn progress(object: &Value, revision: i64) -> Outcome<(String, bool)> {
    match object.kind() {
        "DaemonSet" => daemon_set(object),
        "Deployment" => deployment(object, revision),
        "StatefulSet" => stateful_set(object),
        kind => Err(Failure::Text(format!("no status viewer has been implemented for {kind}"))),
    }
}

fn deployment(object: &Value, revision: i64) -> Outcome<(String, bool)> {
    let (view, name) = (Deployment(object), object.name());
    if revision > 0 {
        let running = object.meta().annotation("deployment.kubernetes.io/revision");
        let running: i64 = running.and_then(|text| text.parse().ok()).unwrap_or_default();
        if running != revision {
            return Err(Failure::Text(format!(
                "desired revision ({revision}) is different from the running revision ({running})"
            )));
        }
    }
    let status = view.status();
    if object.meta().generation() > status.observed_generation() {
        return Ok(("Waiting for deployment spec update to be observed...\n".into(), false));
    }
    if status.conditions().any(|c| c.kind() == "Progressing" && c.reason() == "ProgressDeadlineExceeded") {
        return Err(Failure::Text(format!("deployment \"{name}\" exceeded its progress deadline")));
    }
    let waiting = format!("Waiting for deployment \"{name}\" rollout to finish:");
    let (wanted, updated) = (view.spec().replicas(), status.updated_replicas());
    if updated < wanted {
        return Ok((format!("{waiting} {updated} out of {wanted} new replicas have been updated...\n"), false));
    }
    if status.replicas() > updated {
        let old = status.replicas() - updated;
        return Ok((format!("{waiting} {old} old replicas are pending termination...\n"), false));
    }
    let available = status.available_replicas();
    if available < updated {
        return Ok((format!("{waiting} {available} of {updated} updated replicas are available...\n"), false));
    }
    Ok((format!("deployment \"{name}\" successfully rolled out\n"), true))
}

fn daemon_set(object: &Value) -> Outcome<(String, bool)> {
    let (view, name) = (DaemonSet(object), object.name());
    if view.spec().update_strategy().kind() != "RollingUpdate" {
        return Err("rollout status is only available for RollingUpdate strategy type".into());
    }
    let status = view.status();
    if object.meta().generation() > status.observed_generation() {
        return Ok(("Waiting for daemon set spec update to be observed...\n".into(), false));
    }
    let waiting = format!("Waiting for daemon set \"{name}\" rollout to finish:");
    let (wanted, updated, available) =
        (status.desired_number_scheduled(), status.updated_number_scheduled(), status.number_available());
    if updated < wanted {
        return Ok((format!("{waiting} {updated} out of {wanted} new pods have been updated...\n"), false));
    }
    if available < wanted {
        return Ok((format!("{waiting} {available} of {wanted} updated pods are available...\n"), false));
    }
    Ok((format!("daemon set \"{name}\" successfully rolled out\n"), true))
}

fn stateful_set(object: &Value) -> Outcome<(String, bool)> {
    let view = StatefulSet(object);
    let spec = object.get("spec");
    let strategy = spec.get("updateStrategy");
    let kind = strategy.get("type").str();
    if !kind.is_empty() && kind != "RollingUpdate" {
        return Err("rollout status is only available for RollingUpdate strategy type".into());
    }
    let status = object.get("status");
    let count = |field: &str| status.get(field).as_i64().unwrap_or_default();
    if count("observedGeneration") == 0 || object.meta().generation() > count("observedGeneration") {
        return Ok(("Waiting for statefulset spec update to be observed...\n".into(), false));
    }
    let (wanted, ready, updated) = (view.spec().replicas(), count("readyReplicas"), count("updatedReplicas"));
    if ready < wanted {
        return Ok((format!("Waiting for {} pods to be ready...\n", wanted - ready), false));
    }
    if let Some(partition) = strategy.get("rollingUpdate").get("partition").as_i64() {
        let new = wanted - partition;
        if updated < new {
            return Ok((
                format!(
                    "Waiting for partitioned roll out to finish: {updated} out of {new} new pods have been updated...\n"
                ),
                false,
            ));
        }
        return Ok((format!("partitioned roll out complete: {updated} new pods have been updated...\n"), true));
    }
    let (current, update) = (status.get("currentRevision").str(), status.get("updateRevision").str());
    if current != update {
        return Ok((
            format!("waiting for statefulset rolling update to complete {updated} pods at revision {update}...\n"),
            false,
        ));
    }
    let replicas = count("currentReplicas");
    Ok((format!("statefulset rolling update complete {replicas} pods at revision {current}...\n"), true))
}
