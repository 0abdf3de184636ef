//! One decision for one pod, from a cache that does not change meanwhile.
// Models pkg/scheduler/schedule_one.go

use std::sync::Arc;

use ecow::EcoString;
use podyard_sim::Rng;

use crate::cache::Cache;
use crate::config::Profile;
use crate::framework::{Diagnosis, Framework, PreFiltered, Scores, enough_nodes};
use crate::messages::NO_NODES;
use crate::node_info::NodeInfo;
use crate::plugins::default_preemption::Candidate;
use crate::plugins::{BeforeBind, Context, PluginSet, State};
use crate::pod_info::PodInfo;
use crate::status::Status;
use crate::trace::{CandidateTrace, NodeTrace, PostFilterTrace, Trace};

/// Clusters up to this size are recorded node by node.
const WHOLE_TRACE_NODES: usize = 100;

/// How to decide.
pub struct Options<'a> {
    /// Where the search for feasible nodes begins, in a large cluster.
    pub start: usize,
    pub rng: &'a mut Rng,
    /// Whether to score also where one node only would do, and to record every node.
    pub explain: bool,
}

/// What came of it.
pub struct Decision {
    pub outcome: Outcome,
    pub trace: Trace,
    /// Where the next search begins.
    pub next_start: usize,
}

pub enum Outcome {
    Place { node: EcoString, before_bind: Vec<BeforeBind> },
    Unschedulable { by: PluginSet, nominate: Option<Candidate>, clear_nomination: bool },
}

/// Finds a node for a pod.
pub fn decide(cache: &Cache, profile: &Profile, pod: &PodInfo, options: &mut Options<'_>) -> Decision {
    let cx = Context { cache, profile, pod };
    let mut trace = Trace { node_count: cache.node_count(), ..Trace::default() };
    if cache.node_count() == 0 {
        trace.message = NO_NODES.to_owned();
        trace.message_before_post_filter = NO_NODES.to_owned();
        let outcome = Outcome::Unschedulable { by: PluginSet::default(), nominate: None, clear_nomination: true };
        return Decision { outcome, trace, next_start: options.start };
    }
    let mut framework = Framework::new(cx);
    let mut state = State::default();
    let mut diagnosis = Diagnosis::default();
    let prefiltered = framework.pre_filter(&mut state);
    let mut next_start = options.start;
    let feasible = find_feasible(&framework, &state, &prefiltered, &mut diagnosis, &mut next_start);
    let record = options.explain || cache.node_count() <= WHOLE_TRACE_NODES;
    note_search(&mut trace, prefiltered, &feasible, &diagnosis, record);
    let outcome = if feasible.is_empty() {
        reject(&framework, &state, &diagnosis, options, &mut trace)
    } else {
        let node = choose(&mut framework, &mut state, &feasible, options, record, &mut trace);
        place(&framework, &state, node)
    };
    trace.unschedulable_by = diagnosis.plugins.iter().collect();
    Decision { outcome, trace, next_start }
}

/// The nodes that would do; enough of them, in a large cluster.
fn find_feasible<'a>(
    framework: &Framework<'a>,
    state: &State,
    prefiltered: &PreFiltered,
    diagnosis: &mut Diagnosis,
    next_start: &mut usize,
) -> Vec<&'a NodeInfo> {
    let cache = framework.cx.cache;
    if let Some(status) = &prefiltered.rejected {
        diagnosis.rejected = Some(status.message());
        diagnosis.plugins = prefiltered.restricted_by;
        status.plugin.into_iter().for_each(|plugin| diagnosis.plugins.insert(plugin));
        diagnosis.absent = Some(status.clone());
        return Vec::new();
    }
    let nominated = cache.node(framework.cx.pod.pod().status().nominated_node_name());
    if let Some(node) = nominated
        && framework.filter_with_nominated(state, node).is_ok()
    {
        return vec![node];
    }
    diagnosis.plugins = prefiltered.restricted_by;
    let some: Option<Vec<&NodeInfo>> =
        prefiltered.nodes.as_ref().map(|names| names.iter().filter_map(|name| cache.node(name)).collect());
    if some.is_some() {
        let list = prefiltered.restricted_by.list();
        diagnosis.absent = Some(Status::unresolvable(format!("node(s) didn't satisfy plugin(s) {list}")));
    }
    let total = some.as_ref().map_or(cache.node_count(), Vec::len);
    let enough = enough_nodes(framework.cx.profile.percentage_of_nodes_to_score, total);
    let mut feasible = Vec::with_capacity(enough.min(total));
    let mut looked_at = 0;
    for step in 0..total {
        let place = (*next_start + step) % total;
        let node = some.as_ref().map_or_else(|| cache.node_at(place), |some| some[place]);
        looked_at += 1;
        match framework.filter_with_nominated(state, node) {
            Ok(()) => feasible.push(node),
            Err(status) => {
                status.plugin.into_iter().for_each(|plugin| diagnosis.plugins.insert(plugin));
                diagnosis.statuses.push((node.name.clone(), status));
            }
        }
        if feasible.len() >= enough {
            break;
        }
    }
    diagnosis.statuses.sort_by(|(a, _), (b, _)| a.cmp(b));
    *next_start = (*next_start + looked_at) % cache.node_count();
    feasible
}

