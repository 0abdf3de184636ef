//! The decision as a value: allowed or not, in which words, and what was looked at.

use ecow::EcoString;
use serde::{Deserialize, Serialize};

use crate::policy::joined;
use crate::{Attributes, BindingId, Part, Policy, RoleRef, Rule, Subject};

/// The answer, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub allowed: bool,
    /// In upstream's words; may be empty.
    pub reason: EcoString,
    /// What was looked at, in order; after an allowing step nothing more.
    pub trace: Vec<Step>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// The user is in `system:masters`.
    Masters,
    /// The user is this node, and the node authorizer's rules allow it or not.
    Node { name: EcoString, finding: Finding },
    /// A binding names the user.
    Binding { binding: BindingId, subject: Subject, role: RoleRef, finding: Finding },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Finding {
    /// The role's rule with this index (from 0) allows the request.
    Granted { rule: usize },
    /// The role's rule with this index would, but the binding is in another namespace.
    Elsewhere { rule: usize },
    /// There is no such role.
    NoRole { error: EcoString },
    /// The role has no rules.
    NoRules,
    /// No rule allows the request; this one comes nearest, but for these parts of the request.
    Lacking { rule: usize, parts: Vec<Part> },
}

impl Policy {
    /// The decision of the roles and bindings alone.
    // Models plugin/pkg/auth/authorizer/rbac/rbac.go
    pub fn decide(&self, asked: &Attributes) -> Decision {
        let mut trace = Vec::new();
        let mut errors = Vec::new();
        for id in self.bindings_of(asked.user, asked.namespace) {
            let Some(step) = self.look(asked, &id) else { continue };
            let Step::Binding { finding, subject, role, .. } = &step else { continue };
            if let Finding::Granted { .. } = finding {
                let reason = format!("RBAC: allowed by {}", described(&id, role, subject)).into();
                trace.push(step);
                return Decision { allowed: true, reason, trace };
            }
            if let Finding::NoRole { error } = finding {
                errors.push(error.to_string());
            }
            trace.push(step);
        }
        trace.extend(self.elsewhere(asked));
        let reason = joined(&errors).map_or_else(EcoString::new, |errors| format!("RBAC: {errors}").into());
        Decision { allowed: false, reason, trace }
    }

    fn look(&self, asked: &Attributes, id: &BindingId) -> Option<Step> {
        let binding = self.binding(id)?;
        let subject = binding.subject_of(asked.user, &id.namespace)?.clone();
        let finding = match self.rules_of(&binding.role, &id.namespace) {
            Ok(rules) => finding(rules, asked),
            Err(error) => Finding::NoRole { error: error.into() },
        };
        Some(Step::Binding { binding: id.clone(), subject, role: binding.role.clone(), finding })
    }

    /// The bindings of other namespaces that would have allowed the request there.
    fn elsewhere(&self, asked: &Attributes) -> Vec<Step> {
        if !asked.path.is_empty() {
            return Vec::new();
        }
        let ids = self.bindings_elsewhere(asked.user, asked.namespace);
        let steps = ids.iter().filter_map(|id| self.look(asked, id));
        steps
            .filter_map(|step| match step {
                Step::Binding { binding, subject, role, finding: Finding::Granted { rule } } => {
                    Some(Step::Binding { binding, subject, role, finding: Finding::Elsewhere { rule } })
                }
                _ => None,
            })
            .collect()
    }
}

/// The first rule that allows the request, or else the one that lacks the least.
pub(crate) fn finding(rules: &[Rule], asked: &Attributes) -> Finding {
    let mut nearest: Option<(usize, Vec<Part>)> = None;
    for (index, rule) in rules.iter().enumerate() {
        let lacks = rule.lacks(asked);
        if lacks.is_empty() {
            return Finding::Granted { rule: index };
        }
        if nearest.as_ref().is_none_or(|(_, parts)| lacks.len() < parts.len()) {
            nearest = Some((index, lacks));
        }
    }
    nearest.map_or(Finding::NoRules, |(rule, parts)| Finding::Lacking { rule, parts })
}

