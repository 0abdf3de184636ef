//! Why a request is allowed, or not.

use ecow::EcoString;
use podyard_api::explanation::Line;
use podyard_api::{Explanation, User, registry};
use podyard_rbac::Attributes;

use super::question::CanI;
use crate::Cluster;

/// A resource as rules name it.
struct Named {
    group: EcoString,
    plural: EcoString,
    namespaced: bool,
}

impl Cluster {
    /// Of one verb, or of several between commas: those that are allowed each by itself, and one of the others.
    pub(super) fn why_can_i(&self, asked: &CanI) -> Explanation {
        let verbs: Vec<&str> = asked.verb.split(',').filter(|verb| !verb.is_empty()).collect();
        if verbs.len() < 2 {
            return self.why_one(asked);
        }
        let one = |verb: &&str| self.why_one(&CanI { verb: (*verb).into(), ..asked.clone() });
        let all: Vec<Explanation> = verbs.iter().map(one).collect();
        let told = |holds| verbs.iter().zip(&all).filter(move |(_, why)| why.holds == holds).map(|(verb, _)| *verb);
        let list = |holds| match told(holds).collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => "none".to_owned(),
            some => some,
        };
        let mut whole = Explanation::new(
            told(false).next().is_none(),
            format!("allowed: {}; not allowed: {}.", list(true), list(false)),
        );
        let mut refused = false;
        for why in all {
            if !why.holds && std::mem::replace(&mut refused, true) {
                continue;
            }
            whole.say(0, why.answer);
            for line in why.lines {
                whole.lines.push(Line { depth: line.depth + 1, ..line });
            }
            why.changes.into_iter().for_each(|change| whole.change(change));
        }
        whole
    }

    fn why_one(&self, asked: &CanI) -> Explanation {
        let user = if asked.user.is_empty() && asked.groups.is_empty() { self.learner() } else { named(asked) };
        let policy = self.api.policy();
        if asked.what.starts_with('/') {
            let attributes = Attributes::of_path(&user, &asked.verb, &asked.what);
            return policy.explain(&attributes, &self.api.authorize(&attributes));
        }
        let found = resource_named(&asked.what);
        let known = found.as_ref().map(|named| named.namespaced);
        let named = found.unwrap_or_else(|| unknown(&asked.what));
        let attributes = Attributes {
            user: &user,
            verb: &asked.verb,
            group: &named.group,
            resource: &named.plural,
            subresource: &asked.subresource,
            namespace: if known == Some(false) { "" } else { &asked.namespace },
            name: &asked.name,
            path: "",
        };
        let mut why = policy.explain(&attributes, &self.api.authorize(&attributes));
        if known.is_none() {
            why.say(0, format!("{:?} is no built-in resource, and is taken at its word", asked.what));
        }
        why
    }
}

/// Whom `--as` and `--as-group` name.
fn named(asked: &CanI) -> User {
    let groups: Vec<&str> = asked.groups.iter().map(String::as_str).collect();
    User::new(&asked.user, &groups)
}

/// A built-in resource by any of its names.
fn resource_named(word: &str) -> Option<Named> {
    if word == "*" {
        return Some(Named { group: "*".into(), plural: "*".into(), namespaced: true });
    }
    let (plain, group) = word.split_once('.').unwrap_or((word, ""));
    let plain = plain.to_lowercase();
    let fits = |own: &EcoString| group.is_empty() || own == group;
    let found = registry::all().iter().find(|resource| resource.is_named(&plain) && fits(&resource.group));
    found.map(|resource| Named {
        group: resource.group.clone(),
        plural: resource.plural.clone(),
        namespaced: resource.namespaced,
    })
}

/// Any other, such as a custom one, is taken at its word.
fn unknown(word: &str) -> Named {
    let (plural, group) = word.split_once('.').unwrap_or((word, ""));
    Named { group: group.into(), plural: plural.into(), namespaced: true }
}
