//! A pod with scheduling gates waits until they are removed.
// Models pkg/scheduler/framework/plugins/schedulinggates/scheduling_gates.go

use super::Spec;
use crate::cache::Cache;
use crate::events::{Changed, Interest, POD_GATES};
use crate::pod_info::PodInfo;
use crate::status::{Status, Verdict};

pub const SPEC: Spec = Spec {
    pre_enqueue: Some(pre_enqueue),
    events: &[Interest {
        resource: Changed::Pod,
        actions: POD_GATES,
        hint: |hint| hint.pod.pod().spec().scheduling_gates().len() == 0,
    }],
    ..Spec::named("SchedulingGates")
};

pub type State = ();

fn pre_enqueue(_: &Cache, pod: &PodInfo) -> Verdict {
    let gates: Vec<_> = pod.pod().spec().scheduling_gates().map(|gate| gate.name()).collect();
    if gates.is_empty() {
        Ok(())
    } else {
        Err(Status::unresolvable(format!("waiting for scheduling gates: [{}]", gates.join(" "))))
    }
}
