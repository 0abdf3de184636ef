//! Where a pod fits nowhere, makes room by evicting pods of lower priority.
// Models pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go and
// pkg/scheduler/framework/preemption/preemption.go

use std::sync::Arc;

use podyard_api::kinds::PodDisruptionBudget;
use podyard_api::{Selector, Value};

use super::{Spec, State as Everything};
use crate::framework::{PostFilter, PostFilterResult};
use crate::messages::fit_error;
use crate::node_info::NodeInfo;
use crate::node_terms::label_selector;
use crate::pod_info::PodInfo;
use crate::status::{Code, Status};

pub const SPEC: Spec = Spec { post_filter: Some(post_filter), ..Spec::named("DefaultPreemption") };

pub type State = ();

/// A node that would do, and the pods that would have to go.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub node: ecow::EcoString,
    /// The more important first.
    pub victims: Vec<Arc<PodInfo>>,
    /// How many of them a disruption budget protects.
    pub violations: usize,
}

fn post_filter(run: &PostFilter<'_, '_>) -> PostFilterResult {
    let said = |message: &str| Status::unschedulable(format!("preemption: {message}"));
    if let Some(reason) = not_eligible(run) {
        return PostFilterResult::rejected(said(reason));
    }
    let (candidates, statuses) = candidates(run);
    let Some(best) = select(&candidates) else {
        let absent = Status::unresolvable("Preemption is not helpful for scheduling");
        let message = fit_error(run.cx.cache.node_count(), None, &statuses, Some(&absent), "");
        return PostFilterResult { clear_nomination: true, ..PostFilterResult::rejected(said(&message)) };
    };
    PostFilterResult { status: None, nominate: Some(best), candidates, clear_nomination: false }
}

/// Why the pod may not preempt others, if so.
fn not_eligible(run: &PostFilter<'_, '_>) -> Option<&'static str> {
    let pod = run.cx.pod;
    if pod.pod().spec().preemption_policy() == "Never" {
        return Some("not eligible due to preemptionPolicy=Never.");
    }
    let nominated = pod.pod().status().nominated_node_name();
    let node = run.cx.cache.node(nominated)?;
    if run.diagnosis.code_of(nominated) == Some(Code::UnschedulableAndUnresolvable) {
        return None;
    }
    let is_leaving = |victim: &Arc<PodInfo>| {
        let condition = victim.pod().status().condition("DisruptionTarget");
        victim.priority < pod.priority
            && victim.terminating
            && condition.is_some_and(|c| c.is_true() && c.reason() == "PreemptionByScheduler")
    };
    node.pods.iter().any(is_leaving).then_some("not eligible due to a terminating pod on the nominated node.")
}

type Statuses = Vec<(ecow::EcoString, Status)>;

/// Tries the nodes where fewer pods might help. Those that break no budget come first.
fn candidates(run: &PostFilter<'_, '_>) -> (Vec<Candidate>, Statuses) {
    let nodes: Vec<&NodeInfo> =
        run.cx.cache.nodes().filter(|node| run.diagnosis.code_of(&node.name) == Some(Code::Unschedulable)).collect();
    let args = &run.cx.profile.args;
    let share = nodes.len() as i64 * args.min_candidate_nodes_percentage / 100;
    let wanted = share.max(args.min_candidate_nodes_absolute).min(nodes.len() as i64) as usize;
    let offset = if nodes.is_empty() { 0 } else { run.random as usize % nodes.len() };
    let budgets = budgets(run);
    let (mut free, mut violating, mut statuses) = (Vec::new(), Vec::new(), Vec::new());
    for node in nodes.iter().cycle().skip(offset).take(nodes.len()) {
        match victims(run, node, &budgets) {
            Ok(candidate) if candidate.violations == 0 => free.push(candidate),
            Ok(candidate) => violating.push(candidate),
            Err(status) => statuses.push((node.name.clone(), status)),
        }
        if !free.is_empty() && free.len() + violating.len() >= wanted {
            break;
        }
    }
    free.append(&mut violating);
    (free, statuses)
}

struct Budget {
    namespace: ecow::EcoString,
    selector: Selector,
    allowed: i64,
    disrupted: Value,
}

