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

    /// What is in both.
    pub(super) fn intersection(&self, other: &Self) -> Self {
        let mut both = Self { member: self.member && other.member, below: BTreeMap::new() };
        for (element, fields) in &self.below {
            if let Some(theirs) = other.below.get(element) {
                both.put(element.clone(), fields.intersection(theirs));
            }
        }
        both
    }

    /// Whether the path to here is itself in the set.
    pub(super) fn is_member(&self) -> bool {
        self.member
    }

    /// The sets one element further down.
    pub(super) fn below(&self) -> impl Iterator<Item = (&EcoString, &Self)> {
        self.below.iter()
    }

    pub(super) fn at(&self, element: &str) -> Option<&Self> {
        self.below.get(element)
    }

    /// The paths of its members as messages print them: those of a level before those below it.
    pub(super) fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.collect_paths("", &mut paths);
        paths
    }

    fn collect_paths(&self, here: &str, paths: &mut Vec<String>) {
        let inner = |element: &str| format!("{here}{}", printed(element));
        paths.extend(self.below.iter().filter(|(_, fields)| fields.member).map(|(element, _)| inner(element)));
        for (element, fields) in &self.below {
            fields.collect_paths(&inner(element), paths);
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

/// A path element as messages print it: `.spec`, `[name="web"]`, `[="x"]`.
fn printed(element: &str) -> String {
    let (form, text) = element.split_at_checked(2).unwrap_or(("f:", element));
    match form {
        "k:" => {
            let keys = json::parse(text).unwrap_or_default();
            let parts = keys.fields().iter().map(|(key, value)| format!("{key}={}", json::to_string(value)));
            format!("[{}]", parts.collect::<Vec<_>>().join(","))
        }
        "v:" => format!("[={text}]"),
        _ => format!(".{text}"),
    }
}

/// The fields that an applied configuration names.
pub(super) fn of_config(api_version: &str, kind: &str, config: &Value) -> Fields {
    let mut set = Fields::default();
    let Some(info) = schema::of_object(api_version, kind) else { return set };
    for (name, value) in config.fields() {
        match (name.as_str(), info.field(name)) {
            ("apiVersion" | "kind", _) | (_, None) => {}
            ("metadata", Some(field)) => {
                let mut below = named(&field.kind, &field.list, value);
                STRIPPED.iter().for_each(|own| drop(below.below.remove(&eco_format!("f:{own}"))));
                set.put("f:metadata".into(), below);
            }
            (_, Some(field)) => set.put(eco_format!("f:{name}"), named(&field.kind, &field.list, value)),
        }
    }
    set
}

/// What a configuration's value names, down to single values, whole lists and items of lists.
fn named(kind: &Kind, list: &ListType, value: &Value) -> Fields {
    let mut set = Fields::default();
    match kind {
        Kind::Struct(reference) if !reference.info().atomic && !reference.info().fields.is_empty() => {
            for (name, inner) in value.fields() {
                if let Some(field) = reference.info().field(name) {
                    set.put(eco_format!("f:{name}"), named(&field.kind, &field.list, inner));
                }
            }
        }
        Kind::Map(item) => {
            for (name, inner) in value.fields() {
                let mut below = named(item, &ListType::Atomic, inner);
                below.member = true;
                set.put(eco_format!("f:{name}"), below);
            }
        }
        Kind::List(item) if *list != ListType::Atomic => {
            for inner in value.items() {
                let mut below = named(item, &ListType::Atomic, inner);
                below.member = true;
                set.put(element(list, inner), below);
            }
        }
        _ => return Fields::leaf(),
    }
    // What is there and empty is named itself.
    set.member = set.below.is_empty();
    set
}

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

/// The path element of a list's item. A port without a protocol is one of TCP.
pub(super) fn element(list: &ListType, item: &Value) -> EcoString {
    match list {
        ListType::Map(keys) => {
            let mut sorted = keys.clone();
            sorted.sort_unstable();
            let mut text = EcoString::from("k:{");
            let tcp = Value::from("TCP");
            let valued = sorted.iter().filter_map(|key| match item.get(key) {
                Value::Null if *key == "protocol" => Some((key, &tcp)),
                Value::Null => None,
                value => Some((key, value)),
            });
            for (index, (key, value)) in valued.enumerate() {
                let comma = if index > 0 { "," } else { "" };
                text.push_str(&format!("{comma}{}:{}", json::quote(key), json::to_string(value)));
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
    fn a_configuration_names_its_values_and_items() {
        let config = value!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web", "labels": {"run": "web"}},
            "spec": {"containers": [{"name": "web", "ports": [{"containerPort": 80}], "args": ["a"]}]},
        });
        let set = of_config("v1", "Pod", &config);
        assert_eq!(
            set.paths(),
            [
                ".metadata.labels.run",
                ".spec.containers[name=\"web\"]",
                ".spec.containers[name=\"web\"].args",
                ".spec.containers[name=\"web\"].name",
                ".spec.containers[name=\"web\"].ports[containerPort=80,protocol=\"TCP\"]",
                ".spec.containers[name=\"web\"].ports[containerPort=80,protocol=\"TCP\"].containerPort",
            ]
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
