//! Volumes and their sources.

use podyard_api::Value;

use super::super::field::{At, Errors, Path};
use podyard_api::names;

use super::super::pvc;
use super::mounts::{descending, local_path, no_backsteps};
use super::resources::quantity;
use super::{Context, env, projected};

pub(crate) const FILE_MODE: &str = "must be a number between 0 and 0777 (octal), both inclusive";

/// The good volumes by name: what mounts may refer to.
#[derive(Default)]
pub(crate) struct Volumes<'v>(Vec<(&'v str, &'v Value)>);

impl<'v> Volumes<'v> {
    pub(crate) fn get(&self, name: &str) -> Option<&'v Value> {
        self.0.iter().find(|(n, _)| *n == name).map(|(_, source)| *source)
    }
}

pub(crate) fn check<'v>(at: &At<'v, '_>, context: &Context, errors: &mut Errors) -> Volumes<'v> {
    let mut good = Volumes::default();
    let made_claim = |claim: &str| {
        let made =
            |v: &Value| !v.get("ephemeral").is_null() && claim_name(context.pod_name, v.get("name").str()) == claim;
        !context.pod_name.is_empty() && at.value.items().iter().any(made)
    };
    for volume in at.items() {
        let before = errors.len();
        source(&volume, context, errors);
        let name = volume.at("name");
        match name.text() {
            None => errors.required(&name.path, ""),
            Some(text) => errors.invalid_each(&name.path, text, names::dns_label(text)),
        }
        if good.get(name.str()).is_some() {
            errors.duplicate(&name.path, name.str());
        }
        if errors.len() == before {
            good.0.push((name.str(), volume.value));
        }
        let claim = volume.value.at(&["persistentVolumeClaim", "claimName"]);
        if claim.as_str().is_some_and(made_claim) {
            let pvc = volume.at("persistentVolumeClaim");
            let detail = "must not reference a PVC that gets created for an ephemeral volume";
            errors.invalid(&pvc.path.child("claimName"), claim, detail);
        }
    }
    good
}

fn claim_name(pod: &str, volume: &str) -> String {
    format!("{pod}-{volume}")
}

/// The sources in upstream's order, with the name that errors give them where a second one is set.
const SOURCES: [(&str, &str); 30] = [
    ("emptyDir", "emptyDir"),
    ("hostPath", "hostPath"),
    ("gitRepo", "gitRepo"),
    ("gcePersistentDisk", "gcePersistentDisk"),
    ("awsElasticBlockStore", "awsElasticBlockStore"),
    ("secret", "secret"),
    ("nfs", "nfs"),
    ("iscsi", "iscsi"),
    ("glusterfs", "glusterfs"),
    ("flocker", "flocker"),
    ("persistentVolumeClaim", "persistentVolumeClaim"),
    ("rbd", "rbd"),
    ("cinder", "cinder"),
    ("cephfs", "cephFS"),
    ("quobyte", "quobyte"),
    ("downwardAPI", "downwarAPI"),
    ("fc", "fc"),
    ("flexVolume", "flexVolume"),
    ("configMap", "configMap"),
    ("azureFile", "azureFile"),
    ("vsphereVolume", "vsphereVolume"),
    ("photonPersistentDisk", "photonPersistentDisk"),
    ("portworxVolume", "portworxVolume"),
    ("azureDisk", "azureDisk"),
    ("storageos", "storageos"),
    ("projected", "projected"),
    ("scaleIO", "scaleIO"),
    ("csi", "csi"),
    ("ephemeral", "ephemeral"),
    ("image", "image"),
];

fn source(volume: &At, context: &Context, errors: &mut Errors) {
    let mut found = false;
    for (kind, shown) in SOURCES {
        let source = volume.at(kind);
        if !source.is_set() {
            continue;
        }
        if found {
            errors.forbidden(&volume.path.child(shown), "may not specify more than 1 volume type");
            continue;
        }
        found = true;
        one_source(kind, &source, volume, context, errors);
    }
    if !found {
        errors.required(&volume.path, "must specify a volume type");
    }
}

