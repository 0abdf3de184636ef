//! Strategic merge patch: like a merge patch, but lists are merged by their items' keys, and directives say more.
// Models staging/src/k8s.io/apimachinery/pkg/util/strategicpatch/patch.go

use podyard_api::schema::{FieldInfo, Kind, TypeRef};
use podyard_api::{Status, Value, json};

const DIRECTIVE: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const DELETE_PREFIX: &str = "$deleteFromPrimitiveList/";
const ORDER_PREFIX: &str = "$setElementOrder/";

/// Applies a patch to an object of a type.
pub(super) fn apply(info: TypeRef, object: &Value, patch: &Value) -> Result<Value, Status> {
    if !patch.is_object() {
        let message =
            format!("json: cannot unmarshal {} into Go value of type map[string]interface {{}}", patch.type_name());
        return Err(Status::bad_request(message));
    }
    merge_struct(Some(info), object, patch)
}

fn bad(message: impl Into<ecow::EcoString>) -> Status {
    Status::bad_request(message)
}

/// Whether a value has directives or nulls in it.
fn is_dirty(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.entries().iter().any(|(key, entry)| key.starts_with('$') || is_dirty(entry)),
        Value::Array(items) => items.iter().any(is_dirty),
        other => other.is_null(),
    }
}

/// A value without the directives in it, for a place that was empty.
fn clean(value: &Value) -> Value {
    if !is_dirty(value) {
        return value.clone();
    }
    match value {
        Value::Object(object) => {
            let kept = object.entries().iter().filter(|(key, entry)| !key.starts_with('$') && !entry.is_null());
            Value::Object(podyard_api::Object::from_entries(kept.map(|(key, entry)| (key.clone(), clean(entry)))))
        }
        Value::Array(items) => {
            let is_delete = |item: &Value| *item.get(DIRECTIVE) == "delete";
            items.iter().filter(|item| !is_delete(item)).map(clean).collect()
        }
        other => other.clone(),
    }
}

fn merge_struct(info: Option<TypeRef>, object: &Value, patch: &Value) -> Result<Value, Status> {
    match patch.get(DIRECTIVE).as_str() {
        Some("replace") => return Ok(clean(patch)),
        Some("delete") => return Ok(Value::object()),
        Some("merge") | None => {}
        Some(other) => return Err(bad(format!("unknown patch type found: {other}"))),
    }
    let mut merged = if object.is_object() { object.clone() } else { Value::object() };
    // `$` comes before all letters.
    let directives = patch.fields().first().is_some_and(|(key, _)| key.starts_with('$'));
    if directives {
        retain(&mut merged, patch)?;
    }
    for (key, change) in patch.fields() {
        let key = key.as_str();
        if key == DIRECTIVE || key == RETAIN_KEYS || key.starts_with(ORDER_PREFIX) {
            continue;
        }
        if let Some(list) = key.strip_prefix(DELETE_PREFIX) {
            delete_items(&mut merged, list, change)?;
            continue;
        }
        if change.is_null() {
            merged.remove(key);
            continue;
        }
        let field = info.and_then(|info| info.field(key));
        let order = if directives { patch.get(&format!("{ORDER_PREFIX}{key}")) } else { &Value::Null };
        let before = merged.get(key);
        let after = merge_field(field, before, change, order)?;
        if *before != after {
            merged.set(key, after);
        }
    }
    if directives {
        order_alone(info, &mut merged, patch)?;
    }
    Ok(merged)
}

/// `$retainKeys`: all other fields go.
fn retain(merged: &mut Value, patch: &Value) -> Result<(), Status> {
    let keys = patch.get(RETAIN_KEYS);
    if keys.is_null() {
        return Ok(());
    }
    let named = |key: &str| keys.items().iter().any(|k| *k == key);
    let stray = patch.fields().iter().find(|(key, value)| !key.starts_with('$') && !value.is_null() && !named(key));
    if let Some((key, _)) = stray {
        return Err(bad(format!("the retainKeys list {} doesn't contain the key {key}", json::to_string(keys))));
    }
    merged.object_mut().retain(|key, _| named(key));
    Ok(())
}

fn delete_items(merged: &mut Value, list: &str, gone: &Value) -> Result<(), Status> {
    if !gone.is_array() {
        return Err(bad(format!("invalid patch format of primitive list: {DELETE_PREFIX}{list}")));
    }
    let before = merged.get(list);
    if before.items().iter().any(|item| gone.items().contains(item)) {
        let left: Value = before.items().iter().filter(|item| !gone.items().contains(item)).cloned().collect();
        merged.set(list, left);
    }
    Ok(())
}

fn merge_field(field: Option<&FieldInfo>, before: &Value, change: &Value, order: &Value) -> Result<Value, Status> {
    match (field.map(|field| &field.kind), change) {
        (Some(Kind::Struct(reference)), Value::Object(_)) => merge_struct(Some(reference.info()), before, change),
        (Some(Kind::List(item)), Value::Array(_)) => match field.filter(|field| field.patch_merge) {
            Some(field) => merge_list(field, item, before, change, order),
            None => Ok(clean_list(change)),
        },
        // Maps, and what the schema does not know, as in a merge patch.
        (_, Value::Object(_)) => merge_struct(None, before, change),
        _ => Ok(clean(change)),
    }
}

