//! Clusters to begin with: what they contain and in what they differ is data.

mod recorded;
mod twenty_workers;
mod two_workers;

use std::sync::OnceLock;

use podyard_api::{Key, Value, value, yaml};
use podyard_apiserver::ResourceKey;
use podyard_node::{Kubelet, Profile};
use podyard_sim::Time;

use crate::Cluster;

/// A cluster to begin with.
#[derive(Clone, Copy)]
pub struct Preset {
    /// As scenarios name it.
    pub name: &'static str,
    /// In one sentence.
    pub about: &'static str,
    /// The moment at which it begins.
    pub start: Time,
    /// What differs between environments.
    pub profile: fn() -> Profile,
    /// The names of its nodes, the control plane first. Those that the data does not have are like `node02`.
    pub nodes: &'static [&'static str],
}

/// All presets, alphabetically.
pub static PRESETS: &[Preset] = &[recorded::PRESET, twenty_workers::PRESET, two_workers::PRESET];

/// The preset with this name.
pub fn find(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

/// The worker that further ones are like.
const MODEL: &str = "node02";

/// What a fresh cluster contains, in the order in which it is stored.
const DATA: [&str; 3] = [
    include_str!("../../presets/cluster.yaml"),
    include_str!("../../presets/rbac.yaml"),
    include_str!("../../presets/system.yaml"),
];

fn objects() -> &'static [Value] {
    static OBJECTS: OnceLock<Vec<Value>> = OnceLock::new();
    OBJECTS.get_or_init(|| {
        let documents = DATA.iter().flat_map(|text| yaml::documents(text));
        documents.filter_map(|document| yaml::parse(document.text).ok()).collect()
    })
}

/// Fills the store and starts the kubelets.
pub(crate) fn boot(cluster: &mut Cluster, preset: &Preset, seed: u64) {
    for object in objects() {
        cluster.api.seed(object.clone());
    }
    for (number, name) in preset.nodes.iter().enumerate() {
        if cluster.api.get(ResourceKey::NODES, "", name).is_none() {
            add_worker(cluster, name, number);
        }
    }
    for name in preset.nodes {
        let node = cluster.api.get(ResourceKey::NODES, "", name);
        let address =
            node.map(|node| podyard_api::kinds::Node(node).address("InternalIP").to_string()).unwrap_or_default();
        cluster.nodes.insert((*name).into(), Kubelet::new(name, &address, seed));
    }
    cluster.route();
    for name in preset.nodes {
        cluster.with_node(name, |kubelet, context| kubelet.boot(context));
    }
    cluster.settle();
}

/// Puts a worker into the store that is like `node02`, but for its name, its addresses and its pods' addresses.
fn add_worker(cluster: &mut Cluster, name: &str, number: usize) {
    for resource in [ResourceKey::NODES, ResourceKey::CSI_NODES, ResourceKey::LEASES] {
        let namespace = if resource == ResourceKey::LEASES { "kube-node-lease" } else { "" };
        let Some(model) = cluster.api.get(resource, namespace, MODEL) else { continue };
        let text = yaml::to_string(model).replace(MODEL, name);
        let text = text.replace("10.244.2.0/24", &format!("10.244.{number}.0/24"));
        let text = text.replace("172.30.2.3", &format!("172.30.2.{}", number + 1));
        let Ok(mut object) = yaml::parse(&text) else { continue };
        object.meta_mut().remove("uid");
        if resource != ResourceKey::NODES {
            let owner = cluster.api.get(ResourceKey::NODES, "", name).map(Value::uid).unwrap_or_default();
            let owner = value!([{"apiVersion": "v1", "kind": "Node", "name": name, "uid": owner}]);
            object.meta_mut().set(Key::Static("ownerReferences"), owner);
        }
        cluster.api.seed(object);
    }
}
