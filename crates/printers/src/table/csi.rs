//! CSIDrivers, CSINodes and CSIStorageCapacities.

use podyard_api::Value;

use super::{AGE, NAME, Printer, boolean, cells, integer, object_age, text};
use crate::values::{or, quantity};

pub(super) const DRIVER: Printer = Printer {
    columns: &[
        NAME,
        boolean("AttachRequired"),
        boolean("PodInfoOnMount"),
        boolean("StorageCapacity"),
        text("TokenRequests"),
        boolean("RequiresRepublish"),
        text("Modes"),
        AGE,
    ],
    row: |object, now| {
        let spec = object.get("spec");
        let flag = |name: &str, default: bool| spec.get(name).as_bool().unwrap_or(default);
        let requests = spec.get("tokenRequests");
        let audiences: Vec<_> = requests.items().iter().map(|request| request.get("audience").str()).collect();
        let modes: Vec<_> = spec.get("volumeLifecycleModes").items().iter().map(Value::str).collect();
        cells![
            object.name(),
            flag("attachRequired", true),
            flag("podInfoOnMount", false),
            flag("storageCapacity", false),
            if requests.is_null() { "<unset>".to_owned() } else { audiences.join(",") },
            flag("requiresRepublish", false),
            or(&modes.join(","), "<none>"),
            object_age(object, now),
        ]
    },
};

pub(super) const NODE: Printer = Printer {
    columns: &[NAME, integer("Drivers"), AGE],
    row: |object, now| cells![object.name(), object.at(&["spec", "drivers"]).items().len(), object_age(object, now)],
};

pub(super) const STORAGE_CAPACITY: Printer = Printer {
    columns: &[NAME, text("StorageClassName"), text("Capacity")],
    row: |object, _| {
        let capacity = object.get("capacity");
        let text = if capacity.is_null() { "<unset>".to_owned() } else { quantity(capacity) };
        cells![object.name(), object.get("storageClassName").str(), text]
    },
};
