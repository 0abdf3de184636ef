//! One rule of a role, and what it matches.
// Models pkg/apis/rbac/v1/evaluation_helpers.go and plugin/pkg/auth/authorizer/rbac/rbac.go

use std::fmt::Write;

use ecow::{EcoString, EcoVec};
use podyard_api::gostr::quote;
use podyard_api::kinds::PolicyRule;
use serde::{Deserialize, Serialize};

use crate::Attributes;

/// A rule of a role: all of its lists must match.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub verbs: EcoVec<EcoString>,
    pub groups: EcoVec<EcoString>,
    pub resources: EcoVec<EcoString>,
    /// None: every name.
    pub names: EcoVec<EcoString>,
    pub urls: EcoVec<EcoString>,
}

/// A part of a request that a rule may not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    Verb,
    Group,
    Resource,
    Name,
    Path,
}

impl Rule {
    /// Reads the rule of an object.
    pub fn of(rule: PolicyRule<'_>) -> Self {
        Self {
            verbs: rule.verbs().map(EcoString::from).collect(),
            groups: rule.api_groups().map(EcoString::from).collect(),
            resources: rule.resources().map(EcoString::from).collect(),
            names: rule.resource_names().map(EcoString::from).collect(),
            urls: rule.non_resource_urls().map(EcoString::from).collect(),
        }
    }

    /// Whether the request is one that this rule allows.
    pub fn allows(&self, asked: &Attributes) -> bool {
        if asked.path.is_empty() {
            self.has_verb(asked) && self.has_group(asked) && self.has_resource(asked) && self.has_name(asked)
        } else {
            self.has_verb(asked) && self.has_path(asked)
        }
    }

    /// The parts of the request that this rule does not match; none if it allows it.
    pub fn lacks(&self, asked: &Attributes) -> Vec<Part> {
        type Matches = fn(&Rule, &Attributes) -> bool;
        const FOR_RESOURCES: &[(Part, Matches)] = &[
            (Part::Verb, Rule::has_verb),
            (Part::Group, Rule::has_group),
            (Part::Resource, Rule::has_resource),
            (Part::Name, Rule::has_name),
        ];
        const FOR_PATHS: &[(Part, Matches)] = &[(Part::Verb, Rule::has_verb), (Part::Path, Rule::has_path)];
        let parts = if asked.path.is_empty() { FOR_RESOURCES } else { FOR_PATHS };
        parts.iter().filter(|(_, matches)| !matches(self, asked)).map(|(part, _)| *part).collect()
    }

    fn has_verb(&self, asked: &Attributes) -> bool {
        any(&self.verbs, asked.verb)
    }

    fn has_group(&self, asked: &Attributes) -> bool {
        any(&self.groups, asked.group)
    }

    fn has_resource(&self, asked: &Attributes) -> bool {
        self.resources.iter().any(|own| match own.split_once('/') {
            _ if own == "*" => true,
            None => own == asked.resource && asked.subresource.is_empty(),
            // An empty subresource is none, whatever the rule says behind its slash.
            Some(_) if asked.subresource.is_empty() => false,
            Some((resource, sub)) => sub == asked.subresource && (resource == asked.resource || resource == "*"),
        })
    }

    fn has_name(&self, asked: &Attributes) -> bool {
        self.names.is_empty() || self.names.iter().any(|own| own == asked.name)
    }

    fn has_path(&self, asked: &Attributes) -> bool {
        self.urls.iter().any(|own| own == "*" || url_covers(own, asked.path))
    }

    /// As an escalation error shows it: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`.
    // Models pkg/apis/rbac/v1/helpers.go
    pub fn compact_string(&self) -> String {
        let parts = [
            ("APIGroups", &self.groups),
            ("Resources", &self.resources),
            ("NonResourceURLs", &self.urls),
            ("ResourceNames", &self.names),
            ("Verbs", &self.verbs),
        ];
        let mut text = String::from("{");
        for (name, words) in parts.into_iter().filter(|(_, words)| !words.is_empty()) {
            if text.len() > 1 {
                text.push_str(", ");
            }
            let _: std::fmt::Result = write!(text, "{name}:{}", quoted(words));
        }
        text.push('}');
        text
    }
}

fn any(own: &[EcoString], asked: &str) -> bool {
    own.iter().any(|word| word == "*" || word == asked)
}

/// `/healthz/*` covers all that begins with `/healthz/`.
pub(crate) fn url_covers(own: &str, path: &str) -> bool {
    own == path || own.ends_with('*') && path.starts_with(own.trim_end_matches('*'))
}

/// As Go's `%q` prints a slice of strings.
pub(crate) fn quoted(words: &[EcoString]) -> String {
    let words: Vec<String> = words.iter().map(|word| quote(word)).collect();
    format!("[{}]", words.join(" "))
}

#[cfg(test)]
mod tests {
    use podyard_api::{User, value};

    use super::*;

    fn check(rule: &podyard_api::Value, asked: &str, expect: bool) {
        let user = User::system("jane");
        let words: Vec<&str> = asked.split(' ').collect();
        let attributes = match *words.as_slice() {
            [verb, path] => Attributes::of_path(&user, verb, path),
            [verb, group, resource, name] => {
                let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
                let group = if group == "core" { "" } else { group };
                let name = if name == "-" { "" } else { name };
                Attributes { user: &user, verb, group, resource, subresource, namespace: "default", name, path: "" }
            }
            _ => panic!("{asked}"),
        };
        let rule = Rule::of(PolicyRule(rule));
        assert_eq!(rule.allows(&attributes), expect, "{asked}");
        assert_eq!(rule.lacks(&attributes).is_empty(), expect, "{asked}");
    }

    #[test]
    fn resources() {
        let rule = value!({"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods", "pods/log", "*/scale"]});
        check(&rule, "get core pods -", true);
        check(&rule, "get core pods/log web", true);
        check(&rule, "get core pods/exec web", false);
        check(&rule, "get core deployments/scale web", true);
        check(&rule, "get apps deployments/scale web", false);
        check(&rule, "watch core pods -", false);
        check(&rule, "get /healthz", false);
        let all = value!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]});
        check(&all, "fly apps deployments/scale web", true);
        check(&all, "get /healthz", false);
    }

    #[test]
    fn names() {
        let rule = value!({"verbs": ["*"], "apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["app"]});
        check(&rule, "get core configmaps app", true);
        check(&rule, "get core configmaps other", false);
        check(&rule, "list core configmaps -", false);
    }

    #[test]
    fn paths() {
        let rule = value!({"verbs": ["get"], "nonResourceURLs": ["/healthz", "/logs/*"]});
        check(&rule, "get /healthz", true);
        check(&rule, "get /healthz/etcd", false);
        check(&rule, "get /logs/a", true);
        check(&rule, "get /logs", false);
        check(&rule, "post /healthz", false);
        check(&rule, "get core pods -", false);
    }
}
