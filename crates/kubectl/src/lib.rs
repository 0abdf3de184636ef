//! kubectl as a kernel program: argv, files and API responses in, text and exit status out.
//!
//! Each command is one file of [`cmd`]: its names, texts and flags as data, and an `async fn` that runs it. It asks
//! the API server by requests only, as the real one does.

mod app;
mod attaching;
mod children;
pub(crate) mod cmd;
pub(crate) mod command;
mod creating;
mod ctx;
mod discovery;
mod editor;
mod failure;
mod flags;
mod hash;
mod help;
mod kubeconfig;
mod kustomize;
mod merging;
mod order;
mod overrides;
mod pairs;
mod patch;
mod pods;
mod print;
mod resource;
mod strategic;
mod stream;
mod tar;
mod templates;
#[cfg(test)]
mod testing;
mod watching;

use podyard_kernel::{Args, Main, Sys};

/// What `kubectl auth can-i --list` prints of the `status` of a SelfSubjectRulesReview.
pub fn can_i_list(status: &podyard_api::Value) -> String {
    cmd::auth::can_i::table(status, true)
}

/// Every command that does something, as it is typed (`create deployment`), with its line in a list of commands.
pub fn commands() -> Vec<(String, &'static str)> {
    fn below(command: &'static command::Command, path: &str, found: &mut Vec<(String, &'static str)>) {
        for child in command.children.iter().filter(|child| child.is_visible()) {
            let path = format!("{path} {}", child.name).trim_start().to_string();
            if child.run.is_some() {
                found.push((path.clone(), child.short));
            }
            below(child, &path, found);
        }
    }
    let mut found = Vec::new();
    below(&cmd::ROOT, "", &mut found);
    found
}

/// The program `kubectl`.
pub struct Kubectl;

impl Main for Kubectl {
    async fn run(sys: Sys, args: Args) -> u8 {
        app::run(sys, args).await
    }
}
