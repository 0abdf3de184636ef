//! `kubectl config`: one file for each group of children.

mod delete;
mod entries;
mod lists;
mod property;
mod view;

use ecow::EcoString;
use podyard_api::{Value, value};

use crate::command::{Command, EMPTY};
use crate::ctx::Ctx;
use crate::failure::Outcome;
use crate::kubeconfig;

pub(crate) static COMMAND: Command = Command {
    name: "config",
    usage: "config SUBCOMMAND",
    short: "Modify kubeconfig files",
    long: "Modify kubeconfig files using subcommands like \"kubectl config set current-context my-context\".

 The loading order follows these rules:

  1.  If the --kubeconfig flag is set, then only that file is loaded. The flag may only be set once and no merging takes place.
  2.  If $KUBECONFIG environment variable is set, then it is used as a list of paths (normal path delimiting rules for your system). These paths are merged. When a value is modified, it is modified in the file that defines the stanza. When a value is created, it is created in the first file that exists. If no files in the chain exist, then it creates the last file in the list.
  3.  Otherwise, ${HOME}/.kube/config is used and no merging takes place.",
    children: &[
        &lists::CURRENT_CONTEXT,
        &delete::CLUSTER,
        &delete::CONTEXT,
        &delete::USER,
        &lists::GET_CLUSTERS,
        &lists::GET_CONTEXTS,
        &lists::GET_USERS,
        &entries::RENAME_CONTEXT,
        &property::SET,
        &entries::SET_CLUSTER,
        &entries::SET_CONTEXT,
        &entries::SET_CREDENTIALS,
        &property::UNSET,
        &entries::USE_CONTEXT,
        &view::COMMAND,
    ],
    ..EMPTY
};

/// One file, to be changed and written back.
struct File {
    path: EcoString,
    config: Value,
}

impl File {
    /// The file that has what `holds` looks for; else the first that exists, or the last of the list.
    async fn holding(ctx: &Ctx, holds: impl Fn(&Value) -> bool) -> Outcome<Self> {
        let (paths, _) = kubeconfig::paths(ctx);
        let mut first = None;
        for path in &paths {
            let Some(config) = kubeconfig::read(ctx, path).await? else {
                continue;
            };
            let file = Self { path: path.clone(), config };
            if holds(&file.config) {
                return Ok(file);
            }
            first.get_or_insert(file);
        }
        Ok(first.unwrap_or_else(|| Self {
            path: paths.last().cloned().unwrap_or_else(|| kubeconfig::default_path(ctx)),
            config: kubeconfig::empty(),
        }))
    }

    /// The file that has an entry, as [`Self::holding`].
    async fn with_entry(ctx: &Ctx, list: &str, name: &str) -> Outcome<Self> {
        Self::holding(ctx, |config| kubeconfig::find(config, list, name).is_some()).await
    }

    /// The content of an entry for change, made if it is not there; and whether it was there.
    fn entry(&mut self, list: &'static str, name: &str) -> (&mut Value, bool) {
        let field = kubeconfig::LISTS.iter().find(|(known, _)| *known == list).map_or("", |(_, field)| field);
        let known = kubeconfig::find(&self.config, list, name).is_some();
        if !known {
            self.config.field_mut(list).push(value!({"name": name, (field): {}}));
        }
        let entries = self.config.field_mut(list).items_mut();
        let position = entries.iter().position(|entry| entry.get("name") == name).unwrap_or_default();
        (entries[position].field_mut(field), known)
    }

    async fn write(mut self, ctx: &Ctx) -> Outcome {
        for (list, _) in kubeconfig::LISTS {
            kubeconfig::sort(&mut self.config, list);
        }
        kubeconfig::write(ctx, &self.path, &self.config).await
    }
}
