//! `date`

use std::time::Duration;

use podyard_sim::Time;

use super::super::opts::Spec;
use super::Env;

const SPEC: Spec = Spec {
    name: "date",
    short: "d:I:r:R:s:u",
    long: &[
        ("date=", 'd'),
        ("iso-8601", 'J'),
        ("reference=", 'r'),
        ("rfc-email", 'e'),
        ("set=", 's'),
        ("utc", 'u'),
        ("universal", 'u'),
    ],
    usage: "date [OPTION]... [+FORMAT]",
    status: 1,
};

pub(super) async fn date(env: &Env) -> u8 {
    // `-I`, `-Iseconds` and `-R` have no or optional values, which getopt's table cannot say.
    let mut iso = None;
    let mut email = false;
    let mut args = env.args.clone();
    args.argv.retain(|arg| {
        if let Some(precision) = arg.strip_prefix("-I").or_else(|| arg.strip_prefix("--iso-8601=")) {
            iso = Some(precision.to_string());
            return false;
        }
        email |= arg == "-R";
        arg != "-R"
    });
    let opts = match SPEC.parse(&args, env.flavour) {
        Ok(opts) => opts,
        Err(usage) => return env.usage(usage).await,
    };
    let now = env.sys.now().await;
    let mut time = now;
    if let Some(text) = opts.value('d') {
        match parse(text, now) {
            Some(found) => time = found,
            None => {
                env.complain(format!("invalid date '{text}'")).await;
                return 1;
            }
        }
    }
    if opts.has('s') {
        env.complain("cannot set date: Operation not permitted").await;
        return 1;
    }
    if opts.has('J') {
        iso = Some(String::new());
    }
    let format = match opts.args.first() {
        Some(format) if format.starts_with('+') => format[1..].to_string(),
        Some(other) => {
            env.complain(format!("invalid date '{other}'")).await;
            return 1;
        }
        None if email || opts.has('e') => "%a, %d %b %Y %H:%M:%S %z".into(),
        None => match iso.as_deref() {
            None => "%a %b %e %H:%M:%S %Z %Y".into(),
            Some("" | "date") => "%Y-%m-%d".into(),
            Some("hours") => "%Y-%m-%dT%H%:z".into(),
            Some("minutes") => "%Y-%m-%dT%H:%M%:z".into(),
            Some("ns") => "%Y-%m-%dT%H:%M:%S,%N%:z".into(),
            Some(_) => "%Y-%m-%dT%H:%M:%S%:z".into(),
        },
    };
    env.sys.print(format!("{}\n", strftime(&format, time))).await;
    0
}

/// `@seconds`, RFC 3339, `2 hours ago`, `yesterday`, `+1 day` …
fn parse(text: &str, now: Time) -> Option<Time> {
    let text = text.trim();
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.parse().ok().filter(|secs| *secs < 1 << 40).map(Time::from_secs);
    }
    let full = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        19 => format!("{}Z", text.replace(' ', "T")),
        _ => text.to_string(),
    };
    if let Some(time) = Time::parse_rfc3339(&full) {
        return Some(time);
    }
    let day = 86_400_i64;
    let mut seconds = 0_i64;
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        match word {
            "now" | "today" => continue,
            "yesterday" => seconds -= day,
            "tomorrow" => seconds += day,
            number => {
                let number = number.trim_start_matches('+').parse::<i64>().ok().filter(|n| n.abs() < 1 << 32)?;
                let unit = match words.next()?.trim_end_matches('s') {
                    "sec" | "second" => 1,
                    "min" | "minute" => 60,
                    "hour" => 3600,
                    "day" => day,
                    "week" => 7 * day,
                    "month" => 30 * day,
                    "year" => 365 * day,
                    _ => return None,
                };
                let sign = if words.next_if(|word| *word == "ago").is_some() { -1 } else { 1 };
                seconds += number * unit * sign;
            }
        }
    }
    let by = Duration::from_secs(seconds.unsigned_abs());
    Some(if seconds < 0 { Time::from_secs(now.as_secs().saturating_sub(by.as_secs())) } else { now + by })
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn full_weekday(short: &str) -> &'static str {
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
        .into_iter()
        .find(|name| name.starts_with(short))
        .unwrap_or_default()
}

/// Formats a moment; all of it is UTC.
fn strftime(format: &str, time: Time) -> String {
    let (year, month, day, hour, minute, second) = time.parts();
    let month_name = MONTHS[(month as usize).saturating_sub(1).min(11)];
    let weekday = time.weekday();
    let first = Time::parse_rfc3339(&format!("{year:04}-01-01T00:00:00Z")).unwrap_or_default();
    let day_of_year = time.as_secs().saturating_sub(first.as_secs()) / 86_400 + 1;
    let number = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].iter().position(|w| *w == weekday).unwrap_or(0);
    let nanos = time.as_micros() % 1_000_000 * 1000;
    let twelve = if hour.is_multiple_of(12) { 12 } else { hour % 12 };
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let plain = chars.next_if(|c| matches!(c, '-' | '_' | '0')).is_some_and(|c| c == '-');
        let digits = chars.next_if(char::is_ascii_digit);
        let two = |value: u64| if plain { value.to_string() } else { format!("{value:02}") };
        let text = match chars.next() {
            Some('Y') => year.to_string(),
            Some('y') => two(year.unsigned_abs() % 100),
            Some('C') => two(year.unsigned_abs() / 100),
            Some('m') => two(month),
            Some('d') => two(day),
            Some('e') => format!("{day:>2}"),
            Some('H') => two(hour),
            Some('I') => two(twelve),
            Some('k') => format!("{hour:>2}"),
            Some('M') => two(minute),
            Some('S') => two(second),
            Some('p') => if hour < 12 { "AM" } else { "PM" }.into(),
            Some('N') => match digits.and_then(|d| d.to_digit(10)) {
                Some(count) => format!("{nanos:09}")[..(count as usize).min(9)].to_string(),
                None => format!("{nanos:09}"),
            },
            Some('s') => time.as_secs().to_string(),
            Some('a') => weekday.into(),
            Some('A') => full_weekday(weekday).into(),
            Some('b' | 'h') => month_name[..3].into(),
            Some('B') => month_name.into(),
            Some('j') => format!("{day_of_year:03}"),
            Some('u') => (if number == 0 { 7 } else { number }).to_string(),
            Some('w') => number.to_string(),
            Some('F') => format!("{year:04}-{month:02}-{day:02}"),
            Some('D') => format!("{month:02}/{day:02}/{:02}", year % 100),
            Some('T') => format!("{hour:02}:{minute:02}:{second:02}"),
            Some('R') => format!("{hour:02}:{minute:02}"),
            Some('r') => {
                format!("{twelve:02}:{minute:02}:{second:02} {}", if hour < 12 { "AM" } else { "PM" })
            }
            Some('c') => format!("{weekday} {} {day:>2} {hour:02}:{minute:02}:{second:02} {year}", &month_name[..3]),
            Some('x') => format!("{month:02}/{day:02}/{:02}", year % 100),
            Some('X') => format!("{hour:02}:{minute:02}:{second:02}"),
            Some('z') => "+0000".into(),
            Some(':') if chars.next_if_eq(&'z').is_some() => "+00:00".into(),
            Some('Z') => "UTC".into(),
            Some('n') => "\n".into(),
            Some('t') => "\t".into(),
            Some('%') => "%".into(),
            Some(other) => format!("%{other}"),
            None => "%".into(),
        };
        out.push_str(&text);
    }
    out
}
