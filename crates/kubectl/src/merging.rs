//! Applying patches here, for what is not sent to the server: kustomize, `--overrides`, custom profiles.

// Models staging/src/k8s.io/apimachinery/pkg/util/strategicpatch/patch.go StrategicMergePatch

use podyard_api::schema::{self, FieldInfo, TypeRef};
use podyard_api::{Value, json};

use crate::failure::{Failure, Outcome};

/// Applies a strategic merge patch to an object; kinds without a schema are merged by RFC 7386.
pub(crate) fn strategic(object: &Value, patch: &Value) -> Value {
    maps(object, patch, schema::of_object(object.api_version(), object.kind()))
}

/// The same for a part of an object whose type is known.
pub(crate) fn strategic_as(part: &Value, patch: &Value, type_name: &str) -> Value {
    maps(part, patch, schema::named(type_name))
}

fn maps(object: &Value, patch: &Value, schema: Option<TypeRef>) -> Value {
    if !patch.is_object() {
        return patch.clone();
    }
    match patch.get("$patch").str() {
        "replace" => return without_directives(patch),
        "delete" => return Value::object(),
        _ => {}
    }
    let mut merged = if object.is_object() { object.clone() } else { Value::object() };
    for (key, wanted) in patch.fields() {
        let name = key.as_str();
        if name.starts_with('$') {
            continue;
        }
        if wanted.is_null() {
            merged.remove(name);
            continue;
        }
        let info = schema.and_then(|schema| schema.field(name));
        let below = info.and_then(|info| info.kind.item_type());
        let present = merged.get(name).clone();
        let result = match (wanted, info) {
            (Value::Array(items), Some(info)) if info.patch_merge => lists(&present, items, info, below),
            (Value::Object(_), _) if wanted.get("$patch") == "delete" => {
                merged.remove(name);
                continue;
            }
            (Value::Object(_), _) => maps(&present, wanted, below),
            _ => wanted.clone(),
        };
        merged.set(key, result);
    }
    if let Value::Array(keep) = patch.get("$retainKeys") {
        merged.object_mut().retain(|key, _| keep.iter().any(|kept| kept == key));
    }
    merged
}

fn lists(present: &Value, wanted: &[Value], info: &FieldInfo, below: Option<TypeRef>) -> Value {
    if wanted.iter().any(|item| item.get("$patch") == "replace") {
        return wanted.iter().filter(|item| item.get("$patch").is_null()).cloned().collect();
    }
    let mut items: Vec<Value> = present.items().to_vec();
    let mut added = Vec::new();
    for item in wanted {
        let same = |other: &Value| match info.patch_key {
            "" => other == item,
            key => other.get(key) == item.get(key),
        };
        let at = items.iter().position(same);
        match (item.get("$patch") == "delete", at) {
            (true, Some(at)) => {
                items.remove(at);
            }
            (true, None) => {}
            (false, Some(at)) => items[at] = maps(&items[at], item, below),
            (false, None) => added.push(maps(&Value::object(), item, below)),
        }
    }
    // New items come first, as where the server merges.
    added.extend(items);
    added.into_iter().collect()
}

fn without_directives(patch: &Value) -> Value {
    let mut kept = patch.clone();
    kept.object_mut().retain(|key, _| !key.starts_with('$'));
    kept
}

