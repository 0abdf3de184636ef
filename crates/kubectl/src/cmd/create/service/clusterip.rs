//! `kubectl create service clusterip`.

use super::{TCP, service};
use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, name};
use crate::ctx::Ctx;
use crate::failure::Outcome;
use crate::flags::{Flag, shared};

pub(crate) static COMMAND: Command = Command {
    name: "clusterip",
    usage: "clusterip NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none]",
    short: "Create a ClusterIP service",
    long: "Create a ClusterIP service with the specified name.",
    example: "# Create a new ClusterIP service named my-cs
kubectl create service clusterip my-cs --tcp=5678:8080

# Create a new ClusterIP service named my-cs (in headless mode)
kubectl create service clusterip my-cs --clusterip=\"None\"",
    flags: &[FLAGS, shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::text(
        "clusterip",
        "",
        "Assign your own ClusterIP or set to 'None' for a 'headless' service (no loadbalancing).",
    ),
    TCP,
];

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let address = ctx.flags.text("clusterip");
    let has_ports = !ctx.flags.list("tcp").is_empty();
    if address == "None" && has_ports {
        return Err("can not map ports with clusterip=None".into());
    }
    if address != "None" && !has_ports {
        return Err("at least one tcp port specifier must be provided".into());
    }
    let mut service = service(&ctx, &name, "ClusterIP")?;
    if !address.is_empty() {
        service.field_mut("spec").set("clusterIP", address);
    }
    maker.make(&ctx, service, "ClusterIP service:").await
}
