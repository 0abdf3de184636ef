//! Environment variables and where they come from.

use super::super::field::{At, Errors};
use super::mounts;
use super::resources::quantity;
use super::volumes::Volumes;
use podyard_api::names;

const ENV_FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
const RESOURCES: [&str; 6] = [
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];
const SIZES: [&str; 13] = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

pub(crate) fn check(at: &At, volumes: &Volumes, errors: &mut Errors) {
    for variable in at.items() {
        let name = variable.at("name");
        match name.text() {
            None => errors.required(&name.path, ""),
            Some(text) => errors.invalid_each(&name.path, text, names::env_name(text)),
        }
        let from = variable.at("valueFrom");
        if from.is_set() {
            value_from(&from, variable.value.get("value").str(), volumes, errors);
        }
    }
}

fn value_from(at: &At, value: &str, volumes: &Volumes, errors: &mut Errors) {
    let mut sources = 0;
    let field = at.at("fieldRef");
    if field.is_set() {
        sources += 1;
        field_selector(&field, &ENV_FIELDS, errors);
    }
    let resource = at.at("resourceFieldRef");
    if resource.is_set() {
        sources += 1;
        resource_selector(&resource, false, errors);
    }
    for name in ["configMapKeyRef", "secretKeyRef"] {
        let key = at.at(name);
        if key.is_set() {
            sources += 1;
            key_selector(&key, errors);
        }
    }
    let file = at.at("fileKeyRef");
    if file.is_set() {
        sources += 1;
        file_selector(&file, volumes, errors);
    }
    match sources {
        0 => errors.invalid(
            &at.path,
            "",
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
        ),
        _ if !value.is_empty() => errors.invalid(&at.path, "", "may not be specified when `value` is not empty"),
        1 => {}
        _ => errors.invalid(&at.path, "", "may not have more than one field specified at a time"),
    }
}

/// A `fieldRef`; `supported` in order.
pub(crate) fn field_selector(at: &At, supported: &[&str], errors: &mut Errors) {
    let version = at.at("apiVersion");
    if version.str().is_empty() {
        errors.required(&version.path, "");
        return;
    }
    let field = at.at("fieldPath");
    let Some(text) = field.text() else {
        errors.required(&field.path, "");
        return;
    };
    match downward_field(version.str(), text) {
        Err(why) => errors.invalid(&field.path, text, &format!("error converting fieldPath: {why}")),
        Ok(Field::Key("metadata.annotations", key)) => {
            let key = key.to_lowercase();
            errors.invalid_each(&at.path, &key, names::qualified_name(&key));
        }
        Ok(Field::Key(_, key)) => errors.invalid_each(&at.path, key, names::qualified_name(key)),
        Ok(Field::Plain(path)) if !supported.contains(&path) => {
            errors.not_supported(&field.path, path, supported);
        }
        Ok(Field::Plain(_)) => {}
    }
}

enum Field<'t> {
    Plain(&'t str),
    Key(&'t str, &'t str),
}

// Models pkg/apis/core/pods/helpers.go
fn downward_field<'t>(version: &str, path: &'t str) -> Result<Field<'t>, String> {
    if version != "v1" {
        return Err(format!("unsupported pod version: {version}"));
    }
    if let Some((path, key)) = path.strip_suffix("']").and_then(|rest| rest.split_once("['")) {
        return match path {
            "metadata.annotations" | "metadata.labels" => Ok(Field::Key(path, key)),
            _ => Err(format!("field label does not support subscript: {path}['{key}']")),
        };
    }
    match path {
        "metadata.annotations"
        | "metadata.labels"
        | "metadata.name"
        | "metadata.namespace"
        | "metadata.uid"
        | "spec.nodeName"
        | "spec.restartPolicy"
        | "spec.serviceAccountName"
        | "spec.schedulerName"
        | "status.phase"
        | "status.hostIP"
        | "status.hostIPs"
        | "status.podIP"
        | "status.podIPs" => Ok(Field::Plain(path)),
        // Backwards compatibility.
        "spec.host" => Ok(Field::Plain("spec.nodeName")),
        _ => Err(format!("field label not supported: {path}")),
    }
}

