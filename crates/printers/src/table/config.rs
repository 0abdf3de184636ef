//! ConfigMaps, Secrets and service accounts.

use podyard_api::kinds::{ConfigMap, Secret};

use super::{AGE, NAME, Printer, cells, object_age, text};

pub(super) const CONFIG_MAP: Printer = Printer {
    columns: &[NAME, text("Data"), AGE],
    row: |object, now| {
        let map = ConfigMap(object);
        cells![map.name(), map.data().len() + map.binary_data().len(), object_age(object, now)]
    },
};

pub(super) const SECRET: Printer = Printer {
    columns: &[NAME, text("Type"), text("Data"), AGE],
    row: |object, now| {
        let secret = Secret(object);
        cells![secret.name(), secret.kind(), secret.data().len(), object_age(object, now)]
    },
};

pub(super) const SERVICE_ACCOUNT: Printer =
    Printer { columns: &[NAME, AGE], row: |object, now| cells![object.name(), object_age(object, now)] };
