//! Cordoned nodes take only pods that tolerate that.
// Models pkg/scheduler/framework/plugins/nodeunschedulable/node_unschedulable.go

use podyard_api::kinds::{Node, Pod, Taint};
use podyard_api::{Value, value};

use super::{Context, Spec};
use crate::events::{ADD, Changed, Interest, NODE_TAINT, POD_TOLERATION};
use crate::node_info::NodeInfo;
use crate::status::{Status, Verdict};

pub const SPEC: Spec = Spec {
    filter: Some(filter),
    events: &[
        Interest {
            resource: Changed::Node,
            actions: ADD | NODE_TAINT,
            hint: |hint| hint.new.is_some_and(|node| !Node(node).spec().unschedulable()) || tolerates(hint.pod.pod()),
        },
        Interest { resource: Changed::Pod, actions: POD_TOLERATION, hint: |hint| tolerates(hint.pod.pod()) },
    ],
    ..Spec::named("NodeUnschedulable")
};

pub type State = ();

fn filter(cx: &Context<'_>, _: &super::State, node: &NodeInfo) -> Verdict {
    if node.unschedulable && !tolerates(cx.pod.pod()) {
        Err(Status::unresolvable("node(s) were unschedulable"))
    } else {
        Ok(())
    }
}

fn tolerates(pod: Pod<'_>) -> bool {
    let taint: Value = value!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"});
    pod.spec().tolerations().any(|toleration| toleration.tolerates(Taint(&taint)))
}