fn one_source(kind: &str, at: &At, volume: &At, context: &Context, errors: &mut Errors) {
    match kind {
        "emptyDir" => {
            let limit = at.at("sizeLimit");
            if quantity(limit.value).is_some_and(|q| q.sign() < 0) {
                errors.forbidden(&limit.path, "SizeLimit field must be a valid resource quantity");
            }
        }
        "hostPath" => host_path(at, errors),
        "secret" => {
            require(at, &["secretName"], errors);
            mode(&at.at("defaultMode"), errors);
            at.at("items").items().for_each(|item| key_to_path(&item, errors));
        }
        "configMap" => {
            require(at, &["name"], errors);
            mode(&at.at("defaultMode"), errors);
            at.at("items").items().for_each(|item| key_to_path(&item, errors));
        }
        "persistentVolumeClaim" => require(at, &["claimName"], errors),
        "downwardAPI" => {
            mode(&at.at("defaultMode"), errors);
            for file in at.value.get("items").items() {
                downward_file(file, &at.path, errors);
            }
        }
        "projected" => projected::check(at, errors),
        "csi" => csi(at, errors),
        "ephemeral" => ephemeral(at, volume, context, errors),
        "image" => image(at, context, errors),
        other => rare(other, at, errors),
    }
}

/// Texts that must be there.
fn require(at: &At, fields: &[&str], errors: &mut Errors) {
    for field in fields {
        let field = at.at(field);
        if field.str().is_empty() {
            errors.required(&field.path, "");
        }
    }
}

pub(crate) fn mode(at: &At, errors: &mut Errors) {
    if at.value.as_i64().is_some_and(|mode| !(0..=0o777).contains(&mode)) {
        errors.invalid(&at.path, at.value, FILE_MODE);
    }
}

pub(crate) fn key_to_path(at: &At, errors: &mut Errors) {
    require(at, &["key", "path"], errors);
    let path = at.at("path");
    local_path(path.str(), &path.path, errors);
    mode(&at.at("mode"), errors);
}

fn host_path(at: &At, errors: &mut Errors) {
    let path = at.at("path");
    if path.str().is_empty() {
        errors.required(&path.path, "");
        return;
    }
    no_backsteps(path.str(), &path.path, errors);
    const TYPES: [&str; 8] =
        ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];
    let kind = at.at("type");
    if kind.is_set() && !TYPES.contains(&kind.str()) {
        errors.not_supported(&kind.path, kind.str(), &TYPES);
    }
}

