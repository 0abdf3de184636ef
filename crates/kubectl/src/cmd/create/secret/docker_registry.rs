//! `kubectl create secret docker-registry`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/create/create_secret_docker.go

use podyard_api::{base64, json};

use super::{APPEND_HASH, empty};
use crate::cmd::create::sources::entries;
use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, name};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::{Flag, shared};

pub(crate) static COMMAND: Command = Command {
    name: "docker-registry",
    usage: "docker-registry NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none]",
    short: "Create a secret for use with a Docker registry",
    long: "Create a new secret for use with Docker registries.
        
        Dockercfg secrets are used to authenticate against Docker registries.
        
        When using the Docker command line to push images, you can authenticate to a given registry by running:
        '$ docker login DOCKER_REGISTRY_SERVER --username=DOCKER_USER --password=DOCKER_PASSWORD --email=DOCKER_EMAIL'.
        
 That produces a ~/.dockercfg file that is used by subsequent 'docker push' and 'docker pull' commands to authenticate to the registry. The email address is optional.

        When creating applications, you may have a Docker registry that requires authentication.  In order for the
        nodes to pull images on your behalf, they must have the credentials.  You can provide this information
        by creating a dockercfg secret and attaching it to your service account.",
    example: "# If you do not already have a .dockercfg file, create a dockercfg secret directly
kubectl create secret docker-registry my-secret --docker-server=DOCKER_REGISTRY_SERVER --docker-username=DOCKER_USER --docker-password=DOCKER_PASSWORD --docker-email=DOCKER_EMAIL

# Create a new secret named my-secret from ~/.docker/config.json
kubectl create secret docker-registry my-secret --from-file=path/to/.docker/config.json",
    flags: &[FLAGS, shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    APPEND_HASH,
    Flag::text("docker-email", "", "Email for Docker registry"),
    Flag::text("docker-password", "", "Password for Docker registry authentication"),
    Flag::text("docker-server", "https://index.docker.io/v1/", "Server location for Docker registry"),
    Flag::text("docker-username", "", "Username for Docker registry authentication"),
    Flag::slice(
        "from-file",
        "Key files can be specified using their file path, in which case a default name of .dockerconfigjson will be given to them, or optionally with a name and file path, in which case the given name will be used. Specifying a directory will iterate each named file in the directory that is a valid secret key. For this command, the key should always be .dockerconfigjson.",
    ),
];

const KEY: &str = ".dockerconfigjson";

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let flags = &ctx.flags;
    let (user, password, server, email) = (
        flags.text("docker-username"),
        flags.text("docker-password"),
        flags.text("docker-server"),
        flags.text("docker-email"),
    );
    let from_file = !flags.list("from-file").is_empty();
    if !from_file && (user.is_empty() || password.is_empty() || server.is_empty()) {
        return Err("either --from-file or the combination of --docker-username, --docker-password and --docker-server is required".into());
    }
    let mut secret = empty(&name, "kubernetes.io/dockerconfigjson");
    if from_file {
        for entry in entries(&ctx).await? {
            let key =
                if flags.list("from-file").iter().any(|file| file.contains('=')) { entry.key.as_str() } else { KEY };
            if !secret.get("data").get(key).is_null() {
                return Err(Failure::Text(format!("cannot add key {key}, another key by that name already exists")));
            }
            secret.field_mut("data").set(key, base64::encode(&entry.bytes));
        }
    } else {
        let mut parts = vec![("username", user.clone()), ("password", password.clone())];
        if !email.is_empty() {
            parts.push(("email", email));
        }
        parts.push(("auth", base64::encode(format!("{user}:{password}").as_bytes()).into()));
        let fields: Vec<String> = parts.iter().map(|(key, text)| format!("\"{key}\":{}", json::quote(text))).collect();
        let text = format!("{{\"auths\":{{{}:{{{}}}}}}}", json::quote(&server), fields.join(","));
        secret.field_mut("data").set(KEY, base64::encode(text.as_bytes()));
    }
    maker.make(&ctx, secret, "secret").await
}
