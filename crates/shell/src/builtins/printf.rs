//! `printf`

use ecow::EcoString;

use super::{Ran, printed, usage};
use crate::expand::arith::number;
use crate::expand::quote;
use crate::replay::{Cx, Suspend};
use crate::syntax::unescape;

/// How wide a field may be made.
const MAX_WIDTH: usize = 1 << 16;
/// How much one `printf` may print.
const MAX_OUTPUT: usize = 16 << 20;

pub(super) fn printf(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let mut args = &argv[1..];
    let mut variable = None;
    if args.first().is_some_and(|arg| arg == "-v") {
        variable = args.get(1).cloned();
        args = args.get(2..).unwrap_or_default();
    }
    if args.first().is_some_and(|arg| arg == "--") {
        args = &args[1..];
    }
    let Some((text, rest)) = args.split_first() else {
        return usage(cx, "printf: usage", "printf [-v var] format [arguments]");
    };
    let (out, errors) = format(text, rest);
    for error in &errors {
        cx.complain(&format!("printf: {error}"))?;
    }
    let status = u8::from(!errors.is_empty());
    match variable {
        Some(name) => {
            if let Err(refusal) = cx.state.set(&name, out) {
                cx.complain(&format!("printf: {refusal}"))?;
                return Ok(Ran::Status(1));
            }
        }
        None => {
            if let ran @ Ran::Status(1..) = printed(cx, "printf", &out)? {
                return Ok(ran);
            }
        }
    }
    Ok(Ran::Status(status))
}

/// A conversion: `%-5.2f`.
struct Spec {
    flags: String,
    width: Option<i64>,
    precision: Option<usize>,
    kind: char,
}

/// Formats, using the format again while arguments are left. Answers the errors, too.
pub(crate) fn format(text: &str, args: &[EcoString]) -> (String, Vec<String>) {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut errors) = (String::new(), Vec::new());
    let mut left = args.iter();
    loop {
        let before = left.len();
        if once(&chars, &mut left, &mut out, &mut errors) || left.len() == 0 || left.len() == before {
            return (out, errors);
        }
        if out.len() > MAX_OUTPUT {
            errors.push("output too long".into());
            return (out, errors);
        }
    }
}

/// Goes through the format once; `true` if `\c` stops it all.
fn once(
    chars: &[char],
    args: &mut std::slice::Iter<'_, EcoString>,
    out: &mut String,
    errors: &mut Vec<String>,
) -> bool {
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        at += 1;
        match c {
            '\\' => {
                let end = escape_end(chars, at);
                let piece: String = chars[at - 1..end].iter().collect();
                if piece == "\\c" {
                    return true;
                }
                out.push_str(&unescape(&piece, false).0);
                at = end;
            }
            '%' if chars.get(at) == Some(&'%') => {
                out.push('%');
                at += 1;
            }
            '%' => {
                let start = at - 1;
                let Some((spec, end)) = spec(chars, at, args) else {
                    let piece: String = chars[start..].iter().collect();
                    errors.push(format!("`{piece}': missing format character"));
                    return true;
                };
                at = end;
                match convert(&spec, args, errors) {
                    Some((text, stop)) => {
                        out.push_str(&text);
                        if stop {
                            return true;
                        }
                    }
                    None => {
                        errors.push(format!("`{}': invalid format character", spec.kind));
                        return true;
                    }
                }
            }
            c => out.push(c),
        }
    }
    false
}

/// Where the escape that begins before `at` ends.
fn escape_end(chars: &[char], at: usize) -> usize {
    let digits = |from: usize, radix: u32, most: usize| {
        from + chars[from.min(chars.len())..].iter().take(most).take_while(|c| c.is_digit(radix)).count()
    };
    match chars.get(at) {
        Some('0'..='7') => digits(at, 8, 3),
        Some('x') => digits(at + 1, 16, 2),
        Some('u') => digits(at + 1, 16, 4),
        Some('U') => digits(at + 1, 16, 8),
        Some(_) => at + 1,
        None => at,
    }
}