/// Applies the operations of a JSON patch.
///
/// # Errors
/// A path that leads nowhere, a test that fails.
// Models RFC 6902 and gopkg.in/evanphx/json-patch.v4
pub(crate) fn json_patch(object: &Value, operations: &Value) -> Outcome<Value> {
    let mut result = object.clone();
    for operation in operations.items() {
        let path = operation.get("path").str();
        let from = operation.get("from").str();
        let op = operation.get("op").str();
        let failed = |why: String| Failure::Text(format!("{op} operation does not apply: doc is missing {why}"));
        match op {
            "add" => add(&mut result, path, operation.get("value").clone())
                .ok_or_else(|| failed(format!("path: {:?}: missing value", path)))?,
            "remove" => {
                take(&mut result, path).ok_or_else(|| failed(format!("key: {path}: missing value")))?;
            }
            "replace" => {
                let slot = find(&mut result, path).ok_or_else(|| failed(format!("key: {path}: missing value")))?;
                *slot = operation.get("value").clone();
            }
            "move" | "copy" => {
                let found = match op {
                    "move" => take(&mut result, from),
                    _ => find(&mut result, from).map(|found| found.clone()),
                };
                let value = found.ok_or_else(|| failed(format!("from path: {from}: missing value")))?;
                add(&mut result, path, value).ok_or_else(|| failed(format!("path: {path}: missing value")))?;
            }
            "test" => {
                let found = find(&mut result, path).map(|found| found.clone()).unwrap_or_default();
                if &found != operation.get("value") {
                    return Err(Failure::Text(format!("testing value {path} failed: test failed")));
                }
            }
            other => return Err(Failure::Text(format!("Unexpected kind: {}", json::quote(other)))),
        }
    }
    Ok(result)
}

/// The steps of a path such as `/spec/a~1b/0`.
fn steps(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}

fn find<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    let mut at = value;
    for step in steps(path) {
        at = match at {
            Value::Array(_) => at.items_mut().get_mut(step.parse::<usize>().ok()?)?,
            _ => at.get_mut(&step)?,
        };
    }
    Some(at)
}

fn parent<'a>(value: &'a mut Value, path: &str) -> Option<(&'a mut Value, String)> {
    let (parent, _) = path.rsplit_once('/')?;
    let last = steps(path).pop()?;
    Some((find(value, parent)?, last))
}

fn add(value: &mut Value, path: &str, new: Value) -> Option<()> {
    if path.is_empty() {
        *value = new;
        return Some(());
    }
    let (parent, last) = parent(value, path)?;
    if !parent.is_array() {
        if !parent.is_object() {
            return None;
        }
        parent.set(last, new);
        return Some(());
    }
    let mut items = parent.items().to_vec();
    let at = if last == "-" { items.len() } else { last.parse::<usize>().ok().filter(|at| *at <= items.len())? };
    items.insert(at, new);
    *parent = items.into_iter().collect();
    Some(())
}

fn take(value: &mut Value, path: &str) -> Option<Value> {
    let (parent, last) = parent(value, path)?;
    if !parent.is_array() {
        return parent.remove(&last);
    }
    let mut items = parent.items().to_vec();
    let at = last.parse::<usize>().ok().filter(|at| *at < items.len())?;
    let taken = items.remove(at);
    *parent = items.into_iter().collect();
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::value;

    #[test]
    fn containers_are_merged_by_name() {
        let object = value!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a", "image": "x"}]}});
        let patch = value!({"spec": {"containers": [{"name": "b"}, {"name": "a", "image": "y"}], "nodeName": null}});
        let merged = strategic(&object, &patch);
        assert_eq!(json::to_string(merged.get("spec")), r#"{"containers":[{"name":"b"},{"image":"y","name":"a"}]}"#);
    }

    #[test]
    fn operations_are_applied_in_order() {
        let object = value!({"a": [1, 2], "b": {"c": 1}});
        let patch = value!([
            {"op": "add", "path": "/a/-", "value": 3}, {"op": "remove", "path": "/a/0"},
            {"op": "replace", "path": "/b/c", "value": 2}, {"op": "move", "from": "/b/c", "path": "/b/d~1e"},
        ]);
        let patched = json_patch(&object, &patch).unwrap_or_default();
        assert_eq!(json::to_string(&patched), r#"{"a":[2,3],"b":{"d/e":2}}"#);
        assert!(json_patch(&object, &value!([{"op": "remove", "path": "/x"}])).is_err());
    }
}