/// `RoleBinding "name/namespace" of Role "role" to User "jane"`.
// Models pkg/registry/rbac/validation/rule.go
fn described(id: &BindingId, role: &RoleRef, subject: &Subject) -> String {
    use podyard_api::gostr::quote;
    let (kind, name) = match id.namespace.as_str() {
        "" => ("ClusterRoleBinding", quote(&id.name)),
        namespace => ("RoleBinding", quote(&format!("{}/{namespace}", id.name))),
    };
    let whom = match (subject.kind.as_str(), subject.namespace.as_str()) {
        ("ServiceAccount", "") => quote(&format!("{}/{}", subject.name, id.namespace)),
        ("ServiceAccount", namespace) => quote(&format!("{}/{namespace}", subject.name)),
        _ => quote(&subject.name),
    };
    format!("{kind} {name} of {} {} to {} {whom}", role.kind, quote(&role.name), subject.kind)
}

#[cfg(test)]
mod tests {
    use podyard_api::{User, value};

    use super::*;

    fn policy() -> Policy {
        let binding = |kind, namespace: &str, name, role: (&str, &str), subject: podyard_api::Value| {
            let mut metadata = value!({"name": name});
            if !namespace.is_empty() {
                metadata.set("namespace", namespace);
            }
            value!({
                "kind": kind,
                "metadata": metadata,
                "roleRef": {"kind": (role.0), "name": (role.1)},
                "subjects": [subject],
            })
        };
        let role = value!({
            "kind": "Role",
            "metadata": {"name": "reader", "namespace": "dev"},
            "rules": [
                {"verbs": ["get"], "apiGroups": ["apps"], "resources": ["deployments"]},
                {"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods"]},
            ],
        });
        let gone = value!({"kind": "ServiceAccount", "name": "app"});
        Policy::of(&[
            role,
            binding("RoleBinding", "dev", "jane", ("Role", "reader"), value!({"kind": "User", "name": "jane"})),
            binding("RoleBinding", "dev", "app", ("ClusterRole", "gone"), gone),
        ])
    }

    fn decide(user: &User, verb: &str, namespace: &str) -> Decision {
        let asked =
            Attributes { user, verb, resource: "pods", namespace, path: "", ..Attributes::of_path(user, "", "") };
        policy().decide(&asked)
    }

    fn check(user: &User, verb: &str, namespace: &str, reason: &str, finding: Option<Finding>) {
        let decision = decide(user, verb, namespace);
        assert_eq!(decision.reason, reason);
        let last = decision.trace.last().map(|step| match step {
            Step::Binding { finding, .. } => finding.clone(),
            other => panic!("{other:?}"),
        });
        assert_eq!(last, finding);
    }

    #[test]
    fn findings() {
        let jane = User::system("jane");
        let allowed = "RBAC: allowed by RoleBinding \"jane/dev\" of Role \"reader\" to User \"jane\"";
        check(&jane, "list", "dev", allowed, Some(Finding::Granted { rule: 1 }));
        check(&jane, "delete", "dev", "", Some(Finding::Lacking { rule: 1, parts: vec![Part::Verb] }));
        check(&jane, "list", "prod", "", Some(Finding::Elsewhere { rule: 1 }));
        check(&User::system("bob"), "list", "dev", "", None);
        let error = "clusterrole.rbac.authorization.k8s.io \"gone\" not found";
        let app = User::service_account("dev", "app");
        check(&app, "list", "dev", &format!("RBAC: {error}"), Some(Finding::NoRole { error: error.into() }));
    }

    #[test]
    fn what_is_removed_allows_nothing_more() {
        let mut policy = policy();
        let jane = User::system("jane");
        let asked = Attributes {
            verb: "get",
            resource: "pods",
            namespace: "dev",
            path: "",
            ..Attributes::of_path(&jane, "", "")
        };
        assert!(policy.allows(&asked));
        policy.remove(crate::Kind::RoleBinding, "dev", "jane");
        assert!(!policy.allows(&asked));
        policy.remove(crate::Kind::RoleBinding, "dev", "app");
        policy.remove(crate::Kind::Role, "dev", "reader");
        assert_eq!(policy, Policy::default(), "nothing is left behind");
    }
}
