//! Nobody grants what he has not got: which rights are missing, in the server's words.
// Models pkg/registry/rbac/validation/rule.go and staging/src/k8s.io/component-helpers/auth/rbac/validation/policy_comparator.go

use std::collections::BTreeSet;

use ecow::{EcoString, EcoVec};
use podyard_api::User;
use podyard_api::gostr::quote;

use crate::rule::{quoted, url_covers};
use crate::{Attributes, GROUP, MASTERS, Policy, RoleRef, Rule, permits};

/// What somebody is about to grant.
#[derive(Clone, Copy, Debug)]
pub enum Grant<'a> {
    /// By creating or changing a role. `plural` is `roles` or `clusterroles`; `name` is the one in the URL.
    Role { plural: &'a str, name: &'a str, rules: &'a [Rule], aggregates: bool },
    /// By a binding to this role.
    Binding { role: &'a RoleRef },
}

/// Everything, everywhere.
fn full_authority() -> [Rule; 2] {
    let all = || EcoVec::from([EcoString::from("*")]);
    [
        Rule { verbs: all(), groups: all(), resources: all(), ..Rule::default() },
        Rule { verbs: all(), urls: all(), ..Rule::default() },
    ]
}

/// Why a grant is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The role that is bound does not exist; the server's whole message.
    NoRole { message: String, plural: &'static str, name: EcoString },
    /// What follows `… is forbidden:`.
    Forbidden(String),
}

/// Whether `user` may grant this in a namespace, or at the cluster's scope.
///
/// # Errors
/// The server's refusal.
pub fn confirm(policy: &Policy, user: &User, namespace: &str, grant: Grant) -> Result<(), Refusal> {
    if user.groups.iter().any(|group| group == MASTERS) {
        return Ok(());
    }
    let asked = |verb, resource, name| Attributes {
        user,
        verb,
        group: GROUP,
        resource,
        subresource: "",
        namespace,
        name,
        path: "",
    };
    match grant {
        Grant::Role { plural, name, rules, aggregates } => {
            if permits(&asked("escalate", plural, name), policy) {
                return Ok(());
            }
            held(policy, user, namespace, rules).map_err(Refusal::Forbidden)?;
            if aggregates && held(policy, user, namespace, &full_authority()).is_err() {
                let why = "must have cluster-admin privileges to use the aggregationRule";
                return Err(Refusal::Forbidden(why.into()));
            }
            Ok(())
        }
        Grant::Binding { role } => {
            let plural = match role.kind.as_str() {
                "ClusterRole" => Some("clusterroles"),
                "Role" => Some("roles"),
                _ => None,
            };
            if plural.is_some_and(|plural| permits(&asked("bind", plural, &role.name), policy)) {
                return Ok(());
            }
            let rules = policy.rules_of(role, namespace).map_err(|message| Refusal::NoRole {
                message,
                plural: if role.kind == "Role" { "role" } else { "clusterrole" },
                name: role.name.clone(),
            })?;
            held(policy, user, namespace, rules).map_err(Refusal::Forbidden)
        }
    }
}

/// Whether the user holds all of these rights.
fn held(policy: &Policy, user: &User, namespace: &str, rules: &[Rule]) -> Result<(), String> {
    let own = policy.rules_for(user, namespace);
    let missing: Vec<Rule> =
        rules.iter().flat_map(broken_down).filter(|part| !own.rules.iter().any(|rule| covers(rule, part))).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let lines: BTreeSet<String> = compacted(missing).iter().map(Rule::compact_string).collect();
    let lines: Vec<String> = lines.into_iter().collect();
    let resolution = own.error().map_or_else(String::new, |error| format!("; resolution errors: [{error}]"));
    Err(format!(
        "user {} (groups={}) is attempting to grant RBAC permissions not currently held:\n{}{resolution}",
        quote(&user.name),
        quoted(&user.groups),
        lines.join("\n"),
    ))
}

/// The rule as single rights: one verb on one resource of one group, by one name if names are given.
fn broken_down(rule: &Rule) -> Vec<Rule> {
    let one = |word: &EcoString| EcoVec::from([word.clone()]);
    let mut parts = Vec::new();
    for group in &rule.groups {
        for resource in &rule.resources {
            for verb in &rule.verbs {
                let part = Rule { verbs: one(verb), groups: one(group), resources: one(resource), ..Rule::default() };
                if rule.names.is_empty() {
                    parts.push(part);
                } else {
                    parts.extend(rule.names.iter().map(|name| Rule { names: one(name), ..part.clone() }));
                }
            }
        }
    }
    for url in &rule.urls {
        parts.extend(rule.verbs.iter().map(|verb| Rule { verbs: one(verb), urls: one(url), ..Rule::default() }));
    }
    parts
}

/// Whether a rule grants a single right.
fn covers(own: &Rule, part: &Rule) -> bool {
    let all = |own: &[EcoString], words: &[EcoString]| words.iter().all(|word| own.contains(word));
    let star = |own: &[EcoString]| own.iter().any(|word| word == "*");
    let resource = |path: &EcoString| {
        own.resources.contains(path)
            || path.split_once('/').is_some_and(|(_, sub)| own.resources.iter().any(|r| *r == format!("*/{sub}")))
    };
    (star(&own.verbs) || all(&own.verbs, &part.verbs))
        && (star(&own.groups) || all(&own.groups, &part.groups))
        && (star(&own.resources) || part.resources.iter().all(resource))
        && (own.names.is_empty() || !part.names.is_empty() && all(&own.names, &part.names))
        && part.urls.iter().all(|url| own.urls.iter().any(|own| url_covers(own, url)))
}

/// The verbs of one resource (and name) together, each as often as it was missing.
// Models staging/src/k8s.io/component-helpers/auth/rbac/validation/policy_compact.go
fn compacted(rules: Vec<Rule>) -> Vec<Rule> {
    let mut compact: Vec<Rule> = Vec::new();
    for rule in rules {
        let same = |known: &&mut Rule| {
            rule.urls.is_empty()
                && known.urls.is_empty()
                && (&known.groups, &known.resources, &known.names) == (&rule.groups, &rule.resources, &rule.names)
        };
        match compact.iter_mut().find(same) {
            Some(known) => known.verbs.extend(rule.verbs.iter().cloned()),
            None => compact.push(rule),
        }
    }
    compact
}
