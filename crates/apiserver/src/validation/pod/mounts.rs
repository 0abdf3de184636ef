//! Volume mounts, volume devices and the paths in them.

use podyard_api::Value;

use super::super::field::{At, Errors, Path};
use super::volumes::Volumes;

pub(crate) fn check(container: &At, volumes: &Volumes, errors: &mut Errors) {
    let list = container.at("volumeMounts");
    let devices = container.value.get("volumeDevices").items();
    let mut paths: Vec<&str> = Vec::new();
    for mount in list.items() {
        let name = mount.at("name");
        if name.str().is_empty() {
            errors.required(&name.path, "");
        }
        let source = volumes.get(name.str());
        if source.is_none() {
            errors.not_found(&name.path, name.str());
        }
        let path = mount.at("mountPath");
        if path.str().is_empty() {
            errors.required(&path.path, "");
        }
        if paths.contains(&path.str()) {
            errors.invalid(&path.path, path.str(), "must be unique");
        }
        paths.push(path.str());
        if devices.iter().any(|d| d.get("name").str() == name.str()) {
            errors.invalid(&name.path, name.str(), "must not already exist in volumeDevices");
        }
        if devices.iter().any(|d| d.get("devicePath").str() == path.str()) {
            errors.invalid(&path.path, path.str(), "must not already exist as a path in volumeDevices");
        }
        sub_paths(&mount, source, &list.path, errors);
        // These two places lack the mount's index, as upstream's do.
        propagation(&mount, container.value, &list.path.child("mountPropagation"), errors);
        recursive_read_only(mount.value, &list.path.child("recursiveReadOnly"), errors);
    }
}

fn sub_paths(mount: &At, source: Option<&Value>, list: &Path, errors: &mut Errors) {
    let (sub, expression) = (mount.at("subPath"), mount.at("subPathExpr"));
    if source.is_some_and(|s| !s.get("image").is_null()) {
        for field in [&sub, &expression] {
            if field.text().is_some() {
                errors.invalid(&field.path, field.str(), "not allowed in image volume sources");
            }
        }
    }
    if let Some(text) = sub.text() {
        descending(text, &list.child("subPath"), errors);
    }
    if let Some(text) = expression.text() {
        if sub.text().is_some() {
            errors.invalid(&expression.path, text, "subPathExpr and subPath are mutually exclusive");
        }
        descending(text, &list.child("subPathExpr"), errors);
    }
}

fn propagation(mount: &At, container: &Value, path: &Path, errors: &mut Errors) {
    let mode = mount.value.get("mountPropagation");
    if mode.is_null() {
        return;
    }
    const MODES: [&str; 3] = ["Bidirectional", "HostToContainer", "None"];
    if !MODES.contains(&mode.str()) {
        errors.not_supported(path, mode, &MODES);
    }
    let privileged = container.at(&["securityContext", "privileged"]).as_bool() == Some(true);
    if *mode == "Bidirectional" && !privileged {
        errors.forbidden(path, "Bidirectional mount propagation is available only to privileged containers");
    }
}

fn recursive_read_only(mount: &Value, path: &Path, errors: &mut Errors) {
    let mode = mount.get("recursiveReadOnly");
    match mode.as_str() {
        None | Some("Disabled") => {}
        Some("Enabled" | "IfPossible") => {
            if mount.get("readOnly").as_bool() != Some(true) {
                errors.forbidden(path, "may only be specified when readOnly is true");
            }
            if !matches!(mount.get("mountPropagation").as_str(), None | Some("None")) {
                errors.forbidden(path, "may only be specified when mountPropagation is None or not specified");
            }
        }
        Some(other) => errors.not_supported(path, other, &["Disabled", "Enabled", "IfPossible"]),
    }
}

pub(crate) fn check_devices(container: &At, volumes: &Volumes, errors: &mut Errors) {
    let list = container.at("volumeDevices");
    let mounts = container.value.get("volumeMounts").items();
    let (mut paths, mut names): (Vec<&str>, Vec<&str>) = Default::default();
    for device in list.items() {
        let (name, path) = (device.at("name"), device.at("devicePath"));
        let source = volumes.get(name.str());
        if name.str().is_empty() {
            errors.required(&name.path, "");
        }
        if names.contains(&name.str()) {
            errors.invalid(&name.path, name.str(), "must be unique");
        }
        let is_claim = |s: &Value| !s.get("persistentVolumeClaim").is_null() || !s.get("ephemeral").is_null();
        match source {
            Some(source) if !is_claim(source) => errors.invalid(
                &name.path,
                name.str(),
                "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode",
            ),
            Some(_) => {}
            None => errors.not_found(&name.path, name.str()),
        }
        if path.str().is_empty() {
            errors.required(&path.path, "");
        }
        if paths.contains(&path.str()) {
            errors.invalid(&path.path, path.str(), "must be unique");
        }
        if path.str().split('/').any(|part| part == "..") {
            errors.invalid(&path.path, path.str(), "can not contain backsteps ('..')");
        } else {
            paths.push(path.str());
        }
        if mounts.iter().any(|m| m.get("name").str() == name.str()) {
            errors.invalid(&name.path, name.str(), "must not already exist in volumeMounts");
        }
        if mounts.iter().any(|m| m.get("mountPath").str() == path.str()) {
            errors.invalid(&path.path, path.str(), "must not already exist as a path in volumeMounts");
        }
        if !name.str().is_empty() {
            names.push(name.str());
        }
    }
}

/// A path without `..` parts.
pub(crate) fn no_backsteps(text: &str, path: &Path, errors: &mut Errors) {
    if text.split('/').any(|part| part == "..") {
        errors.invalid(path, text, "must not contain '..'");
    }
}

/// A relative path without `..` parts.
pub(crate) fn descending(text: &str, path: &Path, errors: &mut Errors) {
    if text.starts_with('/') {
        errors.invalid(path, text, "must be a relative path");
    }
    no_backsteps(text, path, errors);
}

/// A relative path that does not begin with `..`.
pub(crate) fn local_path(text: &str, path: &Path, errors: &mut Errors) {
    descending(text, path, errors);
    if text.starts_with("..") && !text.starts_with("../") {
        errors.invalid(path, text, "must not start with '..'");
    }
}
