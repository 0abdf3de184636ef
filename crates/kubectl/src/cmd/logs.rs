//! `kubectl logs`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/logs/logs.go and staging/src/k8s.io/kubectl/pkg/polymorphichelpers/logsforobject.go

use ecow::EcoString;
use podyard_api::kinds::Pod;
use podyard_api::{Request, Target, Value, Verb, timestamp, value};
use podyard_kernel::{Answer, Fd, Syscall};

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::{Flag, shared};
use crate::pods::{self, Rank};
use crate::resource::{Builder, q};

pub(crate) static COMMAND: Command = Command {
    name: "logs",
    usage: "logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]",
    short: "Print the logs for a container in a pod",
    long: "Print the logs for a container in a pod or specified resource. If the pod has only one container, the container name is optional.",
    example: "# Return snapshot logs from pod nginx with only one container
kubectl logs nginx

# Return snapshot logs from pod nginx, prefixing each line with the source pod and container name
kubectl logs nginx --prefix

# Return snapshot logs from pod nginx, limiting output to 500 bytes
kubectl logs nginx --limit-bytes=500

# Return snapshot logs from pod nginx, waiting up to 20 seconds for it to start running.
kubectl logs nginx --pod-running-timeout=20s

# Return snapshot logs from pod nginx with multi containers
kubectl logs nginx --all-containers=true

# Return snapshot logs from all pods in the deployment nginx
kubectl logs deployment/nginx --all-pods=true

# Return snapshot logs from all containers in pods defined by label app=nginx
kubectl logs -l app=nginx --all-containers=true

# Return snapshot logs from all pods defined by label app=nginx, limiting concurrent log requests to 10 pods
kubectl logs -l app=nginx --max-log-requests=10

# Return snapshot of previous terminated ruby container logs from pod web-1
kubectl logs -p -c ruby web-1

# Begin streaming the logs from pod nginx, continuing even if errors occur
kubectl logs nginx -f --ignore-errors=true

# Begin streaming the logs of the ruby container in pod web-1
kubectl logs -f -c ruby web-1

# Begin streaming the logs from all containers in pods defined by label app=nginx
kubectl logs -f -l app=nginx --all-containers=true

# Display only the most recent 20 lines of output in pod nginx
kubectl logs --tail=20 nginx

# Show all logs from pod nginx written in the last hour
kubectl logs --since=1h nginx

# Show all logs with timestamps from pod nginx starting from August 30, 2024, at 06:00:00 UTC
kubectl logs nginx --since-time=2024-08-30T06:00:00Z --timestamps=true

# Show logs from a kubelet with an expired serving certificate
kubectl logs --insecure-skip-tls-verify-backend nginx

# Return snapshot logs from first container of a job named hello
kubectl logs job/hello

# Return snapshot logs from container nginx-1 of a deployment named nginx
kubectl logs deployment/nginx -c nginx-1",
    flags: &[FLAGS, shared::SELECTOR],
    run: run!(logs),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::bool("all-containers", "Get all containers' logs in the pod(s)."),
    Flag::bool("all-pods", "Get logs from all pod(s). Sets prefix to true."),
    Flag::text("container", "", "Print the logs of this container").short("c"),
    Flag::bool("follow", "Specify if the logs should be streamed.").short("f"),
    Flag::bool("ignore-errors", "If watching / following pod logs, allow for any errors that occur to be non-fatal"),
    Flag::bool(
        "insecure-skip-tls-verify-backend",
        "Skip verifying the identity of the kubelet that logs are requested from.  In theory, an attacker could provide invalid log content back. You might want to use this if your kubelet serving certificates have expired.",
    ),
    Flag::int64("limit-bytes", "0", "Maximum bytes of logs to return. Defaults to no limit."),
    Flag::int(
        "max-log-requests",
        "5",
        "Specify maximum number of concurrent logs to follow when using by a selector. Defaults to 5.",
    ),
    pods::running_timeout("20s"),
    Flag::bool("prefix", "Prefix each log line with the log source (pod name and container name)"),
    Flag::bool("previous", "If true, print the logs for the previous instance of the container in a pod if it exists.")
        .short("p"),
    Flag::duration(
        "since",
        "0s",
        "Only return logs newer than a relative duration like 5s, 2m, or 3h. Defaults to all logs. Only one of since-time / since may be used.",
    ),
    Flag::text(
        "since-time",
        "",
        "Only return logs after a specific date (RFC3339). Defaults to all logs. Only one of since-time / since may be used.",
    ),
    Flag::int64(
        "tail",
        "-1",
        "Lines of recent log file to display. Defaults to -1 with no selector, showing all log lines otherwise 10, if a selector is provided.",
    ),
    Flag::bool("timestamps", "Include timestamps on each line in the log output"),
];

