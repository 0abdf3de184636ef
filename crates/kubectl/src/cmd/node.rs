//! `kubectl cordon` and `kubectl uncordon`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/drain/drain.go

use podyard_api::{PatchKind, Value, Verb, value};

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared;
use crate::print::DryRun;
use crate::resource::{Builder, Info};

pub(crate) static CORDON: Command = Command {
    name: "cordon",
    usage: "cordon NODE",
    short: "Mark node as unschedulable",
    long: "Mark node as unschedulable.",
    example: "# Mark node \"foo\" as unschedulable\nkubectl cordon foo",
    flags: &[shared::DRY_RUN, shared::SELECTOR],
    run: run!(cordon),
    ..EMPTY
};

pub(crate) static UNCORDON: Command = Command {
    name: "uncordon",
    usage: "uncordon NODE",
    short: "Mark node as schedulable",
    long: "Mark node as schedulable.",
    example: "# Mark node \"foo\" as schedulable\nkubectl uncordon foo",
    flags: &[shared::DRY_RUN, shared::SELECTOR],
    run: run!(uncordon),
    ..EMPTY
};

async fn cordon(ctx: Ctx) -> Outcome {
    set_all(&ctx, true).await
}

async fn uncordon(ctx: Ctx) -> Outcome {
    set_all(&ctx, false).await
}

async fn set_all(ctx: &Ctx, unschedulable: bool) -> Outcome {
    let dry_run = DryRun::from_flags(ctx).await?;
    let nodes = named(ctx).await?;
    let mut failures = Vec::new();
    for node in &nodes {
        failures.extend(set(ctx, node, unschedulable, dry_run).await.err());
    }
    Failure::collect(failures)
}

/// The nodes that the command line names.
pub(crate) async fn named(ctx: &Ctx) -> Outcome<Vec<Info>> {
    let selecting = ctx.flags.changed("selector");
    if ctx.args().is_empty() && !selecting {
        return Err(ctx.usage(format!("USAGE: {} [flags]", ctx.command.usage)));
    }
    if !ctx.args().is_empty() && selecting {
        return Err("cannot specify both a node name and a --selector option".into());
    }
    let args: Vec<_> = match ctx.args() {
        slashed if slashed.iter().any(|arg| arg.contains('/')) => slashed.to_vec(),
        names => std::iter::once("nodes".into()).chain(names.iter().cloned()).collect(),
    };
    let mut items = Builder::from_flags(ctx, &args).await?.start(ctx).await?;
    let (nodes, failures) = items.all(ctx, true).await;
    Failure::collect(failures)?;
    Ok(nodes)
}

/// Marks a node and says so.
pub(crate) async fn set(ctx: &Ctx, node: &Info, unschedulable: bool, dry_run: DryRun) -> Outcome {
    let word = if unschedulable { "cordoned" } else { "uncordoned" };
    let present = node.object.get("spec").get("unschedulable").as_bool().unwrap_or_default();
    let word = if present == unschedulable {
        format!("already {word}")
    } else {
        if !dry_run.is_client() {
            let wanted = if unschedulable { Value::from(true) } else { Value::Null };
            let patch = value!({"spec": {"unschedulable": wanted}});
            let mut request = ctx.request(Verb::Patch, node.target()).with_patch(PatchKind::Strategic, patch);
            request.dry_run = dry_run.is_server();
            ctx.send(request).await.map_err(|failure| {
                let what = if unschedulable { "cordon" } else { "uncordon" };
                Failure::Text(format!("unable to {what} node \"{}\": {}", node.name, failure.message()))
            })?;
        }
        word.to_owned()
    };
    ctx.out(format!("node/{} {}\n", node.name, dry_run.mark(&word))).await;
    Ok(())
}
