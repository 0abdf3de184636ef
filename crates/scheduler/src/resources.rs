//! Amounts of resources, as integers.

use ecow::EcoString;
use podyard_api::kinds::{Container, Pod, PodSpec};
use podyard_api::{Key, Quantity, Value};
use serde::{Deserialize, Serialize};

/// What a pod asks for or a node has. CPU in thousandths of a core, the rest in units or bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    pub milli_cpu: i64,
    pub memory: i64,
    pub ephemeral_storage: i64,
    /// `pods` of a node.
    pub pods: i64,
    /// Extended resources and huge pages, by name.
    pub scalar: Vec<(EcoString, i64)>,
}

/// A resource by which nodes are scored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResourceName {
    Cpu,
    Memory,
    EphemeralStorage,
    /// Extended resources and huge pages.
    Scalar(EcoString),
}

impl From<&str> for ResourceName {
    fn from(name: &str) -> Self {
        match name {
            "cpu" => Self::Cpu,
            "memory" => Self::Memory,
            "ephemeral-storage" => Self::EphemeralStorage,
            _ => Self::Scalar(name.into()),
        }
    }
}

/// What a container without a request counts as when nodes are scored.
// Models pkg/scheduler/util/pod_resources.go
pub const DEFAULT_MILLI_CPU: i64 = 100;
pub const DEFAULT_MEMORY: i64 = 200 * 1024 * 1024;

impl Resources {
    /// Of a resource list such as `allocatable`.
    pub fn of(list: &[(Key, Value)]) -> Self {
        let mut resources = Self::default();
        for (name, quantity) in list {
            match name.as_str() {
                "cpu" => resources.milli_cpu = Quantity::of(quantity).milli_value(),
                other => *resources.slot(other) = Quantity::of(quantity).value(),
            }
        }
        resources
    }

    /// The amount of a resource; 0 where absent.
    pub fn get(&self, name: &str) -> i64 {
        match name {
            "cpu" => self.milli_cpu,
            "memory" => self.memory,
            "ephemeral-storage" => self.ephemeral_storage,
            "pods" => self.pods,
            _ => self.scalar.iter().find(|(n, _)| n == name).map_or(0, |(_, amount)| *amount),
        }
    }

    /// The amount of a resource that scores.
    pub fn amount(&self, name: &ResourceName) -> i64 {
        match name {
            ResourceName::Cpu => self.milli_cpu,
            ResourceName::Memory => self.memory,
            ResourceName::EphemeralStorage => self.ephemeral_storage,
            ResourceName::Scalar(name) => self.get(name),
        }
    }

    fn slot(&mut self, name: &str) -> &mut i64 {
        match name {
            "cpu" => &mut self.milli_cpu,
            "memory" => &mut self.memory,
            "ephemeral-storage" => &mut self.ephemeral_storage,
            "pods" => &mut self.pods,
            _ => {
                let index = self.scalar.binary_search_by(|(n, _)| n.as_str().cmp(name)).unwrap_or_else(|index| {
                    self.scalar.insert(index, (name.into(), 0));
                    index
                });
                &mut self.scalar[index].1
            }
        }
    }

    pub fn add(&mut self, other: &Self) {
        self.combine(other, i64::saturating_add);
    }

    pub fn subtract(&mut self, other: &Self) {
        self.combine(other, i64::saturating_sub);
    }

    fn max(&mut self, other: &Self) {
        self.combine(other, i64::max);
    }

    fn combine(&mut self, other: &Self, with: fn(i64, i64) -> i64) {
        self.milli_cpu = with(self.milli_cpu, other.milli_cpu);
        self.memory = with(self.memory, other.memory);
        self.ephemeral_storage = with(self.ephemeral_storage, other.ephemeral_storage);
        for (name, amount) in &other.scalar {
            let slot = self.slot(name);
            *slot = with(*slot, *amount);
        }
    }

