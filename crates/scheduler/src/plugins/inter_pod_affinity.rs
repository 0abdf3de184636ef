//! Pods that want to be near other pods, or far from them.
// Models pkg/scheduler/framework/plugins/interpodaffinity/{filtering,scoring,plugin}.go

use podyard_api::Value;
use podyard_api::kinds::Node;

use super::{Context, MAX_SCORE, PreFilter, Spec};
use crate::events::{ADD, Changed, DELETE, Hint, Interest, NODE_LABEL, POD_LABEL};
use crate::node_info::NodeInfo;
use crate::pod_info::{AffinityTerms, PodClass, PodInfo, Term};
use crate::status::{Status, Verdict};
use crate::topology::TopologyCounts;

pub const SPEC: Spec = Spec {
    pre_filter: Some(pre_filter),
    pod_moved: Some(pod_moved),
    filter: Some(filter),
    pre_score: Some(pre_score),
    score: Some(score),
    normalize: Some(normalize),
    events: &[
        Interest { resource: Changed::AssignedPod, actions: ADD | DELETE | POD_LABEL, hint: after_pod },
        Interest { resource: Changed::Node, actions: ADD | NODE_LABEL, hint: after_node },
        Interest { resource: Changed::Pod, actions: POD_LABEL, hint: |_| true },
    ],
    ..Spec::named("InterPodAffinity")
};

#[derive(Clone, Default)]
pub struct State {
    /// Places that pods already there forbid to the incoming one.
    forbidden: TopologyCounts,
    /// Pods that match all required terms, by the places of each term.
    near: TopologyCounts,
    /// Pods that match a required anti-affinity term, by its places.
    far: TopologyCounts,
    scores: TopologyCounts,
}

/// Which classes of pods satisfy something, found out once for each class.
struct Memo<F> {
    known: Vec<Option<bool>>,
    matches: F,
}

impl<F: Fn(&PodClass) -> bool> Memo<F> {
    fn new(cx: &Context<'_>, matches: F) -> Self {
        Self { known: vec![None; cx.cache.class_bound()], matches }
    }

    fn get(&mut self, cx: &Context<'_>, class: u32) -> bool {
        let matches = &self.matches;
        *self.known[class as usize].get_or_insert_with(|| matches(cx.cache.class(class)))
    }
}

fn terms<'a>(cx: &Context<'a>) -> &'a AffinityTerms {
    &cx.cache.class(cx.pod.class).affinity
}

/// Whether a term of the incoming pod means pods of a class.
fn means(cx: &Context<'_>, term: &Term, class: &PodClass) -> bool {
    term.matches(&class.namespace, cx.cache.namespace_labels(&class.namespace), &class.labels)
}

fn means_by_all(cx: &Context<'_>, terms: &[Term], class: &PodClass) -> bool {
    !terms.is_empty() && terms.iter().all(|term| means(cx, term, class))
}

/// Whether a term of another pod means the incoming one.
fn means_incoming(cx: &Context<'_>, term: &Term) -> bool {
    let pod = cx.pod;
    term.matches(&pod.namespace, cx.cache.namespace_labels(&pod.namespace), pod.labels())
}

fn pre_filter(cx: &Context<'_>, state: &mut super::State) -> PreFilter {
    let terms = terms(cx);
    let state = &mut state.inter_pod_affinity;
    for node in cx.cache.nodes_with_required_anti_affinity() {
        for (class, count) in &node.classes {
            forbid(cx, state, cx.cache.class(*class), node, i64::from(*count));
        }
    }
    let own = !terms.required.is_empty() || !terms.required_anti.is_empty();
    if !own && state.forbidden.is_empty() {
        return PreFilter::Skip;
    }
    if own {
        let mut near = Memo::new(cx, |class| means_by_all(cx, &terms.required, class));
        let mut far: Vec<_> =
            terms.required_anti.iter().map(|term| Memo::new(cx, move |class| means(cx, term, class))).collect();
        for node in cx.cache.nodes() {
            for (class, count) in &node.classes {
                let count = i64::from(*count);
                if near.get(cx, *class) {
                    terms.required.iter().for_each(|term| state.near.add(cx.cache, node, &term.topology_key, count));
                }
                for (term, memo) in terms.required_anti.iter().zip(&mut far) {
                    if memo.get(cx, *class) {
                        state.far.add(cx.cache, node, &term.topology_key, count);
                    }
                }
            }
        }
    }
    PreFilter::Check
}

fn forbid(cx: &Context<'_>, state: &mut State, class: &PodClass, node: &NodeInfo, count: i64) {
    for term in &class.affinity.required_anti {
        if means_incoming(cx, term) {
            state.forbidden.add(cx.cache, node, &term.topology_key, count);
        }
    }
}

fn pod_moved(cx: &Context<'_>, state: &mut super::State, pod: &PodInfo, node: &NodeInfo, by: i64) {
    let terms = terms(cx);
    let class = cx.cache.class(pod.class);
    let state = &mut state.inter_pod_affinity;
    forbid(cx, state, class, node, by);
    if means_by_all(cx, &terms.required, class) {
        terms.required.iter().for_each(|term| state.near.add(cx.cache, node, &term.topology_key, by));
    }
    for term in terms.required_anti.iter().filter(|term| means(cx, term, class)) {
        state.far.add(cx.cache, node, &term.topology_key, by);
    }
}

