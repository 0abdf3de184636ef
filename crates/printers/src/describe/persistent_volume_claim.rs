//! PersistentVolumeClaims.

use podyard_api::Value;
use podyard_api::kinds::{PersistentVolumeClaim, Pod};

use super::out::Out;
use super::{Describer, Read, Related, lists};
use crate::values::{access_modes, age, moment, quantity, storage_class};

pub(super) const DESCRIBER: Describer = Describer { reads, write };

fn reads(object: &Value) -> Vec<Read> {
    vec![Read { version: "v1", resource: "pods", namespace: object.namespace().into(), ..Read::default() }]
}

fn write(object: &Value, related: &Related, out: &mut Out) {
    let claim = PersistentVolumeClaim(object);
    body(claim, Some(related.now), out);
    lists::column(out, "", "Used By", users(claim, related).into_iter().map(str::to_owned));
    let conditions = claim.status().conditions();
    if conditions.len() > 0 {
        out.line(0, "Conditions:");
        out.line(1, "Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage");
        out.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    }
    for condition in conditions {
        let times = [condition.last_probe_time().unwrap_or_default(), condition.last_transition_time()].map(moment);
        let texts = [condition.kind(), condition.status(), &times[0], &times[1], condition.reason()];
        out.line(1, format_args!("{} \t{}", texts.join(" \t"), condition.message()));
    }
}

/// The pods that use the claim, those that own it included.
fn users<'a>(claim: PersistentVolumeClaim<'_>, related: &'a Related) -> Vec<&'a str> {
    let uses = |pod: &Pod<'_>| {
        let mounted = pod.spec().volumes().filter_map(|volume| volume.persistent_volume_claim());
        let owners = claim.metadata().owner_references().filter(|owner| owner.kind() == "Pod");
        mounted.into_iter().any(|source| source.claim_name() == claim.name())
            || owners.into_iter().any(|owner| owner.uid() == pod.uid())
    };
    let mut names: Vec<_> = related.items("pods").map(Pod).filter(uses).map(|pod| pod.name()).collect();
    names.sort_unstable();
    names
}

/// A claim, or the template of one, which has no name or status; `now` is there for a claim.
pub(super) fn body(claim: PersistentVolumeClaim<'_>, now: Option<i64>, out: &mut Out) {
    let (meta, spec, status) = (claim.metadata(), claim.spec(), claim.status());
    if now.is_some() {
        out.field(0, "Name", claim.name());
        out.field(0, "Namespace", claim.namespace());
    }
    out.field(0, "StorageClass", storage_class(meta, spec.storage_class_name().unwrap_or_default()));
    if let Some(now) = now {
        match meta.deletion_timestamp() {
            Some(when) => out.field(0, "Status", format_args!("Terminating (lasts {})", age(when, now))),
            None => out.field(0, "Status", status.phase()),
        }
    }
    out.field(0, "Volume", spec.volume_name());
    lists::labels(out, "Labels", meta.labels());
    lists::annotations(out, "Annotations", meta.annotations());
    if now.is_some() {
        out.field(0, "Finalizers", format_args!("[{}]", meta.finalizers().collect::<Vec<_>>().join(" ")));
    }
    let bound = !spec.volume_name().is_empty();
    let capacity = if bound { quantity(status.value().get("capacity").get("storage")) } else { String::new() };
    out.field(0, "Capacity", capacity);
    out.field(0, "Access Modes", if bound { access_modes(status.access_modes()) } else { String::new() });
    if let Some(mode) = spec.value().get("volumeMode").as_str() {
        out.field(0, "VolumeMode", mode);
    }
    let source = spec.data_source();
    if source.is_null() {
        return;
    }
    out.line(0, "DataSource:");
    out.field_if(1, "APIGroup", source.get("apiGroup").str());
    out.field(1, "Kind", source.get("kind").str());
    out.field(1, "Name", source.get("name").str());
}
