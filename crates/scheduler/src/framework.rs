//! Runs the plugins of a profile point by point for one pod.
// Models pkg/scheduler/framework/runtime/framework.go and pkg/scheduler/schedule_one.go

use std::collections::BTreeSet;

use ecow::EcoString;

use crate::messages::fit_error;
use crate::node_info::NodeInfo;
use crate::plugins::default_preemption::Candidate;
use crate::plugins::{Context, FilterFn, MAX_SCORE, Plugin, PluginSet, PreFilter, State};
use crate::pod_info::PodInfo;
use crate::status::{Code, Status, Verdict};
use crate::trace::PluginScores;

/// The plugins of one profile at work on one pod.
pub struct Framework<'a> {
    pub cx: Context<'a>,
    /// What `Filter` of a plugin need not be asked, and what `Score`.
    pub skip_filter: PluginSet,
    pub skip_score: PluginSet,
    /// The filters that are left.
    filters: Vec<(Plugin, FilterFn)>,
}

/// What `PreFilter` came to.
pub struct PreFiltered {
    pub rejected: Option<Status>,
    /// The only nodes that come into question, and who says so.
    pub nodes: Option<BTreeSet<EcoString>>,
    pub restricted_by: PluginSet,
}

/// Why nodes did not do.
#[derive(Default)]
pub struct Diagnosis {
    /// Of the nodes that were looked at, by name.
    pub statuses: Vec<(EcoString, Status)>,
    /// Of all others.
    pub absent: Option<Status>,
    pub rejected: Option<String>,
    pub plugins: PluginSet,
}

/// What a post-filter has to go by.
pub struct PostFilter<'a, 'b> {
    pub cx: Context<'a>,
    pub framework: &'b Framework<'a>,
    pub state: &'b State,
    pub diagnosis: &'b Diagnosis,
    /// A number drawn for this run.
    pub random: u64,
}

/// What a post-filter came to.
#[derive(Clone)]
pub struct PostFilterResult {
    /// None is success.
    pub status: Option<Status>,
    pub nominate: Option<Candidate>,
    pub candidates: Vec<Candidate>,
    /// Whether an earlier nomination is void.
    pub clear_nomination: bool,
}

impl PostFilterResult {
    pub fn rejected(status: Status) -> Self {
        Self { status: Some(status), nominate: None, candidates: Vec::new(), clear_nomination: false }
    }
}

/// Scores of the feasible nodes, in their order.
pub struct Scores {
    pub plugins: Vec<PluginScores>,
    pub totals: Vec<i64>,
}

impl Diagnosis {
    /// The verdict's kind on a node.
    pub fn code_of(&self, node: &str) -> Option<Code> {
        let own = self.statuses.binary_search_by(|(name, _)| name.as_str().cmp(node)).ok();
        own.map(|index| &self.statuses[index].1).or(self.absent.as_ref()).map(|status| status.code)
    }

    pub fn message(&self, nodes: usize, post_filter: &str) -> String {
        fit_error(nodes, self.rejected.as_deref(), &self.statuses, self.absent.as_ref(), post_filter)
    }
}

impl<'a> Framework<'a> {
    pub fn new(cx: Context<'a>) -> Self {
        Self { cx, skip_filter: PluginSet::default(), skip_score: PluginSet::default(), filters: Vec::new() }
    }

    /// Must come before all other points.
    pub fn pre_filter(&mut self, state: &mut State) -> PreFiltered {
        let result = self.run_pre_filter(state);
        let left = self.cx.profile.points.filter.iter().filter(|plugin| !self.skip_filter.contains(**plugin));
        self.filters = left.filter_map(|plugin| Some((*plugin, plugin.spec().filter?))).collect();
        result
    }

    fn run_pre_filter(&mut self, state: &mut State) -> PreFiltered {
        let mut result = PreFiltered { rejected: None, nodes: None, restricted_by: PluginSet::default() };
        for plugin in &self.cx.profile.points.pre_filter {
            let Some(pre_filter) = plugin.spec().pre_filter else { continue };
            match pre_filter(&self.cx, state) {
                PreFilter::Check => {}
                PreFilter::Skip => self.skip_filter.insert(*plugin),
                PreFilter::Reject(status) if status.code == Code::Unschedulable => {
                    result.rejected = Some(status.by(*plugin));
                }
                PreFilter::Reject(status) => {
                    result.rejected = Some(status.by(*plugin));
                    return result;
                }
                PreFilter::Nodes(names) => {
                    result.restricted_by.insert(*plugin);
                    let names = match result.nodes.take() {
                        Some(before) => before.intersection(&names).cloned().collect(),
                        None => names,
                    };
                    let empty = names.is_empty();
                    result.nodes = Some(names);
                    if empty {
                        let list = result.restricted_by.list();
                        let together = if result.restricted_by.iter().count() == 1 {
                            format!("node(s) didn't satisfy plugin {}", list.trim_matches(['[', ']']))
                        } else {
                            format!("node(s) didn't satisfy plugin(s) {list} simultaneously")
                        };
                        result.rejected = Some(Status::unresolvable(together));
                        return result;
                    }
                }
            }
        }
        result
    }

