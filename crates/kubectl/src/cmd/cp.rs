//! `kubectl cp`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/cp

use ecow::EcoString;
use podyard_api::{Target, Value, Verb};
use podyard_kernel::{Answer, FileKind, Metadata, Syscall};

use crate::cmd::exec;
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;
use crate::pods;
use crate::resource::q;
use crate::stream::{self, Joined, Ran};
use crate::tar::{self, Content, Entry};

pub(crate) static COMMAND: Command = Command {
    name: "cp",
    usage: "cp <file-spec-src> <file-spec-dest>",
    short: "Copy files and directories to and from containers",
    long: "Copy files and directories to and from containers.",
    example: "# !!!Important Note!!!
# Requires that the 'tar' binary is present in your container
# image.  If 'tar' is not present, 'kubectl cp' will fail.
#
# For advanced use cases, such as symlinks, wildcard expansion or
# file mode preservation, consider using 'kubectl exec'.

# Copy /tmp/foo local file to /tmp/bar in a remote pod in namespace <some-namespace>
tar cf - /tmp/foo | kubectl exec -i -n <some-namespace> <some-pod> -- tar xf - -C /tmp/bar

# Copy /tmp/foo from a remote pod to /tmp/bar locally
kubectl exec -n <some-namespace> <some-pod> -- tar cf - /tmp/foo | tar xf - -C /tmp/bar

# Copy /tmp/foo_dir local directory to /tmp/bar_dir in a remote pod in the default namespace
kubectl cp /tmp/foo_dir <some-pod>:/tmp/bar_dir

# Copy /tmp/foo local file to /tmp/bar in a remote pod in a specific container
kubectl cp /tmp/foo <some-pod>:/tmp/bar -c <specific-container>

# Copy /tmp/foo local file to /tmp/bar in a remote pod in namespace <some-namespace>
kubectl cp /tmp/foo <some-namespace>/<some-pod>:/tmp/bar

# Copy /tmp/foo from a remote pod to /tmp/bar locally
kubectl cp <some-namespace>/<some-pod>:/tmp/foo /tmp/bar",
    flags: &[FLAGS],
    run: run!(cp),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::text(
        "container",
        "",
        "Container name. If omitted, use the kubectl.kubernetes.io/default-container annotation for selecting the container to be attached or the first container in the pod will be chosen",
    )
    .short("c"),
    Flag::bool(
        "no-preserve",
        "The copied file/directory's ownership and permissions will not be preserved in the container",
    ),
    Flag::int(
        "retries",
        "0",
        "Set number of retries to complete a copy operation from a container. Specify 0 to disable or any negative value for infinite retrying. The default is 0 (no retry).",
    ),
];

/// `[[namespace/]pod:]file`
struct Spec {
    namespace: EcoString,
    /// Empty for a local file.
    pod: EcoString,
    file: EcoString,
}

impl Spec {
    fn parse(text: &str) -> Outcome<Self> {
        const WRONG: &str = "filespec must match the canonical format: [[namespace/]pod:]file/path";
        let Some((pod, file)) = text.split_once(':') else {
            return Ok(Self { namespace: EcoString::new(), pod: EcoString::new(), file: text.into() });
        };
        match pod.split('/').collect::<Vec<_>>()[..] {
            [""] => Err(WRONG.into()),
            [pod] => Ok(Self { namespace: EcoString::new(), pod: pod.into(), file: file.into() }),
            [namespace, pod] => Ok(Self { namespace: namespace.into(), pod: pod.into(), file: file.into() }),
            _ => Err(WRONG.into()),
        }
    }
}

async fn cp(ctx: Ctx) -> Outcome {
    let [from, to] = ctx.args() else {
        return Err("source and destination are required".into());
    };
    let (from, to) = (Spec::parse(from)?, Spec::parse(to)?);
    if !from.pod.is_empty() && !to.pod.is_empty() {
        return Err("one of src or dest must be a local file specification".into());
    }
    if from.file.is_empty() || to.file.is_empty() {
        return Err("filepath can not be empty".into());
    }
    match (from.pod.is_empty(), to.pod.is_empty()) {
        (false, _) => from_pod(&ctx, &from, &to.file).await,
        (_, false) => to_pod(&ctx, &from.file, &to).await,
        _ => Err("one of src or dest must be a remote file specification".into()),
    }
}

