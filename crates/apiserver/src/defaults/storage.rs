//! Volumes, claims and storage classes.
// Models pkg/apis/core/v1/defaults.go and pkg/apis/storage/v1/defaults.go

use podyard_api::Value;

use super::fill;

pub(crate) fn persistent_volume_claim(object: &mut Value) {
    fill(object.field_mut("spec"), "volumeMode", "Filesystem");
}

pub(crate) fn persistent_volume(object: &mut Value) {
    fill(object.field_mut("status"), "phase", "Pending");
    let spec = object.field_mut("spec");
    fill(spec, "persistentVolumeReclaimPolicy", "Retain");
    fill(spec, "volumeMode", "Filesystem");
    if spec.get("hostPath").is_object() {
        fill(spec.field_mut("hostPath"), "type", "");
    }
}

pub(crate) fn storage_class(object: &mut Value) {
    fill(object, "reclaimPolicy", "Delete");
    fill(object, "volumeBindingMode", "Immediate");
}
