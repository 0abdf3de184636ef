//! Sets of fields, and which fields a write has set and removed.
// Models sigs.k8s.io/structured-merge-diff/v6/typed and …/fieldpath

use std::collections::BTreeMap;

use ecow::{EcoString, eco_format};
use podyard_api::schema::{self, FieldInfo, Kind, ListType, TypeRef};
use podyard_api::{Key, Object, Value, json};
use serde::{Deserialize, Serialize};

use crate::decode::canonical;

/// A set of fields as a tree of path elements (`f:spec`, `k:{"name":"web"}`, `v:"x"`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Fields {
    /// The path to here is itself in the set.
    member: bool,
    below: BTreeMap<EcoString, Fields>,
}

impl Fields {
    pub(super) fn is_empty(&self) -> bool {
        !self.member && self.below.is_empty()
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.member |= other.member;
        for (element, fields) in &other.below {
            self.below.entry(element.clone()).or_default().add(fields);
        }
    }

    pub(super) fn subtract(&mut self, other: &Self) {
        self.member &= !other.member;
        for (element, fields) in &other.below {
            if let Some(own) = self.below.get_mut(element) {
                own.subtract(fields);
                if own.is_empty() {
                    self.below.remove(element);
                }
            }
        }
    }

    /// As `fieldsV1` writes it.
    pub(super) fn to_value(&self) -> Value {
        let own = (self.member && !self.below.is_empty()).then(|| (Key::Static("."), Value::object()));
        let below = self.below.iter().map(|(element, fields)| (Key::from(element), fields.to_value()));
        Value::Object(Object::from_entries(own.into_iter().chain(below)))
    }

    fn leaf() -> Self {
        Self { member: true, below: BTreeMap::new() }
    }

    fn put(&mut self, element: EcoString, fields: Self) {
        if !fields.is_empty() {
            self.below.insert(element, fields);
        }
    }
}

/// What nobody manages.
const STRIPPED: [&str; 8] =
    ["creationTimestamp", "generation", "managedFields", "name", "namespace", "resourceVersion", "selfLink", "uid"];

/// The fields that are new or changed, and those that have gone.
pub(super) fn changes(api_version: &str, kind: &str, old: &Value, new: &Value) -> (Fields, Fields) {
    let mut changes = Changes::default();
    let Some(info) = schema::of_object(api_version, kind) else { return Default::default() };
    for name in fields_of(old, new) {
        let (was, is) = (old.get(name), new.get(name));
        match (name, info.field(name)) {
            ("apiVersion" | "kind", _) | (_, None) => {}
            ("metadata", Some(_)) => changes.metadata(info, was, is),
            (_, Some(field)) => changes.field(info, field, was, is, true),
        }
    }
    (changes.set, changes.removed)
}

