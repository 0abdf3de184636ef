//! Who set which fields: `metadata.managedFields`.
//!
//! A write only notes who wrote and what the object was before and after (both shared with the store); the field
//! sets are made when somebody reads them.

use ecow::{EcoString, EcoVec};
use podyard_api::{Key, Status, Value, value};
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

use crate::route::Ask;
use crate::{ApiServer, ResourceKey};

mod conflict;
mod fields;
mod merge;

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
    /// By server-side apply; else by any other write.
    applied: bool,
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
        if let Some(config) = ask.applied() {
            return Self { entries: [Entry::applied(ask, config)].into_iter().collect(), notes: EcoVec::new() };
        }
        Self { entries: EcoVec::new(), notes: [Note::new(ask, &Value::Null, object)].into_iter().collect() }
    }

    /// After an update.
    pub(crate) fn updated(&self, ask: &Ask, old: &Value, new: &Value) -> Self {
        if let Some(config) = ask.applied() {
            return self.applied(ask, config, old, new);
        }
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
                    applied: false,
                    subresource: note.subresource,
                    api_version: note.api_version,
                    time: note.time,
                    fields: set,
                }),
            }
        }
        self.entries.retain(|entry| !entry.fields.is_empty());
    }

    /// What an applied configuration makes of the object as it is.
    ///
    /// # Errors
    /// `Conflict` where it changes what others manage, unless it is forced.
    // Models sigs.k8s.io/structured-merge-diff/v6/merge/update.go
    pub(crate) fn apply(&self, ask: &Ask, live: &Value, config: &Value) -> Result<Value, Status> {
        let mut managed = self.clone();
        managed.settle();
        let entry = Entry::applied(ask, config);
        let (version, kind) = (&entry.api_version, ask.resource.kind.as_str());
        let mut merged = merge::merge(version, kind, live, config);
        if let Some(before) = managed.entries.iter().find(|own| own.is_same(&entry)) {
            let mut kept = entry.fields.clone();
            managed.entries.iter().filter(|other| !other.is_same(&entry)).for_each(|other| kept.add(&other.fields));
            merge::prune(&mut merged, &before.fields, &kept);
        }
        let (changed, _) = fields::changes(version, kind, live, &merged);
        let others = managed.entries.iter().filter(|other| !other.is_same(&entry));
        let conflicts: Vec<_> = others
            .map(|other| (other, other.fields.intersection(&changed)))
            .filter(|(_, fields)| !fields.is_empty())
            .collect();
        if conflicts.is_empty() || ask.request.force { Ok(merged) } else { Err(conflict::status(&conflicts)) }
    }

    /// After a configuration was applied: it manages what it names, and what it changed is nobody else's.
    fn applied(&self, ask: &Ask, config: &Value, old: &Value, new: &Value) -> Self {
        let mut managed = self.clone();
        managed.settle();
        let entry = Entry::applied(ask, config);
        let (changed, removed) = fields::changes(&entry.api_version, &ask.resource.kind, old, new);
        match managed.entries.make_mut().iter_mut().find(|own| own.is_same(&entry)) {
            Some(own) if own.fields == entry.fields && old == new => {}
            Some(own) => *own = entry.clone(),
            None => managed.entries.push(entry.clone()),
        }
        for other in managed.entries.make_mut().iter_mut().filter(|other| !other.is_same(&entry)) {
            other.fields.subtract(&changed);
            other.fields.subtract(&removed);
        }
        managed.entries.retain(|entry| !entry.fields.is_empty());
        managed
    }

    /// Whether applying the configuration once more would leave everything as it is.
    pub(crate) fn has_applied(&self, ask: &Ask, config: &Value) -> bool {
        let entry = Entry::applied(ask, config);
        self.entries.iter().any(|own| own.is_same(&entry) && own.fields == entry.fields)
    }

    /// As `metadata.managedFields` has it.
    fn to_value(&self) -> Value {
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort_by(|a, b| {
            (!a.applied, a.time, &a.manager, &a.api_version, &a.subresource).cmp(&(
                !b.applied,
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
    /// What applying `config` gives its manager.
    fn applied(ask: &Ask, config: &Value) -> Self {
        let api_version = ask.resource.api_version();
        Self {
            manager: manager(ask),
            applied: true,
            subresource: ask.sub().into(),
            time: ask.now,
            fields: fields::of_config(&api_version, &ask.resource.kind, config),
            api_version,
        }
    }

    /// Of the same manager, by the same way. Who applies is the same in every version.
    fn is_same(&self, other: &Self) -> bool {
        let same =
            (&self.manager, self.applied, &self.subresource) == (&other.manager, other.applied, &other.subresource);
        same && (self.applied || self.api_version == other.api_version)
    }

    fn is_of(&self, note: &Note) -> bool {
        !self.applied
            && self.manager == note.manager
            && self.subresource == note.subresource
            && self.api_version == note.api_version
    }

    fn to_value(&self) -> Value {
        let mut value = value!({
            "manager": &self.manager,
            "operation": if self.applied { "Apply" } else { "Update" },
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
        Self {
            manager: manager(ask),
            subresource: ask.sub().into(),
            api_version: ask.resource.api_version(),
            time: ask.now,
            old: old.clone(),
            new: new.clone(),
        }
    }
}

/// Who is noted as the writer.
fn manager(ask: &Ask) -> EcoString {
    match ask.request.field_manager.as_str() {
        // The real server takes the program's name from the User-Agent.
        "" => EcoString::from(ask.user.name.rsplit(':').next().unwrap_or_default()),
        _ => ask.request.field_manager.clone(),
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
