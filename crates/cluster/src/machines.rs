//! What can befall a node.

use crate::Cluster;

impl Cluster {
    /// Ends the kubelet of a node: its containers go on, its heartbeats cease.
    pub fn stop_kubelet(&mut self, node: &str) {
        self.with_node(node, |kubelet, _| kubelet.stop_kubelet());
    }

    /// Starts the kubelet of a node again.
    pub fn start_kubelet(&mut self, node: &str) {
        self.with_node(node, |kubelet, context| kubelet.start_kubelet(context));
    }
}
