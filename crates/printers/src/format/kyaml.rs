//! `-o kyaml`: YAML in braces, with every string in double quotes.

use podyard_api::{Value, json};

/// One document with its separator; ends with a newline.
// Models sigs.k8s.io/yaml/kyaml/kyaml.go
pub(super) fn document(value: &Value) -> String {
    let mut out = String::from("---\n");
    write(value, 0, &mut out);
    out.push('\n');
    out
}

fn write(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::String(text) => string(text, indent + 1, out),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Array(items) => sequence(items, indent, out),
        Value::Object(object) if object.is_empty() => out.push_str("{}"),
        Value::Object(object) => {
            out.push_str("{\n");
            for (key, item) in object.entries() {
                pad(indent + 1, out);
                if needs_quotes(key) {
                    quoted(key, out)
                } else {
                    out.push_str(key)
                }
                out.push_str(": ");
                write(item, indent + 1, out);
                out.push_str(",\n");
            }
            pad(indent, out);
            out.push('}');
        }
        scalar => out.push_str(&json::to_string_plain(scalar)),
    }
}

/// Lists of nothing but objects and lists keep their brackets together.
fn sequence(items: &[Value], indent: usize, out: &mut String) {
    let together = items.iter().all(|item| item.is_array() || item.is_object());
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if together {
            out.push_str(if index == 0 { "" } else { ", " });
            write(item, indent, out);
        } else {
            out.push('\n');
            pad(indent + 1, out);
            write(item, indent + 1, out);
            out.push(',');
        }
    }
    if !together {
        out.push('\n');
        pad(indent, out);
    }
    out.push(']');
}

fn pad(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", indent));
}

/// Texts of several lines are folded, one source line each.
fn string(text: &str, indent: usize, out: &mut String) {
    if !text.contains('\n') {
        return quoted(text, out);
    }
    out.push_str("\"\\\n");
    let mut line_start = true;
    for c in text.chars() {
        if line_start {
            pad(indent, out);
            out.push(if c.is_whitespace() && c != '\n' { '\\' } else { ' ' });
        }
        line_start = c == '\n';
        match c {
            '\n' => out.push_str("\\n\\\n"),
            '\t' => out.push('\t'),
            c => escaped(c, out),
        }
    }
    if !line_start {
        out.push_str("\\\n");
    }
    pad(indent, out);
    out.push('"');
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    text.chars().for_each(|c| if c == '\t' { out.push('\t') } else { escaped(c, out) });
    out.push('"');
}

fn escaped(c: char, out: &mut String) {
    match c {
        '"' | '\\' => out.extend(['\\', c]),
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\u{b}' => out.push_str("\\v"),
        '\0' => out.push_str("\\0"),
        '\u{1b}' => out.push_str("\\e"),
        '\u{85}' => out.push_str("\\N"),
        '\u{a0}' => out.push_str("\\_"),
        '\u{2028}' => out.push_str("\\L"),
        '\u{2029}' => out.push_str("\\P"),
        c if u32::from(c) < 0x20 || c == '\u{7f}' => out.push_str(&format!("\\x{:02x}", u32::from(c))),
        c if c.is_control() || c == '\u{feff}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        c => out.push(c),
    }
}

/// Whether a key would read as something else than a text, or has characters that are not plain.
fn needs_quotes(key: &str) -> bool {
    let last = key.chars().count().saturating_sub(1);
    let plain = |(index, c): (usize, char)| {
        c.is_alphanumeric() || c == '_' || (index > 0 && index < last && matches!(c, '-' | '.' | '/'))
    };
    key.is_empty() || is_ambiguous(key) || !key.chars().enumerate().all(plain)
}

fn is_ambiguous(key: &str) -> bool {
    let lower = key.to_lowercase();
    let word = matches!(
        lower.as_str(),
        "null"
            | "~"
            | "true"
            | "false"
            | "t"
            | "f"
            | "y"
            | "n"
            | "yes"
            | "no"
            | "on"
            | "off"
            | "inf"
            | "infinity"
            | "nan"
    );
    let digits = lower.replace('_', "");
    let based = ["0x", "0o", "0b"].iter().zip([16, 8, 2]).any(|(prefix, radix)| {
        digits.strip_prefix(prefix).is_some_and(|rest| i64::from_str_radix(rest, radix).is_ok())
    });
    let date = key.len() >= 8 && key.as_bytes().iter().take(4).all(u8::is_ascii_digit) && key.as_bytes()[4] == b'-';
    word || based || digits.parse::<f64>().is_ok() || date
}

#[cfg(test)]
mod tests {
    use super::document;
    use podyard_api::value;

    #[test]
    fn objects_lists_and_texts() {
        let value = value!({
            "apiVersion": "v1",
            "data": {"no": "x", "8080": "y", "a/b": "two\nlines", "t": " lead\n", "empty": {}},
            "list": ["a", 1, {"b": null}],
            "ports": [{"port": 80}, {"port": 81}],
        });
        let expect = r#"---
{
  apiVersion: "v1",
  data: {
    "8080": "y",
    a/b: "\
       two\n\
       lines\
      ",
    empty: {},
    "no": "x",
    "t": "\
      \ lead\n\
      ",
  },
  list: [
    "a",
    1,
    {
      b: null,
    },
  ],
  ports: [{
    port: 80,
  }, {
    port: 81,
  }],
}
"#;
        assert_eq!(document(&value), expect);
    }
}
