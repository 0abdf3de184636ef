//! `kubectl create service loadbalancer`.

use super::{TCP, service};
use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, name};
use crate::ctx::Ctx;
use crate::failure::Outcome;
use crate::flags::{Flag, shared};

pub(crate) static COMMAND: Command = Command {
    name: "loadbalancer",
    usage: "loadbalancer NAME [--tcp=port:targetPort] [--dry-run=server|client|none]",
    short: "Create a LoadBalancer service",
    long: "Create a LoadBalancer service with the specified name.",
    example: "# Create a new LoadBalancer service named my-lbs
kubectl create service loadbalancer my-lbs --tcp=5678:8080",
    flags: &[FLAGS, shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

static FLAGS: &[Flag] = &[TCP];

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    if ctx.flags.list("tcp").is_empty() {
        return Err("at least one tcp port specifier must be provided".into());
    }
    let service = service(&ctx, &name, "LoadBalancer")?;
    maker.make(&ctx, service, "LoadBalancer service:").await
}