/// The names of the fields of both, in order.
fn fields_of<'v>(old: &'v Value, new: &'v Value) -> Vec<&'v str> {
    let mut names: Vec<&str> = old.fields().iter().chain(new.fields()).map(|(key, _)| key.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[derive(Default)]
struct Changes {
    set: Fields,
    removed: Fields,
}

impl Changes {
    fn metadata(&mut self, info: TypeRef, old: &Value, new: &Value) {
        let Some(meta) = info.at(&["metadata"]) else { return };
        let mut below = Self::default();
        for name in fields_of(old, new).into_iter().filter(|name| !STRIPPED.contains(name)) {
            if let Some(field) = meta.field(name) {
                below.field(meta, field, old.get(name), new.get(name), true);
            }
        }
        self.put("f:metadata".into(), below);
    }

    fn put(&mut self, element: EcoString, below: Self) {
        self.set.put(element.clone(), below.set);
        self.removed.put(element, below.removed);
    }

    /// `owner_is_there`: Go has the owner even in an empty object, so that it is nothing to be set by itself.
    fn field(&mut self, owner: TypeRef, field: &FieldInfo, old: &Value, new: &Value, owner_is_there: bool) {
        if old == new {
            return;
        }
        let required_list = field.required && matches!(field.kind, Kind::List(_));
        let is_there = owner_is_there && (required_list || canonical::always(owner).any(|own| own.name == field.name));
        let below = Self::value(&field.kind, &field.list, old, new, is_there);
        self.put(eco_format!("f:{}", field.name), below);
    }

    fn value(kind: &Kind, list: &ListType, old: &Value, new: &Value, is_there: bool) -> Self {
        match kind {
            Kind::Struct(reference) if !reference.info().atomic && !reference.info().fields.is_empty() => {
                let info = reference.info();
                let mut below = Self::container(old, new, is_there);
                for name in fields_of(old, new) {
                    if let Some(field) = info.field(name) {
                        below.field(info, field, old.get(name), new.get(name), is_there);
                    }
                }
                below
            }
            Kind::Map(item) => {
                let mut below = Self::container(old, new, is_there);
                for name in fields_of(old, new) {
                    let (was, is) = (old.get(name), new.get(name));
                    if was != is {
                        below.put(eco_format!("f:{name}"), Self::value(item, &ListType::Atomic, was, is, false));
                    }
                }
                below
            }
            Kind::List(item) if *list != ListType::Atomic => Self::list(item, list, old, new, is_there),
            _ => {
                let mut whole = Self::default();
                match new.is_null() {
                    true => whole.removed.member = true,
                    false => whole.set = Fields::leaf(),
                }
                whole
            }
        }
    }

    /// A struct, map or list itself: set when it comes, removed when it goes.
    fn container(old: &Value, new: &Value, is_there: bool) -> Self {
        let mut below = Self::default();
        below.set.member = !is_there && old.is_null() && !new.is_null();
        below.removed.member = new.is_null();
        below
    }

    fn list(item: &Kind, list: &ListType, old: &Value, new: &Value, is_there: bool) -> Self {
        let mut below = Self::container(old, new, is_there);
        let was: BTreeMap<EcoString, &Value> = old.items().iter().map(|v| (element(list, v), v)).collect();
        let is: BTreeMap<EcoString, &Value> = new.items().iter().map(|v| (element(list, v), v)).collect();
        let null = Value::Null;
        for (name, value) in &is {
            let before = was.get(name).copied().unwrap_or(&null);
            if before != *value {
                below.put(name.clone(), Self::value(item, &ListType::Atomic, before, value, false));
            }
        }
        for (name, value) in was.iter().filter(|(name, _)| !is.contains_key(*name)) {
            below.put(name.clone(), Self::value(item, &ListType::Atomic, value, &null, false));
        }
        below
    }
}

/// The path element of a list's item.
fn element(list: &ListType, item: &Value) -> EcoString {
    match list {
        ListType::Map(keys) => {
            let mut sorted = keys.clone();
            sorted.sort_unstable();
            let mut text = EcoString::from("k:{");
            for (index, key) in sorted.iter().filter(|key| !item.get(key).is_null()).enumerate() {
                let comma = if index > 0 { "," } else { "" };
                text.push_str(&format!("{comma}{}:{}", json::quote(key), json::to_string(item.get(key))));
            }
            text.push('}');
            text
        }
        _ => eco_format!("v:{}", json::to_string(item)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::value;

    fn check(old: Value, new: Value, set: &str, removed: &str) {
        let (found, gone) = changes("v1", "Pod", &old, &new);
        assert_eq!(json::to_string(&found.to_value()), set);
        assert_eq!(json::to_string(&gone.to_value()), removed);
    }

    #[test]
    fn a_new_object_sets_what_it_has() {
        check(
            Value::Null,
            value!({
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "web", "labels": {"run": "web"}},
                "spec": {"containers": [{"name": "web", "resources": {}, "args": ["a"]}], "securityContext": {}},
            }),
            r#"{"f:metadata":{"f:labels":{".":{},"f:run":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{".":{},"f:args":{},"f:name":{},"f:resources":{}}},"f:securityContext":{}}}"#,
            "{}",
        );
    }

    #[test]
    fn a_change_sets_and_removes() {
        let pod = |labels: Value| value!({"metadata": {"name": "web", "labels": labels}});
        check(
            pod(value!({"a": "1", "b": "1"})),
            pod(value!({"a": "2", "c": "1"})),
            r#"{"f:metadata":{"f:labels":{"f:a":{},"f:c":{}}}}"#,
            r#"{"f:metadata":{"f:labels":{"f:b":{}}}}"#,
        );
    }
}
