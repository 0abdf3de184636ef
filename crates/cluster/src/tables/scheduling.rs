//! The scheduler's decision of one pod: what each plugin said of each node.

use std::collections::BTreeMap;
use std::sync::Arc;

use podyard_api::kinds::Pod;
use podyard_api::{About, Value};
use podyard_apiserver::ResourceKey;
use podyard_scheduler::{NodeTrace, Plugin, Profile, Trace};

use super::{Cell, Head, Table, omitted};
use crate::{Cluster, Tone};

/// How many pods may be chosen from, and how many nodes are shown.
const MAX_CHOICES: usize = 200;
const MAX_ROWS: usize = 60;

impl Cluster {
    /// How the scheduler decided of a pod (`namespace/name`), or of the last one.
    pub fn scheduling_table(&self, choice: &str) -> Table {
        let pods: BTreeMap<&str, &Value> = self.api.list(ResourceKey::PODS, None).map(|pod| (pod.uid(), pod)).collect();
        let decided: Vec<&Value> = self.scheduler.decided().filter_map(|uid| pods.get(uid.as_str()).copied()).collect();
        let name = |pod: &Value| format!("{}/{}", pod.namespace(), pod.name());
        let Some(pod) = decided.iter().find(|pod| name(pod) == choice).or_else(|| decided.first()).copied() else {
            return Table { caption: "The scheduler has not decided of any pod yet.".into(), ..Table::default() };
        };
        let recorded = self.scheduler.decision(pod.uid()).cloned();
        let is_bound = !Pod(pod).node_name().is_empty();
        let trace = recorded.filter(|_| is_bound).unwrap_or_else(|| Arc::new(self.scheduler.explain(pod)));
        let fallback = Profile::default();
        let scheduler = Pod(pod).spec().scheduler_name();
        let profile = self.scheduler.profiles().iter().find(|profile| profile.scheduler_name == scheduler);
        let plugins = plugins(profile.unwrap_or(&fallback), &trace);
        let question = [format!("pod/{}", pod.name()), "-n".into(), pod.namespace().into()];
        let columns = plugins.iter().map(|plugin| Head::new(plugin.name(), weight(&trace, *plugin), None));
        let total = Head::new("Total", "", None);
        let rows = trace.nodes.iter().enumerate().take(MAX_ROWS).map(|(index, node)| {
            let cells = plugins
                .iter()
                .enumerate()
                .map(|(at, plugin)| cell(&trace, &plugins, (index, node), (at, *plugin), &question));
            let end = total_cell(&trace, node, &question);
            (Head::new(&*node.node, "", Some(About::new("Node", "", &node.node))), cells.chain([end]).collect())
        });
        Table {
            caption: caption(pod, &trace, is_bound),
            choices: decided.iter().take(MAX_CHOICES).map(|pod| name(pod)).collect(),
            choice: name(pod),
            corner: "Node",
            columns: columns.chain([total]).collect(),
            rows: rows.collect(),
            omitted: omitted(trace.node_count, trace.nodes.len().min(MAX_ROWS), "nodes"),
        }
    }
}

fn caption(pod: &Value, trace: &Trace, is_bound: bool) -> String {
    let (name, feasible, nodes) = (pod.name(), trace.feasible, trace.node_count);
    if is_bound {
        return format!("Pod {name} went to {}: {feasible} of {nodes} nodes would do.", Pod(pod).node_name());
    }
    match (&trace.rejected, &trace.chosen) {
        (Some(status), _) => format!("Pod {name} waits: {}", status.message()),
        (None, Some(node)) => format!("Pod {name} waits for its turn; {node} would do now."),
        (None, None) => format!("Pod {name} waits: none of {nodes} nodes would do."),
    }
}

/// Those that filter, in order, then those that only score.
fn plugins(profile: &Profile, trace: &Trace) -> Vec<Plugin> {
    let mut plugins = profile.points.filter.clone();
    for scores in &trace.scores {
        if !plugins.contains(&scores.plugin) {
            plugins.push(scores.plugin);
        }
    }
    plugins
}

fn weight(trace: &Trace, plugin: Plugin) -> String {
    let scores = trace.scores.iter().find(|scores| scores.plugin == plugin);
    scores.map(|scores| format!("weight {}", scores.weight)).unwrap_or_default()
}

fn cell(
    trace: &Trace,
    plugins: &[Plugin],
    (index, node): (usize, &NodeTrace),
    (at, plugin): (usize, Plugin),
    question: &[String],
) -> Cell {
    if let Some(status) = &node.rejected {
        let by = status.plugin.and_then(|plugin| plugins.iter().position(|own| *own == plugin));
        return match by {
            Some(by) if by == at => Cell::new(status.message(), Tone::Bad, question),
            Some(by) if by < at => Cell::new("", Tone::Done, &[]),
            _ => Cell::new("passed", Tone::Good, question),
        };
    }
    let scores = trace.scores.iter().find(|scores| scores.plugin == plugin);
    let score = scores.and_then(|scores| Some((scores.raw.get(index)?, scores.normalized.get(index)?, scores.weight)));
    match score {
        Some((raw, normalized, weight)) => {
            let text = format!("{raw} → {normalized} × {weight} = {}", normalized * weight);
            Cell::new(text, Tone::Good, question)
        }
        None => Cell::new("passed", Tone::Good, question),
    }
}

fn total_cell(trace: &Trace, node: &NodeTrace, question: &[String]) -> Cell {
    if node.rejected.is_some() {
        return Cell::new("rejected", Tone::Bad, question);
    }
    let points = if trace.scores.is_empty() { String::new() } else { format!("{} ", node.total) };
    let is_chosen = trace.chosen.as_ref() == Some(&node.node);
    let is_tied = trace.top.len() > 1 && trace.top.contains(&node.node);
    match (is_chosen, is_tied) {
        (true, true) => Cell::new(format!("{points}winner, by lot"), Tone::Good, question),
        (true, false) => Cell::new(format!("{points}winner"), Tone::Good, question),
        (false, true) => Cell::new(format!("{points}tie"), Tone::Pending, question),
        (false, false) => Cell::new(points.trim(), Tone::Done, question),
    }
}
