//! `cargo xtask conformance`: plays recorded sessions and reports by session.
#![expect(clippy::print_stdout, reason = "a command-line tool reports on its standard output")]
#![expect(clippy::disallowed_methods, reason = "a native tool writes its baseline")]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use podyard_tests::conformance::{Report, baseline_of, play_all, podyard, recordings};

#[derive(Parser)]
struct Options {
    dir: Option<PathBuf>,
    #[arg(long, default_value_t = 0)]
    show: usize,
    #[arg(long, default_value = "")]
    session: String,
    #[arg(long)]
    bless: bool,
}

fn main() -> ExitCode {
    run(&Options::parse()).unwrap_or_else(|error| {
        println!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(options: &Options) -> Result<ExitCode> {
    let folder = options.dir.clone().unwrap_or_else(recordings);
    let reports = play_all(&podyard()?, &folder, &options.session)?;
    for report in &reports {
        print(report, options.show);
    }
    let matched: usize = reports.iter().map(|report| report.matched).sum();
    let counted: usize = reports.iter().map(|report| report.counted).sum();
    println!("{:<24} {matched:>5} of {counted:>5} steps match", "in all");
    if options.bless {
        std::fs::write(folder.join("baseline.tsv"), baseline_of(&reports))?;
    }
    Ok(if matched == counted { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(report: &Report, show: usize) {
    let first = report.differing.first().map(|(step, run, _)| {
        let line = run.lines().next().unwrap_or_default();
        format!("  first differing: {step} {}", line.chars().take(80).collect::<String>())
    });
    let (matched, counted) = (report.matched, report.counted);
    println!("{:<24} {matched:>5} of {counted:>5}{}", report.session, first.unwrap_or_default());
    if let Some(failure) = &report.failure {
        println!("    {}", failure.replace('\n', "\n    "));
    }
    for (step, run, difference) in report.differing.iter().take(show) {
        println!("  step {step}: {run}");
        println!("    {}", difference.to_string().trim_end().replace('\n', "\n    "));
    }
}
