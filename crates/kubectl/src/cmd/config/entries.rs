//! `kubectl config set-cluster`, `set-context`, `set-credentials`, `rename-context`, `use-context`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/config/{set_cluster,set_context,set_credentials,rename_context,use_context}.go

use ecow::EcoString;
use podyard_api::{Value, base64};

use super::File;
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;
use crate::kubeconfig;
use crate::resource::q;

pub(super) static SET_CLUSTER: Command = Command {
    name: "set-cluster",
    usage: "set-cluster NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true] [--tls-server-name=example.com]",
    short: "Set a cluster entry in kubeconfig",
    long: "Set a cluster entry in kubeconfig.

 Specifying a name that already exists will merge new fields on top of existing values for those fields.",
    example: "# Set only the server field on the e2e cluster entry without touching other values
kubectl config set-cluster e2e --server=https://1.2.3.4

# Embed certificate authority data for the e2e cluster entry
kubectl config set-cluster e2e --embed-certs --certificate-authority=~/.kube/e2e/kubernetes.ca.crt

# Disable cert checking for the e2e cluster entry
kubectl config set-cluster e2e --insecure-skip-tls-verify=true",
    flags: &[&[
        Flag::text(
            "certificate-authority",
            "",
            "Path to certificate-authority file for the cluster entry in kubeconfig",
        ),
        Flag::bool("embed-certs", "embed-certs for the cluster entry in kubeconfig"),
        Flag::bool("insecure-skip-tls-verify", "insecure-skip-tls-verify for the cluster entry in kubeconfig"),
        Flag::text("proxy-url", "", "proxy-url for the cluster entry in kubeconfig"),
        Flag::text("server", "", "server for the cluster entry in kubeconfig"),
        Flag::text("tls-server-name", "", "tls-server-name for the cluster entry in kubeconfig"),
    ]],
    run: run!(set_cluster),
    ..EMPTY
};

pub(super) static SET_CONTEXT: Command = Command {
    name: "set-context",
    usage: "set-context [NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]",
    short: "Set a context entry in kubeconfig",
    long: "Set a context entry in kubeconfig.

 Specifying a name that already exists will merge new fields on top of existing values for those fields.",
    example: "# Set the user field on the gce context entry without touching other values
kubectl config set-context gce --user=cluster-admin",
    flags: &[&[
        Flag::text("cluster", "", "cluster for the context entry in kubeconfig"),
        Flag::bool("current", "Modify the current context"),
        Flag::text("namespace", "", "namespace for the context entry in kubeconfig").short("n"),
        Flag::text("user", "", "user for the context entry in kubeconfig"),
    ]],
    run: run!(set_context),
    ..EMPTY
};

pub(super) static SET_CREDENTIALS: Command = Command {
    name: "set-credentials",
    usage: "set-credentials NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] [--password=basic_password]",
    short: "Set a user entry in kubeconfig",
    long: "Set a user entry in kubeconfig.

 Specifying a name that already exists will merge new fields on top of existing values.

  Client-certificate flags:
  --client-certificate=certfile --client-key=keyfile
  
  Bearer token flags:
  --token=bearer_token
  
  Basic auth flags:
  --username=basic_user --password=basic_password
  
 Bearer token and basic auth are mutually exclusive.",
    example: "# Set only the \"client-key\" field on the \"cluster-admin\"
# entry, without touching other values
kubectl config set-credentials cluster-admin --client-key=~/.kube/admin.key

# Set basic auth for the \"cluster-admin\" entry
kubectl config set-credentials cluster-admin --username=admin --password=uXFGweU9l35qcif

# Embed client certificate data in the \"cluster-admin\" entry
kubectl config set-credentials cluster-admin --client-certificate=~/.kube/admin.crt --embed-certs=true",
    flags: &[&[
        Flag::text("client-certificate", "", "Path to client-certificate file for the user entry in kubeconfig"),
        Flag::text("client-key", "", "Path to client-key file for the user entry in kubeconfig"),
        Flag::bool("embed-certs", "Embed client cert/key for the user entry in kubeconfig"),
        Flag::text("password", "", "password for the user entry in kubeconfig"),
        Flag::text("token", "", "token for the user entry in kubeconfig"),
        Flag::text("username", "", "username for the user entry in kubeconfig"),
    ]],
    run: run!(set_credentials),
    ..EMPTY
};

