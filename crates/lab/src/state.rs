//! What a rewind takes back: the cluster with its consoles and files, and the learner's progress.

use std::collections::{BTreeMap, BTreeSet};

use podyard_cluster::{Cluster, State as Rewindable};
use podyard_scenario::Scenario;
use podyard_view::TaskProgress;
use serde::{Deserialize, Serialize};

/// The rewindable part of a session.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub cluster: Cluster,
    pub progress: Progress,
}

/// How far the learner is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Progress {
    passed: BTreeSet<String>,
    /// How many hints of a task were shown.
    hints: BTreeMap<String, usize>,
    solution_shown: bool,
}

impl Rewindable for State {
    fn now(&self) -> podyard_cluster::Time {
        self.cluster.now()
    }

    fn run_to(&mut self, at: podyard_cluster::Time) {
        self.cluster.run_to(at);
    }
}

impl Progress {
    pub(crate) fn set_passed(&mut self, task: &str, passed: bool) {
        if passed {
            self.passed.insert(task.to_string());
        } else {
            self.passed.remove(task);
        }
    }

    pub(crate) fn show_hint(&mut self, scenario: &Scenario, task: &str) {
        if let Some(found) = scenario.task(task) {
            let shown = self.hints.entry(task.to_string()).or_default();
            *shown = (*shown + 1).min(found.hints.len());
        }
    }

    pub(crate) fn show_solution(&mut self) {
        self.solution_shown = true;
    }

    pub(crate) fn view(&self, scenario: &Scenario) -> Vec<TaskProgress> {
        let tasks = scenario.spec.tasks.iter().map(|task| TaskProgress {
            id: task.id.clone(),
            passed: self.passed.contains(&task.id),
            hints: task.hints.iter().take(self.hints.get(&task.id).copied().unwrap_or(0)).cloned().collect(),
            solution: self.solution_shown.then(|| scenario.spec.solution.clone()),
        });
        tasks.collect()
    }
}

/// What a checkpoint begins with.
const SEPARATOR: u8 = 0;

impl State {
    /// The state as text that [`load`](Self::load) reads.
    pub(crate) fn save(&self) -> String {
        let mut bytes = serde_json::to_vec(&self.progress).unwrap_or_default();
        bytes.push(SEPARATOR);
        bytes.extend(self.cluster.save());
        podyard_cluster::base64::encode(&bytes)
    }

    /// # Errors
    /// What is wrong with the text.
    pub(crate) fn load(text: &str) -> Result<Self, String> {
        let damaged = || "the saved session is damaged".to_string();
        let bytes = podyard_cluster::base64::decode(text).ok_or_else(damaged)?;
        let end = bytes.iter().position(|byte| *byte == SEPARATOR).ok_or_else(damaged)?;
        let progress = serde_json::from_slice(&bytes[..end]).map_err(|_| damaged())?;
        let cluster = Cluster::load(&bytes[end + 1..]).map_err(|error| error.to_string())?;
        Ok(Self { cluster, progress })
    }
}
