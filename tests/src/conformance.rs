//! Plays recorded sessions with `podyard record` and counts the steps that match.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use podyard_testkit::transcript::{Annotation, Difference, Outcome, Session, compare};

/// A session that takes longer than this is stuck.
const LIMIT: Duration = Duration::from_secs(300);

/// How one session went.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The session's name.
    pub session: String,
    /// Steps that count and matched.
    pub matched: usize,
    /// Steps that count.
    pub counted: usize,
    /// The steps that differ: number from 0, command, difference.
    pub differing: Vec<(usize, String, Difference)>,
    /// Why the simulator gave no transcript, if it gave none.
    pub failure: Option<String>,
}

/// The folder of recorded sessions that the project carries.
#[must_use]
pub fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

/// The `podyard` program: `$PODYARD_BIN`, or the one built from this workspace.
///
/// # Errors
/// When it does not build.
pub fn podyard() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("PODYARD_BIN") {
        return Ok(path.into());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let args = ["build", "--quiet", "--package", "podyard-cli", "--message-format", "json-render-diagnostics"];
    let output = cargo.current_dir(root).args(args).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("podyard does not build");
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut programs = messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    programs.next_back().context("cargo named no executable of podyard-cli")
}

/// Plays every session of a folder whose name contains `filter`, two at a time, and reports in order of their names.
///
/// # Errors
/// When the folder or one of its files cannot be read.
pub fn play_all(podyard: &Path, folder: &Path, filter: &str) -> Result<Vec<Report>> {
    let annotations = annotations(folder)?;
    let mut files = sessions(folder)?;
    files.retain(|file| name(file).contains(filter));
    files.reverse();
    let (left, done) = (Mutex::new(files), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        let work = || {
            while let Some(file) = left.lock().ok().and_then(|mut files| files.pop()) {
                let report = play(podyard, &file, &annotations);
                if let Ok(mut done) = done.lock() {
                    done.push(report);
                }
            }
        };
        scope.spawn(work);
        scope.spawn(work);
    });
    let mut reports = done.into_inner().unwrap_or_default().into_iter().collect::<Result<Vec<_>>>()?;
    reports.sort_by(|a, b| a.session.cmp(&b.session));
    Ok(reports)
}

fn play(podyard: &Path, file: &Path, annotations: &[Annotation]) -> Result<Report> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let recorded = Session { name: name(file), ..Session::parse(&text).with_context(|| file.display().to_string())? };
    let (found, failure) = match transcript(podyard, file) {
        Ok(session) => (session, None),
        Err(error) => (Session::default(), Some(format!("{error:#}"))),
    };
    let mut report = Report { session: recorded.name.clone(), failure, ..Report::default() };
    for (index, outcome) in compare(&recorded, &found, annotations).into_iter().enumerate() {
        report.counted += usize::from(outcome != Outcome::Uncounted);
        report.matched += usize::from(outcome == Outcome::Matched);
        if let Outcome::Differs(difference) = outcome {
            report.differing.push((index, recorded.steps[index].run.clone(), *difference));
        }
    }
    Ok(report)
}

fn transcript(podyard: &Path, file: &Path) -> Result<Session> {
    let mut command = Command::new(podyard);
    command.arg("record").arg(file).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot run {}", podyard.display()))?;
    let read = |pipe: Option<Box<dyn Read + Send>>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // What was read before a failure is still worth showing.
            let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let out = read(child.stdout.take().map(|pipe| Box::new(pipe) as _));
    let err = read(child.stderr.take().map(|pipe| Box::new(pipe) as _));
    let deadline = Instant::now() + LIMIT;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() > deadline {
            child.kill()?;
            bail!("stuck: no transcript after {} s", LIMIT.as_secs());
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let (out, err) = (out.join().unwrap_or_default(), err.join().unwrap_or_default());
    if !status.success() {
        bail!("podyard record ended with {status}: {}", err.trim_end());
    }
    Session::parse(&out).context("the transcript's form")
}

fn annotations(folder: &Path) -> Result<Vec<Annotation>> {
    let file = folder.join("annotations.yaml");
    if !file.exists() {
        return Ok(Vec::new());
    }
    serde_yaml::from_str(&std::fs::read_to_string(&file)?).with_context(|| file.display().to_string())
}

fn sessions(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|ext| ext == "yaml") && name(file) != "annotations");
    files.sort();
    Ok(files)
}

fn name(file: &Path) -> String {
    file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The baseline's lines: session, steps that match, steps that count.
#[must_use]
pub fn baseline_of(reports: &[Report]) -> String {
    let mut text = String::from("# session, steps that match, steps that count\n");
    for Report { session, matched, counted, .. } in reports {
        text.push_str(&format!("{session}\t{matched}\t{counted}\n"));
    }
    text
}

/// The matching steps that a baseline promises, by session.
#[must_use]
pub fn promised(baseline: &str) -> BTreeMap<String, usize> {
    let lines = baseline.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let mut fields = line.split('\t');
            Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
        })
        .collect()
}
