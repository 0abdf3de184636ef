//! Resource claims. Clusters here have none: it scores every node 0, and its post-filter speaks in messages.
// Models pkg/scheduler/framework/plugins/dynamicresources/dynamicresources.go

use super::{Context, PreFilter, Spec, normalize};
use crate::framework::{PostFilter, PostFilterResult};
use crate::node_info::NodeInfo;
use crate::status::Status;

pub const SPEC: Spec = Spec {
    pre_filter: Some(pre_filter),
    post_filter: Some(post_filter),
    score: Some(score),
    normalize: Some(|_, scores| normalize(scores, false)),
    ..Spec::named("DynamicResources")
};

/// Whether its `PreFilter` had its turn.
#[derive(Clone, Default)]
pub struct State {
    ran: bool,
}

fn pre_filter(_: &Context<'_>, state: &mut super::State) -> PreFilter {
    state.dynamic_resources.ran = true;
    PreFilter::Skip
}

fn post_filter(run: &PostFilter<'_, '_>) -> PostFilterResult {
    let status = if run.state.dynamic_resources.ran {
        Status::unschedulable("no new claims to deallocate")
    } else {
        // Another plugin's PreFilter rejected the pod before: the state of the cycle is not there.
        Status::error("not found")
    };
    PostFilterResult::rejected(status)
}

fn score(_: &Context<'_>, _: &super::State, _: usize, _: &NodeInfo) -> i64 {
    0
}
