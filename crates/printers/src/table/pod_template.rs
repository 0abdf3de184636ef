//! PodTemplates.

use podyard_api::kinds::PodTemplateSpec;

use super::common::containers;
use super::{NAME, Printer, cells, text};
use crate::labels::labels;

pub(super) const PRINTER: Printer = Printer {
    columns: &[NAME, text("Containers"), text("Images"), text("Pod Labels")],
    row: |object, _| {
        let template = PodTemplateSpec(object.get("template"));
        let (names, images) = containers(template.spec());
        cells![object.name(), names, images, labels(template.metadata().labels())]
    },
};
