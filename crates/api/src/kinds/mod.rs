//! Typed views of the kinds: getters over a stored object, with Kubernetes' defaults.
//!
//! `Pod(&value).spec().containers()` reads; the functions of the kind modules (`pod::set_phase(&mut value, …)`) write.

pub mod condition;
pub mod config;
pub mod container;
pub mod coordination;
pub mod event;
pub mod job;
pub mod label_selector;
pub mod meta;
pub mod namespace;
pub mod network_policy;
pub mod node;
pub mod pod;
pub mod pod_spec;
pub mod policy;
pub mod rbac;
pub mod reference;
pub mod service;
pub mod storage;
pub mod volume;
pub mod workload;

pub use condition::Condition;
pub use config::*;
pub use container::*;
pub use coordination::{Lease, LeaseSpec};
pub use event::*;
pub use job::*;
pub use label_selector::*;
pub use meta::{ObjectMeta, OwnerReference};
pub use namespace::*;
pub use network_policy::*;
pub use node::{ContainerImage, Node, NodeAddress, NodeSpec, NodeStatus, NodeSystemInfo, Taint};
pub use pod::{
    Binding, ContainerState, ContainerStateRunning, ContainerStateTerminated, ContainerStateWaiting, ContainerStatus,
    Pod, PodIp, PodStatus, VolumeMountStatus,
};
pub use pod_spec::*;
pub use policy::*;
pub use rbac::*;
pub use reference::{LocalObjectReference, ObjectReference};
pub use service::*;
pub use storage::*;
pub use volume::*;
pub use workload::*;

/// What every object's view has.
macro_rules! objects {
    ($($kind:ident)*) => {$(
        impl<'a> $kind<'a> {
            pub fn name(self) -> &'a str {
                self.metadata().name()
            }

            /// Empty for cluster-scoped objects.
            pub fn namespace(self) -> &'a str {
                self.metadata().namespace()
            }

            pub fn uid(self) -> &'a str {
                self.metadata().uid()
            }
        }
    )*};
}

objects! {
    Binding ClusterRole ConfigMap ControllerRevision CronJob DaemonSet Deployment EndpointSlice Endpoints Event
    HorizontalPodAutoscaler Ingress IngressClass Job Lease LimitRange Namespace NetworkPolicy Node PersistentVolume
    PersistentVolumeClaim Pod PodDisruptionBudget PriorityClass ReplicaSet ResourceQuota Role RoleBinding Secret
    Service ServiceAccount StatefulSet StorageClass
}
