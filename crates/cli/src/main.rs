//! Native `podyard`: a console, the proof of scenarios, transcripts of sessions.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a native tool reads files, prints, and paces virtual time by the wall clock"
)]

mod console;
mod record;
mod verify;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// A whole simulated Kubernetes in your terminal.
#[derive(Parser)]
#[command(name = "podyard", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Opens a console on a simulated cluster; `exit` or Ctrl-] leaves it.
    Console {
        /// The cluster to begin with.
        #[arg(long, default_value = "two-workers")]
        preset: String,
        /// Draws names and addresses.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Runs the steps of a session file in a fresh cluster and prints what they print.
    Record {
        file: PathBuf,
        #[arg(long, default_value = "recorded")]
        preset: String,
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Prints a digest of the state in which a session file leaves a fresh cluster.
    #[command(hide = true)]
    Digest {
        file: PathBuf,
        #[arg(long, default_value = "recorded")]
        preset: String,
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Proves scenarios: files, or folders with such files in them.
    Verify {
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Console { preset, seed } => console::run(&preset, seed),
        Command::Digest { file, preset, seed } => record::digest(&file, &preset, seed),
        Command::Record { file, preset, seed } => record::run(&file, &preset, seed),
        Command::Verify { paths } => verify::run(&paths),
    }
}
