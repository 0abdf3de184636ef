//! Persistent volumes.
// Models pkg/apis/core/validation/validation.go

use ecow::EcoString;
use podyard_api::{Value, names};

use super::field::{At, Errors};
use super::pod::{no_backsteps, node_selector, quantity};
use super::workload::supported;
use super::{goform, meta};

const MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
/// The kinds of volumes, in the order in which they are looked at.
const SOURCES: [&str; 22] = [
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    meta::check(object, false, names::name_subdomain, errors);
    spec(&At::root(object, "spec"), errors);
}

pub(crate) fn update(new: &Value, old: &Value, errors: &mut Errors) {
    // As upstream, which calls the same check from two places.
    create(new, errors);
    create(new, errors);
    let (at, old) = (At::root(new, "spec"), old.get("spec"));
    let source = |spec: &Value| {
        let mut only = Value::object();
        for name in SOURCES {
            if !spec.get(name).is_null() {
                only.set(name, spec.get(name));
            }
        }
        only
    };
    let (before, after) = (source(old), source(at.value));
    if before != after {
        let diff = goform::diff("PersistentVolumeSource", &before, &after);
        let detail = format!("spec.persistentvolumesource is immutable after creation\n{diff}");
        errors.forbidden(&at.path.child("persistentvolumesource"), &detail);
    }
    let mode = at.at("volumeMode");
    if mode.value != old.get("volumeMode") {
        errors.invalid(&super::Path::root("volumeMode"), mode.value, meta::IMMUTABLE);
    }
    let affinity = at.at("nodeAffinity");
    if !old.get("nodeAffinity").is_null() && affinity.value != old.get("nodeAffinity") {
        let shown = goform::compact("VolumeNodeAffinity", affinity.value);
        errors.invalid_as(&affinity.path, &shown, meta::IMMUTABLE);
    }
}

fn spec(at: &At, errors: &mut Errors) {
    let modes = at.at("accessModes");
    if modes.is_empty() {
        errors.required(&modes.path, "");
    }
    let (mut single, mut other) = (false, false);
    for mode in modes.value.items() {
        if !MODES.contains(&mode.str()) {
            errors.not_supported(&modes.path, mode, &MODES);
        }
        single |= *mode == "ReadWriteOncePod";
        other |= *mode != "ReadWriteOncePod" && MODES.contains(&mode.str());
    }
    if single && other {
        errors.forbidden(&modes.path, "may not use ReadWriteOncePod with other access modes");
    }
    capacity(&at.at("capacity"), errors);
    let policy = at.at("persistentVolumeReclaimPolicy");
    if policy.text().is_some() {
        supported(&policy, &["Delete", "Recycle", "Retain"], errors);
    }
    let affinity = at.at("nodeAffinity");
    let required = affinity.at("required");
    if required.is_set() {
        node_selector(&required, errors);
    } else if affinity.is_set() {
        errors.required(&required.path, "must specify required node constraints");
    }
    source(at, errors);
    if *at.value.at(&["hostPath", "path"]) == "/" && policy.str() == "Recycle" {
        errors.forbidden(&policy.path, "may not be 'recycle' for a hostPath mount of '/'");
    }
    let class = at.at("storageClassName");
    if let Some(name) = class.text() {
        errors.invalid_each(&class.path, name, names::dns_subdomain(name));
    }
    supported(&at.at("volumeMode"), &["Block", "Filesystem"], errors);
    let attributes = at.at("volumeAttributesClassName");
    if attributes.is_set() {
        match attributes.str() {
            "" => errors.required(&attributes.path, "an empty string is disallowed"),
            name => errors.invalid_each(&attributes.path, name, names::dns_subdomain(name)),
        }
    }
}

fn capacity(at: &At, errors: &mut Errors) {
    if at.is_empty() {
        errors.required(&at.path, "");
    }
    let storage = at.at("storage");
    if !storage.is_set() || at.value.fields().len() > 1 {
        errors.not_supported_as(&at.path, &podyard_api::json::to_string(at.value), &["storage"]);
    }
    for (name, amount) in at.entries() {
        let Some(size) = quantity(amount.value) else { continue };
        if size.sign() < 0 {
            errors.invalid(&at.path.key(name), size.value(), "must be a valid resource quantity");
        }
    }
    if let Some(size) = quantity(storage.value).filter(|size| size.sign() <= 0) {
        errors.invalid(&at.path.key("storage"), size.to_string(), "must be greater than zero");
    }
}

/// Where the volume is: exactly one kind.
fn source(at: &At, errors: &mut Errors) {
    let given: Vec<&str> = SOURCES.into_iter().filter(|name| at.at(name).is_set()).collect();
    for (number, name) in given.iter().enumerate() {
        let source = at.at(name);
        if number > 0 {
            errors.forbidden(&source.path, "may not specify more than 1 volume type");
            continue;
        }
        match *name {
            "hostPath" => host_path(&source, errors),
            "nfs" => nfs(&source, errors),
            "local" => local(at, &source, errors),
            "csi" => csi(&source, errors),
            _ => {}
        }
    }
    if given.is_empty() {
        errors.required(&at.path, "must specify a volume type");
    }
}

fn host_path(at: &At, errors: &mut Errors) {
    const TYPES: [&str; 8] =
        ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];
    let path = at.at("path");
    match path.str() {
        "" => return errors.required(&path.path, ""),
        text => no_backsteps(text, &path.path, errors),
    }
    supported(&at.at("type"), &TYPES, errors);
}

fn nfs(at: &At, errors: &mut Errors) {
    let (server, path) = (at.at("server"), at.at("path"));
    for field in [&server, &path] {
        if field.str().is_empty() {
            errors.required(&field.path, "");
        }
    }
    if !path.str().starts_with('/') {
        errors.invalid(&path.path, path.str(), "must be an absolute path");
    }
}

fn local(spec: &At, at: &At, errors: &mut Errors) {
    let path = at.at("path");
    match path.str() {
        "" => errors.required(&path.path, ""),
        text => no_backsteps(text, &path.path, errors),
    }
    let affinity = spec.at("nodeAffinity");
    if !affinity.is_set() {
        errors.required(&affinity.path, "Local volume requires node affinity");
    }
}

fn csi(at: &At, errors: &mut Errors) {
    let (driver, handle) = (at.at("driver"), at.at("volumeHandle"));
    match driver.str() {
        "" => errors.required(&driver.path, ""),
        name => errors.invalid_each(&driver.path, name, names::dns_subdomain(&name.to_lowercase())),
    }
    if handle.str().is_empty() {
        errors.required(&handle.path, "");
    }
}

/// What creating or changing a volume is warned of.
// Models pkg/api/persistentvolume/util.go
pub(crate) fn warnings(object: &Value, _: Option<&Value>) -> Vec<EcoString> {
    if *object.at(&["spec", "persistentVolumeReclaimPolicy"]) == "Recycle" {
        return vec![
            "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended \
             approach is to use dynamic provisioning."
                .into(),
        ];
    }
    Vec::new()
}
