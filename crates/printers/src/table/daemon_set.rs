//! DaemonSets.

use podyard_api::Selector;
use podyard_api::kinds::DaemonSet;

use super::common::containers;
use super::{AGE, NAME, Printer, cells, integer, object_age, text, wide};
use crate::labels::labels;

pub(super) const PRINTER: Printer = Printer {
    columns: &[
        NAME,
        integer("Desired"),
        integer("Current"),
        integer("Ready"),
        integer("Up-to-date"),
        integer("Available"),
        text("Node Selector"),
        AGE,
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    row: |object, now| {
        let set = DaemonSet(object);
        let (spec, status) = (set.spec(), set.status());
        let (names, images) = containers(spec.template().spec());
        cells![
            set.name(),
            status.desired_number_scheduled(),
            status.current_number_scheduled(),
            status.number_ready(),
            status.updated_number_scheduled(),
            status.number_available(),
            labels(spec.template().spec().node_selector()),
            object_age(object, now),
            names,
            images,
            Selector::format(Some(spec.selector())),
        ]
    },
};
