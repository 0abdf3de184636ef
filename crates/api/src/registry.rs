//! The resources of a default cluster: what exists under which names, with which verbs.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ecow::{EcoString, EcoVec};
use serde::{Deserialize, Serialize};

use crate::Verb;

/// A resource as discovery describes it. Custom resources have the same form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Empty for the core group.
    pub group: EcoString,
    pub version: EcoString,
    /// As `pods`.
    pub plural: EcoString,
    /// As `pod`.
    pub singular: EcoString,
    /// As `Pod`.
    pub kind: EcoString,
    pub namespaced: bool,
    /// In alphabetical order.
    pub verbs: EcoVec<Verb>,
    pub short_names: EcoVec<EcoString>,
    pub categories: EcoVec<EcoString>,
    pub subresources: EcoVec<Subresource>,
}

/// A subresource such as `status`, `scale` or `log`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subresource {
    pub name: EcoString,
    /// Group, version and kind of what is sent and answered.
    pub group: EcoString,
    pub version: EcoString,
    pub kind: EcoString,
    pub verbs: EcoVec<Verb>,
}

impl Resource {
    /// `v1` or `apps/v1`.
    pub fn api_version(&self) -> EcoString {
        crate::kinds::reference::api_version(&self.group, &self.version)
    }

    /// `pods` or `deployments.apps`.
    pub fn qualified(&self) -> EcoString {
        if self.group.is_empty() { self.plural.clone() } else { ecow::eco_format!("{}.{}", self.plural, self.group) }
    }

    pub fn subresource(&self, name: &str) -> Option<&Subresource> {
        self.subresources.iter().find(|sub| sub.name == name)
    }

    pub fn has_verb(&self, verb: Verb) -> bool {
        self.verbs.contains(&verb)
    }

    /// Whether `name` is the plural, singular or a short name.
    pub fn is_named(&self, name: &str) -> bool {
        self.plural == name || self.singular == name || self.short_names.iter().any(|short| short == name)
    }
}

/// All built-in resources in discovery order: by group, the preferred version of a group first.
pub fn all() -> &'static [Resource] {
    &TABLE.resources
}

/// Groups with their versions, in discovery order, the preferred version first.
pub fn groups() -> &'static [(EcoString, Vec<EcoString>)] {
    &TABLE.groups
}

/// A resource by group and plural, in the preferred version.
pub fn find(group: &str, plural: &str) -> Option<&'static Resource> {
    TABLE.by_plural.get(&(group, plural)).and_then(|places| places.first()).map(|index| &TABLE.resources[*index])
}

/// A resource by group, version and plural.
pub fn find_version(group: &str, version: &str, plural: &str) -> Option<&'static Resource> {
    let places = TABLE.by_plural.get(&(group, plural))?;
    places.iter().map(|index| &TABLE.resources[*index]).find(|resource| resource.version == version)
}

/// A resource by group and kind, in the preferred version.
pub fn of_kind(group: &str, kind: &str) -> Option<&'static Resource> {
    TABLE.by_kind.get(&(group, kind)).map(|index| &TABLE.resources[*index])
}

/// The resource of an object's `apiVersion` and `kind`.
pub fn of_object(api_version: &str, kind: &str) -> Option<&'static Resource> {
    let (group, version) = crate::kinds::reference::group_version(api_version);
    find_version(group, version, &of_kind(group, kind)?.plural)
}

/// The first resource whose plural, singular or short name this is.
pub fn named(name: &str) -> Option<&'static Resource> {
    all().iter().find(|resource| resource.is_named(name))
}

struct Table {
    resources: Vec<Resource>,
    groups: Vec<(EcoString, Vec<EcoString>)>,
    by_plural: BTreeMap<(&'static str, &'static str), Vec<usize>>,
    by_kind: BTreeMap<(&'static str, &'static str), usize>,
}

static TEXT: &str = include_str!("resources.txt");
static TABLE: LazyLock<Table> = LazyLock::new(Table::read);

