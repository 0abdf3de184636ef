//! A decision in plain words.

use podyard_api::{About, Explanation};

use crate::rule::quoted;
use crate::{Attributes, BindingId, Decision, Finding, MASTERS, Part, Policy, RoleRef, Rule, Step, Subject};

impl Policy {
    /// Why a request is allowed or not: binding, role and rule, and what would turn it.
    pub fn explain(&self, asked: &Attributes, decision: &Decision) -> Explanation {
        let (word, can) = if decision.allowed { ("yes", "can") } else { ("no", "cannot") };
        let who = whom(asked);
        let mut why = Explanation::new(decision.allowed, format!("{word}: {who} {can} {}.", request(asked)));
        let mut any_binding = false;
        for step in &decision.trace {
            match step {
                Step::Masters => {
                    why.say(
                        0,
                        format!("the user is in the group {MASTERS}, which may do everything; no role is asked"),
                    );
                }
                Step::Node { name, finding } => node(&mut why, name, finding),
                Step::Binding { binding, subject, role, finding } => {
                    any_binding = true;
                    self.binding_step(&mut why, asked, (binding, subject, role), finding);
                }
            }
        }
        if !decision.allowed {
            if !any_binding {
                why.say(0, no_binding(asked));
            }
            if why.changes.is_empty() {
                why.change(grant(asked));
            }
        }
        why
    }

    fn binding_step(
        &self,
        why: &mut Explanation,
        asked: &Attributes,
        (id, subject, role): (&BindingId, &Subject, &RoleRef),
        finding: &Finding,
    ) {
        let binding = about_binding(id);
        let granted = About::new(&role.kind, if role.kind == "Role" { &id.namespace } else { "" }, &role.name);
        let whom = format!("{} {}", subject.kind, subject.name);
        why.say_of(0, binding.clone(), format!("{} names {whom} and refers to {}", place(&binding), place(&granted)));
        let rules = self.rules_of(role, &id.namespace).unwrap_or_default();
        let shown = |index: &usize| rules.get(*index).map(described).unwrap_or_default();
        let of = granted.clone();
        match finding {
            Finding::Granted { rule } => {
                why.say_of(1, of, format!("rules[{rule}] of {granted} allows it: {}", shown(rule)));
            }
            Finding::Elsewhere { rule } => {
                let text =
                    format!("rules[{rule}] of {granted} would allow it, but only in the namespace {}", id.namespace);
                why.say_of(1, of, text);
            }
            Finding::NoRole { .. } => {
                why.say_of(1, of, format!("there is no {}; check roleRef of {}", place(&granted), place(&binding)));
                why.change(format!("Make {}, which {binding} refers to: {}", place(&granted), create(asked, &granted)));
            }
            Finding::NoRules => why.say_of(1, of, format!("{granted} has no rules")),
            Finding::Lacking { parts, .. } if parts.len() > 1 && !is_own(subject, role) => {
                why.say_of(1, of, format!("no rule of {granted} allows it"));
            }
            Finding::Lacking { rule, parts } => {
                let lacks: Vec<String> = parts.iter().map(|part| lacking(*part, asked)).collect();
                let text =
                    format!("no rule of {granted} allows it; the nearest, rules[{rule}], lacks {}", lacks.join(", "));
                why.say_of(1, of.clone(), text);
                why.say_of(2, of, shown(rule));
                if let [part] = parts.as_slice()
                    && is_own(subject, role)
                {
                    why.change(widen(*part, asked, *rule, &granted));
                }
            }
        }
    }
}

/// A role that was made for this subject may well be changed; those that come with the cluster may not.
fn is_own(subject: &Subject, role: &RoleRef) -> bool {
    let comes_with_it = role.name.starts_with("system:") || matches!(role.name.as_str(), "admin" | "edit" | "view");
    subject.kind != "Group" && !comes_with_it
}

fn node(why: &mut Explanation, name: &str, finding: &Finding) {
    let says = match finding {
        Finding::Granted { .. } => "allows it: every kubelet may do this",
        _ => "does not allow it: kubelets may do only what concerns their own node and its pods",
    };
    why.say_of(0, About::new("Node", "", name), format!("the user is the node {name}, and the node authorizer {says}"));
}

/// `User jane`, or a group of which nobody in particular is asked about.
fn whom(asked: &Attributes) -> String {
    match (asked.user.name.as_str(), asked.user.groups.first()) {
        ("", Some(group)) => format!("Group {group}"),
        (name, _) => format!("User {name}"),
    }
}

