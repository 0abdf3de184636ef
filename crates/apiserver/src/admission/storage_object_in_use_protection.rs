//! Volumes and claims do not go while something uses them.
// Models plugin/pkg/admission/storage/storageobjectinuseprotection/admission.go

use podyard_api::Status;

use super::Attributes;
use crate::{ApiServer, ResourceKey};

pub(super) fn admit(_: &mut ApiServer, attributes: &mut Attributes) -> Result<(), Status> {
    let finalizer = if attributes.creates(ResourceKey::PERSISTENT_VOLUME_CLAIMS) {
        "kubernetes.io/pvc-protection"
    } else if attributes.creates(ResourceKey::PERSISTENT_VOLUMES) {
        "kubernetes.io/pv-protection"
    } else {
        return Ok(());
    };
    if let Some(object) = attributes.object.as_mut() {
        let finalizers = object.meta_mut().field_mut("finalizers");
        if !finalizers.items().iter().any(|f| *f == finalizer) {
            finalizers.push(finalizer);
        }
    }
    Ok(())
}
