//! Pods of higher priority come first; of equal ones, who came first.
// Models pkg/scheduler/framework/plugins/queuesort/priority_sort.go

use std::cmp::Reverse;

use super::Spec;
use crate::queue::{QueuedPod, SortKey};

pub const SPEC: Spec = Spec { queue_sort: Some(key), ..Spec::named("PrioritySort") };

pub type State = ();

fn key(pod: &QueuedPod) -> SortKey {
    (Reverse(pod.info.priority), pod.queued_at)
}
