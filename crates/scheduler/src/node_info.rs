//! A node as the scheduler keeps it, with the sums over its pods always up to date.

use std::sync::Arc;

use ecow::EcoString;
use podyard_api::Value;
use podyard_api::kinds::{Node, Taint};
use serde::{Deserialize, Serialize};

use crate::pod_info::{HostPort, PodInfo};
use crate::resources::Resources;

/// A node and what runs there. What is read of every node for every pod comes first and stays together: in a large
/// cluster, fetching it is most of the work.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[repr(C)]
pub struct NodeInfo {
    /// Its place in the cache's table.
    pub slot: u32,
    pub unschedulable: bool,
    pub has_taints: bool,
    /// CPU (thousandths) and memory (bytes) with defaults for containers without requests.
    pub non_zero: [i64; 2],
    pub requested: Resources,
    pub allocatable: Resources,
    pub pods: Vec<Arc<PodInfo>>,
    /// Image names with a tag, and their sizes in bytes.
    pub images: Vec<(EcoString, i64)>,
    /// How many pods of which class are here.
    pub classes: Vec<(u32, u32)>,
    pub labels: Value,
    pub name: EcoString,
    pub host_ports: Vec<HostPort>,
    /// `Null` while pods are known to be bound to a node that is not.
    pub object: Value,
}

impl NodeInfo {
    pub fn new(name: &str, slot: u32) -> Self {
        Self { name: name.into(), slot, ..Self::default() }
    }

    pub fn node(&self) -> Node<'_> {
        Node(&self.object)
    }

    pub fn exists(&self) -> bool {
        !self.object.is_null()
    }

    /// Takes over what the node's object says.
    pub fn set_node(&mut self, object: &Value) {
        let node = Node(object);
        self.labels = object.get("metadata").get("labels").clone();
        self.unschedulable = node.spec().unschedulable();
        self.has_taints = node.spec().taints().len() > 0;
        self.allocatable = Resources::of(node.status().allocatable());
        self.images = node
            .status()
            .images()
            .flat_map(|image| image.names().map(move |name| (EcoString::from(name), image.size_bytes())))
            .collect();
        self.object = object.clone();
    }

    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key).as_str()
    }

    pub fn taints(&self) -> impl Iterator<Item = Taint<'_>> {
        self.node().spec().taints()
    }

    /// Region and zone in one, for spreading the order of nodes.
    // Models staging/src/k8s.io/component-helpers/node/topology/helpers.go
    pub fn zone(&self) -> EcoString {
        let of = |key: &str, beta: &str| self.label(key).or(self.label(beta)).unwrap_or_default();
        let region = of("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region");
        let zone = of("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone");
        if region.is_empty() && zone.is_empty() { EcoString::new() } else { ecow::eco_format!("{region}:\0:{zone}") }
    }

    pub fn add_pod(&mut self, pod: Arc<PodInfo>) {
        self.requested.add(&pod.requests.requests);
        self.non_zero[0] += pod.requests.non_zero[0];
        self.non_zero[1] += pod.requests.non_zero[1];
        self.host_ports.extend(pod.host_ports.iter().cloned());
        match self.classes.iter_mut().find(|(class, _)| *class == pod.class) {
            Some((_, count)) => *count += 1,
            None => self.classes.push((pod.class, 1)),
        }
        self.pods.push(pod);
    }

    pub fn remove_pod(&mut self, key: &str) -> Option<Arc<PodInfo>> {
        let index = self.pods.iter().position(|pod| pod.key == key)?;
        let pod = self.pods.swap_remove(index);
        self.requested.subtract(&pod.requests.requests);
        self.non_zero[0] -= pod.requests.non_zero[0];
        self.non_zero[1] -= pod.requests.non_zero[1];
        for port in &pod.host_ports {
            if let Some(index) = self.host_ports.iter().position(|taken| taken == port) {
                self.host_ports.swap_remove(index);
            }
        }
        if let Some(index) = self.classes.iter().position(|(class, _)| *class == pod.class) {
            self.classes[index].1 -= 1;
            if self.classes[index].1 == 0 {
                self.classes.swap_remove(index);
            }
        }
        Some(pod)
    }
}
