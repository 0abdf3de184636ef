//! What is served: groups, versions, resources, the server's version and health.
// Models staging/src/k8s.io/apiserver/pkg/endpoints/discovery

use ecow::{EcoString, eco_format};
use podyard_api::registry::{self, Resource, Subresource};
use podyard_api::{Key, Response, Status, Value, Verb, value};

/// The version that the server says it is.
pub(crate) const VERSION: (&str, &str, &str) = ("1", "36", "v1.36.2");

/// Answers a path that is no resource's.
pub(crate) fn answer(path: &str) -> Result<Response, Status> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let aggregated = query.split('&').any(|part| part == "as=APIGroupDiscoveryList");
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let body = match parts.as_slice() {
        ["version"] => version(),
        ["healthz" | "livez" | "readyz"] if query.split('&').any(|part| part.starts_with("verbose")) => {
            return Ok(Response::ok(verbose_health(parts[0])));
        }
        ["healthz" | "livez" | "readyz", ..] => return Ok(Response::ok("ok")),
        ["api"] if aggregated => group_discovery(true),
        ["apis"] if aggregated => group_discovery(false),
        ["api"] => value!({
            "kind": "APIVersions",
            "versions": ["v1"],
            "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": "172.18.0.2:6443"}],
        }),
        ["apis"] => value!({
            "kind": "APIGroupList",
            "apiVersion": "v1",
            "groups": registry::groups().iter().filter(|(name, _)| !name.is_empty()).map(|(name, versions)| {
                group(name, versions)
            }).collect::<Value>(),
        }),
        ["apis", name] => one_group(name)?,
        ["api", version] => resources("", version)?,
        ["apis", group, version] => resources(group, version)?,
        [] => paths(),
        _ => return Err(Status::page_not_found()),
    };
    Ok(Response::ok(body))
}

fn version() -> Value {
    let (major, minor, git) = VERSION;
    value!({
        "major": major,
        "minor": minor,
        "emulationMajor": major,
        "emulationMinor": minor,
        "minCompatibilityMajor": major,
        "minCompatibilityMinor": "35",
        "gitVersion": git,
        "gitCommit": "0000000000000000000000000000000000000000",
        "gitTreeState": "clean",
        "buildDate": "2026-06-10T00:00:00Z",
        "goVersion": "go1.26.0",
        "compiler": "gc",
        "platform": "linux/amd64",
    })
}

fn verbose_health(name: &str) -> String {
    const CHECKS: [&str; 4] = ["ping", "log", "etcd", "poststarthook/rbac/bootstrap-roles"];
    let mut text: String = CHECKS.iter().map(|check| format!("[+]{check} ok\n")).collect();
    text.push_str(&format!("{name} check passed\n"));
    text
}

fn paths() -> Value {
    let mut paths: Vec<String> = vec!["/api".into(), "/api/v1".into(), "/apis".into(), "/apis/".into()];
    for (name, versions) in registry::groups().iter().filter(|(name, _)| !name.is_empty()) {
        paths.push(format!("/apis/{name}"));
        paths.extend(versions.iter().map(|version| format!("/apis/{name}/{version}")));
    }
    paths.extend(["/healthz", "/livez", "/readyz", "/version"].map(str::to_owned));
    paths.sort();
    value!({"paths": paths})
}

fn group_version(group: &str, version: &str) -> EcoString {
    podyard_api::kinds::reference::api_version(group, version)
}

fn group(name: &str, versions: &[EcoString]) -> Value {
    let versions: Vec<Value> = versions
        .iter()
        .map(|version| value!({"groupVersion": group_version(name, version), "version": version}))
        .collect();
    value!({"name": name, "preferredVersion": versions.first().cloned(), "versions": versions})
}

fn one_group(name: &str) -> Result<Value, Status> {
    let (name, versions) =
        registry::groups().iter().find(|(n, _)| n == name && !n.is_empty()).ok_or_else(Status::page_not_found)?;
    let mut group = group(name, versions);
    group.set(Key::Static("kind"), "APIGroup");
    group.set(Key::Static("apiVersion"), "v1");
    Ok(group)
}