fn budgets(run: &PostFilter<'_, '_>) -> Vec<Budget> {
    let budget = |object: &Value| {
        let budget = PodDisruptionBudget(object);
        Budget {
            namespace: object.namespace_text(),
            selector: label_selector(budget.spec().selector()),
            allowed: budget.status().disruptions_allowed(),
            disrupted: budget.status().value().get("disruptedPods").clone(),
        }
    };
    run.cx.cache.objects("poddisruptionbudgets").map(budget).collect()
}

/// The fewest and least important pods that have to leave a node.
fn victims(run: &PostFilter<'_, '_>, node: &NodeInfo, budgets: &[Budget]) -> Result<Candidate, Status> {
    let mut trial = Trial { run, node: node.clone(), state: run.state.clone() };
    let lower = |pod: &&Arc<PodInfo>| pod.priority < run.cx.pod.priority;
    let mut potential: Vec<Arc<PodInfo>> = node.pods.iter().filter(lower).cloned().collect();
    if potential.is_empty() {
        return Err(Status::unresolvable("No preemption victims found for incoming pod"));
    }
    potential.iter().for_each(|pod| trial.remove(pod));
    trial.fits()?;
    potential.sort_by(|a, b| a.by_importance(b));
    let (violating, harmless) = by_budget(potential, budgets);
    let mut victims = Vec::new();
    let mut violations = 0;
    let both = !violating.is_empty() && !harmless.is_empty();
    for pod in violating {
        if !trial.reprieve(&pod) {
            victims.push(pod);
            violations += 1;
        }
    }
    victims.extend(harmless.into_iter().filter(|pod| !trial.reprieve(pod)));
    if both {
        victims.sort_by(|a, b| a.by_importance(b));
    }
    if victims.is_empty() {
        return Err(Status::error(format!("expected at least one victim pod on node {:?}", node.name)));
    }
    Ok(Candidate { node: node.name.clone(), victims, violations })
}

/// A node from which pods are taken to see what happens.
struct Trial<'a, 'b, 'c> {
    run: &'c PostFilter<'a, 'b>,
    node: NodeInfo,
    state: Everything,
}

impl Trial<'_, '_, '_> {
    fn remove(&mut self, pod: &Arc<PodInfo>) {
        self.node.remove_pod(&pod.key);
        self.run.framework.pod_moved(&mut self.state, pod, &self.node, -1);
    }

    fn fits(&self) -> Result<(), Status> {
        self.run.framework.filter_with_nominated(&self.state, &self.node)
    }

    /// Puts a pod back; whether the incoming one still fits with it. If not, takes it out again.
    fn reprieve(&mut self, pod: &Arc<PodInfo>) -> bool {
        self.node.add_pod(pod.clone());
        self.run.framework.pod_moved(&mut self.state, pod, &self.node, 1);
        let fits = self.fits().is_ok();
        if !fits {
            self.remove(pod);
        }
        fits
    }
}

/// Those whose eviction would break a budget, and the others.
fn by_budget(pods: Vec<Arc<PodInfo>>, budgets: &[Budget]) -> (Vec<Arc<PodInfo>>, Vec<Arc<PodInfo>>) {
    let mut allowed: Vec<i64> = budgets.iter().map(|budget| budget.allowed).collect();
    pods.into_iter().partition(|pod| {
        let mut violates = false;
        let labels = pod.labels();
        if labels.is_empty() {
            return false;
        }
        for (budget, allowed) in budgets.iter().zip(&mut allowed) {
            let concerned = budget.namespace == pod.namespace
                && !budget.selector.is_empty()
                && budget.selector.matches(labels)
                && budget.disrupted.get(&pod.name).is_null();
            if concerned {
                *allowed -= 1;
                violates |= *allowed < 0;
            }
        }
        violates
    })
}

/// The candidate that costs least; of equal ones, the first by name.
fn select(candidates: &[Candidate]) -> Option<Candidate> {
    let cost = |candidate: &&Candidate| {
        let priorities = || candidate.victims.iter().map(|pod| pod.priority);
        let highest = priorities().max().unwrap_or_default();
        let first = candidate.victims.first().map_or(0, |pod| pod.priority);
        let oldest = candidate.victims.iter().filter(|pod| pod.priority == highest).map(|pod| pod.start_time()).min();
        let sum: i64 = priorities().map(|priority| priority + i64::from(i32::MAX) + 1).sum();
        (candidate.violations, first, sum, candidate.victims.len(), std::cmp::Reverse(oldest), candidate.node.clone())
    };
    candidates.iter().min_by_key(cost).cloned()
}
