//! Tables as the API server makes them for `kubectl get`: one file per kind beside the registry.

mod admission;
mod api_service;
mod binding;
mod certificate_signing_request;
mod common;
mod component_status;
mod config;
mod controller_revision;
mod cron_job;
mod csi;
mod custom;
mod daemon_set;
mod deployment;
mod endpoints;
mod event;
mod flow_control;
mod horizontal_pod_autoscaler;
mod ingress;
mod ip;
mod job;
mod lease;
mod namespace;
mod network_policy;
mod node;
mod persistent_volume;
mod pod;
mod pod_certificate;
mod pod_disruption_budget;
mod pod_template;
mod priority_class;
mod registry;
mod replica_set;
mod resource_claim;
mod resource_quota;
mod runtime_class;
mod service;
mod stateful_set;
mod storage;

pub(crate) use certificate_signing_request::state as certificate_state;
pub(crate) use common::load_balancer;
pub(crate) use node::roles as node_roles;
pub use pod::{Summary, summary};
use podyard_api::{Key, Value, value};

use crate::values::age;

/// How a table is made.
#[derive(Clone, Debug)]
pub struct Options {
    /// Microseconds since 1970, for ages.
    pub now: i64,
    /// What of each object goes along with its row.
    pub include: Include,
}

/// What of each object goes along with its row: the query parameter `includeObject`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Include {
    None,
    /// `PartialObjectMetadata`, as kubectl asks for.
    Metadata,
    /// The whole object, as `--sort-by` needs it.
    Object,
}

/// A `meta.k8s.io/v1` `Table` of objects of one resource (`pods`, `deployments`), with empty `metadata`.
///
/// Kinds without a printer of their own get their name and time of creation.
// Models pkg/printers/internalversion/printers.go and staging/src/k8s.io/apiserver/pkg/registry/rest/table.go
pub fn table(group: &str, resource: &str, objects: &[Value], options: &Options) -> Value {
    let printer = registry::find(group, resource).unwrap_or(&DEFAULT);
    let columns = printer.columns.iter().map(Column::to_value).collect();
    let mut objects: Vec<&Value> = objects.iter().collect();
    if resource == "flowschemas" {
        objects.sort_by_key(|object| flow_control::precedence(object));
    }
    let rows = objects.into_iter().map(|object| row(&(printer.row)(object, options.now), object, options)).collect();
    new(columns, rows)
}

/// A table of custom resources by their `additionalPrinterColumns`; without any by name and age.
// Models staging/src/k8s.io/apiextensions-apiserver/pkg/registry/customresource/tableconvertor/tableconvertor.go
pub fn custom_table(columns: &Value, objects: &[Value], options: &Options) -> Value {
    custom::table(columns, objects, options)
}

/// How the objects of one resource are printed.
pub(crate) struct Printer {
    columns: &'static [Column],
    row: fn(&Value, i64) -> Row,
}

/// The cells of one object, and whether it is done.
pub(crate) struct Row {
    cells: Vec<Value>,
    /// Reason and message of the `Completed` condition.
    completed: Option<(&'static str, &'static str)>,
}

impl From<Vec<Value>> for Row {
    fn from(cells: Vec<Value>) -> Self {
        Self { cells, completed: None }
    }
}

/// A column's definition.
pub(crate) struct Column {
    name: &'static str,
    kind: &'static str,
    format: &'static str,
    priority: i64,
}

/// A column of texts.
const fn text(name: &'static str) -> Column {
    Column { name, kind: "string", format: "", priority: 0 }
}

/// A column of texts that only `-o wide` shows.
const fn wide(name: &'static str) -> Column {
    Column { name, kind: "string", format: "", priority: 1 }
}

const fn integer(name: &'static str) -> Column {
    Column { name, kind: "integer", format: "", priority: 0 }
}

const fn boolean(name: &'static str) -> Column {
    Column { name, kind: "boolean", format: "", priority: 0 }
}

const NAME: Column = Column { name: "Name", kind: "string", format: "name", priority: 0 };
const AGE: Column = text("Age");

/// A row of cells: anything that converts into a value.
macro_rules! cells {
    ($($cell:expr),* $(,)?) => {
        $crate::table::Row::from(vec![$(podyard_api::Value::from($cell)),*])
    };
}
use cells;

const DEFAULT: Printer = Printer {
    columns: &[NAME, Column { name: "Created At", kind: "date", format: "", priority: 0 }],
    row: |object, _| cells![object.name(), object.meta().creation_timestamp()],
};

impl Column {
    fn to_value(&self) -> Value {
        column(self.name, self.kind, self.format, "", self.priority)
    }
}

fn column(name: &str, kind: &str, format: &str, description: &str, priority: i64) -> Value {
    value!({"name": name, "type": kind, "format": format, "description": description, "priority": priority})
}

fn new(columns: Value, rows: Value) -> Value {
    value!({
        "apiVersion": "meta.k8s.io/v1",
        "kind": "Table",
        "metadata": {},
        "columnDefinitions": columns,
        "rows": rows,
    })
}

fn row(row: &Row, object: &Value, options: &Options) -> Value {
    let mut out = value!({"cells": row.cells.iter().collect::<Value>()});
    if let Some((reason, message)) = row.completed {
        out.set(
            Key::Static("conditions"),
            value!([{"type": "Completed", "status": "True", "reason": reason, "message": message}]),
        );
    }
    match options.include {
        Include::None => {}
        Include::Metadata => out.set(
            Key::Static("object"),
            value!({
                "apiVersion": "meta.k8s.io/v1",
                "kind": "PartialObjectMetadata",
                "metadata": object.get("metadata"),
            }),
        ),
        Include::Object => out.set(Key::Static("object"), object),
    }
    out
}

/// The age of the object.
fn object_age(object: &Value, now: i64) -> String {
    age(object.meta().creation_timestamp(), now)
}
