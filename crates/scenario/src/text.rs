//! `{{ … }}` in texts, and durations.

use std::time::Duration;

use podyard_api::Value;
use podyard_expr::cel;

/// A text with its `{{ cel }}` parts evaluated; a part that cannot be evaluated shows as `?`.
pub(crate) fn fill(text: &str, variables: &[(&str, Value)]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((source, next)) = after.split_once("}}") else {
            filled.push_str("{{");
            rest = after;
            continue;
        };
        match cel::evaluate(source.trim(), variables) {
            Ok(Value::String(text)) => filled.push_str(&text),
            Ok(value) => filled.push_str(&podyard_api::json::to_string(&value)),
            Err(_) => filled.push('?'),
        }
        rest = next;
    }
    filled.push_str(rest);
    filled
}

/// Reads `60s`, `5m`, `1h` and their sums.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut number = String::new();
    for letter in text.chars() {
        match letter {
            '0'..='9' => number.push(letter),
            's' | 'm' | 'h' => {
                let unit = match letter {
                    's' => 1,
                    'm' => 60,
                    _ => 3600,
                };
                total += Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(unit)?);
                number.clear();
            }
            _ => return None,
        }
    }
    number.is_empty().then_some(total)
}

#[cfg(test)]
mod tests {
    use podyard_api::value;

    use super::*;

    #[test]
    fn texts_hold_expressions() {
        let variables = [("object", value!({"n": 2, "name": "web"}))];
        let check = |text: &str, expect: &str| assert_eq!(fill(text, &variables), expect);
        check("{{ object.n + 1 }} of {{object.name}}", "3 of web");
        check("{{ object.nope.nope }} {{ open", "? {{ open");
    }

    #[test]
    fn durations_are_sums() {
        for (text, expect) in [("60s", Some(60)), ("1h1m1s", Some(3661)), ("", Some(0)), ("5", None), ("s", None)] {
            assert_eq!(duration(text), expect.map(Duration::from_secs), "{text}");
        }
    }
}
