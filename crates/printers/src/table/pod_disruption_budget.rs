//! PodDisruptionBudgets.

use podyard_api::Value;
use podyard_api::kinds::PodDisruptionBudget;

use super::{AGE, NAME, Printer, cells, integer, object_age, text};
use crate::values::int_or_string;

pub(super) const PRINTER: Printer = Printer {
    columns: &[NAME, text("Min Available"), text("Max Unavailable"), integer("Allowed Disruptions"), AGE],
    row: |object, now| {
        let budget = PodDisruptionBudget(object);
        let bound = |value: &Value| if value.is_null() { "N/A".to_owned() } else { int_or_string(value) };
        cells![
            budget.name(),
            bound(budget.spec().min_available()),
            bound(budget.spec().max_unavailable()),
            budget.status().disruptions_allowed(),
            object_age(object, now),
        ]
    },
};
