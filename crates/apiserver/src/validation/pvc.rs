//! Persistent volume claims, and their templates in other objects.
// Models pkg/apis/core/validation/validation.go

use podyard_api::{Value, names};

use super::field::{At, Errors};
use super::pod::quantity;
use super::{goform, labels, meta};

const MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/// A new claim.
pub(crate) fn create(claim: &Value, errors: &mut Errors) {
    meta::check(claim, true, names::name_subdomain, errors);
    spec(&At::root(claim, "spec"), errors);
}

/// `volumeClaimTemplate` of a pod's volume.
pub(crate) fn template(at: &At, errors: &mut Errors) {
    let metadata = at.at("metadata");
    labels::labels(&metadata.at("labels"), errors);
    meta::annotations(&metadata.at("annotations"), errors);
    spec(&at.at("spec"), errors);
}

pub(crate) fn spec(at: &At, errors: &mut Errors) {
    let modes = at.at("accessModes");
    if modes.is_empty() {
        errors.required(&modes.path, "at least 1 access mode is required");
    }
    labels::selector(&at.at("selector"), errors);
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
    let resources = at.at("resources");
    let place = resources.path.key("storage");
    match quantity(resources.value.at(&["requests", "storage"])) {
        None => errors.required(&place, ""),
        Some(size) if size.sign() <= 0 => errors.invalid(&place, size.to_string(), "must be greater than zero"),
        Some(_) => {}
    }
    for field in ["storageClassName", "volumeAttributesClassName"] {
        let class = at.at(field);
        if let Some(name) = class.text() {
            errors.invalid_each(&class.path, name, names::dns_subdomain(name));
        }
    }
    super::pod::one_of(&at.at("volumeMode"), &["Block", "Filesystem"], errors);
    data_sources(at, errors);
}

fn data_sources(at: &At, errors: &mut Errors) {
    let (source, reference) = (at.at("dataSource"), at.at("dataSourceRef"));
    for source in [&source, &reference].into_iter().filter(|s| s.is_set()) {
        for field in ["name", "kind"] {
            let field = source.at(field);
            if field.str().is_empty() {
                errors.required(&field.path, "");
            }
        }
        let (group, kind) = (source.at("apiGroup"), source.value.get("kind").str());
        if group.str().is_empty() && kind != "PersistentVolumeClaim" {
            errors.invalid(&source.path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
        }
        if let Some(text) = group.text() {
            errors.invalid_each(&group.path, text, names::dns_subdomain(text));
        }
    }
    let same = |field: &str| source.value.get(field) == reference.value.get(field);
    if source.is_set() && reference.is_set() {
        if reference.at("namespace").text().is_some() {
            let detail = "may not be specified when dataSourceRef.namespace is specified";
            errors.invalid(&at.path, source.path.to_string(), detail);
        } else if !["apiGroup", "kind", "name"].iter().all(|f| same(f)) {
            errors.invalid(&at.path, source.path.to_string(), "must match dataSourceRef");
        }
    }
}

/// A changed claim.
pub(crate) fn update(new: &Value, old: &Value, errors: &mut Errors) {
    meta::check_update(new, old, errors);
    create(new, errors);
    let (at, old_spec) = (At::root(new, "spec"), old.get("spec"));
    let mut munged = at.value.clone();
    let mut before = old_spec.clone();
    let bound = new.at(&["status", "phase"]) == "Bound";
    if old_spec.get("volumeName").str().is_empty() {
        copy(&mut before, at.value, "volumeName");
    }
    if old_spec.get("storageClassName").is_null() {
        copy(&mut munged, old_spec, "storageClassName");
    }
    let size = ["resources", "requests", "storage"];
    if bound && !munged.at(&size[..2]).is_null() {
        *munged.at_mut(&size) = old_spec.at(&size).clone();
    }
    if bound && !munged.get("volumeAttributesClassName").is_null() {
        copy(&mut munged, old_spec, "volumeAttributesClassName");
    }
    if goform::compact("PersistentVolumeClaimSpec", &munged) != goform::compact("PersistentVolumeClaimSpec", &before) {
        let diff = goform::diff("PersistentVolumeClaimSpec", &before, &munged);
        let detail = format!(
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound \
             claims\n{diff}"
        );
        errors.forbidden(&at.path, &detail);
    }
    let capacity = quantity(old.at(&["status", "capacity", "storage"])).unwrap_or_default();
    if let (Some(now), Some(was)) = (quantity(at.value.at(&size)), quantity(old_spec.at(&size)))
        && now < was
        && now <= capacity
    {
        let resources = at.path.child("resources");
        let requests = resources.child("requests");
        errors.forbidden(&requests.child("storage"), "field can not be less than status.capacity");
    }
    let mode = At { value: at.value.get("volumeMode"), path: super::field::Path::root("volumeMode") };
    meta::immutable(&mode, old_spec.get("volumeMode"), errors);
}

fn copy(to: &mut Value, from: &Value, field: &'static str) {
    match from.get(field) {
        Value::Null => drop(to.remove(field)),
        value => to.set(field, value),
    }
}
