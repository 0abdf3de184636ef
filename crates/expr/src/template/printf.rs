//! Values as text: Go's `fmt` for what templates have.

use podyard_api::{Value, gostr, json};

use super::exec::Val;

/// Widths and precisions beyond this are cut.
const MAX_WIDTH: usize = 10_000;

/// A value as an action prints it.
pub(super) fn print(value: &Val) -> String {
    match value {
        Val::Missing => "<no value>".into(),
        Val::Int(number) => number.to_string(),
        Val::Json { value, boxed: _ } if value.is_null() => "<no value>".into(),
        Val::Json { value, .. } => plain(value),
    }
}

/// `%v`, all numbers being floats.
fn plain(value: &Value) -> String {
    match value {
        Value::Int(number) => json::format_float_g(*number as f64, 6),
        Value::Array(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(" ")),
        Value::Object(object) => {
            let pairs = object.entries().iter().map(|(key, value)| format!("{key}:{}", plain(value)));
            format!("map[{}]", pairs.collect::<Vec<_>>().join(" "))
        }
        other => crate::go::print(other),
    }
}

/// A value as an argument of `print`: nothing there is `<nil>`.
fn argument(value: &Val) -> String {
    if value.is_valid() { print(value) } else { "<nil>".into() }
}

fn is_text(value: &Val) -> bool {
    value.value().is_some_and(|value| value.as_str().is_some())
}

/// Blanks only between values of which neither is a text.
pub(super) fn sprint(args: &[Val]) -> String {
    let mut out = String::new();
    for (index, arg) in args.iter().enumerate() {
        if index > 0 && !is_text(arg) && !is_text(&args[index - 1]) {
            out.push(' ');
        }
        out.push_str(&argument(arg));
    }
    out
}

pub(super) fn sprintln(args: &[Val]) -> String {
    args.iter().map(argument).collect::<Vec<_>>().join(" ") + "\n"
}

/// A verb's flags.
#[derive(Default)]
struct Spec {
    minus: bool,
    plus: bool,
    zero: bool,
    space: bool,
    sharp: bool,
    width: usize,
    precision: Option<usize>,
}

// Models go/src/fmt/print.go
pub(super) fn sprintf(format: &str, args: &[Val]) -> String {
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    let mut rest = args.iter();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut spec = Spec::default();
        while let Some(flag) = chars.next_if(|c| "-+# 0".contains(*c)) {
            match flag {
                '-' => spec.minus = true,
                '+' => spec.plus = true,
                '#' => spec.sharp = true,
                ' ' => spec.space = true,
                _ => spec.zero = true,
            }
        }
        let number = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            let mut digits = 0_usize;
            while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                digits = digits.saturating_mul(10).saturating_add(digit as usize).min(MAX_WIDTH);
                chars.next();
            }
            digits
        };
        spec.width = number(&mut chars);
        if chars.next_if_eq(&'.').is_some() {
            spec.precision = Some(number(&mut chars));
        }
        match (chars.next(), rest.len()) {
            (None, _) => out.push_str("%!(NOVERB)"),
            (Some('%'), _) => out.push('%'),
            (Some(verb), 0) => out.push_str(&format!("%!{verb}(MISSING)")),
            (Some(verb), _) => {
                let value = rest.next().unwrap_or(&Val::Missing);
                out.push_str(&padded(&formatted(verb, value, &spec), &spec, value));
            }
        }
    }
    if rest.len() > 0 {
        let extra = rest.map(|value| match value.is_valid() {
            true => format!("{}={}", value.type_name(), argument(value)),
            false => "<nil>".into(),
        });
        let extra: Vec<_> = extra.collect();
        out.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    out
}

fn padded(text: &str, spec: &Spec, value: &Val) -> String {
    let missing = spec.width.saturating_sub(text.chars().count());
    let numeric = matches!(value, Val::Int(_) | Val::Json { value: Value::Int(_) | Value::Float(_), .. });
    if spec.minus {
        return format!("{text}{}", " ".repeat(missing));
    }
    if !spec.zero || !numeric {
        return format!("{}{text}", " ".repeat(missing));
    }
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => text.split_at(text.len() - digits.len()),
        None => ("", text),
    };
    format!("{sign}{}{digits}", "0".repeat(missing))
}

fn formatted(verb: char, value: &Val, spec: &Spec) -> String {
    let bad = || match value.is_valid() {
        true => format!("%!{verb}({}={})", value.type_name(), argument(value)),
        false => format!("%!{verb}(<nil>)"),
    };
    let cut = |text: &str| spec.precision.map_or_else(|| text.to_owned(), |limit| text.chars().take(limit).collect());
    let signed = |text: String| match text.starts_with('-') {
        false if spec.plus => format!("+{text}"),
        false if spec.space => format!(" {text}"),
        _ => text,
    };
    match value {
        _ if verb == 'T' => value.type_name().into(),
        value if !value.is_valid() => {
            if verb == 'v' {
                "<nil>".into()
            } else {
                bad()
            }
        }
        Val::Int(number) => match verb {
            'd' | 'v' => signed(number.to_string()),
            'x' if spec.sharp => format!("{number:#x}"),
            'x' => format!("{number:x}"),
            'X' => format!("{number:X}"),
            'o' => format!("{number:o}"),
            'b' => format!("{number:b}"),
            'c' => u32::try_from(*number).ok().and_then(char::from_u32).unwrap_or('\u{fffd}').to_string(),
            'U' => format!("U+{number:04X}"),
            _ => bad(),
        },
        Val::Json { value: inner, .. } => match (inner, verb) {
            (Value::String(text), 's' | 'v') if verb == 's' || !spec.sharp => cut(text),
            (Value::String(text), 'q' | 'v') => gostr::quote(&cut(text)),
            (Value::String(text), 'x') => text.bytes().map(|byte| format!("{byte:02x}")).collect(),
            (Value::String(text), 'X') => text.bytes().map(|byte| format!("{byte:02X}")).collect(),
            (Value::Bool(flag), 't' | 'v') => flag.to_string(),
            (Value::Int(_) | Value::Float(_), _) => match float(verb, inner.as_f64().unwrap_or_default(), spec) {
                Some(text) => signed(text),
                None => bad(),
            },
            (Value::Array(_) | Value::Object(_), 'v' | 's') => print(value),
            _ => bad(),
        },
        Val::Missing => bad(),
    }
}

fn float(verb: char, number: f64, spec: &Spec) -> Option<String> {
    let precision = spec.precision.unwrap_or(6);
    Some(match verb {
        'f' | 'F' => format!("{number:.precision$}"),
        'e' | 'E' => {
            let text = format!("{number:.precision$e}");
            let (digits, exponent) = text.split_once('e')?;
            let power: i32 = exponent.parse().ok()?;
            let sign = if power < 0 { '-' } else { '+' };
            format!("{digits}{}{sign}{:02}", verb, power.abs())
        }
        'g' | 'v' => json::format_float_g(number, 6),
        _ => return None,
    })
}