fn filter(cx: &Context<'_>, state: &super::State, node: &NodeInfo) -> Verdict {
    let state = &state.inter_pod_affinity;
    let terms = terms(cx);
    if !is_near(cx, state, &terms.required, node) {
        return Err(Status::unresolvable("node(s) didn't match pod affinity rules"));
    }
    if terms.required_anti.iter().any(|term| state.far.at(node, &term.topology_key) > 0) {
        return Err(Status::unschedulable("node(s) didn't match pod anti-affinity rules"));
    }
    if state.forbidden.any_positive(node) {
        return Err(Status::unschedulable("node(s) didn't satisfy existing pods anti-affinity rules"));
    }
    Ok(())
}

fn is_near(cx: &Context<'_>, state: &State, required: &[Term], node: &NodeInfo) -> bool {
    if required.iter().any(|term| node.label(&term.topology_key).is_none()) {
        return false;
    }
    // The first of a series of pods that want to be near each other may go anywhere.
    required.iter().all(|term| state.near.at(node, &term.topology_key) > 0)
        || (state.near.is_zero() && means_by_all(cx, required, cx.cache.class(cx.pod.class)))
}

fn pre_score(cx: &Context<'_>, state: &mut super::State, _: &[&NodeInfo]) -> bool {
    let terms = terms(cx);
    let scores = &mut state.inter_pod_affinity.scores;
    let own = !terms.preferred.is_empty() || !terms.preferred_anti.is_empty();
    if !own && cx.profile.args.ignore_preferred_terms_of_existing_pods {
        return false;
    }
    if own {
        let signed = terms.preferred.iter().map(|(weight, term)| (*weight, term));
        let signed = signed.chain(terms.preferred_anti.iter().map(|(weight, term)| (-weight, term)));
        for (weight, term) in signed {
            let mut memo = Memo::new(cx, |class| means(cx, term, class));
            for node in cx.cache.nodes() {
                for (class, count) in &node.classes {
                    if memo.get(cx, *class) {
                        scores.add(cx.cache, node, &term.topology_key, weight * i64::from(*count));
                    }
                }
            }
        }
    }
    for node in cx.cache.nodes_with_affinity() {
        for (class, count) in &node.classes {
            let theirs = &cx.cache.class(*class).affinity;
            let hard = cx.profile.args.hard_pod_affinity_weight;
            let required = theirs.required.iter().filter(|_| hard > 0).map(|term| (hard, term));
            let preferred = theirs.preferred.iter().map(|(weight, term)| (*weight, term));
            let anti = theirs.preferred_anti.iter().map(|(weight, term)| (-weight, term));
            for (weight, term) in required.chain(preferred).chain(anti) {
                if means_incoming(cx, term) {
                    scores.add(cx.cache, node, &term.topology_key, weight * i64::from(*count));
                }
            }
        }
    }
    !scores.is_empty()
}

fn score(_: &Context<'_>, state: &super::State, _: usize, node: &NodeInfo) -> i64 {
    state.inter_pod_affinity.scores.sum(node)
}

fn normalize(_: &super::State, scores: &mut [i64]) {
    let lowest = scores.iter().copied().min().unwrap_or_default();
    let range = scores.iter().copied().max().unwrap_or_default() - lowest;
    for score in scores {
        *score = match range {
            0 => 0,
            range => (MAX_SCORE as f64 * ((*score - lowest) as f64 / range as f64)) as i64,
        };
    }
}

/// Another pod came, went or changed its labels: does it matter to the terms of this one, or of that one?
fn after_pod(hint: &Hint<'_>) -> bool {
    let own = AffinityTerms::of(hint.pod.pod());
    let means = |term: &Term, pod: &Value| {
        let namespace = pod.namespace();
        term.matches(namespace, hint.cache.namespace_labels(namespace), pod.get("metadata").get("labels"))
    };
    let by_all = |pod: &Value| !own.required.is_empty() && own.required.iter().all(|term| means(term, pod));
    let by_anti = |pod: &Value| own.required_anti.iter().any(|term| means(term, pod));
    match (hint.old, hint.new) {
        (Some(old), Some(new)) => (by_all(new) && !by_all(old)) || (by_anti(old) && !by_anti(new)),
        (None, Some(new)) => by_all(new),
        (Some(gone), None) => {
            let theirs = AffinityTerms::of(podyard_api::kinds::Pod(gone));
            by_anti(gone) || theirs.required_anti.iter().any(|term| means(term, &hint.pod.object))
        }
        (None, None) => false,
    }
}

fn after_node(hint: &Hint<'_>) -> bool {
    let own = AffinityTerms::of(hint.pod.pod());
    let has_all = |node: &Value, terms: &[Term]| {
        let labels = Node(node).metadata().value().get("labels");
        terms.iter().all(|term| !labels.get(&term.topology_key).is_null())
    };
    let label = |node: &Value, key: &str| node.get("metadata").get("labels").get(key).text();
    match (hint.old, hint.new) {
        (None, Some(new)) => has_all(new, &own.required),
        (Some(old), Some(new)) => own
            .required
            .iter()
            .chain(&own.required_anti)
            .any(|term| label(old, &term.topology_key) != label(new, &term.topology_key)),
        _ => false,
    }
}
