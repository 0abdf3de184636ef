//! `nodeSelector` and `nodeAffinity`.
// Models pkg/scheduler/framework/plugins/nodeaffinity/node_affinity.go

use std::collections::BTreeSet;

use ecow::EcoString;
use podyard_api::Selector;
use podyard_api::kinds::{Node, NodeAffinity, Pod, PodSpec};

use super::{Context, PreFilter, Spec, normalize};
use crate::events::{ADD, Changed, Hint, Interest, NODE_LABEL};
use crate::node_info::NodeInfo;
use crate::node_terms::{NodeTerm, NodeTerms};
use crate::status::{Status, Verdict};

pub const SPEC: Spec = Spec {
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    pre_score: Some(pre_score),
    score: Some(score),
    normalize: Some(|_, scores| normalize(scores, false)),
    events: &[Interest { resource: Changed::Node, actions: ADD | NODE_LABEL, hint }],
    ..Spec::named("NodeAffinity")
};

#[derive(Clone, Default)]
pub struct State {
    required: Required,
    preferred: Vec<(i64, NodeTerm)>,
    /// What the profile requires of every pod.
    added: Option<NodeTerms>,
}

/// What a pod requires of its node.
#[derive(Clone, Debug, Default)]
pub struct Required {
    selector: Selector,
    affinity: Option<NodeTerms>,
}

impl Required {
    // Models staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go
    pub fn of(pod: Pod<'_>) -> Self {
        let spec = pod.spec();
        Self {
            selector: Selector::of_labels(spec.node_selector()),
            affinity: spec.affinity().node_affinity().required().map(NodeTerms::of),
        }
    }

    pub fn is_nothing(&self) -> bool {
        self.affinity.is_none() && self.selector.is_empty()
    }

    pub fn matches(&self, node: &NodeInfo) -> bool {
        self.matches_labels(&node.labels, &node.name)
    }

    fn matches_labels(&self, labels: &podyard_api::Value, name: &str) -> bool {
        self.selector.matches(labels) && self.affinity.as_ref().is_none_or(|terms| terms.matches(labels, name))
    }
}

fn pre_filter(cx: &Context<'_>, state: &mut super::State) -> PreFilter {
    let spec = cx.pod.pod().spec();
    state.node_affinity.added = added(cx).required().map(NodeTerms::of);
    let any_added = state.node_affinity.added.is_some();
    if !any_added && spec.node_selector().is_empty() && spec.affinity().node_affinity().required().is_none() {
        return PreFilter::Skip;
    }
    state.node_affinity.required = Required::of(cx.pod.pod());
    match named_nodes(spec) {
        None => PreFilter::Check,
        Some(names) if names.is_empty() => PreFilter::Reject(Status::unresolvable("pod affinity terms conflict")),
        Some(names) => PreFilter::Nodes(names),
    }
}

/// The nodes that the terms name, if every term names some.
fn named_nodes(spec: PodSpec<'_>) -> Option<BTreeSet<EcoString>> {
    let terms = spec.affinity().node_affinity().required()?.node_selector_terms();
    if terms.len() == 0 {
        return None;
    }
    let mut names = BTreeSet::new();
    for term in terms {
        let fields = term.match_fields().filter(|field| field.key() == "metadata.name" && field.operator() == "In");
        let sets = fields.map(|field| field.values().map(EcoString::from).collect::<BTreeSet<_>>());
        names.extend(sets.reduce(|a, b| a.intersection(&b).cloned().collect())?);
    }
    Some(names)
}

fn added<'a>(cx: &Context<'a>) -> NodeAffinity<'a> {
    NodeAffinity(&cx.profile.args.added_affinity)
}

fn filter(_: &Context<'_>, state: &super::State, node: &NodeInfo) -> Verdict {
    if state.node_affinity.added.as_ref().is_some_and(|terms| !terms.matches(&node.labels, &node.name)) {
        return Err(Status::unresolvable("node(s) didn't match scheduler-enforced node affinity"));
    }
    if state.node_affinity.required.matches(node) {
        Ok(())
    } else {
        Err(Status::unresolvable("node(s) didn't match Pod's node affinity/selector"))
    }
}

fn pre_score(cx: &Context<'_>, state: &mut super::State, _: &[&NodeInfo]) -> bool {
    let preferred = cx.pod.pod().spec().affinity().node_affinity().preferred().chain(added(cx).preferred());
    let any = preferred.clone().next().is_some();
    state.node_affinity.preferred = preferred
        .filter(|term| term.weight() != 0)
        .filter_map(|term| Some((term.weight(), NodeTerm::of(term.preference())?)))
        .collect();
    any
}

fn score(_: &Context<'_>, state: &super::State, _: usize, node: &NodeInfo) -> i64 {
    let holds = |(_, term): &&(i64, NodeTerm)| term.matches(&node.labels, &node.name);
    state.node_affinity.preferred.iter().filter(holds).map(|(weight, _)| weight).sum()
}

fn hint(hint: &Hint<'_>) -> bool {
    let required = Required::of(hint.pod.pod());
    let fits = |object: &podyard_api::Value| {
        required.matches_labels(object.get("metadata").get("labels"), Node(object).name())
    };
    hint.new.is_some_and(fits) && !hint.old.is_some_and(fits)
}
