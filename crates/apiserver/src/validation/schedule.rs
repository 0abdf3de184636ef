//! The schedules of cron jobs: five fields, or a macro, and what is wrong with them.
// Models vendor/github.com/robfig/cron/v3/parser.go

use super::field::{At, Errors};

/// The name of a field's values, and from where to where they go.
struct Bounds {
    min: u32,
    max: u32,
    names: &'static [&'static str],
}

const MONTHS: &[&str] = &["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: [Bounds; 5] = [
    Bounds { min: 0, max: 59, names: &[] },
    Bounds { min: 0, max: 23, names: &[] },
    Bounds { min: 1, max: 31, names: &[] },
    Bounds { min: 1, max: 12, names: MONTHS },
    Bounds { min: 0, max: 6, names: DAYS },
];
const MACROS: [&str; 7] = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

pub(crate) fn check(at: &At, errors: &mut Errors) {
    let text = at.str();
    let without_zone = text.strip_prefix("TZ=").or(text.strip_prefix("CRON_TZ="));
    let rest = without_zone.map_or(text, |zoned| zoned.split_once(' ').map_or("", |(_, rest)| rest).trim());
    if let Err(why) = parse(rest) {
        errors.invalid(&at.path, text, &why);
    }
    if text.contains("TZ") {
        errors.invalid(&at.path, text, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
    }
}

fn parse(text: &str) -> Result<(), String> {
    if let Some(every) = text.strip_prefix("@every ") {
        let why =
            || format!("failed to parse duration {text}: time: invalid duration {}", podyard_api::gostr::quote(every));
        return if is_duration(every) { Ok(()) } else { Err(why()) };
    }
    if text.starts_with('@') {
        let known = MACROS.contains(&text);
        return if known { Ok(()) } else { Err(format!("unrecognized descriptor: {text}")) };
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Err(format!("expected exactly 5 fields, found {}: [{}]", fields.len(), fields.join(" ")));
    }
    fields.iter().zip(&FIELDS).try_for_each(|(field, bounds)| {
        field.split(',').filter(|part| !part.is_empty()).try_for_each(|part| range(part, bounds))
    })
}

/// As Go writes durations: numbers with units, as `1h30m`.
fn is_duration(text: &str) -> bool {
    const UNITS: [&str; 7] = ["ns", "us", "µs", "ms", "s", "m", "h"];
    let mut rest = text.trim_start_matches(['+', '-']);
    while !rest.is_empty() {
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let next = unit.trim_start_matches(|c: char| c.is_alphabetic());
        if unit.len() == rest.len() || !UNITS.contains(&&unit[..unit.len() - next.len()]) {
            return false;
        }
        rest = next;
    }
    !text.is_empty()
}

/// `number | number-number [/number]`, `*` or `?`.
fn range(text: &str, bounds: &Bounds) -> Result<(), String> {
    let parts: Vec<&str> = text.split('/').collect();
    let ends: Vec<&str> = parts[0].split('-').collect();
    let single = ends.len() == 1;
    let (start, mut end) = match ends.as_slice() {
        ["*" | "?"] => (bounds.min, bounds.max),
        [one] => (number(one, bounds)?, number(one, bounds)?),
        [start, end] => (number(start, bounds)?, number(end, bounds)?),
        _ => return Err(format!("too many hyphens: {text}")),
    };
    let step = match parts.as_slice() {
        [_] => 1,
        [_, step] => {
            let step = digits(step)?;
            if single {
                end = bounds.max;
            }
            step
        }
        _ => return Err(format!("too many slashes: {text}")),
    };
    if start < bounds.min {
        return Err(format!("beginning of range ({start}) below minimum ({}): {text}", bounds.min));
    }
    if end > bounds.max {
        return Err(format!("end of range ({end}) above maximum ({}): {text}", bounds.max));
    }
    if start > end {
        return Err(format!("beginning of range ({start}) beyond end of range ({end}): {text}"));
    }
    if step == 0 {
        return Err(format!("step of range should be a positive number: {text}"));
    }
    Ok(())
}

fn number(text: &str, bounds: &Bounds) -> Result<u32, String> {
    let lower = text.to_lowercase();
    let named = bounds.names.iter().position(|name| !name.is_empty() && *name == lower);
    named.map_or_else(|| digits(text), |index| Ok(u32::try_from(index).unwrap_or_default()))
}

fn digits(text: &str) -> Result<u32, String> {
    let quoted = podyard_api::gostr::quote(text);
    match text.parse::<i64>() {
        Ok(number) if number < 0 => Err(format!("negative number ({number}) not allowed: {text}")),
        Ok(number) => Ok(u32::try_from(number).unwrap_or(u32::MAX)),
        Err(_) => {
            let range = text.trim_start_matches(['+', '-']);
            let too_large = !range.is_empty() && range.bytes().all(|b| b.is_ascii_digit());
            let why = if too_large { "value out of range" } else { "invalid syntax" };
            Err(format!("failed to parse int from {text}: strconv.Atoi: parsing {quoted}: {why}"))
        }
    }
}

/// Whether the name is one of the time zone database. Areas are checked by their names, places by their form.
pub(crate) fn is_time_zone(name: &str) -> bool {
    const ALONE: &str = " UTC GMT UCT Zulu Universal Greenwich CET CST6CDT Cuba EET EST EST5EDT Egypt Eire GB GB-Eire \
        GMT+0 GMT-0 GMT0 HST Hongkong Iceland Iran Israel Jamaica Japan Kwajalein Libya MET MST MST7MDT NZ NZ-CHAT \
        Navajo PRC PST8PDT Poland Portugal ROC ROK Singapore Turkey W-SU WET Factory ";
    const AREAS: [&str; 15] = [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Brazil",
        "Canada",
        "Chile",
        "Etc",
        "Europe",
        "Indian",
        "Pacific",
        "US",
    ];
    match name.split_once('/') {
        None => ALONE.contains(&format!(" {name} ")),
        Some((area, place)) => {
            (AREAS.contains(&area) || area == "Mexico") && place.starts_with(|c: char| c.is_ascii_uppercase())
        }
    }
}