fn note_search(
    trace: &mut Trace,
    prefiltered: PreFiltered,
    feasible: &[&NodeInfo],
    diagnosis: &Diagnosis,
    record: bool,
) {
    trace.rejected = prefiltered.rejected;
    trace.only_nodes = prefiltered.nodes.map(|names| names.into_iter().collect());
    trace.restricted_by = prefiltered.restricted_by.iter().collect();
    trace.feasible = feasible.len();
    trace.evaluated = feasible.len() + diagnosis.statuses.len();
    if record {
        let plain = |node: &EcoString, rejected| NodeTrace { node: node.clone(), rejected, total: 0 };
        let rejected = diagnosis.statuses.iter().map(|(node, status)| plain(node, Some(status.clone())));
        trace.nodes = feasible.iter().map(|node| plain(&node.name, None)).chain(rejected).collect();
    }
}

/// The best of the feasible nodes; of several, one is drawn.
fn choose<'a>(
    framework: &mut Framework<'a>,
    state: &mut State,
    feasible: &[&'a NodeInfo],
    options: &mut Options<'_>,
    record: bool,
    trace: &mut Trace,
) -> &'a NodeInfo {
    let mut top = vec![0];
    if feasible.len() > 1 || options.explain {
        framework.pre_score(state, feasible);
        let scores = framework.score(state, feasible);
        let best = scores.totals.iter().copied().max().unwrap_or_default();
        top = (0..feasible.len()).filter(|index| scores.totals[*index] == best).collect();
        trace.skipped_scorers = framework.skip_score.iter().collect();
        note_scores(trace, scores, record);
    }
    let drawn = if top.len() > 1 { options.rng.below(top.len() as u64) as usize } else { 0 };
    let chosen = feasible[top[drawn]];
    trace.top = top.iter().take(WHOLE_TRACE_NODES).map(|index| feasible[*index].name.clone()).collect();
    trace.chosen = Some(chosen.name.clone());
    chosen
}

fn note_scores(trace: &mut Trace, scores: Scores, record: bool) {
    trace.scores = scores.plugins;
    if record {
        trace.nodes.iter_mut().zip(scores.totals).for_each(|(node, total)| node.total = total);
    } else {
        trace.scores.iter_mut().for_each(|scores| (scores.raw, scores.normalized) = Default::default());
    }
}

/// `Reserve`, and what has to be asked for before the pod is bound.
fn place(framework: &Framework<'_>, state: &State, node: &NodeInfo) -> Outcome {
    let cx = &framework.cx;
    for plugin in cx.profile.points.reserve.iter().filter(|plugin| !framework.skip_filter.contains(**plugin)) {
        if let Some(reserve) = plugin.spec().reserve
            && reserve(cx, state, node).is_err()
        {
            let mut by = PluginSet::default();
            by.insert(*plugin);
            return Outcome::Unschedulable { by, nominate: None, clear_nomination: true };
        }
    }
    let pre_bind = cx.profile.points.pre_bind.iter().filter(|plugin| !framework.skip_filter.contains(**plugin));
    let before_bind =
        pre_bind.filter_map(|plugin| plugin.spec().pre_bind).flat_map(|run| run(cx, state, node)).collect();
    Outcome::Place { node: node.name.clone(), before_bind }
}

fn reject(
    framework: &Framework<'_>,
    state: &State,
    diagnosis: &Diagnosis,
    options: &mut Options<'_>,
    trace: &mut Trace,
) -> Outcome {
    let nodes = framework.cx.cache.node_count();
    trace.message_before_post_filter = diagnosis.message(nodes, "");
    let none = framework.cx.profile.points.post_filter.is_empty();
    let result = (!none).then(|| framework.post_filter(state, diagnosis, options.rng.next_u64()));
    let said = result.as_ref().and_then(|result| result.status.as_ref()).map(Status::message).unwrap_or_default();
    trace.message = diagnosis.message(nodes, &said);
    let Some(result) = result else {
        return Outcome::Unschedulable { by: diagnosis.plugins, nominate: None, clear_nomination: true };
    };
    trace.post_filter = Some(PostFilterTrace {
        rejected: result.status,
        nominated: result.nominate.as_ref().map(note_candidate),
        candidates: result.candidates.iter().map(note_candidate).collect(),
        clears_nomination: result.clear_nomination,
    });
    Outcome::Unschedulable {
        by: diagnosis.plugins,
        nominate: result.nominate,
        clear_nomination: result.clear_nomination,
    }
}

fn note_candidate(candidate: &Candidate) -> CandidateTrace {
    CandidateTrace {
        node: candidate.node.clone(),
        victims: candidate.victims.iter().map(|pod: &Arc<PodInfo>| pod.full_name()).collect(),
        violations: candidate.violations,
    }
}
