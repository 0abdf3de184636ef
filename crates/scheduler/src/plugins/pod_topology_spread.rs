//! Spreads pods that match a selector over zones, hosts or whatever labels name.
// Models pkg/scheduler/framework/plugins/podtopologyspread/{common,filtering,scoring,plugin}.go

use std::sync::Arc;

use ecow::EcoString;
use podyard_api::kinds::{ReplicaSet, Service, StatefulSet, TopologySpreadConstraint};
use podyard_api::{Selector, Value};

use super::node_affinity::Required;
use super::taint_toleration::is_kept_away;
use super::{Context, MAX_SCORE, PreFilter, Spec};
use crate::events::{ADD, Changed, DELETE, Hint, Interest, NODE_LABEL, NODE_TAINT, POD_LABEL};
use crate::node_info::NodeInfo;
use crate::node_terms::{both, label_selector};
use crate::pod_info::PodInfo;
use crate::status::{Status, Verdict};
use crate::topology::Places;

pub const SPEC: Spec = Spec {
    pre_filter: Some(pre_filter),
    pod_moved: Some(pod_moved),
    filter: Some(filter),
    pre_score: Some(pre_score),
    score: Some(score),
    normalize: Some(normalize),
    events: &[
        Interest { resource: Changed::AssignedPod, actions: ADD | DELETE | POD_LABEL, hint: after_pod },
        Interest { resource: Changed::Node, actions: ADD | DELETE | NODE_LABEL | NODE_TAINT, hint: after_node },
        Interest { resource: Changed::Pod, actions: POD_LABEL, hint: |_| true },
    ],
    ..Spec::named("PodTopologySpread")
};

pub const HOSTNAME: &str = "kubernetes.io/hostname";
pub const ZONE: &str = "topology.kubernetes.io/zone";

#[derive(Clone, Default)]
pub struct State {
    hard: Vec<Hard>,
    required: Required,
    soft: Soft,
}

/// A `DoNotSchedule` constraint and the pods that match it, by place.
#[derive(Clone)]
struct Hard {
    constraint: Constraint,
    places: Arc<Places>,
    /// By place; none where no node counts.
    counts: Vec<Option<i64>>,
    /// How many places count.
    domains: i64,
    fewest: i64,
    /// Whether the incoming pod matches its own constraint.
    self_match: i64,
}

/// The `ScheduleAnyway` constraints, made ready for scoring.
#[derive(Clone, Default)]
struct Soft {
    constraints: Vec<Constraint>,
    counts: Vec<Counts>,
    weights: Vec<f64>,
    /// Feasible nodes that lack one of the keys: they get no score.
    ignored: Vec<bool>,
}

/// Matching pods of a constraint.
#[derive(Clone)]
enum Counts {
    ByPlace(Arc<Places>, Vec<i64>),
    /// Of each feasible node, for `kubernetes.io/hostname`.
    ByNode(Vec<i64>),
}

#[derive(Clone)]
struct Constraint {
    max_skew: i64,
    key: EcoString,
    selector: Selector,
    min_domains: i64,
    honor_affinity: bool,
    honor_taints: bool,
}

impl Constraint {
    fn of(constraint: TopologySpreadConstraint<'_>, labels: &Value) -> Self {
        let mut selector = label_selector(constraint.label_selector());
        let keys = constraint.match_label_keys().filter_map(|key| {
            let value = labels.get(key);
            (!value.is_null()).then(|| (key.into(), value.clone()))
        });
        let keys: Vec<_> = keys.collect();
        if !keys.is_empty() {
            selector = both(&selector, &Selector::of_labels(&keys));
        }
        Self {
            max_skew: constraint.max_skew(),
            key: constraint.topology_key().into(),
            selector,
            min_domains: constraint.min_domains().unwrap_or(1),
            honor_affinity: constraint.node_affinity_policy() == "Honor",
            honor_taints: constraint.node_taints_policy() == "Honor",
        }
    }

    fn built_in(max_skew: i64, key: &str) -> Self {
        let (selector, min_domains) = (Selector::nothing(), 1);
        Self { max_skew, key: key.into(), selector, min_domains, honor_affinity: true, honor_taints: false }
    }

