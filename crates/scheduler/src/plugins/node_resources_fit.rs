//! A node must have what the pod asks for; nodes with more to spare are preferred.
// Models pkg/scheduler/framework/plugins/noderesources/fit.go, least_allocated.go, most_allocated.go,
// requested_to_capacity_ratio.go

use std::borrow::Cow;

use ecow::EcoString;
use podyard_api::kinds::Node;
use serde::{Deserialize, Serialize};

use super::{Context, MAX_SCORE, PreFilter, Spec};
use crate::events::{ADD, Changed, DELETE, Hint, Interest, NODE_ALLOCATABLE, POD_SCALE_DOWN};
use crate::node_info::NodeInfo;
use crate::pod_info::PodInfo;
use crate::resources::{ResourceName, Resources};
use crate::status::{Code, Reason, Status, Verdict};

pub const SPEC: Spec = Spec {
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    score: Some(score),
    events: &[
        Interest { resource: Changed::AssignedPod, actions: DELETE | POD_SCALE_DOWN, hint: after_pod },
        Interest { resource: Changed::Node, actions: ADD | NODE_ALLOCATABLE, hint: after_node },
        Interest { resource: Changed::Pod, actions: POD_SCALE_DOWN, hint: |_| true },
    ],
    ..Spec::named("NodeResourcesFit")
};

pub type State = ();

/// How nodes that fit are scored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoringStrategy {
    pub kind: Scoring,
    /// Names and weights.
    pub resources: Vec<(ResourceName, i64)>,
    pub ignored_resources: Vec<EcoString>,
    pub ignored_resource_groups: Vec<EcoString>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Scoring {
    LeastAllocated,
    MostAllocated,
    /// Points of utilisation (0..=100) and score (0..=10), between which is interpolated.
    RequestedToCapacityRatio(Vec<(i64, i64)>),
}

impl Default for ScoringStrategy {
    fn default() -> Self {
        Self {
            kind: Scoring::LeastAllocated,
            resources: vec![(ResourceName::Cpu, 1), (ResourceName::Memory, 1)],
            ignored_resources: Vec::new(),
            ignored_resource_groups: Vec::new(),
        }
    }
}

impl ScoringStrategy {
    fn ignores(&self, name: &str) -> bool {
        self.ignored_resources.iter().any(|ignored| ignored == name)
            || name.split_once('/').is_some_and(|(group, _)| self.ignored_resource_groups.iter().any(|g| g == group))
    }
}

fn pre_filter(_: &Context<'_>, _: &mut super::State) -> PreFilter {
    PreFilter::Check
}

fn filter(cx: &Context<'_>, _: &super::State, node: &NodeInfo) -> Verdict {
    fits(&cx.profile.args.fit, cx.pod, node.pods.len(), &node.requested, &node.allocatable)
}

fn fits(args: &ScoringStrategy, pod: &PodInfo, pods: usize, requested: &Resources, allocatable: &Resources) -> Verdict {
    let ask = &pod.requests.requests;
    let mut reasons: Vec<Reason> = Vec::new();
    let mut unresolvable = false;
    if pods as i64 + 1 > allocatable.pods {
        reasons.push(Cow::Borrowed("Too many pods"));
    }
    let mut check = |ask: i64, requested: i64, allocatable: i64, reason: &dyn Fn() -> Reason| {
        if ask > 0 && ask > allocatable - requested {
            reasons.push(reason());
            unresolvable |= ask > allocatable;
        }
    };
    check(ask.milli_cpu, requested.milli_cpu, allocatable.milli_cpu, &|| Cow::Borrowed("Insufficient cpu"));
    check(ask.memory, requested.memory, allocatable.memory, &|| Cow::Borrowed("Insufficient memory"));
    check(ask.ephemeral_storage, requested.ephemeral_storage, allocatable.ephemeral_storage, &|| {
        Cow::Borrowed("Insufficient ephemeral-storage")
    });
    for (name, amount) in &ask.scalar {
        if !args.ignores(name) {
            check(*amount, requested.get(name), allocatable.get(name), &|| format!("Insufficient {name}").into());
        }
    }
    if reasons.is_empty() {
        return Ok(());
    }
    let code = if unresolvable { Code::UnschedulableAndUnresolvable } else { Code::Unschedulable };
    Err(Status { code, plugin: None, reasons })
}

