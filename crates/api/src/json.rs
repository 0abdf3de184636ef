//! JSON in and out, as Go's `encoding/json` reads, words its errors, and writes.

use ecow::{EcoString, EcoVec};

use crate::{Key, Object, Value};

/// How deep arrays and objects may nest.
const MAX_DEPTH: usize = 1000;

/// Why a text is no JSON, in Go's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Bytes read up to and including the offending one.
    pub offset: usize,
    pub message: String,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Reads one JSON value; of fields given twice the last one counts.
pub fn parse(text: &str) -> Result<Value, Error> {
    parse_noting_duplicates(text).map(|(value, _)| value)
}

/// The same, with the paths of fields that were given more than once, as `spec.containers[0].name`.
pub fn parse_noting_duplicates(text: &str) -> Result<(Value, Vec<String>), Error> {
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0, depth: 0, path: Vec::new(), duplicates: Vec::new() };
    parser.space();
    let value = parser.value()?;
    parser.space();
    match parser.peek() {
        None => Ok((value, parser.duplicates)),
        Some(_) => Err(parser.unexpected("after top-level value")),
    }
}

/// Reads the JSON value that `text` begins with; gives the number of bytes it took. For streams of several.
pub fn parse_prefix(text: &str) -> Result<(Value, usize), Error> {
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0, depth: 0, path: Vec::new(), duplicates: Vec::new() };
    parser.space();
    let value = parser.value()?;
    Ok((value, parser.at))
}

/// On one line, `<`, `>` and `&` escaped, as the API server answers.
pub fn to_string(value: &Value) -> String {
    let mut out = String::new();
    Writer { out: &mut out, indent: None, escape_html: true }.value(value, 0);
    out
}

/// On one line, with `<`, `>` and `&` as they are.
pub fn to_string_plain(value: &Value) -> String {
    let mut out = String::new();
    Writer { out: &mut out, indent: None, escape_html: false }.value(value, 0);
    out
}

/// Indented by four spaces, as `kubectl -o json`; without a newline at the end.
pub fn to_string_pretty(value: &Value) -> String {
    to_string_indented(value, "    ")
}

/// Indented by `indent` for each level, `<`, `>` and `&` escaped.
pub fn to_string_indented(value: &Value, indent: &str) -> String {
    let mut out = String::new();
    Writer { out: &mut out, indent: Some(indent), escape_html: true }.value(value, 0);
    out
}

/// A text as a JSON string with its quotes, `<`, `>` and `&` as they are.
pub fn quote(text: &str) -> String {
    let mut out = String::new();
    Writer { out: &mut out, indent: None, escape_html: false }.string(text);
    out
}

/// A float as `encoding/json` writes it: plain between 1e-6 and 1e21, with an exponent beyond.
pub fn format_float(number: f64) -> String {
    if number == 0.0 {
        return if number.is_sign_negative() { "-0".into() } else { "0".into() };
    }
    if !number.is_finite() {
        return "null".into();
    }
    let size = number.abs();
    if (1e-6..1e21).contains(&size) {
        return format!("{number}");
    }
    // Rust writes 1e21, Go 1e+21; both write 1e-7.
    let text = format!("{number:e}");
    if size >= 1.0 { text.replacen('e', "e+", 1) } else { text }
}

