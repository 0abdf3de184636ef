//! `kubectl cluster-info`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/clusterinfo/clusterinfo.go

use podyard_api::{Target, Verb};

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::Outcome;

pub(crate) static COMMAND: Command = Command {
    name: "cluster-info",
    usage: "cluster-info",
    short: "Display cluster information",
    long: "Display addresses of the control plane and services with label kubernetes.io/cluster-service=true. To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.",
    example: "# Print the address of the control plane and cluster services\nkubectl cluster-info",
    children: &[&DUMP],
    run: run!(cluster_info),
    ..EMPTY
};

static DUMP: Command = Command {
    name: "dump",
    usage: "dump",
    short: "Dump relevant information for debugging and diagnosis",
    run: run!(dump),
    ..EMPTY
};

async fn dump(_: Ctx) -> Outcome {
    Err("cluster-info dump is not simulated".into())
}

async fn cluster_info(ctx: Ctx) -> Outcome {
    if !ctx.args().is_empty() {
        return Err(ctx.usage(format!("unknown command \"{}\"", ctx.args().join(" "))));
    }
    let server = ctx.access().await?.server.clone();
    let mut request = ctx.request(Verb::List, Target::resource("", "v1", "services", "kube-system", ""));
    request.options.label_selector = "kubernetes.io/cluster-service=true".into();
    let services = ctx.send(request).await?;
    // Green and yellow, as the real one, on a terminal only.
    let colours = ctx.sys.is_terminal(1).await && ctx.env.var("TERM") != Some("dumb");
    let line = |name: &str, link: &str| match colours {
        true => format!("\u{1b}[0;32m{name}\u{1b}[0m is running at \u{1b}[0;33m{link}\u{1b}[0m\n"),
        false => format!("{name} is running at {link}\n"),
    };
    let mut text = line("Kubernetes control plane", &server);
    for service in services.get("items").items() {
        let meta = service.meta();
        let name = match meta.label("kubernetes.io/name") {
            Some(name) if !name.is_empty() => name,
            _ => meta.name(),
        };
        let ports = service.get("spec").get("ports");
        let port = ports.item(0).get("name").str();
        let port = if port.is_empty() { String::new() } else { format!(":{port}") };
        let link = format!("{server}/api/v1/namespaces/{}/services/{}{port}/proxy", meta.namespace(), meta.name());
        text.push_str(&line(name, &link));
    }
    text.push_str("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n");
    ctx.out(text).await;
    Ok(())
}
