//! Whether an object has the form of its Go type, in the words of the API server's decoder.
// Models sigs.k8s.io/json/internal/golang/encoding/json/decode.go

use std::fmt::Write as _;

use crate::schema::{FieldInfo, Kind, TypeRef};
use crate::{Quantity, Value, gostr};

/// Compares an object with its type.
///
/// Gives what strict decoding objects to, as `unknown field "spec.foo"`, in the order of the fields.
///
/// # Errors
/// What no decoding can make sense of, as `json: cannot unmarshal string into Go struct field
/// DeploymentSpec.spec.replicas of type int32`; of several the first, but for texts that are no quantity or moment,
/// which end the decoding.
pub fn check(object: &Value, info: TypeRef) -> Result<Vec<String>, String> {
    check_changed(object, &Value::Null, info)
}

/// The same of an object whose parts shared with `old` are known to be good.
///
/// # Errors
/// As of [`check`].
pub fn check_changed(object: &Value, old: &Value, info: TypeRef) -> Result<Vec<String>, String> {
    let mut decoder = Decoder { owner: "", fields: Vec::new(), path: String::new(), strict: Vec::new(), saved: None };
    if object.is_object() {
        decoder.fields_of(object, old, info)?;
    } else if !object.is_null() {
        let message =
            format!("json: cannot unmarshal {} into Go value of type {}", value_name(object), struct_name(info));
        return Err(message);
    }
    match decoder.saved {
        Some(message) => Err(message),
        None => Ok(decoder.strict),
    }
}

/// All problems of strict decoding as one message, as the API server answers them; nothing where there are none.
pub fn strict_message(problems: &[String]) -> Option<String> {
    (!problems.is_empty()).then(|| format!("strict decoding error: {}", problems.join(", ")))
}

fn struct_name(info: TypeRef) -> String {
    info.name.split_once('.').map_or(info.name, |(_, name)| name).into()
}

/// A value's type as the decoder names it.
fn value_name(value: &Value) -> &'static str {
    value.type_name()
}

struct Decoder {
    /// The struct whose field is being decoded.
    owner: &'static str,
    /// The names of the fields down to it.
    fields: Vec<&'static str>,
    /// Its path with indexes and keys.
    path: String,
    strict: Vec<String>,
    saved: Option<String>,
}

impl Decoder {
    fn fields_of(&mut self, object: &Value, old: &Value, info: TypeRef) -> Result<(), String> {
        if object.same(old) {
            return Ok(());
        }
        for (name, value) in object.fields() {
            let length = self.enter_field(name);
            match info.field(name) {
                None => self.strict.push(format!("unknown field {}", gostr::quote(&self.path))),
                Some(field) => {
                    let owner = std::mem::replace(&mut self.owner, info.go_name());
                    self.fields.push(field.name);
                    self.value(value, old.get(name), &field.kind, &GoType::Of(field))?;
                    self.fields.pop();
                    self.owner = owner;
                }
            }
            self.path.truncate(length);
        }
        Ok(())
    }

    fn enter_field(&mut self, name: &str) -> usize {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        length
    }

    fn value(&mut self, value: &Value, old: &Value, kind: &Kind, go_type: &GoType) -> Result<(), String> {
        if value.is_null() || value.same(old) {
            return Ok(());
        }
        match (kind, value) {
            (Kind::Any | Kind::Object, _) => {}
            (Kind::Quantity, _) => {
                Quantity::try_of(value).map_err(|error| error.to_string())?;
            }
            (Kind::Time, _) => self.moment(value, "2006-01-02T15:04:05Z07:00")?,
            (Kind::MicroTime, _) => self.moment(value, "2006-01-02T15:04:05.000000Z07:00")?,
            (Kind::IntOrString, Value::String(_)) => {}
            (Kind::IntOrString, _) => match integer(value, i32::MIN.into(), i32::MAX.into()) {
                Ok(()) => {}
                Err(what) => return Err(self.mismatch(&what, "int32")),
            },
            (Kind::String, Value::String(_)) | (Kind::Bool, Value::Bool(_)) => {}
            (Kind::Number, Value::Int(_) | Value::Float(_)) => {}
            (Kind::Int32, Value::Int(_) | Value::Float(_)) => {
                self.save(integer(value, i32::MIN.into(), i32::MAX.into()), go_type);
            }
            (Kind::Int64, Value::Int(_) | Value::Float(_)) => self.save(integer(value, i64::MIN, i64::MAX), go_type),
            (Kind::Bytes, Value::String(text)) => {
                if let (Some(at), None) = (base64_error(text), &self.saved) {
                    self.saved = Some(format!("illegal base64 data at input byte {at}"));
                }
            }
            (Kind::Struct(reference), Value::Object(_)) => self.fields_of(value, old, reference.info())?,
            (Kind::List(item), Value::Array(items)) => {
                let item_type = GoType::Item(go_type, "[]", item);
                for (index, value) in items.iter().enumerate() {
                    let length = self.path.len();
                    let _ = write!(self.path, "[{index}]");
                    self.value(value, old.item(index), item, &item_type)?;
                    self.path.truncate(length);
                }
            }
            (Kind::Map(item), Value::Object(_)) => {
                let item_type = GoType::Item(go_type, "map[string]", item);
                for (key, value) in value.fields() {
                    let length = self.enter_field(key);
                    self.value(value, old.get(key), item, &item_type)?;
                    self.path.truncate(length);
                }
            }
            _ => self.save(Err(value_name(value).into()), go_type),
        }
        Ok(())
    }

