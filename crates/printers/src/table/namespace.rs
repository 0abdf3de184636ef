//! Namespaces.

use podyard_api::kinds::Namespace;

use super::{AGE, NAME, Printer, cells, object_age, text};

pub(super) const PRINTER: Printer = Printer {
    columns: &[NAME, text("Status"), AGE],
    row: |object, now| cells![object.name(), Namespace(object).status().phase(), object_age(object, now)],
};
