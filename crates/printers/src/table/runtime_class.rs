//! RuntimeClasses.

use super::{AGE, NAME, Printer, cells, object_age, text};

pub(super) const PRINTER: Printer = Printer {
    columns: &[NAME, text("Handler"), AGE],
    row: |object, now| cells![object.name(), object.get("handler").str(), object_age(object, now)],
};
