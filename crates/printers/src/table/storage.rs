//! StorageClasses, VolumeAttributesClasses, VolumeAttachments, storage versions and their migrations.

use podyard_api::kinds::StorageClass;

use super::common::with_more_or_unset;
use super::{AGE, Column, NAME, Printer, boolean, cells, object_age, text};

const DEFAULT_CLASS: [&str; 2] =
    ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

pub(super) const CLASS: Printer = Printer {
    columns: &[
        NAME,
        text("Provisioner"),
        text("ReclaimPolicy"),
        text("VolumeBindingMode"),
        text("AllowVolumeExpansion"),
        AGE,
    ],
    row: |object, now| {
        let class = StorageClass(object);
        let default = DEFAULT_CLASS.iter().any(|key| class.metadata().annotation(key) == Some("true"));
        cells![
            if default { format!("{} (default)", class.name()) } else { class.name().to_owned() },
            class.provisioner(),
            class.reclaim_policy(),
            class.volume_binding_mode(),
            class.allow_volume_expansion().unwrap_or_default(),
            object_age(object, now),
        ]
    },
};

pub(super) const ATTRIBUTES_CLASS: Printer = Printer {
    columns: &[NAME, text("DriverName"), AGE],
    row: |object, now| cells![object.name(), object.get("driverName").str(), object_age(object, now)],
};

pub(super) const ATTACHMENT: Printer = Printer {
    columns: &[NAME, Column { format: "name", ..text("Attacher") }, text("PV"), text("Node"), boolean("Attached"), AGE],
    row: |object, now| {
        let spec = object.get("spec");
        cells![
            object.name(),
            spec.get("attacher").str(),
            spec.at(&["source", "persistentVolumeName"]).str(),
            spec.get("nodeName").str(),
            object.at(&["status", "attached"]).as_bool().unwrap_or_default(),
            object_age(object, now),
        ]
    },
};

pub(super) const VERSION: Printer = Printer {
    columns: &[NAME, text("CommonEncodingVersion"), text("StorageVersions"), AGE],
    row: |object, now| {
        let status = object.get("status");
        let versions: Vec<_> = status
            .get("storageVersions")
            .items()
            .iter()
            .map(|item| format!("{}={}", item.get("apiServerID").str(), item.get("encodingVersion").str()))
            .collect();
        let common = status.get("commonEncodingVersion").as_str().unwrap_or("<unset>");
        cells![object.name(), common, with_more_or_unset(&versions), object_age(object, now)]
    },
};
