//! `kubectl create secret`.

mod docker_registry;
mod generic;
mod tls;

use podyard_api::{Value, value};

use crate::command::{Command, EMPTY};
use crate::flags::Flag;

pub(crate) static COMMAND: Command = Command {
    name: "secret",
    usage: "secret (docker-registry | generic | tls)",
    short: "Create a secret using a specified subcommand",
    long: "Create a secret with specified type.

 A docker-registry type secret is for accessing a container registry.

 A generic type secret indicate an Opaque secret type.

 A tls type secret holds TLS certificate and its associated key.",
    children: &[&docker_registry::COMMAND, &generic::COMMAND, &tls::COMMAND],
    ..EMPTY
};

const APPEND_HASH: Flag = Flag::bool("append-hash", "Append a hash of the secret to its name.");

/// A secret without data.
fn empty(name: &str, kind: &str) -> Value {
    let mut secret = value!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}});
    if !kind.is_empty() {
        secret.set("type", kind);
    }
    secret
}
