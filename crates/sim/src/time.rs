//! A virtual moment.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A moment of virtual time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Time(u64);

/// Year, month, day of a day number since 1970-01-01 (proleptic Gregorian).
fn civil(days: i64) -> (i64, u64, u64) {
    // Eras of 400 years that begin on 1 March, so that the leap day is last.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month + 2) / 5 + 1) as u64;
    let month = if month < 10 { month + 3 } else { month - 9 } as u64;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The day number since 1970-01-01 of a date.
fn day_number(year: i64, month: u64, day: u64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 } as i64;
    let day_of_year = (153 * shifted_month + 2) / 5 + day as i64 - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// From Thursday, the weekday of day 0.
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

impl Time {
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    pub const fn from_secs(secs: u64) -> Self {
        Self(secs * 1_000_000)
    }

    pub const fn as_micros(self) -> u64 {
        self.0
    }

    pub const fn as_millis(self) -> u64 {
        self.0 / 1000
    }

    /// Whole seconds since 1970.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000_000
    }

    /// How long after `earlier` this is; zero if it is not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// Year, month (1–12), day, hour, minute, second in UTC.
    pub fn parts(self) -> (i64, u64, u64, u64, u64, u64) {
        let secs = self.as_secs();
        let (year, month, day) = civil((secs / 86_400) as i64);
        (year, month, day, secs / 3600 % 24, secs / 60 % 60, secs % 60)
    }

    /// `metav1.Time`: `2026-11-22T15:17:44Z`.
    pub fn rfc3339(self) -> String {
        let (year, month, day, hour, minute, second) = self.parts();
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }

    /// `metav1.MicroTime`: `2026-11-22T15:17:44.123456Z`.
    pub fn rfc3339_micros(self) -> String {
        let whole = self.rfc3339();
        format!("{}.{:06}Z", whole.trim_end_matches('Z'), self.0 % 1_000_000)
    }

    /// Go's `RFC1123Z`: `Sun, 22 Nov 2026 15:17:44 +0000`.
    pub fn rfc1123(self) -> String {
        let (year, month, day, hour, minute, second) = self.parts();
        let weekday = self.weekday();
        let month = self.month_name(month);
        format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} +0000")
    }

    /// `Sun`, `Mon` …
    pub fn weekday(self) -> &'static str {
        WEEKDAYS[(self.as_secs() / 86_400 % 7) as usize]
    }

    fn month_name(self, month: u64) -> &'static str {
        MONTHS[(month - 1) as usize]
    }

    /// As `date` prints it: `Sun Nov 22 15:17:44 UTC 2026`.
    pub fn unix_date(self) -> String {
        let (year, month, day, hour, minute, second) = self.parts();
        let (weekday, month) = (self.weekday(), self.month_name(month));
        format!("{weekday} {month} {day:2} {hour:02}:{minute:02}:{second:02} UTC {year}")
    }

    /// Reads `metav1.Time` and `metav1.MicroTime` in UTC.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
        let mut date = date.splitn(3, '-').map(|part| part.parse::<u64>().ok());
        let (year, month, day) = (date.next()??, date.next()??, date.next()??);
        let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
        let mut time = time.splitn(3, ':').map(|part| part.parse::<u64>().ok());
        let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
        let in_range = (1970..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hour < 24
            && minute < 60
            && second <= 60
            && fraction.len() <= 9
            && fraction.bytes().all(|b| b.is_ascii_digit());
        if !in_range {
            return None;
        }
        let micros: u64 = format!("{fraction:0<6}")[..6].parse().ok()?;
        let days = day_number(year as i64, month, day) as u64;
        Some(Self((days * 86_400 + hour * 3600 + minute * 60 + second) * 1_000_000 + micros))
    }
}

impl Add<Duration> for Time {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)))
    }
}

impl AddAssign<Duration> for Time {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub<Duration> for Time {
    type Output = Self;
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_and_read_back() {
        let check = |micros: u64, text: &str| {
            let time = Time::from_micros(micros);
            assert_eq!(time.rfc3339_micros(), text);
            assert_eq!(Time::parse_rfc3339(text), Some(time));
        };
        check(0, "1970-01-01T00:00:00.000000Z");
        check(951_782_399_999_999, "2000-02-28T23:59:59.999999Z");
        check(951_782_400_000_000, "2000-02-29T00:00:00.000000Z");
        check(1_795_360_664_250_000, "2026-11-22T15:17:44.250000Z");
        check(4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z");
    }

    #[test]
    fn other_forms() {
        let time = Time::parse_rfc3339("2026-11-22T15:17:44Z").unwrap();
        assert_eq!(time.rfc1123(), "Sun, 22 Nov 2026 15:17:44 +0000");
        assert_eq!(time.unix_date(), "Sun Nov 22 15:17:44 UTC 2026");
        for bad in ["", "2026", "2026-13-01T00:00:00Z", "2026-11-22T15:17:44", "2026-11-22T15:17:44.12x4Z"] {
            assert_eq!(Time::parse_rfc3339(bad), None, "{bad}");
        }
    }
}
