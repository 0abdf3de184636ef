//! `kubectl rollout pause` and `kubectl rollout resume`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/rollout/rollout_{pause,resume}.go

use super::{infos, named};
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared;
use crate::flags::shared::{field_manager_flag, filename_flags};
use crate::print::{DryRun, Printer};
use crate::resource::Info;
use crate::templates::Sender;

pub(super) static PAUSE: Command = Command {
    name: "pause",
    usage: "pause RESOURCE",
    short: "Mark the provided resource as paused",
    long: "Mark the provided resource as paused.

 Paused resources will not be reconciled by a controller. Use \"kubectl rollout resume\" to resume a paused resource. Currently only deployments support being paused.",
    example: "# Mark the nginx deployment as paused
# Any current state of the deployment will continue its function; new updates
# to the deployment will not have an effect as long as the deployment is paused
kubectl rollout pause deployment/nginx",
    flags: &[
        filename_flags!("identifying the resource to get from a server."),
        field_manager_flag!("kubectl-rollout"),
        shared::PRINT,
        shared::SELECTOR,
    ],
    run: run!(pause),
    ..EMPTY
};

pub(super) static RESUME: Command = Command {
    name: "resume",
    usage: "resume RESOURCE",
    short: "Resume a paused resource",
    long: "Resume a paused resource.

 Paused resources will not be reconciled by a controller. By resuming a resource, we allow it to be reconciled again. Currently only deployments support being resumed.",
    example: "# Resume an already paused deployment
kubectl rollout resume deployment/nginx",
    flags: &[
        filename_flags!("identifying the resource to get from a server."),
        field_manager_flag!("kubectl-rollout"),
        shared::PRINT,
        shared::SELECTOR,
    ],
    run: run!(resume),
    ..EMPTY
};

async fn pause(ctx: Ctx) -> Outcome {
    set(&ctx, true).await
}

async fn resume(ctx: Ctx) -> Outcome {
    set(&ctx, false).await
}

async fn set(ctx: &Ctx, paused: bool) -> Outcome {
    let (infos, mut failures) = infos(ctx).await?;
    let word = if paused { "paused" } else { "resumed" };
    let printer = Printer::from_flags(ctx, word, DryRun::None).await?;
    let sender = Sender { ctx, printer: &printer, dry_run: DryRun::None, refusal: "failed to patch:" };
    for info in &infos {
        failures.extend(one(&sender, info, paused).await.err());
    }
    Failure::collect(failures)
}

async fn one(sender: &Sender<'_>, info: &Info, paused: bool) -> Outcome {
    let refused = |why: &str| Failure::Text(format!("error: {} {why}", named(info)));
    if info.object.kind() != "Deployment" {
        return Err(refused(if paused { "pausing is not supported" } else { "resuming is not supported" }));
    }
    let is_paused = info.object.get("spec").get("paused").as_bool().unwrap_or_default();
    if is_paused == paused {
        return Err(refused(if paused { "is already paused" } else { "is not paused" }));
    }
    let mut after = info.object.clone();
    if paused {
        after.field_mut("spec").set("paused", true);
    } else {
        after.field_mut("spec").remove("paused");
    }
    sender.send(info, after).await
}