/// `APIResourceList` of a version.
fn resources(group: &str, version: &str) -> Result<Value, Status> {
    let mut list: Vec<Value> = Vec::new();
    for resource in registry::all().iter().filter(|r| r.group == group && r.version == version) {
        list.push(resource_entry(resource));
        list.extend(resource.subresources.iter().map(|sub| subresource_entry(resource, sub)));
    }
    if list.is_empty() {
        return Err(Status::page_not_found());
    }
    Ok(value!({
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": group_version(group, version),
        "resources": list,
    }))
}

fn verbs(verbs: &[Verb]) -> Value {
    verbs.iter().map(|verb| verb.as_str()).collect()
}

fn resource_entry(resource: &Resource) -> Value {
    let mut entry = value!({
        "name": &resource.plural,
        "singularName": &resource.singular,
        "namespaced": resource.namespaced,
        "kind": &resource.kind,
        "verbs": verbs(&resource.verbs),
    });
    for (field, names) in [("shortNames", &resource.short_names), ("categories", &resource.categories)] {
        if !names.is_empty() {
            entry.set(Key::Static(field), names.iter().collect::<Value>());
        }
    }
    entry
}

fn subresource_entry(resource: &Resource, sub: &Subresource) -> Value {
    let mut entry = value!({
        "name": eco_format!("{}/{}", resource.plural, sub.name),
        "singularName": "",
        "namespaced": resource.namespaced,
        "kind": &sub.kind,
        "verbs": verbs(&sub.verbs),
    });
    if (&sub.group, &sub.version) != (&resource.group, &resource.version) {
        entry.set(Key::Static("group"), &sub.group);
        entry.set(Key::Static("version"), &sub.version);
    }
    entry
}

/// Aggregated discovery: everything in one answer.
// Models staging/src/k8s.io/apiserver/pkg/endpoints/discovery/aggregated
fn group_discovery(core: bool) -> Value {
    let groups = registry::groups().iter().filter(|(name, _)| name.is_empty() == core);
    let items: Vec<Value> = groups
        .map(|(name, versions)| {
            let versions: Vec<Value> = versions
                .iter()
                .map(|version| {
                    let of_version = |r: &&Resource| r.group == *name && r.version == *version;
                    let resources: Value = registry::all().iter().filter(of_version).map(discovered).collect();
                    value!({"version": version, "resources": resources, "freshness": "Current"})
                })
                .collect();
            let metadata = if name.is_empty() { Value::object() } else { value!({"name": name}) };
            value!({"metadata": metadata, "versions": versions})
        })
        .collect();
    value!({
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    })
}

fn discovered(resource: &Resource) -> Value {
    let mut entry = value!({
        "resource": &resource.plural,
        "responseKind": {"group": &resource.group, "version": &resource.version, "kind": &resource.kind},
        "scope": if resource.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": &resource.singular,
        "verbs": verbs(&resource.verbs),
    });
    for (field, names) in [("shortNames", &resource.short_names), ("categories", &resource.categories)] {
        if !names.is_empty() {
            entry.set(Key::Static(field), names.iter().collect::<Value>());
        }
    }
    if !resource.subresources.is_empty() {
        let subs: Value = resource
            .subresources
            .iter()
            .map(|sub| {
                value!({
                    "subresource": &sub.name,
                    "responseKind": {"group": &sub.group, "version": &sub.version, "kind": &sub.kind},
                    "verbs": verbs(&sub.verbs),
                })
            })
            .collect();
        entry.set(Key::Static("subresources"), subs);
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, at: &[&str], expect: &str) {
        let answer = answer(path).map(|response| response.body).unwrap_or_else(|status| status.to_value());
        assert_eq!(podyard_api::json::to_string(answer.at(at)), expect, "{path}");
    }

    #[test]
    fn what_is_served_is_told() {
        check("/version", &["gitVersion"], "\"v1.36.2\"");
        check("/healthz", &[], "\"ok\"");
        check("/api", &["versions"], "[\"v1\"]");
        check("/apis/apps", &["preferredVersion", "groupVersion"], "\"apps/v1\"");
        check("/apis/apps/v1", &["groupVersion"], "\"apps/v1\"");
        check("/apis/nope/v1", &["reason"], "\"NotFound\"");
        check("/apis?as=APIGroupDiscoveryList", &["kind"], "\"APIGroupDiscoveryList\"");
    }
}
