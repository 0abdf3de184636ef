//! Field paths and errors as data: where, what kind, the value and why.

use std::fmt::{self, Write as _};

use ecow::EcoString;
use podyard_api::gostr::quote;
use podyard_api::{Cause, Key, Value, json};

/// A place in an object, as a chain on the stack: nothing is allocated until an error is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'p> {
    Child(&'p str),
    Index(usize),
    Key(&'p str),
}

/// A value and its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'v, 'p> {
    pub(crate) value: &'v Value,
    pub(crate) path: Path<'p>,
}

/// The errors found so far, in the order of upstream's checks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Errors(Vec<Cause>);

impl<'p> Path<'p> {
    pub(crate) fn root(name: &'p str) -> Self {
        Self { parent: None, step: Step::Child(name) }
    }

    pub(crate) fn child(&'p self, name: &'p str) -> Self {
        Self { parent: Some(self), step: Step::Child(name) }
    }

    pub(crate) fn index(&'p self, index: usize) -> Self {
        Self { parent: Some(self), step: Step::Index(index) }
    }

    pub(crate) fn key(&'p self, key: &'p str) -> Self {
        Self { parent: Some(self), step: Step::Key(key) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Child(name) if self.parent.is_some() => write!(f, ".{name}"),
            Step::Child(name) => f.write_str(name),
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Key(key) => write!(f, "[{key}]"),
        }
    }
}

impl<'v, 'p> At<'v, 'p> {
    /// The field `name` of an object, as a root.
    pub(crate) fn root(object: &'v Value, name: &'p str) -> Self {
        Self { value: object.get(name), path: Path::root(name) }
    }

    /// The field `name`.
    pub(crate) fn at(&'p self, name: &'p str) -> Self {
        Self { value: self.value.get(name), path: self.path.child(name) }
    }

    /// The items of a list with their places.
    pub(crate) fn items(&'p self) -> impl Iterator<Item = At<'v, 'p>> {
        self.value.items().iter().enumerate().map(|(i, value)| At { value, path: self.path.index(i) })
    }

    /// The entries of a map with their places.
    pub(crate) fn entries(&'p self) -> impl Iterator<Item = (&'v str, At<'v, 'p>)>
    where
        'v: 'p,
    {
        self.value
            .fields()
            .iter()
            .map(|(key, value): &'v (Key, Value)| (key.as_str(), At { value, path: self.path.key(key.as_str()) }))
    }

    /// Whether the field is set.
    pub(crate) fn is_set(&self) -> bool {
        !self.value.is_null()
    }

    pub(crate) fn str(&self) -> &'v str {
        self.value.str()
    }

    /// The text if the field is set and not empty.
    pub(crate) fn text(&self) -> Option<&'v str> {
        self.value.as_str().filter(|text| !text.is_empty())
    }

    /// Number of items.
    pub(crate) fn len(&self) -> usize {
        self.value.items().len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.value.is_empty()
    }
}

// Models staging/src/k8s.io/apimachinery/pkg/util/validation/field/errors.go
impl Errors {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn into_causes(self) -> Vec<Cause> {
        self.0
    }

    pub(crate) fn required(&mut self, path: &Path, detail: &str) {
        self.push(path, "FieldValueRequired", "Required value", None, detail);
    }

    pub(crate) fn forbidden(&mut self, path: &Path, detail: &str) {
        self.push(path, "FieldValueForbidden", "Forbidden", None, detail);
    }

    pub(crate) fn invalid(&mut self, path: &Path, bad: impl Into<Value>, detail: &str) {
        self.push(path, "FieldValueInvalid", "Invalid value", Some(shown(&bad.into())), detail);
    }

    /// For a bad value whose fields have an order of their own, already written.
    pub(crate) fn invalid_as(&mut self, path: &Path, bad: &str, detail: &str) {
        self.push(path, "FieldValueInvalid", "Invalid value", Some(bad.into()), detail);
    }

    /// One `Invalid value` for each message.
    pub(crate) fn invalid_each(&mut self, path: &Path, bad: &str, messages: Vec<EcoString>) {
        for message in messages {
            self.invalid(path, bad, &message);
        }
    }

