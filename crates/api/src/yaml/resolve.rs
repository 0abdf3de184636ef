//! What a plain scalar means in YAML 1.1, as Kubernetes' library reads it: `yes` is a boolean, `0644` is 420.
// Models sigs.k8s.io/yaml/goyaml.v2/resolve.go

use crate::Value;

/// The meaning of a scalar without quotes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plain {
    Null,
    Bool(bool),
    Int(i64),
    /// Beyond `i64`.
    Large(u64),
    Float(f64),
    /// A moment or day, which stays a text when it is read.
    Timestamp,
    Text,
}

impl Plain {
    /// The name of the type's tag, as errors give it.
    pub(super) fn tag(&self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Bool(_) => "!!bool",
            Self::Int(_) | Self::Large(_) => "!!int",
            Self::Float(_) => "!!float",
            Self::Timestamp => "!!timestamp",
            Self::Text => "!!str",
        }
    }

    pub(super) fn into_value(self, text: &str) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(flag),
            Self::Int(number) => Value::Int(number),
            Self::Large(number) => Value::Float(number as f64),
            Self::Float(number) => Value::Float(number),
            Self::Timestamp | Self::Text => Value::from(text),
        }
    }
}

pub(super) fn resolve(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return Plain::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Plain::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Plain::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Plain::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Plain::Float(f64::NEG_INFINITY),
        _ => {}
    }
    match text.as_bytes()[0] {
        b'.' => go_float(text).map_or(Plain::Text, Plain::Float),
        b'0'..=b'9' | b'+' | b'-' => number(text),
        _ => Plain::Text,
    }
}

fn number(text: &str) -> Plain {
    if is_timestamp(text) {
        return Plain::Timestamp;
    }
    let plain = text.replace('_', "");
    if let Some(number) = integer(&plain) {
        return number;
    }
    if is_float(&plain)
        && let Ok(number) = plain.parse::<f64>()
        && number.is_finite()
    {
        return Plain::Float(number);
    }
    Plain::Text
}

/// An integer in Go's notation: `0x1f`, `0o17`, `017`, `0b11`.
fn integer(text: &str) -> Option<Plain> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let size = u64::from_str_radix(digits, base).ok()?;
    if negative {
        return 0_i64.checked_sub_unsigned(size).map(Plain::Int);
    }
    match i64::try_from(size) {
        Ok(number) => Some(Plain::Int(number)),
        Err(_) if text.starts_with('+') => None,
        Err(_) => Some(Plain::Large(size)),
    }
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_float(text: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let whole = digits(text);
    let mut rest = &text[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let count = digits(fraction);
        if whole == 0 && count == 0 {
            return false;
        }
        rest = &fraction[count..];
    } else if whole == 0 {
        return false;
    }
    match rest.strip_prefix(['e', 'E']) {
        None => rest.is_empty(),
        Some(power) => {
            let power = power.strip_prefix(['-', '+']).unwrap_or(power);
            !power.is_empty() && digits(power) == power.len()
        }
    }
}

/// What begins with a point is read by Go's `ParseFloat`, which wants digits.
fn go_float(text: &str) -> Option<f64> {
    is_float(text).then(|| text.parse().ok()).flatten().filter(|number: &f64| number.is_finite())
}

/// `2006-1-2`, or with a time after `T`, `t` or a space; a zone only after a letter.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some((bytes[at], &text[at + 1..]))),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = parts.next().and_then(|year| year.parse().ok());
    let (Some(year), Some(month), Some(day), None) =
        (year, parts.next().and_then(short), parts.next().and_then(short), parts.next())
    else {
        return false;
    };
    let valid = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    valid && time.is_none_or(|(between, time)| is_time(time, between != b' '))
}

fn days_in(year: u32, month: u32) -> u32 {
    let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A number of one or two digits.
fn short(text: &str) -> Option<u32> {
    let good = matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
    good.then(|| text.parse().ok()).flatten()
}

fn is_time(text: &str, zoned: bool) -> bool {
    let at = if zoned { text.find(['Z', '+', '-']) } else { Some(text.len()) };
    let Some(at) = at else { return false };
    let (clock, zone) = text.split_at(at);
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(clock, fraction)| (clock, Some(fraction)));
    let mut parts = clock.split(':');
    let (Some(hour), Some(minute), Some(second), None) =
        (parts.next().and_then(short), parts.next().and_then(short), parts.next().and_then(short), parts.next())
    else {
        return false;
    };
    let whole = fraction.is_none_or(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    let zone_is_good = match zone.as_bytes() {
        [] => !zoned,
        b"Z" => true,
        [b'+' | b'-', a, b, b':', c, d] => [a, b, c, d].into_iter().all(u8::is_ascii_digit),
        _ => false,
    };
    hour < 24 && minute < 60 && second < 60 && whole && zone_is_good
}

/// Whether a text would be a number of base 60 for older readers, for which the writer quotes it.
pub(super) fn is_base60(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    if !first.starts_with(|c: char| c.is_ascii_digit()) || !plain(first) {
        return false;
    }
    let rest: Vec<&str> = parts.collect();
    let Some((last, middle)) = rest.split_last() else { return false };
    let (last, fraction) = last.split_once('.').unwrap_or((last, ""));
    let sixtieth = |part: &str| match part.as_bytes() {
        [digit] => digit.is_ascii_digit(),
        [b'0'..=b'5', digit] => digit.is_ascii_digit(),
        _ => false,
    };
    plain(fraction) && sixtieth(last) && middle.iter().all(|part| sixtieth(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words and what they mean.
    fn check(words: &str, expect: impl Fn(&Plain) -> bool) {
        for word in words.split('|') {
            let found = resolve(word);
            assert!(expect(&found), "{word:?} is {found:?}");
        }
    }

    #[test]
    fn plain_scalars_mean_what_yaml_1_1_says() {
        check("y|Yes|on|true|TRUE", |p| *p == Plain::Bool(true));
        check("n|NO|Off|false", |p| *p == Plain::Bool(false));
        check("|~|null|NULL", |p| *p == Plain::Null);
        check("420|0644|0o644|0x1a4|0b110100100|+420|4_20", |p| *p == Plain::Int(420));
        check("8|08.|08|8e0|+8.0", |p| matches!(p, Plain::Int(8)) || *p == Plain::Float(8.0));
        check("1e3|1E+3|.1e4", |p| *p == Plain::Float(1000.0));
        check("18446744073709551615", |p| *p == Plain::Large(u64::MAX));
        check("2026-01-02|2026-1-2T3:4:5Z|2026-01-02 03:04:05|2026-01-02T03:04:05.5+02:00", |p| *p == Plain::Timestamp);
        check("a|yEs|0x|1.2.3|-|1e|2026-13-01|2026-01-02T03:04:05|.|..|-.|1:30|0b2|<<|=|10Mi|--1|+", |p| {
            *p == Plain::Text
        });
    }

    #[test]
    fn base_60() {
        for (text, expect) in [
            ("1:30", true),
            ("12:30:45", true),
            ("-1:2.5", true),
            ("1:60", false),
            ("a:30", false),
            ("1:300", false),
            ("30", false),
        ] {
            assert_eq!(is_base60(text), expect, "{text}");
        }
    }
}
