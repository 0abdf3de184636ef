//! `kubectl create namespace`.

use podyard_api::value;

use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, name};
use crate::ctx::Ctx;
use crate::failure::Outcome;
use crate::flags::shared;

pub(crate) static COMMAND: Command = Command {
    name: "namespace",
    aliases: &["ns"],
    usage: "namespace NAME [--dry-run=server|client|none]",
    short: "Create a namespace with the specified name",
    long: "Create a namespace with the specified name.",
    example: "# Create a new namespace named my-namespace
kubectl create namespace my-namespace",
    flags: &[shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let namespace = value!({
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "spec": {}, "status": {},
    });
    maker.make(&ctx, namespace, "").await
}
