//! A pod that names its node goes there only.
// Models pkg/scheduler/framework/plugins/nodename/node_name.go

use super::{Context, Spec};
use crate::events::{ADD, Changed, Interest};
use crate::node_info::NodeInfo;
use crate::status::{Status, Verdict};

pub const SPEC: Spec = Spec {
    filter: Some(filter),
    events: &[Interest {
        resource: Changed::Node,
        actions: ADD,
        hint: |hint| hint.new.is_some_and(|node| node.name() == hint.pod.pod().node_name()),
    }],
    ..Spec::named("NodeName")
};

pub type State = ();

fn filter(cx: &Context<'_>, _: &super::State, node: &NodeInfo) -> Verdict {
    let wanted = &cx.pod.node_name;
    if wanted.is_empty() || *wanted == node.name {
        Ok(())
    } else {
        Err(Status::unresolvable("node(s) didn't match the requested node name"))
    }
}