/// A float as Go's `%g` writes it (YAML, templates): an exponent of two digits from 1e21 on where `shortest_from` is
/// 21, or from 1e6 on where it is 6, and below 1e-4.
pub fn format_float_g(number: f64, shortest_from: i32) -> String {
    if number.is_nan() {
        return "NaN".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf".into() } else { "-Inf".into() };
    }
    if number == 0.0 {
        return if number.is_sign_negative() { "-0".into() } else { "0".into() };
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or_default();
    if (-4..shortest_from).contains(&power) {
        return format!("{number}");
    }
    let sign = if power < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", power.abs())
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    depth: usize,
    path: Vec<Step<'t>>,
    duplicates: Vec<String>,
}

/// A part of the path of the value that is being read.
enum Step<'t> {
    Field(&'t str),
    Escaped(EcoString),
    Item(usize),
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn unexpected(&self, context: &str) -> Error {
        match self.peek() {
            None => Error { offset: self.bytes.len(), message: "unexpected end of JSON input".into() },
            Some(byte) => {
                Error { offset: self.at + 1, message: format!("invalid character {} {context}", quote_char(byte)) }
            }
        }
    }

    fn value(&mut self) -> Result<Value, Error> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => Ok(Value::String(match self.string()? {
                Text::Plain(text) => text.into(),
                Text::Escaped(text) => text,
            })),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true", Value::Bool(true)),
            Some(b'f') => self.literal("false", Value::Bool(false)),
            Some(b'n') => self.literal("null", Value::Null),
            _ => Err(self.unexpected("looking for beginning of value")),
        }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Result<Value, Error>) -> Result<Value, Error> {
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Error { offset: self.at, message: "exceeded max depth".into() });
        }
        self.space();
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Value, Error> {
        let mut entries: Vec<(Key, Value)> = Vec::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::object());
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let (key, step) = match self.string()? {
                Text::Plain(text) => (Key::from(text), Step::Field(text)),
                Text::Escaped(text) => (Key::from(&text), Step::Escaped(text)),
            };
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("after object key"));
            }
            self.at += 1;
            self.space();
            self.path.push(step);
            let value = self.value()?;
            self.insert(&mut entries, key, value);
            self.path.pop();
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.unexpected("after object key:value pair")),
            }
            self.space();
        }
        self.at += 1;
        Ok(Value::Object(Object::from_entries(entries)))
    }

    /// Adds a field to those read so far. What we write is sorted, so that mostly one comparison will do.
    fn insert(&mut self, entries: &mut Vec<(Key, Value)>, key: Key, value: Value) {
        if entries.last().is_none_or(|(last, _)| *last < key) {
            entries.push((key, value));
            return;
        }
        match entries.binary_search_by(|(other, _)| other.cmp(&key)) {
            Ok(index) => {
                let path = self.path_text();
                if !self.duplicates.contains(&path) {
                    self.duplicates.push(path);
                }
                entries[index].1 = value;
            }
            Err(index) => entries.insert(index, (key, value)),
        }
    }

    fn array(&mut self) -> Result<Value, Error> {
        let mut items = EcoVec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            self.path.push(Step::Item(items.len()));
            let item = self.value()?;
            self.path.pop();
            items.push(item);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.unexpected("after array element")),
            }
            self.space();
        }
        self.at += 1;
        Ok(Value::Array(items))
    }

    fn literal(&mut self, word: &str, value: Value) -> Result<Value, Error> {
        for (index, expected) in word.bytes().enumerate() {
            if self.peek() != Some(expected) {
                let context = format!("in literal {word} (expecting {})", quote_char(word.as_bytes()[index]));
                return Err(self.unexpected(&context));
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn digits(&mut self) -> usize {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - from
    }

    fn number(&mut self) -> Result<Value, Error> {
        let from = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ if self.digits() > 0 => {}
            _ => return Err(self.unexpected("in numeric literal")),
        }
        let mut integer = true;
        if self.peek() == Some(b'.') {
            self.at += 1;
            integer = false;
            if self.digits() == 0 {
                return Err(self.unexpected("after decimal point in numeric literal"));
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            integer = false;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.unexpected("in exponent of numeric literal"));
            }
        }
        let text = &self.text[from..self.at];
        if integer && let Ok(number) = text.parse() {
            return Ok(Value::Int(number));
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Float(number)),
            _ => Err(Error {
                offset: self.at,
                message: format!("json: cannot unmarshal number {text} into Go value of type float64"),
            }),
        }
    }

    /// Reads a string from its opening quote on.
    fn string(&mut self) -> Result<Text<'t>, Error> {
        self.at += 1;
        let from = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Text::Plain(&self.text[from..self.at - 1]));
                }
                Some(b'\\') => return self.escaped(from).map(Text::Escaped),
                None | Some(0..0x20) => return Err(self.unexpected("in string literal")),
                Some(_) => self.at += 1,
            }
        }
    }

    /// Goes on with a string that has an escape in it.
    fn escaped(&mut self, mut from: usize) -> Result<EcoString, Error> {
        let mut out = EcoString::new();
        loop {
            match self.peek() {
                Some(b'"') => {
                    out.push_str(&self.text[from..self.at]);
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    out.push_str(&self.text[from..self.at]);
                    self.at += 1;
                    out.push(self.escape()?);
                    from = self.at;
                }
                None | Some(0..0x20) => return Err(self.unexpected("in string literal")),
                Some(_) => self.at += 1,
            }
        }
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<char, Error> {
        let plain = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.unexpected("in string escape code")),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unicode(&mut self) -> Result<char, Error> {
        let first = self.hex4()?;
        if !(0xd800..0xdc00).contains(&first) {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        if self.bytes[self.at..].starts_with(b"\\u") {
            let back = self.at;
            self.at += 2;
            let second = self.hex4()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = back;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex4(&mut self) -> Result<u32, Error> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.unexpected("in \\u hexadecimal character escape"));
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }

    fn path_text(&self) -> String {
        let mut out = String::new();
        for step in &self.path {
            let name = match step {
                Step::Item(index) => {
                    out.push_str(&format!("[{index}]"));
                    continue;
                }
                Step::Field(name) => name,
                Step::Escaped(name) => name.as_str(),
            };
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(name);
        }
        out
    }
}

/// A string as it stands in the text, or with its escapes resolved.
enum Text<'t> {
    Plain(&'t str),
    Escaped(EcoString),
}

/// A byte in single quotes, as Go's scanner shows it.
fn quote_char(byte: u8) -> String {
    match byte {
        b'\'' => r"'\''".into(),
        b'"' => "'\"'".into(),
        _ => {
            let quoted = crate::gostr::quote(char::from(byte).encode_utf8(&mut [0; 4]));
            format!("'{}'", &quoted[1..quoted.len() - 1])
        }
    }
}

struct Writer<'o> {
    out: &'o mut String,
    indent: Option<&'o str>,
    escape_html: bool,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value, level: usize) {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(true) => self.out.push_str("true"),
            Value::Bool(false) => self.out.push_str("false"),
            Value::Int(number) => self.out.push_str(&number.to_string()),
            Value::Float(number) => self.out.push_str(&format_float(*number)),
            Value::String(text) => self.string(text),
            Value::Array(items) if items.is_empty() => self.out.push_str("[]"),
            Value::Array(items) => {
                self.out.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.separate(index, level + 1);
                    self.value(item, level + 1);
                }
                self.line(level);
                self.out.push(']');
            }
            Value::Object(object) if object.is_empty() => self.out.push_str("{}"),
            Value::Object(object) => {
                self.out.push('{');
                for (index, (key, value)) in object.entries().iter().enumerate() {
                    self.separate(index, level + 1);
                    self.string(key);
                    self.out.push_str(if self.indent.is_some() { ": " } else { ":" });
                    self.value(value, level + 1);
                }
                self.line(level);
                self.out.push('}');
            }
        }
    }

    fn separate(&mut self, index: usize, level: usize) {
        if index > 0 {
            self.out.push(',');
        }
        self.line(level);
    }

    fn line(&mut self, level: usize) {
        if let Some(indent) = self.indent {
            self.out.push('\n');
            (0..level).for_each(|_| self.out.push_str(indent));
        }
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        let mut from = 0;
        for (index, c) in text.char_indices() {
            let escape = match c {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\u{8}' => "\\b",
                '\u{c}' => "\\f",
                '\0'..=' ' if c != ' ' => "",
                '<' | '>' | '&' if self.escape_html => "",
                '\u{2028}' | '\u{2029}' => "",
                _ => continue,
            };
            self.out.push_str(&text[from..index]);
            if escape.is_empty() {
                self.out.push_str(&format!("\\u{:04x}", u32::from(c)));
            } else {
                self.out.push_str(escape);
            }
            from = index + c.len_utf8();
        }
        self.out.push_str(&text[from..]);
        self.out.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads and writes back.
    fn check(text: &str, expect: &str) {
        let got = match parse(text) {
            Ok(value) => to_string(&value),
            Err(error) => format!("{} at {}", error.message, error.offset),
        };
        assert_eq!(got, expect, "{text}");
    }

    #[test]
    fn values_are_written_as_go_writes_them() {
        check(r#" {"b" : [1, -2.5, true , null], "a":{} , "c":[]} "#, r#"{"a":{},"b":[1,-2.5,true,null],"c":[]}"#);
        check(r#""a<b>&\u00e4\ud83d\ude00\ud83d\n\u0001/\/""#, "\"a\\u003cb\\u003e\\u0026ä😀\u{fffd}\\n\\u0001//\"");
        check(
            "[1e3,1e21,1e-7,0.000001,123456789012345678901234,-0,1.0]",
            "[1000,1e+21,1e-7,0.000001,1.2345678901234569e+23,0,1]",
        );
        check(r#"{"a":1,"b":2,"a":3}"#, r#"{"a":3,"b":2}"#);
        check("9223372036854775807", "9223372036854775807");
    }

    #[test]
    fn errors_are_worded_as_go_words_them() {
        check("", "unexpected end of JSON input at 0");
        check("x", "invalid character 'x' looking for beginning of value at 1");
        check("{a", "invalid character 'a' looking for beginning of object key string at 2");
        check(r#"{"a" 1"#, "invalid character '1' after object key at 6");
        check(r#"{"a":1 "b""#, "invalid character '\"' after object key:value pair at 8");
        check("[1 2]", "invalid character '2' after array element at 4");
        check("[1,]", "invalid character ']' looking for beginning of value at 4");
        check("nul ", "invalid character ' ' in literal null (expecting 'l') at 4");
        check("1 2", "invalid character '2' after top-level value at 3");
        check("01", "invalid character '1' after top-level value at 2");
        check("1.x", "invalid character 'x' after decimal point in numeric literal at 3");
        check("\"a\n\"", "invalid character '\\n' in string literal at 3");
        check(r#""\x""#, "invalid character 'x' in string escape code at 3");
        check(r#""\u12g4""#, "invalid character 'g' in \\u hexadecimal character escape at 6");
        check("'a'", r"invalid character '\'' looking for beginning of value at 1");
        check(r#"{"a":"#, "unexpected end of JSON input at 5");
        check(&"[".repeat(5000), "exceeded max depth at 1001");
    }

    #[test]
    fn duplicates_are_named_by_path() {
        let (value, duplicates) = parse_noting_duplicates(r#"{"s":[{"n":1,"m":2,"n":3}],"k":{"a":1},"k":{}}"#).unwrap();
        assert_eq!(to_string(&value), r#"{"k":{},"s":[{"m":2,"n":3}]}"#);
        assert_eq!(duplicates, ["s[0].n", "k"]);
    }

    #[test]
    fn indented_as_kubectl_prints() {
        let value = parse(r#"{"a":[1,{"b":"x"}],"c":{},"d":[]}"#).unwrap();
        let expect = "{\n    \"a\": [\n        1,\n        {\n            \"b\": \"x\"\n        }\n    ],\n    \"c\": {},\n    \"d\": []\n}";
        assert_eq!(to_string_pretty(&value), expect);
    }

    #[test]
    fn floats_in_go_format() {
        let g = |number| format_float_g(number, 6);
        assert_eq!(g(1234567.5), "1.2345675e+06");
        assert_eq!(g(123456.5), "123456.5");
        assert_eq!(g(0.00001), "1e-05");
        assert_eq!(g(0.5), "0.5");
        assert_eq!(format_float_g(1e6, 21), "1000000");
    }
}
