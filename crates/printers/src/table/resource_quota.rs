//! ResourceQuotas.

use podyard_api::kinds::ResourceQuota;

use super::{AGE, NAME, Printer, cells, object_age, text};
use crate::values::quantity;

pub(super) const PRINTER: Printer = Printer {
    columns: &[NAME, text("Request"), text("Limit"), AGE],
    row: |object, now| {
        let quota = ResourceQuota(object);
        let column = |limits: bool| {
            let hard = quota.status().hard().iter().filter(|(name, _)| name.starts_with("limits.") == limits);
            let used = quota.status().value().get("used");
            let text = |name: &str, hard| format!("{name}: {}/{}", quantity(used.get(name)), quantity(hard));
            hard.map(|(name, hard)| text(name, hard)).collect::<Vec<_>>().join(", ")
        };
        cells![quota.name(), column(false), column(true), object_age(object, now)]
    },
};
