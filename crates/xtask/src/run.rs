//! Child processes and stages: what runs, how long it took, and what it said.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// The cargo that runs this tool.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Runs one stage of a command and prints one line with the time it took.
pub(crate) fn stage<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    let result = work();
    let mark = if result.is_ok() { "" } else { "  FAILED" };
    println!("{name:<34} {}{mark}", seconds(start.elapsed()));
    result
}

/// `12.3 s`, right-aligned.
pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:>7.1} s", duration.as_secs_f64())
}

/// Runs a program with its output passed through; an exit code other than 0 is an error.
pub(crate) fn passed_through(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| not_found(command))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs a program and keeps its output, which is shown only if it fails.
pub(crate) fn quietly(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| not_found(command))?;
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let err = String::from_utf8_lossy(&output.stderr);
        bail!("{} ended with {}\n{out}{err}", shown(command), output.status);
    }
    Ok(out)
}

/// Runs a program with its output both passed through and kept; says whether it succeeded.
pub(crate) fn teed(command: &mut Command) -> Result<(bool, String)> {
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().with_context(|| not_found(command))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let text = std::thread::scope(|scope| {
        let err = scope.spawn(move || err.map(|pipe| copied(pipe, std::io::stderr())).unwrap_or_default());
        let mut text = out.map(|pipe| copied(pipe, std::io::stdout())).unwrap_or_default();
        text.push_str(&err.join().unwrap_or_default());
        text
    });
    Ok((child.wait()?.success(), text))
}

fn copied(mut from: impl Read, mut to: impl Write) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 8192];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..count]);
        // A closed terminal must not stop the run whose result is being counted.
        let _ = to.write_all(&buffer[..count]).and_then(|()| to.flush());
    }
    String::from_utf8_lossy(&kept).into_owned()
}

fn not_found(command: &Command) -> String {
    format!("cannot run `{}`", command.get_program().to_string_lossy())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
