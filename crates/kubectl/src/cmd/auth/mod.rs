//! `kubectl auth`.

pub(crate) mod can_i;
mod reconcile;
mod whoami;

use crate::command::{Command, EMPTY};

pub(crate) static COMMAND: Command = Command {
    name: "auth",
    usage: "auth",
    short: "Inspect authorization",
    long: "Inspect authorization.",
    children: &[&can_i::COMMAND, &reconcile::COMMAND, &whoami::COMMAND],
    ..EMPTY
};
