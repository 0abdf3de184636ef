//! Objects as `kubectl describe` shows them: one file per kind beside the registry.
//!
//! A description needs more than the object: [`reads`] says what else to ask the API server for, and [`describe`]
//! is a function of the object and the answers.

mod autoscaler;
mod certificate;
mod config;
mod container;
mod events;
mod generic;
mod ingress;
mod job;
mod lists;
mod namespace;
mod network_policy;
mod node;
mod out;
mod persistent_volume_claim;
mod pod;
mod policy;
mod rbac;
mod registry;
mod service;
mod storage;
mod volume;
mod workload;

pub use events::interval;

use podyard_api::{Status, Value};

use out::Out;

/// One request whose answer a description needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    pub group: &'static str,
    pub version: &'static str,
    /// The plural, as `pods`.
    pub resource: &'static str,
    /// Empty: all namespaces, or cluster-scoped.
    pub namespace: String,
    /// An object to get; empty: a list.
    pub name: String,
    pub label_selector: String,
    pub field_selector: String,
}

/// The answers to the reads of a description.
#[derive(Clone, Debug, Default)]
pub struct Related {
    /// Microseconds since 1970, for ages.
    pub now: i64,
    answers: Vec<(Read, Result<Vec<Value>, Status>)>,
}

impl Related {
    pub fn new(now: i64) -> Self {
        Self { now, answers: Vec::new() }
    }

    /// Takes the answer to a read: an object, a list, or why there is none.
    pub fn add(&mut self, read: Read, answer: Result<Value, Status>) {
        let items = answer.map(|body| if read.name.is_empty() { list_items(&body) } else { vec![body] });
        self.answers.push((read, items));
    }

    /// What was read of a resource; nothing where the read failed or was not made.
    fn items(&self, resource: &str) -> impl Iterator<Item = &Value> {
        let of_resource = self.answers.iter().filter(move |(read, _)| read.resource == resource);
        of_resource.filter_map(|(_, answer)| answer.as_ref().ok()).flatten()
    }

    /// Why a resource could not be read.
    fn failure(&self, resource: &str) -> Option<&Status> {
        let of_resource = self.answers.iter().filter(|(read, _)| read.resource == resource);
        of_resource.filter_map(|(_, answer)| answer.as_ref().err()).next()
    }

    /// The answer to the list by a label selector, or to the get of a name.
    fn answer(&self, label_selector: &str, name: &str) -> Option<&Result<Vec<Value>, Status>> {
        let mut answers = self.answers.iter();
        let found = answers.find(|(read, _)| read.label_selector == label_selector && read.name == name);
        found.map(|(_, answer)| answer)
    }

    /// Whether a resource was asked for.
    fn asked(&self, resource: &str) -> bool {
        self.answers.iter().any(|(read, _)| read.resource == resource)
    }
}

/// The items of a list, each with the list's `apiVersion` and its kind where it has none of its own.
fn list_items(list: &Value) -> Vec<Value> {
    let kind = list.kind().strip_suffix("List").unwrap_or_default();
    let complete = |item: &Value| {
        let mut item = item.clone();
        if item.kind().is_empty() && !kind.is_empty() {
            item.set("kind", kind);
            item.set("apiVersion", list.api_version());
        }
        item
    };
    list.get("items").items().iter().map(complete).collect()
}

/// What has to be read to describe `object`, which must have its `apiVersion` and `kind`; events only if they are to
/// be shown.
pub fn reads(object: &Value, show_events: bool) -> Vec<Read> {
    let mut reads = registry::find(object).map(|describer| (describer.reads)(object)).unwrap_or_default();
    if show_events && registry::has_events(object) {
        reads.extend(events::reads(object));
    }
    reads
}

/// The description of an object, given what [`reads`] asked for. Kinds without a describer of their own are shown
/// field by field.
// Models staging/src/k8s.io/kubectl/pkg/describe/describe.go
pub fn describe(object: &Value, related: &Related) -> String {
    let mut out = Out::default();
    match registry::find(object) {
        Some(describer) => (describer.write)(object, related, &mut out),
        None => generic::write(object, &mut out),
    }
    if related.asked("events") {
        events::write(related, &mut out);
    }
    out.finish()
}

/// A pod template as `kubectl rollout history --revision` shows it, with tabs between its columns.
pub fn pod_template(template: &Value) -> String {
    let mut out = Out::default();
    pod::template(podyard_api::kinds::PodTemplateSpec(template), &mut out);
    out.unaligned()
}

/// What `kubectl describe pod` shows of a pod that is gone but has events, given the error of its get.
pub fn describe_missing_pod(name: &str, error: &str, related: &Related) -> Option<String> {
    related.items("events").next()?;
    let mut out = Out::default();
    out.line(0, format!("Pod '{name}': error '{error}', but found events."));
    events::write(related, &mut out);
    Some(out.finish())
}

/// How the objects of one kind are described.
struct Describer {
    /// What else must be read, but for events.
    reads: fn(&Value) -> Vec<Read>,
    write: fn(&Value, &Related, &mut Out),
}

/// Nothing else must be read.
fn nothing(_: &Value) -> Vec<Read> {
    Vec::new()
}