fn spec(chars: &[char], mut at: usize, args: &mut std::slice::Iter<'_, EcoString>) -> Option<(Spec, usize)> {
    let mut flags = String::new();
    while let Some(c) = chars.get(at).filter(|c| "-+ #0'".contains(**c)) {
        flags.push(*c);
        at += 1;
    }
    let mut read = |at: &mut usize| -> Option<i64> {
        if chars.get(*at) == Some(&'*') {
            *at += 1;
            return args.next().and_then(|arg| arg.parse().ok());
        }
        let start = *at;
        while chars.get(*at).is_some_and(char::is_ascii_digit) {
            *at += 1;
        }
        chars[start..*at].iter().collect::<String>().parse().ok()
    };
    let mut width = read(&mut at);
    if width.is_some_and(|width| width < 0) {
        flags.push('-');
        width = width.map(i64::abs);
    }
    let mut precision = None;
    if chars.get(at) == Some(&'.') {
        at += 1;
        precision = Some(read(&mut at).unwrap_or(0).clamp(0, MAX_WIDTH as i64) as usize);
    }
    while chars.get(at).is_some_and(|c| matches!(c, 'l' | 'h' | 'j' | 'z' | 't')) {
        at += 1;
    }
    let kind = *chars.get(at)?;
    Some((Spec { flags, width, precision, kind }, at + 1))
}

fn convert(
    spec: &Spec,
    args: &mut std::slice::Iter<'_, EcoString>,
    errors: &mut Vec<String>,
) -> Option<(String, bool)> {
    let text = match spec.kind {
        's' | 'b' | 'q' | 'c' => {
            let arg = args.next().cloned().unwrap_or_default();
            let (mut text, mut stop) = (arg.to_string(), false);
            match spec.kind {
                'b' => (text, stop) = unescape(&arg, true),
                'q' if text.is_empty() => text = "''".into(),
                'q' => text = shell_quoted(&arg),
                'c' => text = text.chars().take(1).collect(),
                _ => {}
            }
            if let Some(precision) = spec.precision {
                text = text.chars().take(precision).collect();
            }
            return Some((pad(text, spec, false), stop));
        }
        'd' | 'i' => {
            let value = integer(args.next(), errors);
            signed(value.to_string(), value >= 0, spec)
        }
        'u' => digits((integer(args.next(), errors) as u64).to_string(), spec),
        'o' => digits(format!("{:o}", integer(args.next(), errors)), spec),
        'x' => prefixed("0x", format!("{:x}", integer(args.next(), errors)), spec),
        'X' => prefixed("0X", format!("{:X}", integer(args.next(), errors)), spec),
        'f' | 'F' | 'e' | 'E' | 'g' | 'G' => {
            let arg = args.next().cloned().unwrap_or_default();
            let value = arg.trim().parse::<f64>().unwrap_or_else(|_| {
                if !arg.is_empty() {
                    errors.push(format!("{arg}: invalid number"));
                }
                0.0
            });
            signed(float(value, spec), value >= 0.0, spec)
        }
        _ => return None,
    };
    Some((pad(text, spec, true), false))
}

fn prefixed(prefix: &str, text: String, spec: &Spec) -> String {
    let text = digits(text, spec);
    if spec.flags.contains('#') && text != "0" { format!("{prefix}{text}") } else { text }
}

/// At least as many digits as the precision says.
fn digits(text: String, spec: &Spec) -> String {
    match spec.precision {
        Some(precision) => format!("{text:0>precision$}"),
        None => text,
    }
}

fn signed(text: String, positive: bool, spec: &Spec) -> String {
    let text = match (text.strip_prefix('-'), spec.kind) {
        (Some(rest), 'd' | 'i') => format!("-{}", digits(rest.into(), spec)),
        (None, 'd' | 'i') => digits(text, spec),
        _ => text,
    };
    if positive && spec.flags.contains('+') {
        format!("+{text}")
    } else if positive && spec.flags.contains(' ') {
        format!(" {text}")
    } else {
        text
    }
}

