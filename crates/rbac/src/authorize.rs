//! The authorizers of a cluster with `--authorization-mode=Node,RBAC`, in order.
// Models pkg/kubeapiserver/authorizer/reload.go

use ecow::EcoString;

use crate::{Attributes, Decision, MASTERS, Policy, Step, node};

/// Decides whether a request may be made, with all reasons.
pub fn authorize(asked: &Attributes, policy: &Policy) -> Decision {
    if is_master(asked) {
        return Decision { allowed: true, reason: EcoString::new(), trace: vec![Step::Masters] };
    }
    let node = node::decide(asked);
    if let Some(decision) = node.as_ref().filter(|decision| decision.allowed) {
        return decision.clone();
    }
    let mut decision = policy.decide(asked);
    if let Some(node) = node {
        decision.trace.splice(..0, node.trace);
        if !decision.allowed {
            let reasons: Vec<&str> = [&node.reason, &decision.reason].map(EcoString::as_str).into();
            let reasons: Vec<&str> = reasons.into_iter().filter(|reason| !reason.is_empty()).collect();
            decision.reason = reasons.join("\n").into();
        }
    }
    decision
}

/// The same without the reasons, for the many requests that are allowed.
pub fn permits(asked: &Attributes, policy: &Policy) -> bool {
    is_master(asked) || node::permits(asked) || policy.allows(asked)
}

fn is_master(asked: &Attributes) -> bool {
    asked.user.groups.iter().any(|group| group == MASTERS)
}

#[cfg(test)]
mod tests {
    use podyard_api::{User, value};

    use super::*;

    fn check(user: &User, verb: &str, resource: &str, allowed: bool, reason: &str) {
        let policy = Policy::of(&[
            value!({
                "kind": "ClusterRole",
                "metadata": {"name": "all"},
                "rules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["pods"]}],
            }),
            value!({
                "kind": "ClusterRoleBinding",
                "metadata": {"name": "bob"},
                "roleRef": {"kind": "ClusterRole", "name": "all"},
                "subjects": [{"kind": "User", "name": "bob"}],
            }),
        ]);
        let asked =
            Attributes { user, verb, resource, namespace: "dev", path: "", ..Attributes::of_path(user, "", "") };
        let decision = authorize(&asked, &policy);
        assert_eq!((decision.allowed, decision.reason.as_str()), (allowed, reason));
        assert_eq!(permits(&asked, &policy), allowed);
    }

    #[test]
    fn in_order() {
        check(&User::admin(), "fly", "unicorns", true, "");
        let bob = "RBAC: allowed by ClusterRoleBinding \"bob\" of ClusterRole \"all\" to User \"bob\"";
        check(&User::system("bob"), "list", "pods", true, bob);
        check(&User::system("bob"), "list", "secrets", false, "");
        check(&User::node("node01"), "list", "pods", true, "");
        check(&User::node("node01"), "create", "secrets", false, "can only read resources of this type");
        check(&User::node("node01"), "create", "services", false, "");
    }
}
