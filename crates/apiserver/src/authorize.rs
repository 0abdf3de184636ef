//! Whether the user may.

use podyard_api::{Request, Status, Target, User, Verb};
use podyard_rbac::{Attributes, Decision, Policy, authorize, permits};

use crate::{ApiServer, authenticate};

impl ApiServer {
    /// Whether a user may make a request, with all reasons. Groups that he has by his name are added, as they are for
    /// one who is impersonated.
    pub fn authorize(&self, asked: &Attributes<'_>) -> Decision {
        let user = authenticate::impersonated(asked.user.clone());
        authorize(&Attributes { user: &user, ..*asked }, self.policy())
    }
}

/// A request for a resource.
pub(crate) fn resource(policy: &Policy, user: &User, request: &Request) -> Result<(), Status> {
    let Target::Resource { group, resource, subresource, namespace, name, .. } = &request.target else {
        return Ok(());
    };
    check(
        policy,
        &Attributes {
            user,
            verb: request.verb.as_str(),
            group,
            resource,
            subresource,
            // A namespace is in itself.
            namespace: if group.is_empty() && resource == "namespaces" { name } else { namespace },
            name,
            path: "",
        },
    )
}

/// A request for anything else.
pub(crate) fn path(policy: &Policy, user: &User, verb: Verb, path: &str) -> Result<(), Status> {
    let verb = match verb {
        Verb::Create => "post",
        Verb::Update => "put",
        Verb::Patch => "patch",
        Verb::Delete | Verb::DeleteCollection => "delete",
        Verb::Get | Verb::List | Verb::Watch => "get",
    };
    let path = path.split('?').next().unwrap_or_default();
    check(policy, &Attributes::of_path(user, verb, if path.is_empty() { "/" } else { path }))
}

/// Denies in the words of the real server.
pub(crate) fn check(policy: &Policy, attributes: &Attributes) -> Result<(), Status> {
    if permits(attributes, policy) {
        return Ok(());
    }
    let decision = authorize(attributes, policy);
    Err(Status::forbidden(attributes.group, attributes.resource, attributes.name, &attributes.denial(&decision.reason)))
}
