//! A decision in plain words.

mod remedy;

use podyard_api::kinds::{Node, Pod};
use podyard_api::{About, Explanation, Value};

use crate::Scheduler;
use crate::plugins::Plugin;
use crate::pod_info::{PodInfo, key};
use crate::status::Status;
use crate::trace::{NodeTrace, Trace};

/// How many nodes are told of one by one.
const MAX_NODES: usize = 20;

impl Scheduler {
    /// Why a pod is on its node, or on none: of a bound pod as it was decided, of another as it would be now.
    pub fn why(&self, pod: &Value) -> Explanation {
        let name = About::object("Pod", pod);
        let view = Pod(pod);
        let node = view.node_name();
        if !node.is_empty() {
            return match self.decision(&key(pod)) {
                Some(trace) => placed(&name, node, trace),
                None => unseen(&name, node),
            };
        }
        if !self.is_responsible(pod) {
            let scheduler = view.spec().scheduler_name();
            let mut why = Explanation::new(false, format!("{name} waits for a scheduler that does not run here."));
            why.say(0, format!("spec.schedulerName is {scheduler:?}"));
            why.change("Make the pod anew without spec.schedulerName, so that default-scheduler places it");
            return why;
        }
        if let Err((plugin, status)) = self.pre_enqueue(pod) {
            let mut why = Explanation::new(false, format!("{name} is kept out of the scheduler's queue."));
            why.say(0, format!("{} says: {}", plugin.name(), status.message()));
            why.change("Remove the entries of spec.schedulingGates, one by one or all");
            return why;
        }
        let trace = self.explain(pod);
        match &trace.chosen {
            Some(node) => {
                let mut why = Explanation::new(true, format!("{name} waits for its turn; {node} would do now."));
                self.nodes(&mut why, pod, &trace);
                why
            }
            None => self.pending(&name, pod, &trace),
        }
    }

    fn pending(&self, name: &About, pod: &Value, trace: &Trace) -> Explanation {
        let nodes = trace.node_count;
        let mut why = Explanation::new(false, format!("{name} is Pending: none of {nodes} nodes would do."));
        if nodes == 0 {
            why.say(0, "the cluster has no nodes");
        }
        if let Some(status) = &trace.rejected {
            why.say(0, format!("{}, before any node was looked at", says(status)));
        }
        if let Some(only) = &trace.only_nodes {
            let by: Vec<&str> = trace.restricted_by.iter().map(|plugin| plugin.name()).collect();
            why.say(0, format!("{} looks at these nodes only: {}", by.join(" and "), only.join(", ")));
        }
        self.nodes(&mut why, pod, trace);
        preemption(&mut why, trace);
        for change in self.remedies(pod, trace) {
            why.change(change);
        }
        why
    }

    fn nodes(&self, why: &mut Explanation, pod: &Value, trace: &Trace) {
        for node in trace.nodes.iter().take(MAX_NODES) {
            let of = About::new("Node", "", &node.node);
            match &node.rejected {
                None => why.say_of(0, of.clone(), format!("{of} would do")),
                Some(status) => {
                    why.say_of(0, of.clone(), format!("{of}: {}", says(status)));
                    let details = status.plugin.map(|plugin| self.details(plugin, pod, &node.node)).unwrap_or_default();
                    details.into_iter().for_each(|detail| why.say_of(1, of.clone(), detail));
                }
            }
        }
        more(why, trace);
    }

