//! Host ports must be free.
// Models pkg/scheduler/framework/plugins/nodeports/node_ports.go

use super::{Context, PreFilter, Spec};
use crate::events::{ADD, Changed, DELETE, Interest};
use crate::node_info::NodeInfo;
use crate::pod_info::PodInfo;
use crate::status::{Status, Verdict};

pub const SPEC: Spec = Spec {
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    events: &[
        Interest {
            resource: Changed::AssignedPod,
            actions: DELETE,
            hint: |hint| hint.old.is_some_and(|gone| conflict(hint.pod, &PodInfo::new(gone).host_ports)),
        },
        Interest { resource: Changed::Node, actions: ADD, hint: |_| true },
    ],
    ..Spec::named("NodePorts")
};

pub type State = ();

fn pre_filter(cx: &Context<'_>, _: &mut super::State) -> PreFilter {
    if cx.pod.host_ports.is_empty() { PreFilter::Skip } else { PreFilter::Check }
}

fn filter(cx: &Context<'_>, _: &super::State, node: &NodeInfo) -> Verdict {
    if conflict(cx.pod, &node.host_ports) {
        Err(Status::unschedulable("node(s) didn't have free ports for the requested pod ports"))
    } else {
        Ok(())
    }
}

fn conflict(pod: &PodInfo, taken: &[crate::pod_info::HostPort]) -> bool {
    pod.host_ports.iter().any(|port| taken.iter().any(|other| port.conflicts(other)))
}
