//! Who may do what in a namespace.

use podyard_api::{About, User, registry};
use podyard_apiserver::ResourceKey;
use podyard_rbac::{Attributes, Subject};

use super::{Cell, Head, Table, omitted};
use crate::{Cluster, Tone};

const MAX_ROWS: usize = 60;
const READ: [&str; 3] = ["get", "list", "watch"];
const WRITE: [&str; 4] = ["create", "update", "patch", "delete"];

/// The resources that are shown.
const RESOURCES: [&str; 14] = [
    "pods",
    "pods/log",
    "pods/exec",
    "deployments.apps",
    "services",
    "configmaps",
    "secrets",
    "serviceaccounts",
    "persistentvolumeclaims",
    "jobs.batch",
    "ingresses.networking.k8s.io",
    "networkpolicies.networking.k8s.io",
    "roles.rbac.authorization.k8s.io",
    "rolebindings.rbac.authorization.k8s.io",
];

impl Cluster {
    /// The rights of those whom bindings name and of the namespace's service accounts.
    pub fn access_table(&self, choice: &str) -> Table {
        let choices: Vec<String> =
            self.api.list(ResourceKey::NAMESPACES, None).map(|space| space.name().into()).collect();
        let known = choices.iter().any(|space| space == choice);
        let namespace = if known { choice } else { "default" };
        let subjects = self.subjects(namespace);
        let rows = subjects.iter().take(MAX_ROWS).map(|subject| {
            let (user, flags) = user(subject);
            let cells = RESOURCES.iter().map(|resource| self.access_cell(&user, &flags, resource, namespace));
            (head(subject), cells.collect())
        });
        Table {
            caption: format!(
                "What users, groups and service accounts may do in the namespace {namespace}. Those of the system are left out."
            ),
            choice: namespace.into(),
            corner: "Who",
            columns: RESOURCES.iter().map(|name| Head::new(short(name), "", None)).collect(),
            omitted: omitted(subjects.len(), MAX_ROWS, "subjects"),
            rows: rows.collect(),
            choices,
        }
    }

    fn subjects(&self, namespace: &str) -> Vec<Subject> {
        let mut subjects = self.api.policy().subjects(namespace);
        subjects.retain(|subject| {
            !subject.name.starts_with("system:")
                && (subject.kind != "ServiceAccount" || subject.namespace != "kube-system")
        });
        for account in self.api.list(ResourceKey::SERVICE_ACCOUNTS, Some(namespace)) {
            let subject = Subject {
                kind: "ServiceAccount".into(),
                name: account.name_text(),
                namespace: account.namespace_text(),
            };
            if !subjects.contains(&subject) && namespace != "kube-system" {
                subjects.push(subject);
            }
        }
        subjects
    }

    fn access_cell(&self, user: &User, flags: &[String], resource: &str, namespace: &str) -> Cell {
        let (combined, group) = resource.split_once('.').unwrap_or((resource, ""));
        let (plural, subresource) = combined.split_once('/').unwrap_or((combined, ""));
        let known = registry::find(group, plural);
        let verbs = known.and_then(|known| known.subresource(subresource)).map(|sub| &sub.verbs);
        let has = |verb: &&&str| verbs.is_none_or(|verbs| verbs.iter().any(|own| own.as_str() == **verb));
        let asked: Vec<&str> = READ.iter().chain(&WRITE).filter(has).copied().collect();
        let may = |verb: &&&str| {
            let attributes =
                Attributes { user, verb, group, resource: plural, subresource, namespace, name: "", path: "" };
            self.api.authorize(&attributes).allowed
        };
        let allowed: Vec<&str> = asked.iter().filter(may).copied().collect();
        let mut question: Vec<String> =
            vec!["can-i".into(), asked.join(","), resource.split('/').next().unwrap_or_default().into()];
        if !subresource.is_empty() {
            question.extend(["--subresource".into(), subresource.into()]);
        }
        question.extend(["-n".into(), namespace.into()]);
        question.extend(flags.iter().cloned());
        let tone = if allowed.is_empty() { Tone::Done } else { Tone::Good };
        Cell::new(summary(&asked, &allowed), tone, &question)
    }
}

/// `all`, `read`, or the verbs; all three verbs that read are one word.
fn summary(asked: &[&str], allowed: &[&str]) -> String {
    if allowed.is_empty() {
        return "nothing".into();
    }
    if asked.len() == allowed.len() {
        return "all".into();
    }
    let reads = READ.iter().all(|verb| allowed.contains(verb));
    let rest = allowed.iter().filter(|verb| !(reads && READ.contains(verb))).copied();
    reads.then_some("read").into_iter().chain(rest).collect::<Vec<_>>().join(" ")
}

fn short(resource: &str) -> &str {
    resource.split('.').next().unwrap_or(resource)
}

/// The user that a subject is, and the flags that say so.
fn user(subject: &Subject) -> (User, Vec<String>) {
    match subject.kind.as_str() {
        "ServiceAccount" => {
            let user = User::service_account(&subject.namespace, &subject.name);
            let flags = vec!["--as".into(), user.name.to_string()];
            (user, flags)
        }
        "Group" => (User::new("", &[&subject.name]), vec!["--as-group".into(), subject.name.to_string()]),
        _ => (User::new(&subject.name, &[]), vec!["--as".into(), subject.name.to_string()]),
    }
}

fn head(subject: &Subject) -> Head {
    match subject.kind.as_str() {
        "ServiceAccount" => {
            let about = About::new("ServiceAccount", &subject.namespace, &subject.name);
            Head::new(&*subject.name, format!("service account in {}", subject.namespace), Some(about))
        }
        kind => Head::new(&*subject.name, kind.to_lowercase(), None),
    }
}