    /// Whether nothing but a place on the node is asked for.
    pub fn is_nothing(&self) -> bool {
        self.milli_cpu == 0 && self.memory == 0 && self.ephemeral_storage == 0 && self.scalar.is_empty()
    }
}

/// What a pod asks for in all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodRequests {
    pub requests: Resources,
    /// CPU (thousandths) and memory (bytes), with the defaults for containers that name none.
    pub non_zero: [i64; 2],
    /// The same as NodeResourcesFit reckons it for the incoming pod: it does not see pod-level requests.
    pub scored: [i64; 2],
}

impl PodRequests {
    /// Init containers one after the other, sidecars beside what follows, the rest at once, then pod-level
    /// requests and overhead.
    // Models staging/src/k8s.io/component-helpers/resource/helpers.go and
    // staging/src/k8s.io/kube-scheduler/framework/types.go
    pub fn of(pod: Pod<'_>) -> Self {
        let spec = pod.spec();
        let level = spec.resources().requests();
        let has_level = level.iter().any(|(name, _)| is_pod_level(name));
        let requests = sum(pod, spec, None, true);
        let names = |name: &str| listed(spec, name);
        let default = |name: &str, amount: i64| if has_level && names(name) { 0 } else { amount };
        let defaults = [default("cpu", DEFAULT_MILLI_CPU), default("memory", DEFAULT_MEMORY)];
        let non_zero = sum(pod, spec, Some(defaults), true);
        let scored =
            if has_level { sum(pod, spec, Some([DEFAULT_MILLI_CPU, DEFAULT_MEMORY]), false) } else { non_zero.clone() };
        Self { requests, non_zero: [non_zero.milli_cpu, non_zero.memory], scored: [scored.milli_cpu, scored.memory] }
    }
}

/// Whether any container, the pod level or the overhead names the resource.
fn listed(spec: PodSpec<'_>, name: &str) -> bool {
    let has = |list: &[(Key, Value)]| list.iter().any(|(key, _)| key.as_str() == name);
    spec.containers().chain(spec.init_containers()).any(|container| has(container.resources().requests()))
        || has(spec.resources().requests())
        || has(spec.overhead())
}

fn is_pod_level(name: &str) -> bool {
    matches!(name, "cpu" | "memory") || name.starts_with("hugepages-")
}

fn sum(pod: Pod<'_>, spec: PodSpec<'_>, missing: Option<[i64; 2]>, pod_level: bool) -> Resources {
    let of = |container: Container<'_>| container_requests(pod, container, missing);
    let mut total = Resources::default();
    for container in spec.containers() {
        total.add(&of(container));
    }
    let mut sidecars = Resources::default();
    let mut init = Resources::default();
    for container in spec.init_containers() {
        let mut here = of(container);
        if container.restart_policy() == Some("Always") {
            total.add(&here);
            sidecars.add(&here);
            here = sidecars.clone();
        } else {
            here.add(&sidecars);
        }
        init.max(&here);
    }
    total.max(&init);
    for (name, quantity) in spec.resources().requests() {
        if pod_level && is_pod_level(name) {
            let quantity = Quantity::of(quantity);
            *total.slot(name) = if name.as_str() == "cpu" { quantity.milli_value() } else { quantity.value() };
        }
    }
    total.add(&Resources::of(spec.overhead()));
    total
}

/// A container's requests; while it is being resized, the most of what it asks for, was given and has.
fn container_requests(pod: Pod<'_>, container: Container<'_>, missing: Option<[i64; 2]>) -> Resources {
    let list = container.resources().requests();
    let mut requests = Resources::of(list);
    if let Some(status) = pod.status().container(container.name()) {
        requests.max(&Resources::of(status.allocated_resources()));
        requests.max(&Resources::of(status.resources().requests()));
    }
    if let Some([cpu, memory]) = missing {
        let has = |name: &str| list.iter().any(|(key, _)| key.as_str() == name);
        if !has("cpu") {
            requests.milli_cpu = cpu;
        }
        if !has("memory") {
            requests.memory = memory;
        }
    }
    requests
}
