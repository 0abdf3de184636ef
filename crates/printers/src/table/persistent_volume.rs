//! PersistentVolumes and PersistentVolumeClaims.

use podyard_api::Value;
use podyard_api::kinds::{ObjectMeta, PersistentVolume, PersistentVolumeClaim};

use super::{AGE, NAME, Printer, Row, cells, object_age, text, wide};
use crate::values::{access_modes, quantity, storage_class};

pub(super) const VOLUME: Printer = Printer {
    columns: &[
        NAME,
        text("Capacity"),
        text("Access Modes"),
        text("Reclaim Policy"),
        text("Status"),
        text("Claim"),
        text("StorageClass"),
        text("VolumeAttributesClass"),
        text("Reason"),
        AGE,
        wide("VolumeMode"),
    ],
    row: volume,
};

pub(super) const CLAIM: Printer = Printer {
    columns: &[
        NAME,
        text("Status"),
        text("Volume"),
        text("Capacity"),
        text("Access Modes"),
        text("StorageClass"),
        text("VolumeAttributesClass"),
        AGE,
        wide("VolumeMode"),
    ],
    row: claim,
};

fn volume(object: &Value, now: i64) -> Row {
    let volume = PersistentVolume(object);
    let (spec, status) = (volume.spec(), volume.status());
    let claim = spec.claim_ref().map(|claim| format!("{}/{}", claim.namespace(), claim.name()));
    cells![
        volume.name(),
        quantity(spec.value().get("capacity").get("storage")),
        access_modes(spec.access_modes()),
        spec.reclaim_policy(),
        phase(volume.metadata(), status.phase()),
        claim.unwrap_or_default(),
        storage_class(volume.metadata(), spec.storage_class_name()),
        spec.volume_attributes_class_name().unwrap_or("<unset>"),
        status.reason(),
        object_age(object, now),
        spec.volume_mode(),
    ]
}

fn claim(object: &Value, now: i64) -> Row {
    let claim = PersistentVolumeClaim(object);
    let (spec, status) = (claim.spec(), claim.status());
    let bound = !spec.volume_name().is_empty();
    cells![
        claim.name(),
        phase(claim.metadata(), status.phase()),
        spec.volume_name(),
        if bound { quantity(status.value().get("capacity").get("storage")) } else { String::new() },
        if bound { access_modes(status.access_modes()) } else { String::new() },
        storage_class(claim.metadata(), spec.storage_class_name().unwrap_or_default()),
        spec.volume_attributes_class_name().unwrap_or("<unset>"),
        object_age(object, now),
        spec.volume_mode(),
    ]
}

fn phase<'a>(meta: ObjectMeta<'_>, phase: &'a str) -> &'a str {
    if meta.deletion_timestamp().is_some() { "Terminating" } else { phase }
}
