//! `kubectl create token`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/create/create_token.go

use podyard_api::{Target, Value, Verb, value};

use crate::command::{Command, EMPTY, run};
use crate::creating::name;
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::{Flag, shared};
use crate::print::{DryRun, Printer};

pub(crate) static COMMAND: Command = Command {
    name: "token",
    usage: "token SERVICE_ACCOUNT_NAME",
    short: "Request a service account token",
    long: "Request a service account token.",
    example: "# Request a token to authenticate to the kube-apiserver as the service account \"myapp\" in the current namespace
kubectl create token myapp

# Request a token for a service account in a custom namespace
kubectl create token myapp --namespace myns

# Request a token with a custom expiration
kubectl create token myapp --duration 10m

# Request a token with a custom audience
kubectl create token myapp --audience https://example.com

# Request a token bound to an instance of a Secret object
kubectl create token myapp --bound-object-kind Secret --bound-object-name mysecret

# Request a token bound to an instance of a Secret object with a specific UID
kubectl create token myapp --bound-object-kind Secret --bound-object-name mysecret --bound-object-uid 0d4691ed-659b-4935-a832-355f77ee47cc",
    flags: &[FLAGS, shared::PRINT],
    run: run!(create),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::texts(
        "audience",
        "Audience of the requested token. If unset, defaults to requesting a token for use with the Kubernetes API server. May be repeated to request a token valid for multiple audiences.",
    ),
    Flag::text(
        "bound-object-kind",
        "",
        "Kind of an object to bind the token to. Supported kinds are Node, Pod, Secret. If set, --bound-object-name must be provided.",
    ),
    Flag::text(
        "bound-object-name",
        "",
        "Name of an object to bind the token to. The token will expire when the object is deleted. Requires --bound-object-kind.",
    ),
    Flag::text(
        "bound-object-uid",
        "",
        "UID of an object to bind the token to. Requires --bound-object-kind and --bound-object-name. If unset, the UID of the existing object is used.",
    ),
    Flag::duration(
        "duration",
        "0s",
        "Requested lifetime of the issued token. If not set or if set to 0, the lifetime will be determined by the server automatically. The server may return a token with a longer or shorter lifetime.",
    ),
];

async fn create(ctx: Ctx) -> Outcome {
    let name = name(&ctx)?;
    let spec = spec(&ctx)?;
    let printer = Printer::from_flags(&ctx, "", DryRun::None).await?;
    let namespace = ctx.namespace().await?;
    let target = Target::resource("", "v1", "serviceaccounts", &namespace, &name).sub("token");
    let body = value!({
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "metadata": {}, "spec": spec,
        "status": {"token": "", "expirationTimestamp": null},
    });
    let answer =
        ctx.send(ctx.request(Verb::Create, target).with_body(body)).await.map_err(|failure| match failure {
            Failure::Server(status) => Failure::Text(format!("failed to create token: {}", status.message)),
            other => other,
        })?;
    if printer.is_formatted() {
        return printer.print(&ctx, &answer).await;
    }
    let token = answer.get("status").get("token").str();
    if token.is_empty() {
        return Err("failed to create token: no token in server response".into());
    }
    ctx.out(format!("{token}\n")).await;
    Ok(())
}

fn spec(ctx: &Ctx) -> Outcome<Value> {
    let flags = &ctx.flags;
    let seconds = flags.duration("duration") / 1_000_000_000;
    if seconds < 0 {
        return Err("--duration must be greater than or equal to 0".into());
    }
    if flags.duration("duration") % 1_000_000_000 != 0 {
        return Err("--duration cannot be expressed in units less than seconds".into());
    }
    let mut spec = value!({"audiences": null});
    let audiences: Value = flags.list("audience").into_iter().collect();
    if !audiences.is_empty() {
        spec.set("audiences", audiences);
    }
    if seconds > 0 {
        spec.set("expirationSeconds", seconds);
    }
    let (kind, name, uid) =
        (flags.text("bound-object-kind"), flags.text("bound-object-name"), flags.text("bound-object-uid"));
    if kind.is_empty() {
        if !name.is_empty() {
            return Err("--bound-object-name can only be set if --bound-object-kind is provided".into());
        }
        if !uid.is_empty() {
            return Err("--bound-object-uid can only be set if --bound-object-kind is provided".into());
        }
        return Ok(spec);
    }
    if !matches!(kind.as_str(), "Node" | "Pod" | "Secret") {
        return Err("supported --bound-object-kind values are Node, Pod, Secret".into());
    }
    if name.is_empty() {
        return Err("--bound-object-name is required if --bound-object-kind is provided".into());
    }
    spec.set("boundObjectRef", value!({"apiVersion": "v1", "kind": kind, "name": name}));
    if !uid.is_empty() {
        spec.field_mut("boundObjectRef").set("uid", uid);
    }
    Ok(spec)
}
