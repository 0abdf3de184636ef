//! Claims that name no storage class get the default one.
// Models plugin/pkg/admission/storage/storageclass/setdefault/admission.go

use podyard_api::{Key, Status, Value};

use super::Attributes;
use crate::{ApiServer, ResourceKey};

const DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";
const BETA: &str = "storageclass.beta.kubernetes.io/is-default-class";
const OLD_ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";

pub(super) fn admit(server: &mut ApiServer, attributes: &mut Attributes) -> Result<(), Status> {
    if !attributes.creates(ResourceKey::PERSISTENT_VOLUME_CLAIMS) {
        return Ok(());
    }
    let Some(claim) = attributes.object.as_mut() else { return Ok(()) };
    if !claim.get("spec").get("storageClassName").is_null() || claim.meta().annotation(OLD_ANNOTATION).is_some() {
        return Ok(());
    }
    let is_default = |class: &&Value| [DEFAULT, BETA].iter().any(|key| class.meta().annotation(key) == Some("true"));
    // The newest of several; of equal age the first by name.
    let classes = server.list(ResourceKey::STORAGE_CLASSES, None).filter(is_default);
    let newest = classes.reduce(|best, class| {
        let later = class.meta().creation_timestamp() > best.meta().creation_timestamp();
        if later { class } else { best }
    });
    if let Some(class) = newest {
        let name = class.name_text();
        claim.field_mut("spec").set(Key::Static("storageClassName"), name);
    }
    Ok(())
}