    /// Whether the node counts, by the constraint's inclusion policies.
    fn includes(&self, cx: &Context<'_>, required: &Required, node: &NodeInfo) -> bool {
        (!self.honor_affinity || required.is_nothing() || required.matches(node))
            && (!self.honor_taints || !node.has_taints || !is_kept_away(cx.pod.pod(), node.node()))
    }
}

impl Hard {
    fn new(cx: &Context<'_>, constraint: Constraint) -> Self {
        let places = cx.cache.places(&constraint.key);
        Self {
            self_match: i64::from(constraint.selector.matches(cx.pod.labels())),
            counts: vec![None; places.count()],
            domains: 0,
            fewest: 0,
            places,
            constraint,
        }
    }

    fn add(&mut self, node: &NodeInfo, count: i64) {
        if let Some(place) = self.places.of(node) {
            *self.counts[place].get_or_insert_default() += count;
        }
    }

    /// Finds the place with the fewest pods, after changes.
    fn sum_up(&mut self) {
        self.domains = self.counts.iter().flatten().count() as i64;
        let fewest = self.counts.iter().flatten().copied().min().unwrap_or(i64::from(i32::MAX));
        self.fewest = if self.domains < self.constraint.min_domains { 0 } else { fewest };
    }
}

fn constraints(pod: &PodInfo, action: &str) -> Vec<Constraint> {
    let constraints = pod.pod().spec().topology_spread_constraints();
    constraints.filter(|c| c.when_unsatisfiable() == action).map(|c| Constraint::of(c, pod.labels())).collect()
}

fn has_all_keys<'a>(node: &NodeInfo, mut constraints: impl Iterator<Item = &'a Constraint>) -> bool {
    constraints.all(|constraint| node.label(&constraint.key).is_some())
}

/// Which classes match a constraint's selector in the pod's namespace; each is compared once.
struct Matching {
    known: Vec<Option<bool>>,
}

impl Matching {
    fn new(cx: &Context<'_>) -> Self {
        Self { known: vec![None; cx.cache.class_bound()] }
    }

    /// How many pods of the node match. Pods that are being deleted do not count.
    fn count(&mut self, cx: &Context<'_>, selector: &Selector, node: &NodeInfo) -> i64 {
        let mut count = 0;
        for (number, pods) in &node.classes {
            let matches = *self.known[*number as usize].get_or_insert_with(|| {
                let class = cx.cache.class(*number);
                !class.terminating && class.namespace == cx.pod.namespace && selector.matches(&class.labels)
            });
            if matches {
                count += i64::from(*pods);
            }
        }
        count
    }
}

fn pre_filter(cx: &Context<'_>, state: &mut super::State) -> PreFilter {
    let constraints = effective_constraints(cx, "DoNotSchedule");
    if constraints.is_empty() {
        return PreFilter::Skip;
    }
    let state = &mut state.pod_topology_spread;
    state.required = Required::of(cx.pod.pod());
    state.hard = constraints.into_iter().map(|constraint| Hard::new(cx, constraint)).collect();
    let mut matching: Vec<_> = state.hard.iter().map(|_| Matching::new(cx)).collect();
    for node in cx.cache.nodes() {
        if !has_all_keys(node, state.hard.iter().map(|hard| &hard.constraint)) {
            continue;
        }
        for (hard, matching) in state.hard.iter_mut().zip(&mut matching) {
            if hard.constraint.includes(cx, &state.required, node) {
                let count = matching.count(cx, &hard.constraint.selector, node);
                hard.add(node, count);
            }
        }
    }
    state.hard.iter_mut().for_each(Hard::sum_up);
    PreFilter::Check
}

fn pod_moved(cx: &Context<'_>, state: &mut super::State, pod: &PodInfo, node: &NodeInfo, by: i64) {
    let state = &mut state.pod_topology_spread;
    let all = has_all_keys(node, state.hard.iter().map(|hard| &hard.constraint));
    if pod.namespace != cx.pod.namespace || !all {
        return;
    }
    for hard in &mut state.hard {
        if hard.constraint.selector.matches(pod.labels()) && hard.constraint.includes(cx, &state.required, node) {
            hard.add(node, by);
            hard.sum_up();
        }
    }
}

