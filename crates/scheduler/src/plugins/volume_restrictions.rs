//! A `ReadWriteOncePod` claim is for one pod at a time.
// Models pkg/scheduler/framework/plugins/volumerestrictions/volume_restrictions.go

use ecow::EcoString;
use podyard_api::kinds::PersistentVolumeClaim;

use super::{Context, PreFilter, Spec, not_found};
use crate::events::{ADD, Changed, DELETE, Interest, UPDATE};
use crate::node_info::NodeInfo;
use crate::pod_info::PodInfo;
use crate::status::{Status, Verdict};

pub const SPEC: Spec = Spec {
    pre_filter: Some(pre_filter),
    pod_moved: Some(pod_moved),
    filter: Some(filter),
    events: &[
        Interest {
            resource: Changed::AssignedPod,
            actions: DELETE,
            hint: |hint| {
                hint.old.is_some_and(|gone| {
                    let gone = PodInfo::new(gone);
                    gone.namespace == hint.pod.namespace && gone.claims.iter().any(|c| hint.pod.claims.contains(c))
                })
            },
        },
        Interest { resource: Changed::Node, actions: ADD, hint: |_| true },
        Interest {
            resource: Changed::PersistentVolumeClaim,
            actions: ADD | UPDATE,
            hint: |hint| hint.new.is_some_and(|claim| uses(hint.pod, claim)),
        },
    ],
    ..Spec::named("VolumeRestrictions")
};

/// Whether the pod uses this claim.
pub fn uses(pod: &PodInfo, claim: &podyard_api::Value) -> bool {
    pod.namespace == claim.namespace() && pod.claims.iter().any(|name| name == claim.name())
}

#[derive(Clone, Default)]
pub struct State {
    /// Claims that only one pod may use.
    exclusive: Vec<EcoString>,
    /// How many uses by other pods there are.
    conflicts: i64,
}

fn pre_filter(cx: &Context<'_>, state: &mut super::State) -> PreFilter {
    let state = &mut state.volume_restrictions;
    // Claims of generic ephemeral volumes belong to the pod alone.
    for volume in cx.pod.pod().spec().volumes() {
        let Some(source) = volume.persistent_volume_claim() else { continue };
        let name = source.claim_name();
        let Some(claim) = cx.cache.object("persistentvolumeclaims", &cx.pod.namespace, name) else {
            return PreFilter::Reject(Status::unresolvable(not_found("persistentvolumeclaim", name)));
        };
        if PersistentVolumeClaim(claim).spec().access_modes().any(|mode| mode == "ReadWriteOncePod") {
            state.exclusive.push(name.into());
            state.conflicts += i64::from(cx.cache.claim_users(&cx.pod.namespace, name) > 0);
        }
    }
    if state.conflicts == 0 { PreFilter::Skip } else { PreFilter::Check }
}

fn pod_moved(cx: &Context<'_>, state: &mut super::State, pod: &PodInfo, _: &NodeInfo, by: i64) {
    let state = &mut state.volume_restrictions;
    if pod.namespace == cx.pod.namespace {
        state.conflicts += by * pod.claims.iter().filter(|claim| state.exclusive.contains(claim)).count() as i64;
    }
}

fn filter(_: &Context<'_>, state: &super::State, _: &NodeInfo) -> Verdict {
    if state.volume_restrictions.conflicts > 0 {
        let reason = "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already \
                      in-use by another pod";
        return Err(Status::unschedulable(reason));
    }
    Ok(())
}
