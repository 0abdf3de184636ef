//! `kubectl create service nodeport`.

use super::{TCP, service};
use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, name};
use crate::ctx::Ctx;
use crate::failure::Outcome;
use crate::flags::{Flag, shared};

pub(crate) static COMMAND: Command = Command {
    name: "nodeport",
    usage: "nodeport NAME [--tcp=port:targetPort] [--dry-run=server|client|none]",
    short: "Create a NodePort service",
    long: "Create a NodePort service with the specified name.",
    example: "# Create a new NodePort service named my-ns
kubectl create service nodeport my-ns --tcp=5678:8080",
    flags: &[FLAGS, shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

static FLAGS: &[Flag] =
    &[Flag::int("node-port", "0", "Port used to expose the service on each node in a cluster."), TCP];

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    if ctx.flags.list("tcp").is_empty() {
        return Err("at least one tcp port specifier must be provided".into());
    }
    let mut service = service(&ctx, &name, "NodePort")?;
    let port = ctx.flags.int("node-port");
    if port != 0
        && let Some(ports) = service.field_mut("spec").get_mut("ports")
    {
        ports.items_mut().iter_mut().for_each(|entry| entry.set("nodePort", port));
    }
    maker.make(&ctx, service, "NodePort service:").await
}
