//! Recorded sessions: their steps, run in a fresh cluster.

use std::collections::BTreeMap;
use std::time::Duration;

use podyard_cluster::Cluster;
use serde::{Deserialize, Serialize};

/// A session file, of which only the input is read.
#[derive(Clone, Debug, Deserialize)]
pub struct Session {
    pub name: String,
    #[serde(default)]
    pub topic: String,
    /// Files in the home directory, by name.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    pub steps: Vec<Step>,
}

/// A console line, and what is waited for before it.
#[derive(Clone, Debug, Deserialize)]
pub struct Step {
    pub run: String,
    #[serde(default)]
    pub settle: Settle,
}

/// What is waited for before a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Settle {
    /// `false`: nothing.
    Flag(bool),
    Seconds(f64),
    /// Until the cluster has come to rest.
    #[default]
    Calm,
}

/// What the steps did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Transcript {
    pub name: String,
    pub topic: String,
    pub steps: Vec<Done>,
}

/// What one step did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Done {
    pub run: String,
    pub stdout: String,
    pub stderr: String,
    pub exit: u8,
}

/// As the recorder waited: calm for this long, at most that long.
const QUIET: Duration = Duration::from_millis(1600);
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest a step may take, in virtual time.
const STEP: Duration = Duration::from_secs(300);

/// Runs a session's steps in a cluster.
pub fn record(session: &Session, cluster: &mut Cluster) -> Transcript {
    for (name, body) in &session.files {
        cluster.write_file(&format!("/root/{name}"), body.as_bytes());
    }
    cluster.quiesce(QUIET, PATIENCE);
    let steps = session.steps.iter().map(|step| {
        let output = cluster.run_line(&step.run, STEP);
        // A step says how long is waited behind it.
        match step.settle {
            Settle::Calm | Settle::Flag(true) => cluster.quiesce(QUIET, PATIENCE),
            Settle::Flag(false) => {}
            Settle::Seconds(seconds) => cluster.advance(Duration::from_secs_f64(seconds.clamp(0.0, 3600.0))),
        }
        Done { run: step.run.clone(), stdout: output.stdout, stderr: output.stderr, exit: output.exit }
    });
    let steps = steps.collect();
    Transcript { name: session.name.clone(), topic: session.topic.clone(), steps }
}