fn filter(_: &Context<'_>, state: &super::State, node: &NodeInfo) -> Verdict {
    for hard in &state.pod_topology_spread.hard {
        let Some(place) = hard.places.of(node) else {
            let reason = "node(s) didn't match pod topology spread constraints (missing required label)";
            return Err(Status::unresolvable(reason));
        };
        let here = hard.counts[place].unwrap_or_default();
        if here + hard.self_match - hard.fewest > hard.constraint.max_skew {
            return Err(Status::unschedulable("node(s) didn't match pod topology spread constraints"));
        }
    }
    Ok(())
}

fn pre_score(cx: &Context<'_>, state: &mut super::State, feasible: &[&NodeInfo]) -> bool {
    let constraints = effective_constraints(cx, "ScheduleAnyway");
    if constraints.is_empty() {
        return false;
    }
    // Nodes without a zone still spread by host where only the built-in constraints apply.
    let own =
        cx.profile.args.default_constraints.is_some() || cx.pod.pod().spec().topology_spread_constraints().len() > 0;
    let missing = |node: &&NodeInfo| own && !has_all_keys(node, constraints.iter());
    let ignored: Vec<bool> = feasible.iter().map(missing).collect();
    let scored = || feasible.iter().zip(&ignored).filter(|(_, ignored)| !**ignored).map(|(node, _)| *node);
    let required = Required::of(cx.pod.pod());
    let mut counts = Vec::with_capacity(constraints.len());
    let mut weights = Vec::with_capacity(constraints.len());
    for constraint in &constraints {
        let mut matching = Matching::new(cx);
        let (count, size) = if constraint.key == HOSTNAME {
            let of = |node: &&NodeInfo| matching.count(cx, &constraint.selector, node);
            (Counts::ByNode(feasible.iter().map(of).collect()), scored().count())
        } else {
            count_by_place(cx, constraint, &mut matching, scored(), |node| {
                (own && !has_all_keys(node, constraints.iter())) || !constraint.includes(cx, &required, node)
            })
        };
        counts.push(count);
        weights.push(((size + 2) as f64).ln());
    }
    state.pod_topology_spread.soft = Soft { constraints, counts, weights, ignored };
    true
}

/// The matching pods at the places of the nodes that are scored, and how many such places there are. Nodes without
/// the label are a place of their own.
fn count_by_place<'a>(
    cx: &Context<'_>,
    constraint: &Constraint,
    matching: &mut Matching,
    scored: impl Iterator<Item = &'a NodeInfo>,
    leaves_out: impl Fn(&NodeInfo) -> bool,
) -> (Counts, usize) {
    let places = cx.cache.places(&constraint.key);
    let nowhere = places.count();
    let mut concerned = vec![false; nowhere + 1];
    scored.for_each(|node| concerned[places.of(node).unwrap_or(nowhere)] = true);
    let mut counts = vec![0; nowhere];
    for node in cx.cache.nodes() {
        if let Some(place) = places.of(node)
            && concerned[place]
            && !leaves_out(node)
        {
            counts[place] += matching.count(cx, &constraint.selector, node);
        }
    }
    let size = concerned.into_iter().filter(|concerned| *concerned).count();
    (Counts::ByPlace(places, counts), size)
}

/// The pod's own constraints of a kind, or those that spread the pods of a service or workload by default.
fn effective_constraints(cx: &Context<'_>, action: &str) -> Vec<Constraint> {
    if cx.pod.pod().spec().topology_spread_constraints().len() > 0 {
        return constraints(cx.pod, action);
    }
    let mut defaults = match &cx.profile.args.default_constraints {
        None if action == "ScheduleAnyway" => vec![Constraint::built_in(3, HOSTNAME), Constraint::built_in(5, ZONE)],
        None => Vec::new(),
        Some(list) => list
            .items()
            .iter()
            .map(TopologySpreadConstraint)
            .filter(|constraint| constraint.when_unsatisfiable() == action)
            .map(|constraint| Constraint::of(constraint, cx.pod.labels()))
            .collect(),
    };
    if !defaults.is_empty() {
        let selector = default_selector(cx);
        if selector.is_empty() {
            return Vec::new();
        }
        defaults.iter_mut().for_each(|constraint| constraint.selector = selector.clone());
    }
    defaults
}