/// A file of a downward API volume. Its errors have the volume's place, not its own.
pub(crate) fn downward_file(file: &Value, place: &Path, errors: &mut Errors) {
    const FIELDS: [&str; 5] =
        ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
    let at = At { value: file, path: *place };
    let path = at.at("path");
    if path.str().is_empty() {
        errors.required(&path.path, "");
    }
    local_path(path.str(), &path.path, errors);
    let (field, resource) = (at.at("fieldRef"), at.at("resourceFieldRef"));
    if field.is_set() {
        env::field_selector(&field, &FIELDS, errors);
        if resource.is_set() {
            errors.invalid(place, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
        }
    } else if resource.is_set() {
        env::resource_selector(&resource, true, errors);
    } else {
        errors.required(place, "one of fieldRef and resourceFieldRef is required");
    }
    mode(&at.at("mode"), errors);
}

fn csi(at: &At, errors: &mut Errors) {
    let driver = at.at("driver");
    match driver.text() {
        None => errors.required(&driver.path, ""),
        Some(text) => {
            if text.len() > 63 {
                errors.too_long(&driver.path, 63);
            }
            let lower = text.to_lowercase();
            errors.invalid_each(&driver.path, &lower, names::dns_subdomain(&lower));
        }
    }
    let secret = at.at("nodePublishSecretRef");
    if secret.is_set() {
        let name = secret.at("name");
        match name.text() {
            None => errors.required(&name.path, ""),
            Some(text) => errors.invalid_each(&name.path, text, names::dns_subdomain(text)),
        }
    }
}

fn ephemeral(at: &At, volume: &At, context: &Context, errors: &mut Errors) {
    let template = at.at("volumeClaimTemplate");
    if !template.is_set() {
        errors.required(&template.path, "");
    } else {
        pvc::template(&template, errors);
    }
    let name = volume.at("name");
    if !context.pod_name.is_empty() && !name.str().is_empty() {
        let claim = claim_name(context.pod_name, name.str());
        for message in names::dns_subdomain(&claim) {
            let detail = format!("PVC name {}: {message}", podyard_api::gostr::quote(&claim));
            errors.invalid(&name.path, name.str(), &detail);
        }
    }
}

fn image(at: &At, context: &Context, errors: &mut Errors) {
    let reference = at.at("reference");
    if context.is_pod && reference.str().is_empty() {
        errors.required(&reference.path, "");
    }
    let policy = at.at("pullPolicy");
    match policy.str() {
        "Always" | "IfNotPresent" | "Never" => {}
        "" => errors.required(&policy.path, ""),
        other => errors.not_supported(&policy.path, other, &["Always", "IfNotPresent", "Never"]),
    }
}

/// Storage that few clusters have: what must be set, and little else.
fn rare(kind: &str, at: &At, errors: &mut Errors) {
    match kind {
        "gitRepo" => {
            require(at, &["repository"], errors);
            let directory = at.at("directory");
            descending(directory.str(), &directory.path, errors);
        }
        "nfs" => {
            require(at, &["server", "path"], errors);
            let path = at.at("path");
            if !path.str().starts_with('/') {
                errors.invalid(&path.path, path.str(), "must be an absolute path");
            }
        }
        "gcePersistentDisk" => {
            require(at, &["pdName"], errors);
            partition(&at.at("partition"), errors);
        }
        "awsElasticBlockStore" => {
            require(at, &["volumeID"], errors);
            partition(&at.at("partition"), errors);
        }
        "iscsi" => {
            require(at, &["targetPortal", "iqn"], errors);
            let lun = at.at("lun");
            if lun.value.as_i64().is_some_and(|n| !(0..=255).contains(&n)) {
                errors.invalid(&lun.path, lun.value, &names::out_of_range(0, 255));
            }
        }
        "glusterfs" => require(at, &["endpoints", "path"], errors),
        "rbd" | "cephfs" => {
            let monitors = at.at("monitors");
            if monitors.is_empty() {
                errors.required(&monitors.path, "");
            }
            if kind == "rbd" {
                require(at, &["image"], errors);
            }
        }
        "cinder" | "portworxVolume" => require(at, &["volumeID"], errors),
        "quobyte" => require(at, &["registry", "volume"], errors),
        "flexVolume" => require(at, &["driver"], errors),
        "azureFile" => require(at, &["secretName", "shareName"], errors),
        "vsphereVolume" => require(at, &["volumePath"], errors),
        "photonPersistentDisk" => require(at, &["pdID"], errors),
        "azureDisk" => require(at, &["diskName", "diskURI"], errors),
        "storageos" => require(at, &["volumeName"], errors),
        "scaleIO" => require(at, &["gateway", "system", "volumeName"], errors),
        "flocker" if at.at("datasetName").str().is_empty() && at.at("datasetUUID").str().is_empty() => {
            errors.required(&at.path, "one of datasetName and datasetUUID is required");
        }
        "fc" if at.at("targetWWNs").is_empty() && at.at("wwids").is_empty() => {
            errors.required(&at.path.child("targetWWNs"), "must specify either targetWWNs or wwids, but not both");
        }
        _ => {}
    }
}

fn partition(at: &At, errors: &mut Errors) {
    if at.value.as_i64().is_some_and(|n| !(0..=255).contains(&n)) {
        errors.invalid(&at.path, at.value, &names::out_of_range(1, 255));
    }
}
