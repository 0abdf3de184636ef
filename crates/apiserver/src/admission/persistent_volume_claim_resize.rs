//! Claims grow only where their class lets them.
// Models plugin/pkg/admission/storage/persistentvolume/resize/admission.go

use podyard_api::{Quantity, Status, Value, Verb};

use super::Attributes;
use crate::{ApiServer, ResourceKey};

pub(super) fn validate(server: &ApiServer, attributes: &Attributes) -> Result<(), Status> {
    let is_update = attributes.key == ResourceKey::PERSISTENT_VOLUME_CLAIMS
        && attributes.verb == Verb::Update
        && attributes.sub.is_empty();
    let (Some(new), Some(old)) = (&attributes.object, &attributes.old) else { return Ok(()) };
    if !is_update || size(new) <= size(old) {
        return Ok(());
    }
    if *old.at(&["status", "phase"]) != "Bound" {
        return Err(attributes.forbidden("Only bound persistent volume claims can be expanded"));
    }
    let class = new.at(&["spec", "storageClassName"]);
    let may_grow = class == old.at(&["spec", "storageClassName"])
        && server
            .get(ResourceKey::STORAGE_CLASSES, "", class.str())
            .is_some_and(|class| class.get("allowVolumeExpansion").as_bool() == Some(true));
    if may_grow {
        return Ok(());
    }
    Err(attributes.forbidden(
        "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
    ))
}

fn size(claim: &Value) -> Option<Quantity> {
    Quantity::try_of(claim.at(&["spec", "resources", "requests", "storage"])).ok()
}