    /// The fields on which a plugin's rejection rests.
    fn details(&self, plugin: Plugin, pod: &Value, node: &str) -> Vec<String> {
        let Some(info) = self.cache().node(node) else { return Vec::new() };
        let spec = Pod(pod).spec();
        match plugin {
            Plugin::NodeAffinity => {
                let missing =
                    spec.node_selector().iter().filter(|(key, value)| info.label(key.as_str()) != value.as_str());
                let missing = missing.map(|(key, value)| {
                    let has = info
                        .label(key.as_str())
                        .map_or("no such label".into(), |has| format!("{}={has}", key.as_str()));
                    format!("spec.nodeSelector wants {}={}, the node has {has}", key.as_str(), value.str())
                });
                let affinity = spec.affinity().node_affinity().required().map(|_| {
                    "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution must match, too"
                        .to_owned()
                });
                missing.chain(affinity).collect()
            }
            Plugin::NodeResourcesFit => {
                let asked = &PodInfo::new(pod).requests.requests;
                let short = remedy::shortages(asked, info);
                let lines = short.iter().map(|(name, asks, free)| {
                    let (asks, free) = (remedy::amount(name, *asks), remedy::amount(name, *free));
                    let all = remedy::amount(name, info.allocatable.get(name));
                    format!("the pod's resources.requests ask for {asks} {name}; {free} of {all} are free")
                });
                lines.collect()
            }
            Plugin::NodeUnschedulable => vec!["spec.unschedulable of the node is set: it is cordoned".into()],
            Plugin::TaintToleration => untolerated(pod, &info.object)
                .into_iter()
                .map(|taint| {
                    format!("spec.taints of the node has {taint}, and spec.tolerations of the pod nothing for it")
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// The taints that keep a pod away, as kubectl writes them.
fn untolerated(pod: &Value, node: &Value) -> Vec<String> {
    let taints = Node(node).spec().taints().filter(|taint| {
        matches!(taint.effect(), "NoSchedule" | "NoExecute")
            && !Pod(pod).spec().tolerations().any(|own| own.tolerates(*taint))
    });
    let shown = taints.map(|taint| match taint.val() {
        "" => format!("{}:{}", taint.key(), taint.effect()),
        value => format!("{}={value}:{}", taint.key(), taint.effect()),
    });
    shown.collect()
}

fn says(status: &Status) -> String {
    let who = status.plugin.map_or("the scheduler", Plugin::name);
    format!("{who} rejects it: {}", status.message())
}

fn unseen(name: &About, node: &str) -> Explanation {
    let mut why = Explanation::new(true, format!("{name} is on node/{node}."));
    why.say_of(
        0,
        About::new("Node", "", node),
        "the scheduler has no decision of it: spec.nodeName was given, its kubelet made it, or it was long ago",
    );
    why
}

fn placed(name: &About, node: &str, trace: &Trace) -> Explanation {
    let mut why = Explanation::new(
        true,
        format!("{name} is on node/{node}: {} of {} nodes would do.", trace.feasible, trace.node_count),
    );
    for rejected in trace.nodes.iter().filter(|node| node.rejected.is_some()).take(MAX_NODES) {
        let of = About::new("Node", "", &rejected.node);
        let text = rejected.rejected.as_ref().map(says).unwrap_or_default();
        why.say_of(0, of.clone(), format!("{of}: {text}"));
    }
    let feasible = || trace.nodes.iter().enumerate().filter(|(_, node)| node.rejected.is_none());
    if trace.scores.is_empty() {
        why.say(0, "with one node to choose from, nothing was scored");
    }
    for (index, winner) in feasible().filter(|(_, node)| Some(&node.node) == trace.chosen.as_ref()) {
        if !trace.scores.is_empty() {
            scores(&mut why, trace, index, winner);
        }
    }
    let others = feasible().filter(|(_, node)| Some(&node.node) != trace.chosen.as_ref() && !trace.scores.is_empty());
    for (_, other) in others.take(MAX_NODES) {
        let of = About::new("Node", "", &other.node);
        why.say_of(0, of.clone(), format!("{of} would have done, with {} points", other.total));
    }
    if trace.top.len() > 1 {
        why.say(0, format!("{} nodes had the best score, and one of them was drawn", trace.top.len()));
    }
    more(&mut why, trace);
    why
}

fn scores(why: &mut Explanation, trace: &Trace, index: usize, winner: &NodeTrace) {
    let of = About::new("Node", "", &winner.node);
    why.say_of(0, of.clone(), format!("{of} won with {} points:", winner.total));
    for plugin in &trace.scores {
        let at = |list: &[i64]| list.get(index).copied().unwrap_or_default();
        let (raw, normalized) = (at(&plugin.raw), at(&plugin.normalized));
        let total = normalized * plugin.weight;
        let name = plugin.plugin.name();
        why.say(1, format!("{name} gave {raw}, scaled to {normalized}, times weight {}: {total}", plugin.weight));
    }
}

fn more(why: &mut Explanation, trace: &Trace) {
    let told = trace.nodes.len().min(MAX_NODES);
    if trace.evaluated > told {
        why.say(0, format!("… and {} nodes more", trace.evaluated - told));
    }
}

fn preemption(why: &mut Explanation, trace: &Trace) {
    let Some(post) = &trace.post_filter else { return };
    match (&post.nominated, &post.rejected) {
        (Some(candidate), _) => {
            let victims = candidate.victims.join(", ");
            why.say(0, format!("preemption makes room on node/{}: these pods have to go: {victims}", candidate.node));
        }
        (None, Some(_)) => why.say(0, "to remove pods of a lower priority would not help"),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
