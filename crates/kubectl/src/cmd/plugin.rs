//! `kubectl plugin`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/plugin/plugin.go

use podyard_kernel::{Answer, FileKind, Syscall};

use crate::cmd::ROOT;
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;

pub(crate) static COMMAND: Command = Command {
    name: "plugin",
    usage: "plugin [flags]",
    short: "Provides utilities for interacting with plugins",
    long: "Provides utilities for interacting with plugins.

 Plugins provide extended functionality that is not part of the major command-line distribution. Please refer to the documentation and examples for more information about how write your own plugins.

 The easiest way to discover and install plugins is via the kubernetes sub-project krew: [krew.sigs.k8s.io]. To install krew, visit https://krew.sigs.k8s.io/docs/user-guide/setup/install",
    example: "# List all available plugins
kubectl plugin list

# List only binary names of available plugins without paths
kubectl plugin list --name-only",
    children: &[&LIST],
    ..EMPTY
};

static LIST: Command = Command {
    name: "list",
    usage: "list",
    short: "List all visible plugin executables on a user's PATH",
    long: "List all available plugin files on a user's PATH. To see plugins binary names without the full path use --name-only flag.

 Available plugin files are those that are: - executable - anywhere on the user's PATH - begin with \"kubectl-\"",
    example: "# List all available plugins
kubectl plugin list

# List only binary names of available plugins without paths
kubectl plugin list --name-only",
    flags: &[&[Flag::bool(
        "name-only",
        "If true, display only the binary name of each plugin, rather than its full path",
    )]],
    run: run!(list),
    ..EMPTY
};

async fn list(ctx: Ctx) -> Outcome {
    let path = ctx.env.var("PATH").unwrap_or("/usr/local/bin:/usr/bin:/bin").to_owned();
    let mut found: Vec<(String, bool)> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for directory in path.split(':').filter(|directory| !directory.is_empty()) {
        if seen.contains(&directory) {
            continue;
        }
        seen.push(directory);
        let Answer::Entries(entries) = ctx.sys.call(Syscall::ReadDir(directory.into())).await else {
            continue;
        };
        for (name, file) in entries {
            if name.starts_with("kubectl-") && file.kind != FileKind::Directory {
                let runs = file.kind == FileKind::Program || file.mode & 0o111 != 0;
                found.push((format!("{}/{name}", directory.trim_end_matches('/')), runs));
            }
        }
    }
    if found.is_empty() {
        return Err("unable to find any kubectl plugins in your PATH".into());
    }
    ctx.out("The following compatible plugins are available:\n\n").await;
    let mut warnings = 0;
    for (index, (path, runs)) in found.iter().enumerate() {
        let base = path.rsplit('/').next().unwrap_or(path);
        ctx.out(format!("{}\n", if ctx.flags.bool("name-only") { base } else { path })).await;
        let mut wrong = Vec::new();
        if !runs {
            wrong.push(format!("warning: {path} identified as a kubectl plugin, but it is not executable"));
        }
        if let Some((other, _)) = found[..index].iter().find(|(other, _)| other.rsplit('/').next() == Some(base)) {
            wrong.push(format!("warning: {path} is overshadowed by a similarly named plugin: {other}"));
        }
        let command = base.trim_start_matches("kubectl-");
        if ROOT.child(command).is_some() {
            wrong.push(format!("warning: {base} overwrites existing command: \"kubectl {command}\""));
        }
        for text in wrong {
            ctx.err(format!("  - {text}\n")).await;
            warnings += 1;
        }
    }
    match warnings {
        0 => Ok(()),
        1 => Err("one plugin warning was found".into()),
        many => Err(Failure::Text(format!("{many} plugin warnings were found"))),
    }
}