/// Which container's log, of which pod.
struct Source {
    namespace: EcoString,
    pod: EcoString,
    container: EcoString,
}

async fn logs(ctx: Ctx) -> Outcome {
    let args = ctx.args();
    let flags = &ctx.flags;
    let selecting = !flags.text("selector").is_empty();
    let mut container = flags.text("container");
    match args {
        [] if !selecting => {
            return Err(ctx.usage("expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command"));
        }
        [_, ..] if selecting => return Err(ctx.usage("only a selector (-l) or a POD name is allowed")),
        [] | [_] => {}
        [_, inline] if container.is_empty() => container = inline.clone(),
        [_, _] => return Err(ctx.usage("only one of -c or an inline [CONTAINER] arg is allowed")),
        _ => return Err(ctx.usage("expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command")),
    }
    let options = options(&ctx, selecting)?;
    let objects = objects(&ctx, selecting).await?;
    validate(&ctx, &options)?;
    let sources = sources(&ctx, objects, &container).await?;
    consume(&ctx, sources, &options).await
}

/// `PodLogOptions`, without the container.
fn options(ctx: &Ctx, selecting: bool) -> Outcome<Value> {
    let flags = &ctx.flags;
    let mut options = value!({
        "apiVersion": "v1",
        "kind": "PodLogOptions",
        "follow": flags.bool("follow"),
        "previous": flags.bool("previous"),
        "timestamps": flags.bool("timestamps"),
    });
    let since_time = flags.text("since-time");
    if !since_time.is_empty() {
        if timestamp::parse(&since_time).is_none() {
            let text = q(&since_time);
            return Err(Failure::Text(format!(
                "parsing time {text} as \"2006-01-02T15:04:05Z07:00\": cannot parse {text} as \"2006\""
            )));
        }
        options.set("sinceTime", since_time);
    }
    if flags.int("limit-bytes") != 0 {
        options.set("limitBytes", flags.int("limit-bytes"));
    }
    if flags.duration("since") != 0 {
        // Rounded up to seconds.
        options.set("sinceSeconds", (flags.duration("since") + 999_999_999).div_euclid(1_000_000_000));
    }
    let tail = if selecting && !flags.changed("tail") { 10 } else { flags.int("tail") };
    if tail != -1 {
        options.set("tailLines", tail);
    }
    Ok(options)
}

fn validate(ctx: &Ctx, options: &Value) -> Outcome {
    let flags = &ctx.flags;
    if flags.duration("since") != 0 && !flags.text("since-time").is_empty() {
        return Err("only one of sinceTime or sinceSeconds may be provided".into());
    }
    if flags.bool("all-containers") && !flags.text("container").is_empty() {
        return Err(Failure::Text(format!(
            "--all-containers=true should not be specified with container name {}",
            flags.text("container")
        )));
    }
    if options.get("tailLines").as_i64().is_some_and(|tail| tail < 0) {
        return Err("--tail must be greater than or equal to 0".into());
    }
    if options.get("limitBytes").as_i64().is_some_and(|bytes| bytes < 1) {
        return Err("--limit-bytes must be greater than 0".into());
    }
    if options.get("sinceSeconds").as_i64().is_some_and(|seconds| seconds < 1) {
        return Err("--since must be greater than 0".into());
    }
    Ok(())
}

/// The pods or the workload asked for.
async fn objects(ctx: &Ctx, selecting: bool) -> Outcome<Vec<Value>> {
    let args: Vec<EcoString> = match ctx.args().first() {
        None => vec!["pods".into()],
        Some(named) if named.contains('/') => vec![named.clone()],
        Some(pod) => vec!["pods".into(), pod.clone()],
    };
    let builder = Builder::from_flags(ctx, &args).await?;
    let namespace = builder.namespace.clone();
    let mut items = builder.start(ctx).await?;
    let (infos, failures) = items.all(ctx, false).await;
    if let Some(failure) = failures.into_iter().next() {
        if failure.is("NotFound") {
            let message = failure.message();
            return Err(Failure::Text(format!(
                "error from server (NotFound): {message} in namespace {}",
                q(&namespace)
            )));
        }
        return Err(failure);
    }
    if selecting && infos.is_empty() {
        ctx.err(format!("No resources found in {namespace} namespace.\n")).await;
    }
    let objects: Vec<Value> = infos.into_iter().map(|info| info.object).collect();
    match objects.as_slice() {
        [workload] if ctx.flags.bool("all-pods") && workload.kind() != "Pod" => {
            pods::of_workload(ctx, workload, Rank::Logging).await
        }
        _ => Ok(objects),
    }
}

