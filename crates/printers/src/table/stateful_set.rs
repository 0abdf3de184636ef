//! StatefulSets.

use podyard_api::kinds::StatefulSet;

use super::common::containers;
use super::{AGE, NAME, Printer, cells, object_age, text, wide};

pub(super) const PRINTER: Printer = Printer {
    columns: &[NAME, text("Ready"), AGE, wide("Containers"), wide("Images")],
    row: |object, now| {
        let set = StatefulSet(object);
        let (names, images) = containers(set.spec().template().spec());
        let ready = format!("{}/{}", set.status().ready_replicas(), set.spec().replicas());
        cells![set.name(), ready, object_age(object, now), names, images]
    },
};
