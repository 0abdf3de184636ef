//! `kubectl rollout restart`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/rollout/rollout_restart.go and staging/src/k8s.io/kubectl/pkg/polymorphichelpers/objectrestarter.go

use super::{infos, named};
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared;
use crate::flags::shared::{field_manager_flag, filename_flags};
use crate::print::{DryRun, Printer};
use crate::resource::Info;
use crate::templates::{Sender, difference};

pub(super) static COMMAND: Command = Command {
    name: "restart",
    usage: "restart RESOURCE",
    short: "Restart a resource",
    long: "Restart a resource.

 Resource rollout will be restarted.",
    example: "# Restart all deployments in the test-namespace namespace
kubectl rollout restart deployment -n test-namespace

# Restart a deployment
kubectl rollout restart deployment/nginx

# Restart a daemon set
kubectl rollout restart daemonset/abc

# Restart deployments with the app=nginx label
kubectl rollout restart deployment --selector=app=nginx",
    flags: &[
        filename_flags!("identifying the resource to get from a server."),
        field_manager_flag!("kubectl-rollout"),
        shared::PRINT,
        shared::SELECTOR,
    ],
    run: run!(restart),
    ..EMPTY
};

const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

async fn restart(ctx: Ctx) -> Outcome {
    let (infos, mut failures) = infos(&ctx).await?;
    let printer = Printer::from_flags(&ctx, "restarted", DryRun::None).await?;
    let sender = Sender { ctx: &ctx, printer: &printer, dry_run: DryRun::None, refusal: "failed to patch:" };
    let now = ctx.sys.now().await.rfc3339();
    for info in &infos {
        failures.extend(one(&sender, info, &now).await.err());
    }
    Failure::collect(failures)
}

async fn one(sender: &Sender<'_>, info: &Info, now: &str) -> Outcome {
    let refused = |why: &str| Failure::Text(format!("error: {} {why}", named(info)));
    if !matches!(info.object.kind(), "DaemonSet" | "Deployment" | "StatefulSet") {
        return Err(refused("restarting is not supported"));
    }
    if info.object.get("spec").get("paused").as_bool() == Some(true) {
        return Err(refused("can't restart paused deployment (run rollout resume first)"));
    }
    let mut after = info.object.clone();
    after.field_mut("spec").field_mut("template").set_annotation(RESTARTED_AT, now);
    if difference(&info.object, &after).is_empty() {
        return Err(Failure::Text(format!(
            "failed to create patch for {}: if restart has already been triggered within the past second, please wait before attempting to trigger another",
            info.name
        )));
    }
    sender.send(info, after).await
}