/// A list that is replaced; items may say that they replace, which they do.
fn clean_list(list: &Value) -> Value {
    list.items().iter().filter(|item| !is_bare_directive(item)).map(clean).collect()
}

fn is_bare_directive(item: &Value) -> bool {
    item.fields().len() == 1 && !item.get(DIRECTIVE).is_null()
}

fn merge_list(field: &FieldInfo, item: &Kind, before: &Value, change: &Value, order: &Value) -> Result<Value, Status> {
    let merged = match (item.as_struct(), field.patch_key) {
        (Some(info), key) if !key.is_empty() => merge_items(info, key, before, change)?,
        _ => {
            // A set of plain values: what is new comes behind.
            let mut all: Vec<Value> = before.items().to_vec();
            for value in change.items() {
                if !all.contains(value) {
                    all.push(value.clone());
                }
            }
            all
        }
    };
    let order = if order.is_array() { order } else { change };
    Ok(ordered(merged, before, order, field.patch_key).into())
}

/// Merges items that are told apart by `key`.
fn merge_items(info: TypeRef, key: &str, before: &Value, change: &Value) -> Result<Vec<Value>, Status> {
    if change.items().iter().any(|item| is_bare_directive(item) && *item.get(DIRECTIVE) == "replace") {
        return Ok(clean_list(change).items().to_vec());
    }
    let mut merged: Vec<Value> = before.items().to_vec();
    for item in change.items() {
        let id = item.get(key);
        if id.is_null() {
            return Err(bad(format!("map: {} does not contain declared merge key: {key}", go_map(item))));
        }
        match item.get(DIRECTIVE).as_str() {
            Some("delete") => {
                merged.retain(|present| present.get(key) != id);
                continue;
            }
            Some("replace") => return Err(bad("replace is not supported for an item of a list")),
            Some("merge") | None => {}
            Some(other) => return Err(bad(format!("unknown patch type found: {other}"))),
        }
        match merged.iter_mut().find(|present| present.get(key) == id) {
            Some(present) => *present = merge_struct(Some(info), present, item)?,
            None => merged.push(merge_struct(Some(info), &Value::Null, item)?),
        }
    }
    Ok(merged)
}

/// As Go prints a map.
fn go_map(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let entries: Vec<String> =
                object.entries().iter().map(|(key, entry)| format!("{key}:{}", go_map(entry))).collect();
            format!("map[{}]", entries.join(" "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(go_map).collect();
            format!("[{}]", items.join(" "))
        }
        Value::String(text) => text.to_string(),
        Value::Null => "<nil>".into(),
        other => json::to_string(other),
    }
}

/// What tells an item from another.
fn id<'v>(item: &'v Value, key: &str) -> &'v Value {
    if key.is_empty() || !item.is_object() { item } else { item.get(key) }
}

/// Puts items in the order that the patch asks for, or that of its own items. Those it does not name keep their order
/// behind them, or before them where the server had them before.
// Models `normalizeElementOrder`
fn ordered(merged: Vec<Value>, before: &Value, order: &Value, key: &str) -> Vec<Value> {
    let wanted: Vec<&Value> = order.items().iter().map(|item| id(item, key)).collect();
    let place = |item: &Value| wanted.iter().position(|w| **w == *id(item, key));
    let server_place = |item: &Value| before.items().iter().position(|b| id(b, key) == id(item, key));
    let (mut named, rest): (Vec<Value>, Vec<Value>) = merged.into_iter().partition(|item| place(item).is_some());
    named.sort_by_key(|item| place(item));
    // Both are in an order of their own: merge them by where the server had them.
    let mut result = Vec::with_capacity(named.len() + rest.len());
    let mut rest = rest.into_iter().peekable();
    for item in named {
        while let Some(other) = rest.peek() {
            match (server_place(other), server_place(&item)) {
                (Some(a), Some(b)) if a < b => result.extend(rest.next()),
                _ => break,
            }
        }
        result.push(item);
    }
    result.extend(rest);
    result
}

