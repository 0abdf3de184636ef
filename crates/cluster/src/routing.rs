//! From a change in the store to everybody whom it concerns.

use podyard_api::kinds::Pod;
use podyard_apiserver::{Change, ResourceKey};
use podyard_controllers::{CONTROLLERS, Keys};
use podyard_kernel::FileId;

use crate::cluster::Cluster;

impl Cluster {
    /// Routes the changes since the last time.
    pub(crate) fn route(&mut self) {
        if self.api.revision() == self.routed {
            return;
        }
        let changes: Vec<Change> = self.api.changes_since(self.routed).cloned().collect();
        self.routed = self.api.revision();
        for change in &changes {
            if !is_heartbeat(change) {
                self.last_write = self.now;
                self.writes += 1;
            }
            self.scheduler.observe(self.now, change.resource.plural(), change.old.as_ref(), change.new.as_ref());
            self.route_to_controllers(change);
            self.route_to_nodes(change);
        }
        self.route_to_watches(&changes);
        self.wake_scheduler();
    }

    fn route_to_controllers(&mut self, change: &Change) {
        let mut keys = Keys::default();
        for (number, controller) in (0..).zip(CONTROLLERS) {
            (controller.route)(&self.api, change, &mut keys);
            for (key, delay) in keys.drain() {
                self.inform(number, key, delay);
            }
        }
    }

    /// A pod concerns the node that it is or was bound to.
    fn route_to_nodes(&mut self, change: &Change) {
        if change.resource != ResourceKey::PODS {
            return;
        }
        let node_of =
            |pod: &Option<podyard_api::Value>| pod.as_ref().map(|pod| Pod(pod).spec().node_name().to_string());
        let node = node_of(&change.new).or_else(|| node_of(&change.old)).unwrap_or_default();
        if !node.is_empty() {
            self.with_node(&node, |kubelet, context| {
                kubelet.observe(context, change.old.as_ref(), change.new.as_ref());
            });
        }
    }

    fn route_to_watches(&mut self, changes: &[Change]) {
        let concerned: Vec<FileId> = self
            .watches
            .iter()
            .filter(|(_, watch)| changes.iter().any(|change| watch.wants(change)))
            .map(|(file, _)| *file)
            .collect();
        for file in concerned {
            self.feed_watch(file);
        }
    }

    /// Sends a watch what has happened since its last event.
    pub(crate) fn feed_watch(&mut self, file: FileId) {
        let Some(watch) = self.watches.get_mut(&file) else { return };
        let events = watch.poll(&self.api);
        if !events.is_empty() && !self.kernel.send_events(file, events, self.now) {
            self.watches.remove(&file);
        }
    }
}

/// Whether a change is only a lease renewed or a node's heartbeat: what waiting for calm passes over.
fn is_heartbeat(change: &Change) -> bool {
    match change.resource {
        ResourceKey::LEASES => true,
        ResourceKey::NODES => match (&change.old, &change.new) {
            (Some(old), Some(new)) => {
                let conditions = |node: &podyard_api::Value| {
                    let mut node = node.clone();
                    node.meta_mut().remove("resourceVersion");
                    node.meta_mut().remove("managedFields");
                    podyard_api::kinds::node::forget_heartbeats(&mut node);
                    node
                };
                conditions(old) == conditions(new)
            }
            _ => false,
        },
        _ => false,
    }
}
