//! `kubectl create secret tls`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/create/create_secret_tls.go

use podyard_api::base64;

use super::{APPEND_HASH, empty};
use crate::cmd::create::sources::read;
use crate::command::{Command, EMPTY, run};
use crate::creating::{Maker, name};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::{Flag, shared};

pub(crate) static COMMAND: Command = Command {
    name: "tls",
    usage: "tls NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]",
    short: "Create a TLS secret",
    long: "Create a TLS secret from the given public/private key pair.

 The public/private key pair must exist beforehand. The public key certificate must be .PEM encoded and match the given private key.",
    example: "# Create a new TLS secret named tls-secret with the given key pair
kubectl create secret tls tls-secret --cert=path/to/tls.crt --key=path/to/tls.key",
    flags: &[FLAGS, shared::GENERATE],
    run: run!(create),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    APPEND_HASH,
    Flag::text("cert", "", "Path to PEM encoded public key certificate."),
    Flag::text("key", "", "Path to private key associated with given certificate."),
];

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let maker = Maker::new(&ctx).await?;
    let (cert_path, key_path) = (ctx.flags.text("cert"), ctx.flags.text("key"));
    if cert_path.is_empty() || key_path.is_empty() {
        return Err("key and cert must be specified".into());
    }
    let cert = read(&ctx, &cert_path).await?;
    let key = read(&ctx, &key_path).await?;
    for (bytes, what) in [(&cert, "certificate"), (&key, "key")] {
        if !String::from_utf8_lossy(bytes).contains("-----BEGIN ") {
            return Err(Failure::Text(format!("tls: failed to find any PEM data in {what} input")));
        }
    }
    let mut secret = empty(&name, "kubernetes.io/tls");
    let data = secret.field_mut("data");
    data.set("tls.crt", base64::encode(&cert));
    data.set("tls.key", base64::encode(&key));
    maker.make(&ctx, secret, "secret").await
}
