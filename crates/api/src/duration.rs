//! Lengths of time as Kubernetes prints them.

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// A length of time in microseconds as ages are printed: `5s`, `2m5s`, `3h`, `7d1h`.
// Models staging/src/k8s.io/apimachinery/pkg/util/duration/duration.go
pub fn human(micros: i64) -> String {
    let two = |large: i64, unit: char, small: i64, small_unit: char| match small {
        0 => format!("{large}{unit}"),
        _ => format!("{large}{unit}{small}{small_unit}"),
    };
    let (seconds, minutes, hours) = (micros / SECOND, micros / MINUTE, micros / HOUR);
    match () {
        () if seconds < -1 => "<invalid>".into(),
        () if seconds < 0 => "0s".into(),
        () if seconds < 2 * 60 => format!("{seconds}s"),
        () if minutes < 10 => two(minutes, 'm', seconds % 60, 's'),
        () if minutes < 3 * 60 => format!("{minutes}m"),
        () if hours < 8 => two(hours, 'h', minutes % 60, 'm'),
        () if hours < 48 => format!("{hours}h"),
        () if hours < 8 * 24 => two(hours / 24, 'd', hours % 24, 'h'),
        () if hours < 2 * 365 * 24 => format!("{}d", hours / 24),
        () if hours < 8 * 365 * 24 => two(hours / 24 / 365, 'y', hours / 24 % 365, 'd'),
        () => format!("{}y", hours / 24 / 365),
    }
}

/// The same with one unit only: `5s`, `2m`, `3h`, `7d`.
// Models staging/src/k8s.io/apimachinery/pkg/util/duration/duration.go
pub fn human_short(micros: i64) -> String {
    let (seconds, minutes, hours) = (micros / SECOND, micros / MINUTE, micros / HOUR);
    match () {
        () if seconds < -1 => "<invalid>".into(),
        () if seconds < 0 => "0s".into(),
        () if seconds < 60 => format!("{seconds}s"),
        () if minutes < 60 => format!("{minutes}m"),
        () if hours < 24 => format!("{hours}h"),
        () if hours < 365 * 24 => format!("{}d", hours / 24),
        () => format!("{}y", hours / 24 / 365),
    }
}

/// As Go's `time.Duration` prints itself: `1h2m3s`, `1.5s`, `200ms`, `0s`.
pub fn go(micros: i64) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let size = micros.unsigned_abs();
    let fraction = |whole: u64, part: u64, digits: usize| match part {
        0 => whole.to_string(),
        _ => format!("{whole}.{part:0digits$}").trim_end_matches('0').to_owned(),
    };
    match size {
        0 => "0s".into(),
        1..1000 => format!("{sign}{size}µs"),
        1000..1_000_000 => format!("{sign}{}ms", fraction(size / 1000, size % 1000, 3)),
        _ => {
            let (seconds, part) = (size / 1_000_000, size % 1_000_000);
            let tail = fraction(seconds % 60, part, 6);
            match (seconds / 3600, seconds / 60 % 60) {
                (0, 0) => format!("{sign}{tail}s"),
                (0, minutes) => format!("{sign}{minutes}m{tail}s"),
                (hours, minutes) => format!("{sign}{hours}h{minutes}m{tail}s"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `cases` are lines of seconds, `human` and `human_short`.
    fn check(cases: &str) {
        for line in cases.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<_> = line.split_whitespace().collect();
            let micros = (words[0].parse::<f64>().unwrap() * 1e6) as i64;
            assert_eq!([&human(micros), &human_short(micros)], [words[1], words[2]], "{line}");
        }
    }

    #[test]
    fn ages_are_those_of_kubectl() {
        check(
            "-2 <invalid> <invalid>
             -1.5 0s 0s
             0.002 0s 0s
             59 59s 59s
             60 60s 1m
             119 119s 1m
             179 2m59s 2m
             180 3m 3m
             599 9m59s 9m
             7199 119m 1h
             10800 3h 3h
             24966.163 6h56m 6h
             28799 7h59m 7h
             28801 8h 8h
             144655.226 40h 1d
             172800 2d 2d
             691199 7d23h 7d
             691200 8d 8d
             31536000 365d 1y
             63071999 729d 1y
             63072001 2y 2y
             166155082.203 5y98d 5y
             2746242595.872 87y 87y",
        );
    }

    #[test]
    fn go_writes_hours_minutes_and_seconds() {
        for (micros, text) in [
            (0, "0s"),
            (1_500_000, "1.5s"),
            (200_000, "200ms"),
            (12, "12µs"),
            (3_723_000_000, "1h2m3s"),
            (-60_000_000, "-1m0s"),
            (3_600_000_000, "1h0m0s"),
        ] {
            assert_eq!(go(micros), text);
        }
    }
}
