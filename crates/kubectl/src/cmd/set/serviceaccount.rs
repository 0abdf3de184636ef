//! `kubectl set serviceaccount`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/set/set_serviceaccount.go

use super::ALL;
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::{field_manager_flag, filename_flags};
use crate::flags::{Flag, shared};
use crate::print::{DryRun, Printer};
use crate::templates::{self, Sender};

pub(crate) static COMMAND: Command = Command {
    name: "serviceaccount",
    aliases: &["sa"],
    usage: "serviceaccount (-f FILENAME | TYPE NAME) SERVICE_ACCOUNT",
    short: "Update the service account of a resource",
    long: "Update the service account of pod template resources.

 Possible resources (case insensitive) can be:

 replicationcontroller (rc), deployment (deploy), daemonset (ds), job, replicaset (rs), statefulset",
    example: "# Set deployment nginx-deployment's service account to serviceaccount1
kubectl set serviceaccount deployment nginx-deployment serviceaccount1

# Print the result (in YAML format) of updated nginx deployment with the service account from local file, without hitting the API server
kubectl set sa -f nginx-deployment.yaml serviceaccount1 --local --dry-run=client -o yaml",
    flags: &[
        FLAGS,
        filename_flags!("identifying the resource to get from a server."),
        field_manager_flag!("kubectl-set"),
        shared::DRY_RUN,
        shared::PRINT,
    ],
    run: run!(set),
    ..EMPTY
};

static FLAGS: &[Flag] =
    &[ALL, Flag::bool("local", "If true, set serviceaccount will NOT contact api-server but run locally.")];

async fn set(ctx: Ctx) -> Outcome {
    let dry_run = DryRun::from_flags(&ctx).await?;
    let printer = Printer::from_flags(&ctx, "serviceaccount updated", dry_run).await?;
    let Some((account, resources)) = ctx.args().split_last() else {
        return Err("serviceaccount is required".into());
    };
    let infos = templates::infos(&ctx, resources).await?;
    let sender = Sender { ctx: &ctx, printer: &printer, dry_run, refusal: "failed to patch ServiceAccountName" };
    let mut failures = Vec::new();
    for info in &infos {
        let mut after = info.object.clone();
        match templates::pod_spec(&mut after) {
            Ok(spec) => spec.set("serviceAccountName", account),
            Err(failure) => {
                failures.push(failure);
                continue;
            }
        }
        failures.extend(sender.send(info, after).await.err());
    }
    Failure::collect(failures)
}
