//! Ingresses.
// Models pkg/apis/networking/validation/validation.go

use podyard_api::{Value, names};

use super::field::{At, Errors};
use super::meta;

const CLASS: &str = "kubernetes.io/ingress.class";

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    meta::check(object, true, names::name_subdomain, errors);
    let at = At::root(object, "spec");
    spec(&at, errors);
    let (annotations, class) = (At::root(object, "metadata"), at.value.get("ingressClassName"));
    let annotation = annotations.value.get("annotations").get(CLASS);
    if let (Some(old), Some(new)) = (annotation.as_str(), class.as_str())
        && old != new
    {
        let root = super::Path::root("annotations");
        errors.invalid(&root.child(CLASS), old, "must match `ingressClassName` when both are specified");
    }
}

pub(crate) fn update(new: &Value, old: &Value, errors: &mut Errors) {
    meta::check_update(new, old, errors);
    spec(&At::root(new, "spec"), errors);
}

fn spec(at: &At, errors: &mut Errors) {
    let (rules, default) = (at.at("rules"), at.at("defaultBackend"));
    if rules.is_empty() && !default.is_set() {
        let detail = "either `defaultBackend` or `rules` must be specified";
        errors.invalid_as(&at.path, "null", detail);
    }
    if default.is_set() {
        backend(&default, errors);
    }
    for rule in rules.items() {
        host(&rule.at("host"), errors);
        let http = rule.at("http");
        if http.is_set() {
            paths(&http.at("paths"), errors);
        }
    }
    for tls in at.at("tls").items() {
        for host in tls.at("hosts").items() {
            let messages = match host.str().contains('*') {
                true => names::wildcard_subdomain(host.str()),
                false => names::dns_subdomain(host.str()),
            };
            errors.invalid_each(&host.path, host.str(), messages);
        }
        let secret = tls.at("secretName");
        if let Some(name) = secret.text() {
            errors.invalid_each(&secret.path, name, names::name_subdomain(name, false));
        }
    }
    let class = at.at("ingressClassName");
    if class.is_set() {
        errors.invalid_each(&class.path, class.str(), names::name_subdomain(class.str(), false));
    }
}

fn host(at: &At, errors: &mut Errors) {
    let Some(host) = at.text() else { return };
    if names::parse_ip(host).is_some() {
        errors.invalid(&at.path, host, "must be a DNS name, not an IP address");
    }
    let messages = if host.contains('*') { names::wildcard_subdomain(host) } else { names::dns_subdomain(host) };
    errors.invalid_each(&at.path, host, messages);
}

fn paths(at: &At, errors: &mut Errors) {
    const TYPES: [&str; 3] = ["Exact", "ImplementationSpecific", "Prefix"];
    const SEQUENCES: [&str; 5] = ["//", "/./", "/../", "%2f", "%2F"];
    if at.is_empty() {
        return errors.required(&at.path, "");
    }
    for item in at.items() {
        let (path, kind) = (item.at("path"), item.at("pathType"));
        match kind.value.as_str() {
            None | Some("") => {
                errors.required(&kind.path, "pathType must be specified");
                continue;
            }
            Some("Exact" | "Prefix") => {
                let text = path.str();
                if !text.starts_with('/') {
                    errors.invalid(&path.path, text, "must be an absolute path");
                }
                if !text.is_empty() {
                    for sequence in SEQUENCES.iter().filter(|sequence| text.contains(**sequence)) {
                        errors.invalid(&path.path, text, &format!("must not contain '{sequence}'"));
                    }
                    for ending in ["/..", "/."].iter().filter(|ending| text.ends_with(**ending)) {
                        errors.invalid(&path.path, text, &format!("cannot end with '{ending}'"));
                    }
                }
            }
            Some("ImplementationSpecific") => {
                if path.text().is_some_and(|text| !text.starts_with('/')) {
                    errors.invalid(&path.path, path.str(), "must be an absolute path");
                }
            }
            Some(other) => errors.not_supported(&kind.path, other, &TYPES),
        }
        backend(&item.at("backend"), errors);
    }
}

fn backend(at: &At, errors: &mut Errors) {
    let (service, resource) = (at.at("service"), at.at("resource"));
    match (service.is_set(), resource.is_set()) {
        (true, true) => return errors.invalid(&at.path, "", "cannot set both resource and service backends"),
        (false, false) => return errors.invalid(&at.path, "", "resource or service backend is required"),
        (false, true) => {
            for field in ["kind", "name"] {
                let field = resource.at(field);
                if field.str().is_empty() {
                    errors.required(&field.path, "");
                }
            }
            return;
        }
        (true, false) => {}
    }
    let (name, port) = (service.at("name"), service.at("port"));
    match name.str() {
        "" => errors.required(&name.path, ""),
        text => errors.invalid_each(&name.path, text, names::dns_label(text)),
    }
    let (named, number) = (port.at("name"), port.at("number"));
    let given = number.value.as_i64().unwrap_or_default();
    match (named.text(), given) {
        (Some(_), number) if number != 0 => {
            errors.invalid(&at.path, "", "cannot set both port name & port number");
        }
        (Some(name), _) => errors.invalid_each(&named.path, name, names::port_name(name)),
        (None, 0) => errors.required(&at.path, "port name or number is required"),
        (None, given) => {
            for message in names::port_number(given) {
                errors.invalid(&number.path, given, &message);
            }
        }
    }
}
