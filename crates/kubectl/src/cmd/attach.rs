//! `kubectl attach`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/attach/attach.go

use ecow::{EcoString, eco_format};

use crate::attaching::Session;
use crate::cmd::exec;
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::pods::{self, Rank};

pub(crate) static COMMAND: Command = Command {
    name: "attach",
    usage: "attach (POD | TYPE/NAME) -c CONTAINER",
    short: "Attach to a running container",
    long: "Attach to a process that is already running inside an existing container.",
    example: "# Get output from running pod mypod; use the 'kubectl.kubernetes.io/default-container' annotation
# for selecting the container to be attached or the first container in the pod will be chosen
kubectl attach mypod

# Get output from ruby-container from pod mypod
kubectl attach mypod -c ruby-container

# Switch to raw terminal mode; sends stdin to 'bash' in ruby-container from pod mypod
# and sends stdout/stderr from 'bash' back to the client
kubectl attach mypod -c ruby-container -i -t

# Get output from the first pod of a replica set named nginx
kubectl attach rs/nginx",
    flags: &[exec::FLAGS],
    run: run!(attach),
    ..EMPTY
};

async fn attach(ctx: Ctx) -> Outcome {
    let target: EcoString = match ctx.args() {
        [] => return Err("at least 1 argument is required for attach".into()),
        [target] => target.clone(),
        [kind, name] => eco_format!("{kind}/{name}"),
        more => {
            return Err(Failure::Text(format!(
                "expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw {}: [{}]",
                more.len(),
                more.join(" ")
            )));
        }
    };
    let object = exec::find(&ctx, &target).await?;
    let timeout = ctx.flags.duration("pod-running-timeout");
    if timeout <= 0 {
        return Err(ctx.usage("--pod-running-timeout must be higher than zero"));
    }
    let (pod, _) = pods::first(&ctx, &object, Rank::Active, timeout).await?;
    let quiet = ctx.flags.bool("quiet");
    let joined = exec::terminal(&ctx, quiet).await;
    let container = ctx.flags.text("container");
    Session { pod: &pod, container: &container, joined, quiet }.run(&ctx).await
}
