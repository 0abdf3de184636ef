//! Which resources the server has, and what is meant by `po`, `deploy.apps` or `Pod`.

// Models staging/src/k8s.io/client-go/restmapper and staging/src/k8s.io/apimachinery/pkg/api/meta/priority.go

use ecow::EcoString;
use podyard_api::{Target, Value};

use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::resource::q;

/// One resource in one version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Resource {
    pub group: EcoString,
    pub version: EcoString,
    /// The plural, as `pods`.
    pub name: EcoString,
    pub singular: EcoString,
    pub kind: EcoString,
    pub namespaced: bool,
    pub verbs: Vec<EcoString>,
    pub short_names: Vec<EcoString>,
    pub categories: Vec<EcoString>,
    /// As `scale`, `status`.
    pub subresources: Vec<EcoString>,
}

/// All resources, groups and versions in the server's order of preference.
#[derive(Clone, Debug, Default)]
pub(crate) struct Discovery {
    pub resources: Vec<Resource>,
    /// (group, version)
    pub versions: Vec<(EcoString, EcoString)>,
}

impl Resource {
    /// `apps/v1`, or `v1` in the core group.
    pub(crate) fn api_version(&self) -> EcoString {
        if self.group.is_empty() { self.version.clone() } else { ecow::eco_format!("{}/{}", self.group, self.version) }
    }

    /// `deployments.apps`, or `pods` in the core group.
    pub(crate) fn qualified(&self) -> EcoString {
        if self.group.is_empty() { self.name.clone() } else { ecow::eco_format!("{}.{}", self.name, self.group) }
    }

    /// `deployment.apps`, or `pod` in the core group: how objects are named when they are printed.
    pub(crate) fn printed_kind(&self) -> EcoString {
        printed_kind(&self.kind, &self.group)
    }

    pub(crate) fn has_verb(&self, verb: &str) -> bool {
        self.verbs.iter().any(|known| known == verb)
    }

    /// Its path. `namespace` is left out where the resource has none.
    pub(crate) fn target(&self, namespace: &str, name: &str) -> Target {
        let namespace = if self.namespaced { namespace } else { "" };
        Target::resource(&self.group, &self.version, &self.name, namespace, name)
    }
}

/// `deployment.apps`, or `pod` where there is no group.
pub(crate) fn printed_kind(kind: &str, group: &str) -> EcoString {
    let kind = kind.to_lowercase();
    if group.is_empty() { kind.into() } else { ecow::eco_format!("{kind}.{group}") }
}