/// A `resourceFieldRef`; volumes must name the container.
pub(crate) fn resource_selector(at: &At, in_volume: bool, errors: &mut Errors) {
    let (container, resource) = (at.at("containerName"), at.at("resource"));
    let text = resource.str();
    if in_volume && container.str().is_empty() {
        errors.required(&container.path, "");
    } else if text.is_empty() {
        errors.required(&resource.path, "");
    } else if !RESOURCES.contains(&text) && !is_hugepages(text) {
        errors.not_supported(&resource.path, text, &RESOURCES);
    }
    divisor(text, &at.at("divisor"), errors);
}

fn is_hugepages(text: &str) -> bool {
    text.starts_with("limits.hugepages-") || text.starts_with("requests.hugepages-")
}

fn divisor(resource: &str, at: &At, errors: &mut Errors) {
    let Some(quantity) = quantity(at.value).filter(|q| !q.is_zero()) else { return };
    let (allowed, name): (&[&str], _) = match resource {
        "limits.cpu" | "requests.cpu" => (&["1m", "1"], "cpu"),
        "limits.memory" | "requests.memory" => (&SIZES, "memory"),
        "limits.ephemeral-storage" | "requests.ephemeral-storage" => (&SIZES, "local ephemeral storage"),
        text if is_hugepages(text) => (&SIZES, "hugepages"),
        _ => return,
    };
    if !allowed.contains(&quantity.to_string().as_str()) {
        let values = if allowed.len() == 2 { "1m and 1".into() } else { SIZES.join(", ") };
        let detail = format!("only divisor's values {values} are supported with the {name} resource");
        errors.invalid(&at.path, resource, &detail);
    }
}

fn key_selector(at: &At, errors: &mut Errors) {
    let name = at.at("name");
    errors.invalid_each(&name.path, name.str(), names::dns_subdomain(name.str()));
    let key = at.at("key");
    match key.text() {
        None => errors.required(&key.path, ""),
        Some(text) => errors.invalid_each(&key.path, text, names::config_key(text)),
    }
}

fn file_selector(at: &At, volumes: &Volumes, errors: &mut Errors) {
    let key = at.at("key");
    match key.text() {
        None => errors.required(&key.path, ""),
        Some(text) => errors.invalid_each(&key.path, text, names::env_name(text)),
    }
    let volume = at.at("volumeName");
    match volume.text() {
        None => errors.required(&volume.path, ""),
        Some(text) => match volumes.get(text) {
            None => errors.not_found(&volume.path, text),
            Some(source) if source.get("emptyDir").is_null() => {
                errors.invalid(&volume.path, text, "must be an emptyDir volume");
            }
            Some(_) => {}
        },
    }
    let path = at.at("path");
    match path.text() {
        None => errors.required(&path.path, ""),
        Some(text) => mounts::local_path(text, &path.path, errors),
    }
}

pub(crate) fn check_from(at: &At, errors: &mut Errors) {
    for source in at.items() {
        let prefix = source.at("prefix");
        if let Some(text) = prefix.text() {
            errors.invalid_each(&prefix.path, text, names::env_name(text));
        }
        let mut sources = 0;
        for name in ["configMapRef", "secretRef"] {
            let reference = source.at(name);
            if reference.is_set() {
                sources += 1;
                reference_name(&reference.at("name"), errors);
            }
        }
        match sources {
            0 => errors.invalid(&at.path, "", "must specify one of: `configMapRef` or `secretRef`"),
            1 => {}
            _ => errors.invalid(&at.path, "", "may not have more than one field specified at a time"),
        }
    }
}

fn reference_name(name: &At, errors: &mut Errors) {
    match name.text() {
        None => errors.required(&name.path, ""),
        Some(text) => errors.invalid_each(&name.path, text, names::name_subdomain(text, true)),
    }
}
