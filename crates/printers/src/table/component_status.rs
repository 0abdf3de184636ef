//! ComponentStatuses.

use podyard_api::kinds::Condition;

use super::{NAME, Printer, cells, text};

pub(super) const PRINTER: Printer = Printer {
    columns: &[NAME, text("Status"), text("Message"), text("Error")],
    row: |object, _| {
        let mut conditions = object.get("conditions").items().iter().map(Condition);
        match conditions.find(|condition| condition.kind() == "Healthy") {
            Some(found) => {
                let status = if found.is_true() { "Healthy" } else { "Unhealthy" };
                cells![object.name(), status, found.message(), found.value().get("error").str()]
            }
            None => cells![object.name(), "Unknown", "", ""],
        }
    },
};
