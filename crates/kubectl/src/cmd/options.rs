//! `kubectl options`.

use crate::app;
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::Outcome;
use crate::help;

pub(crate) static COMMAND: Command = Command {
    name: "options",
    short: "Print the list of flags inherited by all commands",
    example: "# Print flags inherited by all commands\nkubectl options",
    hidden: true,
    run: run!(show),
    ..EMPTY
};

async fn show(ctx: Ctx) -> Outcome {
    let width = app::width(&ctx.sys).await;
    ctx.out(help::options(width)).await;
    Ok(())
}
