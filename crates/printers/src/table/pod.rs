//! Pods.

use podyard_api::kinds::{ContainerState, ContainerStatus, Pod};
use podyard_api::{Value, timestamp};

use super::{AGE, Column, NAME, Printer, Row, cells, object_age, text, wide};
use crate::values::{age, or};

pub(super) const PRINTER: Printer = Printer {
    columns: &[
        NAME,
        text("Ready"),
        text("Status"),
        text("Restarts"),
        AGE,
        wide("IP"),
        wide("Node"),
        wide("Nominated Node"),
        wide("Readiness Gates"),
    ] as &[Column],
    row: print,
};

fn print(object: &Value, now: i64) -> Row {
    let pod = Pod(object);
    let summary = summary(pod);
    let restarts = match summary.last_restart {
        Some(when) if summary.restarts != 0 => format!("{} ({} ago)", summary.restarts, age(when, now)),
        _ => summary.restarts.to_string(),
    };
    let mut row = cells![
        pod.name(),
        format!("{}/{}", summary.ready, summary.total),
        summary.status,
        restarts,
        object_age(object, now),
        or(pod.status().pod_ips().next().map(|ip| ip.ip()).unwrap_or_default(), "<none>"),
        or(pod.node_name(), "<none>"),
        or(pod.status().nominated_node_name(), "<none>"),
        readiness_gates(pod),
    ];
    row.completed = match pod.status().phase() {
        "Succeeded" => Some(("Succeeded", "The pod has completed successfully.")),
        "Failed" => Some(("Failed", "The pod failed.")),
        _ => None,
    };
    row
}

/// What the columns READY, STATUS and RESTARTS say of a pod.
#[derive(Debug, PartialEq, Eq)]
pub struct Summary<'a> {
    pub ready: usize,
    pub total: usize,
    pub status: String,
    pub restarts: i64,
    /// When the last restarted container had ended.
    pub last_restart: Option<&'a str>,
}

/// Sums up the containers of a pod.
// Models pkg/printers/internalversion/printers.go printPod
pub fn summary(pod: Pod<'_>) -> Summary<'_> {
    let status = pod.status();
    let mut reason = or(status.reason(), status.phase()).to_owned();
    if status.conditions().any(|c| c.kind() == "PodScheduled" && c.reason() == "SchedulingGated") {
        reason = "SchedulingGated".into();
    }
    let sidecar = |name: &str| pod.spec().init_containers().any(|c| c.name() == name && c.is_sidecar());
    let sidecars = pod.spec().init_containers().filter(|container| container.is_sidecar()).count();
    let mut counts = Counts::default();
    let mut sidecar_counts = Counts::default();
    let mut ready = 0;
    let mut initializing = false;
    for (index, container) in status.init_container_statuses().enumerate() {
        counts.add(container);
        let is_sidecar = sidecar(container.name());
        if is_sidecar {
            sidecar_counts.add(container);
        }
        if container.state().terminated().is_some_and(|state| state.exit_code() == 0) {
            continue;
        }
        if is_sidecar && container.started() == Some(true) {
            ready += usize::from(container.ready());
            continue;
        }
        reason = init_reason(container.state(), index, pod.spec().init_containers().len());
        initializing = true;
        break;
    }
    if !initializing || status.condition("Initialized").is_some_and(|condition| condition.is_true()) {
        counts = sidecar_counts;
        let mut running = false;
        let mut failure = None;
        for container in status.container_statuses().rev() {
            counts.add(container);
            match main_reason(container.state()) {
                Some(why) => {
                    if container.state().terminated().is_some_and(|ended| ended.exit_code() != 0) {
                        failure = Some(why.clone());
                    }
                    reason = why;
                }
                None if container.ready() && container.state().running().is_some() => {
                    running = true;
                    ready += 1;
                }
                None => {}
            }
        }
        if reason == "Completed" {
            if running {
                reason = if pod.is_ready() { "Running" } else { "NotReady" }.into();
            } else if let Some(why) = failure {
                reason = why;
            }
        }
    }
    if pod.is_terminating() {
        if status.reason() == "NodeLost" {
            reason = "Unknown".into();
        } else if !pod.is_terminal() {
            reason = "Terminating".into();
        }
    }
    Summary {
        ready,
        total: pod.spec().containers().len() + sidecars,
        status: reason,
        restarts: counts.restarts,
        last_restart: counts.last,
    }
}

/// Restarts, and when the last of the containers had ended.
#[derive(Default)]
struct Counts<'a> {
    restarts: i64,
    last: Option<&'a str>,
}

impl<'a> Counts<'a> {
    fn add(&mut self, container: ContainerStatus<'a>) {
        self.restarts += container.restart_count();
        if let Some(state) = container.last_state().terminated() {
            let ended = state.finished_at();
            let moment = timestamp::parse(ended);
            if moment.is_some() && moment > self.last.and_then(timestamp::parse) {
                self.last = Some(ended);
            }
        }
    }
}

/// Why the pod is not initialized, by the first init container that is not done.
fn init_reason(state: ContainerState<'_>, index: usize, total: usize) -> String {
    if let Some(ended) = state.terminated() {
        return match (ended.reason(), ended.signal()) {
            ("", 0) => format!("Init:ExitCode:{}", ended.exit_code()),
            ("", signal) => format!("Init:Signal:{signal}"),
            (reason, _) => format!("Init:{reason}"),
        };
    }
    match state.waiting().map(|waiting| waiting.reason()).unwrap_or_default() {
        "" | "PodInitializing" => format!("Init:{index}/{total}"),
        reason => format!("Init:{reason}"),
    }
}

/// Why a main container does not run.
fn main_reason(state: ContainerState<'_>) -> Option<String> {
    if let Some(waiting) = state.waiting().filter(|waiting| !waiting.reason().is_empty()) {
        return Some(waiting.reason().into());
    }
    let ended = state.terminated()?;
    Some(match (ended.reason(), ended.signal()) {
        ("", 0) => format!("ExitCode:{}", ended.exit_code()),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.into(),
    })
}

fn readiness_gates(pod: Pod<'_>) -> String {
    let gates = pod.spec().readiness_gates();
    let total = gates.len();
    if total == 0 {
        return "<none>".into();
    }
    let met = gates.filter(|gate| pod.status().condition(gate.condition_type()).is_some_and(|c| c.is_true())).count();
    format!("{met}/{total}")
}
