//! The API server: store, watch, registry strategies, defaulting, validation, admission and patches behind one door.
//!
//! [`ApiServer::handle`] takes a request through the stations of the real server, in order: authentication,
//! authorization, decoding, defaulting, mutating admission, validation, validating admission, the store.

mod admission;
mod apply;
mod authenticate;
mod authorize;
mod create;
mod decode;
mod defaults;
mod delete;
mod differential;
mod discovery;
mod escalation;
pub mod events;
pub mod exchange;
mod keys;
mod managed;
mod owners;
pub mod patch;
mod read;
mod registry;
mod route;
mod store;
mod subresources;
mod update;
mod validation;
mod watch;

use imbl::OrdMap;
use podyard_api::{Key, Request, Response, Status, Target, Value};
use podyard_rbac::Policy;
use podyard_sim::{Rng, Time};
use serde::{Deserialize, Serialize};

pub use admission::plugins as admission_plugins;
pub use differential::{admit_create, admit_update};
pub use exchange::Exchange;
pub use keys::ResourceKey;
pub use store::Change;
pub use watch::Watch;

use store::Store;

/// An API server with its storage: plain data, a clone is O(1).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApiServer {
    store: Store,
    /// Uids of objects.
    uids: Rng,
    /// Suffixes of generated names.
    names: Rng,
    /// Addresses and ports of services.
    addresses: Rng,
    tokens: Rng,
    /// The last moment that was written, and its text.
    stamp: (Time, Value),
    /// Addresses and ports in use, with their service.
    allocated: OrdMap<registry::service::Allocation, ecow::EcoString>,
}

/// What comes of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    Done(Response),
    /// To be polled.
    Watch(Watch),
    /// To be answered by a node.
    Exchange(Exchange),
}

/// Adds the warning that comes with every request for something that is to go.
// Models staging/src/k8s.io/apiserver/pkg/endpoints/deprecation/deprecation.go
fn warn_of_deprecation(ask: &route::Ask, mut outcome: Outcome) -> Outcome {
    let warning = match (ask.resource.group.as_str(), ask.resource.plural.as_str()) {
        ("", "componentstatuses") => "v1 ComponentStatus is deprecated in v1.19+",
        ("", "endpoints") => "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
        _ => return outcome,
    };
    if let Outcome::Done(response) = &mut outcome {
        response.warnings.push(warning.into());
    }
    outcome
}

impl ApiServer {
    /// An empty server; its names, uids and addresses come from `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            store: Store::default(),
            uids: Rng::new(seed, "apiserver/uids"),
            names: Rng::new(seed, "apiserver/names"),
            addresses: Rng::new(seed, "apiserver/addresses"),
            tokens: Rng::new(seed, "apiserver/tokens"),
            stamp: (Time::default(), Value::from(Time::default().rfc3339())),
            allocated: OrdMap::new(),
        }
    }

    /// Takes a request through the whole door.
    pub fn handle(&mut self, now: Time, request: &Request) -> Outcome {
        self.answer(now, request).unwrap_or_else(|status| Outcome::Done(status.into()))
    }

    fn answer(&mut self, now: Time, request: &Request) -> Result<Outcome, Status> {
        let user = authenticate::user(self.policy(), request)?;
        match &request.target {
            Target::Path(path) => {
                authorize::path(self.policy(), &user, request.verb, path)?;
                discovery::answer(path).map(Outcome::Done)
            }
            Target::Resource { .. } => {
                authorize::resource(self.policy(), &user, request)?;
                let ask = route::Ask::new(now, request, user)?;
                let outcome = self.serve(&ask)?;
                Ok(warn_of_deprecation(&ask, outcome))
            }
        }
    }

    /// An object as it is stored, without `managedFields`.
    pub fn get(&self, resource: ResourceKey, namespace: &str, name: &str) -> Option<&Value> {
        self.store.get(resource, namespace, name).map(|stored| &stored.object)
    }

    /// The objects of a resource in the server's order; of all namespaces if none is given.
    pub fn list(&self, resource: ResourceKey, namespace: Option<&str>) -> impl Iterator<Item = &Value> {
        self.store.list(resource, namespace).map(|stored| &stored.object)
    }

    /// The objects that name the object with this uid as an owner of theirs.
    pub fn dependents(&self, owner: &str) -> impl Iterator<Item = (ResourceKey, &Value)> {
        self.referred(self.store.owners().dependents(owner))
    }

    /// The objects of one resource that name the object with this uid as an owner of theirs.
    pub fn owned(&self, owner: &str, resource: ResourceKey) -> impl Iterator<Item = &Value> {
        let references = self.store.owners().dependents(owner);
        self.referred(references.filter(move |reference| reference.0 == resource)).map(|(_, object)| object)
    }

    /// The objects of a resource in a namespace that nothing controls. Known of the resources that are adopted: pods,
    /// replica sets and controller revisions.
    pub fn orphans(&self, resource: ResourceKey, namespace: &str) -> impl Iterator<Item = &Value> {
        self.referred(self.store.owners().orphans(resource, namespace)).map(|(_, object)| object)
    }

    fn referred<'s>(
        &'s self,
        references: impl Iterator<Item = &'s owners::Reference>,
    ) -> impl Iterator<Item = (ResourceKey, &'s Value)> {
        references.filter_map(|(resource, namespace, name)| Some((*resource, self.get(*resource, namespace, name)?)))
    }

    /// How many objects of a resource there are.
    pub fn count(&self, resource: ResourceKey) -> usize {
        self.store.len(resource)
    }

    /// The revision of the latest write.
    pub fn revision(&self) -> u64 {
        self.store.revision()
    }

    /// The writes after `revision`, oldest first. Those forgotten are left out.
    pub fn changes_since(&self, revision: u64) -> impl Iterator<Item = &Change> {
        self.store.changes_since(revision.max(self.store.oldest_revision())).into_iter().flatten()
    }

    /// Forgets the history of changes, as etcd's compaction does: watches that are behind must list again.
    pub fn compact(&mut self) {
        self.store.compact();
    }

    /// Stores an object as it is, without admission and validation: for boot presets. What it lacks of uid and time of
    /// creation it gets.
    pub fn seed(&mut self, object: Value) {
        let Some(resource) = ResourceKey::of_object(object.api_version(), object.kind()) else { return };
        let mut object = object;
        if object.uid().is_empty() {
            let uid = self.uids.uuid();
            object.meta_mut().set(Key::Static("uid"), uid);
        }
        if resource == ResourceKey::SERVICES {
            registry::service::reserve(self, &object);
        }
        self.store.put(resource, object, managed::Managed::default());
    }

    /// Who may do what, as the stored roles and bindings say.
    pub fn policy(&self) -> &Policy {
        self.store.policy()
    }

    /// A moment as objects have it; the many of one moment share their text.
    pub(crate) fn stamp(&mut self, now: Time) -> Value {
        if self.stamp.0.as_secs() != now.as_secs() {
            self.stamp = (now, Value::from(now.rfc3339()));
        }
        self.stamp.1.clone()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }
}
