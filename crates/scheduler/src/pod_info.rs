//! A pod as the scheduler keeps it: what is asked of it often, read once.

use ecow::EcoString;
use podyard_api::kinds::{ContainerPort, Pod, PodAffinityTerm};
use podyard_api::{Selector, Value};
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

use crate::node_terms::label_selector;
use crate::resources::PodRequests;

/// A pod with its requests, ports and claims.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PodInfo {
    pub object: Value,
    /// `metadata.uid`, or namespace and name where there is none.
    pub key: EcoString,
    /// `spec.nodeName`.
    pub node_name: EcoString,
    pub namespace: EcoString,
    pub name: EcoString,
    pub priority: i64,
    pub requests: PodRequests,
    /// Ports taken on the node itself.
    pub host_ports: Vec<HostPort>,
    /// Names of the claims that its volumes use.
    pub claims: Vec<EcoString>,
    /// Its [`PodClass`] in the cache.
    pub class: u32,
    pub terminating: bool,
}

/// A port on a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostPort {
    pub ip: EcoString,
    pub protocol: EcoString,
    pub port: i64,
}

/// What pods of one template have in common in the eyes of other pods: namespace, labels, pod affinity.
/// Counting pods that match something then costs one comparison per class, not per pod.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PodClass {
    pub namespace: EcoString,
    pub labels: Value,
    pub terminating: bool,
    pub affinity: AffinityTerms,
}

/// A pod's affinity to other pods.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AffinityTerms {
    pub required: Vec<Term>,
    pub required_anti: Vec<Term>,
    pub preferred: Vec<(i64, Term)>,
    pub preferred_anti: Vec<(i64, Term)>,
}

/// One term: which pods are meant, and what makes two nodes the same place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Term {
    pub topology_key: EcoString,
    namespaces: Vec<EcoString>,
    namespace_selector: Selector,
    selector: Selector,
}

impl PodInfo {
    pub fn new(object: &Value) -> Self {
        let pod = Pod(object);
        let spec = pod.spec();
        Self {
            key: key(object),
            node_name: object.get("spec").get("nodeName").text(),
            namespace: object.namespace_text(),
            name: object.name_text(),
            priority: spec.priority(),
            requests: PodRequests::of(pod),
            host_ports: host_ports(pod),
            claims: claims(pod),
            class: 0,
            terminating: pod.is_terminating(),
            object: object.clone(),
        }
    }

    /// Whether all that was read from the pod is the same in a newer state of it, but for its node.
    pub fn still_describes(&self, object: &Value) -> bool {
        let (old, new) = (&self.object, object);
        let same = |part: &str, fields: &[&str]| {
            let (old, new) = (old.get(part), new.get(part));
            old.same(new) || fields.iter().all(|field| old.get(field) == new.get(field))
        };
        same("spec", &["affinity", "containers", "initContainers", "overhead", "priority", "resources", "volumes"])
            && same("metadata", &["deletionTimestamp", "labels"])
            && same("status", &["containerStatuses", "initContainerStatuses"])
    }

    pub fn pod(&self) -> Pod<'_> {
        Pod(&self.object)
    }

    pub fn labels(&self) -> &Value {
        self.object.get("metadata").get("labels")
    }

    /// `namespace/name`.
    pub fn full_name(&self) -> EcoString {
        ecow::eco_format!("{}/{}", self.namespace, self.name)
    }

    /// When it was started; a pod that has not been counts as started now.
    pub fn start_time(&self) -> Time {
        let now = Time::from_micros(u64::MAX);
        self.pod().status().start_time().and_then(Time::parse_rfc3339).unwrap_or(now)
    }

    /// The more important pod first: by priority, then by age. Where Kubernetes leaves it to chance, by name.
    // Models pkg/scheduler/util/utils.go (MoreImportantPod)
    pub fn by_importance(&self, other: &Self) -> std::cmp::Ordering {
        let priority = other.priority.cmp(&self.priority);
        let age = || self.start_time().cmp(&other.start_time());
        let name = || (&self.namespace, &self.name).cmp(&(&other.namespace, &other.name));
        priority.then_with(age).then_with(name)
    }
}

