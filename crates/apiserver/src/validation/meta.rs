//! `metadata` of every object.
// Models staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go

use ecow::EcoString;
use podyard_api::Value;

use super::field::{At, Errors, Path};
use super::{goform, labels};
use podyard_api::names::{self, NameCheck};

/// What all annotations together may take, in bytes.
const MAX_ANNOTATIONS: usize = 256 * 1024;

/// Finalizers without a domain that are allowed.
const STANDARD_FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];

/// As strategies check it, on create and update.
pub(crate) fn check(object: &Value, namespaced: bool, name_check: NameCheck, errors: &mut Errors) {
    check_form(object, namespaced, name_check, errors);
    let meta = At::root(object, "metadata");
    for finalizer in meta.at("finalizers").items() {
        kube_finalizer(finalizer.str(), &finalizer.path, errors);
    }
}

/// As every object is checked, whatever its kind.
pub(crate) fn check_common(object: &Value, namespaced: bool, errors: &mut Errors) {
    check_form(object, namespaced, names::name_path_segment, errors);
}

fn check_form(object: &Value, namespaced: bool, name_check: NameCheck, errors: &mut Errors) {
    let meta = At::root(object, "metadata");
    identity(&meta, namespaced, name_check, errors);
    let generation = meta.at("generation");
    if generation.value.as_i64().is_some_and(|g| g < 0) {
        errors.invalid(&generation.path, generation.value, NEGATIVE);
    }
    labels::labels(&meta.at("labels"), errors);
    annotations(&meta.at("annotations"), errors);
    owner_references(&meta.at("ownerReferences"), errors);
    finalizers(&meta.at("finalizers"), errors);
}

/// What negative numbers are told.
pub(crate) const NEGATIVE: &str = "must be greater than or equal to 0";
/// What changed constants are told.
pub(crate) const IMMUTABLE: &str = "field is immutable";

fn identity(meta: &At, namespaced: bool, name_check: NameCheck, errors: &mut Errors) {
    let generate = meta.at("generateName");
    if let Some(text) = generate.text() {
        errors.invalid_each(&generate.path, text, name_check(text, true));
    }
    let name = meta.at("name");
    match name.text() {
        None => errors.required(&name.path, "name or generateName is required"),
        Some(text) => errors.invalid_each(&name.path, text, name_check(text, false)),
    }
    let namespace = meta.at("namespace");
    match (namespaced, namespace.text()) {
        (true, None) => errors.required(&namespace.path, ""),
        (true, Some(text)) => errors.invalid_each(&namespace.path, text, names::dns_label(text)),
        (false, Some(_)) => errors.forbidden(&namespace.path, "not allowed on this type"),
        (false, None) => {}
    }
}

pub(crate) fn annotations(at: &At, errors: &mut Errors) {
    let mut size = 0;
    for (key, entry) in at.entries() {
        errors.invalid_each(&at.path, key, names::qualified_name(&key.to_lowercase()));
        size += key.len() + entry.str().len();
    }
    if size > MAX_ANNOTATIONS {
        errors.too_long(&at.path, MAX_ANNOTATIONS);
    }
}

fn owner_references(at: &At, errors: &mut Errors) {
    let mut controller: Option<EcoString> = None;
    for owner in at.items() {
        // Upstream does not say which.
        owner_reference(&At { value: owner.value, path: at.path }, errors);
        if owner.value.get("controller").as_bool() != Some(true) {
            continue;
        }
        let this = ecow::eco_format!("{}/{}", owner.value.get("kind").str(), owner.value.get("name").str());
        if let Some(first) = &controller {
            let detail = format!(
                "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {this}"
            );
            errors.invalid_as(&at.path, &goform::owner_references(at.value), &detail);
        } else {
            controller = Some(this);
        }
    }
}

fn owner_reference(at: &At, errors: &mut Errors) {
    let version = at.at("apiVersion");
    if version.str().is_empty() {
        errors.invalid(&version.path, "", "version must not be empty");
    }
    for name in ["kind", "name", "uid"] {
        let field = at.at(name);
        if field.str().is_empty() {
            errors.invalid(&field.path, "", "must not be empty");
        }
    }
    if (version.str(), at.value.get("kind").str()) == ("v1", "Event") {
        let detail = "/v1, Kind=Event is disallowed from being an owner";
        errors.invalid_as(&at.path, &goform::owner_reference(at.value), detail);
    }
}

