//! The strategic merge patch by which `apply` brings an object to what a manifest says.

// Models staging/src/k8s.io/apimachinery/pkg/util/strategicpatch/patch.go CreateThreeWayMergePatch

use podyard_api::schema::{self, FieldInfo, TypeRef};
use podyard_api::{Object, Value, value};

/// The patch that gives `current` all that `modified` says, and takes away what `original` said and `modified` does
/// not. Kinds without a schema of their own are patched by the rules of JSON merge patches.
pub(crate) fn three_way(original: &Value, modified: &Value, current: &Value) -> Value {
    let schema = schema::of_object(modified.api_version(), modified.kind());
    maps(original, modified, current, schema, schema.is_some())
}

/// Whether objects of this kind are patched by strategic merge.
pub(crate) fn is_strategic(object: &Value) -> bool {
    schema::of_object(object.api_version(), object.kind()).is_some()
}

fn has(value: &Value, key: &str) -> bool {
    value.as_object().is_some_and(|object: &Object| object.contains(key))
}

fn maps(original: &Value, modified: &Value, current: &Value, schema: Option<TypeRef>, strategic: bool) -> Value {
    let mut patch = Value::object();
    for (key, wanted) in modified.fields() {
        let info = schema.and_then(|schema| schema.field(key));
        let (before, present) = (original.get(key), current.get(key));
        match (wanted, present) {
            (Value::Object(_), Value::Object(_)) => {
                let inner = schema_below(info);
                let mut inner = maps(before, wanted, present, inner, strategic);
                if inner.is_empty() {
                    continue;
                }
                if info.is_some_and(|info| info.patch_retain_keys) {
                    inner.set("$retainKeys", keys_of(wanted));
                }
                patch.set(key, inner);
            }
            (Value::Array(_), Value::Array(_)) if strategic && info.is_some_and(|info| info.patch_merge) => {
                if let Some(info) = info {
                    lists(&mut patch, info, before, wanted, present);
                }
            }
            _ if wanted == present && has(current, key) => {}
            _ => patch.set(key, wanted),
        }
    }
    for (key, _) in original.fields() {
        if !has(modified, key) {
            patch.set(key, Value::Null);
        }
    }
    patch
}

fn schema_below(info: Option<&'static FieldInfo>) -> Option<TypeRef> {
    info.and_then(|info| info.kind.item_type())
}

fn keys_of(object: &Value) -> Value {
    object.fields().iter().map(|(key, _)| key.text()).collect()
}

/// A list whose items are told apart by a field, or are texts.
fn lists(patch: &mut Value, info: &'static FieldInfo, original: &Value, modified: &Value, current: &Value) {
    let name = info.name;
    if info.patch_key.is_empty() {
        let added: Value = modified.items().iter().filter(|item| !current.items().contains(item)).cloned().collect();
        let gone: Value = original.items().iter().filter(|item| !modified.items().contains(item)).cloned().collect();
        if added.is_empty() && gone.is_empty() {
            return;
        }
        patch.set(format!("$setElementOrder/{name}"), modified);
        if !gone.is_empty() {
            patch.set(format!("$deleteFromPrimitiveList/{name}"), gone);
        }
        if !added.is_empty() {
            patch.set(name, added);
        }
        return;
    }
    let key = info.patch_key;
    let find = |list: &Value, wanted: &Value| list.items().iter().find(|item| item.get(key) == wanted).cloned();
    let mut changes = Value::array();
    for item in modified.items() {
        let id = item.get(key);
        let Some(present) = find(current, id) else {
            changes.push(item);
            continue;
        };
        let before = find(original, id).unwrap_or_default();
        let mut change = maps(&before, item, &present, info.kind.item_type(), true);
        if change.is_empty() {
            continue;
        }
        if info.patch_retain_keys {
            change.set("$retainKeys", keys_of(item));
        }
        change.set(key, id);
        changes.push(change);
    }
    for item in original.items() {
        if find(modified, item.get(key)).is_none() {
            changes.push(value!({"$patch": "delete", (key): item.get(key)}));
        }
    }
    if changes.is_empty() {
        return;
    }
    let order: Value = modified.items().iter().map(|item| value!({(key): item.get(key)})).collect();
    patch.set(format!("$setElementOrder/{name}"), order);
    patch.set(name, changes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::{json, yaml};

    fn check(original: &str, modified: &str, current: &str, expect: &str) {
        let deployment = |spec: &str| {
            let text = format!("{{apiVersion: apps/v1, kind: Deployment, spec: {{{spec}}}}}");
            yaml::parse(&text).expect("YAML")
        };
        let patch = three_way(&deployment(original), &deployment(modified), &deployment(current));
        assert_eq!(json::to_string(&patch), expect);
    }

    #[test]
    fn what_others_set_stays() {
        check("replicas: 2", "replicas: 2", "replicas: 2, paused: true", "{}");
        check("replicas: 2", "replicas: 2", "replicas: 4", r#"{"spec":{"replicas":2}}"#);
        check("replicas: 2, paused: true", "replicas: 2", "replicas: 2, paused: true", r#"{"spec":{"paused":null}}"#);
    }

    #[test]
    fn items_are_told_apart_by_their_key() {
        let pods = |containers: &str| format!("template: {{spec: {{containers: [{containers}]}}}}");
        check(
            &pods("{name: a, image: x}, {name: b, image: y}"),
            &pods("{name: a, image: z}"),
            &pods("{name: a, image: x, imagePullPolicy: Always}, {name: b, image: y}"),
            r#"{"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"image":"z","name":"a"},{"$patch":"delete","name":"b"}]}}}}"#,
        );
    }

    #[test]
    fn unions_keep_what_is_named() {
        check(
            "strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}",
            "strategy: {type: Recreate}",
            "strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 1}}",
            r#"{"spec":{"strategy":{"$retainKeys":["type"],"rollingUpdate":null,"type":"Recreate"}}}"#,
        );
    }
}