fn score(cx: &Context<'_>, _: &super::State, _: usize, node: &NodeInfo) -> i64 {
    let args = &cx.profile.args.fit;
    let (mut sum, mut weights) = (0, 0);
    for (name, weight) in &args.resources {
        let (allocatable, requested) = match name {
            ResourceName::Cpu => (node.allocatable.milli_cpu, node.non_zero[0] + cx.pod.requests.scored[0]),
            ResourceName::Memory => (node.allocatable.memory, node.non_zero[1] + cx.pod.requests.scored[1]),
            name => {
                let ask = cx.pod.requests.requests.amount(name);
                if ask == 0 && matches!(name, ResourceName::Scalar(_)) {
                    continue;
                }
                (node.allocatable.amount(name), node.requested.amount(name) + ask)
            }
        };
        if allocatable == 0 {
            continue;
        }
        let score = of_resource(&args.kind, requested, allocatable);
        // A resource that the ratio scores with nothing does not count at all.
        if score > 0 || !matches!(args.kind, Scoring::RequestedToCapacityRatio(_)) {
            sum += score * weight;
            weights += weight;
        }
    }
    match (&args.kind, weights) {
        (_, 0) => 0,
        (Scoring::RequestedToCapacityRatio(_), _) => (sum as f64 / weights as f64).round() as i64,
        _ => sum / weights,
    }
}

fn of_resource(kind: &Scoring, requested: i64, allocatable: i64) -> i64 {
    match kind {
        Scoring::LeastAllocated if requested > allocatable => 0,
        Scoring::LeastAllocated => scale(allocatable - requested, allocatable),
        Scoring::MostAllocated => scale(requested.min(allocatable), allocatable),
        Scoring::RequestedToCapacityRatio(shape) if requested > allocatable => interpolate(shape, 100),
        Scoring::RequestedToCapacityRatio(shape) => interpolate(shape, scale(requested, allocatable)),
    }
}

/// `part` of `whole` in hundredths. Bytes of large nodes times 100 fit an i64 by far; odd input saturates.
fn scale(part: i64, whole: i64) -> i64 {
    part.saturating_mul(MAX_SCORE) / whole
}

// Models pkg/scheduler/framework/plugins/helper/shape_score.go
fn interpolate(shape: &[(i64, i64)], at: i64) -> i64 {
    let ten = |score: i64| score * MAX_SCORE / 10;
    for (index, (x, y)) in shape.iter().enumerate() {
        if at <= *x {
            if index == 0 {
                return ten(*y);
            }
            let (x0, y0) = shape[index - 1];
            return ten(y0) + (ten(*y) - ten(y0)) * (at - x0) / (x - x0).max(1);
        }
    }
    shape.last().map_or(0, |(_, y)| ten(*y))
}

/// A pod that gave back some of what this one asks for.
fn after_pod(hint: &Hint<'_>) -> bool {
    let Some(before) = hint.old else { return false };
    let freed = PodInfo::new(before).requests.requests;
    let left = hint.new.map(|after| PodInfo::new(after).requests.requests).unwrap_or_default();
    let ask = &hint.pod.requests.requests;
    let less = |ask: i64, before: i64, after: i64| ask > 0 && before > after;
    // A pod that is gone leaves a place on its node, too.
    hint.new.is_none()
        || less(ask.milli_cpu, freed.milli_cpu, left.milli_cpu)
        || less(ask.memory, freed.memory, left.memory)
        || less(ask.ephemeral_storage, freed.ephemeral_storage, left.ephemeral_storage)
        || ask.scalar.iter().any(|(name, amount)| less(*amount, freed.get(name), left.get(name)))
}

/// A node that is large enough at all, and has grown if it was there before.
fn after_node(hint: &Hint<'_>) -> bool {
    let Some(new) = hint.new else { return false };
    let allocatable = |node| Resources::of(Node(node).status().allocatable());
    let now = allocatable(new);
    let fit = &ScoringStrategy::default();
    if fits(fit, hint.pod, 0, &Resources::default(), &now).is_err() {
        return false;
    }
    let Some(before) = hint.old.map(allocatable) else { return true };
    let ask = &hint.pod.requests.requests;
    now.pods > before.pods
        || (ask.milli_cpu > 0 && now.milli_cpu > before.milli_cpu)
        || (ask.memory > 0 && now.memory > before.memory)
        || (ask.ephemeral_storage > 0 && now.ephemeral_storage > before.ephemeral_storage)
        || ask.scalar.iter().any(|(name, _)| now.get(name) > before.get(name))
}
