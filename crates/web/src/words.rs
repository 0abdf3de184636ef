//! Numbers and times as the page words them.

/// `0:07`, `12:30`, `1:02:03`: a length of virtual time.
pub(crate) fn elapsed(ms: u64) -> String {
    let seconds = ms / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// The day and the time of day of an RFC 3339 date in UTC.
pub(crate) fn date_parts(date: &str) -> (&str, &str) {
    let (day, time) = date.split_once('T').unwrap_or((date, ""));
    (day, time.get(..8).unwrap_or(time))
}

/// `1 task`, `2 tasks`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// A speed of virtual time: `1×`, `0.5×`.
pub(crate) fn speed(factor: f64) -> String {
    format!("{factor}×")
}

/// The name of a track, from its folder: `exam-prep` reads `Exam prep`.
pub(crate) fn track_title(track: &str) -> String {
    let spaced = track.replace(['-', '_'], " ");
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(elapsed(7_400), "0:07");
        assert_eq!(elapsed(750_000), "12:30");
        assert_eq!(elapsed(3_723_000), "1:02:03");
        assert_eq!(date_parts("2026-01-02T10:20:30Z"), ("2026-01-02", "10:20:30"));
        assert_eq!(date_parts(""), ("", ""));
    }

    #[test]
    fn numbers() {
        assert_eq!((count(1, "task"), count(0, "task")), ("1 task".to_owned(), "0 tasks".to_owned()));
        assert_eq!((speed(1.0), speed(0.5)), ("1×".to_owned(), "0.5×".to_owned()));
        assert_eq!(track_title("exam-prep"), "Exam prep");
    }
}
