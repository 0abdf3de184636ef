//! Namespaces.
// Models pkg/apis/core/validation/validation.go

use podyard_api::{Value, names};

use super::field::{At, Errors};
use super::meta;

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    meta::check(object, false, names::name_label, errors);
    let spec = At::root(object, "spec");
    let finalizers = spec.at("finalizers");
    for finalizer in finalizers.items() {
        meta::finalizer_name(finalizer.str(), &finalizers.path, errors);
        meta::kube_finalizer(finalizer.str(), &finalizers.path, errors);
    }
}

/// An update of the status.
pub(crate) fn status(new: &Value, _: &Value, errors: &mut Errors) {
    let status = At::root(new, "status");
    let place = status.path.child("Phase");
    let phase = status.value.get("phase").str();
    match (new.meta().deletion_timestamp(), phase) {
        (None, "Active") | (Some(_), "Terminating") => {}
        (None, _) => errors.invalid(&place, phase, "may only be 'Active' if `deletionTimestamp` is empty"),
        (Some(_), _) => {
            errors.invalid(&place, phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
        }
    }
}

pub(crate) fn update(new: &Value, old: &Value, errors: &mut Errors) {
    meta::check_update(new, old, errors);
    create(new, errors);
}
