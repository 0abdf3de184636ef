//! Admission of a new or changed object without a server: decoding, defaulting, strategy and validation as pure
//! functions, to be compared with the answers of the real code.

use ecow::EcoString;
use podyard_api::{Key, Status, Value};

use crate::create::validate_create;
use crate::decode::{self, Expected, plan};
use crate::update::{prepare, validate_update};
use crate::{ApiServer, ResourceKey, registry};

/// Uid and time of creation of new objects.
const UID: &str = "00000000-0000-4000-8000-000000000001";
const MADE: &str = "2026-01-05T08:00:00Z";

/// The object as it would be stored, and the warnings about it.
///
/// # Errors
/// The server's answer to an object it would not store.
pub fn admit_create(api_version: &str, kind: &str, object: &Value) -> Result<(Value, Vec<EcoString>), Status> {
    let key = ResourceKey::of_object(api_version, kind).ok_or_else(Status::page_not_found)?;
    let strategy = registry::of(key);
    let mut object = read(key, object)?;
    place(key, &mut object);
    (strategy.defaults)(&mut object);
    let mut server = ApiServer::new(0);
    if object.name().is_empty() && !object.meta().generate_name().is_empty() {
        let name = ecow::eco_format!("{}x7k2p", object.meta().generate_name());
        object.meta_mut().set(Key::Static("name"), name);
    }
    // What the server would draw.
    object.meta_mut().set(Key::Static("uid"), UID);
    object.meta_mut().set(Key::Static("creationTimestamp"), MADE);
    if strategy.generation {
        object.meta_mut().set(Key::Static("generation"), 1);
    }
    (strategy.prepare_create)(&mut object);
    if let Some(allocate) = strategy.allocate {
        allocate(&mut server, &mut object, None, false)?;
    }
    validate_create(key, strategy, &object)?;
    let warnings = (strategy.warnings)(&object, None);
    Ok((finished(key, object), warnings))
}

/// The changed object as it would be stored, and the warnings about it.
///
/// # Errors
/// The server's answer to a change it would not store.
pub fn admit_update(
    api_version: &str,
    kind: &str,
    object: &Value,
    old: &Value,
) -> Result<(Value, Vec<EcoString>), Status> {
    let key = ResourceKey::of_object(api_version, kind).ok_or_else(Status::page_not_found)?;
    let strategy = registry::of(key);
    let mut object = read(key, object)?;
    place(key, &mut object);
    (strategy.defaults)(&mut object);
    let mut server = ApiServer::new(0);
    if key == ResourceKey::SERVICES {
        registry::service::reserve(&mut server, old);
    }
    prepare("", strategy, &mut object, old);
    if let Some(allocate) = strategy.allocate {
        allocate(&mut server, &mut object, Some(old), false)?;
    }
    validate_update(key, "", strategy, &object, old)?;
    let warnings = (strategy.warnings)(&object, Some(old));
    Ok((finished(key, object), warnings))
}

fn read(key: ResourceKey, object: &Value) -> Result<Value, Status> {
    let resource = key.resource();
    let expected =
        Expected { group: &resource.group, version: &resource.version, kind: &resource.kind, validation: "Strict" };
    Ok(decode::read(&expected, object)?.0)
}

fn place(key: ResourceKey, object: &mut Value) {
    if key.is_namespaced() && object.namespace().is_empty() {
        object.meta_mut().set(Key::Static("namespace"), "default");
    }
}

fn finished(key: ResourceKey, object: Value) -> Value {
    let resource = key.resource();
    let info = podyard_api::schema::of(&resource.group, &resource.version, &resource.kind);
    info.and_then(|info| plan::canonical_form(info, &object, &Value::Null)).unwrap_or(object)
}
