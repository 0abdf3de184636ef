//! From a request's body to an object in the form in which Go has it.
// Models staging/src/k8s.io/apiserver/pkg/endpoints/handlers/create.go and …/patch.go

pub(crate) mod canonical;
pub(crate) mod plan;

use ecow::{EcoString, EcoVec, eco_format};
use podyard_api::kinds::reference::{api_version, group_version};
use podyard_api::schema::{self, TypeRef};
use podyard_api::{Body, Key, Status, Value, decode, registry};

use crate::route::Ask;

/// An object and the warnings about it.
pub(crate) type Decoded = (Value, EcoVec<EcoString>);

/// What a request wants to be sent: group, version and kind, and how strictly it is read.
#[derive(Clone, Debug)]
pub(crate) struct Expected<'a> {
    pub(crate) group: &'a str,
    pub(crate) version: &'a str,
    pub(crate) kind: &'a str,
    /// `fieldValidation`.
    pub(crate) validation: &'a str,
}

impl<'a> Expected<'a> {
    fn of(ask: &'a Ask) -> Self {
        let (group, version, kind) = match ask.subresource {
            Some(sub) => (&sub.group, &sub.version, &sub.kind),
            None => (&ask.resource.group, &ask.resource.version, &ask.resource.kind),
        };
        Self { group, version, kind, validation: &ask.request.field_validation }
    }
}

/// The object that a request sends.
pub(crate) fn body(ask: &Ask) -> Result<Decoded, Status> {
    match &ask.request.body {
        Body::Object(object) => read(&Expected::of(ask), object),
        _ => Err(Status::bad_request("EOF")),
    }
}

/// Reads an object that is wanted to be of a kind.
pub(crate) fn read(expected: &Expected, object: &Value) -> Result<Decoded, Status> {
    let object = named(expected, object)?;
    let info = schema::of(expected.group, expected.version, expected.kind).ok_or_else(Status::page_not_found)?;
    if let Ok(form) = plan::walk(info, &object, &Value::Null) {
        return Ok((form.unwrap_or(object), EcoVec::new()));
    }
    let problems = decode::check(&object, info).map_err(|why| not_handled(expected, &object, &why))?;
    finish(expected, info, object, &problems)
}

/// Reads an object that a patch has made of `old`.
pub(crate) fn patched(ask: &Ask, old: &Value, object: Value) -> Result<Decoded, Status> {
    let expected = Expected::of(ask);
    let info = schema::of(expected.group, expected.version, expected.kind).ok_or_else(Status::page_not_found)?;
    if let Ok(form) = plan::walk(info, &object, old) {
        return Ok((form.unwrap_or(object), EcoVec::new()));
    }
    let problems = decode::check_changed(&object, old, info).map_err(|why| unreadable(ask, &why))?;
    finish(&expected, info, object, &problems)
}

/// Refuses, warns of, or lets go what the type does not know; then brings the object into its canonical form.
fn finish(expected: &Expected, info: TypeRef, object: Value, problems: &[String]) -> Result<Decoded, Status> {
    let mut warnings = EcoVec::new();
    let mut object = object;
    if let Some(message) = decode::strict_message(problems) {
        match expected.validation {
            "Strict" => return Err(not_handled(expected, &object, &message)),
            "Ignore" => {}
            _ => warnings.extend(problems.iter().map(EcoString::from)),
        }
        object = known(info, &object);
    }
    let form = plan::canonical_form(info, &object, &Value::Null);
    Ok((form.unwrap_or(object), warnings))
}

/// The object with `apiVersion` and `kind`, which must be those expected.
fn named(expected: &Expected, object: &Value) -> Result<Value, Status> {
    let wanted = api_version(expected.group, expected.version);
    let (version, kind) = (object.api_version(), object.kind());
    if version == wanted && kind == expected.kind {
        return Ok(object.clone());
    }
    let mut named = object.clone();
    if !version.is_empty() && version != wanted {
        let (_, short) = group_version(version);
        if registry::of_object(version, kind).is_none() {
            let scheme = "in scheme \"pkg/api/legacyscheme/scheme.go:30\"";
            let why = eco_format!("no kind \"{kind}\" is registered for version \"{version}\" {scheme}");
            return Err(Status::bad_request(eco_format!(
                "{kind} in version \"{short}\" cannot be handled as a {}: {why}",
                expected.kind
            )));
        }
        return Err(Status::bad_request(eco_format!(
            "the API version in the data ({version}) does not match the expected API version ({wanted})"
        )));
    }
    if !kind.is_empty() && kind != expected.kind {
        return Err(Status::bad_request(eco_format!(
            "{kind} in version \"{}\" cannot be handled as a {}: converting ({}.{kind}) to ({}.{}): unknown conversion",
            expected.version,
            expected.kind,
            expected.version,
            if expected.group.is_empty() { "core" } else { expected.group },
            expected.kind
        )));
    }
    named.set(Key::Static("apiVersion"), wanted);
    named.set(Key::Static("kind"), expected.kind);
    Ok(named)
}

fn not_handled(expected: &Expected, object: &Value, why: &str) -> Status {
    let kind = object.kind();
    Status::bad_request(eco_format!(
        "{kind} in version \"{}\" cannot be handled as a {}: {why}",
        expected.version,
        expected.kind
    ))
}

/// A patch whose outcome is no object of the kind.
fn unreadable(ask: &Ask, why: &str) -> Status {
    let Body::Patch(_, change) = &ask.request.body else { return Status::bad_request(why) };
    let mut errors = crate::validation::Errors::default();
    let detail = match why.rsplit_once(" of type ") {
        Some((_, kind)) => format!("unrecognized type: {kind}"),
        None => why.to_owned(),
    };
    errors.invalid(&crate::validation::Path::root("patch"), go_map(change), &detail);
    Status::invalid("", "", "", errors.into_causes())
}

/// As Go prints a map.
fn go_map(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let entries: Vec<String> =
                object.entries().iter().map(|(key, entry)| format!("{key}:{}", go_map(entry))).collect();
            format!("map[{}]", entries.join(" "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(go_map).collect::<Vec<_>>().join(" ")),
        Value::String(text) => text.to_string(),
        Value::Null => "<nil>".into(),
        other => podyard_api::json::to_string(other),
    }
}

/// The object without fields that its type does not know.
fn known(info: TypeRef, object: &Value) -> Value {
    let mut out = object.clone();
    for (key, value) in object.fields() {
        let Some(field) = info.field(key) else {
            out.remove(key);
            continue;
        };
        let Some(inner) = field.kind.item_type() else { continue };
        let pruned = match value {
            Value::Array(items) => items.iter().map(|item| known(inner, item)).collect(),
            Value::Object(_) if field.kind.as_struct().is_some() => known(inner, value),
            _ => continue,
        };
        if pruned != *value {
            out.set(key, pruned);
        }
    }
    out
}
