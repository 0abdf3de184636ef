//! `kubectl rollout`: one file for each child.

mod history;
mod pause;
mod restart;
mod revisions;
mod status;
mod undo;

use crate::command::{Command, EMPTY};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::resource::{Builder, Info};

pub(crate) static COMMAND: Command = Command {
    name: "rollout",
    usage: "rollout SUBCOMMAND",
    short: "Manage the rollout of a resource",
    long: "Manage the rollout of one or many resources.
        
 Valid resource types include:

  *  deployments
  *  daemonsets
  *  statefulsets",
    example: "# Rollback to the previous deployment
kubectl rollout undo deployment/abc

# Check the rollout status of a daemonset
kubectl rollout status daemonset/foo

# Restart a deployment
kubectl rollout restart deployment/abc

# Restart deployments with the 'app=nginx' label
kubectl rollout restart deployment --selector=app=nginx",
    children: &[&history::COMMAND, &pause::PAUSE, &restart::COMMAND, &pause::RESUME, &status::COMMAND, &undo::COMMAND],
    ..EMPTY
};

/// All that the command line asks for.
async fn infos(ctx: &Ctx) -> Outcome<(Vec<Info>, Vec<Failure>)> {
    let no_files = ctx.flags.list("filename").is_empty() && ctx.flags.text("kustomize").is_empty();
    if ctx.args().is_empty() && no_files {
        return Err("required resource not specified".into());
    }
    let mut builder = Builder::from_flags(ctx, ctx.args()).await?;
    builder.allow_empty_selector = true;
    let mut items = builder.start(ctx).await?;
    Ok(items.all(ctx, true).await)
}

/// `deployments.apps "web"`
fn named(info: &Info) -> String {
    format!("{} \"{}\"", info.resource.qualified(), info.name)
}
