//! The kubeconfig: which cluster, as whom, in which namespace.

// Models staging/src/k8s.io/client-go/tools/clientcmd

use ecow::{EcoString, eco_format};
use podyard_api::{Value, value, yaml};
use podyard_kernel::{Errno, OpenMode};

use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::resource::q;

const TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";
const TOKEN_NAMESPACE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/// The three lists of a kubeconfig, and the field that holds an entry's content.
pub(crate) const LISTS: [(&str, &str); 3] = [("clusters", "cluster"), ("contexts", "context"), ("users", "user")];

/// What the kubeconfig and the flags come to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Access {
    /// As `https://127.0.0.1:6443`.
    pub server: EcoString,
    pub namespace: EcoString,
    /// Whether `--namespace` was given.
    pub explicit_namespace: bool,
    /// The content of the context's cluster and user.
    pub cluster: Value,
    pub user: Value,
}

impl Access {
    /// Host and port.
    pub(crate) fn host(&self) -> EcoString {
        let rest = self.server.split_once("://").map_or(self.server.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default().into()
    }

    pub(crate) fn scheme(&self) -> &str {
        self.server.split_once("://").map_or("http", |(scheme, _)| scheme)
    }

    /// Where to try first whether anything listens; `None` for the address at which the API server always is.
    pub(crate) fn unusual_address(&self) -> Option<(EcoString, u16)> {
        let host = self.host();
        let default = if self.scheme() == "https" { 443 } else { 80 };
        let (address, port) = match host.rsplit_once(':') {
            Some((address, port)) => (address, port.parse().unwrap_or(default)),
            None => (host.as_str(), default),
        };
        let usual = self.scheme() == "https" && port == 6443 && matches!(address, "127.0.0.1" | "localhost");
        let in_cluster = self.user.get("tokenFile").str() == TOKEN;
        (!usual && !in_cluster).then(|| (address.into(), port))
    }
}

/// The kubeconfig files in their order, and whether `--kubeconfig` named one.
pub(crate) fn paths(ctx: &Ctx) -> (Vec<EcoString>, bool) {
    let explicit = ctx.flags.global("kubeconfig");
    if !explicit.is_empty() {
        return (vec![explicit], true);
    }
    if let Some(list) = ctx.env.var("KUBECONFIG").filter(|list| !list.is_empty()) {
        let mut paths: Vec<EcoString> = Vec::new();
        for path in list.split(':').filter(|path| !path.is_empty()) {
            if !paths.iter().any(|known| known == path) {
                paths.push(path.into());
            }
        }
        return (paths, false);
    }
    (vec![default_path(ctx)], false)
}

/// `~/.kube/config`
pub(crate) fn default_path(ctx: &Ctx) -> EcoString {
    eco_format!("{}/.kube/config", ctx.env.var("HOME").unwrap_or("/root"))
}

/// One file's content; `None` if there is no such file.
///
/// # Errors
/// A file that is no kubeconfig.
pub(crate) async fn read(ctx: &Ctx, path: &str) -> Outcome<Option<Value>> {
    let bytes = match ctx.sys.read_file(path).await {
        Ok(bytes) => bytes,
        Err(Errno::NoEntry | Errno::NotDirectory) => return Ok(None),
        Err(errno) => {
            let why = errno.to_string().to_lowercase();
            return Err(Failure::Text(format!("error loading config file {}: open {path}: {why}", q(path))));
        }
    };
    let text = String::from_utf8_lossy(&bytes);
    match yaml::parse(&text) {
        Ok(Value::Null) => Ok(Some(empty())),
        Ok(config) if config.is_object() => Ok(Some(config)),
        Ok(_) => Err(Failure::Text(format!(
            "error loading config file {}: couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}",
            q(path)
        ))),
        Err(error) => Err(Failure::Text(format!("error loading config file {}: {error}", q(path)))),
    }
}

/// Writes a file, making its directory if need be.
pub(crate) async fn write(ctx: &Ctx, path: &str, config: &Value) -> Outcome {
    let text = yaml::to_string(config);
    let denied = |errno: Errno| Failure::Text(format!("open {path}: {}", errno.to_string().to_lowercase()));
    if let Err(Errno::NoEntry) = ctx.sys.write_file(path, &text).await {
        if let Some((directory, _)) = path.rsplit_once('/') {
            let call = podyard_kernel::Syscall::MakeDir { path: directory.into(), mode: 0o755 };
            let _ = ctx.sys.call(call).await;
        }
        let fd = ctx.sys.open(path, OpenMode::WRITE).await.map_err(denied)?;
        ctx.sys.write(fd, &text).await.map_err(denied)?;
        ctx.sys.close(fd).await;
    }
    Ok(())
}

/// A kubeconfig with nothing in it.
pub(crate) fn empty() -> Value {
    value!({"apiVersion": "v1", "kind": "Config", "clusters": [], "contexts": [], "users": [], "current-context": ""})
}

/// All files as one: of entries with the same name the first counts.
pub(crate) async fn merged(ctx: &Ctx) -> Outcome<Value> {
    let mut config = empty();
    for path in paths(ctx).0 {
        let Some(file) = read(ctx, &path).await? else {
            continue;
        };
        for (list, _) in LISTS {
            for entry in file.get(list).items() {
                if find(&config, list, entry.get("name").str()).is_none() {
                    config.field_mut(list).push(entry.clone());
                }
            }
        }
        if config.get("current-context").is_empty() && !file.get("current-context").is_empty() {
            config.set("current-context", file.get("current-context"));
        }
    }
    for (list, _) in LISTS {
        sort(&mut config, list);
    }
    Ok(config)
}

/// Puts a list in the order of its names, as it is written.
pub(crate) fn sort(config: &mut Value, list: &str) {
    if let Some(entries) = config.get_mut(list) {
        entries.items_mut().sort_by(|a, b| a.get("name").str().cmp(b.get("name").str()));
    }
}

/// The content of the entry `name` of a list.
pub(crate) fn find<'a>(config: &'a Value, list: &str, name: &str) -> Option<&'a Value> {
    let field = LISTS.iter().find(|(known, _)| *known == list).map(|(_, field)| *field)?;
    let entry = config.get(list).items().iter().find(|entry| entry.get("name") == name)?;
    Some(entry.get(field))
}

