//! The live map: what has changed since the page was last told.

use podyard_cluster::{Cluster, NodeSummary, PodSummary, ServiceSummary, Tone};
use podyard_view::{EndpointView, MapDelta, NodeView, PodView, ServiceView};

/// Up to which change the page's map is current.
#[derive(Default)]
pub(crate) struct MapFeed {
    revision: u64,
}

impl MapFeed {
    /// The whole map.
    pub(crate) fn all(&mut self, cluster: &Cluster) -> MapDelta {
        self.revision = cluster.revision();
        MapDelta {
            nodes: cluster.node_summaries().into_iter().map(node).collect(),
            pods: cluster.pod_summaries().into_iter().map(pod).collect(),
            services: cluster.service_summaries().into_iter().map(service).collect(),
            ..MapDelta::default()
        }
    }

    /// What has changed, if anything has.
    pub(crate) fn changes(&mut self, cluster: &Cluster) -> Option<MapDelta> {
        if cluster.revision() == self.revision {
            return None;
        }
        let changes = cluster.summaries_since(self.revision);
        self.revision = cluster.revision();
        let delta = MapDelta {
            nodes: changes.nodes.into_iter().map(node).collect(),
            removed_nodes: changes.removed_nodes,
            pods: changes.pods.into_iter().map(pod).collect(),
            removed_pods: changes.removed_pods,
            services: changes.services.into_iter().map(service).collect(),
            removed_services: changes.removed_services,
        };
        (delta != MapDelta::default()).then_some(delta)
    }
}

fn node(node: NodeSummary) -> NodeView {
    let NodeSummary { name, ready, schedulable, roles, taints } = node;
    NodeView { name, ready, schedulable, roles, taints }
}

fn pod(pod: PodSummary) -> PodView {
    PodView {
        uid: pod.uid,
        namespace: pod.namespace,
        name: pod.name,
        node: pod.node,
        status: pod.status,
        tone: tone(pod.tone),
        ready: pod.ready,
        restarts: pod.restarts,
        labels: pod.labels,
        ip: pod.ip,
        images: pod.images,
    }
}

fn service(service: ServiceSummary) -> ServiceView {
    let ServiceSummary { uid, namespace, name, kind, address, ports, endpoints } = service;
    let endpoints = endpoints.into_iter();
    let endpoints =
        endpoints.map(|end| EndpointView { pod: end.pod, address: end.address, ready: end.ready }).collect();
    ServiceView { uid, namespace, name, kind, address, ports, endpoints }
}

/// How a state is to be taken.
pub(crate) fn tone(tone: Tone) -> podyard_view::Tone {
    match tone {
        Tone::Pending => podyard_view::Tone::Pending,
        Tone::Good => podyard_view::Tone::Good,
        Tone::Done => podyard_view::Tone::Done,
        Tone::Bad => podyard_view::Tone::Bad,
        Tone::Leaving => podyard_view::Tone::Leaving,
    }
}
