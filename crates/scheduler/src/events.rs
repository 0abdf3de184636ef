//! Changes of the cluster, and which of them may let a rejected pod through.

use podyard_api::Value;
use podyard_api::kinds::{Node, Pod};

use crate::cache::Cache;
use crate::pod_info::PodInfo;
use crate::resources::Resources;

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// A pod that has a node.
    AssignedPod,
    CsiNode,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    /// The waiting pod itself.
    Pod,
    StorageClass,
}

/// How it changed, as bits.
pub type Actions = u32;

pub const ADD: Actions = 1;
pub const DELETE: Actions = 1 << 1;
/// A change of kinds of objects that have no finer ones.
pub const UPDATE: Actions = 1 << 2;
pub const NODE_ALLOCATABLE: Actions = 1 << 3;
pub const NODE_LABEL: Actions = 1 << 4;
/// Taints, or `spec.unschedulable`.
pub const NODE_TAINT: Actions = 1 << 5;
pub const POD_LABEL: Actions = 1 << 6;
pub const POD_SCALE_DOWN: Actions = 1 << 7;
pub const POD_TOLERATION: Actions = 1 << 8;
pub const POD_GATES: Actions = 1 << 9;

/// A plugin's interest in changes, and a function that says whether one of them may help a pod.
// Models the EventsToRegister functions of pkg/scheduler/framework/plugins
pub struct Interest {
    pub resource: Changed,
    pub actions: Actions,
    pub hint: fn(&Hint<'_>) -> bool,
}

/// A change, seen from a pod that this plugin rejected.
pub struct Hint<'a> {
    pub cache: &'a Cache,
    pub pod: &'a PodInfo,
    pub old: Option<&'a Value>,
    pub new: Option<&'a Value>,
}

/// How a node changed.
// Models pkg/scheduler/framework/events.go
pub fn node_actions(old: &Value, new: &Value) -> Actions {
    let (before, after) = (Node(old), Node(new));
    let mut actions = 0;
    if old.get("metadata").get("labels") != new.get("metadata").get("labels") {
        actions |= NODE_LABEL;
    }
    if before.spec().value().get("taints") != after.spec().value().get("taints")
        || before.spec().unschedulable() != after.spec().unschedulable()
    {
        actions |= NODE_TAINT;
    }
    if before.status().allocatable() != after.status().allocatable() {
        actions |= NODE_ALLOCATABLE;
    }
    actions
}

/// How a pod changed, that asked and asks for so much.
pub fn pod_actions(old: &Value, new: &Value, was: &Resources, is: &Resources) -> Actions {
    let (before, after) = (Pod(old).spec(), Pod(new).spec());
    let mut actions = 0;
    if old.get("metadata").get("labels") != new.get("metadata").get("labels") {
        actions |= POD_LABEL;
    }
    if before.value().get("tolerations") != after.value().get("tolerations") {
        actions |= POD_TOLERATION;
    }
    if before.scheduling_gates().len() != after.scheduling_gates().len() {
        actions |= POD_GATES;
    }
    if less(is, was) {
        actions |= POD_SCALE_DOWN;
    }
    actions
}

/// Whether any resource is asked for less than before.
fn less(is: &Resources, was: &Resources) -> bool {
    is.milli_cpu < was.milli_cpu
        || is.memory < was.memory
        || is.ephemeral_storage < was.ephemeral_storage
        || was.scalar.iter().any(|(name, amount)| is.get(name) < *amount)
}
