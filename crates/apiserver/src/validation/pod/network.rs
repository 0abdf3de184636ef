//! Host network, DNS and host aliases.

use super::super::field::{At, Errors};
use super::Context;
use super::security::one_of;
use podyard_api::names;

const DNS_POLICIES: [&str; 4] = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];

/// With the host's network a container's ports are the host's.
pub(crate) fn host_network(spec: &At, context: &Context, errors: &mut Errors) {
    if spec.value.get("hostNetwork").as_bool() != Some(true) {
        return;
    }
    for container in spec.at("containers").items() {
        for port in container.at("ports").items() {
            let host = port.value.get("hostPort").as_i64().unwrap_or_default();
            let inner = port.value.get("containerPort").as_i64().unwrap_or_default();
            if (context.is_pod || host != 0) && host != inner {
                let detail = "must match `containerPort` when `hostNetwork` is true";
                errors.invalid(&port.path.child("hostPort"), host, detail);
            }
        }
    }
}

pub(crate) fn dns_policy(at: &At, errors: &mut Errors) {
    match at.str() {
        "" => errors.required(&at.path, ""),
        _ => one_of(at, &DNS_POLICIES, errors),
    }
}

pub(crate) fn dns_config(at: &At, policy: &str, errors: &mut Errors) {
    let servers = at.at("nameservers");
    if policy == "None" {
        if !at.is_set() {
            errors.required(&at.path, "must provide `dnsConfig` when `dnsPolicy` is None");
            return;
        }
        if servers.is_empty() {
            errors.required(&servers.path, "must provide at least one DNS nameserver when `dnsPolicy` is None");
            return;
        }
    }
    if servers.len() > 3 {
        errors.invalid(&servers.path, servers.value, "must not have more than 3 nameservers");
    }
    for server in servers.items() {
        errors.invalid_each(&server.path, server.str(), names::ip_address(server.str()));
    }
    let searches = at.at("searches");
    if searches.len() > 32 {
        errors.invalid(&searches.path, searches.value, "must not have more than 32 search paths");
    }
    let length: usize = searches.value.items().iter().map(|s| s.str().len() + 1).sum();
    if length > 2049 {
        let detail = "must not have more than 2048 characters (including spaces) in the search list";
        errors.invalid(&searches.path, searches.value, detail);
    }
    for search in searches.items().filter(|s| s.str() != ".") {
        let text = search.str().strip_suffix('.').unwrap_or(search.str());
        errors.invalid_each(&search.path, text, names::dns_subdomain_underscore(text));
    }
    for option in at.at("options").items() {
        if option.value.get("name").str().is_empty() {
            errors.required(&option.path, "must not be empty");
        }
    }
}

pub(crate) fn host_aliases(at: &At, errors: &mut Errors) {
    for alias in at.items() {
        let ip = alias.at("ip");
        errors.invalid_each(&ip.path, ip.str(), names::ip_address(ip.str()));
        for name in alias.at("hostnames").items() {
            errors.invalid_each(&name.path, name.str(), names::dns_subdomain(name.str()));
        }
    }
}
