//! Roles and bindings.

use podyard_api::Value;
use podyard_api::kinds::{PolicyRule, Role, RoleBinding};

use super::out::Out;
use super::{Describer, Related, ingress, nothing};

pub(super) const ROLE: Describer = Describer { reads: nothing, write: role };
pub(super) const BINDING: Describer = Describer { reads: nothing, write: binding };

/// One line of a role: verbs of one resource (or name of it), or of one URL.
#[derive(PartialEq)]
struct Line<'a> {
    verbs: Vec<&'a str>,
    /// Group and resource; nothing for URLs.
    resource: Option<(&'a str, &'a str)>,
    name: Option<&'a str>,
    url: Option<&'a str>,
}

fn role(object: &Value, _: &Related, out: &mut Out) {
    ingress::head(object, out);
    out.line(0, "PolicyRule:");
    out.header(1, &["Resources", "Non-Resource URLs", "Resource Names", "Verbs"]);
    let mut lines = Vec::new();
    Role(object).rules().for_each(|rule| add(rule, &mut lines));
    lines.sort_by_key(Line::sort_key);
    for line in lines {
        let resource = line.resource.map(resource).unwrap_or_default();
        let [url, name] = [line.url, line.name].map(Option::unwrap_or_default);
        out.line(1, format_args!("{resource}\t[{url}]\t[{name}]\t[{}]", line.verbs.join(" ")));
    }
}

/// Breaks a rule down and joins what is about one resource.
// Models staging/src/k8s.io/component-helpers/auth/rbac/validation/{policy_comparator,policy_compact}.go
fn add<'a>(rule: PolicyRule<'a>, lines: &mut Vec<Line<'a>>) {
    let names: Vec<_> = rule.resource_names().map(Some).collect();
    let names = if names.is_empty() { vec![None] } else { names };
    for group in rule.api_groups() {
        for resource in rule.resources() {
            for name in &names {
                let known = lines.iter().position(|l| l.resource == Some((group, resource)) && l.name == *name);
                let index = known.unwrap_or_else(|| {
                    lines.push(Line { verbs: Vec::new(), resource: Some((group, resource)), name: *name, url: None });
                    lines.len() - 1
                });
                for verb in rule.verbs() {
                    if !lines[index].verbs.contains(&verb) {
                        lines[index].verbs.push(verb);
                    }
                }
            }
        }
    }
    for url in rule.non_resource_urls() {
        for verb in rule.verbs() {
            lines.push(Line { verbs: vec![verb], resource: None, name: None, url: Some(url) });
        }
    }
}

impl Line<'_> {
    /// The text by which Kubernetes sorts rules.
    fn sort_key(&self) -> String {
        let list = |item: Option<&str>| item.unwrap_or_default().to_owned();
        format!(
            "Verbs:[{}],APIGroups:[{}],Resources:[{}],ResourceNames:[{}],NonResourceURLs:[{}],",
            self.verbs.join(" "),
            list(self.resource.map(|(group, _)| group)),
            list(self.resource.map(|(_, resource)| resource)),
            list(self.name),
            list(self.url)
        )
    }
}

/// `deployments.apps/scale`
fn resource((group, resource): (&str, &str)) -> String {
    let (plural, sub) = resource.split_once('/').map_or((resource, None), |(plural, sub)| (plural, Some(sub)));
    let group = if group.is_empty() { String::new() } else { format!(".{group}") };
    format!("{plural}{group}{}", sub.map(|sub| format!("/{sub}")).unwrap_or_default())
}

fn binding(object: &Value, _: &Related, out: &mut Out) {
    let binding = RoleBinding(object);
    ingress::head(object, out);
    out.line(0, "Role:");
    out.field(1, "Kind", binding.role_ref().kind());
    out.field(1, "Name", binding.role_ref().name());
    out.line(0, "Subjects:");
    out.header(1, &["Kind", "Name", "Namespace"]);
    for subject in binding.subjects() {
        out.line(1, format_args!("{}\t{}\t{}", subject.kind(), subject.name(), subject.namespace()));
    }
}
