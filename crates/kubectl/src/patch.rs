//! Patches that kubectl computes.

use podyard_api::Value;

/// The JSON merge patch that makes `old` into `new`.
// Models gopkg.in/evanphx/json-patch CreateMergePatch
pub(crate) fn merge_patch(old: &Value, new: &Value) -> Value {
    let mut patch = Value::object();
    for (key, value) in new.fields() {
        let before = old.get(key);
        if before == value {
            continue;
        }
        if before.is_object() && value.is_object() {
            let inner = merge_patch(before, value);
            if !inner.is_empty() {
                patch.set(key, inner);
            }
        } else {
            patch.set(key, value);
        }
    }
    for (key, _) in old.fields() {
        if !new.as_object().is_some_and(|object| object.contains(key)) {
            patch.set(key, Value::Null);
        }
    }
    patch
}

/// Applies a JSON merge patch.
// Models RFC 7386
pub(crate) fn apply_merge_patch(target: &Value, patch: &Value) -> Value {
    if !patch.is_object() {
        return patch.clone();
    }
    let mut merged = if target.is_object() { target.clone() } else { Value::object() };
    for (key, value) in patch.fields() {
        if value.is_null() {
            merged.remove(key);
        } else {
            let inner = apply_merge_patch(merged.get(key), value);
            merged.set(key, inner);
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::{json, value};

    #[test]
    fn the_patch_makes_old_into_new() {
        let old = value!({"a": {"b": 1, "c": 2}, "d": [1], "e": 1});
        let new = value!({"a": {"b": 1, "c": 3, "f": {}}, "d": [1, 2]});
        let patch = merge_patch(&old, &new);
        assert_eq!(json::to_string(&patch), r#"{"a":{"c":3,"f":{}},"d":[1,2],"e":null}"#);
        assert_eq!(apply_merge_patch(&old, &patch), new);
    }
}
