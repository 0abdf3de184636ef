//! Secrets.
// Models pkg/apis/core/validation/validation.go

use podyard_api::{Value, base64, json, names};

use super::config_map::{MAX_SIZE, immutable};
use super::field::{At, Errors};
use super::meta;

pub(crate) fn create(object: &Value, errors: &mut Errors) {
    meta::check(object, true, names::name_subdomain, errors);
    let data = At::root(object, "data");
    let mut size = 0;
    for (key, entry) in data.entries() {
        errors.invalid_each(&entry.path, key, names::config_key(key));
        size += base64::decode(entry.str()).map_or(0, |bytes| bytes.len());
    }
    if size > MAX_SIZE {
        errors.too_long(&data.path, MAX_SIZE);
    }
    of_type(object, &data, errors);
}

fn of_type(object: &Value, data: &At, errors: &mut Errors) {
    let has = |key: &str| !data.value.get(key).is_null();
    match object.get("type").str() {
        "kubernetes.io/service-account-token" => {
            const NAME: &str = "kubernetes.io/service-account.name";
            if object.meta().annotation(NAME).unwrap_or_default().is_empty() {
                let metadata = At::root(object, "metadata");
                let annotations = metadata.path.child("annotations");
                errors.required(&annotations.key(NAME), "");
            }
        }
        "kubernetes.io/dockercfg" => docker(data, ".dockercfg", errors),
        "kubernetes.io/dockerconfigjson" => docker(data, ".dockerconfigjson", errors),
        "kubernetes.io/basic-auth" if !has("username") && !has("password") => {
            require(data, &["username", "password"], errors)
        }
        "kubernetes.io/ssh-auth" if data.value.get("ssh-privatekey").str().is_empty() => {
            errors.required(&data.path.key("ssh-privatekey"), "");
        }
        "kubernetes.io/tls" => require(data, &["tls.crt", "tls.key"], errors),
        _ => {}
    }
}

fn require(data: &At, keys: &[&str], errors: &mut Errors) {
    for key in keys.iter().filter(|key| data.value.get(key).is_null()) {
        errors.required(&data.path.key(key), "");
    }
}

fn docker(data: &At, key: &str, errors: &mut Errors) {
    let place = data.path.key(key);
    let Some(text) = data.value.get(key).as_str() else {
        errors.required(&place, "");
        return;
    };
    let bytes = base64::decode(text).unwrap_or_default();
    let parsed = json::parse(&String::from_utf8_lossy(&bytes));
    let why = match parsed {
        Ok(value) if value.is_object() || value.is_null() => return,
        Ok(value) => {
            format!("json: cannot unmarshal {} into Go value of type map[string]interface {{}}", value.type_name())
        }
        Err(error) => error.to_string(),
    };
    errors.invalid(&place, "<secret contents redacted>", &why);
}

pub(crate) fn update(new: &Value, old: &Value, errors: &mut Errors) {
    meta::check_update(new, old, errors);
    meta::immutable(&At::root(new, "type"), old.get("type"), errors);
    immutable(new, old, &["data"], errors);
    create(new, errors);
}
