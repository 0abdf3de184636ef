//! Watches: plain-data cursors over the history of changes.

use ecow::EcoString;
use podyard_api::{FieldSelector, Selector, Status, Value, WatchEvent};
use serde::{Deserialize, Serialize};

use crate::read::Form;
use crate::{ApiServer, Change, ResourceKey};

/// Where a watch is, and what it wants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    pub resource: ResourceKey,
    /// Empty: all.
    pub namespace: EcoString,
    pub labels: Selector,
    pub fields: FieldSelector,
    /// Changes up to this have been told.
    pub revision: u64,
    /// Begins with the present objects as `ADDED`.
    pub(crate) initial: bool,
    pub(crate) form: Form,
    /// The first event was told: later tables come without column definitions.
    pub(crate) begun: bool,
    /// Ended by an `ERROR` event.
    pub ended: bool,
}

impl Watch {
    /// Whether a change can matter to this watch, so that it should be polled.
    pub fn wants(&self, change: &Change) -> bool {
        change.resource == self.resource
            && (self.namespace.is_empty() || change.namespace == self.namespace)
            && change.revision > self.revision
    }

    /// What has happened since the last poll. An object that comes to match the selectors is `ADDED`, one that
    /// ceases to is `DELETED`.
    pub fn poll(&mut self, server: &ApiServer) -> Vec<WatchEvent> {
        let mut events = Vec::new();
        if self.ended {
            return events;
        }
        if std::mem::take(&mut self.initial) {
            let namespace = Some(self.namespace.as_str()).filter(|n| !n.is_empty());
            let present: Vec<Value> = server.list(self.resource, namespace).cloned().collect();
            for object in &present {
                if !self.matches(object) {
                    continue;
                }
                events.push(self.event("ADDED", object, server));
            }
            self.revision = server.revision();
            return events;
        }
        let Some(changes) = server.store().changes_since(self.revision) else {
            self.ended = true;
            let status = Status::gone(ecow::eco_format!(
                "too old resource version: {} ({})",
                self.revision,
                server.store().oldest_revision()
            ));
            return vec![WatchEvent { kind: "ERROR".into(), object: status.to_value() }];
        };
        let wanted: Vec<&Change> = changes.filter(|change| self.wants(change)).collect();
        for change in wanted {
            let was = change.old.as_ref().is_some_and(|object| self.matches(object));
            let is = change.new.as_ref().is_some_and(|object| self.matches(object));
            let (kind, object) = match (was, is) {
                (false, true) => ("ADDED", &change.new),
                (true, true) => ("MODIFIED", &change.new),
                (true, false) => ("DELETED", &change.old),
                (false, false) => continue,
            };
            if let Some(object) = object {
                // One that left the selection has the revision at which it left.
                let mut object = object.clone();
                if kind == "DELETED" {
                    object.meta_mut().set("resourceVersion", ecow::eco_format!("{}", change.revision));
                }
                events.push(self.event(kind, &object, server));
            }
        }
        self.revision = server.revision();
        events
    }

    fn matches(&self, object: &Value) -> bool {
        self.labels.matches_object(object) && self.fields.matches(object)
    }

    fn event(&mut self, kind: &str, object: &Value, server: &ApiServer) -> WatchEvent {
        let mut object = self.form.one(object.clone(), server);
        if self.form.is_table() && std::mem::replace(&mut self.begun, true) {
            object.set("columnDefinitions", Value::Null);
        }
        WatchEvent { kind: kind.into(), object }
    }
}
