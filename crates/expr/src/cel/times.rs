//! Moments and lengths of time.

use podyard_api::timestamp as api;

use super::eval::{Result, fail, no_overload};
use super::val::Val;

const DAY: i64 = 86_400_000_000;

pub(super) fn timestamp(value: &Val) -> Result<Val> {
    match value {
        Val::Text(text) => match api::parse(text) {
            Some(micros) => Ok(Val::Timestamp(micros)),
            None => fail(format!("invalid RFC 3339 timestamp: {text}")),
        },
        Val::Int(seconds) => match seconds.checked_mul(1_000_000) {
            Some(micros) => Ok(Val::Timestamp(micros)),
            None => fail("timestamp overflow"),
        },
        Val::Timestamp(_) => Ok(value.clone()),
        _ => no_overload(),
    }
}

pub(super) fn duration(value: &Val) -> Result<Val> {
    match value {
        Val::Text(text) => match parse(text) {
            Some(micros) => Ok(Val::Duration(micros)),
            None => fail(format!("time: invalid duration \"{text}\"")),
        },
        Val::Duration(_) => Ok(value.clone()),
        _ => no_overload(),
    }
}

/// `1h30m`, `-1.5s`, `300ms`, as Go reads durations.
fn parse(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut sum = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| c != '.' && !c.is_ascii_digit())?;
        let amount: f64 = rest[..digits].parse().ok()?;
        let after = &rest[digits..];
        let length = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
        let unit = match &after[..length] {
            "ns" => 1e-3,
            "us" | "µs" | "μs" => 1.0,
            "ms" => 1e3,
            "s" => 1e6,
            "m" => 60e6,
            "h" => 3600e6,
            _ => return None,
        };
        sum += amount * unit;
        rest = &after[length..];
    }
    (sum < 9.2e18).then_some((sign * sum) as i64)
}

pub(super) fn method(this: &Val, name: &str, args: &[Val]) -> Result<Val> {
    match (this, args) {
        (Val::Duration(micros), []) => of_duration(*micros, name),
        (Val::Timestamp(micros), []) => of_timestamp(*micros, name),
        (Val::Timestamp(micros), [Val::Text(zone)]) => match offset(zone) {
            Some(offset) => of_timestamp(micros.saturating_add(offset), name),
            None => fail(format!("unknown time zone {zone}")),
        },
        _ => no_overload(),
    }
}

/// Microseconds east of UTC.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "UTC" | "") {
        return Some(0);
    }
    let (sign, rest) = match zone.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, zone.strip_prefix('+').unwrap_or(zone)),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let minutes = i64::from(hours.parse::<u8>().ok()?) * 60 + i64::from(minutes.parse::<u8>().ok()?);
    Some(sign * minutes * 60_000_000)
}

fn of_duration(micros: i64, name: &str) -> Result<Val> {
    Ok(Val::Int(match name {
        "getHours" => micros / 3_600_000_000,
        "getMinutes" => micros / 60_000_000,
        "getSeconds" => micros / 1_000_000,
        "getMilliseconds" => micros / 1000,
        _ => return no_overload(),
    }))
}

fn of_timestamp(micros: i64, name: &str) -> Result<Val> {
    let text = api::rfc3339(micros);
    let part =
        |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<i64>().ok()).unwrap_or_default();
    let days = micros.div_euclid(DAY);
    Ok(Val::Int(match name {
        "getFullYear" => part(0, 4),
        "getMonth" => part(5, 7) - 1,
        "getDate" => part(8, 10),
        "getDayOfMonth" => part(8, 10) - 1,
        "getHours" => part(11, 13),
        "getMinutes" => part(14, 16),
        "getSeconds" => part(17, 19),
        "getMilliseconds" => micros.rem_euclid(1_000_000) / 1000,
        // 1970-01-01 was a Thursday.
        "getDayOfWeek" => (days + 4).rem_euclid(7),
        "getDayOfYear" => {
            days - api::parse(&format!("{}-01-01T00:00:00Z", &text[..4])).unwrap_or_default().div_euclid(DAY)
        }
        _ => return no_overload(),
    }))
}
