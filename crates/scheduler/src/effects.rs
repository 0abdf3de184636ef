//! What the scheduler wants done: requests for its caller to make.

use std::sync::Arc;

use ecow::EcoString;
use podyard_api::kinds::Pod;
use serde::{Deserialize, Serialize};

use crate::cache::Cache;
use crate::messages::truncate;
use crate::plugins::BeforeBind;
use crate::plugins::default_preemption::Candidate;
use crate::pod_info::PodInfo;
use crate::trace::Trace;

/// One try to place a pod: requests to be made in this order, and how it was decided.
///
/// If one of them fails, the rest is left undone; a failed [`Effect::Bind`] or [`Effect::BeforeBind`] is reported by
/// [`Scheduler::binding_failed`](crate::Scheduler::binding_failed).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    pub pod: PodRef,
    pub effects: Vec<Effect>,
    pub trace: Arc<Trace>,
}

/// Names a pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodRef {
    pub namespace: EcoString,
    pub name: EcoString,
    pub uid: EcoString,
}

/// A request to the API server, by `system:kube-scheduler`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Create the pod's `binding`.
    Bind { pod: PodRef, node: EcoString },
    /// A change to a claim or volume that must come before the binding.
    BeforeBind(BeforeBind),
    /// Record an event of component `default-scheduler` about the pod.
    Event {
        pod: PodRef,
        /// `Normal` or `Warning`.
        kind: EcoString,
        reason: EcoString,
        action: EcoString,
        message: EcoString,
        related: Option<PodRef>,
    },
    /// Patch the pod's status: condition `PodScheduled` is `False`, and the nominated node changes if given
    /// (empty: is cleared).
    Unscheduled { pod: PodRef, reason: EcoString, message: EcoString, nominated_node: Option<EcoString> },
    /// Patch the pod's status so that it names no nominated node.
    ClearNomination { pod: PodRef },
    /// Set condition `DisruptionTarget` (reason `PreemptionByScheduler`) with this message, then delete the pod.
    Evict { pod: PodRef, message: EcoString },
}

impl PodRef {
    pub fn of(pod: &PodInfo) -> Self {
        Self { namespace: pod.namespace.clone(), name: pod.name.clone(), uid: pod.object.uid().into() }
    }

    /// What names the pod in the scheduler's tables.
    pub fn key(&self) -> EcoString {
        if self.uid.is_empty() { ecow::eco_format!("{}/{}", self.namespace, self.name) } else { self.uid.clone() }
    }

    pub(crate) fn event(&self, kind: &str, reason: &str, action: &str, message: EcoString) -> Effect {
        let (kind, reason, action) = (kind.into(), reason.into(), action.into());
        Effect::Event { pod: self.clone(), kind, reason, action, message, related: None }
    }
}

impl Attempt {
    pub(crate) fn of(pod: &PodInfo) -> Self {
        Self { pod: PodRef::of(pod), effects: Vec::new(), trace: Arc::default() }
    }

    pub(crate) fn bind(&mut self, node: &EcoString) {
        let message = ecow::eco_format!("Successfully assigned {}/{} to {node}", self.pod.namespace, self.pod.name);
        self.effects.push(Effect::Bind { pod: self.pod.clone(), node: node.clone() });
        self.effects.push(self.pod.event("Normal", "Scheduled", "Binding", message));
    }

    pub(crate) fn reject(&mut self, pod: &PodInfo, message: &str, nominated_node: Option<EcoString>) {
        self.effects.push(self.pod.event("Warning", "FailedScheduling", "Scheduling", truncate(message)));
        let status = Pod(&pod.object).status();
        let nominated_node = nominated_node.filter(|node| node != status.nominated_node_name());
        let is_said = status.condition("PodScheduled").is_some_and(|condition| {
            !condition.is_true() && condition.reason() == "Unschedulable" && condition.message() == message
        });
        if !is_said || nominated_node.is_some() {
            let (pod, reason, message) = (self.pod.clone(), "Unschedulable".into(), message.into());
            self.effects.push(Effect::Unscheduled { pod, reason, message, nominated_node });
        }
    }

    /// Evicts the victims, and sends away less important pods that were to come to the same node.
    // Models pkg/scheduler/framework/preemption/preemption.go
    pub(crate) fn preempt(&mut self, preemptor: &PodInfo, candidate: &Candidate, cache: &Cache) {
        for pod in cache.nominated(&candidate.node).filter(|pod| pod.priority < preemptor.priority) {
            self.effects.push(Effect::ClearNomination { pod: PodRef::of(pod) });
        }
        let scheduler = preemptor.pod().spec().scheduler_name();
        for victim in candidate.victims.iter().filter(|victim| !victim.terminating) {
            let pod = PodRef::of(victim);
            let message = ecow::eco_format!("{scheduler}: preempting to accommodate a higher priority pod");
            self.effects.push(Effect::Evict { pod: pod.clone(), message });
            let message = ecow::eco_format!("Preempted by pod {} on node {}", self.pod.uid, candidate.node);
            let mut event = pod.event("Normal", "Preempted", "Preempting", message);
            if let Effect::Event { related, .. } = &mut event {
                *related = Some(self.pod.clone());
            }
            self.effects.push(event);
        }
    }
}
