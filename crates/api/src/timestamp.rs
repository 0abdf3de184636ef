//! Moments as objects hold them: RFC 3339 in UTC, read as microseconds since 1970.

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// From Thursday, the weekday of 1970-01-01.
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// Microseconds since 1970 of an RFC 3339 text; nothing for anything else.
pub fn parse(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once(['T', 't'])?;
    let zone_at = rest.rfind(['Z', 'z', '+', '-'])?;
    let (clock, zone) = rest.split_at(zone_at);
    let [year, month, day] = numbers(date, '-')?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let [hour, minute, second] = numbers(clock, ':')?;
    let valid = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && year <= 9999
        && hour < 24
        && minute < 60
        && second < 60
        && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !valid {
        return None;
    }
    let micros: i64 = fraction.chars().chain("000000".chars()).take(6).collect::<String>().parse().ok()?;
    let seconds = (day_number(year, month, day) * 24 + hour) * 3600 + minute * 60 + second - offset(zone)?;
    Some(seconds * 1_000_000 + micros)
}

/// `metav1.Time`: `2026-11-22T15:17:44Z`.
pub fn rfc3339(micros: i64) -> String {
    let (year, month, day) = civil(micros.div_euclid(86_400_000_000));
    format!("{year:04}-{month:02}-{day:02}T{}Z", clock(micros))
}

/// Go's `RFC1123Z`: `Sun, 22 Nov 2026 15:17:44 +0000`.
pub fn rfc1123z(micros: i64) -> String {
    let days = micros.div_euclid(86_400_000_000);
    let (year, month, day) = civil(days);
    let weekday = WEEKDAYS[days.rem_euclid(7) as usize];
    let month = MONTHS[(month - 1) as usize];
    format!("{weekday}, {day:02} {month} {year:04} {} +0000", clock(micros))
}

fn clock(micros: i64) -> String {
    let seconds = micros.div_euclid(1_000_000).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn numbers(text: &str, between: char) -> Option<[i64; 3]> {
    let mut parts = text.split(between).map(|part| {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if digits && part.len() <= 4 { part.parse::<i64>().ok() } else { None }
    });
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

/// Seconds east of UTC.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let seconds = hours.parse::<u8>().ok()? as i64 * 3600 + minutes.parse::<u8>().ok()? as i64 * 60;
    Some(if zone.starts_with('-') { -seconds } else { seconds })
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The day number since 1970-01-01 of a date.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    // Years that begin on 1 March, so that the leap day is last.
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 719_469
}

/// Year, month, day of a day number since 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    // Too early by a few years at most.
    let mut year = 1970 + days.div_euclid(if days < 0 { 365 } else { 366 });
    while day_number(year + 1, 1, 1) <= days {
        year += 1;
    }
    let month = (1..12).find(|month| days < day_number(year, month + 1, 1)).unwrap_or(12);
    (year, month, days - day_number(year, month, 1) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_and_written() {
        for (text, written) in [
            ("1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 +0000"),
            ("1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 +0000"),
            ("2000-02-29T23:59:59Z", "Tue, 29 Feb 2000 23:59:59 +0000"),
            ("2026-11-22T15:17:44Z", "Sun, 22 Nov 2026 15:17:44 +0000"),
            ("2100-03-01T00:00:00Z", "Mon, 01 Mar 2100 00:00:00 +0000"),
            ("0001-01-01T00:00:00Z", "Mon, 01 Jan 0001 00:00:00 +0000"),
        ] {
            let micros = parse(text).unwrap();
            assert_eq!(rfc3339(micros), text);
            assert_eq!(rfc1123z(micros), written);
        }
        assert_eq!(parse("2026-11-22T15:17:44.25+02:00"), parse("2026-11-22T13:17:44.250Z"));
        for bad in ["", "x", "2026-11-22", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-22T15:17:44"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
