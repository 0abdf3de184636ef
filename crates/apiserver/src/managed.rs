//! Who set which fields: `metadata.managedFields`.
//!
//! A write only notes who wrote and what the object was before and after (both shared with the store); the field
//! sets are made when somebody reads them.

use ecow::{EcoString, EcoVec};
use podyard_api::{Key, Value, value};
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

use crate::route::Ask;
use crate::{ApiServer, ResourceKey};

mod fields;

use fields::Fields;

/// How many writes are noted before their field sets are made.
const NOTES: usize = 8;

/// The managers of an object's fields.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Managed {
    entries: EcoVec<Entry>,
    notes: EcoVec<Note>,
}

/// One entry of `managedFields`.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    manager: EcoString,
    subresource: EcoString,
    api_version: EcoString,
    time: Time,
    fields: Fields,
}

/// A write whose field set is not made yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Note {
    manager: EcoString,
    subresource: EcoString,
    api_version: EcoString,
    time: Time,
    /// `Null` for a creation.
    old: Value,
    new: Value,
}

impl Managed {
    /// After the object's creation.
    pub(crate) fn created(ask: &Ask, object: &Value) -> Self {
        Self { entries: EcoVec::new(), notes: [Note::new(ask, &Value::Null, object)].into_iter().collect() }
    }

    /// After an update.
    pub(crate) fn updated(&self, ask: &Ask, old: &Value, new: &Value) -> Self {
        let mut managed = self.clone();
        let note = Note::new(ask, old, new);
        match managed.notes.make_mut().last_mut() {
            // A status that is reported again and again is one note: what comes and goes in it has one reporter.
            Some(last) if !note.subresource.is_empty() && last.is_of(&note) => {
                last.new = note.new;
                last.time = note.time;
            }
            _ => managed.notes.push(note),
        }
        if managed.notes.len() > NOTES {
            managed.settle();
        }
        managed
    }

    /// Makes the field sets of what was noted.
    // Models staging/src/k8s.io/apimachinery/pkg/util/managedfields/internal/structuredmerge.go
    fn settle(&mut self) {
        for note in std::mem::take(&mut self.notes) {
            let (set, removed) = fields::changes(note.new.api_version(), note.new.kind(), &note.old, &note.new);
            for entry in self.entries.make_mut() {
                entry.fields.subtract(&removed);
                if !entry.is_of(&note) {
                    entry.fields.subtract(&set);
                }
            }
            if set.is_empty() {
                continue;
            }
            match self.entries.make_mut().iter_mut().find(|entry| entry.is_of(&note)) {
                Some(entry) => {
                    entry.fields.add(&set);
                    entry.time = note.time;
                }
                None => self.entries.push(Entry {
                    manager: note.manager,
                    subresource: note.subresource,
                    api_version: note.api_version,
                    time: note.time,
                    fields: set,
                }),
            }
        }
        self.entries.retain(|entry| !entry.fields.is_empty());
    }

    /// As `metadata.managedFields` has it.
    fn to_value(&self) -> Value {
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort_by(|a, b| {
            (a.time, &a.manager, &a.api_version, &a.subresource).cmp(&(
                b.time,
                &b.manager,
                &b.api_version,
                &b.subresource,
            ))
        });
        entries.into_iter().map(Entry::to_value).collect()
    }
}

impl Entry {
    fn is_of(&self, note: &Note) -> bool {
        self.manager == note.manager && self.subresource == note.subresource && self.api_version == note.api_version
    }

    fn to_value(&self) -> Value {
        let mut value = value!({
            "manager": &self.manager,
            "operation": "Update",
            "apiVersion": &self.api_version,
            "time": self.time.rfc3339(),
            "fieldsType": "FieldsV1",
            "fieldsV1": self.fields.to_value(),
        });
        if !self.subresource.is_empty() {
            value.set("subresource", &self.subresource);
        }
        value
    }
}

impl Note {
    fn is_of(&self, other: &Self) -> bool {
        self.manager == other.manager && self.subresource == other.subresource && self.api_version == other.api_version
    }

    fn new(ask: &Ask, old: &Value, new: &Value) -> Self {
        let manager = match ask.request.field_manager.as_str() {
            // The real server takes the program's name from the User-Agent.
            "" => EcoString::from(ask.user.name.rsplit(':').next().unwrap_or_default()),
            _ => ask.request.field_manager.clone(),
        };
        Self {
            manager,
            subresource: ask.sub().into(),
            api_version: ask.resource.api_version(),
            time: ask.now,
            old: old.clone(),
            new: new.clone(),
        }
    }
}

/// The object with its `managedFields`.
pub(crate) fn with_fields(server: &ApiServer, key: ResourceKey, mut object: Value) -> Value {
    let Some(stored) = server.store().get(key, object.namespace(), object.name()) else { return object };
    let mut managed = stored.managed.clone();
    managed.settle();
    let entries = managed.to_value();
    if !entries.is_empty() {
        object.meta_mut().set(Key::Static("managedFields"), entries);
    }
    object
}
