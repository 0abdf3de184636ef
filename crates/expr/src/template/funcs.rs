//! The functions of templates: Go's own and those that kubectl adds.

use podyard_api::{Value, base64};

use super::compare::{equal, less};
use super::exec::Val;
use super::printf;

/// Every function, in alphabetical order.
const NAMES: [&str; 21] = [
    "and",
    "base64decode",
    "call",
    "eq",
    "exists",
    "ge",
    "gt",
    "html",
    "index",
    "js",
    "le",
    "len",
    "lt",
    "ne",
    "not",
    "or",
    "print",
    "printf",
    "println",
    "slice",
    "urlquery",
];

/// Why a call gives nothing.
pub(super) enum Wrong {
    /// Its own error.
    Call(String),
    /// It does not take such arguments.
    Arguments(String),
}

impl From<String> for Wrong {
    fn from(message: String) -> Self {
        Self::Call(message)
    }
}

pub(super) fn is_known(name: &str) -> bool {
    NAMES.contains(&name)
}

/// How many arguments a function takes, at least and at most.
fn arity(name: &str) -> (usize, Option<usize>) {
    match name {
        "and" | "or" | "index" | "slice" | "exists" | "printf" | "eq" | "call" => (1, None),
        "print" | "println" | "html" | "js" | "urlquery" => (0, None),
        "lt" | "le" | "gt" | "ge" | "ne" => (2, Some(2)),
        _ => (1, Some(1)),
    }
}

// Models go/src/text/template/funcs.go and staging/src/k8s.io/cli-runtime/pkg/printers/template.go
pub(super) fn call(name: &str, args: &[Val]) -> Result<Val, Wrong> {
    let (least, most) = arity(name);
    if args.len() < least || most.is_some_and(|most| args.len() > most) {
        let want = if most.is_some() { least.to_string() } else { format!("at least {least}") };
        return Err(Wrong::Arguments(format!("wrong number of args for {name}: want {want} got {}", args.len())));
    }
    let flag = |flag: bool| Ok(Val::text(flag));
    match name {
        // What is left of them when none decided.
        "and" | "or" => Ok(args.last().cloned().unwrap_or(Val::Missing)),
        "not" => flag(!args[0].is_true()),
        "eq" if args.len() < 2 => Err("missing argument for comparison".to_owned().into()),
        "eq" => {
            for other in &args[1..] {
                if equal(&args[0], other)? {
                    return flag(true);
                }
            }
            flag(false)
        }
        "ne" => flag(!equal(&args[0], &args[1])?),
        "lt" => flag(less(&args[0], &args[1])?),
        "le" => flag(less(&args[0], &args[1])? || equal(&args[0], &args[1])?),
        "gt" => flag(!(less(&args[0], &args[1])? || equal(&args[0], &args[1])?)),
        "ge" => flag(!less(&args[0], &args[1])?),
        "index" => Ok(index(&args[0], &args[1..])?),
        "exists" => flag(index(&args[0], &args[1..]).is_ok()),
        "slice" => Ok(slice(&args[0], &args[1..])?),
        "len" => Ok(length(&args[0])?),
        "print" => Ok(Val::text(printf::sprint(args))),
        "println" => Ok(Val::text(printf::sprintln(args))),
        "printf" => Ok(Val::text(printf::sprintf(text(&args[0])?, &args[1..]))),
        "html" => Ok(Val::text(html(&joined(args)))),
        "js" => Ok(Val::text(js(&joined(args)))),
        "urlquery" => Ok(Val::text(url_query(&joined(args)))),
        "base64decode" => Ok(Val::text(decode(text(&args[0])?)?)),
        _ => Err(format!("non-function of type {}", args[0].type_name()).into()),
    }
}

/// An argument that must be a text.
fn text(value: &Val) -> Result<&str, Wrong> {
    match value.value().and_then(Value::as_str) {
        Some(text) => Ok(text),
        None if !value.is_valid() => Err(Wrong::Arguments("invalid value; expected string".into())),
        None => {
            let kind = value.type_name();
            Err(Wrong::Arguments(format!("wrong type for value; expected string; got {kind}")))
        }
    }
}