/// `$setElementOrder` without items of the list in the patch.
fn order_alone(info: Option<TypeRef>, merged: &mut Value, patch: &Value) -> Result<(), Status> {
    for (key, order) in patch.fields() {
        let Some(list) = key.strip_prefix(ORDER_PREFIX) else { continue };
        if !order.is_array() {
            return Err(bad(format!("{key} is not a list")));
        }
        if !patch.get(list).is_null() || !merged.get(list).is_array() {
            continue;
        }
        let key = info.and_then(|info| info.field(list)).map_or("", |field| field.patch_key);
        let before = merged.get(list).clone();
        let sorted = ordered(before.items().to_vec(), &before, order, key);
        if sorted != before.items() {
            merged.set(list, sorted);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::{json, schema};
    use proptest::prelude::*;

    fn parse(text: &str) -> Value {
        json::parse(text).unwrap()
    }

    fn check(spec: &str, patch: &str, expect: &str) {
        let info = schema::named("core.v1.PodSpec").unwrap();
        let found = match apply(info, &parse(spec), &parse(patch)) {
            Ok(value) => json::to_string(&value),
            Err(status) => status.message.to_string(),
        };
        assert_eq!(found, expect, "{spec} with {patch}");
    }

    #[test]
    fn lists_are_merged_by_key() {
        check(
            r#"{"containers":[{"image":"a:1","name":"a"},{"image":"b:1","name":"b"}]}"#,
            r#"{"containers":[{"image":"b:2","name":"b"},{"image":"c:1","name":"c"}]}"#,
            r#"{"containers":[{"image":"a:1","name":"a"},{"image":"b:2","name":"b"},{"image":"c:1","name":"c"}]}"#,
        );
        // A new item comes first, as in the documentation of `kubectl patch`.
        check(
            r#"{"containers":[{"name":"a"}]}"#,
            r#"{"containers":[{"name":"b"}]}"#,
            r#"{"containers":[{"name":"b"},{"name":"a"}]}"#,
        );
        check(
            r#"{"containers":[{"name":"a"},{"name":"b"}]}"#,
            r#"{"containers":[{"$patch":"delete","name":"a"}]}"#,
            r#"{"containers":[{"name":"b"}]}"#,
        );
        check(
            r#"{"containers":[{"name":"a"},{"name":"b"}]}"#,
            r#"{"containers":[{"$patch":"replace"},{"name":"c"}]}"#,
            r#"{"containers":[{"name":"c"}]}"#,
        );
        check(
            r#"{"containers":[{"name":"a"}]}"#,
            r#"{"containers":[{"image":"x"}]}"#,
            "map: map[image:x] does not contain declared merge key: name",
        );
    }

    #[test]
    fn directives() {
        check(
            r#"{"containers":[{"name":"a"},{"name":"b"}]}"#,
            r#"{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}"#,
            r#"{"containers":[{"name":"b"},{"name":"a"}]}"#,
        );
        check(
            r#"{"volumes":[{"emptyDir":{},"name":"v"}]}"#,
            r#"{"volumes":[{"$retainKeys":["hostPath","name"],"hostPath":{"path":"/x"},"name":"v"}]}"#,
            r#"{"volumes":[{"hostPath":{"path":"/x"},"name":"v"}]}"#,
        );
        check(
            r#"{"nodeSelector":{"a":"1"}}"#,
            r#"{"nodeSelector":{"$patch":"replace","b":"2"}}"#,
            r#"{"nodeSelector":{"b":"2"}}"#,
        );
        check(
            r#"{"nodeSelector":{"a":"1"}}"#,
            r#"{"nodeSelector":{"a":null,"b":"2"}}"#,
            r#"{"nodeSelector":{"b":"2"}}"#,
        );
        check(
            r#"{"tolerations":[{"key":"a"}]}"#,
            r#"{"tolerations":[{"key":"b"}]}"#,
            r#"{"tolerations":[{"key":"b"}]}"#,
        );
        let meta = schema::named("meta.v1.ObjectMeta").unwrap();
        let patch = parse(r#"{"$deleteFromPrimitiveList/finalizers":["a"],"finalizers":["c"]}"#);
        let found = apply(meta, &parse(r#"{"finalizers":["a","b"]}"#), &patch).unwrap();
        assert_eq!(json::to_string(&found), r#"{"finalizers":["c","b"]}"#);
    }

    fn container() -> impl Strategy<Value = Value> {
        ("[a-d]", "[x-z]", proptest::option::of("[m-o]")).prop_map(|(name, image, dir)| {
            let mut value = podyard_api::value!({"name": name, "image": image});
            if let Some(dir) = dir {
                value.set("workingDir", dir);
            }
            value
        })
    }

    fn spec() -> impl Strategy<Value = Value> {
        proptest::collection::vec(container(), 0..4).prop_map(|mut containers| {
            containers.sort_by(|a, b| a.name_key().cmp(b.name_key()));
            containers.dedup_by(|a, b| a.name_key() == b.name_key());
            podyard_api::value!({"containers": containers})
        })
    }

    trait NameKey {
        fn name_key(&self) -> &str;
    }

    impl NameKey for Value {
        fn name_key(&self) -> &str {
            self.get("name").str()
        }
    }

    proptest! {
        #[test]
        fn a_patch_twice_is_a_patch_once(object in spec(), patch in spec()) {
            let info = schema::named("core.v1.PodSpec").unwrap();
            let once = apply(info, &object, &patch).unwrap();
            prop_assert_eq!(apply(info, &once, &patch).unwrap(), once);
        }

        #[test]
        fn an_empty_patch_changes_nothing(object in spec()) {
            let info = schema::named("core.v1.PodSpec").unwrap();
            prop_assert_eq!(apply(info, &object, &Value::object()).unwrap(), object.clone());
            prop_assert_eq!(apply(info, &object, &object).unwrap(), object);
        }
    }
}
