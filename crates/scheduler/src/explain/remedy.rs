//! The smallest changes that would place a pod: each is tried on a copy before it is told.

use podyard_api::kinds::Pod;
use podyard_api::{Quantity, Value, value};

use super::untolerated;
use crate::node_info::NodeInfo;
use crate::plugins::Plugin;
use crate::pod_info::PodInfo;
use crate::resources::Resources;
use crate::trace::Trace;
use crate::{Profile, Scheduler};

/// How many nodes are tried, and how many changes told.
const MAX_TRIES: usize = 20;
const MAX_CHANGES: usize = 4;

/// Something that could be changed.
struct Remedy {
    text: String,
    /// The pod and the node as they would be.
    pod: Value,
    node: Option<Value>,
}

impl Scheduler {
    /// The single changes that would place the pod; if there are none, what stands in the way, one after the other.
    pub(super) fn remedies(&self, pod: &Value, trace: &Trace) -> Vec<String> {
        let rejected = trace.nodes.iter().filter_map(|node| Some((node, node.rejected.as_ref()?.plugin?)));
        let all: Vec<Remedy> = rejected
            .take(MAX_TRIES)
            .filter_map(|(node, plugin)| remedy(pod, self.cache().node(&node.node)?, plugin))
            .collect();
        let helping: Vec<String> = all.iter().filter(|one| self.helps(one)).map(|one| one.text.clone()).collect();
        let (texts, prefix) = match helping.as_slice() {
            [] => (all.into_iter().map(|one| one.text).collect(), "Not enough alone: "),
            _ => (helping, ""),
        };
        texts.into_iter().take(MAX_CHANGES).map(|text| format!("{prefix}{text}")).collect()
    }

    fn helps(&self, remedy: &Remedy) -> bool {
        let mut copy = self.clone();
        if let Some(node) = &remedy.node {
            copy.set_node(node);
        }
        copy.explain(&remedy.pod).chosen.is_some()
    }

    pub(super) fn is_responsible(&self, pod: &Value) -> bool {
        let name = Pod(pod).spec().scheduler_name();
        self.profiles().iter().any(|profile: &Profile| profile.scheduler_name == name)
    }
}

/// What would let the pod pass a plugin on a node.
fn remedy(pod: &Value, node: &NodeInfo, plugin: Plugin) -> Option<Remedy> {
    let name = &node.name;
    let on_pod = |text: String, pod| Some(Remedy { text, pod, node: None });
    let on_node = |text: String, node| Some(Remedy { text, pod: pod.clone(), node: Some(node) });
    match plugin {
        Plugin::InterPodAffinity => {
            let mut changed = pod.clone();
            changed.field_mut("spec").field_mut("affinity").remove("podAffinity");
            changed.field_mut("spec").field_mut("affinity").remove("podAntiAffinity");
            on_pod(
                "Make spec.affinity.podAffinity and podAntiAffinity of the pod preferred, not required".into(),
                changed,
            )
        }
        Plugin::NodeAffinity => {
            let labels: Vec<_> = Pod(pod).spec().node_selector().to_vec();
            if labels.is_empty() {
                let mut changed = pod.clone();
                changed.field_mut("spec").field_mut("affinity").remove("nodeAffinity");
                return on_pod("Loosen spec.affinity.nodeAffinity of the pod".into(), changed);
            }
            let mut changed = node.object.clone();
            let mut words = String::new();
            for (key, value) in &labels {
                changed.meta_mut().field_mut("labels").set(key.as_str(), value.clone());
                words += &format!(" {}={}", key.as_str(), value.str());
            }
            on_node(format!("Label a node as spec.nodeSelector wants it: kubectl label node {name}{words}"), changed)
        }
        Plugin::NodePorts => {
            on_pod("Take hostPort out of the ports of the pod's containers".into(), without_ports(pod))
        }
        Plugin::NodeResourcesFit => lower_requests(pod, node),
        Plugin::NodeUnschedulable => {
            let mut changed = node.object.clone();
            changed.field_mut("spec").remove("unschedulable");
            on_node(format!("Let pods on the node again: kubectl uncordon {name}"), changed)
        }
        Plugin::PodTopologySpread => {
            let mut changed = pod.clone();
            changed.field_mut("spec").remove("topologySpreadConstraints");
            on_pod("Set whenUnsatisfiable of spec.topologySpreadConstraints to ScheduleAnyway".into(), changed)
        }
        Plugin::TaintToleration => {
            let taints = untolerated(pod, &node.object);
            let mut changed = node.object.clone();
            changed.field_mut("spec").remove("taints");
            let commands: Vec<String> =
                taints.iter().map(|taint| format!("kubectl taint node {name} {taint}-")).collect();
            let text = format!(
                "Tolerate {} in spec.tolerations of the pod (or of its template), or take it away: {}",
                taints.join(" and "),
                commands.join(" && ")
            );
            on_node(text, changed)
        }
        _ => None,
    }
}

/// As much as is free on a node, if the first container's requests can be lowered by what is lacking.
fn lower_requests(pod: &Value, node: &NodeInfo) -> Option<Remedy> {
    let asked = PodInfo::new(pod).requests.requests;
    let mut changed = pod.clone();
    let mut words = Vec::new();
    for (name, asks, free) in shortages(&asked, node) {
        let container = Pod(pod).spec().containers().next()?;
        let (_, requested) = container.resources().requests().iter().find(|(key, _)| key.as_str() == name)?;
        let requested = Quantity::of(requested);
        let own = if name == "cpu" { requested.milli_value() } else { requested.value() };
        let left = own.saturating_sub(asks.saturating_sub(free));
        if left <= 0 {
            return None;
        }
        set_request(&mut changed, &name, left);
        words.push(format!("{} {name}", amount(&name, left)));
    }
    let first = Pod(pod).spec().containers().next()?.name();
    let text =
        format!("Ask for at most {} in resources.requests of the container {first}, or make room", words.join(" and "));
    (!words.is_empty()).then_some(Remedy { text, pod: changed, node: None })
}

/// What a pod asks for and a node has not: the resource, what is asked, what is free.
pub(super) fn shortages(asked: &Resources, node: &NodeInfo) -> Vec<(String, i64, i64)> {
    let names = ["cpu", "memory", "ephemeral-storage"].into_iter().map(str::to_owned);
    let names = names.chain(asked.scalar.iter().map(|(name, _)| name.to_string()));
    let free = |name: &str| node.allocatable.get(name).saturating_sub(node.requested.get(name));
    let all = names.map(|name| (asked.get(&name), free(&name), name));
    all.filter(|(asks, free, _)| *asks > 0 && asks > free).map(|(asks, free, name)| (name, asks, free)).collect()
}

/// An amount as manifests write it.
pub(super) fn amount(name: &str, amount: i64) -> String {
    const MEBI: i64 = 1 << 20;
    match name {
        "cpu" if amount % 1000 == 0 => (amount / 1000).to_string(),
        "cpu" => format!("{amount}m"),
        "memory" | "ephemeral-storage" if amount >= MEBI => format!("{}Mi", amount / MEBI),
        _ => amount.to_string(),
    }
}

fn set_request(pod: &mut Value, name: &str, left: i64) {
    let text = amount(name, left);
    if let Some(first) = pod.field_mut("spec").field_mut("containers").items_mut().first_mut() {
        first.field_mut("resources").field_mut("requests").set(name, value!(text));
    }
}

fn without_ports(pod: &Value) -> Value {
    let mut changed = pod.clone();
    for container in changed.field_mut("spec").field_mut("containers").items_mut() {
        container.remove("ports");
    }
    changed
}