/// The group of an `apiVersion`.
pub(crate) fn group_of(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

impl Discovery {
    /// Asks the server.
    pub(crate) async fn fetch(ctx: &Ctx) -> Outcome<Self> {
        let mut discovery = Self::default();
        for path in ["/api", "/apis"] {
            let query = format!("{path}?as=APIGroupDiscoveryList");
            let body = match ctx.get_path(&query).await {
                Ok(body) => body,
                Err(failure) => return Err(complain(ctx, failure).await),
            };
            match body.kind() {
                "APIGroupDiscoveryList" => discovery.add_aggregated(&body),
                "APIVersions" => discovery.add_version(ctx, "", "/api/v1", "v1").await?,
                _ => {
                    for group in body.get("groups").items() {
                        let name = group.get("name").text();
                        for version in group.get("versions").items() {
                            let version = version.get("version").text();
                            discovery.add_version(ctx, &name, &format!("/apis/{name}/{version}"), &version).await?;
                        }
                    }
                }
            }
        }
        Ok(discovery)
    }

    fn add_aggregated(&mut self, list: &Value) {
        for group in list.get("items").items() {
            let name = group.get("metadata").get("name").text();
            for version in group.get("versions").items() {
                let number = version.get("version").text();
                self.versions.push((name.clone(), number.clone()));
                for resource in version.get("resources").items() {
                    self.resources.push(Resource {
                        group: name.clone(),
                        version: number.clone(),
                        name: resource.get("resource").text(),
                        singular: resource.get("singularResource").text(),
                        kind: resource.get("responseKind").get("kind").text(),
                        namespaced: resource.get("scope") == "Namespaced",
                        verbs: texts(resource.get("verbs")),
                        short_names: texts(resource.get("shortNames")),
                        categories: texts(resource.get("categories")),
                        subresources: resource
                            .get("subresources")
                            .items()
                            .iter()
                            .map(|s| s.get("subresource").text())
                            .collect(),
                    });
                }
            }
        }
    }

    async fn add_version(&mut self, ctx: &Ctx, group: &str, path: &str, version: &str) -> Outcome {
        let list = ctx.get_path(path).await?;
        self.versions.push((group.into(), version.into()));
        let first = self.resources.len();
        for resource in list.get("resources").items() {
            let name = resource.get("name").text();
            if let Some((parent, sub)) = name.split_once('/') {
                if let Some(parent) = self.resources[first..].iter_mut().find(|resource| resource.name == parent) {
                    parent.subresources.push(sub.into());
                }
                continue;
            }
            self.resources.push(Resource {
                group: group.into(),
                version: version.into(),
                name,
                singular: resource.get("singularName").text(),
                kind: resource.get("kind").text(),
                namespaced: resource.get("namespaced").as_bool().unwrap_or_default(),
                verbs: texts(resource.get("verbs")),
                short_names: texts(resource.get("shortNames")),
                categories: texts(resource.get("categories")),
                subresources: Vec::new(),
            });
        }
        Ok(())
    }

    /// What a word on the command line names: a plural, singular, short name or kind, alone or with
    /// `.group` or `.version.group`.
    ///
    /// # Errors
    /// `the server doesn't have a resource type "podz"`
    // Models staging/src/k8s.io/cli-runtime/pkg/resource/builder.go mappingFor
    pub(crate) fn resolve(&self, word: &str) -> Outcome<&Resource> {
        let parts: Vec<&str> = word.splitn(3, '.').collect();
        if let [name, version, group] = parts[..]
            && let Some(found) = self.find(name, group, version)
        {
            return Ok(found);
        }
        let (name, group) = word.split_once('.').unwrap_or((word, ""));
        if let Some(found) = self.find(name, group, "") {
            return Ok(found);
        }
        if let [kind, version, group] = parts[..]
            && let Some(found) = self.kind(kind, Some(group), version)
        {
            return Ok(found);
        }
        let by_kind = self.kind(name, Some(group), "").or_else(|| match group {
            "" => self.kind(name, None, ""),
            _ => None,
        });
        by_kind.ok_or_else(|| Failure::Text(format!("the server doesn't have a resource type \"{name}\"")))
    }

    /// By plural, singular or short name, in the group that begins so.
    pub(crate) fn named_resource(&self, name: &str, group: &str) -> Option<&Resource> {
        self.find(name, group, "")
    }

    /// By plural, singular or short name; `group` and `version` may be empty, and `group` a beginning.
    fn find(&self, name: &str, group: &str, version: &str) -> Option<&Resource> {
        let name = name.to_lowercase();
        self.named(&name, group, version).or_else(|| {
            let full = self.resources.iter().find(|resource| {
                resource.short_names.contains(&EcoString::from(name.as_str())) && resource.group.starts_with(group)
            })?;
            self.named(&full.name, if group.is_empty() { &full.group } else { group }, version)
        })
    }

    fn named(&self, name: &str, group: &str, version: &str) -> Option<&Resource> {
        let fits = |resource: &&Resource| {
            (resource.name == name || resource.singular == name) && (version.is_empty() || resource.version == version)
        };
        let mut all = self.resources.iter().filter(fits);
        let exact = all.clone().find(|resource| resource.group == group);
        exact.or_else(|| all.find(|resource| resource.group.starts_with(group)))
    }

    /// By kind, as manifests name it. `group` is `None` for any.
    pub(crate) fn kind(&self, kind: &str, group: Option<&str>, version: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| {
            resource.kind == kind
                && group.is_none_or(|group| resource.group == group)
                && (version.is_empty() || resource.version == version)
        })
    }

    /// The resource of an object.
    ///
    /// # Errors
    /// As a manifest of an unknown kind is refused.
    pub(crate) fn of_object(&self, object: &Value) -> Outcome<&Resource> {
        let (api_version, kind) = (object.api_version(), object.kind());
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        self.kind(kind, Some(group), version)
            .ok_or_else(|| Failure::Text(format!("no matches for kind {kind:?} in version {api_version:?}")))
    }

    /// Each group's resources in the version that it prefers.
    pub(crate) fn preferred(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter().enumerate().filter_map(|(index, resource)| {
            let same = |other: &&Resource| other.group == resource.group && other.name == resource.name;
            self.resources[..index].iter().find(same).is_none().then_some(resource)
        })
    }

    /// The resources of a category such as `all`, as words for [`Self::resolve`].
    pub(crate) fn category(&self, name: &str) -> Vec<EcoString> {
        let member = |resource: &&Resource| resource.categories.iter().any(|category| category == name);
        let mut words: Vec<EcoString> = Vec::new();
        for word in self.resources.iter().filter(member).map(Resource::qualified) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words
    }
}

fn texts(list: &Value) -> Vec<EcoString> {
    list.items().iter().map(Value::text).collect()
}

/// A client that cannot reach the server logs so each time it tries to discover.
async fn complain(ctx: &Ctx, failure: Failure) -> Failure {
    if let (Failure::Unreachable { host, why }, Ok(access)) = (&failure, ctx.access().await) {
        let url = format!("{}://{host}/api?timeout=32s", access.scheme());
        let error = format!("couldn't get current server API group list: Get {}: dial tcp {host}: {why}", q(&url));
        for _ in 0..5 {
            ctx.log('E', "memcache.go:265", &format!("\"Unhandled Error\" err={}", q(&error))).await;
        }
    }
    failure
}
