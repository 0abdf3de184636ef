//! `kubectl rollout history`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/rollout/rollout_history.go

use podyard_printers::{TabWriter, describe};

use super::{infos, revisions};
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::filename_flags;
use crate::flags::{Flag, shared};
use crate::print::{DryRun, Printer};
use crate::resource::Info;

pub(super) static COMMAND: Command = Command {
    name: "history",
    usage: "history (TYPE NAME | TYPE/NAME) [flags]",
    short: "View rollout history",
    long: "View previous rollout revisions and configurations.",
    example: "# View the rollout history of a deployment
kubectl rollout history deployment/abc

# View the details of daemonset revision 3
kubectl rollout history daemonset/abc --revision=3",
    flags: &[FLAGS, filename_flags!("identifying the resource to get from a server."), shared::PRINT, shared::SELECTOR],
    run: run!(history),
    ..EMPTY
};

static FLAGS: &[Flag] =
    &[Flag::int64("revision", "0", "See the details, including podTemplate of the revision specified")];

async fn history(ctx: Ctx) -> Outcome {
    if ctx.flags.int("revision") < 0 {
        return Err(Failure::Text(format!("revision must be a positive integer: {}", ctx.flags.int("revision"))));
    }
    let (infos, mut failures) = infos(&ctx).await?;
    for info in &infos {
        failures.extend(one(&ctx, info).await.err());
    }
    Failure::collect(failures)
}

async fn one(ctx: &Ctx, info: &Info) -> Outcome {
    let wanted = ctx.flags.int("revision");
    let revisions = revisions::of(ctx, info).await?;
    let found = revisions.iter().find(|revision| revision.number == wanted);
    let printer = Printer::from_flags(ctx, "", DryRun::None).await?;
    if printer.is_formatted() {
        let shown = revisions.iter().filter(|revision| wanted == 0 || revision.number == wanted);
        for revision in shown {
            printer.print(ctx, &revision.object).await?;
        }
        return if wanted > 0 && found.is_none() {
            Err("unable to find the specified revision".into())
        } else {
            Ok(())
        };
    }
    let name = info.printed();
    if wanted > 0 {
        let revision = found.ok_or_else(|| Failure::from("unable to find the specified revision"))?;
        let text = describe::pod_template(&revision.template());
        ctx.out(format!("{name} with revision #{wanted}\n{text}\n")).await;
        return Ok(());
    }
    if revisions.is_empty() {
        ctx.out(format!("{name} \nNo rollout history found.\n")).await;
        return Ok(());
    }
    let mut table = "REVISION\tCHANGE-CAUSE\n".to_owned();
    for revision in &revisions {
        table.push_str(&format!("{}\t{}\n", revision.number, revision.cause()));
    }
    ctx.out(format!("{name} \n{}\n", TabWriter::descriptions().format(&table))).await;
    Ok(())
}