fn finalizers(at: &At, errors: &mut Errors) {
    let (mut orphan, mut foreground) = (false, false);
    for finalizer in at.items() {
        finalizer_name(finalizer.str(), &at.path, errors);
        orphan |= finalizer.str() == "orphan";
        foreground |= finalizer.str() == "foregroundDeletion";
    }
    if orphan && foreground {
        let detail = "finalizer orphan and foregroundDeletion cannot be both set";
        errors.invalid(&at.path, at.value, detail);
    }
}

/// The form of a finalizer.
pub(crate) fn finalizer_name(name: &str, path: &Path, errors: &mut Errors) {
    errors.invalid_each(path, name, names::qualified_name(name));
}

/// A finalizer without a domain must be one of Kubernetes' own.
pub(crate) fn kube_finalizer(name: &str, path: &Path, errors: &mut Errors) {
    if !name.contains('/') && !STANDARD_FINALIZERS.contains(&name) {
        errors.invalid(path, name, "name is neither a standard finalizer name nor is it fully qualified");
    }
}

/// What may not change in an update.
pub(crate) fn check_update(new: &Value, old: &Value, errors: &mut Errors) {
    let (meta, old) = (At::root(new, "metadata"), old.get("metadata"));
    // Finalizers cannot be added once the object is being deleted.
    if !old.get("deletionTimestamp").is_null() {
        let had = old.get("finalizers").items();
        let finalizers = meta.at("finalizers");
        let added: Vec<&str> = finalizers.value.items().iter().filter(|f| !had.contains(f)).map(Value::str).collect();
        if !added.is_empty() {
            let quoted: Vec<_> = added.iter().map(|f| podyard_api::gostr::quote(f)).collect();
            let detail = format!(
                "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
                quoted.join(", ")
            );
            errors.forbidden(&finalizers.path, &detail);
        }
    }
    for name in ["name", "namespace", "uid"] {
        immutable(&meta.at(name), old.get(name), errors);
    }
    for name in ["creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] {
        immutable(&meta.at(name), old.get(name), errors);
    }
    let generation = meta.at("generation");
    if generation.value.as_i64().unwrap_or_default() < old.get("generation").as_i64().unwrap_or_default() {
        errors.invalid(&generation.path, generation.value.as_i64().unwrap_or_default(), "must not be decremented");
    }
    labels::labels(&meta.at("labels"), errors);
    annotations(&meta.at("annotations"), errors);
    owner_references(&meta.at("ownerReferences"), errors);
}

/// A field that may not differ from what it was.
pub(crate) fn immutable(at: &At, old: &Value, errors: &mut Errors) {
    if at.value != old {
        errors.invalid(&at.path, at.value, IMMUTABLE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::value;

    fn check(object: Value, expect: &[&str]) {
        let mut errors = Errors::default();
        super::check(&object, true, names::name_subdomain, &mut errors);
        let texts: Vec<_> = errors.into_causes().iter().map(|c| format!("{}: {}", c.field, c.message)).collect();
        let good = texts.len() == expect.len() && texts.iter().zip(expect).all(|(t, e)| t.starts_with(e));
        assert!(good, "{texts:#?} is not {expect:#?}");
    }

    #[test]
    fn metadata_errors() {
        check(value!({"metadata": {"name": "web", "namespace": "default"}}), &[]);
        check(value!({"metadata": {"namespace": "default"}}), &["metadata.name: Required value: name or generateName"]);
        check(value!({"metadata": {"name": "web"}}), &["metadata.namespace: Required value"]);
        check(
            value!({"metadata": {"name": "W", "namespace": "default", "labels": {"a b": "c d"}, "finalizers": ["x"]}}),
            &[
                "metadata.name: Invalid value: \"W\": a lowercase RFC 1123 subdomain",
                "metadata.labels: Invalid value: \"a b\": name part must",
                "metadata.labels: Invalid value: \"c d\": a valid label",
                "metadata.finalizers[0]: Invalid value: \"x\": name is neither",
            ],
        );
    }
}
