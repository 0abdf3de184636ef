//! Values as Go prints them, where that shows in outputs and messages.

use podyard_api::{Value, gostr, json};

/// A value as `fmt.Print` (`%v`) writes it: `map[a:b c:[1 2]]`, `<nil>`.
pub fn print(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("<nil>"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Float(number) => out.push_str(&json::format_float_g(*number, 6)),
        Value::String(text) => out.push_str(text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(' ');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(object) => {
            out.push_str("map[");
            for (index, (key, item)) in object.entries().iter().enumerate() {
                if index > 0 {
                    out.push(' ');
                }
                out.push_str(key);
                out.push(':');
                write(item, out);
            }
            out.push(']');
        }
    }
}

/// A value as `%#v` writes it: `map[string]interface {}{"a":"b"}`.
pub fn syntax(value: &Value) -> String {
    let mut out = String::new();
    write_syntax(value, &mut out);
    out
}

fn write_syntax(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("interface {}(nil)"),
        Value::String(text) => out.push_str(&gostr::quote(text)),
        Value::Array(items) => {
            out.push_str("[]interface {}{");
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_syntax(item, out);
            }
            out.push('}');
        }
        Value::Object(object) => {
            out.push_str("map[string]interface {}{");
            for (index, (key, item)) in object.entries().iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                out.push_str(&gostr::quote(key));
                out.push(':');
                write_syntax(item, out);
            }
            out.push('}');
        }
        other => write(other, out),
    }
}

/// The Go type that a decoded JSON value has.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

/// A text in Go's double or single quotes without them, its escapes undone; nothing where they are wrong.
pub fn unquote(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = text.get(1..)?.strip_suffix(quote)?;
    let mut out = String::new();
    let mut bytes = Vec::new();
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            flush(&mut bytes, &mut out);
            out.push(c);
            continue;
        }
        match rest.next()? {
            'a' => bytes.push(7),
            'b' => bytes.push(8),
            'f' => bytes.push(12),
            'n' => bytes.push(b'\n'),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            'v' => bytes.push(11),
            '\\' => bytes.push(b'\\'),
            c @ ('"' | '\'') if c == quote => bytes.push(c as u8),
            'x' => bytes.push(number(&mut rest, 2, 16, None)? as u8),
            c @ '0'..='7' => bytes.push(u8::try_from(number(&mut rest, 2, 8, Some(c))?).ok()?),
            c @ ('u' | 'U') => {
                flush(&mut bytes, &mut out);
                out.push(char::from_u32(number(&mut rest, if c == 'u' { 4 } else { 8 }, 16, None)?)?);
            }
            _ => return None,
        }
    }
    flush(&mut bytes, &mut out);
    Some(out)
}

/// Bytes given by escapes, as text.
fn flush(bytes: &mut Vec<u8>, out: &mut String) {
    if !bytes.is_empty() {
        out.push_str(&String::from_utf8_lossy(bytes));
        bytes.clear();
    }
}

fn number(rest: &mut std::str::Chars<'_>, digits: usize, radix: u32, first: Option<char>) -> Option<u32> {
    let mut value = first.map_or(Some(0), |c| c.to_digit(radix))?;
    for _ in 0..digits {
        value = value.checked_mul(radix)? + rest.next()?.to_digit(radix)?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::value;

    #[test]
    fn values_print_as_in_go() {
        let value = value!({"b": [1, "x", null], "a": {"c": true, "d": 1.5}});
        assert_eq!(print(&value), "map[a:map[c:true d:1.5] b:[1 x <nil>]]");
        assert_eq!(
            syntax(&value),
            r#"map[string]interface {}{"a":map[string]interface {}{"c":true, "d":1.5}, "b":[]interface {}{1, "x", interface {}(nil)}}"#
        );
    }

    #[test]
    fn quotes_are_undone() {
        for (quoted, text) in [
            (r#""a\tb\n""#, Some("a\tb\n")),
            (r"'it\'s \x41\u00e9\101'", Some("it's AéA")),
            (r#""\xc3\xa9""#, Some("é")),
            (r#""\q""#, None),
            (r#""\"#, None),
            (r#"'a""#, None),
        ] {
            assert_eq!(unquote(quoted).as_deref(), text, "{quoted}");
        }
    }
}
