//! Functions of texts.

use ecow::EcoString;
use regex_lite::RegexBuilder;

use crate::cel::eval::{Result, Scope, fail, no_overload};
use crate::cel::val::{List, Val};

/// Texts that are made get no longer than this.
const MAX_LENGTH: usize = 1 << 20;
/// Compiled patterns get no larger than this.
const MAX_PATTERN: usize = 1 << 16;

fn text(made: String) -> Result<Val> {
    if made.len() > MAX_LENGTH { fail("the text is too long") } else { Ok(Val::Text(made.into())) }
}

fn pattern(scope: &mut Scope, subject: &str, pattern: &str) -> Result<regex_lite::Regex> {
    scope.spend(states(pattern).saturating_mul(1 + subject.len() / 64))?;
    match RegexBuilder::new(pattern).size_limit(MAX_PATTERN).build() {
        Ok(regex) => Ok(regex),
        Err(why) => fail(format!("error parsing regexp: {why}")),
    }
}

/// About how many states a pattern has.
fn states(pattern: &str) -> usize {
    pattern.len() * if pattern.contains('{') { 8 } else { 1 }
}

pub(super) fn matches(scope: &mut Scope, subject: &str, regex: &str) -> Result<Val> {
    Ok(Val::Bool(pattern(scope, subject, regex)?.is_match(subject)))
}

/// The byte at which the character `index` begins.
fn byte_at(text: &str, index: i64) -> Option<usize> {
    let index = usize::try_from(index).ok()?;
    text.char_indices().map(|(byte, _)| byte).chain([text.len()]).nth(index)
}

fn out_of_range<T>(index: i64) -> Result<T> {
    fail(format!("index out of range: {index}"))
}

pub(super) fn method(scope: &mut Scope, this: &EcoString, name: &str, args: &[Val]) -> Result<Val> {
    match (name, args) {
        ("contains", [Val::Text(part)]) => Ok(Val::Bool(this.contains(part.as_str()))),
        ("startsWith", [Val::Text(part)]) => Ok(Val::Bool(this.starts_with(part.as_str()))),
        ("endsWith", [Val::Text(part)]) => Ok(Val::Bool(this.ends_with(part.as_str()))),
        ("matches", [Val::Text(regex)]) => matches(scope, this, regex),
        ("find", [Val::Text(regex)]) => {
            let regex = pattern(scope, this, regex)?;
            text(regex.find(this).map(|found| found.as_str().to_owned()).unwrap_or_default())
        }
        ("findAll", [Val::Text(regex)]) => find_all(scope, this, regex, usize::MAX),
        ("findAll", [Val::Text(regex), Val::Int(limit)]) => {
            find_all(scope, this, regex, usize::try_from(*limit).unwrap_or(usize::MAX))
        }
        ("lowerAscii", []) => text(this.to_ascii_lowercase().into()),
        ("upperAscii", []) => text(this.to_ascii_uppercase().into()),
        ("trim", []) => text(this.trim().to_owned()),
        ("reverse", []) => text(this.chars().rev().collect()),
        ("charAt", [Val::Int(index)]) => match byte_at(this, *index) {
            Some(byte) => text(this[byte..].chars().take(1).collect()),
            None => out_of_range(*index),
        },
        ("indexOf" | "lastIndexOf", [Val::Text(part)]) => Ok(find(this, name, part)),
        ("indexOf", [Val::Text(part), Val::Int(from)]) => match byte_at(this, *from) {
            Some(byte) => Ok(match find(&this[byte..], name, part) {
                Val::Int(found) if found >= 0 => Val::Int(found + from),
                none => none,
            }),
            None => out_of_range(*from),
        },
        ("lastIndexOf", [Val::Text(part), Val::Int(to)]) => match byte_at(this, to.saturating_add(1)) {
            Some(byte) => Ok(find(&this[..(byte + part.len().saturating_sub(1)).min(this.len())], name, part)),
            None => out_of_range(*to),
        },
        ("substring", [Val::Int(from)]) => substring(this, *from, this.chars().count() as i64),
        ("substring", [Val::Int(from), Val::Int(to)]) => substring(this, *from, *to),
        ("replace", [Val::Text(from), Val::Text(to)]) => replace(scope, this, from, to, usize::MAX),
        ("replace", [Val::Text(from), Val::Text(to), Val::Int(limit)]) => {
            replace(scope, this, from, to, usize::try_from(*limit).unwrap_or(usize::MAX))
        }
        ("split", [Val::Text(by)]) => Ok(split(this, by, usize::MAX)),
        ("split", [Val::Text(by), Val::Int(limit)]) => {
            Ok(split(this, by, usize::try_from(*limit).unwrap_or(usize::MAX)))
        }
        ("format", [Val::List(args)]) => format(this, args),
        _ => no_overload(),
    }
}

