//! Completion indexes of an indexed job.
// Models pkg/controller/job/indexed_job_utils.go

use std::collections::BTreeSet;

use podyard_api::Value;
use podyard_api::kinds::{Job, Pod};

use super::{failures, is_tracked};

pub(super) const INDEX: &str = "batch.kubernetes.io/job-completion-index";

/// A set of indexes, written as `0-2,5`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Set(BTreeSet<i64>);

impl Set {
    fn parse(text: &str) -> Self {
        let mut set = BTreeSet::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            if let (Ok(first), Ok(last)) = (first.parse::<i64>(), last.parse::<i64>()) {
                set.extend(first..=last.min(first + 100_000));
            }
        }
        Self(set)
    }

    pub(super) fn len(&self) -> i64 {
        self.0.len() as i64
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn contains(&self, index: i64) -> bool {
        self.0.contains(&index)
    }

    /// As the status has it.
    pub(super) fn text(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut indexes = self.0.iter().copied().peekable();
        while let Some(first) = indexes.next() {
            let mut last = first;
            while indexes.next_if_eq(&(last + 1)).is_some() {
                last += 1;
            }
            parts.push(match last - first {
                0 => first.to_string(),
                1 => format!("{first},{last}"),
                _ => format!("{first}-{last}"),
            });
        }
        parts.join(",")
    }
}

/// A pod's index, if it has one.
pub(super) fn of(pod: &Value) -> Option<i64> {
    pod.meta().annotation(INDEX).and_then(|text| text.parse().ok())
}

/// The indexes that have succeeded.
pub(super) fn succeeded(job: &Value, pods: &[Value]) -> Set {
    let view = Job(job);
    if view.spec().completion_mode() != "Indexed" {
        return Set::default();
    }
    let mut set = Set::parse(view.status().completed_indexes());
    let most = view.spec().completions().unwrap_or_default();
    set.0.retain(|index| *index < most);
    let done = pods.iter().filter(|pod| Pod(pod).status().phase() == "Succeeded" && is_tracked(pod)).filter_map(of);
    set.0.extend(done.filter(|index| *index < most));
    set
}

/// The indexes that have failed too often; nothing for jobs that do not count by index.
pub(super) fn failed(job: &Value, pods: &[Value]) -> Option<Set> {
    let view = Job(job);
    let limit = view.spec().backoff_limit_per_index()?;
    let mut set = Set::parse(view.status().failed_indexes().unwrap_or_default());
    for pod in pods.iter().filter(|pod| is_tracked(pod) && failures::has_failed(job, pod)) {
        let Some(index) = of(pod) else { continue };
        if failures::fails_index(job, pod) || failure_count(pod) >= limit && failures::counts(job, pod) {
            set.0.insert(index);
        }
    }
    Some(set)
}

const FAILURES: &str = "batch.kubernetes.io/job-index-failure-count";

fn failure_count(pod: &Value) -> i64 {
    pod.meta().annotation(FAILURES).and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// How often the pods of an index have failed before its next one.
pub(super) fn next_failure_count(job: &Value, pods: &[Value], index: i64) -> Option<(&'static str, i64)> {
    Job(job).spec().backoff_limit_per_index()?;
    let failed = pods.iter().filter(|pod| of(pod) == Some(index) && failures::has_failed(job, pod));
    let count = failed.map(|pod| failure_count(pod) + i64::from(failures::counts(job, pod))).max();
    Some((FAILURES, count.unwrap_or_default()))
}

/// What the success policy says of the indexes, if it is content.
pub(super) fn success_policy(job: &Value, succeeded: &Set) -> Option<String> {
    let policy = Job(job).spec().success_policy()?;
    policy.rules().enumerate().find_map(|(number, rule)| {
        let candidates = match rule.succeeded_indexes() {
            Some(text) => Set::parse(text),
            None => Set((0..Job(job).spec().completions().unwrap_or_default()).collect()),
        };
        let done = candidates.0.iter().filter(|index| succeeded.contains(**index)).count() as i64;
        let wanted = rule.succeeded_count().unwrap_or(candidates.len());
        (done >= wanted && done > 0).then(|| format!("Matched rules at index {number}"))
    })
}

/// The first `count` indexes that nothing works on.
pub(super) fn pending(job: &Value, pods: &[Value], succeeded: &Set, failed: Option<&Set>, count: usize) -> Vec<i64> {
    let busy: BTreeSet<i64> = pods.iter().filter(|pod| crate::pods::is_active(pod)).filter_map(of).collect();
    let is_over = |index: &i64| succeeded.contains(*index) || failed.is_some_and(|failed| failed.contains(*index));
    let all = 0..Job(job).spec().completions().unwrap_or_default();
    all.filter(|index| !busy.contains(index) && !is_over(index)).take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_read_and_written() {
        let check = |text: &str, expect: &str, len: i64| {
            let set = Set::parse(text);
            assert_eq!((set.text().as_str(), set.len()), (expect, len), "{text}");
        };
        check("", "", 0);
        check("0", "0", 1);
        check("0,1", "0,1", 2);
        check("0-2,5,7,8", "0-2,5,7,8", 6);
        check("3,1,2", "1-3", 3);
    }
}
