//! Who may do what, and which binding, role and rule says so, in sentences.

use podyard_api::User;
use podyard_apiserver::ResourceKey;
use podyard_rbac::{Attributes, BindingId, Decision, Finding, Part, RoleRef, Step, Subject};

use crate::Cluster;

/// A request that somebody might make.
#[derive(Clone, Copy, Debug, Default)]
pub struct Access<'a> {
    pub user: &'a str,
    /// Besides those that come with the name.
    pub groups: &'a [String],
    pub verb: &'a str,
    /// A plural (`deployments`), perhaps with its group (`deployments.apps`), or a path (`/healthz`).
    pub resource: &'a str,
    pub subresource: &'a str,
    pub name: &'a str,
    /// Empty for all of them; does not matter for what is in none.
    pub namespace: &'a str,
}

/// The answer, and what decided it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    pub allowed: bool,
    pub because: String,
}

/// How many bindings a refusal tells of.
const TOLD: usize = 3;

impl Cluster {
    /// Whether a request would be allowed.
    pub fn may(&self, access: &Access<'_>) -> Permission {
        let groups: Vec<&str> = access.groups.iter().map(String::as_str).collect();
        let user = User::new(access.user, &groups);
        let asked = if access.resource.starts_with('/') {
            Attributes::of_path(&user, access.verb, access.resource)
        } else {
            let (plural, group) = access.resource.split_once('.').unwrap_or((access.resource, ""));
            let known =
                ResourceKey::all().find(|key| key.plural() == plural && (group.is_empty() || key.group() == group));
            Attributes {
                user: &user,
                verb: access.verb,
                group: known.map_or(group, |key| key.group()),
                resource: plural,
                subresource: access.subresource,
                namespace: if known.is_some_and(|key| !key.is_namespaced()) { "" } else { access.namespace },
                name: access.name,
                path: "",
            }
        };
        let decision = self.api.authorize(&asked);
        Permission { allowed: decision.allowed, because: sentence(&asked, &decision) }
    }
}

fn sentence(asked: &Attributes<'_>, decision: &Decision) -> String {
    if decision.allowed {
        return match decision.trace.last() {
            Some(Step::Masters) => "The group system:masters may do everything.".into(),
            Some(Step::Node { name, .. }) => format!("The node authorizer allows it to the kubelet of {name}."),
            Some(Step::Binding { binding, subject, role, finding }) => {
                let rule = match finding {
                    Finding::Granted { rule } => format!(", rule {}", rule + 1),
                    _ => String::new(),
                };
                format!(
                    "{} gives {} {}, which allows it{rule}.",
                    of_binding(binding),
                    of_subject(subject),
                    of_role(role)
                )
            }
            None => "It is allowed.".into(),
        };
    }
    let told: Vec<String> = decision.trace.iter().filter_map(|step| refusal(asked, step)).take(TOLD).collect();
    if told.is_empty() {
        let place =
            if asked.namespace.is_empty() { String::new() } else { format!(" in namespace {}", asked.namespace) };
        return format!("No binding{place} names {} for anything of this kind.", asked.user.name);
    }
    told.join(" ")
}

/// What a binding that did not allow it lacks; nothing for those that everybody has.
fn refusal(asked: &Attributes<'_>, step: &Step) -> Option<String> {
    let Step::Binding { binding, subject, role, finding } = step else { return None };
    if subject.kind == "Group" && matches!(finding, Finding::Lacking { .. }) && subject.name.starts_with("system:") {
        return None;
    }
    let gives = format!("{} gives {} {}", of_binding(binding), of_subject(subject), of_role(role));
    Some(match finding {
        Finding::Granted { .. } => return None,
        Finding::Elsewhere { rule } => {
            let wanted = if asked.namespace.is_empty() { "in all namespaces" } else { asked.namespace };
            format!(
                "{gives}, whose rule {} would allow it, but in namespace {} and not {wanted}.",
                rule + 1,
                binding.namespace
            )
        }
        Finding::NoRole { .. } => format!("{gives}, which does not exist."),
        Finding::NoRules => format!("{gives}, which has no rules."),
        Finding::Lacking { rule, parts } => {
            let parts: Vec<String> = parts.iter().map(|part| of_part(*part, asked)).collect();
            format!("{gives}, whose rule {} does not have {}.", rule + 1, parts.join(" nor "))
        }
    })
}

fn of_binding(id: &BindingId) -> String {
    match id.namespace.as_str() {
        "" => format!("ClusterRoleBinding {}", id.name),
        namespace => format!("RoleBinding {namespace}/{}", id.name),
    }
}

fn of_subject(subject: &Subject) -> String {
    let kind = if subject.kind == "ServiceAccount" { "service account".into() } else { subject.kind.to_lowercase() };
    format!("{kind} {}", subject.name)
}

fn of_role(role: &RoleRef) -> String {
    format!("the {} {}", role.kind, role.name)
}

fn of_part(part: Part, asked: &Attributes<'_>) -> String {
    match part {
        Part::Verb => format!("the verb {}", asked.verb),
        Part::Group => format!("the API group {:?}", asked.group),
        Part::Resource => format!("the resource {}", asked.combined()),
        Part::Name if asked.name.is_empty() => "requests without a name".into(),
        Part::Name => format!("the name {}", asked.name),
        Part::Path => format!("the path {}", asked.path),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::presets;

    fn cluster(lines: &str) -> Cluster {
        let preset = presets::find("two-workers").expect("a preset");
        let mut cluster = Cluster::new(preset, 1);
        let output = cluster.run_line(lines, Duration::from_secs(60));
        assert_eq!((output.stderr.as_str(), output.exit), ("", 0));
        cluster
    }

    fn check(cluster: &Cluster, access: Access<'_>, allowed: bool, because: &str) {
        assert_eq!(cluster.may(&access), Permission { allowed, because: because.into() }, "{access:?}");
    }

    #[test]
    fn what_decides_is_named() {
        let cluster = cluster(
            "kubectl create role reader --verb=get --resource=deployments\n\
             kubectl create rolebinding jane --role=reader --user=jane\n\
             kubectl create rolebinding app --clusterrole=view --serviceaccount=default:app",
        );
        let jane =
            Access { user: "jane", verb: "get", resource: "deployments", namespace: "default", ..Access::default() };
        let gives = "RoleBinding default/jane gives user jane the Role reader";
        check(&cluster, jane, true, &format!("{gives}, which allows it, rule 1."));
        check(
            &cluster,
            Access { verb: "delete", ..jane },
            false,
            &format!("{gives}, whose rule 1 does not have the verb delete."),
        );
        check(
            &cluster,
            Access { subresource: "scale", ..jane },
            false,
            &format!("{gives}, whose rule 1 does not have the resource deployments/scale."),
        );
        check(
            &cluster,
            Access { namespace: "kube-system", ..jane },
            false,
            &format!("{gives}, whose rule 1 would allow it, but in namespace default and not kube-system."),
        );
        check(
            &cluster,
            Access { user: "bob", ..jane },
            false,
            "No binding in namespace default names bob for anything of this kind.",
        );
        let app = Access { user: "system:serviceaccount:default:app", verb: "list", resource: "pods", ..jane };
        assert!(cluster.may(&app).allowed);
        assert!(!cluster.may(&Access { resource: "nodes", ..app }).allowed);
    }
}
