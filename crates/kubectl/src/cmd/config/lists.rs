//! `kubectl config current-context`, `get-clusters`, `get-contexts`, `get-users`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/config/{current_context,get_clusters,get_contexts,get_users}.go

use ecow::EcoString;
use podyard_printers::TabWriter;

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;
use crate::kubeconfig;

pub(super) static CURRENT_CONTEXT: Command = Command {
    name: "current-context",
    usage: "current-context",
    short: "Display the current-context",
    long: "Display the current-context.",
    example: "# Display the current-context\nkubectl config current-context",
    run: run!(current_context),
    ..EMPTY
};

pub(super) static GET_CLUSTERS: Command = Command {
    name: "get-clusters",
    usage: "get-clusters",
    short: "Display clusters defined in the kubeconfig",
    long: "Display clusters defined in the kubeconfig.",
    example: "# List the clusters that kubectl knows about\nkubectl config get-clusters",
    run: run!(get_clusters),
    ..EMPTY
};

pub(super) static GET_CONTEXTS: Command = Command {
    name: "get-contexts",
    usage: "get-contexts [(-o|--output=)name)]",
    short: "Describe one or many contexts",
    long: "Display one or many contexts from the kubeconfig file.",
    example: "# List all the contexts in your kubeconfig file
kubectl config get-contexts

# Describe one context in your kubeconfig file
kubectl config get-contexts my-context",
    flags: &[&[
        Flag::bool(
            "no-headers",
            "When using the default or custom-column output format, don't print headers (default print headers).",
        ),
        Flag::text("output", "", "Output format. One of: (name).").short("o"),
    ]],
    run: run!(get_contexts),
    ..EMPTY
};

pub(super) static GET_USERS: Command = Command {
    name: "get-users",
    usage: "get-users",
    short: "Display users defined in the kubeconfig",
    long: "Display users defined in the kubeconfig.",
    example: "# List the users that kubectl knows about\nkubectl config get-users",
    run: run!(get_users),
    ..EMPTY
};

async fn current_context(ctx: Ctx) -> Outcome {
    let config = kubeconfig::merged(&ctx).await?;
    let name = config.get("current-context").str();
    if name.is_empty() {
        return Err("current-context is not set".into());
    }
    ctx.out(format!("{name}\n")).await;
    Ok(())
}

async fn get_clusters(ctx: Ctx) -> Outcome {
    names(&ctx, "clusters").await
}

async fn get_users(ctx: Ctx) -> Outcome {
    names(&ctx, "users").await
}

async fn names(ctx: &Ctx, list: &str) -> Outcome {
    let config = kubeconfig::merged(ctx).await?;
    let names = config.get(list).items().iter().map(|entry| format!("{}\n", entry.get("name").str()));
    ctx.out(format!("NAME\n{}", names.collect::<String>())).await;
    Ok(())
}

async fn get_contexts(ctx: Ctx) -> Outcome {
    let output = ctx.flags.text("output");
    if !output.is_empty() && output != "name" {
        return Err(Failure::Text(format!("output must be one of '' or 'name': {output}")));
    }
    let config = kubeconfig::merged(&ctx).await?;
    let known: Vec<EcoString> = config.get("contexts").items().iter().map(|entry| entry.get("name").text()).collect();
    let mut failures = Vec::new();
    let mut shown = Vec::new();
    for name in if ctx.args().is_empty() { known.as_slice() } else { ctx.args() } {
        if known.contains(name) {
            shown.push(name.clone());
        } else {
            failures.push(Failure::Text(format!("context {name} not found")));
        }
    }
    let current = config.get("current-context").text();
    let mut text = String::new();
    if !ctx.flags.bool("no-headers") && output.is_empty() {
        text.push_str("CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n");
    }
    for name in &shown {
        if output == "name" {
            text.push_str(&format!("{name}\n"));
            continue;
        }
        let context = kubeconfig::find(&config, "contexts", name).cloned().unwrap_or_default();
        let mark = if *name == current { "*" } else { "" };
        let part = |field: &str| context.get(field).text();
        text.push_str(&format!("{mark}\t{name}\t{}\t{}\t{}\n", part("cluster"), part("user"), part("namespace")));
    }
    ctx.out(TabWriter::tables().format(&text)).await;
    Failure::collect(failures)
}
