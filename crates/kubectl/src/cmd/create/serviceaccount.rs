//! `kubectl create serviceaccount`.

use podyard_api::value;

use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, name};
use crate::ctx::Ctx;
use crate::failure::Outcome;
use crate::flags::shared;

pub(crate) static COMMAND: Command = Command {
    name: "serviceaccount",
    aliases: &["sa"],
    usage: "serviceaccount NAME [--dry-run=server|client|none]",
    short: "Create a service account with the specified name",
    long: "Create a service account with the specified name.",
    example: "# Create a new service account named my-service-account
kubectl create serviceaccount my-service-account",
    flags: &[shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let account = value!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}});
    maker.make(&ctx, account, "serviceaccount:").await
}
