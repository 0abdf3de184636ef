//! Cron schedules: when is the next time?
// Models github.com/robfig/cron/v3 parser.go and spec.go

use std::time::Duration;

use podyard_sim::Time;

/// A schedule: one bit for each value of a field at which it is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Schedule {
    Every(Duration),
    At { minute: u64, hour: u64, day: u64, month: u64, weekday: u64, any_day: bool, any_weekday: bool },
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
/// How far ahead a schedule is followed: some are never due.
const HORIZON_DAYS: u64 = 5 * 366;

impl Schedule {
    /// Reads five fields or one of the words `@hourly`, `@daily` …, `@every 5m`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = match text.trim() {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            text => text,
        };
        if let Some(every) = text.strip_prefix("@every ") {
            return duration(every).map(Self::Every);
        }
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else { return None };
        let is_any = |field: &str| field.starts_with('*') || field == "?";
        Some(Self::At {
            minute: bits(minute, 0, 59, &[])?,
            hour: bits(hour, 0, 23, &[])?,
            day: bits(day, 1, 31, &[])?,
            month: bits(month, 1, 12, &MONTHS)?,
            weekday: bits(weekday, 0, 6, &WEEKDAYS)?,
            any_day: is_any(day),
            any_weekday: is_any(weekday),
        })
    }

    /// The first time after `time`.
    pub(super) fn next(&self, time: Time) -> Option<Time> {
        let Self::At { minute, hour, .. } = self else {
            let Self::Every(every) = self else { return None };
            return Some(Time::from_secs(time.as_secs()) + *every);
        };
        let first = time.as_secs() / 60 + 1;
        let mut day = first / 1440;
        let mut start = first % 1440;
        let last = day + HORIZON_DAYS;
        while day <= last {
            if self.is_on(day) {
                let due = (start..1440).find(|at| hour >> (at / 60) & 1 == 1 && minute >> (at % 60) & 1 == 1);
                if let Some(at) = due {
                    return Some(Time::from_secs((day * 1440 + at) * 60));
                }
            }
            (day, start) = (day + 1, 0);
        }
        None
    }

    /// Whether it is due on a day, counted since 1970.
    fn is_on(&self, number: u64) -> bool {
        let Self::At { day, month, weekday, any_day, any_weekday, .. } = self else { return false };
        let (_, in_year, in_month, ..) = Time::from_secs(number * 86_400).parts();
        let by_day = day >> in_month & 1 == 1;
        // Day 0 was a Thursday.
        let by_weekday = weekday >> ((number + 4) % 7) & 1 == 1;
        let days = if *any_day || *any_weekday { by_day && by_weekday } else { by_day || by_weekday };
        month >> in_year & 1 == 1 && days
    }
}

/// Go's durations, as far as schedules use them.
fn duration(text: &str) -> Option<Duration> {
    let mut total = 0;
    let mut digits = String::new();
    for letter in text.trim().chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let unit = match letter {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        total += digits.parse::<u64>().ok()?.checked_mul(unit)?;
        digits.clear();
    }
    (digits.is_empty() && total > 0).then(|| Duration::from_secs(total))
}

/// The values of a field: lists of ranges with steps.
fn bits(field: &str, least: u64, most: u64, names: &[&str]) -> Option<u64> {
    let mut bits = 0;
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<u64>().ok().filter(|step| *step > 0)?)),
            None => (part, None),
        };
        let number = |text: &str| {
            let named = names.iter().position(|name| text.to_lowercase() == *name).map(|at| at as u64 + least);
            let plain = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
            named.or(plain).filter(|number| (least..=most).contains(number))
        };
        let (first, last) = match range {
            "*" | "?" => (least, most),
            range => match range.split_once('-') {
                Some((first, last)) => (number(first)?, number(last)?),
                None if step.is_some() => (number(range)?, most),
                None => (number(range)?, number(range)?),
            },
        };
        if first > last {
            return None;
        }
        for value in (first..=last).step_by(usize::try_from(step.unwrap_or(1)).ok()?) {
            bits |= 1 << value;
        }
    }
    Some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schedule: &str, from: &str, expect: &str) {
        let time = Time::parse_rfc3339(from).unwrap();
        let next = Schedule::parse(schedule).and_then(|schedule| schedule.next(time));
        assert_eq!(next.map_or("never".into(), Time::rfc3339), expect, "{schedule}");
    }

    #[test]
    fn the_next_time_is_found() {
        let from = "2026-11-22T15:17:44Z";
        check("* * * * *", from, "2026-11-22T15:18:00Z");
        check("*/5 * * * *", from, "2026-11-22T15:20:00Z");
        check("0 2 * * *", from, "2026-11-23T02:00:00Z");
        check("30 9 * * mon-fri", from, "2026-11-23T09:30:00Z");
        check("0 0 1,15 * *", from, "2026-12-01T00:00:00Z");
        check("0 0 29 2 *", from, "2028-02-29T00:00:00Z");
        check("0 0 31 2 *", from, "never");
        check("0 0 13 * 5", from, "2026-11-27T00:00:00Z");
        check("@hourly", from, "2026-11-22T16:00:00Z");
        check("@every 90s", from, "2026-11-22T15:19:14Z");
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for bad in ["", "* * * *", "60 * * * *", "a * * * *", "*/0 * * * *", "5-1 * * * *", "@every x", "* * * * 8"] {
            assert_eq!(Schedule::parse(bad), None, "{bad}");
        }
    }
}
