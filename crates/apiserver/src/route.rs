//! From a request's path to what serves it.

use ecow::EcoString;
use podyard_api::registry::{self, Resource, Subresource};
use podyard_api::{Body, Request, Response, Status, Target, User, Verb};
use podyard_sim::Time;

use crate::{ApiServer, Outcome, ResourceKey, subresources};

/// A request for a resource that is served, by a user who may.
pub(crate) struct Ask<'r> {
    pub(crate) now: Time,
    pub(crate) request: &'r Request,
    pub(crate) user: User,
    /// In the version asked for.
    pub(crate) resource: &'static Resource,
    /// Nothing for what is not stored, as reviews.
    pub(crate) key: Option<ResourceKey>,
    pub(crate) subresource: Option<&'static Subresource>,
    pub(crate) namespace: &'r EcoString,
    pub(crate) name: &'r EcoString,
}

impl<'r> Ask<'r> {
    pub(crate) fn new(now: Time, request: &'r Request, user: User) -> Result<Self, Status> {
        let Target::Resource { group, version, resource, subresource, namespace, name } = &request.target else {
            return Err(Status::page_not_found());
        };
        let resource = registry::find_version(group, version, resource).ok_or_else(Status::page_not_found)?;
        if !resource.namespaced && !namespace.is_empty() {
            return Err(Status::page_not_found());
        }
        let sub = match subresource.as_str() {
            "" => None,
            text => Some(resource.subresource(text).ok_or_else(Status::page_not_found)?),
        };
        let verbs = sub.map_or(&resource.verbs, |sub| &sub.verbs);
        if !verbs.contains(&request.verb) {
            return Err(method_not_allowed());
        }
        let key = ResourceKey::of(&resource.group, &resource.plural);
        Ok(Self { now, request, user, resource, key, subresource: sub, namespace, name })
    }

    /// The name of the subresource; empty for the object itself.
    pub(crate) fn sub(&self) -> &'static str {
        self.subresource.map_or("", |sub| sub.name.as_str())
    }

    pub(crate) fn not_found(&self, name: &str) -> Status {
        Status::not_found(&self.resource.group, &self.resource.plural, name)
    }

    pub(crate) fn conflict(&self, name: &str, why: &str) -> Status {
        Status::conflict(&self.resource.group, &self.resource.plural, name, why)
    }
}

fn method_not_allowed() -> Status {
    Status {
        code: 405,
        reason: "MethodNotAllowed".into(),
        message: "the server does not allow this method on the requested resource".into(),
        ..Status::default()
    }
}

impl ApiServer {
    pub(crate) fn serve(&mut self, ask: &Ask) -> Result<Outcome, Status> {
        let Some(key) = ask.key else { return subresources::reviews::serve(self, ask).map(Outcome::Done) };
        if ask.subresource.is_some_and(|sub| sub.name != "status") {
            return subresources::serve(self, ask, key);
        }
        let response: Response = match ask.request.verb {
            Verb::Get => self.read(ask, key)?,
            Verb::List => self.read_list(ask, key)?,
            Verb::Watch => return self.watch(ask, key).map(Outcome::Watch),
            Verb::Create => self.create(ask, key)?,
            Verb::Update => self.update(ask, key)?,
            Verb::Patch => match &ask.request.body {
                Body::Patch(kind, patch) => self.patch(ask, key, *kind, patch)?,
                _ => return Err(Status::bad_request("a patch was expected")),
            },
            Verb::Delete => self.delete(ask, key)?,
            Verb::DeleteCollection => self.delete_collection(ask, key)?,
        };
        Ok(Outcome::Done(response))
    }
}