pub(super) static RENAME_CONTEXT: Command = Command {
    name: "rename-context",
    usage: "rename-context CONTEXT_NAME NEW_NAME",
    short: "Rename a context from the kubeconfig file",
    long: "Renames a context from the kubeconfig file.

 CONTEXT_NAME is the context name that you want to change.

 NEW_NAME is the new name you want to set.

 Note: If the context being renamed is the 'current-context', this field will also be updated.",
    example: "# Rename the context 'old-name' to 'new-name' in your kubeconfig file
kubectl config rename-context old-name new-name",
    run: run!(rename_context),
    ..EMPTY
};

pub(super) static USE_CONTEXT: Command = Command {
    name: "use-context",
    aliases: &["use"],
    usage: "use-context CONTEXT_NAME",
    short: "Set the current-context in a kubeconfig file",
    long: "Set the current-context in a kubeconfig file.",
    example: "# Use the context for the minikube cluster\nkubectl config use-context minikube",
    run: run!(use_context),
    ..EMPTY
};

fn one_name(ctx: &Ctx) -> Outcome<EcoString> {
    match ctx.args() {
        [name] => Ok(name.clone()),
        _ => Err(ctx.usage(format!("Unexpected args: [{}]", ctx.args().join(" ")))),
    }
}

/// Takes over the text flags that were given; an empty text takes the field away.
fn take(ctx: &Ctx, entry: &mut Value, fields: &[(&str, &'static str)]) {
    for (flag, field) in fields.iter().filter(|(flag, _)| ctx.flags.changed(flag)) {
        let text = ctx.flags.text(flag);
        if text.is_empty() {
            entry.remove(field);
        } else {
            entry.set(*field, text);
        }
    }
}

/// Takes over a flag that names a file: its path, or with `--embed-certs` its content.
async fn certificate(ctx: &Ctx, flag: &str) -> Outcome<Option<(String, EcoString)>> {
    let path = ctx.flags.text(flag);
    if path.is_empty() {
        return Ok(None);
    }
    if ctx.flags.bool("embed-certs") {
        let bytes = ctx.sys.read_file(&path).await.map_err(|errno| {
            let why = errno.to_string().to_lowercase();
            Failure::Text(format!("could not read {flag} data from {path}: open {path}: {why}"))
        })?;
        return Ok(Some((format!("{flag}-data"), base64::encode(bytes).into())));
    }
    let absolute = if path.starts_with('/') {
        path
    } else {
        ecow::eco_format!("{}/{path}", ctx.sys.working_dir().await.trim_end_matches('/'))
    };
    Ok(Some((flag.to_owned(), absolute)))
}

fn set_certificate(entry: &mut Value, flag: &str, found: Option<(String, EcoString)>) {
    if let Some((field, text)) = found {
        entry.remove(flag);
        entry.remove(&format!("{flag}-data"));
        entry.set(field, text);
    }
}

async fn set_cluster(ctx: Ctx) -> Outcome {
    let name = one_name(&ctx)?;
    if ctx.flags.bool("insecure-skip-tls-verify") && !ctx.flags.text("certificate-authority").is_empty() {
        return Err("you cannot specify a certificate authority and insecure mode at the same time".into());
    }
    let authority = certificate(&ctx, "certificate-authority").await?;
    let mut file = File::with_entry(&ctx, "clusters", &name).await?;
    let (entry, _) = file.entry("clusters", &name);
    let fields = [("server", "server"), ("tls-server-name", "tls-server-name"), ("proxy-url", "proxy-url")];
    take(&ctx, entry, &fields);
    if ctx.flags.changed("insecure-skip-tls-verify") {
        if ctx.flags.bool("insecure-skip-tls-verify") {
            entry.set("insecure-skip-tls-verify", true);
            entry.remove("certificate-authority");
            entry.remove("certificate-authority-data");
        } else {
            entry.remove("insecure-skip-tls-verify");
        }
    }
    set_certificate(entry, "certificate-authority", authority);
    file.write(&ctx).await?;
    ctx.out(format!("Cluster {} set.\n", q(&name))).await;
    Ok(())
}

async fn set_context(ctx: Ctx) -> Outcome {
    let current = ctx.flags.bool("current");
    let name = match ctx.args() {
        [] if current => kubeconfig::merged(&ctx).await?.get("current-context").text(),
        [_] if current => return Err("cannot specify both a context name and --current".into()),
        [] => return Err("you must specify a non-empty context name or --current".into()),
        _ => one_name(&ctx)?,
    };
    if name.is_empty() {
        return Err("no current context is set".into());
    }
    let mut file = File::with_entry(&ctx, "contexts", &name).await?;
    let (entry, known) = file.entry("contexts", &name);
    take(&ctx, entry, &[("cluster", "cluster"), ("namespace", "namespace"), ("user", "user")]);
    file.write(&ctx).await?;
    let word = if known { "modified" } else { "created" };
    ctx.out(format!("Context {} {word}.\n", q(&name))).await;
    Ok(())
}

async fn set_credentials(ctx: Ctx) -> Outcome {
    let name = one_name(&ctx)?;
    let flags = &ctx.flags;
    let basic = !flags.text("username").is_empty() || !flags.text("password").is_empty();
    if basic && !flags.text("token").is_empty() {
        return Err(
            "you cannot specify more than one authentication method at the same time: --token, --username/--password"
                .into(),
        );
    }
    let cert = certificate(&ctx, "client-certificate").await?;
    let key = certificate(&ctx, "client-key").await?;
    let mut file = File::with_entry(&ctx, "users", &name).await?;
    let (entry, _) = file.entry("users", &name);
    take(&ctx, entry, &[("token", "token"), ("username", "username"), ("password", "password")]);
    set_certificate(entry, "client-certificate", cert);
    set_certificate(entry, "client-key", key);
    file.write(&ctx).await?;
    ctx.out(format!("User {} set.\n", q(&name))).await;
    Ok(())
}

async fn rename_context(ctx: Ctx) -> Outcome {
    let [old, new] = ctx.args() else {
        return Err(ctx.usage(format!("Unexpected args: [{}]", ctx.args().join(" "))));
    };
    let mut file = File::with_entry(&ctx, "contexts", old).await?;
    if kubeconfig::find(&file.config, "contexts", old).is_none() {
        let path = &file.path;
        return Err(Failure::Text(format!("cannot rename the context {}, it's not in {path}", q(old))));
    }
    if kubeconfig::find(&file.config, "contexts", new).is_some() {
        let (old, path) = (q(old), &file.path);
        return Err(Failure::Text(format!(
            "cannot rename the context {old}, the context {} already exists in {path}",
            q(new)
        )));
    }
    for entry in file.config.field_mut("contexts").items_mut() {
        if entry.get("name") == old.as_str() {
            entry.set("name", new);
        }
    }
    if file.config.get("current-context") == old.as_str() {
        file.config.set("current-context", new);
    }
    file.write(&ctx).await?;
    ctx.out(format!("Context {} renamed to {}.\n", q(old), q(new))).await;
    Ok(())
}

async fn use_context(ctx: Ctx) -> Outcome {
    let name = one_name(&ctx)?;
    let merged = kubeconfig::merged(&ctx).await?;
    if kubeconfig::find(&merged, "contexts", &name).is_none() {
        return Err(Failure::Text(format!("no context exists with the name: {}", q(&name))));
    }
    let mut file = File::holding(&ctx, |config| !config.get("current-context").is_empty()).await?;
    file.config.set("current-context", &name);
    file.write(&ctx).await?;
    ctx.out(format!("Switched to context {}.\n", q(&name))).await;
    Ok(())
}