    /// Keeps the first mismatch; decoding goes on.
    fn save(&mut self, fit: Result<(), String>, go_type: &GoType) {
        if let (Err(what), None) = (fit, &self.saved) {
            self.saved = Some(self.mismatch(&what, &go_type.text()));
        }
    }

    fn mismatch(&self, what: &str, go_type: &str) -> String {
        let place = format!("{}.{}", self.owner, self.fields.join("."));
        format!("json: cannot unmarshal {what} into Go struct field {place} of type {go_type}")
    }

    fn moment(&mut self, value: &Value, layout: &str) -> Result<(), String> {
        let Value::String(text) = value else { return Err(self.mismatch(value_name(value), "string")) };
        match moment_error(text, layout) {
            None => Ok(()),
            Some(error) => Err(error),
        }
    }
}

/// Go's name of a field's type, or of the items of a list or map; written only where an error shows it.
enum GoType<'a> {
    Of(&'a FieldInfo),
    /// With the prefix that makes the whole of it.
    Item(&'a GoType<'a>, &'static str, &'a Kind),
}

impl GoType<'_> {
    fn text(&self) -> String {
        match self {
            Self::Of(field) if field.go_type.is_empty() => field.kind.go_name(),
            Self::Of(field) => field.go_type.into(),
            Self::Item(whole, prefix, item) => {
                whole.text().strip_prefix(prefix).map_or_else(|| item.go_name(), str::to_owned)
            }
        }
    }
}

/// Whether a value is an integer within bounds; else how the decoder names it.
fn integer(value: &Value, min: i64, max: i64) -> Result<(), String> {
    match value {
        Value::Int(number) if (min..=max).contains(number) => Ok(()),
        Value::Float(number)
            if value.as_i64().is_some_and(|whole| (min..=max).contains(&whole)) && number.is_finite() =>
        {
            Ok(())
        }
        Value::Int(number) => Err(format!("number {number}")),
        Value::Float(number) => Err(format!("number {}", crate::json::format_float(*number))),
        other => Err(value_name(other).into()),
    }
}

/// Where Go's decoder stumbles over a base64 text.
// Models encoding/base64/base64.go
fn base64_error(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_break = |at: usize| matches!(bytes.get(at), Some(b'\n' | b'\r'));
    let (mut at, mut filled) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => filled = (filled + 1) % 4,
            b'\n' | b'\r' => {}
            b'=' if filled >= 2 => {
                at += 1;
                if filled == 2 {
                    while is_break(at) {
                        at += 1;
                    }
                    match bytes.get(at) {
                        None => return Some(bytes.len()),
                        Some(b'=') => at += 1,
                        Some(_) => return Some(at - 1),
                    }
                }
                while is_break(at) {
                    at += 1;
                }
                return (at < bytes.len()).then_some(at);
            }
            _ => return Some(at),
        }
        at += 1;
    }
    (filled > 0).then(|| at - filled)
}

