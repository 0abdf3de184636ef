//! `cargo xtask schema`: runs the program that compiles `k8s-openapi`, which no other command needs.

use std::process::Command;

/// Generates the schema tables, or with `check` compares them with the committed ones.
pub(crate) fn command(check: bool) -> Command {
    let mut command = crate::run::cargo();
    command.args(["run", "--quiet", "--package", "podyard-xtask", "--features", "schema", "--bin", "podyard-schema"]);
    command.arg("--").args(check.then_some("--check"));
    command
}
