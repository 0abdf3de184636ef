//! `kubectl scale`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/scale/scale.go and staging/src/k8s.io/kubectl/pkg/scale/scale.go

use podyard_api::{PatchKind, Value, Verb, value};

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::filename_flags;
use crate::flags::{Flag, shared};
use crate::print::{DryRun, Printer};
use crate::resource::{Builder, Info};
use crate::templates::check_named;
use crate::watching::{self, Watched};

pub(crate) static COMMAND: Command = Command {
    name: "scale",
    usage: "scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)",
    short: "Set a new size for a deployment, replica set, or replication controller",
    long: "Set a new size for a deployment, replica set, replication controller, or stateful set.

 Scale also allows users to specify one or more preconditions for the scale action.

 If --current-replicas or --resource-version is specified, it is validated before the scale is attempted, and it is guaranteed that the precondition holds true when the scale is sent to the server.",
    example: "# Scale a replica set named 'foo' to 3
kubectl scale --replicas=3 rs/foo

# Scale a resource identified by type and name specified in \"foo.yaml\" to 3
kubectl scale --replicas=3 -f foo.yaml

# If the deployment named mysql's current size is 2, scale mysql to 3
kubectl scale --current-replicas=2 --replicas=3 deployment/mysql

# Scale multiple replication controllers
kubectl scale --replicas=5 rc/example1 rc/example2 rc/example3

# Scale stateful set named 'web' to 3
kubectl scale --replicas=3 statefulset/web",
    flags: &[FLAGS, filename_flags!("identifying the resource to set a new size"), shared::DRY_RUN, shared::PRINT, shared::SELECTOR],
    run: run!(scale),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::bool("all", "Select all resources in the namespace of the specified resource types"),
    Flag::int(
        "current-replicas",
        "-1",
        "Precondition for current size. Requires that the current size of the resource match this value in order to scale. -1 (default) for no condition.",
    ),
    Flag::int("replicas", "0", "The new desired number of replicas. Required.").required(),
    Flag::text(
        "resource-version",
        "",
        "Precondition for resource version. Requires that the current resource version match this value in order to scale.",
    ),
    Flag::duration(
        "timeout",
        "0s",
        "The length of time to wait before giving up on a scale operation, zero means don't wait. Any other values should contain a corresponding time unit (e.g. 1s, 2m, 3h).",
    ),
];

async fn scale(ctx: Ctx) -> Outcome {
    let flags = &ctx.flags;
    let dry_run = DryRun::from_flags(&ctx).await?;
    let printer = Printer::from_flags(&ctx, "scaled", dry_run).await?;
    let (replicas, current, version) =
        (flags.int("replicas"), flags.int("current-replicas"), flags.text("resource-version"));
    if replicas < 0 {
        return Err("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0".into());
    }
    if current < -1 {
        return Err("The --current-replicas must specify an integer of -1 or greater".into());
    }
    check_named(&ctx)?;
    let mut builder = Builder::from_flags(&ctx, ctx.args()).await?;
    builder.allow_empty_selector = builder.select_all;
    builder.select_all = false;
    let mut items = builder.start(&ctx).await?;
    let (infos, mut failures) = items.all(&ctx, true).await;
    if !version.is_empty() && infos.len() > 1 {
        return Err("cannot use --resource-version with multiple resources".into());
    }
    let mut done = Vec::new();
    for info in &infos {
        if !dry_run.is_client()
            && let Err(failure) = resize(&ctx, info, replicas, current, &version, dry_run).await
        {
            failures.push(failure);
            continue;
        }
        printer.print(&ctx, &info.object).await?;
        done.push(info);
    }
    let timeout = flags.duration("timeout");
    if timeout != 0 && dry_run == DryRun::None {
        for info in done {
            wait_for(&ctx, info, replicas, timeout).await?;
        }
    }
    if infos.is_empty() && failures.is_empty() {
        return Err("no objects passed to scale".into());
    }
    Failure::collect(failures)
}

/// Changes the `scale` subresource; with preconditions it is read first.
async fn resize(ctx: &Ctx, info: &Info, replicas: i64, current: i64, version: &str, dry_run: DryRun) -> Outcome {
    let target = info.target().sub("scale");
    let mut request = if current < 0 && version.is_empty() {
        let patch = value!({"spec": {"replicas": replicas}});
        ctx.request(Verb::Patch, target).with_patch(PatchKind::Merge, patch)
    } else {
        let mut scale = ctx.send(ctx.request(Verb::Get, target.clone())).await?;
        let present = scale.get("spec").get("replicas").as_i64().unwrap_or_default();
        if current >= 0 && present != current {
            return Err(Failure::Text(format!("Expected replicas to be {current}, was {present}")));
        }
        let present = scale.meta().resource_version().to_owned();
        if !version.is_empty() && present != version {
            return Err(Failure::Text(format!("Expected resource version to be {version}, was {present}")));
        }
        scale.field_mut("spec").set("replicas", replicas);
        ctx.request(Verb::Update, target).with_body(scale)
    };
    request.dry_run = dry_run.is_server();
    ctx.send(request).await.map(drop)
}

async fn wait_for(ctx: &Ctx, info: &Info, replicas: i64, timeout: i64) -> Outcome {
    let watched = Watched { resource: &info.resource, namespace: &info.namespace, name: &info.name };
    let deadline = watching::deadline(ctx, timeout).await;
    let reached = |object: Option<&Value>| {
        let Some(object) = object else {
            return Ok(Some(()));
        };
        let status = object.get("status");
        let observed = status.get("observedGeneration").as_i64().unwrap_or_default() >= object.meta().generation();
        let count = status.get("replicas").as_i64().unwrap_or_default();
        Ok((observed && count == replicas).then_some(()))
    };
    match watched.until(ctx, Some(deadline), reached).await? {
        Some(()) => Ok(()),
        None => Err("timed out waiting for the condition".into()),
    }
}
