//! A volume with a zone or region label is used there only.
// Models pkg/scheduler/framework/plugins/volumezone/volume_zone.go

use ecow::EcoString;
use podyard_api::kinds::{PersistentVolume, PersistentVolumeClaim, StorageClass};

use super::volume_restrictions::uses;
use super::{Context, PreFilter, Spec, not_found};
use crate::events::{ADD, Changed, Interest, NODE_LABEL, UPDATE};
use crate::node_info::NodeInfo;
use crate::status::{Status, Verdict};

pub const SPEC: Spec = Spec {
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    events: &[
        Interest { resource: Changed::StorageClass, actions: ADD, hint: |_| true },
        Interest { resource: Changed::Node, actions: ADD | NODE_LABEL, hint: |_| true },
        Interest {
            resource: Changed::PersistentVolumeClaim,
            actions: ADD | UPDATE,
            hint: |hint| hint.new.is_some_and(|claim| uses(hint.pod, claim)),
        },
        Interest { resource: Changed::PersistentVolume, actions: ADD | UPDATE, hint: |_| true },
    ],
    ..Spec::named("VolumeZone")
};

/// The labels with a meaning, and their other name.
const LABELS: [(&str, &str); 4] = [
    ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
    ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"),
    ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"),
];

/// The places that the pod's volumes name.
#[derive(Clone, Default)]
pub struct State {
    places: Vec<Place>,
}

#[derive(Clone)]
struct Place {
    key: &'static str,
    other_key: &'static str,
    values: Vec<EcoString>,
}

fn pre_filter(cx: &Context<'_>, state: &mut super::State) -> PreFilter {
    match places(cx) {
        Err(status) => PreFilter::Reject(status),
        Ok(places) if places.is_empty() => PreFilter::Skip,
        Ok(places) => {
            state.volume_zone.places = places;
            PreFilter::Check
        }
    }
}

fn places(cx: &Context<'_>) -> Result<Vec<Place>, Status> {
    let mut places = Vec::new();
    for volume in cx.pod.pod().spec().volumes() {
        let Some(source) = volume.persistent_volume_claim() else { continue };
        let name = source.claim_name();
        let claim = cx.cache.object("persistentvolumeclaims", &cx.pod.namespace, name);
        let claim = claim.ok_or_else(|| Status::unresolvable(not_found("persistentvolumeclaim", name)))?;
        let claim = PersistentVolumeClaim(claim);
        let volume = claim.spec().volume_name();
        if volume.is_empty() {
            if waits_for_consumer(cx, claim)? {
                continue;
            }
            return Err(Status::unresolvable("PersistentVolume had no name"));
        }
        let object = cx.cache.object("persistentvolumes", "", volume);
        let object = object.ok_or_else(|| Status::unresolvable(not_found("persistentvolume", volume)))?;
        for (key, other_key) in LABELS {
            if let Some(value) = PersistentVolume(object).metadata().label(key) {
                let values = value.split("__").map(|value| value.trim().into()).collect();
                places.push(Place { key, other_key, values });
            }
        }
    }
    Ok(places)
}

fn waits_for_consumer(cx: &Context<'_>, claim: PersistentVolumeClaim<'_>) -> Result<bool, Status> {
    let name = claim.spec().storage_class_name().unwrap_or_default();
    if name.is_empty() {
        return Err(Status::unresolvable("PersistentVolumeClaim had no pv name and storageClass name"));
    }
    let class = cx.cache.object("storageclasses", "", name);
    let class = class.ok_or_else(|| Status::unresolvable(not_found("storageclass.storage.k8s.io", name)))?;
    Ok(StorageClass(class).volume_binding_mode() == "WaitForFirstConsumer")
}

fn filter(_: &Context<'_>, state: &super::State, node: &NodeInfo) -> Verdict {
    // A node without any such label is of no zone, and takes every volume.
    if !LABELS.iter().any(|(key, _)| node.label(key).is_some()) {
        return Ok(());
    }
    for place in &state.volume_zone.places {
        let value = node.label(place.key).or_else(|| node.label(place.other_key));
        if !value.is_some_and(|value| place.values.iter().any(|v| v == value)) {
            return Err(Status::unresolvable("node(s) had no available volume zone"));
        }
    }
    Ok(())
}
