//! `kubectl rollout undo`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/rollout/rollout_undo.go and staging/src/k8s.io/kubectl/pkg/polymorphichelpers/rollback.go

use podyard_api::{PatchKind, Value, Verb, value};
use podyard_printers::describe;

use super::infos;
use super::revisions::{self, Revision, same_template, without_hash};
use crate::command::{Command, EMPTY, run};
use crate::creating::LAST_APPLIED;
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::filename_flags;
use crate::flags::{Flag, shared};
use crate::print::{DryRun, Printer};
use crate::resource::Info;

pub(super) static COMMAND: Command = Command {
    name: "undo",
    usage: "undo (TYPE NAME | TYPE/NAME) [flags]",
    short: "Undo a previous rollout",
    long: "Roll back to a previous rollout.",
    example: "# Roll back to the previous deployment
kubectl rollout undo deployment/abc

# Roll back to daemonset revision 3
kubectl rollout undo daemonset/abc --to-revision=3

# Roll back to the previous deployment with dry-run
kubectl rollout undo --dry-run=server deployment/abc",
    flags: &[
        FLAGS,
        filename_flags!("identifying the resource to get from a server."),
        shared::DRY_RUN,
        shared::PRINT,
        shared::SELECTOR,
    ],
    run: run!(undo),
    ..EMPTY
};

static FLAGS: &[Flag] =
    &[Flag::int64("to-revision", "0", "The revision to rollback to. Default to 0 (last revision).")];

/// Annotations of a deployment that do not go back with its template.
const KEPT: [&str; 6] = [
    LAST_APPLIED,
    "deployment.kubernetes.io/revision",
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

async fn undo(ctx: Ctx) -> Outcome {
    let dry_run = DryRun::from_flags(&ctx).await?;
    let printer = Printer::from_flags(&ctx, "", dry_run).await?;
    let (infos, mut failures) = infos(&ctx).await?;
    for info in &infos {
        if info.object.meta().annotation(LAST_APPLIED).is_some() {
            ctx.warn(&format!(
                "resource {}/{} was previously managed with 'kubectl apply'. Rolling back will not update the {LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.",
                info.resource.name, info.name
            ))
            .await;
        }
        match one(&ctx, info, dry_run).await {
            Ok(said) => printer.saying(said).print(&ctx, &info.object).await?,
            Err(failure) => failures.push(failure),
        }
    }
    Failure::collect(failures)
}

/// Rolls one workload back; gives what is said of it.
async fn one(ctx: &Ctx, info: &Info, dry_run: DryRun) -> Outcome<String> {
    let wanted = ctx.flags.int("to-revision");
    if wanted < 0 {
        return Err(Failure::Text(format!("unable to find specified revision {wanted} in history")));
    }
    let kind = info.object.kind();
    if !matches!(kind, "DaemonSet" | "Deployment" | "StatefulSet") {
        let group = &info.resource.group;
        let dot = if group.is_empty() { "" } else { "." };
        return Err(Failure::Text(format!("no rollbacker has been implemented for \"{kind}{dot}{group}\"")));
    }
    let revisions = revisions::of(ctx, info).await?;
    if kind != "Deployment" && wanted == 0 && revisions.len() <= 1 {
        return Err("no last revision to roll back to".into());
    }
    let revision = pick(&revisions, wanted, kind, &info.name)?;
    if dry_run.is_client() {
        return Ok(format!("{}(dry run)", describe::pod_template(&revision.template())));
    }
    if info.object.get("spec").get("paused").as_bool() == Some(true) {
        return Err(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again"
                .into(),
        );
    }
    let current = info.object.get("spec").get("template");
    let template = without_hash(&revision.template_as_it_was());
    if same_template(current, &template) {
        return Ok(format!("skipped rollback (current template already matches revision {})", revision.number));
    }
    let patch = if kind == "Deployment" {
        let body = value!([
            {"op": "replace", "path": "/spec/template", "value": template},
            {"op": "replace", "path": "/metadata/annotations", "value": annotations(&info.object, &revision.object)},
        ]);
        ctx.request(Verb::Patch, info.target()).with_patch(PatchKind::Json, body)
    } else {
        let body = revision.object.get("data").clone();
        ctx.request(Verb::Patch, info.target()).with_patch(PatchKind::Strategic, body)
    };
    let mut request = patch;
    request.dry_run = dry_run.is_server();
    ctx.send(request).await.map_err(|failure| match failure {
        Failure::Server(status) if !status.is("Forbidden") => {
            Failure::Text(format!("failed restoring revision {wanted}: {}", status.message))
        }
        other => other,
    })?;
    Ok(dry_run.mark("rolled back"))
}

fn pick<'a>(revisions: &'a [Revision], wanted: i64, kind: &str, name: &str) -> Outcome<&'a Revision> {
    if wanted > 0 {
        let found = revisions.iter().find(|revision| revision.number == wanted);
        return found.ok_or_else(|| Failure::Text(format!("unable to find specified revision {wanted} in history")));
    }
    match revisions {
        [.., previous, _] => Ok(previous),
        _ if kind == "Deployment" => Err(Failure::Text(format!("no rollout history found for deployment \"{name}\""))),
        _ => Err("no last revision to roll back to".into()),
    }
}

/// Those of the old replica set, and of the deployment those that stay.
fn annotations(deployment: &Value, old: &Value) -> Value {
    let mut annotations = Value::object();
    for (key, text) in deployment.meta().annotations().iter().filter(|(key, _)| KEPT.contains(&key.as_str())) {
        annotations.set(key, text);
    }
    for (key, text) in old.meta().annotations().iter().filter(|(key, _)| !KEPT.contains(&key.as_str())) {
        annotations.set(key, text);
    }
    annotations
}
