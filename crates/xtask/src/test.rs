//! `cargo xtask test`: every test of the project in stages, with a summary.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::run::{cargo, root, seconds, teed};
use crate::{schema_command, serve, site, tools};

const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// The session that must end in the same state natively and in the browser.
const SESSION: &str = "tests/conformance/deployments-rollout.yaml";

/// Which tests to run.
#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// Only this stage.
    #[arg(long, value_enum)]
    only: Option<Stage>,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Formatting, clippy natively and for wasm, licences and advisories.
    Lint,
    /// Every Rust test, natively.
    Rust,
    /// Rust tests in a headless browser.
    Wasm,
    /// The built site in a real browser.
    Browser,
}

/// One stage's part of the summary.
struct Outcome {
    name: String,
    took: Duration,
    passed: usize,
    failed: usize,
}

/// Runs the chosen stages, all of them even if one fails, and prints what passed, what failed, and how long it took.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let chosen = |stage| options.only.is_none_or(|only| only == stage);
    let mut outcomes = Vec::new();
    if chosen(Stage::Lint) {
        lint(&mut outcomes);
    }
    if chosen(Stage::Rust) {
        rust(&mut outcomes);
        check(&mut outcomes, "schema tables", &mut schema_command::command(true));
    }
    if chosen(Stage::Wasm) {
        // The Rust tests have built the native program.
        let native = chosen(Stage::Rust).then(|| site::target_folder().join("debug/podyard"));
        wasm(&mut outcomes, native.filter(|program| program.is_file()).as_deref())?;
    }
    if chosen(Stage::Browser) {
        measured(&mut outcomes, "browser", browser);
    }
    Ok(summary(&outcomes))
}

fn summary(outcomes: &[Outcome]) -> ExitCode {
    println!();
    for Outcome { name, took, passed, failed } in outcomes {
        println!("{name:<34} {}  {passed} passed, {failed} failed", seconds(*took));
    }
    let passed: usize = outcomes.iter().map(|outcome| outcome.passed).sum();
    let failed: usize = outcomes.iter().map(|outcome| outcome.failed).sum();
    let took: Duration = outcomes.iter().map(|outcome| outcome.took).sum();
    println!("{:<34} {}", "in all", seconds(took));
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn measured(outcomes: &mut Vec<Outcome>, name: &str, work: impl FnOnce() -> Result<(bool, usize, usize)>) {
    println!("\n== {name}");
    let start = Instant::now();
    let (well, passed, failed) = work().unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        (false, 0, 1)
    });
    // A stage that ended badly without naming a failed test (it did not build, say) is one failure.
    let failed = if well { failed } else { failed.max(1) };
    outcomes.push(Outcome { name: name.to_owned(), took: start.elapsed(), passed, failed });
}

/// A stage that is one check: it passes or fails as a whole.
fn check(outcomes: &mut Vec<Outcome>, name: &str, command: &mut Command) {
    measured(outcomes, name, || {
        let well = command.status()?.success();
        Ok((well, usize::from(well), usize::from(!well)))
    });
}

fn lint(outcomes: &mut Vec<Outcome>) {
    check(outcomes, "formatting", cargo().args(["fmt", "--all", "--check"]));
    let clippy = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"];
    check(outcomes, "clippy", cargo().args(clippy));
    measured(outcomes, "clippy for wasm", || {
        tools::wasm_target()?;
        let packages = ["--package", "podyard-web", "--package", "podyard-worker"];
        let mut command = cargo();
        command.args(["clippy", "--quiet", "--profile", "wasm-ci", "--target", WASM_TARGET]).args(packages);
        command.args(["--", "--deny", "warnings"]);
        let well = command.status()?.success();
        Ok((well, usize::from(well), usize::from(!well)))
    });
    if tools::cargo_has("deny") {
        check(outcomes, "licences and advisories", cargo().args(["deny", "--log-level", "error", "check"]));
    }
}

fn rust(outcomes: &mut Vec<Outcome>) {
    measured(outcomes, "rust tests", || {
        let mut command = cargo();
        if tools::cargo_has("nextest") {
            command.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
        } else {
            command.args(["test", "--quiet", "--workspace", "--no-fail-fast", "--lib", "--bins", "--tests"]);
        }
        let (well, text) = teed(&mut command)?;
        let (passed, failed) = counted(&text);
        Ok((well, passed, failed))
    });
}

/// Runs every `crates/<crate>/tests/wasm*.rs` in a headless browser.
fn wasm(outcomes: &mut Vec<Outcome>, native: Option<&Path>) -> Result<()> {
    for (package, test) in wasm_tests(&root().join("crates"))? {
        measured(outcomes, &format!("wasm tests: {package}"), || {
            tools::wasm_target()?;
            tools::npm_packages()?;
            let chromium = tools::chromium()?;
            let bindings = site::target_folder().join("site/wasm-tests").join(&package);
            site::bind_test(&compiled_test(&package, &test, native)?, &bindings, &test)?;
            let mut command = Command::new("node");
            command.current_dir(root().join("www")).arg("wasm-tests.mjs").arg(bindings).arg(&test);
            let (well, text) = teed(command.env("CHROME", chromium))?;
            let (passed, failed) = counted(&text);
            Ok((well, passed, failed))
        });
    }
    Ok(())
}

