//! ReplicaSets and ReplicationControllers.

use podyard_api::Selector;
use podyard_api::Value;
use podyard_api::kinds::ReplicaSet;

use super::common::containers;
use super::{AGE, Column, NAME, Printer, Row, cells, integer, object_age, wide};
use crate::labels::labels;

const COLUMNS: &[Column] = &[
    NAME,
    integer("Desired"),
    integer("Current"),
    integer("Ready"),
    AGE,
    wide("Containers"),
    wide("Images"),
    wide("Selector"),
];

pub(super) const REPLICA_SET: Printer = Printer {
    columns: COLUMNS,
    row: |object, now| row(object, Selector::format(Some(ReplicaSet(object).spec().selector())), now),
};

pub(super) const REPLICATION_CONTROLLER: Printer = Printer {
    columns: COLUMNS,
    row: |object, now| row(object, labels(object.at(&["spec", "selector"]).fields()), now),
};

/// Both kinds have the same fields but for their selectors.
fn row(object: &Value, selector: String, now: i64) -> Row {
    let set = ReplicaSet(object);
    let (names, images) = containers(set.spec().template().spec());
    cells![
        set.name(),
        set.spec().replicas(),
        set.status().replicas(),
        set.status().ready_replicas(),
        object_age(object, now),
        names,
        images,
        selector,
    ]
}
