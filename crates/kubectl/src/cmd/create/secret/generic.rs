//! `kubectl create secret generic`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/create/create_secret.go

use podyard_api::{base64, names};

use super::{APPEND_HASH, empty};
use crate::cmd::create::sources::entries;
use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, name};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::{Flag, shared};
use crate::hash;
use crate::resource::q;

pub(crate) static COMMAND: Command = Command {
    name: "generic",
    usage: "generic NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
    short: "Create a secret from a local file, directory, or literal value",
    long: "Create a secret based on a file, directory, or specified literal value.

 A single secret may package one or more key/value pairs.

 When creating a secret based on a file, the key will default to the basename of the file, and the value will default to the file content. If the basename is an invalid key or you wish to chose your own, you may specify an alternate key.

 When creating a secret based on a directory, each file whose basename is a valid key in the directory will be packaged into the secret. Any directory entries except regular files are ignored (e.g. subdirectories, symlinks, devices, pipes, etc).",
    example: "# Create a new secret named my-secret with keys for each file in folder bar
kubectl create secret generic my-secret --from-file=path/to/bar

# Create a new secret named my-secret with specified keys instead of names on disk
kubectl create secret generic my-secret --from-file=ssh-privatekey=path/to/id_rsa --from-file=ssh-publickey=path/to/id_rsa.pub

# Create a new secret named my-secret with key1=supersecret and key2=topsecret
kubectl create secret generic my-secret --from-literal=key1=supersecret --from-literal=key2=topsecret

# Create a new secret named my-secret using a combination of a file and a literal
kubectl create secret generic my-secret --from-file=ssh-privatekey=path/to/id_rsa --from-literal=passphrase=topsecret

# Create a new secret named my-secret from env files
kubectl create secret generic my-secret --from-env-file=path/to/foo.env --from-env-file=path/to/bar.env",
    flags: &[FLAGS, shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    APPEND_HASH,
    Flag::slice("from-env-file", "Specify the path to a file to read lines of key=val pairs to create a secret."),
    Flag::slice(
        "from-file",
        "Key files can be specified using their file path, in which case a default name of the key file will be used as a secret key, or optionally with a key name and file path, in which case the given name will be used.  Specifying a directory will iterate each named file in the directory that is a valid secret key.",
    ),
    Flag::texts("from-literal", "Specify a key and literal value to insert in secret (i.e. mykey=somevalue)"),
    Flag::text("type", "", "The type of secret to create"),
];

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let mut secret = empty(&name, &ctx.flags.text("type"));
    for entry in entries(&ctx).await? {
        let problems = names::config_key(&entry.key);
        if !problems.is_empty() {
            let key = q(&entry.key);
            return Err(Failure::Text(format!("{key} is not valid key name for a Secret {}", problems.join(";"))));
        }
        if !secret.get("data").get(&entry.key).is_null() {
            return Err(Failure::Text(format!(
                "cannot add key {}, another key by that name already exists",
                entry.key
            )));
        }
        secret.field_mut("data").set(&entry.key, base64::encode(&entry.bytes));
    }
    if ctx.flags.bool("append-hash") {
        let hashed = format!("{name}-{}", hash::suffix(&secret, &name));
        secret.meta_mut().set("name", hashed);
    }
    maker.make(&ctx, secret, "secret").await
}