/// The pods of the services that select this pod, and of its owner.
// Models pkg/scheduler/framework/plugins/helper/spread.go
fn default_selector(cx: &Context<'_>) -> Selector {
    let pod = cx.pod;
    let mut labels = podyard_api::Object::new();
    for service in cx.cache.objects_in("services", &pod.namespace) {
        let selector = Service(service).spec().selector();
        if !selector.is_empty() && Selector::of_labels(selector).matches(pod.labels()) {
            selector.iter().for_each(|(key, value)| labels.insert(key, value.clone()));
        }
    }
    let selector = Selector::of_labels(labels.entries());
    let Some(owner) = pod.object.meta().controller() else { return selector };
    let object = |resource| cx.cache.object(resource, &pod.namespace, owner.name());
    let more = match (owner.api_version(), owner.kind()) {
        ("v1", "ReplicationController") => {
            object("replicationcontrollers").map(|rc| Selector::of_labels(rc.get("spec").get("selector").fields()))
        }
        ("apps/v1", "ReplicaSet") => {
            object("replicasets").map(|rs| label_selector(Some(ReplicaSet(rs).spec().selector())))
        }
        ("apps/v1", "StatefulSet") => {
            object("statefulsets").map(|set| label_selector(Some(StatefulSet(set).spec().selector())))
        }
        _ => None,
    };
    more.map_or(selector.clone(), |more| both(&selector, &more))
}

fn score(_: &Context<'_>, state: &super::State, index: usize, node: &NodeInfo) -> i64 {
    let soft = &state.pod_topology_spread.soft;
    if soft.ignored.get(index).copied().unwrap_or_default() {
        return 0;
    }
    let mut score = 0.0;
    for ((constraint, counts), weight) in soft.constraints.iter().zip(&soft.counts).zip(&soft.weights) {
        let count = match counts {
            Counts::ByNode(counts) => counts.get(index).copied(),
            Counts::ByPlace(places, counts) => places.of(node).and_then(|place| counts.get(place)).copied(),
        };
        // A node without the label gets nothing for it, not even the allowance for skew.
        let Some(count) = count.filter(|_| node.label(&constraint.key).is_some()) else { continue };
        score += count as f64 * weight + (constraint.max_skew - 1) as f64;
    }
    score.round() as i64
}

fn normalize(state: &super::State, scores: &mut [i64]) {
    let ignored = &state.pod_topology_spread.soft.ignored;
    let is_ignored = |index: usize| ignored.get(index).copied().unwrap_or_default();
    let scored = || scores.iter().enumerate().filter(|(index, _)| !is_ignored(*index)).map(|(_, score)| *score);
    let lowest = scored().min().unwrap_or(i64::MAX);
    let highest = scored().max().unwrap_or_default().max(0);
    for (index, score) in scores.iter_mut().enumerate() {
        *score = match highest {
            _ if is_ignored(index) => 0,
            0 => MAX_SCORE,
            highest => MAX_SCORE * (highest + lowest - *score) / highest,
        };
    }
}

/// A pod that counts for one of the hard constraints came, went or changed.
fn after_pod(hint: &Hint<'_>) -> bool {
    let constraints = constraints(hint.pod, "DoNotSchedule");
    let matches = |pod: &Value, constraint: &Constraint| {
        pod.namespace() == hint.pod.namespace && constraint.selector.matches(pod.get("metadata").get("labels"))
    };
    match (hint.old, hint.new) {
        (Some(old), Some(new)) => constraints.iter().any(|c| matches(old, c) != matches(new, c)),
        (Some(pod), None) | (None, Some(pod)) => constraints.iter().any(|c| matches(pod, c)),
        (None, None) => false,
    }
}

/// A node that belongs to the places of all constraints came, went or changed.
fn after_node(hint: &Hint<'_>) -> bool {
    let constraints = constraints(hint.pod, "DoNotSchedule");
    let label = |node: &Value, key: &str| node.get("metadata").get("labels").get(key).clone();
    let has_all = |node: &Value| constraints.iter().all(|c| !label(node, &c.key).is_null());
    match (hint.old, hint.new) {
        (Some(old), Some(new)) => {
            let (before, after) = (has_all(old), has_all(new));
            let moved = || constraints.iter().any(|c| label(old, &c.key) != label(new, &c.key));
            before != after || (after && (moved() || crate::events::node_actions(old, new) & NODE_TAINT != 0))
        }
        (Some(node), None) | (None, Some(node)) => has_all(node),
        (None, None) => false,
    }
}
