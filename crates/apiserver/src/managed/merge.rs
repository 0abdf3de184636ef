//! An applied configuration and the object as it is, made into one.
// Models sigs.k8s.io/structured-merge-diff/v6/typed/merge.go and …/remove.go

use podyard_api::schema::{self, Kind, ListType};
use podyard_api::{Key, Value, json};

use super::fields::{Fields, element};

/// The object with all that the configuration says.
pub(super) fn merge(api_version: &str, kind: &str, live: &Value, config: &Value) -> Value {
    let info = schema::of_object(api_version, kind);
    merge_fields(live, config, |name| info?.field(name).map(|field| (&field.kind, &field.list)))
}

/// Both values' fields; those of both are merged by the type that `kind_of` gives them.
fn merge_fields<'t>(live: &Value, config: &Value, kind_of: impl Fn(&str) -> Option<(&'t Kind, &'t ListType)>) -> Value {
    let mut merged = live.clone();
    for (name, value) in config.fields() {
        let value = match kind_of(name) {
            Some((kind, list)) => merge_value(kind, list, live.get(name), value),
            None => value.clone(),
        };
        merged.set(name.clone(), value);
    }
    merged
}

fn merge_value(kind: &Kind, list: &ListType, live: &Value, config: &Value) -> Value {
    if live.is_null() {
        return config.clone();
    }
    let inner = |name: &str| match kind {
        Kind::Struct(reference) => reference.info().field(name).map(|field| (&field.kind, &field.list)),
        Kind::Map(item) => Some((&**item, &ListType::Atomic)),
        _ => None,
    };
    match (kind, config) {
        (Kind::Struct(reference), Value::Object(_)) if reference.info().atomic => config.clone(),
        (Kind::Struct(_) | Kind::Map(_), Value::Object(_)) => merge_fields(live, config, inner),
        (Kind::List(item), Value::Array(_)) if *list != ListType::Atomic => merge_items(item, list, live, config),
        _ => config.clone(),
    }
}

/// Items of both, in the configuration's order; what only the object has stays behind what it was behind.
fn merge_items(item: &Kind, list: &ListType, live: &Value, config: &Value) -> Value {
    let old: Vec<_> = live.items().iter().map(|value| (element(list, value), value)).collect();
    let new: Vec<_> = config.items().iter().map(|value| (element(list, value), value)).collect();
    let mut merged = Vec::new();
    let mut rest = old.as_slice();
    for (name, value) in &new {
        let before = old.iter().find(|(own, _)| own == name);
        // What comes first in the object, and is not spoken of, comes first.
        if before.is_some() {
            while let Some(((own, kept), tail)) = rest.split_first() {
                if own == name {
                    rest = tail;
                    break;
                }
                if new.iter().any(|(other, _)| other == own) {
                    break;
                }
                merged.push((*kept).clone());
                rest = tail;
            }
        }
        merged.push(merge_value(item, &ListType::Atomic, before.map_or(&Value::Null, |(_, old)| *old), value));
    }
    let unspoken = rest.iter().filter(|(own, _)| !new.iter().any(|(other, _)| other == own));
    merged.extend(unspoken.map(|(_, value)| (*value).clone()));
    merged.into_iter().collect()
}

/// Takes away what the configuration no longer names (`gone`), unless somebody still manages it (`kept`).
pub(super) fn prune(value: &mut Value, gone: &Fields, kept: &Fields) {
    let nothing = Fields::default();
    for (element, fields) in gone.below() {
        let others = kept.at(element);
        if fields.is_member() && others.is_none() {
            remove(value, element);
            continue;
        }
        if let Some(mut inner) = child(value, element) {
            prune(&mut inner, fields, others.unwrap_or(&nothing));
            replace(value, element, inner);
        }
    }
}

/// Where a list has the item of this path element.
fn place(value: &Value, element: &str) -> Option<usize> {
    let (form, text) = element.split_at_checked(2)?;
    let wanted = json::parse(text).ok()?;
    let is_item = |item: &Value| match form {
        "v:" => *item == wanted,
        _ => wanted.fields().iter().all(|(key, value)| {
            let own = item.get(key);
            own == value || own.is_null() && key.as_str() == "protocol" && *value == "TCP"
        }),
    };
    value.items().iter().position(is_item)
}

fn child(value: &Value, element: &str) -> Option<Value> {
    let found = match element.strip_prefix("f:") {
        Some(name) => value.get(name),
        None => value.item(place(value, element)?),
    };
    (!found.is_null()).then(|| found.clone())
}

fn replace(value: &mut Value, element: &str, inner: Value) {
    match (element.strip_prefix("f:"), place(value, element)) {
        (Some(name), _) => value.set(Key::from(name), inner),
        (None, Some(index)) => value.items_mut()[index] = inner,
        (None, None) => {}
    }
}

fn remove(value: &mut Value, element: &str) {
    match (element.strip_prefix("f:"), place(value, element)) {
        (Some(name), _) => drop(value.remove(name)),
        (None, Some(index)) => value.remove_item(index),
        (None, None) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::fields;
    use super::*;
    use podyard_api::value;

    #[test]
    fn items_are_told_apart_by_their_keys() {
        let container = |name: &str, image: &str| value!({"name": name, "image": image});
        let pod = |items: Value| value!({"spec": {"containers": items}});
        let live = pod(value!([container("log", "a"), container("web", "b")]));
        let config = pod(value!([{"name": "web", "image": "c"}, {"name": "new", "image": "d"}]));
        let merged = merge("v1", "Pod", &live, &config);
        let items = value!([container("log", "a"), container("web", "c"), container("new", "d")]);
        assert_eq!(merged, pod(items));
    }

    #[test]
    fn what_is_no_longer_named_goes_but_for_what_others_manage() {
        let config = |labels: Value| value!({"metadata": {"labels": labels}});
        let set = |labels: Value| fields::of_config("v1", "Pod", &config(labels));
        let mut object = config(value!({"a": "1", "b": "2", "c": "3"}));
        prune(&mut object, &set(value!({"a": "1", "b": "2"})), &set(value!({"b": "2"})));
        assert_eq!(object, config(value!({"b": "2", "c": "3"})));
    }
}
