//! `kubectl kuberc`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/kuberc

use podyard_api::{Value, yaml};
use podyard_kernel::Errno;

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::{Flag, shared};
use crate::print::{DryRun, Printer};

pub(crate) static COMMAND: Command = Command {
    name: "kuberc",
    usage: "kuberc SUBCOMMAND",
    short: "Manage kuberc configuration files",
    long: "Manage user preferences (kuberc) file.

 The kuberc file allows you to customize your kubectl experience.",
    example: "# View the current kuberc configuration
kubectl kuberc view

# Set a default value for a command flag
kubectl kuberc set --section defaults --command get --option output=wide

# Create an alias for a command
kubectl kuberc set --section aliases --name getn --command get --prependarg nodes --option output=wide",
    children: &[&SET, &VIEW],
    ..EMPTY
};

static VIEW: Command = Command {
    name: "view",
    usage: "view",
    short: "Display the current kuberc configuration",
    long: "Display the contents of the kuberc file in the specified output format.",
    example: "# View kuberc configuration in YAML format (default)
kubectl kuberc view

# View kuberc configuration in JSON format
kubectl kuberc view --output json

# View a specific kuberc file
kubectl kuberc view --kuberc /path/to/kuberc",
    flags: &[shared::PRINT],
    run: run!(view),
    ..EMPTY
};

static SET: Command = Command {
    name: "set",
    usage: "set --section (defaults|aliases) --command COMMAND",
    short: "Set values in the kuberc configuration",
    long: "Set values in the kuberc configuration file.

 Use --section to specify whether to set defaults or aliases.

 For defaults: Sets default flag values for kubectl commands. The --command flag should specify only the command (e.g., \"get\", \"create\", \"set env\"), not resources.

 For aliases: Creates command aliases with optional default flag values and arguments. Use --prependarg and --appendarg to include resources or other arguments.",
    flags: &[&[
        Flag::texts("appendarg", "Argument to append to the command (can be specified multiple times, for aliases only)"),
        Flag::text("command", "", "Command to configure (e.g., 'get', 'create', 'set env')"),
        Flag::text("name", "", "Alias name (required for --section=aliases)"),
        Flag::texts("option", "Flag option in the form flag=value (can be specified multiple times)"),
        Flag::bool("overwrite", "Allow overwriting existing entries"),
        Flag::texts("prependarg", "Argument to prepend to the command (can be specified multiple times, for aliases only)"),
        Flag::text("section", "", "Section to modify: 'defaults' or 'aliases'"),
    ]],
    run: run!(set),
    ..EMPTY
};

async fn set(_: Ctx) -> Outcome {
    Err("preferences are not simulated: no command would heed them".into())
}

async fn view(ctx: Ctx) -> Outcome {
    let asked = ctx.flags.text("kuberc");
    let named = ctx.env.var("KUBERC").unwrap_or_default();
    if asked.is_empty() && named == "off" {
        return Err("KUBERC is disabled via KUBERC=off environment variable".into());
    }
    let explicit = !asked.is_empty() || !named.is_empty();
    let home = ctx.env.var("HOME").unwrap_or("/root");
    let path = match (asked.as_str(), named) {
        ("", "") => format!("{home}/.kube/kuberc"),
        ("", named) => named.to_owned(),
        (asked, _) => asked.to_owned(),
    };
    let bytes = match ctx.sys.read_file(&path).await {
        Ok(bytes) => bytes,
        Err(Errno::NoEntry) if explicit => return Err(Failure::Text(format!("kuberc file not found at {path}"))),
        Err(Errno::NoEntry) => {
            ctx.out(format!("kuberc file not found at {path}\n")).await;
            return Ok(());
        }
        Err(errno) => return Err(Failure::Text(format!("error reading kuberc file: {errno}"))),
    };
    let mut preference = yaml::parse(&String::from_utf8_lossy(&bytes))
        .map_err(|error| Failure::Text(format!("error reading kuberc file: {error}")))?;
    for field in ["aliases", "defaults"] {
        if preference.get(field).is_null() {
            preference.set(field, Value::array());
        }
    }
    if ctx.flags.text("output").is_empty() {
        ctx.out(yaml::to_string(&preference)).await;
        return Ok(());
    }
    Printer::from_flags(&ctx, "", DryRun::None).await?.print(&ctx, &preference).await
}