impl Table {
    fn read() -> Self {
        let mut table =
            Self { resources: Vec::new(), groups: Vec::new(), by_plural: BTreeMap::new(), by_kind: BTreeMap::new() };
        let (mut group, mut version) = ("", "");
        for line in TEXT.lines().filter(|line| !line.starts_with('#')) {
            let words: Vec<&'static str> = line.split_whitespace().collect();
            match words.as_slice() {
                [g, v] => {
                    (group, version) = (if *g == "-" { "" } else { g }, v);
                    table.add_version(group, version);
                }
                [name, kind, verbs] => {
                    if let Some(resource) = table.resources.last_mut() {
                        resource.subresources.push(subresource(group, version, name, kind, verbs));
                    }
                }
                [plural, singular, kind, scope, verbs, short, categories] => {
                    let index = table.resources.len();
                    table.by_plural.entry((group, plural)).or_default().push(index);
                    table.by_kind.entry((group, kind)).or_insert(index);
                    table.resources.push(Resource {
                        group: group.into(),
                        version: version.into(),
                        plural: (*plural).into(),
                        singular: (*singular).into(),
                        kind: (*kind).into(),
                        namespaced: *scope == "N",
                        verbs: verbs_of(verbs),
                        short_names: list(short),
                        categories: list(categories),
                        subresources: EcoVec::new(),
                    });
                }
                _ => {}
            }
        }
        table
    }

    fn add_version(&mut self, group: &str, version: &str) {
        match self.groups.iter_mut().find(|(name, _)| name == group) {
            Some((_, versions)) => versions.push(version.into()),
            None => self.groups.push((group.into(), vec![version.into()])),
        }
    }
}

fn subresource(group: &str, version: &str, name: &str, kind: &str, verbs: &str) -> Subresource {
    let mut parts = kind.rsplitn(3, '/');
    let kind = parts.next().unwrap_or_default();
    let version = parts.next().unwrap_or(version);
    let group = parts.next().unwrap_or(group);
    Subresource {
        name: name.into(),
        group: group.into(),
        version: version.into(),
        kind: kind.into(),
        verbs: verbs_of(verbs),
    }
}

fn list(text: &str) -> EcoVec<EcoString> {
    text.split(',').filter(|word| *word != "-").map(EcoString::from).collect()
}

fn verbs_of(letters: &str) -> EcoVec<Verb> {
    let letters = if letters == "*" { "cdxglpuw" } else { letters };
    let verb = |letter| {
        Some(match letter {
            'c' => Verb::Create,
            'd' => Verb::Delete,
            'x' => Verb::DeleteCollection,
            'g' => Verb::Get,
            'l' => Verb::List,
            'p' => Verb::Patch,
            'u' => Verb::Update,
            'w' => Verb::Watch,
            _ => return None,
        })
    };
    letters.chars().filter_map(verb).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a name leads: qualified plural, version, kind, scope, short names.
    fn check(name: &str, expect: &str) {
        let got = named(name).map(|r| {
            let scope = if r.namespaced { "namespaced" } else { "cluster" };
            format!("{} {} {} {scope} {}", r.qualified(), r.api_version(), r.kind, r.short_names.join(","))
        });
        assert_eq!(got.as_deref().unwrap_or("nothing"), expect);
    }

    #[test]
    fn names_lead_to_resources() {
        check("po", "pods v1 Pod namespaced po");
        check("deployment", "deployments.apps apps/v1 Deployment namespaced deploy");
        check("hpa", "horizontalpodautoscalers.autoscaling autoscaling/v2 HorizontalPodAutoscaler namespaced hpa");
        check("events", "events v1 Event namespaced ev");
        check("nodes", "nodes v1 Node cluster no");
        check("widgets", "nothing");
    }

    #[test]
    fn every_resource_is_found_by_its_names() {
        assert_eq!(all().iter().map(|r| 1 + r.subresources.len()).sum::<usize>(), 113);
        for resource in all() {
            let found = find_version(&resource.group, &resource.version, &resource.plural);
            assert_eq!(found, Some(resource));
            assert_eq!(of_object(&resource.api_version(), &resource.kind), Some(resource));
            assert!(resource.verbs.iter().is_sorted_by_key(|verb| verb.as_str()));
        }
        assert_eq!(groups()[0].0, "");
        let autoscaling = groups().iter().find(|(group, _)| group == "autoscaling").unwrap();
        assert_eq!(autoscaling.1, ["v2", "v1"]);
    }

    #[test]
    fn subresources_name_what_they_answer() {
        let scale = find("apps", "deployments").unwrap().subresource("scale").unwrap();
        assert_eq!([&scale.group, &scale.version, &scale.kind], ["autoscaling", "v1", "Scale"]);
        let log = find("", "pods").unwrap().subresource("log").unwrap();
        assert_eq!((log.kind.as_str(), log.verbs.as_slice()), ("Pod", &[Verb::Get][..]));
    }
}
