//! `kubectl help`.

use crate::app;
use crate::cmd::ROOT;
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::Outcome;
use crate::help;

pub(crate) static COMMAND: Command = Command {
    name: "help",
    usage: "help [command]",
    short: "Help about any command",
    long: "Help provides help for any command in the application.\nSimply type kubectl help [path to command] for full details.",
    hidden: true,
    run: run!(show),
    ..EMPTY
};

async fn show(ctx: Ctx) -> Outcome {
    let width = app::width(&ctx.sys).await;
    let (mut command, mut path) = (&ROOT, ROOT.name.to_owned());
    for word in ctx.args() {
        match command.child(word) {
            Some(child) => {
                command = child;
                path = format!("{path} {}", child.name);
            }
            None if std::ptr::eq(command, &ROOT) => {
                let topics: Vec<String> = ctx.args().iter().map(|arg| format!("`{arg}`")).collect();
                let usage = help::usage(&ROOT, ROOT.name, width);
                ctx.err(format!("Unknown help topic [{}]\n{usage}", topics.join(" "))).await;
                return Ok(());
            }
            None => break,
        }
    }
    ctx.out(help::page(command, &path, width)).await;
    Ok(())
}
