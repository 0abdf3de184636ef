//! `kubectl create configmap`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/create/create_configmap.go

use podyard_api::{Value, base64, names, value};

use super::sources::{APPEND_HASH, FROM_ENV_FILE, entries};
use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, name};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::{Flag, shared};
use crate::hash;
use crate::resource::q;

pub(crate) static COMMAND: Command = Command {
    name: "configmap",
    aliases: &["cm"],
    usage: "configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
    short: "Create a config map from a local file, directory or literal value",
    long: "Create a config map based on a file, directory, or specified literal value.

 A single config map may package one or more key/value pairs.

 When creating a config map based on a file, the key will default to the basename of the file, and the value will default to the file content.  If the basename is an invalid key, you may specify an alternate key.

 When creating a config map based on a directory, each file whose basename is a valid key in the directory will be packaged into the config map.  Any directory entries except regular files are ignored (e.g. subdirectories, symlinks, devices, pipes, etc).",
    example: "# Create a new config map named my-config based on folder bar
kubectl create configmap my-config --from-file=path/to/bar

# Create a new config map named my-config with specified keys instead of file basenames on disk
kubectl create configmap my-config --from-file=key1=/path/to/bar/file1.txt --from-file=key2=/path/to/bar/file2.txt

# Create a new config map named my-config with key1=config1 and key2=config2
kubectl create configmap my-config --from-literal=key1=config1 --from-literal=key2=config2

# Create a new config map named my-config from the key=value pairs in the file
kubectl create configmap my-config --from-file=path/to/bar

# Create a new config map named my-config from an env file
kubectl create configmap my-config --from-env-file=path/to/foo.env --from-env-file=path/to/bar.env",
    flags: &[FLAGS, shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    APPEND_HASH,
    FROM_ENV_FILE,
    Flag::slice(
        "from-file",
        "Key file can be specified using its file path, in which case file basename will be used as configmap key, or optionally with a key and file path, in which case the given key will be used.  Specifying a directory will iterate each named file in the directory whose basename is a valid configmap key.",
    ),
    Flag::texts("from-literal", "Specify a key and literal value to insert in configmap (i.e. mykey=somevalue)"),
];

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let mut map = value!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": &name}});
    for entry in entries(&ctx).await? {
        let problems = names::config_key(&entry.key);
        let key = q(&entry.key);
        if !problems.is_empty() {
            return Err(Failure::Text(format!(
                "{key} is not a valid key name for a ConfigMap: {}",
                problems.join(",")
            )));
        }
        if !map.get("data").get(&entry.key).is_null() || !map.get("binaryData").get(&entry.key).is_null() {
            let place = if entry.from_env { String::new() } else { format!(" {}", q(&name)) };
            return Err(Failure::Text(format!(
                "cannot add key {key}, another key by that name already exists in Data for ConfigMap{place}"
            )));
        }
        match String::from_utf8(entry.bytes) {
            Ok(text) => map.field_mut("data").set(&entry.key, text),
            Err(error) => {
                let encoded = base64::encode(error.as_bytes());
                map.field_mut("binaryData").set(&entry.key, Value::from(encoded));
            }
        }
    }
    if ctx.flags.bool("append-hash") {
        let hashed = format!("{name}-{}", hash::suffix(&map, &name));
        map.meta_mut().set("name", hashed);
    }
    maker.make(&ctx, map, "configmap:").await
}
