//! A storage driver attaches only so many volumes to a node.
// Models pkg/scheduler/framework/plugins/nodevolumelimits/csi.go

use std::collections::BTreeMap;

use ecow::EcoString;
use podyard_api::kinds::{PersistentVolume, PersistentVolumeClaim, StorageClass};

use super::volume_restrictions::uses;
use super::{Context, PreFilter, Spec, not_found};
use crate::events::{ADD, Changed, DELETE, Interest, UPDATE};
use crate::node_info::NodeInfo;
use crate::pod_info::PodInfo;
use crate::status::{Status, Verdict};

pub const SPEC: Spec = Spec {
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    events: &[
        Interest { resource: Changed::CsiNode, actions: ADD | UPDATE, hint: |_| true },
        Interest {
            resource: Changed::AssignedPod,
            actions: DELETE,
            hint: |hint| hint.old.is_some_and(|gone| !PodInfo::new(gone).claims.is_empty()),
        },
        Interest {
            resource: Changed::PersistentVolumeClaim,
            actions: ADD,
            hint: |hint| hint.new.is_some_and(|claim| uses(hint.pod, claim)),
        },
    ],
    ..Spec::named("NodeVolumeLimits")
};

pub type State = ();

fn pre_filter(cx: &Context<'_>, _: &mut super::State) -> PreFilter {
    if cx.pod.claims.is_empty() { PreFilter::Skip } else { PreFilter::Check }
}

fn filter(cx: &Context<'_>, _: &super::State, node: &NodeInfo) -> Verdict {
    let mut wanted = BTreeMap::new();
    for claim in &cx.pod.claims {
        let Some(object) = cx.cache.object("persistentvolumeclaims", &cx.pod.namespace, claim) else {
            return Err(Status::unresolvable(not_found("persistentvolumeclaim", claim)));
        };
        wanted.extend(attachment(cx, PersistentVolumeClaim(object)));
    }
    let limits = limits(cx, node);
    if wanted.is_empty() || limits.is_empty() {
        return Ok(());
    }
    let mut attached = BTreeMap::new();
    for pod in &node.pods {
        for claim in &pod.claims {
            let object = cx.cache.object("persistentvolumeclaims", &pod.namespace, claim);
            attached.extend(object.and_then(|object| attachment(cx, PersistentVolumeClaim(object))));
        }
    }
    wanted.retain(|volume, _| !attached.contains_key(volume));
    for (driver, limit) in limits {
        let count =
            |volumes: &BTreeMap<EcoString, EcoString>| volumes.values().filter(|d| **d == driver).count() as i64;
        let more = count(&wanted);
        if more > 0 && count(&attached) + more > limit {
            return Err(Status::unschedulable("node(s) exceed max volume count"));
        }
    }
    Ok(())
}

/// The limits of the drivers of a node that have one.
fn limits(cx: &Context<'_>, node: &NodeInfo) -> Vec<(EcoString, i64)> {
    let Some(object) = cx.cache.object("csinodes", "", &node.name) else { return Vec::new() };
    let drivers = object.get("spec").get("drivers").items().iter();
    let limit = |driver: &podyard_api::Value| {
        Some((driver.get("name").text(), driver.get("allocatable").get("count").as_i64()?))
    };
    drivers.filter_map(limit).collect()
}

/// A claim's volume in its driver's eyes, and the driver; of a claim without a volume, what it will be.
fn attachment(cx: &Context<'_>, claim: PersistentVolumeClaim<'_>) -> Option<(EcoString, EcoString)> {
    let volume = cx.cache.object("persistentvolumes", "", claim.spec().volume_name());
    let (driver, handle) = match volume {
        Some(volume) => {
            let csi = PersistentVolume(volume).spec().csi();
            (csi.get("driver").text(), csi.get("volumeHandle").text())
        }
        None => {
            let class = claim.spec().storage_class_name().filter(|class| !class.is_empty())?;
            let class = cx.cache.object("storageclasses", "", class)?;
            let pending = ecow::eco_format!("pending-{}/{}", claim.namespace(), claim.name());
            (StorageClass(class).provisioner().into(), pending)
        }
    };
    let known = !driver.is_empty() && !handle.is_empty();
    known.then(|| (ecow::eco_format!("{driver}/{handle}"), driver))
}
