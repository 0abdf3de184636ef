//! JSON merge patch (RFC 7386).

use podyard_api::Value;

/// The object with the patch's fields; `null` takes a field out.
pub(super) fn apply(object: &Value, patch: &Value) -> Value {
    if !patch.is_object() {
        return patch.clone();
    }
    let mut merged = if object.is_object() { object.clone() } else { Value::object() };
    for (key, change) in patch.fields() {
        if change.is_null() {
            merged.remove(key);
            continue;
        }
        let before = merged.get(key);
        let after = apply(before, change);
        if *before != after {
            merged.set(key, after);
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::json;

    fn check(object: &str, patch: &str, expect: &str) {
        let parse = |text| json::parse(text).unwrap();
        assert_eq!(apply(&parse(object), &parse(patch)), parse(expect), "{object} with {patch}");
    }

    #[test]
    fn the_examples_of_the_rfc() {
        check(r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#);
        check(r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#);
        check(r#"{"a":"b"}"#, r#"{"a":null}"#, "{}");
        check(r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#);
        check(r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#);
        check(r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#);
        check(r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#);
        check("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#);
        check("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#);
    }
}
