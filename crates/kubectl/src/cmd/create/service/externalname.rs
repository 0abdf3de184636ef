//! `kubectl create service externalname`.

use super::{TCP, service};
use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, name};
use crate::ctx::Ctx;
use crate::failure::Outcome;
use crate::flags::{Flag, shared};

pub(crate) static COMMAND: Command = Command {
    name: "externalname",
    usage: "externalname NAME --external-name external.name [--dry-run=server|client|none]",
    short: "Create an ExternalName service",
    long: "Create an ExternalName service with the specified name.

 ExternalName service references to an external DNS address instead of only pods, which will allow application authors to reference services that exist off platform, on other clusters, or locally.",
    example: "# Create a new ExternalName service named my-ns
kubectl create service externalname my-ns --external-name bar.com",
    flags: &[FLAGS, shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

static FLAGS: &[Flag] = &[Flag::text("external-name", "", "External name of service").required(), TCP];

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let mut service = service(&ctx, &name, "ExternalName")?;
    service.field_mut("spec").set("externalName", ctx.flags.text("external-name"));
    maker.make(&ctx, service, "ExternalName service:").await
}
