//! Who asks: the user a request comes with, or the one it may act as.

use ecow::EcoString;
use podyard_api::{Request, Status, User};
use podyard_rbac::{Attributes, Policy};

use crate::authorize;

/// The user to go on as.
// Models staging/src/k8s.io/apiserver/pkg/endpoints/filters/impersonation.go
pub(crate) fn user(policy: &Policy, request: &Request) -> Result<User, Status> {
    let Some(wanted) = &request.impersonate else { return Ok(request.user.clone()) };
    may(policy, &request.user, "users", &wanted.name)?;
    for group in wanted.groups.iter().filter(|group| *group != "system:authenticated") {
        may(policy, &request.user, "groups", group)?;
    }
    Ok(impersonated(wanted.clone()))
}

/// The user with the groups that come with being named.
pub(crate) fn impersonated(mut user: User) -> User {
    if user.groups.is_empty()
        && let Some((namespace, _)) = user.name.strip_prefix("system:serviceaccount:").and_then(|r| r.split_once(':'))
    {
        user.groups =
            [EcoString::from("system:serviceaccounts"), ecow::eco_format!("system:serviceaccounts:{namespace}")]
                .into_iter()
                .collect();
    }
    let known = |group: &EcoString| group == "system:authenticated" || group == "system:unauthenticated";
    if !user.groups.iter().any(known) {
        let group = if user.name == "system:anonymous" { "system:unauthenticated" } else { "system:authenticated" };
        user.groups.push(group.into());
    }
    user
}

fn may(policy: &Policy, user: &User, resource: &str, name: &str) -> Result<(), Status> {
    let namespace;
    let attributes = match name.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':')) {
        Some((space, account)) if resource == "users" => {
            namespace = space;
            Attributes {
                user,
                verb: "impersonate",
                group: "",
                resource: "serviceaccounts",
                subresource: "",
                namespace,
                name: account,
                path: "",
            }
        }
        _ => Attributes {
            user,
            verb: "impersonate",
            group: "",
            resource,
            subresource: "",
            namespace: "",
            name,
            path: "",
        },
    };
    authorize::check(policy, &attributes)
}
