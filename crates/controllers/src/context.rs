//! What a reconciler works with.

use podyard_api::{PatchKind, Request, Status, Target, User, Value, Verb};
use podyard_apiserver::events::Report;
use podyard_apiserver::{ApiServer, Outcome, ResourceKey};
use podyard_sim::{Rng, Time};

use crate::Memory;

/// Cached reads, and writes through the door as the controller's own user.
pub struct Context<'a> {
    pub now: Time,
    pub api: &'a mut ApiServer,
    pub user: User,
    /// As which the controller reports events.
    pub component: &'static str,
    /// The controllers' random stream: names of what they create.
    pub rng: &'a mut Rng,
    /// What controllers remember that no object says.
    pub memory: &'a mut Memory,
}

impl Context<'_> {
    /// Sends a request as this controller.
    ///
    /// # Errors
    /// The server's refusal.
    pub fn request(
        &mut self,
        verb: Verb,
        target: Target,
        change: impl FnOnce(Request) -> Request,
    ) -> Result<Value, Status> {
        let request = change(Request::new(self.user.clone(), verb, target));
        match self.api.handle(self.now, &request) {
            Outcome::Done(response) => response.into_result(),
            _ => Err(Status::internal("a controller asked for a stream")),
        }
    }

    /// # Errors
    /// The server's refusal.
    pub fn create(&mut self, target: Target, object: Value) -> Result<Value, Status> {
        self.request(Verb::Create, target, |request| request.with_body(object))
    }

    /// # Errors
    /// The server's refusal.
    pub fn update(&mut self, target: Target, object: Value) -> Result<Value, Status> {
        self.request(Verb::Update, target, |request| request.with_body(object))
    }

    /// # Errors
    /// The server's refusal.
    pub fn merge_patch(&mut self, target: Target, patch: Value) -> Result<Value, Status> {
        self.request(Verb::Patch, target, |request| request.with_patch(PatchKind::Merge, patch))
    }

    /// # Errors
    /// The server's refusal.
    pub fn delete(&mut self, target: Target) -> Result<Value, Status> {
        self.request(Verb::Delete, target, |request| request)
    }

    /// A copy of an object.
    pub fn get(&self, resource: ResourceKey, namespace: &str, name: &str) -> Option<Value> {
        self.api.get(resource, namespace, name).cloned()
    }

    /// Creates an object in its own namespace.
    ///
    /// # Errors
    /// The server's refusal.
    pub fn create_object(&mut self, resource: ResourceKey, object: Value) -> Result<Value, Status> {
        let target = target(resource, object.namespace(), "");
        self.create(target, object)
    }

    /// Writes a changed object.
    ///
    /// # Errors
    /// The server's refusal.
    pub fn update_object(&mut self, resource: ResourceKey, object: Value) -> Result<Value, Status> {
        let target = target(resource, object.namespace(), object.name());
        self.update(target, object)
    }

    /// Writes the status of a changed object.
    ///
    /// # Errors
    /// The server's refusal.
    pub fn update_status(&mut self, resource: ResourceKey, object: Value) -> Result<Value, Status> {
        let target = target(resource, object.namespace(), object.name()).sub("status");
        self.update(target, object)
    }

    /// Patches an object (or one like it: only its names count).
    ///
    /// # Errors
    /// The server's refusal.
    pub fn patch_object(&mut self, resource: ResourceKey, object: &Value, patch: Value) -> Result<Value, Status> {
        self.merge_patch(target(resource, object.namespace(), object.name()), patch)
    }

    /// Deletes an object with these `DeleteOptions` (`Null`: none).
    ///
    /// # Errors
    /// The server's refusal.
    pub fn delete_object(&mut self, resource: ResourceKey, object: &Value, options: Value) -> Result<Value, Status> {
        let target = target(resource, object.namespace(), object.name());
        self.request(
            Verb::Delete,
            target,
            |request| if options.is_null() { request } else { request.with_body(options) },
        )
    }

    /// Reports a normal event about an object.
    pub fn normal(&mut self, object: &Value, reason: &str, message: &str) {
        self.event(object, false, reason, message);
    }

    /// Reports a warning about an object.
    pub fn warning(&mut self, object: &Value, reason: &str, message: &str) {
        self.event(object, true, reason, message);
    }

    fn event(&mut self, object: &Value, warning: bool, reason: &str, message: &str) {
        let recorder = self.memory.recorder(self.component, &self.user);
        let report = Report { object, field_path: "", action: "", warning, reason, message };
        recorder.record(self.api, self.now, report);
    }
}

/// The path of an object, or of a collection if the name is empty.
pub(crate) fn target(resource: ResourceKey, namespace: &str, name: &str) -> Target {
    Target::resource(resource.group(), &resource.resource().version, resource.plural(), namespace, name)
}