/// The pod's object, and which of its containers is meant.
async fn container(ctx: &Ctx, spec: &Spec) -> Outcome<(Value, EcoString)> {
    let namespace = if spec.namespace.is_empty() { ctx.namespace().await? } else { spec.namespace.clone() };
    let target = Target::resource("", "v1", "pods", &namespace, &spec.pod);
    let mut pod = ctx.send(ctx.request(Verb::Get, target)).await?;
    pod.set("apiVersion", "v1");
    pod.set("kind", "Pod");
    let phase = pod.get("status").get("phase").text();
    if phase == "Succeeded" || phase == "Failed" {
        return Err(Failure::Text(format!(
            "cannot exec into a container in a completed pod; current phase is {phase}"
        )));
    }
    let container = pods::container(ctx, &pod, &ctx.flags.text("container"), false).await?;
    Ok((pod, container))
}

async fn remote(ctx: &Ctx, place: &(Value, EcoString), command: &[&str], input: &[u8]) -> Outcome<Ran> {
    let command: Vec<EcoString> = command.iter().map(|word| (*word).into()).collect();
    let joined = Joined { stdin: !input.is_empty(), tty: false };
    let request = exec::request(ctx, &place.0, "exec", &place.1, &command, joined);
    stream::run(ctx, request, input).await
}

/// The path without `.`, `..` and doubled slashes.
// Models Go's path.Clean
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (rooted, parts.join("/")) {
        (true, rest) => format!("/{rest}"),
        (false, rest) if rest.is_empty() => ".".to_owned(),
        (false, rest) => rest,
    }
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn parent(path: &str) -> String {
    match path.rsplit_once('/') {
        Some(("", _)) => "/".to_owned(),
        Some((parent, _)) => parent.to_owned(),
        None => ".".to_owned(),
    }
}

async fn stat(ctx: &Ctx, path: &str) -> Option<Metadata> {
    match ctx.sys.call(Syscall::Stat { path: path.into(), follow: false }).await {
        Answer::Metadata(metadata) => Some(metadata),
        _ => None,
    }
}

async fn to_pod(ctx: &Ctx, from: &str, to: &Spec) -> Outcome {
    if stat(ctx, from).await.is_none() {
        return Err(Failure::Text(format!("{from} doesn't exist in local filesystem")));
    }
    let place = container(ctx, to).await?;
    let from = clean(from);
    let mut dest = clean(&to.file);
    if remote(ctx, &place, &["test", "-d", &dest], &[]).await?.fate.is_ok() {
        dest = clean(&format!("{dest}/{}", base(&from)));
    }
    let archive = tar::write(&collect(ctx, &from, base(&dest)).await?);
    let directory = parent(&dest);
    let mut command = match ctx.flags.bool("no-preserve") {
        true => vec!["tar", "--no-same-permissions", "--no-same-owner", "-xmf", "-"],
        false => vec!["tar", "-xmf", "-"],
    };
    command.extend(["-C", &directory]);
    let ran = remote(ctx, &place, &command, &archive).await?;
    let _ = ctx.sys.write(1, &ran.stdout).await;
    let _ = ctx.sys.write(2, &ran.stderr).await;
    ran.fate
}

