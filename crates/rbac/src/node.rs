//! What the kubelet of a node may do.
// Models plugin/pkg/auth/authorizer/node/node_authorizer.go

use std::sync::LazyLock;

use ecow::EcoString;
use podyard_api::User;

use crate::trace::finding;
use crate::{Attributes, Decision, Finding, Rule, Step};

/// What nodes may: verbs, groups, resources.
// Models plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go
const RULES: &[(&str, &str, &str)] = &[
    ("create", "authentication.k8s.io", "tokenreviews"),
    ("create", "authorization.k8s.io", "localsubjectaccessreviews subjectaccessreviews"),
    ("get list watch", "core", "services"),
    ("create get list watch", "core", "nodes"),
    ("patch update", "core", "nodes/status"),
    ("patch update", "core", "nodes"),
    ("create patch update", "core events.k8s.io", "events"),
    ("get list watch", "core", "pods"),
    ("create delete", "core", "pods"),
    ("patch update", "core", "pods/status"),
    ("create", "core", "pods/eviction"),
    ("get list watch", "core", "configmaps secrets"),
    ("get", "core", "persistentvolumeclaims persistentvolumes"),
    ("get", "core", "endpoints"),
    ("create get list watch", "certificates.k8s.io", "certificatesigningrequests"),
    ("create delete get patch update", "coordination.k8s.io", "leases"),
    ("get", "storage.k8s.io", "volumeattachments"),
    ("create", "core", "serviceaccounts/token"),
    ("get patch update", "core", "persistentvolumeclaims/status"),
    ("get list watch", "storage.k8s.io", "csidrivers"),
    ("create delete get patch update", "storage.k8s.io", "csinodes"),
    ("get list watch", "node.k8s.io", "runtimeclasses"),
    ("get", "resource.k8s.io", "resourceclaims"),
    ("deletecollection", "resource.k8s.io", "resourceslices"),
    ("get", "core", "serviceaccounts"),
];

static PARSED: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let words =
        |text: &str| text.split(' ').map(|word| EcoString::from(if word == "core" { "" } else { word })).collect();
    let rule = |(verbs, groups, resources): &(&str, &str, &str)| Rule {
        verbs: words(verbs),
        groups: words(groups),
        resources: words(resources),
        ..Rule::default()
    };
    RULES.iter().map(rule).collect()
});

/// The name of the node that the user is.
// Models pkg/auth/nodeidentifier/default.go
fn identity(user: &User) -> Option<&str> {
    let name = user.name.strip_prefix("system:node:")?;
    user.groups.iter().any(|group| group == "system:nodes").then_some(name)
}

/// The decision of the node authorizer; nothing about users that are no nodes.
pub(crate) fn decide(asked: &Attributes) -> Option<Decision> {
    let node = identity(asked.user)?;
    let refused = refusal(asked, node);
    let found = finding(&PARSED, asked);
    let allowed = matches!(found, Finding::Granted { .. }) && refused.is_none();
    let reason = refused.unwrap_or_default();
    Some(Decision { allowed, reason, trace: vec![Step::Node { name: node.into(), finding: found }] })
}

/// The same without reasons.
pub(crate) fn permits(asked: &Attributes) -> bool {
    identity(asked.user)
        .is_some_and(|node| refusal(asked, node).is_none() && PARSED.iter().any(|rule| rule.allows(asked)))
}

/// Whether the request is about what belongs to another node.
fn refusal(asked: &Attributes, node: &str) -> Option<EcoString> {
    let writes = matches!(asked.verb, "get" | "update" | "patch" | "delete");
    match (asked.group, asked.resource) {
        ("coordination.k8s.io", "leases") => {
            if asked.namespace != "kube-node-lease" {
                return Some("can only access leases in the \"kube-node-lease\" system namespace".into());
            }
            let other = asked.verb != "create" && asked.name != node;
            other.then(|| "can only access node lease with the same name as the requesting node".into())
        }
        ("storage.k8s.io", "csinodes") if writes && asked.name != node => {
            Some("can only access CSINode with the same name as the requesting node".into())
        }
        // A kubelet reads the objects that its pods name, one by one.
        ("", "configmaps" | "secrets") if !matches!(asked.verb, "get" | "list" | "watch") => {
            Some("can only read resources of this type".into())
        }
        ("", "configmaps" | "secrets") if asked.name.is_empty() => Some("No Object name found".into()),
        _ => None,
    }
}
