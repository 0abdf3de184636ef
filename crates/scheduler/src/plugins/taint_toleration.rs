//! Taints keep away pods that do not tolerate them, or make nodes less liked.
// Models pkg/scheduler/framework/plugins/tainttoleration/taint_toleration.go

use podyard_api::kinds::{Node, Pod, Taint};

use super::{Context, Spec, normalize};
use crate::events::{ADD, Changed, Hint, Interest, NODE_TAINT, POD_TOLERATION};
use crate::node_info::NodeInfo;
use crate::status::{Status, Verdict};

pub const SPEC: Spec = Spec {
    filter: Some(filter),
    pre_score: Some(|_, _, _| true),
    score: Some(score),
    normalize: Some(|_, scores| normalize(scores, true)),
    events: &[
        Interest { resource: Changed::Node, actions: ADD | NODE_TAINT, hint: after_node },
        Interest { resource: Changed::Pod, actions: POD_TOLERATION, hint: |_| true },
    ],
    ..Spec::named("TaintToleration")
};

pub type State = ();

fn filter(cx: &Context<'_>, _: &super::State, node: &NodeInfo) -> Verdict {
    if node.has_taints && is_kept_away(cx.pod.pod(), node.node()) {
        Err(Status::unresolvable("node(s) had untolerated taint(s)"))
    } else {
        Ok(())
    }
}

/// Whether the node has a taint `NoSchedule` or `NoExecute` that the pod does not tolerate.
pub fn is_kept_away(pod: Pod<'_>, node: Node<'_>) -> bool {
    let forbids = |taint: &Taint<'_>| matches!(taint.effect(), "NoSchedule" | "NoExecute");
    let tolerated = |taint: Taint<'_>| pod.spec().tolerations().any(|toleration| toleration.tolerates(taint));
    node.spec().taints().filter(forbids).any(|taint| !tolerated(taint))
}

/// How many taints `PreferNoSchedule` the pod does not tolerate.
fn score(cx: &Context<'_>, _: &super::State, _: usize, node: &NodeInfo) -> i64 {
    if !node.has_taints {
        return 0;
    }
    let spec = cx.pod.pod().spec();
    let tolerated = |taint: Taint<'_>| {
        let mut relevant = spec.tolerations().filter(|t| matches!(t.effect(), "" | "PreferNoSchedule"));
        relevant.any(|toleration| toleration.tolerates(taint))
    };
    node.taints().filter(|taint| taint.effect() == "PreferNoSchedule" && !tolerated(*taint)).count() as i64
}

fn after_node(hint: &Hint<'_>) -> bool {
    let open = |node| !is_kept_away(hint.pod.pod(), Node(node));
    hint.new.is_some_and(open) && !hint.old.is_some_and(open)
}
