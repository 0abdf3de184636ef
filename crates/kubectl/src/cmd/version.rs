//! `kubectl version`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/version/version.go

use podyard_api::{Value, json, value, yaml};

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::Outcome;
use crate::flags::Flag;

pub(crate) static COMMAND: Command = Command {
    name: "version",
    usage: "version",
    short: "Print the client and server version information",
    long: "Print the client and server version information for the current context.",
    example: "# Print the client and server versions for the current context\nkubectl version",
    flags: &[&[
        Flag::bool("client", "If true, shows client version only (no server required)."),
        Flag::text("output", "", "One of 'yaml' or 'json'.").short("o"),
    ]],
    run: run!(version),
    ..EMPTY
};

const CLIENT: &str = "v1.36.4";
const KUSTOMIZE: &str = "v5.8.1";

async fn version(ctx: Ctx) -> Outcome {
    if !ctx.args().is_empty() {
        return Err(ctx.usage(format!("extra arguments: [{}]", ctx.args().join(" "))));
    }
    let output = ctx.flags.text("output");
    if !matches!(output.as_str(), "" | "json" | "yaml") {
        return Err("--output must be 'yaml' or 'json'".into());
    }
    let server = if ctx.flags.bool("client") { None } else { Some(ctx.get_path("/version").await) };
    if output.is_empty() {
        ctx.out(format!("Client Version: {CLIENT}\nKustomize Version: {KUSTOMIZE}\n")).await;
        return match server {
            Some(server) => {
                let server = server?;
                ctx.out(format!("Server Version: {}\n", server.get("gitVersion").str())).await;
                Ok(())
            }
            None => Ok(()),
        };
    }
    let mut all = value!({"clientVersion": client(), "kustomizeVersion": KUSTOMIZE});
    let mut failure = None;
    match server {
        Some(Ok(server)) => all.set("serverVersion", server),
        Some(Err(why)) => failure = Some(why),
        None => {}
    }
    let text = if output == "json" { json::to_string_indented(&all, "  ") + "\n" } else { yaml::to_string(&all) };
    ctx.out(text).await;
    failure.map_or(Ok(()), Err)
}

fn client() -> Value {
    value!({
        "major": "1",
        "minor": "36",
        "gitVersion": CLIENT,
        "gitCommit": "0000000000000000000000000000000000000000",
        "gitTreeState": "clean",
        "buildDate": "2026-08-12T00:00:00Z",
        "goVersion": "go1.26.0",
        "compiler": "gc",
        "platform": "linux/amd64",
    })
}
