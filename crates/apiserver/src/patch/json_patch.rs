//! JSON patch (RFC 6902), with the messages of the library the real server uses.
// Models vendor/gopkg.in/evanphx/json-patch.v4/patch.go

use podyard_api::gostr::quote;
use podyard_api::{Status, Value};

/// How many operations a patch may have.
const MAX_OPERATIONS: usize = 10_000;

pub(super) fn apply(object: &Value, patch: &Value) -> Result<Value, Status> {
    if !patch.is_array() {
        let found = patch.type_name();
        return Err(Status::bad_request(format!(
            "json: cannot unmarshal {found} into Go value of type jsonpatch.Patch"
        )));
    }
    if patch.items().len() > MAX_OPERATIONS {
        let message =
            format!("The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {}", patch.items().len());
        return Err(Status {
            code: 413,
            reason: "RequestEntityTooLarge".into(),
            message: message.into(),
            ..Status::default()
        });
    }
    let mut patched = object.clone();
    for operation in patch.items() {
        one(&mut patched, operation).map_err(unprocessable)?;
    }
    Ok(patched)
}

/// The real server keeps the reason to itself.
fn unprocessable(_: String) -> Status {
    Status {
        code: 422,
        reason: "Invalid".into(),
        message: "the server rejected our request due to an error in our request".into(),
        ..Status::default()
    }
}

fn one(object: &mut Value, operation: &Value) -> Result<(), String> {
    let (op, path) = (operation.get("op").str(), operation.get("path").str());
    let missing = || format!("{op} operation does not apply: doc is missing path: {}: missing value", quote(path));
    match op {
        "add" => add(object, path, operation.get("value").clone()),
        "remove" => take(object, path).map(drop),
        "replace" => {
            let place = find(object, path).ok_or_else(missing)?;
            *place = operation.get("value").clone();
            Ok(())
        }
        "move" => {
            let value = take(object, operation.get("from").str())?;
            add(object, path, value)
        }
        "copy" => {
            let value = find(object, operation.get("from").str()).ok_or_else(missing)?.clone();
            add(object, path, value)
        }
        "test" => match find(object, path) {
            Some(value) if value == operation.get("value") => Ok(()),
            None if operation.get("value").is_null() => Ok(()),
            _ => Err(format!("testing value {path} failed: test failed")),
        },
        other => Err(format!("Unexpected kind: {other}")),
    }
}

/// The steps of a JSON pointer.
fn steps(path: &str) -> Result<Vec<String>, String> {
    match path.strip_prefix('/') {
        Some(rest) => Ok(rest.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect()),
        None if path.is_empty() => Ok(Vec::new()),
        None => Err(format!("invalid path {}", quote(path))),
    }
}

fn index(step: &str, len: usize) -> Option<usize> {
    if let Some(back) = step.strip_prefix('-').and_then(|digits| digits.parse::<usize>().ok()) {
        return len.checked_sub(back);
    }
    step.parse().ok()
}

fn find<'v>(object: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    let steps = steps(path).ok()?;
    descend(object, &steps)
}

fn descend<'v>(mut value: &'v mut Value, steps: &[String]) -> Option<&'v mut Value> {
    for step in steps {
        value = match value {
            Value::Array(items) => {
                let at = index(step, items.len()).filter(|at| *at < items.len())?;
                items.make_mut().get_mut(at)?
            }
            Value::Object(object) => object.get_mut(step)?,
            _ => return None,
        };
    }
    Some(value)
}

/// The parent of a path and its last step.
fn parent<'v>(object: &'v mut Value, path: &str, op: &str) -> Result<(&'v mut Value, String), String> {
    let mut steps = steps(path)?;
    let last = steps.pop().ok_or_else(|| format!("{op} operation does not apply to the whole document"))?;
    let missing = format!("{op} operation does not apply: doc is missing path: {}: missing value", quote(path));
    Ok((descend(object, &steps).ok_or(missing)?, last))
}

fn add(object: &mut Value, path: &str, value: Value) -> Result<(), String> {
    if path.is_empty() {
        *object = value;
        return Ok(());
    }
    let (parent, last) = parent(object, path, "add")?;
    match parent {
        Value::Array(items) if last == "-" => items.push(value),
        Value::Array(items) => {
            let at = index(&last, items.len()).filter(|at| *at <= items.len());
            let at = at.ok_or_else(|| format!("Unable to access invalid index: {last}: invalid index referenced"))?;
            items.insert(at, value);
        }
        Value::Object(_) => parent.set(last, value),
        _ => return Err(format!("add operation does not apply: doc is missing path: {}: missing value", quote(path))),
    }
    Ok(())
}

fn take(object: &mut Value, path: &str) -> Result<Value, String> {
    let missing = format!("remove operation does not apply: doc is missing path: {}: missing value", quote(path));
    let (parent, last) = parent(object, path, "remove")?;
    match parent {
        Value::Array(items) => {
            let at = index(&last, items.len()).filter(|at| *at < items.len()).ok_or(missing)?;
            Ok(items.remove(at))
        }
        Value::Object(fields) => fields.remove(&last).ok_or(missing),
        _ => Err(missing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::json;

    fn check(object: &str, patch: &str, expect: &str) {
        let parse = |text| json::parse(text).unwrap();
        let found = match apply(&parse(object), &parse(patch)) {
            Ok(value) => json::to_string(&value),
            Err(status) => format!("{} {}", status.code, status.message),
        };
        assert_eq!(found, expect, "{object} with {patch}");
    }

    #[test]
    fn operations() {
        let rejected = "422 the server rejected our request due to an error in our request";
        check(r#"{"a":1}"#, r#"[{"op":"add","path":"/b","value":2}]"#, r#"{"a":1,"b":2}"#);
        check(r#"{"a":[1,3]}"#, r#"[{"op":"add","path":"/a/1","value":2}]"#, r#"{"a":[1,2,3]}"#);
        check(r#"{"a":[1]}"#, r#"[{"op":"add","path":"/a/-","value":2}]"#, r#"{"a":[1,2]}"#);
        check(r#"{"a/b":1}"#, r#"[{"op":"remove","path":"/a~1b"}]"#, "{}");
        check(r#"{"a":1}"#, r#"[{"op":"move","from":"/a","path":"/b"}]"#, r#"{"b":1}"#);
        check(r#"{"a":1}"#, r#"[{"op":"copy","from":"/a","path":"/b"}]"#, r#"{"a":1,"b":1}"#);
        check(r#"{"a":1}"#, r#"[{"op":"replace","path":"/a","value":2}]"#, r#"{"a":2}"#);
        check(r#"{"a":1}"#, r#"[{"op":"test","path":"/a","value":1}]"#, r#"{"a":1}"#);
        check(r#"{"a":1}"#, r#"[{"op":"test","path":"/a","value":2}]"#, rejected);
        check(r#"{"a":1}"#, r#"[{"op":"replace","path":"/b","value":2}]"#, rejected);
        check(r#"{"a":1}"#, r#"[{"op":"remove","path":"/b"}]"#, rejected);
    }
}
