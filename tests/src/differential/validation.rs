//! One create or update of one object: stored how, or refused with which words.

use podyard_api::{Status, Value as Object};
use podyard_apiserver::{admit_create, admit_update};
use serde_json::{Value, json};

/// What the recordings show instead of what a server draws.
const ALLOCATED: &str = "<allocated>";
/// The uid of new objects in the recordings.
const UID: &str = "00000000-0000-4000-8000-000000000001";

/// Whether the object is valid, and how it is stored, or the server's answer.
pub(super) fn answer(case: &Value) -> Option<Value> {
    let (api_version, kind) = (case["apiVersion"].as_str()?, case["kind"].as_str()?);
    let object: Object = serde_json::from_value(case["object"].clone()).ok()?;
    let result = match case["operation"].as_str()? {
        "create" => admit_create(api_version, kind, &object),
        _ => {
            let old: Object = serde_json::from_value(case["oldObject"].clone()).ok()?;
            admit_update(api_version, kind, &object, &old)
        }
    };
    Some(match result {
        Err(status) => json!({"valid": false, "status": shown(&status)}),
        Ok((stored, warnings)) => {
            let warnings: Vec<&str> = warnings.iter().map(|warning| warning.as_str()).collect();
            let warnings = if warnings.is_empty() { Value::Null } else { json!(warnings) };
            json!({"valid": true, "stored": stored_form(case, &stored)?, "warnings": warnings})
        }
    })
}

fn shown(status: &Status) -> Value {
    let value = serde_json::to_value(status.to_value()).unwrap_or_default();
    let fields = ["code", "details", "message", "reason"].into_iter();
    fields.filter(|field| !value[field].is_null()).map(|field| (field.to_owned(), value[field].clone())).collect()
}

/// The stored object as the recordings show it: without uid and times, with marks for what the server drew.
fn stored_form(case: &Value, stored: &Object) -> Option<Value> {
    let mut stored = serde_json::to_value(stored).ok()?;
    let metadata = stored["metadata"].as_object_mut()?;
    metadata.remove("uid");
    metadata.remove("creationTimestamp");
    // The recordings leave an empty status out.
    if stored["status"].as_object().is_some_and(|status| status.is_empty()) {
        stored.as_object_mut()?.remove("status");
    }
    if case["kind"] == "Job" {
        stored = serde_json::from_str(&stored.to_string().replace(UID, "<uid>")).ok()?;
    }
    if case["kind"] == "LimitRange" && stored["metadata"]["name"] == UID {
        stored["metadata"]["name"] = "<generated-uuid>".into();
    }
    if case["kind"] == "Service" {
        let known = |path: &str| [&case["object"], &case["oldObject"]].iter().any(|given| is_set(given.pointer(path)));
        mark_addresses(&mut stored["spec"], known);
    }
    Some(stored)
}

fn mark_addresses(spec: &mut Value, known: impl Fn(&str) -> bool) {
    if is_set(spec.get("clusterIP")) && !known("/spec/clusterIP") {
        spec["clusterIP"] = ALLOCATED.into();
        spec["clusterIPs"] = json!([ALLOCATED]);
    }
    if is_set(spec.get("healthCheckNodePort")) && !known("/spec/healthCheckNodePort") {
        spec["healthCheckNodePort"] = ALLOCATED.into();
    }
    for (index, port) in spec["ports"].as_array_mut().into_iter().flatten().enumerate() {
        if is_set(port.get("nodePort")) && !known(&format!("/spec/ports/{index}/nodePort")) {
            port["nodePort"] = ALLOCATED.into();
        }
    }
}

fn is_set(value: Option<&Value>) -> bool {
    value.is_some_and(|value| !value.is_null() && value != "" && value != 0)
}