fn integer(arg: Option<&EcoString>, errors: &mut Vec<String>) -> i64 {
    let Some(arg) = arg else { return 0 };
    if let Some(c) = arg.strip_prefix(['\'', '"']) {
        return c.chars().next().map_or(0, |c| i64::from(c as u32));
    }
    let text = arg.trim();
    if text.is_empty() {
        return 0;
    }
    let (negative, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let length = magnitude.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let is_number = magnitude.starts_with(|c: char| c.is_ascii_digit());
    let value = if is_number { number(&magnitude[..length]).ok() } else { None };
    match value {
        Some(value) if length == magnitude.len() => {
            if negative {
                value.wrapping_neg()
            } else {
                value
            }
        }
        _ => {
            errors.push(format!("{arg}: invalid number"));
            let digits: String = magnitude.chars().take_while(char::is_ascii_digit).collect();
            let value = digits.parse::<i64>().unwrap_or(0);
            if negative { -value } else { value }
        }
    }
}

/// A floating-point number as C prints it.
pub(crate) fn c_float(value: f64, kind: char, precision: Option<usize>) -> String {
    let spec = Spec { flags: String::new(), width: None, precision, kind };
    float(value, &spec)
}

fn float(value: f64, spec: &Spec) -> String {
    let precision = spec.precision.unwrap_or(6).min(300);
    if !value.is_finite() {
        let text = if value.is_nan() { "nan" } else { "inf" };
        return if value < 0.0 { format!("-{text}") } else { text.into() };
    }
    match spec.kind {
        'f' | 'F' => format!("{value:.precision$}"),
        'e' | 'E' => exponent(value, precision, spec.kind),
        _ => {
            let precision = precision.max(1);
            let shown = exponent(value, precision - 1, 'e');
            let power = shown.rsplit('e').next().and_then(|text| text.parse::<i32>().ok()).unwrap_or(0);
            let trim = |text: String| {
                if text.contains('.') && !spec.flags.contains('#') {
                    text.trim_end_matches('0').trim_end_matches('.').to_string()
                } else {
                    text
                }
            };
            if power < -4 || power >= precision as i32 {
                let (digits, power) = shown.split_once('e').unwrap_or((&shown, "+00"));
                let sign = if spec.kind == 'G' { 'E' } else { 'e' };
                format!("{}{sign}{power}", trim(digits.to_string()))
            } else {
                let decimals = (precision as i32 - 1 - power).max(0) as usize;
                trim(format!("{value:.decimals$}"))
            }
        }
    }
}

fn exponent(value: f64, precision: usize, kind: char) -> String {
    let text = format!("{value:.precision$e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    let power = power.parse::<i32>().unwrap_or(0);
    let sign = if power < 0 { '-' } else { '+' };
    let e = if kind.is_ascii_uppercase() { 'E' } else { 'e' };
    format!("{digits}{e}{sign}{:02}", power.abs())
}

fn pad(text: String, spec: &Spec, is_number: bool) -> String {
    let width = spec.width.unwrap_or(0).clamp(0, MAX_WIDTH as i64) as usize;
    let length = text.chars().count();
    if length >= width {
        return text;
    }
    let missing = width - length;
    if spec.flags.contains('-') {
        return format!("{text}{}", " ".repeat(missing));
    }
    let has_precision = spec.precision.is_some() && "diuoxX".contains(spec.kind);
    if spec.flags.contains('0') && is_number && !has_precision {
        let sign = usize::from(text.starts_with(['-', '+', ' ']));
        return format!("{}{}{}", &text[..sign], "0".repeat(missing), &text[sign..]);
    }
    format!("{}{text}", " ".repeat(missing))
}

/// `%q`: backslashes rather than quotes.
fn shell_quoted(text: &str) -> String {
    if text.chars().any(char::is_control) {
        return quote(text);
    }
    let mut out = String::new();
    for c in text.chars() {
        if !(c.is_alphanumeric() || "_-./:=,+@%^".contains(c)) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
