//! What is stored, and what has changed: persistent maps and a bounded history.

use ecow::EcoString;
use imbl::{OrdMap, Vector};
use podyard_api::{Key, Value};
use podyard_rbac::{Kind, Policy};
use serde::{Deserialize, Serialize};

use crate::keys::ResourceKey;
use crate::managed::Managed;
use crate::owners::Owners;

/// How many changes are kept for watches. A watch that is further behind is told to list again.
const HISTORY: usize = 65_536;

/// All objects. A clone is O(1).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Store {
    revision: u64,
    tables: OrdMap<ResourceKey, Table>,
    /// Who depends on whom.
    owners: Owners,
    /// The latest changes; their revisions are consecutive.
    history: Vector<Change>,
    /// The roles and bindings among the objects.
    policy: Policy,
}

/// The objects of one resource by namespace (with a `/` behind it, which gives etcd's order) and name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Table {
    namespaces: OrdMap<EcoString, OrdMap<EcoString, Stored>>,
    len: usize,
}

/// An object with who set which of its fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    /// Without `managedFields`.
    pub(crate) object: Value,
    pub(crate) managed: Managed,
}

/// One write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub revision: u64,
    pub resource: ResourceKey,
    pub namespace: EcoString,
    pub name: EcoString,
    /// Nothing for a new object.
    pub old: Option<Value>,
    /// Nothing for a deleted object.
    pub new: Option<Value>,
}

fn key(namespace: &str) -> EcoString {
    let mut key = EcoString::with_capacity(namespace.len() + 1);
    key.push_str(namespace);
    key.push('/');
    key
}

/// A number as text; faster than formatting, for it is written with every object.
fn decimal(mut number: u64) -> EcoString {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return std::str::from_utf8(&digits[at..]).unwrap_or_default().into();
        }
    }
}

/// What the authorizer must hear of.
fn rbac_kind(resource: ResourceKey) -> Option<Kind> {
    Some(match resource {
        ResourceKey::CLUSTER_ROLES => Kind::ClusterRole,
        ResourceKey::CLUSTER_ROLE_BINDINGS => Kind::ClusterRoleBinding,
        ResourceKey::ROLES => Kind::Role,
        ResourceKey::ROLE_BINDINGS => Kind::RoleBinding,
        _ => return None,
    })
}

impl Store {
    /// Who may do what.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    pub(crate) fn get(&self, resource: ResourceKey, namespace: &str, name: &str) -> Option<&Stored> {
        self.tables.get(&resource)?.namespaces.get(&key(namespace))?.get(name)
    }

    /// In etcd's order; all namespaces if none is given.
    pub(crate) fn list(&self, resource: ResourceKey, namespace: Option<&str>) -> impl Iterator<Item = &Stored> {
        let table = self.tables.get(&resource);
        let one = namespace.map(|namespace| table.and_then(|t| t.namespaces.get(&key(namespace))));
        let all = table.filter(|_| namespace.is_none()).into_iter().flat_map(|t| t.namespaces.values());
        one.flatten().into_iter().chain(all).flat_map(|objects| objects.values())
    }

    /// The objects behind `after` (namespace and name), in etcd's order.
    pub(crate) fn list_after<'s>(
        &'s self,
        resource: ResourceKey,
        namespace: Option<&'s str>,
        after: &'s (EcoString, EcoString),
    ) -> impl Iterator<Item = &'s Stored> {
        let start = key(&after.0);
        let table = self.tables.get(&resource);
        let namespaces = table.into_iter().flat_map(move |t| t.namespaces.range(start.clone()..));
        let wanted = namespace.map(key);
        namespaces.filter(move |(space, _)| wanted.as_ref().is_none_or(|w| w == *space)).flat_map(
            move |(space, objects)| {
                let same = *space == key(&after.0);
                objects.iter().filter(move |(name, _)| !same || **name > after.1).map(|(_, stored)| stored)
            },
        )
    }

    pub(crate) fn owners(&self) -> &Owners {
        &self.owners
    }

    /// How many objects of a resource there are.
    pub(crate) fn len(&self, resource: ResourceKey) -> usize {
        self.tables.get(&resource).map_or(0, |table| table.len)
    }

    /// Writes an object under a new revision, which it gets as its `resourceVersion`.
    pub(crate) fn put(&mut self, resource: ResourceKey, mut object: Value, managed: Managed) -> Value {
        self.revision += 1;
        object.meta_mut().set(Key::Static("resourceVersion"), decimal(self.revision));
        let (namespace, name) = (object.namespace_text(), object.name_text());
        let table = self.tables.entry(resource).or_default();
        let objects = table.namespaces.entry(key(&namespace)).or_default();
        let old = objects.insert(name.clone(), Stored { object: object.clone(), managed });
        table.len += usize::from(old.is_none());
        self.owners.changed(resource, (&namespace, &name), old.as_ref().map(|stored| &stored.object), Some(&object));
        self.note(resource, namespace, name, old.map(|stored| stored.object), Some(object.clone()));
        object
    }

    /// Takes an object out. What watches see of it has the revision of its deletion.
    pub(crate) fn remove(&mut self, resource: ResourceKey, namespace: &str, name: &str) -> Option<Value> {
        let table = self.tables.get_mut(&resource)?;
        let objects = table.namespaces.get_mut(&key(namespace))?;
        let mut old = objects.remove(name)?.object;
        if objects.is_empty() {
            table.namespaces.remove(&key(namespace));
        }
        table.len -= 1;
        self.revision += 1;
        self.owners.changed(resource, (namespace, name), Some(&old), None);
        old.meta_mut().set(Key::Static("resourceVersion"), decimal(self.revision));
        self.note(resource, namespace.into(), name.into(), Some(old.clone()), None);
        Some(old)
    }

    /// The changes after `revision`, oldest first; nothing if some of them are forgotten.
    pub(crate) fn changes_since(&self, revision: u64) -> Option<impl Iterator<Item = &Change>> {
        let skip = usize::try_from(revision.checked_sub(self.oldest_revision())?).ok()?;
        // By index: a vector is entered anywhere in O(log n).
        Some((skip..self.history.len()).filter_map(|index| self.history.get(index)))
    }

    /// A watch can begin after this.
    pub(crate) fn oldest_revision(&self) -> u64 {
        self.revision - self.history.len() as u64
    }

    /// Forgets what watches could still be told.
    pub(crate) fn compact(&mut self) {
        self.history = Vector::new();
    }

    fn note(
        &mut self,
        resource: ResourceKey,
        namespace: EcoString,
        name: EcoString,
        old: Option<Value>,
        new: Option<Value>,
    ) {
        if let Some(kind) = rbac_kind(resource) {
            match &new {
                Some(object) => self.policy.put(kind, object),
                None => self.policy.remove(kind, &namespace, &name),
            }
        }
        if self.history.len() >= HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(Change { revision: self.revision, resource, namespace, name, old, new });
    }
}
