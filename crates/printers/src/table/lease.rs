//! Leases and LeaseCandidates.

use podyard_api::kinds::Lease;

use super::{AGE, NAME, Printer, cells, object_age, text};

pub(super) const LEASE: Printer = Printer {
    columns: &[NAME, text("Holder"), AGE],
    row: |object, now| cells![object.name(), Lease(object).spec().holder_identity(), object_age(object, now)],
};

pub(super) const CANDIDATE: Printer = Printer {
    columns: &[NAME, text("LeaseName"), text("BinaryVersion"), text("EmulationVersion"), AGE],
    row: |object, now| {
        let [lease, binary, emulation] =
            ["leaseName", "binaryVersion", "emulationVersion"].map(|field| object.at(&["spec", field]).str());
        cells![object.name(), lease, binary, emulation, object_age(object, now)]
    },
};