    /// Tells the plugins that a pod came to a node (1) or went (-1).
    pub fn pod_moved(&self, state: &mut State, pod: &PodInfo, node: &NodeInfo, by: i64) {
        for plugin in &self.cx.profile.points.pre_filter {
            if let Some(moved) = plugin.spec().pod_moved.filter(|_| !self.skip_filter.contains(*plugin)) {
                moved(&self.cx, state, pod, node, by);
            }
        }
    }

    /// Asks the filters of one node, in order, until one says no.
    pub fn filter(&self, state: &State, node: &NodeInfo) -> Verdict {
        for (plugin, filter) in &self.filters {
            filter(&self.cx, state, node).map_err(|status| status.by(*plugin))?;
        }
        Ok(())
    }

    /// A pod must fit with the more important pods that are to come to the node, and without them: they may
    /// never come, and the pod may need or shun them.
    pub fn filter_with_nominated(&self, state: &State, node: &NodeInfo) -> Verdict {
        if self.cx.cache.has_nominations() {
            let mut with = None;
            for pod in self.cx.cache.nominated(&node.name) {
                if pod.priority >= self.cx.pod.priority && pod.key != self.cx.pod.key {
                    let (node, state) = with.get_or_insert_with(|| (node.clone(), state.clone()));
                    node.add_pod(pod.clone());
                    self.pod_moved(state, pod, node, 1);
                }
            }
            if let Some((node, state)) = with {
                self.filter(&state, &node)?;
            }
        }
        self.filter(state, node)
    }

    /// Whether nodes are scored, plugin by plugin.
    pub fn pre_score(&mut self, state: &mut State, nodes: &[&NodeInfo]) {
        for plugin in &self.cx.profile.points.pre_score {
            if let Some(pre_score) = plugin.spec().pre_score
                && !pre_score(&self.cx, state, nodes)
            {
                self.skip_score.insert(*plugin);
            }
        }
    }

    pub fn score(&self, state: &State, nodes: &[&NodeInfo]) -> Scores {
        let mut scores = Scores { plugins: Vec::new(), totals: vec![0; nodes.len()] };
        for (plugin, weight) in &self.cx.profile.points.score {
            let spec = plugin.spec();
            let Some(score) = spec.score.filter(|_| !self.skip_score.contains(*plugin)) else { continue };
            let raw: Vec<i64> =
                nodes.iter().enumerate().map(|(index, node)| score(&self.cx, state, index, node)).collect();
            let mut normalized = raw.clone();
            if let Some(normalize) = spec.normalize {
                normalize(state, &mut normalized);
            }
            for (total, score) in scores.totals.iter_mut().zip(&normalized) {
                debug_assert!((0..=MAX_SCORE).contains(score), "{} scored {score}", spec.name);
                *total += score * weight;
            }
            scores.plugins.push(PluginScores { plugin: *plugin, weight: *weight, raw, normalized });
        }
        scores
    }

    pub fn post_filter(&self, state: &State, diagnosis: &Diagnosis, random: u64) -> PostFilterResult {
        let run = PostFilter { cx: self.cx, framework: self, state, diagnosis, random };
        let mut result =
            PostFilterResult::rejected(Status { code: Code::Unschedulable, plugin: None, reasons: Vec::new() });
        for plugin in &self.cx.profile.points.post_filter {
            let Some(post_filter) = plugin.spec().post_filter else { continue };
            let said = post_filter(&run);
            result.clear_nomination |= said.clear_nomination;
            match said.status.clone() {
                None => return said,
                Some(status) if status.code != Code::Unschedulable => {
                    return PostFilterResult { status: Some(status.by(*plugin)), ..said };
                }
                Some(status) => {
                    if let Some(all) = &mut result.status {
                        all.plugin = all.plugin.or(Some(*plugin));
                        all.reasons.extend(status.reasons);
                    }
                }
            }
        }
        result
    }
}

/// How many feasible nodes are enough.
// Models pkg/scheduler/schedule_one.go (numFeasibleNodesToFind)
pub fn enough_nodes(percentage: i64, nodes: usize) -> usize {
    const MIN_NODES: usize = 100;
    if nodes < MIN_NODES {
        return nodes;
    }
    let adaptive = (50 - nodes as i64 / 125).max(5);
    let percentage = if percentage == 0 { adaptive } else { percentage.clamp(1, 100) };
    (nodes * percentage as usize / 100).max(MIN_NODES)
}
