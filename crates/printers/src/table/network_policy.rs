//! NetworkPolicies.

use podyard_api::Selector;
use podyard_api::kinds::NetworkPolicy;

use super::{AGE, NAME, Printer, cells, object_age, text};

pub(super) const PRINTER: Printer = Printer {
    columns: &[NAME, text("Pod-Selector"), AGE],
    row: |object, now| {
        cells![
            object.name(),
            Selector::format(Some(NetworkPolicy(object).spec().pod_selector())),
            object_age(object, now)
        ]
    },
};
