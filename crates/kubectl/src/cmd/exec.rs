//! `kubectl exec`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/exec/exec.go

use ecow::EcoString;
use podyard_api::kinds::Pod;
use podyard_api::{Request, Target, Value, Verb, value};

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;
use crate::flags::shared::filename_flags;
use crate::pods::{self, Rank};
use crate::resource::Builder;
use crate::stream::{self, Joined};

pub(crate) static COMMAND: Command = Command {
    name: "exec",
    usage: "exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]",
    short: "Execute a command in a container",
    long: "Execute a command in a container.",
    example: "# Get output from running the 'date' command from pod mypod, using the first container by default
kubectl exec mypod -- date

# Get output from running the 'date' command in ruby-container from pod mypod
kubectl exec mypod -c ruby-container -- date

# Switch to raw terminal mode; sends stdin to 'bash' in ruby-container from pod mypod
# and sends stdout/stderr from 'bash' back to the client
kubectl exec mypod -c ruby-container -i -t -- bash -il

# List contents of /usr from the first container of pod mypod and sort by modification time
# If the command you want to execute in the pod has any flags in common (e.g. -i),
# you must use two dashes (--) to separate your command's flags/arguments
# Also note, do not surround your command and its flags/arguments with quotes
# unless that is how you would execute it normally (i.e., do ls -t /usr, not \"ls -t /usr\")
kubectl exec mypod -i -t -- ls -t /usr

# Get output from running 'date' command from the first pod of the deployment mydeployment, using the first container by default
kubectl exec deploy/mydeployment -- date

# Get output from running 'date' command from the first pod of the service myservice, using the first container by default
kubectl exec svc/myservice -- date",
    flags: &[FLAGS, filename_flags!("to use to exec into the resource")],
    run: run!(exec),
    ..EMPTY
};

/// The flags of what joins a container's streams: `attach` has the same.
pub(super) static FLAGS: &[Flag] = &[
    Flag::text(
        "container",
        "",
        "Container name. If omitted, use the kubectl.kubernetes.io/default-container annotation for selecting the container to be attached or the first container in the pod will be chosen",
    )
    .short("c"),
    pods::running_timeout("1m0s"),
    Flag::bool("quiet", "Only print output from the remote session").short("q"),
    Flag::bool("stdin", "Pass stdin to the container").short("i"),
    Flag::bool("tty", "Stdin is a TTY").short("t"),
];

async fn exec(ctx: Ctx) -> Outcome {
    let (target, command) = split(&ctx)?;
    if target.is_empty() && ctx.flags.list("filename").is_empty() {
        return Err("pod, type/name or --filename must be specified".into());
    }
    if command.is_empty() {
        return Err("you must specify at least one command for the container".into());
    }
    let object = find(&ctx, &target).await?;
    let timeout = ctx.flags.duration("pod-running-timeout");
    let (pod, _) = pods::first(&ctx, &object, Rank::Active, timeout).await?;
    let phase = Pod(&pod).status().phase();
    if matches!(phase, "Succeeded" | "Failed") {
        return Err(Failure::Text(format!(
            "cannot exec into a container in a completed pod; current phase is {phase}"
        )));
    }
    let quiet = ctx.flags.bool("quiet");
    let container = pods::container(&ctx, &pod, &ctx.flags.text("container"), quiet).await?;
    let joined = terminal(&ctx, quiet).await;
    let request = request(&ctx, &pod, "exec", &container, &command, joined);
    stream::join(&ctx, request, joined).await
}

/// The pod or workload, and the command after `--`.
fn split(ctx: &Ctx) -> Outcome<(EcoString, Vec<EcoString>)> {
    let args = ctx.args();
    match ctx.flags.dash {
        Some(dash) if dash > 1 => {
            Err(ctx.usage("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead"))
        }
        Some(dash) => {
            let target = if dash == 0 { EcoString::new() } else { args[0].clone() };
            Ok((target, args[dash..].to_vec()))
        }
        None if args.len() > 1 => {
            Err(ctx.usage("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead"))
        }
        None => Ok((args.first().cloned().unwrap_or_default(), Vec::new())),
    }
}

/// The object named as `POD` or `TYPE/NAME`, or in a file.
pub(crate) async fn find(ctx: &Ctx, target: &str) -> Outcome<Value> {
    let args: Vec<EcoString> = match target {
        "" => Vec::new(),
        named if named.contains('/') => vec![named.into()],
        pod => vec!["pods".into(), pod.into()],
    };
    let mut items = Builder::from_flags(ctx, &args).await?.start(ctx).await?;
    match items.next(ctx).await {
        Some(info) => Ok(info?.object),
        None => Err("expected a resource".into()),
    }
}

/// What is joined, given `-i`, `-t` and what standard input is.
pub(crate) async fn terminal(ctx: &Ctx, quiet: bool) -> Joined {
    let stdin = ctx.flags.bool("stdin");
    let mut tty = ctx.flags.bool("tty");
    if tty && stdin && !ctx.sys.is_terminal(0).await {
        if !quiet {
            ctx.err("Unable to use a TTY - input is not a terminal or the right kind of file\n").await;
        }
        tty = false;
    }
    Joined { stdin, tty }
}

/// The request that opens the stream: `exec` with a command, or `attach`.
pub(crate) fn request(
    ctx: &Ctx,
    pod: &Value,
    subresource: &str,
    container: &str,
    command: &[EcoString],
    joined: Joined,
) -> Request {
    let target = Target::resource("", "v1", "pods", pod.namespace(), pod.name()).sub(subresource);
    let mut options = value!({
        "apiVersion": "v1",
        "kind": if command.is_empty() { "PodAttachOptions" } else { "PodExecOptions" },
        "container": container,
        "stdin": joined.stdin,
        "stdout": true,
        "stderr": !joined.tty,
        "tty": joined.tty,
    });
    if !command.is_empty() {
        options.set("command", command.iter().collect::<Value>());
    }
    ctx.request(Verb::Create, target).with_body(options)
}