fn find_all(scope: &mut Scope, this: &str, regex: &str, limit: usize) -> Result<Val> {
    let step = states(regex).saturating_mul(1 + this.len() / 64);
    let regex = pattern(scope, this, regex)?;
    let mut found = Vec::new();
    for part in regex.find_iter(this).take(limit) {
        // A search may look far beyond what it finds.
        scope.spend(step)?;
        found.push(Val::Text(part.as_str().into()));
    }
    Ok(Val::list(found))
}

/// The number of characters before the first or last occurrence, or -1.
fn find(this: &str, name: &str, part: &str) -> Val {
    let byte = if name == "indexOf" { this.find(part) } else { this.rfind(part) };
    Val::Int(byte.map_or(-1, |byte| this[..byte].chars().count() as i64))
}

fn substring(this: &str, from: i64, to: i64) -> Result<Val> {
    match (byte_at(this, from), byte_at(this, to)) {
        (Some(start), Some(end)) if start <= end => text(this[start..end].to_owned()),
        (Some(_), Some(_)) => fail(format!("invalid substring range. start: {from}, end: {to}")),
        (None, _) => out_of_range(from),
        (_, None) => out_of_range(to),
    }
}

fn replace(scope: &mut Scope, this: &str, from: &str, to: &str, limit: usize) -> Result<Val> {
    let count = this.matches(from).take(limit).count();
    let length = this.len().saturating_add(count.saturating_mul(to.len()));
    scope.spend(length / 64)?;
    if length > MAX_LENGTH {
        return fail("the text is too long");
    }
    text(this.replacen(from, to, limit))
}

fn split(this: &str, by: &str, limit: usize) -> Val {
    let part = |part: &str| Val::Text(part.into());
    match (limit, by) {
        (0, _) => Val::list([]),
        (_, "") => {
            let ends = this.char_indices().map(|(byte, _)| byte).skip(1).take(limit - 1);
            let mut from = 0;
            let mut parts: Vec<_> = ends.map(|to| part(&this[std::mem::replace(&mut from, to)..to])).collect();
            if !this.is_empty() {
                parts.push(part(&this[from..]));
            }
            Val::list(parts)
        }
        _ => Val::list(this.splitn(limit, by).map(part)),
    }
}

/// `%s`, `%d`, `%f`, `%e`, `%b`, `%x`, `%X`, `%o`.
fn format(this: &str, args: &List) -> Result<Val> {
    let mut out = String::new();
    let mut args = args.iter();
    let mut chars = this.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        if chars.next_if_eq(&'%').is_some() {
            out.push('%');
            continue;
        }
        let mut precision = 6_usize;
        if chars.next_if_eq(&'.').is_some() {
            precision = 0;
            while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                precision = (precision * 10 + digit as usize).min(100);
                chars.next();
            }
        }
        let verb = chars.next().unwrap_or_default();
        let Some(arg) = args.next() else { return fail("index out of range") };
        out.push_str(&formatted(verb, &arg, precision)?);
        if out.len() > MAX_LENGTH {
            return fail("the text is too long");
        }
    }
    text(out)
}

fn formatted(verb: char, arg: &Val, precision: usize) -> Result<String> {
    let double = match arg {
        Val::Int(number) => Some(*number as f64),
        Val::Uint(number) => Some(*number as f64),
        Val::Double(number) => Some(*number),
        _ => None,
    };
    Ok(match (verb, arg, double) {
        ('s', arg, _) => arg.to_text().to_string(),
        ('d', Val::Int(_) | Val::Uint(_) | Val::Double(_), _) => arg.to_text().to_string(),
        ('f', _, Some(number)) => format!("{number:.precision$}"),
        ('e', _, Some(number)) => format!("{number:.precision$e}"),
        ('b', Val::Int(number), _) => format!("{number:b}"),
        ('b', Val::Bool(flag), _) => u8::from(*flag).to_string(),
        ('o', Val::Int(number), _) => format!("{number:o}"),
        ('x', Val::Int(number), _) => format!("{number:x}"),
        ('X', Val::Int(number), _) => format!("{number:X}"),
        ('x', Val::Text(text), _) => text.bytes().map(|byte| format!("{byte:02x}")).collect(),
        ('X', Val::Text(text), _) => text.bytes().map(|byte| format!("{byte:02X}")).collect(),
        _ => {
            return fail(format!(
                "error during formatting: could not parse formatting clause: unrecognized formatting clause \"{verb}\""
            ));
        }
    })
}