    pub(crate) fn duplicate(&mut self, path: &Path, bad: impl Into<Value>) {
        self.push(path, "FieldValueDuplicate", "Duplicate value", Some(shown(&bad.into())), "");
    }

    /// For a bad value whose fields have an order of their own, already written.
    pub(crate) fn duplicate_as(&mut self, path: &Path, bad: &str) {
        self.push(path, "FieldValueDuplicate", "Duplicate value", Some(bad.into()), "");
    }

    pub(crate) fn not_found(&mut self, path: &Path, bad: impl Into<Value>) {
        self.push(path, "FieldValueNotFound", "Not found", Some(shown(&bad.into())), "");
    }

    pub(crate) fn not_found_with(&mut self, path: &Path, bad: impl Into<Value>, detail: &str) {
        self.push(path, "FieldValueNotFound", "Not found", Some(shown(&bad.into())), detail);
    }

    /// `max` in bytes.
    pub(crate) fn too_long(&mut self, path: &Path, max: usize) {
        self.push(path, "FieldValueTooLong", "Too long", None, &format!("may not be more than {max} bytes"));
    }

    pub(crate) fn too_many(&mut self, path: &Path, actual: usize, max: usize) {
        let detail = format!("must have at most {max} items");
        self.push(path, "FieldValueTooMany", "Too many", Some(actual.to_string().into()), &detail);
    }

    /// `supported` in the order to be shown.
    pub(crate) fn not_supported(&mut self, path: &Path, bad: impl Into<Value>, supported: &[&str]) {
        let mut detail = String::new();
        for (i, value) in supported.iter().enumerate() {
            detail.push_str(if i == 0 { "supported values: " } else { ", " });
            detail.push_str(&quote(value));
        }
        self.push(path, "FieldValueNotSupported", "Unsupported value", Some(shown(&bad.into())), &detail);
    }

    /// For a bad value whose fields have an order of their own, already written.
    pub(crate) fn not_supported_as(&mut self, path: &Path, bad: &str, supported: &[&str]) {
        let values: Vec<String> = supported.iter().map(|value| quote(value)).collect();
        let detail = format!("supported values: {}", values.join(", "));
        self.push(path, "FieldValueNotSupported", "Unsupported value", Some(bad.into()), &detail);
    }

    /// An invalid value that is not shown.
    pub(crate) fn invalid_bare(&mut self, path: &Path, detail: &str) {
        self.push(path, "FieldValueInvalid", "Invalid value", None, detail);
    }

    fn push(&mut self, path: &Path, reason: &str, what: &str, bad: Option<EcoString>, detail: &str) {
        let mut message = EcoString::from(what);
        if let Some(bad) = bad {
            message.push_str(": ");
            message.push_str(&bad);
        }
        if !detail.is_empty() {
            message.push_str(": ");
            message.push_str(detail);
        }
        let mut field = EcoString::new();
        let _ = write!(field, "{path}");
        self.0.push(Cause { reason: reason.into(), message, field });
    }
}

/// A bad value as errors show it.
fn shown(value: &Value) -> EcoString {
    match value {
        Value::String(text) => quote(text).into(),
        other => json::to_string(other).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::value;

    #[test]
    fn an_error_says_where_what_and_why() {
        let object = value!({"spec": {"containers": [{"name": "Web"}]}});
        let spec = At::root(&object, "spec");
        let containers = spec.at("containers");
        let mut errors = Errors::default();
        for container in containers.items() {
            errors.invalid(&container.at("name").path, container.at("name").str(), "must be small");
            errors.not_supported(&container.path.key("a"), 3, &["x", "y"]);
        }
        let texts: Vec<_> = errors.into_causes().iter().map(|c| format!("{}: {}", c.field, c.message)).collect();
        assert_eq!(
            texts,
            [
                "spec.containers[0].name: Invalid value: \"Web\": must be small",
                "spec.containers[0][a]: Unsupported value: 3: supported values: \"x\", \"y\"",
            ]
        );
    }
}
