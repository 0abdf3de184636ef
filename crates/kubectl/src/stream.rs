//! Pumping between the terminal and a container: exec, attach, run -it.

use std::collections::BTreeSet;

use podyard_api::{Request, Status, json};
use podyard_kernel::{Answer, Disposition, Fd, Signal, Syscall, TerminalMode};

use crate::ctx::{Ctx, Streams};
use crate::failure::{Failure, Outcome};

/// How the streams are joined.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Joined {
    pub stdin: bool,
    /// The remote side has a terminal, so this side's goes raw.
    pub tty: bool,
}

/// Opens the stream, pumps until the remote side ends, and gives its fate.
///
/// # Errors
/// The server's refusal, or how the remote command failed.
pub(crate) async fn join(ctx: &Ctx, request: Request, joined: Joined) -> Outcome {
    let streams = ctx.stream(request).await?;
    let raw = joined.tty && joined.stdin && ctx.sys.is_terminal(0).await;
    let former = if raw { set_mode(ctx, TerminalMode::RAW).await } else { None };
    if raw && let Answer::Size { columns, rows } = ctx.sys.call(Syscall::TerminalSize).await {
        let _ = ctx.sys.call(Syscall::ResizeStream { fd: streams.input, columns, rows }).await;
    }
    pump(ctx, streams, joined).await;
    let fate = fate(ctx, streams.status).await;
    if let Some(mode) = former {
        set_mode(ctx, mode).await;
    }
    fate
}

/// What a remote command left that was run for this program rather than for the user.
pub(crate) struct Ran {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub fate: Outcome,
}

/// Runs a remote command with this as its standard input.
///
/// # Errors
/// The server's refusal.
pub(crate) async fn run(ctx: &Ctx, request: Request, input: &[u8]) -> Outcome<Ran> {
    let streams = ctx.stream(request).await?;
    // A remote side that does not read to the end tells by its status, not by a signal.
    let ignore = Syscall::OnSignal { signal: Signal::Pipe, disposition: Disposition::Ignore };
    let _ = ctx.sys.call(ignore).await;
    let _ = ctx.sys.write(streams.input, input).await;
    let again = Syscall::OnSignal { signal: Signal::Pipe, disposition: Disposition::Default };
    let _ = ctx.sys.call(again).await;
    ctx.sys.close(streams.input).await;
    let stdout = ctx.sys.read_all(streams.output).await.unwrap_or_default();
    let stderr = ctx.sys.read_all(streams.error).await.unwrap_or_default();
    let fate = fate(ctx, streams.status).await;
    for fd in [streams.output, streams.error, streams.status] {
        ctx.sys.close(fd).await;
    }
    Ok(Ran { stdout, stderr, fate })
}

async fn set_mode(ctx: &Ctx, mode: TerminalMode) -> Option<TerminalMode> {
    match ctx.sys.call(Syscall::SetTerminalMode(mode)).await {
        Answer::Mode(former) => Some(former),
        _ => None,
    }
}

/// Copies both ways until the remote output has ended.
async fn pump(ctx: &Ctx, streams: Streams, joined: Joined) {
    let mut open: BTreeSet<Fd> = [streams.output, streams.error].into();
    if joined.stdin {
        open.insert(0);
    } else {
        ctx.sys.close(streams.input).await;
    }
    while open.contains(&streams.output) || open.contains(&streams.error) {
        let call = Syscall::Poll { fds: open.iter().rev().copied().collect(), until: None };
        let ready = match ctx.sys.call(call).await {
            Answer::Ready(fd) => fd,
            Answer::Interrupted(_) => continue,
            _ => return,
        };
        let bytes = ctx.sys.read(ready, 1 << 16).await.unwrap_or_default();
        if bytes.is_empty() {
            open.remove(&ready);
            if ready == 0 {
                ctx.sys.close(streams.input).await;
            }
            continue;
        }
        let to = match ready {
            0 => streams.input,
            fd if fd == streams.error => 2,
            _ => 1,
        };
        if ctx.sys.write(to, &bytes).await.is_err() && to == streams.input {
            open.remove(&0);
        }
    }
}

/// What the remote side's `Status` says.
// Models staging/src/k8s.io/client-go/tools/remotecommand/errorstream.go and v4.go
async fn fate(ctx: &Ctx, fd: Fd) -> Outcome {
    let bytes = ctx.sys.read_all(fd).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let Ok(status) = json::parse(&text) else {
        return Ok(());
    };
    if status.get("status") != "Failure" {
        return Ok(());
    }
    let status = Status::from_value(&status);
    if status.is("NonZeroExitCode") {
        let code = status.causes.iter().find(|cause| cause.reason == "ExitCode").map(|cause| cause.message.clone());
        let code = code.and_then(|code| code.parse::<u8>().ok()).unwrap_or(1);
        return Err(Failure::Said { code, text: format!("command terminated with exit code {code}") });
    }
    if status.reason.is_empty() || status.is("InternalError") {
        return Err(Failure::Text(status.message.to_string()));
    }
    Err(status.into())
}
