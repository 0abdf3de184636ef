//! Device classes, resource claims, slices and device taints.

use podyard_api::Value;

use super::{AGE, NAME, Printer, cells, object_age, text};
use crate::values::age;

/// `DeviceClass` and `ResourceClaimTemplate`.
pub(super) const NAMED: Printer =
    Printer { columns: &[NAME, AGE], row: |object, now| cells![object.name(), object_age(object, now)] };

pub(super) const CLAIM: Printer = Printer {
    columns: &[NAME, text("State"), AGE],
    row: |object, now| cells![object.name(), state(object), object_age(object, now)],
};

pub(super) const SLICE: Printer = Printer {
    columns: &[NAME, text("Node"), text("Driver"), text("Pool"), AGE],
    row: |object, now| {
        let spec = object.get("spec");
        let [node, driver, pool] =
            [spec.get("nodeName"), spec.get("driver"), spec.at(&["pool", "name"])].map(Value::str);
        cells![object.name(), node, driver, pool, object_age(object, now)]
    },
};

pub(super) const TAINT_RULE: Printer = Printer {
    columns: &[NAME, text("Key"), text("Value"), text("Effect"), text("TimeAdded"), AGE],
    row: |object, now| {
        let taint = object.at(&["spec", "taint"]);
        let [key, value, effect] = ["key", "value", "effect"].map(|field| taint.get(field).str());
        let added = taint.get("timeAdded").as_str().map(|when| age(when, now)).unwrap_or_default();
        cells![object.name(), key, value, effect, added, object_age(object, now)]
    },
};

/// `pending`, `allocated,reserved` …
fn state(claim: &Value) -> &'static str {
    let status = claim.get("status");
    let deleted = claim.meta().deletion_timestamp().is_some();
    let reserved = !status.get("reservedFor").items().is_empty();
    match (deleted, status.get("allocation").is_null(), reserved) {
        (true, true, _) => "deleted",
        (false, true, _) => "pending",
        (true, false, false) => "deleted,allocated",
        (true, false, true) => "deleted,allocated,reserved",
        (false, false, false) => "allocated",
        (false, false, true) => "allocated,reserved",
    }
}
