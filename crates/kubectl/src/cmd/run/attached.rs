//! `kubectl run -it`, `--attach`, `--rm`.

use podyard_api::Value;
use podyard_api::kinds::Pod;

use crate::attaching::{self, Session};
use crate::cmd::delete::{Deletion, run_deletion};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::resource::Builder;
use crate::watching::{self, Watched};

/// Attaches to the pod just made; removes it afterwards if asked to.
pub(super) async fn attach(ctx: &Ctx, pod: &Value) -> Outcome {
    let result = session(ctx, pod).await;
    if ctx.flags.bool("rm") {
        let removed = remove(ctx, pod).await;
        result.and(removed)
    } else {
        result
    }
}

async fn session(ctx: &Ctx, pod: &Value) -> Outcome {
    let timeout = ctx.flags.duration("pod-running-timeout");
    let ready = attaching::wait_running(ctx, pod, timeout).await?;
    let terminal = super::super::exec::terminal(ctx, ctx.flags.bool("quiet")).await;
    let session = Session { pod: &ready, container: "", joined: terminal, quiet: ctx.flags.bool("quiet") };
    session.run(ctx).await?;
    let restart = ctx.flags.text("restart");
    let wanted: &[&str] = match restart.as_str() {
        "Never" => &["Succeeded", "Failed"],
        "OnFailure" => &["Succeeded"],
        _ => return Ok(()),
    };
    if ctx.flags.bool("leave-stdin-open") {
        return Ok(());
    }
    let done = wait_phase(ctx, pod, wanted, timeout).await?;
    fate(&done)
}

async fn wait_phase(ctx: &Ctx, pod: &Value, wanted: &[&str], timeout: i64) -> Outcome<Value> {
    let discovery = ctx.discovery().await?;
    let resource = discovery.resolve("pods")?;
    let watched = Watched { resource, namespace: pod.namespace(), name: pod.name() };
    let deadline = watching::deadline(ctx, timeout).await;
    let done = watched
        .until(ctx, Some(deadline), |object| match object {
            None => Err(podyard_api::Status::not_found("", "pods", pod.name()).into()),
            Some(pod) => Ok(wanted.contains(&Pod(pod).status().phase()).then(|| pod.clone())),
        })
        .await?;
    done.ok_or_else(|| "timed out waiting for the condition".into())
}

/// The exit status of the pod's container becomes ours.
fn fate(pod: &Value) -> Outcome {
    let (namespace, name) = (pod.namespace(), pod.name());
    let status = Pod(pod).status();
    match status.phase() {
        "Succeeded" => Ok(()),
        "Failed" => {
            let ended = status.container_statuses().next().and_then(|c| c.state().terminated());
            match ended {
                Some(ended) if ended.exit_code() != 0 => Err(Failure::Said {
                    code: u8::try_from(ended.exit_code()).unwrap_or(1),
                    text: format!("pod {namespace}/{name} terminated ({})\n{}", ended.reason(), ended.message()),
                }),
                _ => Err(Failure::Text(format!("pod {namespace}/{name} failed with unknown exit code"))),
            }
        }
        phase => Err(Failure::Text(format!("pod {namespace}/{name} left in phase {phase}"))),
    }
}

async fn remove(ctx: &Ctx, pod: &Value) -> Outcome {
    let mut builder = Builder::from_flags(ctx, &["pods".into(), pod.name_text()]).await?;
    builder.fetch = false;
    builder.namespace = pod.namespace_text();
    let items = builder.start(ctx).await?;
    let deletion = Deletion { quiet: ctx.flags.bool("quiet"), wait: false, ..Deletion::quietly(0) };
    run_deletion(ctx, items, &deletion).await
}
