//! Which pods of a job count as failed, what a failure policy makes of them, and how long to wait after them.
// Models pkg/controller/job/pod_failure_policy.go and backoff_utils.go

use std::time::Duration;

use podyard_api::Value;
use podyard_api::kinds::{ContainerStatus, Job, OnExitCodes, Pod, PodFailurePolicyRule};
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

use crate::pods;

/// Failures of a job's pods since the last success.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Backoff {
    failures: u32,
    last: Option<Time>,
}

const FIRST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(600);

impl Backoff {
    /// Counts pods that have just ended.
    pub(super) fn note(&mut self, succeeded: &[Value], failed: &[Value], now: Time) {
        let last_success = succeeded.iter().map(|pod| ended(pod, now)).max();
        if last_success.is_some_and(|success| self.last.is_none_or(|last| last <= success)) {
            *self = Self::default();
        }
        for pod in failed {
            let at = ended(pod, now);
            if last_success.is_none_or(|success| at > success) {
                self.failures += 1;
                self.last = self.last.max(Some(at));
            }
        }
    }

    /// How long to wait before new pods.
    pub(super) fn remaining(&self, now: Time) -> Duration {
        let Some(last) = self.last.filter(|_| self.failures > 0) else { return Duration::ZERO };
        let delay = FIRST.saturating_mul(1 << (self.failures - 1).min(20)).min(LONGEST);
        (last + delay).since(now)
    }
}

/// When a pod's last container ended.
fn ended(pod: &Value, now: Time) -> Time {
    let statuses = Pod(pod).status().container_statuses();
    let times = statuses.filter_map(|status| pods::time(status.state().terminated()?.finished_at()));
    times.max().unwrap_or(now)
}

/// Whether a pod has failed, or will not succeed any more.
pub(super) fn has_failed(job: &Value, pod: &Value) -> bool {
    let view = Pod(pod);
    if view.status().phase() == "Failed" {
        return true;
    }
    let only_failed = Job(job).spec().pod_replacement_policy() == Some("Failed");
    !only_failed && view.is_terminating() && !view.is_terminal()
}

/// Whether a failed pod counts against the limit.
pub(super) fn counts(job: &Value, pod: &Value) -> bool {
    !matches!(rule_of(job, pod), Some((rule, ..)) if rule.action() == "Ignore")
}

/// The message of the failure policy if a failed pod fails the whole job.
pub(super) fn policy_says(job: &Value, pods: &[Value]) -> Option<String> {
    pods.iter().filter(|pod| has_failed(job, pod)).find_map(|pod| {
        let (rule, index, what) = rule_of(job, pod)?;
        (rule.action() == "FailJob").then(|| format!("{what} matching FailJob rule at index {index}"))
    })
}

/// Whether a failed pod fails its index for good.
pub(super) fn fails_index(job: &Value, pod: &Value) -> bool {
    matches!(rule_of(job, pod), Some((rule, ..)) if rule.action() == "FailIndex")
}

/// The first rule that a failed pod matches, its number, and by what.
fn rule_of<'j>(job: &'j Value, pod: &Value) -> Option<(PodFailurePolicyRule<'j>, usize, String)> {
    let policy = Job(job).spec().pod_failure_policy()?;
    if Pod(pod).status().phase() != "Failed" {
        return None;
    }
    policy.rules().enumerate().find_map(|(index, rule)| {
        let what = match rule.on_exit_codes() {
            Some(codes) => by_exit_code(pod, codes)?,
            None => by_condition(pod, rule)?,
        };
        Some((rule, index, what))
    })
}

fn by_exit_code(pod: &Value, codes: OnExitCodes<'_>) -> Option<String> {
    let status = Pod(pod).status();
    let mut containers = status.container_statuses().chain(status.init_container_statuses());
    containers.find_map(|container: ContainerStatus<'_>| {
        let code = container.state().terminated()?.exit_code();
        let wanted = codes.container_name().is_none_or(|name| name == container.name());
        let listed = codes.values().items().iter().any(|value| value.as_i64() == Some(code));
        let matches = match codes.operator() {
            "In" => listed,
            _ => !listed,
        };
        (wanted && code != 0 && matches).then(|| {
            let (namespace, name) = (pod.namespace(), pod.name());
            format!("Container {} for pod {namespace}/{name} failed with exit code {code}", container.name())
        })
    })
}

fn by_condition(pod: &Value, rule: PodFailurePolicyRule<'_>) -> Option<String> {
    let mut patterns = rule.on_pod_conditions();
    let found = patterns.find(|pattern| {
        let condition = Pod(pod).status().condition(pattern.kind());
        condition.is_some_and(|condition| condition.status() == pattern.status())
    })?;
    Some(format!("Pod {}/{} has condition {}", pod.namespace(), pod.name(), found.kind()))
}

/// Whether containers that are restarted in place have failed too often.
pub(super) fn restarts_exceed(job: &Value, pods: &[Value]) -> bool {
    let spec = Job(job).spec();
    if spec.template().spec().restart_policy() != "OnFailure" {
        return false;
    }
    let lives = |pod: &&Value| matches!(Pod(pod).status().phase(), "Running" | "Pending");
    let restarts: i64 = pods
        .iter()
        .filter(lives)
        .flat_map(|pod| {
            let status = Pod(pod).status();
            status.init_container_statuses().chain(status.container_statuses())
        })
        .map(ContainerStatus::restart_count)
        .sum();
    match spec.backoff_limit() {
        0 => restarts > 0,
        limit => restarts >= limit,
    }
}
