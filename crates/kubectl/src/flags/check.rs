//! Values of flags: what Go's `strconv` and `time` accept, and how they refuse.

use ecow::EcoString;

use super::{Flag, Kind};

/// What pflag says after `invalid argument "x" for "--flag" flag: `.
pub(super) fn check(flag: &Flag, value: &str) -> Result<(), String> {
    match flag.kind {
        Kind::Text | Kind::Texts => Ok(()),
        Kind::Slice => check_csv(value),
        Kind::Bool => match parse_bool(value) {
            Some(_) => Ok(()),
            None => Err(format!("strconv.ParseBool: parsing {value:?}: invalid syntax")),
        },
        Kind::Int | Kind::Int64 => parse_int(value, 64).map(drop),
        Kind::Int32 => parse_int(value, 32).map(drop),
        Kind::Duration => parse_duration(value).map(drop),
        Kind::Map => match split_commas(value).into_iter().find(|pair| !pair.contains('=')) {
            Some(pair) => Err(format!("{pair} must be formatted as key=value")),
            None => Ok(()),
        },
    }
}

fn check_csv(value: &str) -> Result<(), String> {
    match value.find('"') {
        Some(column) if !value.starts_with('"') && !value[..column].ends_with(',') => {
            Err(format!("parse error on line 1, column {}: bare \" in non-quoted-field", column + 1))
        }
        _ => Ok(()),
    }
}

/// Splits as a line of CSV: a field may be quoted to hold commas.
pub(super) fn split_commas(text: &str) -> Vec<EcoString> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        match (c, quoted) {
            ('"', _) => quoted = !quoted,
            (',', false) => fields.push(String::new()),
            _ => {
                if let Some(field) = fields.last_mut() {
                    field.push(c);
                }
            }
        }
    }
    fields.into_iter().map(Into::into).collect()
}

// Models Go's strconv.ParseBool
pub(super) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// Go's `strconv.ParseInt(text, 0, bits)`.
pub(super) fn parse_int(text: &str, bits: u32) -> Result<i64, String> {
    let refused = |why: &str| format!("strconv.ParseInt: parsing {text:?}: {why}");
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(refused("invalid syntax"));
    }
    let number = i128::from_str_radix(digits, radix).map_err(|_| refused("value out of range"))?;
    let number = if negative { -number } else { number };
    let limit = 1i128 << (bits - 1);
    if number < -limit || number >= limit {
        return Err(refused("value out of range"));
    }
    i64::try_from(number).map_err(|_| refused("value out of range"))
}

const UNITS: [(&str, i64); 7] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Nanoseconds of a duration as Go writes it (`1h30m`, `500ms`).
///
/// # Errors
/// What Go's `time.ParseDuration` says.
pub(crate) fn parse_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let (sign, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (-1.0, &text[1..]),
        Some(b'+') => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..end].parse().map_err(|_| invalid())?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let unit = &rest[..end];
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {text:?}"));
        }
        let Some((_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(format!("time: unknown unit {unit:?} in duration {text:?}"));
        };
        total += number * *scale as f64;
        rest = &rest[end..];
    }
    if total > i64::MAX as f64 {
        return Err(invalid());
    }
    Ok((sign * total) as i64)
}

/// Nanoseconds as Go's `Duration.String` writes them.
pub(crate) fn format_duration(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let total = nanoseconds.unsigned_abs();
    let fraction = |number: u64, scale: u64| {
        let text = format!("{}.{:0width$}", number / scale, number % scale, width = scale.ilog10() as usize);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    match total {
        0 => "0s".to_owned(),
        1..1_000 => format!("{sign}{total}ns"),
        1_000..1_000_000 => format!("{sign}{}µs", fraction(total, 1_000)),
        1_000_000..1_000_000_000 => format!("{sign}{}ms", fraction(total, 1_000_000)),
        _ => {
            let (hours, minutes) = (total / 3_600_000_000_000, total / 60_000_000_000 % 60);
            let seconds = fraction(total % 60_000_000_000, 1_000_000_000);
            match (hours, minutes) {
                (0, 0) => format!("{sign}{seconds}s"),
                (0, _) => format!("{sign}{minutes}m{seconds}s"),
                _ => format!("{sign}{hours}h{minutes}m{seconds}s"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_as_go_reads_them() {
        assert_eq!(parse_int("0x10", 64), Ok(16));
        assert_eq!(parse_int("-3", 32), Ok(-3));
        assert_eq!(parse_int("two", 64), Err("strconv.ParseInt: parsing \"two\": invalid syntax".into()));
        assert_eq!(
            parse_int("3000000000", 32),
            Err("strconv.ParseInt: parsing \"3000000000\": value out of range".into())
        );
    }

    #[test]
    fn durations_as_go_reads_and_writes_them() {
        for (text, shown) in
            [("90s", "1m30s"), ("1.5h", "1h30m0s"), ("250ms", "250ms"), ("0", "0s"), ("1m0.5s", "1m0.5s")]
        {
            assert_eq!(parse_duration(text).map(format_duration), Ok(shown.to_owned()), "{text}");
        }
        assert_eq!(parse_duration("5"), Err("time: missing unit in duration \"5\"".into()));
        assert_eq!(parse_duration("5x"), Err("time: unknown unit \"x\" in duration \"5x\"".into()));
        assert_eq!(parse_duration("x"), Err("time: invalid duration \"x\"".into()));
    }
}