/// A local file, or a directory with all that is in it.
async fn collect(ctx: &Ctx, from: &str, name: &str) -> Outcome<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut pending = vec![(from.to_owned(), name.to_owned())];
    while let Some((path, name)) = pending.pop() {
        let Some(file) = stat(ctx, &path).await else {
            continue;
        };
        let content = match file.kind {
            FileKind::Directory => {
                let Answer::Entries(inside) = ctx.sys.call(Syscall::ReadDir(path.as_str().into())).await else {
                    continue;
                };
                for (own, _) in inside.iter().rev() {
                    pending.push((format!("{path}/{own}"), format!("{name}/{own}")));
                }
                if !inside.is_empty() {
                    continue;
                }
                Content::Directory
            }
            FileKind::Symlink => match ctx.sys.call(Syscall::ReadLink(path.as_str().into())).await {
                Answer::Text(target) => Content::Link(target.into()),
                _ => continue,
            },
            _ => match ctx.sys.read_file(&path).await {
                Ok(bytes) => Content::File(bytes),
                Err(errno) => {
                    return Err(Failure::Text(format!("open {path}: {}", errno.to_string().to_lowercase())));
                }
            },
        };
        entries.push(Entry { name, mode: file.mode, content });
    }
    Ok(entries)
}

async fn from_pod(ctx: &Ctx, from: &Spec, to: &str) -> Outcome {
    let place = container(ctx, from).await?;
    let ran = remote(ctx, &place, &["tar", "cf", "-", &from.file], &[]).await?;
    // What tar says goes where files of other commands would go.
    let _ = ctx.sys.write(1, &ran.stderr).await;
    let prefix = clean(from.file.trim_start_matches('/'));
    let prefix = prefix.trim_start_matches("../").to_owned();
    let mut to = to.to_owned();
    if stat(ctx, &to).await.is_some_and(|file| file.kind == FileKind::Directory) {
        to = clean(&format!("{to}/{}", base(&prefix)));
    }
    unpack(ctx, &tar::read(&ran.stdout), &prefix, &to, from).await?;
    ran.fate
}

async fn unpack(ctx: &Ctx, entries: &[Entry], prefix: &str, to: &str, from: &Spec) -> Outcome {
    let mut warned = false;
    for entry in entries {
        let Some(rest) = entry.name.strip_prefix(prefix) else {
            return Err("tar contents corrupted".into());
        };
        let path = clean(&format!("{to}{rest}"));
        let outside = || format!("warning: file {} is outside target destination, skipping\n", q(&path));
        if rest.split('/').any(|part| part == "..") {
            ctx.err(outside()).await;
            continue;
        }
        make_directories(ctx, &parent(&path)).await;
        match &entry.content {
            Content::Directory => make_directories(ctx, &path).await,
            Content::Link(target) => {
                if !warned {
                    warned = true;
                    ctx.err(format!(
                        "warning: skipping symlink: {} -> {} (consider using \"kubectl exec -n {} {} -- tar cf - {} | tar xf -\")\n",
                        q(&path),
                        q(target),
                        q(&from.namespace),
                        q(&from.pod),
                        q(&from.file)
                    ))
                    .await;
                }
            }
            Content::File(bytes) => {
                ctx.sys
                    .write_file(&path, bytes)
                    .await
                    .map_err(|errno| Failure::Text(format!("open {path}: {}", errno.to_string().to_lowercase())))?;
            }
        }
    }
    Ok(())
}

async fn make_directories(ctx: &Ctx, path: &str) {
    let mut at = String::new();
    for (index, part) in path.split('/').enumerate() {
        if index > 0 {
            at.push('/');
        }
        at.push_str(part);
        if !at.is_empty() && stat(ctx, &at).await.is_none() {
            let _ = ctx.sys.call(Syscall::MakeDir { path: at.as_str().into(), mode: 0o755 }).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned() {
        for (path, expect) in [("a/./b//c", "a/b/c"), ("/../x", "/x"), ("a/..", "."), ("../a", "../a"), ("/", "/")] {
            assert_eq!(clean(path), expect, "{path}");
        }
    }

    #[test]
    fn places_of_files() {
        let spec = Spec::parse("ns/web:/tmp/x").ok().map(|spec| (spec.namespace, spec.pod, spec.file));
        assert_eq!(spec, Some(("ns".into(), "web".into(), "/tmp/x".into())));
        assert!(Spec::parse(":/x").is_err());
    }
}