async fn sources(ctx: &Ctx, objects: Vec<Value>, container: &str) -> Outcome<Vec<Source>> {
    let timeout = ctx.flags.duration("pod-running-timeout");
    let mut sources = Vec::new();
    for object in objects {
        let (pod, count) =
            pods::first(ctx, &object, Rank::Logging, timeout).await.map_err(|failure| match failure {
                Failure::Text(text) if text.starts_with("selector for") => {
                    Failure::Text(format!("cannot get the logs from *{}: {text}", pods::go_type(&object)))
                }
                other => other,
            })?;
        if count > 1 {
            ctx.err(format!("Found {count} pods, using pod/{}\n", pod.name())).await;
        }
        let spec = Pod(&pod).spec();
        let source = |container: &str| Source {
            namespace: pod.namespace_text(),
            pod: pod.name_text(),
            container: container.into(),
        };
        if ctx.flags.bool("all-containers") {
            sources.extend(spec.init_containers().map(|c| source(c.name())));
            sources.extend(spec.containers().map(|c| source(c.name())));
            sources.extend(spec.ephemeral_containers().map(|c| source(c.name())));
        } else {
            let container = pods::container(ctx, &pod, container, false).await?;
            sources.push(source(&container));
        }
    }
    Ok(sources)
}

fn request(ctx: &Ctx, source: &Source, options: &Value) -> Request {
    let mut options = options.clone();
    options.set("container", &source.container);
    let target = Target::resource("", "v1", "pods", &source.namespace, &source.pod).sub("log");
    ctx.request(Verb::Get, target).with_body(options)
}

fn prefix(ctx: &Ctx, source: &Source) -> String {
    let asked = ctx.flags.bool("prefix") || (ctx.flags.bool("all-pods") && !ctx.flags.changed("prefix"));
    if asked { format!("[pod/{}/{}] ", source.pod, source.container) } else { String::new() }
}

async fn consume(ctx: &Ctx, sources: Vec<Source>, options: &Value) -> Outcome {
    if ctx.flags.bool("follow") && sources.len() > 1 {
        return follow(ctx, sources, options).await;
    }
    for source in &sources {
        if let Err(failure) = copy(ctx, source, options).await {
            complain_or_fail(ctx, failure).await?;
        }
    }
    Ok(())
}

async fn complain_or_fail(ctx: &Ctx, failure: Failure) -> Outcome {
    if !ctx.flags.bool("ignore-errors") {
        return Err(failure);
    }
    ctx.out(format!("error: {}\n", failure.message())).await;
    Ok(())
}

async fn copy(ctx: &Ctx, source: &Source, options: &Value) -> Outcome {
    let streams = ctx.stream(request(ctx, source, options)).await?;
    let mut lines = Lines { prefix: prefix(ctx, source), open: false };
    loop {
        let bytes = ctx.sys.read(streams.output, 1 << 16).await.unwrap_or_default();
        if bytes.is_empty() {
            return Ok(());
        }
        let _ = ctx.sys.write(1, lines.take(&bytes)).await;
    }
}

/// Several logs at once, each line as it comes.
async fn follow(ctx: &Ctx, sources: Vec<Source>, options: &Value) -> Outcome {
    let limit = usize::try_from(ctx.flags.int("max-log-requests")).unwrap_or_default();
    if sources.len() > limit {
        return Err(Failure::Text(format!(
            "you are attempting to follow {} log streams, but maximum allowed concurrency is {limit}, use --max-log-requests to increase the limit",
            sources.len()
        )));
    }
    let mut open: Vec<(Fd, Lines)> = Vec::new();
    for source in &sources {
        match ctx.stream(request(ctx, source, options)).await {
            Ok(streams) => open.push((streams.output, Lines { prefix: prefix(ctx, source), open: false })),
            Err(failure) => complain_or_fail(ctx, failure).await?,
        }
    }
    while !open.is_empty() {
        let call = Syscall::Poll { fds: open.iter().map(|(fd, _)| *fd).collect(), until: None };
        let Answer::Ready(ready) = ctx.sys.call(call).await else {
            return Ok(());
        };
        let bytes = ctx.sys.read(ready, 1 << 16).await.unwrap_or_default();
        if bytes.is_empty() {
            open.retain(|(fd, _)| *fd != ready);
        } else if let Some((_, lines)) = open.iter_mut().find(|(fd, _)| *fd == ready) {
            let text = lines.take(&bytes);
            let _ = ctx.sys.write(1, text).await;
        }
    }
    Ok(())
}

/// Puts a prefix before each line.
struct Lines {
    prefix: String,
    /// The last line has not ended yet.
    open: bool,
}

impl Lines {
    fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        if self.prefix.is_empty() {
            return bytes.to_vec();
        }
        let mut text = Vec::with_capacity(bytes.len() + self.prefix.len());
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if !self.open {
                text.extend_from_slice(self.prefix.as_bytes());
            }
            text.extend_from_slice(line);
            self.open = !line.ends_with(b"\n");
        }
        text
    }
}