/// What the kubeconfig and the flags come to.
///
/// # Errors
/// A file named by `--kubeconfig` that is not there, a context that does not exist, unreadable certificates.
pub(crate) async fn access(ctx: &Ctx) -> Outcome<Access> {
    let (paths, explicit) = paths(ctx);
    if explicit && let [path] = paths.as_slice() {
        let call = podyard_kernel::Syscall::Stat { path: path.clone(), follow: true };
        if let podyard_kernel::Answer::Error(errno) = ctx.sys.call(call).await {
            return Err(Failure::Text(format!("stat {path}: {}", errno.to_string().to_lowercase())));
        }
    }
    let config = merged(ctx).await?;
    let flags = &ctx.flags;
    let chosen = flags.global("context");
    let name = if chosen.is_empty() { config.get("current-context").text() } else { chosen };
    let context = find(&config, "contexts", &name).cloned();
    if context.is_none() && !name.is_empty() {
        return Err(Failure::Config(format!("context was not found for specified context: {name}")));
    }
    let context = context.unwrap_or_default();
    let mut access = Access {
        namespace: context.get("namespace").text(),
        cluster: part(&config, "clusters", &flags.global("cluster"), context.get("cluster").str(), "cluster")?,
        user: part(&config, "users", &flags.global("user"), context.get("user").str(), "auth info")?,
        ..Access::default()
    };
    access.server = match flags.global("server") {
        given if !given.is_empty() => given,
        _ => access.cluster.get("server").text(),
    };
    check_files(ctx, &access, context.get("user").str()).await?;
    if access.server.is_empty() {
        in_cluster(ctx, &mut access).await;
    }
    if !access.server.contains("://") {
        access.server = eco_format!("http://{}", access.server);
    }
    let given = flags.global("namespace");
    if !given.is_empty() {
        access.namespace = given;
        access.explicit_namespace = true;
    }
    if access.namespace.is_empty() {
        access.namespace = "default".into();
    }
    Ok(access)
}

fn part(config: &Value, list: &str, flag: &str, name: &str, what: &str) -> Outcome<Value> {
    if flag.is_empty() {
        return Ok(find(config, list, name).cloned().unwrap_or_default());
    }
    find(config, list, flag).cloned().ok_or_else(|| Failure::Text(format!("{what} {} does not exist", q(flag))))
}

/// The certificate files that the user's entry names must be there.
async fn check_files(ctx: &Ctx, access: &Access, user: &str) -> Outcome {
    for (field, what) in [("client-certificate", "client-cert"), ("client-key", "client-key")] {
        let path = access.user.get(field).str();
        if path.is_empty() || !access.user.get(&format!("{field}-data")).is_empty() {
            continue;
        }
        if let Err(errno) = ctx.sys.open(path, OpenMode::READ).await.map(drop) {
            let why = errno.to_string().to_lowercase();
            return Err(Failure::Config(format!("unable to read {what} {path} for {user} due to open {path}: {why}")));
        }
    }
    Ok(())
}

/// Without a kubeconfig a container uses its service account; elsewhere the server is looked for on this machine.
async fn in_cluster(ctx: &Ctx, access: &mut Access) {
    access.server = "http://localhost:8080".into();
    let (Some(host), Some(port)) = (ctx.env.var("KUBERNETES_SERVICE_HOST"), ctx.env.var("KUBERNETES_SERVICE_PORT"))
    else {
        return;
    };
    if let Ok(namespace) = ctx.sys.read_file(TOKEN_NAMESPACE).await {
        access.server = eco_format!("https://{host}:{port}");
        access.user = value!({"tokenFile": TOKEN});
        access.namespace = String::from_utf8_lossy(&namespace).trim().into();
    }
}
