//! A request and the role bindings to a decision with its reasons.
//!
//! [`authorize`] asks the authorizers of a kubeadm cluster in their order: the group `system:masters`, the node
//! authorizer, and the roles and bindings of a [`Policy`], which is kept up to date change by change.

mod authorize;
mod escalation;
mod explain;
mod node;
mod policy;
mod rule;
mod trace;

use podyard_api::User;
use podyard_api::gostr::quote;

pub use authorize::{authorize, permits};
pub use escalation::{Grant, Refusal, confirm};
pub use policy::{BindingId, Kind, Policy, RoleRef, Rules, Subject};
pub use rule::{Part, Rule};
pub use trace::{Decision, Finding, Step};

/// The group that may do everything.
pub const MASTERS: &str = "system:masters";
/// The API group of roles and bindings.
pub const GROUP: &str = "rbac.authorization.k8s.io";

/// What is asked of the authorizer.
// Models staging/src/k8s.io/apiserver/pkg/authorization/authorizer/interfaces.go
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a> {
    pub user: &'a User,
    /// As RBAC rules spell it.
    pub verb: &'a str,
    /// Empty for the core group.
    pub group: &'a str,
    /// The plural; empty for a path.
    pub resource: &'a str,
    pub subresource: &'a str,
    /// Empty at the cluster's scope.
    pub namespace: &'a str,
    pub name: &'a str,
    /// A path that is no resource's, as `/healthz`; else empty.
    pub path: &'a str,
}

impl<'a> Attributes<'a> {
    /// A request for a path that is no resource's.
    pub fn of_path(user: &'a User, verb: &'a str, path: &'a str) -> Self {
        Self { user, verb, group: "", resource: "", subresource: "", namespace: "", name: "", path }
    }

    /// The sentence of a denial, as in `pods is forbidden: User "x" cannot …`.
    // Models staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go
    pub fn denial(&self, reason: &str) -> String {
        let because = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        let user = quote(&self.user.name);
        if !self.path.is_empty() {
            return format!("User {user} cannot {} path {}{because}", self.verb, quote(self.path));
        }
        let place = match self.namespace {
            "" => "at the cluster scope".to_owned(),
            namespace => format!("in the namespace {}", quote(namespace)),
        };
        let (verb, group) = (self.verb, quote(self.group));
        format!("User {user} cannot {verb} resource {} in API group {group} {place}{because}", quote(&self.combined()))
    }

    /// `pods` or `pods/log`, as rules name it.
    pub fn combined(&self) -> String {
        match self.subresource {
            "" => self.resource.to_owned(),
            sub => format!("{}/{sub}", self.resource),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_says_what() {
        let jane = User::system("jane");
        let asked = Attributes {
            verb: "list",
            resource: "pods",
            namespace: "default",
            path: "",
            ..Attributes::of_path(&jane, "", "")
        };
        let check = |asked: Attributes, reason, expect: &str| assert_eq!(asked.denial(reason), expect);
        check(asked, "", "User \"jane\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"");
        check(
            Attributes { subresource: "log", namespace: "", ..asked },
            "RBAC: why",
            "User \"jane\" cannot list resource \"pods/log\" in API group \"\" at the cluster scope: RBAC: why",
        );
        check(Attributes::of_path(&jane, "get", "/metrics"), "", "User \"jane\" cannot get path \"/metrics\"");
    }
}
