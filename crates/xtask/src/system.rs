//! `cargo xtask conformance` and `differential`: run the tools of `tests/`, which link the whole engine.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;

use crate::run::cargo;

/// Which recorded sessions to play and what to show.
#[derive(clap::Args, Debug)]
pub(crate) struct Conformance {
    /// The folder of sessions.
    dir: Option<PathBuf>,
    /// Show the differences of the first N steps that do not match, in every session.
    #[arg(long, value_name = "N", default_value_t = 0)]
    show: usize,
    /// Only sessions whose name contains this.
    #[arg(long)]
    session: Option<String>,
    /// Write the number of matching steps of each session to the baseline that a test holds.
    #[arg(long)]
    bless: bool,
}

/// Which set of answers to compare.
#[derive(clap::Args, Debug)]
pub(crate) struct Differential {
    /// The set: selectors_quantities, validation, scheduler, …
    set: String,
    /// The cases; the set's own file in the data folder if not given.
    file: Option<PathBuf>,
    /// Write the engine's answers to this file, one JSON object a line.
    #[arg(long)]
    answers: Option<PathBuf>,
    /// Show this many of the cases that differ.
    #[arg(long, value_name = "N", default_value_t = 10)]
    show: usize,
}

/// Plays recorded sessions; the exit code says whether every step that counts matched.
pub(crate) fn conformance(options: &Conformance) -> Result<ExitCode> {
    let mut args: Vec<String> = options.dir.iter().map(absolute).collect();
    args.extend(["--show".into(), options.show.to_string()]);
    args.extend(options.session.iter().flat_map(|name| ["--session".into(), name.clone()]));
    args.extend(options.bless.then(|| "--bless".into()));
    run("conformance", &args)
}

/// Compares answers; the exit code says whether all are equal.
pub(crate) fn differential(options: &Differential) -> Result<ExitCode> {
    let mut args = vec![options.set.clone()];
    args.extend(options.file.iter().map(absolute));
    args.extend(options.answers.iter().flat_map(|file| ["--answers".into(), absolute(file)]));
    args.extend(["--show".into(), options.show.to_string()]);
    run("differential", &args)
}

fn run(tool: &str, args: &[String]) -> Result<ExitCode> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "podyard-tests", "--bin", tool, "--"]).args(args);
    let code = command.status()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

fn absolute(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).display().to_string()
}
