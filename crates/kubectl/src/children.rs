//! Programs that kubectl starts: an editor, `diff`.

use ecow::{EcoString, eco_format};
use podyard_kernel::{Answer, FileKind, Group, Spawn, Syscall, Which};

use crate::ctx::Ctx;

/// Where to look where `PATH` is not set.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// The executable that a word names, found by `PATH`.
pub(crate) async fn find(ctx: &Ctx, word: &str) -> Option<EcoString> {
    if word.contains('/') {
        return is_program(ctx, word).await.then(|| word.into());
    }
    for directory in ctx.env.var("PATH").unwrap_or(PATH).split(':') {
        let path = eco_format!("{}/{word}", if directory.is_empty() { "." } else { directory });
        if is_program(ctx, &path).await {
            return Some(path);
        }
    }
    None
}

async fn is_program(ctx: &Ctx, path: &str) -> bool {
    match ctx.sys.call(Syscall::Stat { path: path.into(), follow: true }).await {
        Answer::Metadata(file) => {
            file.kind == FileKind::Program || (file.kind == FileKind::File && file.mode & 0o111 != 0)
        }
        _ => false,
    }
}

/// Runs a program with this one's standard streams until it ends; its status, or `None` if there is no such program.
pub(crate) async fn run(ctx: &Ctx, argv: &[EcoString]) -> Option<u8> {
    let path = find(ctx, argv.first()?).await?;
    let spawn = Spawn {
        path,
        argv: argv.to_vec(),
        env: ctx.env.env.clone(),
        files: vec![(0, 0), (1, 1), (2, 2)],
        group: Group::Same,
        foreground: false,
    };
    let Answer::Pid(pid) = ctx.sys.call(Syscall::Spawn(Box::new(spawn))).await else {
        return None;
    };
    loop {
        match ctx.sys.call(Syscall::Wait { which: Which::Pid(pid), block: true }).await {
            Answer::Exited { exit, .. } => return Some(exit.status()),
            Answer::Interrupted(_) => {}
            _ => return None,
        }
    }
}

/// A name under `/tmp` that no other run of the program takes: from the time and the process.
pub(crate) async fn temporary(ctx: &Ctx, before: &str, after: &str) -> EcoString {
    let pid = match ctx.sys.call(Syscall::GetPid).await {
        Answer::Pid(pid) => u64::from(pid.0),
        _ => 1,
    };
    let mut number = ctx.sys.now().await.as_micros().wrapping_mul(2_654_435_761).wrapping_add(pid) % 4_000_000_007;
    loop {
        let path = eco_format!("/tmp/{before}{number}{after}");
        let taken = ctx.sys.call(Syscall::Stat { path: path.clone(), follow: false }).await;
        if !matches!(taken, Answer::Metadata(_)) {
            return path;
        }
        number += 1;
    }
}
