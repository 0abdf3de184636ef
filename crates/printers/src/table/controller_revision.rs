//! ControllerRevisions.

use podyard_api::kinds::{ControllerRevision, reference};

use super::{AGE, NAME, Printer, cells, object_age, text};

pub(super) const PRINTER: Printer = Printer {
    columns: &[NAME, text("Controller"), text("Revision"), AGE],
    row: |object, now| {
        let revision = ControllerRevision(object);
        let controller = match revision.metadata().controller() {
            None => "<none>".to_owned(),
            Some(owner) => {
                let kind = match reference::group_version(owner.api_version()).0 {
                    "" => owner.kind().to_lowercase(),
                    group => format!("{}.{group}", owner.kind().to_lowercase()),
                };
                format!("{kind}/{}", owner.name())
            }
        };
        cells![revision.name(), controller, revision.revision(), object_age(object, now)]
    },
};
