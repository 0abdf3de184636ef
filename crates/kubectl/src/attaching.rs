//! Attaching to a running container, for `attach`, `run -it` and `debug -it`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/attach/attach.go

use podyard_api::kinds::Pod;
use podyard_api::{Target, Value, Verb, value};

use crate::cmd::exec;
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::pods;
use crate::resource::q;
use crate::stream::{self, Joined};
use crate::watching::{self, Watched};

/// What to attach to, and how.
pub(crate) struct Session<'a> {
    pub pod: &'a Value,
    /// Empty: the default one.
    pub container: &'a str,
    pub joined: Joined,
    pub quiet: bool,
}

impl Session<'_> {
    /// Joins the terminal and the container. A pod that has run to its end has its log printed instead.
    pub(crate) async fn run(&self, ctx: &Ctx) -> Outcome {
        let view = Pod(self.pod);
        let container = pods::container(ctx, self.pod, self.container, self.quiet).await?;
        if view.is_terminal() {
            return self.print_log(ctx, &container).await;
        }
        let mut joined = self.joined;
        let has_tty = view.spec().container(&container).is_some_and(|c| c.tty());
        if joined.tty && !has_tty {
            joined.tty = false;
            if !self.quiet {
                ctx.err(format!("error: Unable to use a TTY - container {container} did not allocate one\n")).await;
            }
        } else if has_tty {
            joined.tty = true;
        }
        if !self.quiet {
            ctx.err("All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.\nIf you don't see a command prompt, try pressing enter.\n").await;
        }
        let request = exec::request(ctx, self.pod, "attach", &container, &[], joined);
        if let Err(failure) = stream::join(ctx, request, joined).await {
            if matches!(failure, Failure::Said { .. }) {
                return Err(failure);
            }
            let name = self.pod.name();
            let why = failure.message();
            ctx.err(format!("warning: couldn't attach to pod/{name}, falling back to streaming logs: {why}\n")).await;
            return self.print_log(ctx, &container).await;
        }
        if !self.quiet && joined.stdin && joined.tty && view.spec().restart_policy() == "Always" {
            let name = self.pod.name();
            ctx.out(format!(
                "Session ended, resume using 'kubectl attach {name} -c {container} -i -t' command when the pod is running\n"
            ))
            .await;
        }
        Ok(())
    }

    async fn print_log(&self, ctx: &Ctx, container: &str) -> Outcome {
        let target = Target::resource("", "v1", "pods", self.pod.namespace(), self.pod.name()).sub("log");
        let options = value!({"apiVersion": "v1", "kind": "PodLogOptions", "container": container});
        let streams = ctx.stream(ctx.request(Verb::Get, target).with_body(options)).await?;
        let bytes = ctx.sys.read_all(streams.output).await.unwrap_or_default();
        let _ = ctx.sys.write(1, bytes).await;
        Ok(())
    }
}

/// Waits until the pod is running and ready, or has run to its end.
pub(crate) async fn wait_running(ctx: &Ctx, pod: &Value, timeout: i64) -> Outcome<Value> {
    let discovery = ctx.discovery().await?;
    let resource = discovery.resolve("pods")?;
    let watched = Watched { resource, namespace: pod.namespace(), name: pod.name() };
    let deadline = watching::deadline(ctx, timeout).await;
    let running = watched
        .until(ctx, Some(deadline), |object| match object {
            None => Err(Failure::Text(format!("pods {} not found", q(pod.name())))),
            Some(pod) => {
                let view = Pod(pod);
                let done = view.is_terminal() || (view.status().phase() == "Running" && view.is_ready());
                Ok(done.then(|| pod.clone()))
            }
        })
        .await?;
    running.ok_or_else(|| "timed out waiting for the condition".into())
}
