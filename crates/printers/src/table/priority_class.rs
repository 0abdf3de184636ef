//! PriorityClasses.

use podyard_api::kinds::PriorityClass;

use super::{AGE, NAME, Printer, boolean, cells, integer, object_age, text};

pub(super) const PRINTER: Printer = Printer {
    columns: &[NAME, integer("Value"), boolean("Global-Default"), AGE, text("PreemptionPolicy")],
    row: |object, now| {
        let class = PriorityClass(object);
        cells![
            class.name(),
            class.priority(),
            class.global_default(),
            object_age(object, now),
            object.get("preemptionPolicy").str(),
        ]
    },
};