fn joined(args: &[Val]) -> String {
    match args {
        [only] if only.value().is_some_and(|value| value.as_str().is_some()) => printf::print(only),
        _ => printf::sprint(args),
    }
}

fn index(item: &Val, indexes: &[Val]) -> Result<Val, String> {
    if !item.is_valid() {
        return Err("index of untyped nil".into());
    }
    let mut item = item.clone();
    for index in indexes {
        let found = match (item.value(), index) {
            (Some(Value::Null) | None, _) => return Err("index of nil pointer".into()),
            (Some(Value::Array(items)), index) => items[position(index, items.len())?].clone(),
            (Some(Value::String(text)), index) => {
                let byte = text.as_bytes()[position(index, text.len())?];
                item = Val::Int(byte.into());
                continue;
            }
            (Some(Value::Object(object)), Val::Json { value: Value::String(key), .. }) => {
                object.get(key).cloned().unwrap_or_default()
            }
            (Some(Value::Object(_)), Val::Missing) => return Err("value is nil; should be string".into()),
            (Some(Value::Object(_)), other) => {
                return Err(format!("value has type {}; should be string", other.type_name()));
            }
            (Some(_), _) => return Err(format!("can't index item of type {}", item.type_name())),
        };
        item = Val::Json { value: found, boxed: true };
    }
    Ok(item)
}

fn position(index: &Val, length: usize) -> Result<usize, String> {
    match index {
        Val::Int(number) => match usize::try_from(*number) {
            Ok(position) if position < length => Ok(position),
            _ => Err(format!("index out of range: {number}")),
        },
        other if !other.is_valid() => Err("cannot index slice/array with nil".into()),
        other => Err(format!("cannot index slice/array with type {}", other.type_name())),
    }
}

fn slice(item: &Val, indexes: &[Val]) -> Result<Val, String> {
    if !item.is_valid() {
        return Err("slice of untyped nil".into());
    }
    if indexes.len() > 3 {
        return Err(format!("too many slice indexes: {}", indexes.len()));
    }
    let length = match item.value() {
        Some(Value::String(_)) if indexes.len() == 3 => {
            return Err("cannot 3-index slice a string".into());
        }
        Some(Value::String(text)) => text.len(),
        Some(Value::Array(items)) => items.len(),
        _ => return Err(format!("can't slice item of type {}", item.type_name())),
    };
    let mut bounds = [0, length, length];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        *bound = position(index, length + 1)?;
    }
    let [from, to, _] = bounds;
    if from > to {
        return Err(format!("invalid slice index: {from} > {to}"));
    }
    Ok(match item.value() {
        Some(Value::Array(items)) => Val::text(items[from..to].iter().collect::<Value>()),
        Some(Value::String(text)) => Val::text(String::from_utf8_lossy(&text.as_bytes()[from..to]).into_owned()),
        _ => Val::Missing,
    })
}

fn length(item: &Val) -> Result<Val, String> {
    let length = match item {
        Val::Missing => return Err("reflect: call of reflect.Value.Type on zero Value".into()),
        Val::Json { value: Value::Null, .. } => return Err("len of nil pointer".into()),
        Val::Json { value: Value::String(text), .. } => text.len(),
        Val::Json { value: Value::Array(items), .. } => items.len(),
        Val::Json { value: Value::Object(object), .. } => object.len(),
        other => return Err(format!("len of type {}", other.type_name())),
    };
    Ok(Val::Int(length as i64))
}

fn decode(text: &str) -> Result<String, String> {
    let bytes = base64::decode(text).filter(|_| text.len().is_multiple_of(4));
    let bytes = bytes.ok_or_else(|| {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        let bad = text.bytes().position(|byte| !legal(byte)).unwrap_or(text.len() / 4 * 4);
        format!("base64 decode failed: illegal base64 data at input byte {bad}")
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('\'', "&#39;").replace('"', "&#34;");
    escaped.replace('<', "&lt;").replace('>', "&gt;").replace('\0', "\u{fffd}")
}

fn js(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '"' => out.push_str("\\\""),
            '<' => out.push_str("\\u003C"),
            '>' => out.push_str("\\u003E"),
            '&' => out.push_str("\\u0026"),
            '=' => out.push_str("\\u003D"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

fn url_query(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            byte if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) => out.push(byte.into()),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