/// What names a pod in the scheduler's tables.
pub fn key(object: &Value) -> EcoString {
    let uid = object.get("metadata").get("uid").text();
    if uid.is_empty() { ecow::eco_format!("{}/{}", object.namespace(), object.name()) } else { uid }
}

// Models pkg/scheduler/util/utils.go (GetHostPorts)
fn host_ports(pod: Pod<'_>) -> Vec<HostPort> {
    let spec = pod.spec();
    let sidecars = spec.init_containers().filter(|container| container.restart_policy() == Some("Always"));
    spec.containers()
        .chain(sidecars)
        .flat_map(|container| container.ports())
        .filter(|port| port.host_port() > 0)
        .map(HostPort::of)
        .collect()
}

fn claims(pod: Pod<'_>) -> Vec<EcoString> {
    let claim = |volume: podyard_api::kinds::Volume<'_>| match (volume.persistent_volume_claim(), volume.ephemeral()) {
        (Some(claim), _) => Some(claim.claim_name().into()),
        (None, Some(_)) => Some(ecow::eco_format!("{}-{}", pod.name(), volume.name())),
        (None, None) => None,
    };
    pod.spec().volumes().filter_map(claim).collect()
}

impl HostPort {
    fn of(port: ContainerPort<'_>) -> Self {
        let ip = if port.host_ip().is_empty() { "0.0.0.0" } else { port.host_ip() };
        Self { ip: ip.into(), protocol: port.protocol().into(), port: port.host_port() }
    }

    /// Whether both cannot be on one node.
    pub fn conflicts(&self, other: &Self) -> bool {
        let any = "0.0.0.0";
        self.port == other.port
            && self.protocol == other.protocol
            && (self.ip == other.ip || self.ip == any || other.ip == any)
    }
}

impl AffinityTerms {
    pub fn of(pod: Pod<'_>) -> Self {
        let affinity = pod.spec().affinity();
        let term = |term| Term::of(pod.namespace(), term);
        let (near, far) = (affinity.pod_affinity(), affinity.pod_anti_affinity());
        Self {
            required: near.required().map(term).collect(),
            required_anti: far.required().map(term).collect(),
            preferred: near.preferred().map(|w| (w.weight(), term(w.pod_affinity_term()))).collect(),
            preferred_anti: far.preferred().map(|w| (w.weight(), term(w.pod_affinity_term()))).collect(),
        }
    }

    /// All terms, required or not.
    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        let preferred = self.preferred.iter().chain(&self.preferred_anti).map(|(_, term)| term);
        self.required.iter().chain(&self.required_anti).chain(preferred)
    }

    pub fn is_empty(&self) -> bool {
        self.required.is_empty()
            && self.required_anti.is_empty()
            && self.preferred.is_empty()
            && self.preferred_anti.is_empty()
    }
}

impl Term {
    // Models staging/src/k8s.io/kube-scheduler/framework/types.go (AffinityTerm)
    fn of(namespace: &str, term: PodAffinityTerm<'_>) -> Self {
        let mut namespaces: Vec<EcoString> = term.namespaces().map(EcoString::from).collect();
        if namespaces.is_empty() && term.namespace_selector().is_none() {
            namespaces.push(namespace.into());
        }
        Self {
            topology_key: term.topology_key().into(),
            namespaces,
            namespace_selector: label_selector(term.namespace_selector()),
            selector: label_selector(term.label_selector()),
        }
    }

    /// Whether a pod of a namespace (with its labels) and with these labels is meant.
    pub fn matches(&self, namespace: &str, namespace_labels: &Value, labels: &Value) -> bool {
        (self.namespaces.iter().any(|n| n == namespace) || self.namespace_selector.matches(namespace_labels))
            && self.selector.matches(labels)
    }
}