/// `list pods in the namespace dev`
fn request(asked: &Attributes) -> String {
    if !asked.path.is_empty() {
        return format!("{} the path {}", asked.verb, asked.path);
    }
    let group = if asked.group.is_empty() { String::new() } else { format!(".{}", asked.group) };
    let name = if asked.name.is_empty() { String::new() } else { format!(" \"{}\"", asked.name) };
    let what = format!("{} {}{group}{name}", asked.verb, asked.combined());
    match asked.namespace {
        "" => format!("{what} at the cluster's scope"),
        namespace => format!("{what} in the namespace {namespace}"),
    }
}

fn no_binding(asked: &Attributes) -> String {
    let place = match asked.namespace {
        "" => String::new(),
        namespace => format!("no RoleBinding in {namespace} and "),
    };
    format!("{place}no ClusterRoleBinding names this user or one of its groups")
}

fn about_binding(id: &BindingId) -> About {
    let kind = if id.namespace.is_empty() { "ClusterRoleBinding" } else { "RoleBinding" };
    About::new(kind, &id.namespace, &id.name)
}

/// `rolebinding/jane in dev`
fn place(about: &About) -> String {
    if about.namespace.is_empty() { about.to_string() } else { format!("{about} in {}", about.namespace) }
}

/// The lists of a rule.
fn described(rule: &Rule) -> String {
    let lists = [
        ("verbs", &rule.verbs),
        ("apiGroups", &rule.groups),
        ("resources", &rule.resources),
        ("resourceNames", &rule.names),
        ("nonResourceURLs", &rule.urls),
    ];
    let shown = lists.iter().filter(|(_, words)| !words.is_empty());
    shown.map(|(name, words)| format!("{name} {}", quoted(words))).collect::<Vec<_>>().join(", ")
}

/// What a rule would have to name: its field and the word.
fn wanted(part: Part, asked: &Attributes) -> (&'static str, String) {
    match part {
        Part::Verb => ("verbs", asked.verb.into()),
        Part::Group => ("apiGroups", asked.group.into()),
        Part::Resource => ("resources", asked.combined()),
        Part::Name => ("resourceNames", asked.name.into()),
        Part::Path => ("nonResourceURLs", asked.path.into()),
    }
}

fn lacking(part: Part, asked: &Attributes) -> String {
    let (field, word) = wanted(part, asked);
    match (part, word.as_str()) {
        (Part::Name, "") => "a name: it is for certain resourceNames only, and the request is for all".into(),
        _ => format!("{word:?} in {field}"),
    }
}

fn widen(part: Part, asked: &Attributes, rule: usize, role: &About) -> String {
    let (field, word) = wanted(part, asked);
    let how = format!("kubectl edit {role}{}", role.flag());
    match (part, word.as_str()) {
        (Part::Name, "") => format!("Take resourceNames out of rules[{rule}] of {}: {how}", place(role)),
        _ => format!("Add {word:?} to {field} of rules[{rule}] of {}: {how}", place(role)),
    }
}

/// The command that makes a role which allows the request.
fn create(asked: &Attributes, role: &About) -> String {
    let (verb, kind, name) = (asked.verb, role.kind.to_lowercase(), &role.name);
    if !asked.path.is_empty() {
        return format!("kubectl create {kind} {name} --verb={verb} --non-resource-url={}", asked.path);
    }
    let group = if asked.group.is_empty() { String::new() } else { format!(".{}", asked.group) };
    let sub = if asked.subresource.is_empty() { String::new() } else { format!("/{}", asked.subresource) };
    let resource = format!("{}{group}{sub}", asked.resource);
    format!("kubectl create {kind} {name} --verb={verb} --resource={resource}{}", role.flag())
}

/// A role and a binding that allow the request.
fn grant(asked: &Attributes) -> String {
    let (kind, binding) = match asked.namespace {
        "" => ("ClusterRole", "clusterrolebinding"),
        _ => ("Role", "rolebinding"),
    };
    let user = &asked.user.name;
    let (short, whom) = match user.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':')) {
        Some((namespace, account)) => (account, format!("--serviceaccount={namespace}:{account}")),
        None => match asked.user.groups.first().filter(|_| user.is_empty()) {
            Some(group) => (group.rsplit(':').next().unwrap_or_default(), format!("--group={group}")),
            None => (user.rsplit(':').next().unwrap_or_default(), format!("--user={user}")),
        },
    };
    let name = format!("{short}-{}", if asked.path.is_empty() { asked.resource } else { "path" });
    let role = About::new(kind, asked.namespace, &name);
    let flag = role.flag();
    let bind = format!("kubectl create {binding} {name} --{}={name} {whom}{flag}", kind.to_lowercase());
    format!("Grant it by a role and a binding: {} && {bind}", create(asked, &role))
}

