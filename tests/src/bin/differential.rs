//! `cargo xtask differential`: compares the engine's answers with those of the real code.
#![expect(clippy::print_stdout, reason = "a command-line tool reports on its standard output")]
#![expect(clippy::disallowed_methods, reason = "a native tool writes its answers")]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use podyard_tests::differential::{Counts, Differing, Report, compare, data_file};

#[derive(Parser)]
struct Options {
    set: String,
    file: Option<PathBuf>,
    #[arg(long)]
    answers: Option<PathBuf>,
    #[arg(long, default_value_t = 10)]
    show: usize,
}

fn main() -> ExitCode {
    run(&Options::parse()).unwrap_or_else(|error| {
        println!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(options: &Options) -> Result<ExitCode> {
    let file = options.file.clone().map_or_else(|| data_file(&options.set), Ok)?;
    let report = compare(&options.set, &file)?;
    if let Some(out) = &options.answers {
        let lines: Vec<String> = report.answers.iter().map(ToString::to_string).collect();
        std::fs::write(out, lines.join("\n") + "\n")?;
    }
    report.differing.iter().take(options.show).for_each(print);
    Ok(summary(&report))
}

fn print(differing: &Differing) {
    println!("{}", short(&differing.case));
    for (name, real, found) in &differing.answers {
        println!("  {name}\n    real:  {real}\n    found: {found}");
    }
}

/// A case cut to what fits a few lines.
fn short(case: &serde_json::Value) -> String {
    let text = case.to_string();
    if text.chars().count() <= 600 {
        return text;
    }
    format!("{}: {} …", case["id"].as_str().unwrap_or_default(), text.chars().take(600).collect::<String>())
}

fn summary(report: &Report) -> ExitCode {
    let mut all = Counts::default();
    for (name, counts) in &report.types {
        println!("{}", line(name, counts));
        all.equal += counts.equal;
        all.compared += counts.compared;
        all.unanswered += counts.unanswered;
    }
    println!("{}", line("in all", &all));
    if all.equal == all.compared { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn line(name: &str, counts: &Counts) -> String {
    let unanswered = match counts.unanswered {
        0 => String::new(),
        count => format!("  ({count} not answered)"),
    };
    format!("{name:<28} {:>5} of {:>5} equal{unanswered}", counts.equal, counts.compared)
}