/// Compiles a test for the browser; returns its module.
fn compiled_test(package: &str, test: &str, native: Option<&Path>) -> Result<PathBuf> {
    let mut command = cargo();
    command.args(["test", "--quiet", "--no-run", "--profile", "wasm-ci", "--target", WASM_TARGET]);
    command.args(["--package", package, "--test", test, "--message-format", "json-render-diagnostics"]);
    let output = command.env("PODYARD_DIGEST", native_digest(native)?).stderr(Stdio::inherit()).output()?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut modules = messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    modules.next_back().filter(|_| output.status.success()).context("the test does not compile for wasm")
}

/// The digest of the state in which [`SESSION`] ends, computed by the native program, which is built if it is not given.
fn native_digest(native: Option<&Path>) -> Result<String> {
    let mut command = native.map_or_else(cargo, Command::new);
    if native.is_none() {
        command.args(["run", "--quiet", "--package", "podyard-cli", "--"]);
    }
    let output = command.args(["digest", SESSION]).current_dir(root()).stderr(Stdio::inherit()).output()?;
    anyhow::ensure!(output.status.success(), "`podyard digest {SESSION}` failed");
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The browser's tests by package and name, in order.
fn wasm_tests(crates: &Path) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for krate in site::sorted(crates)? {
        let tests = krate.join("tests");
        if !tests.is_dir() {
            continue;
        }
        for file in site::sorted(&tests)? {
            let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            if stem.starts_with("wasm") && file.extension().is_some_and(|extension| extension == "rs") {
                found.push((format!("podyard-{}", site::name(&krate)), stem));
            }
        }
    }
    Ok(found)
}

/// Builds the site with its test commands, serves it, and runs `www/tests/*.test.mjs` against it.
fn browser() -> Result<(bool, usize, usize)> {
    let www = root().join("www");
    let is_test = |path: &PathBuf| path.to_string_lossy().ends_with(".test.mjs");
    let tests: Vec<PathBuf> = site::sorted(&www.join("tests"))?.into_iter().filter(is_test).collect();
    let chromium = tools::chromium()?;
    let built = site::target_folder().join("site/dist-test");
    site::build(&site::Options { release: false, test: true }, &built)?;
    let address = serve::in_background(&built)?;
    let mut command = Command::new("node");
    command.current_dir(&www).args(["--test", "--test-reporter=spec", "--test-concurrency=1"]).args(tests);
    let (well, text) = teed(command.env("PODYARD_URL", format!("http://{address}/")).env("CHROME", chromium))?;
    let (passed, failed) = counted(&text);
    Ok((well, passed, failed))
}

/// Passed and failed tests, as nextest, cargo's own harness (once for each binary) and node count them.
fn counted(output: &str) -> (usize, usize) {
    let (mut passed, mut failed) = (0, 0);
    for line in output.lines() {
        let line = plain(line);
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("test result: ").or_else(|| line.strip_prefix("Summary [")) {
            passed += before(rest, "passed");
            failed += before(rest, "failed") + before(rest, "timed out");
        } else if let Some(count) = line.strip_prefix("ℹ pass ").or_else(|| line.strip_prefix("# pass ")) {
            passed += count.parse::<usize>().unwrap_or(0);
        } else if let Some(count) = line.strip_prefix("ℹ fail ").or_else(|| line.strip_prefix("# fail ")) {
            failed += count.parse::<usize>().unwrap_or(0);
        }
    }
    (passed, failed)
}

/// The number that stands before a word: 12 in `12 passed (1 slow), 1 failed`.
fn before(text: &str, word: &str) -> usize {
    let digits = |head: &str| head.trim_end().rsplit(|c: char| !c.is_ascii_digit()).next().map(str::to_owned);
    text.find(word).and_then(|at| digits(&text[..at])).and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// A line without its colours.
fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(output: &str, passed: usize, failed: usize) {
        assert_eq!(counted(output), (passed, failed), "{output}");
    }

    #[test]
    fn results_are_counted_as_each_runner_prints_them() {
        check("     Summary [   0.012s] 7 tests run: 5 passed (1 slow), 2 failed, 1 skipped", 5, 2);
        check("\u{1b}[32;1m     Summary\u{1b}[0m [   0.1s] 3 tests run: \u{1b}[1m3\u{1b}[0m passed, 0 skipped", 3, 0);
        check("test result: ok. 3 passed; 0 failed; 1 ignored\ntest result: FAILED. 1 passed; 2 failed;", 4, 2);
        check("ℹ tests 3\nℹ pass 2\nℹ fail 1\n", 2, 1);
        check("2 passed in my dreams", 0, 0);
    }
}