/// What Go's `time.Parse` says of a text that is no moment in RFC 3339, with or without a fraction.
// Models time/format.go
fn moment_error(text: &str, layout: &str) -> Option<String> {
    let fail = |rest: &str, element: &str| {
        let (text, layout, rest, element) =
            (gostr::quote(text), gostr::quote(layout), gostr::quote(rest), gostr::quote(element));
        Some(format!("parsing time {text} as {layout}: cannot parse {rest} as {element}"))
    };
    let mut rest = text;
    let mut numbers = [0_u32; 6];
    let elements = [("", "2006"), ("-", "01"), ("-", "02"), ("T", "15"), (":", "04"), (":", "05")];
    for (index, (separator, element)) in elements.into_iter().enumerate() {
        let Some(after) = rest.strip_prefix(separator) else { return fail(rest, separator) };
        let digits = after.bytes().take(element.len()).take_while(u8::is_ascii_digit).count();
        // An hour may have one digit.
        if digits < element.len() && !(element == "15" && digits == 1) {
            return fail(after, element);
        }
        numbers[index] = after[..digits].parse().unwrap_or_default();
        rest = &after[digits..];
    }
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return fail(rest, "Z07:00");
        }
        rest = &fraction[digits..];
    } else if layout.contains(".000000") {
        return fail(rest, ".000000");
    }
    let zone = match rest.as_bytes() {
        [b'Z', ..] => 1,
        [b'+' | b'-', a, b, b':', c, d, ..] if [a, b, c, d].into_iter().all(u8::is_ascii_digit) => 6,
        _ => return fail(rest, "Z07:00"),
    };
    if rest.len() > zone {
        let (text, extra) = (gostr::quote(text), gostr::quote(&rest[zone..]));
        return Some(format!("parsing time {text}: extra text: {extra}"));
    }
    let [_, month, day, hour, minute, second] = numbers;
    let out_of_range = match () {
        () if !(1..=12).contains(&month) => "month",
        () if hour > 23 => "hour",
        () if minute > 59 => "minute",
        () if second > 59 => "second",
        () if day == 0 || crate::timestamp::parse(text).is_none() => "day",
        () => return None,
    };
    Some(format!("parsing time {}: {out_of_range} out of range", gostr::quote(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{json, schema};

    /// What is said of an object in JSON.
    fn check(kind: &str, text: &str, expect: &str) {
        let object = json::parse(text).unwrap();
        let info = schema::types().find(|info| info.name.ends_with(&format!(".v1.{kind}"))).unwrap();
        let got = match super::check(&object, info) {
            Ok(problems) => strict_message(&problems).unwrap_or_else(|| "good".into()),
            Err(error) => error,
        };
        assert_eq!(got, expect, "{text}");
    }

    #[test]
    fn good_objects() {
        check(
            "Pod",
            r#"{"kind":"Pod","metadata":{"labels":{"a":"b"},"creationTimestamp":null},"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":1}}}]}}"#,
            "good",
        );
        check("Service", r#"{"spec":{"ports":[{"port":80.0,"targetPort":"x"}]}}"#, "good");
    }

    #[test]
    fn unknown_fields_are_named_by_path() {
        check(
            "Pod",
            r#"{"spec":{"container":[],"containers":[{"imag":"x"}]}}"#,
            r#"strict decoding error: unknown field "spec.container", unknown field "spec.containers[0].imag""#,
        );
    }

    #[test]
    fn wrong_types_are_named_by_field() {
        let cases = [
            (
                "Pod",
                r#"{"spec":{"containers":[{"ports":[{"containerPort":"80"}]}]}}"#,
                "string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
            ),
            (
                "Pod",
                r#"{"spec":{"containers":[{"command":"x"}]}}"#,
                "string into Go struct field Container.spec.containers.command of type []string",
            ),
            (
                "Pod",
                r#"{"spec":{"containers":[{"args":[1]}]}}"#,
                "number into Go struct field Container.spec.containers.args of type string",
            ),
            (
                "Pod",
                r#"{"spec":{"containers":{}}}"#,
                "object into Go struct field PodSpec.spec.containers of type []v1.Container",
            ),
            (
                "Pod",
                r#"{"metadata":{"labels":{"a":1}}}"#,
                "number into Go struct field ObjectMeta.metadata.labels of type string",
            ),
            (
                "Pod",
                r#"{"metadata":{"labels":"a"}}"#,
                "string into Go struct field ObjectMeta.metadata.labels of type map[string]string",
            ),
            (
                "Pod",
                r#"{"spec":{"restartPolicy":1}}"#,
                "number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy",
            ),
            ("Pod", r#"{"spec":[]}"#, "array into Go struct field Pod.spec of type v1.PodSpec"),
            (
                "PriorityClass",
                r#"{"value":3000000000}"#,
                "number 3000000000 into Go struct field PriorityClass.value of type int32",
            ),
            (
                "Service",
                r#"{"spec":{"ports":[{"targetPort":true}]}}"#,
                "bool into Go struct field ServicePort.spec.ports.targetPort of type int32",
            ),
        ];
        for (kind, text, expect) in cases {
            check(kind, text, &format!("json: cannot unmarshal {expect}"));
        }
    }

    #[test]
    fn texts_that_mean_something_are_read() {
        check(
            "Pod",
            r#"{"spec":{"containers":[{"command":"x","resources":{"limits":{"cpu":"lots"}}}]}}"#,
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        );
        check("Secret", r#"{"data":{"a":"YWJj","b":"YWJ"}}"#, "illegal base64 data at input byte 0");
        check("Secret", r#"{"data":{"a":"YWJjZ!=="}}"#, "illegal base64 data at input byte 5");
        check("Secret", r#"{"data":{"a":"YQ=="}}"#, "good");
        check(
            "Pod",
            r#"{"metadata":{"creationTimestamp":"yesterday"}}"#,
            r#"parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006""#,
        );
        check(
            "Pod",
            r#"{"metadata":{"creationTimestamp":"2026-02-30T00:00:00Z"}}"#,
            r#"parsing time "2026-02-30T00:00:00Z": day out of range"#,
        );
        check(
            "Lease",
            r#"{"spec":{"renewTime":"2026-02-03T00:00:00Z"}}"#,
            r#"parsing time "2026-02-03T00:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000""#,
        );
    }
}
