//! `cargo xtask`: build, serve, test and tidy, with nothing to install but rustup and node.
#![expect(clippy::disallowed_methods, reason = "a native tool: it reads files, the clock and the environment")]
#![expect(clippy::print_stdout, reason = "a command-line tool reports on its standard output")]
#![expect(clippy::print_stderr, reason = "a command-line tool reports failures on its standard error")]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

mod bench;
mod run;
#[cfg(feature = "schema")]
mod schema;
mod schema_command;
mod serve;
mod site;
mod system;
mod test;
pub mod tidy;
mod tools;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, serve, test and tidy Podyard.", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Time the engine's figures: pods a second, bytes a pod, snapshot and fork.
    Bench { args: Vec<String> },
    /// Build the site into dist/.
    Build(site::Options),
    /// Play recorded sessions and compare what the simulator prints with what Kubernetes printed.
    Conformance(system::Conformance),
    /// Compare the engine's answers with those the real Kubernetes code gave.
    Differential(system::Differential),
    /// Generate the schema tables anew; with --check, say whether the committed ones are current.
    Schema {
        #[arg(long)]
        check: bool,
    },
    /// Build the site and serve it.
    Serve {
        #[arg(long, default_value_t = 8080)]
        port: u16,
        #[command(flatten)]
        site: site::Options,
    },
    /// Run every test, in the browser too.
    Test(test::Options),
    /// Check layering, lengths of files and functions, and house rules.
    Tidy,
}

/// Runs the command that the process's arguments name; a failure is told in one line.
pub fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let done = |result: Result<()>| result.map(|()| ExitCode::SUCCESS);
    match command {
        Command::Bench { args } => done(bench::run(&args)),
        Command::Build(options) => done(site::build(&options, &dist())),
        Command::Conformance(options) => system::conformance(&options),
        Command::Differential(options) => system::differential(&options),
        Command::Schema { check } => done(run::passed_through(&mut schema_command::command(check))),
        Command::Serve { port, site } => done(serve::run(port, &site, &dist())),
        Command::Test(options) => test::run(&options),
        Command::Tidy => tidy::run(),
    }
}

/// Generates the schema tables, or with `check` compares them with the committed ones.
///
/// # Errors
/// When they differ, or a file cannot be read or written.
#[cfg(feature = "schema")]
pub fn schema(check: bool) -> Result<()> {
    schema::run(check)
}

fn dist() -> PathBuf {
    run::root().join("dist")
}
