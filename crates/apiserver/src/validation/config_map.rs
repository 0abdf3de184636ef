//! Config maps.
// Models pkg/apis/core/validation/validation.go

use podyard_api::{Value, base64, names};

use super::field::{At, Errors, Path};
use super::meta;

/// What all values together may take, in bytes.
pub(super) const MAX_SIZE: usize = 1024 * 1024;

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    meta::check(object, true, names::name_subdomain, errors);
    let (data, binary) = (At::root(object, "data"), At::root(object, "binaryData"));
    let mut size = 0;
    for (key, entry) in data.entries() {
        errors.invalid_each(&entry.path, key, names::config_key(key));
        if !binary.value.get(key).is_null() {
            errors.invalid(&entry.path, key, "duplicate of key present in binaryData");
        }
        size += entry.str().len();
    }
    for (key, entry) in binary.entries() {
        errors.invalid_each(&entry.path, key, names::config_key(key));
        size += base64::decode(entry.str()).map_or(0, |bytes| bytes.len());
    }
    if size > MAX_SIZE {
        errors.too_long(&Path::root(""), MAX_SIZE);
    }
}

pub(crate) fn update(new: &Value, old: &Value, errors: &mut Errors) {
    meta::check_update(new, old, errors);
    immutable(new, old, &["data", "binaryData"], errors);
    create(new, errors);
}

/// Fields that may not change once `immutable` is set.
pub(super) fn immutable(new: &Value, old: &Value, fields: &[&str], errors: &mut Errors) {
    if old.get("immutable").as_bool() != Some(true) {
        return;
    }
    let detail = "field is immutable when `immutable` is set";
    if new.get("immutable").as_bool() != Some(true) {
        errors.forbidden(&Path::root("immutable"), detail);
    }
    for field in fields {
        if new.get(field) != old.get(field) {
            errors.forbidden(&Path::root(field), detail);
        }
    }
}