#[cfg(test)]
mod tests {
    use podyard_api::{User, yaml};

    use super::*;
    use crate::authorize;

    const OBJECTS: &str = r#"
kind: Role
metadata: {name: reader, namespace: dev}
rules:
- {verbs: [get, list], apiGroups: [""], resources: [pods]}
---
kind: RoleBinding
metadata: {name: jane, namespace: dev}
roleRef: {kind: Role, name: reader}
subjects: [{kind: User, name: jane}]
---
kind: RoleBinding
metadata: {name: app, namespace: dev}
roleRef: {kind: ClusterRole, name: gone}
subjects: [{kind: ServiceAccount, name: app}]
"#;

    /// The explanation of `verb resource namespace`, asked by a user.
    fn check(user: &User, asked: &str, expect: &str) {
        let objects: Vec<_> = OBJECTS.split("---").map(|text| yaml::parse(text).unwrap()).collect();
        let policy = Policy::of(&objects);
        let words: Vec<&str> = asked.split(' ').collect();
        let asked = match *words.as_slice() {
            [verb, resource, namespace] => {
                Attributes { verb, resource, namespace, path: "", ..Attributes::of_path(user, "", "") }
            }
            [verb, path] => Attributes::of_path(user, verb, path),
            _ => panic!("{asked}"),
        };
        let why = policy.explain(&asked, &authorize(&asked, &policy));
        assert_eq!(why.to_string().trim_end(), expect.trim());
    }

    #[test]
    fn what_allows_is_named_down_to_the_rule() {
        check(
            &User::system("jane"),
            "list pods dev",
            r#"
yes: User jane can list pods in the namespace dev.
  rolebinding/jane in dev names User jane and refers to role/reader in dev
    rules[0] of role/reader allows it: verbs ["get" "list"], apiGroups [""], resources ["pods"]"#,
        );
        check(
            &User::admin(),
            "get /healthz",
            "
yes: User kubernetes-admin can get the path /healthz.
  the user is in the group system:masters, which may do everything; no role is asked",
        );
    }

    #[test]
    fn a_rule_that_nearly_allows_is_widened() {
        check(
            &User::system("jane"),
            "delete pods dev",
            r#"
no: User jane cannot delete pods in the namespace dev.
  rolebinding/jane in dev names User jane and refers to role/reader in dev
    no rule of role/reader allows it; the nearest, rules[0], lacks "delete" in verbs
      verbs ["get" "list"], apiGroups [""], resources ["pods"]
To change this:
  - Add "delete" to verbs of rules[0] of role/reader in dev: kubectl edit role/reader -n dev"#,
        );
    }

    #[test]
    fn a_binding_elsewhere_and_none_at_all() {
        check(
            &User::system("jane"),
            "list pods prod",
            "
no: User jane cannot list pods in the namespace prod.
  rolebinding/jane in dev names User jane and refers to role/reader in dev
    rules[0] of role/reader would allow it, but only in the namespace dev
To change this:
  - Grant it by a role and a binding: kubectl create role jane-pods --verb=list --resource=pods -n prod && kubectl create rolebinding jane-pods --role=jane-pods --user=jane -n prod",
        );
        check(
            &User::system("bob"),
            "list pods dev",
            r#"
no: User bob cannot list pods in the namespace dev.
  no RoleBinding in dev and no ClusterRoleBinding names this user or one of its groups
To change this:
  - Grant it by a role and a binding: kubectl create role bob-pods --verb=list --resource=pods -n dev && kubectl create rolebinding bob-pods --role=bob-pods --user=bob -n dev"#,
        );
    }

    #[test]
    fn a_role_that_is_not_there() {
        check(
            &User::service_account("dev", "app"),
            "list pods dev",
            "
no: User system:serviceaccount:dev:app cannot list pods in the namespace dev.
  rolebinding/app in dev names ServiceAccount app and refers to clusterrole/gone
    there is no clusterrole/gone; check roleRef of rolebinding/app in dev
To change this:
  - Make clusterrole/gone, which rolebinding/app refers to: kubectl create clusterrole gone --verb=list --resource=pods",
        );
    }
}
