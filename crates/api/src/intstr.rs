//! Fields that hold a number or a text: ports by number or name, counts by number or percentage.

use crate::{Value, gostr};

/// The number that `value` stands for, percentages taken of `total` and rounded up or down.
///
/// # Errors
/// A text that is no percentage, in upstream's words.
// Models staging/src/k8s.io/apimachinery/pkg/util/intstr/intstr.go
pub fn scaled(value: &Value, total: i64, round_up: bool) -> Result<i64, String> {
    let fail = |why: String| Err(format!("invalid value for IntOrString: {why}"));
    let Value::String(text) = value else { return Ok(value.as_i64().unwrap_or_default()) };
    let Some(digits) = text.strip_suffix('%') else {
        return fail("invalid type: string is not a percentage".into());
    };
    let Some(percent) = atoi(digits) else {
        let (text, digits) = (gostr::quote(text), gostr::quote(digits));
        return fail(format!("invalid value {text}: strconv.Atoi: parsing {digits}: invalid syntax"));
    };
    let share = percent as f64 * total as f64 / 100.0;
    Ok(if round_up { share.ceil() } else { share.floor() } as i64)
}

/// A decimal integer as Go's `strconv.Atoi` reads it.
fn atoi(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: Value, total: i64, up: &str, down: &str) {
        let show = |round_up| scaled(&value, total, round_up).map_or_else(|error| error, |number| number.to_string());
        assert_eq!([show(true), show(false)], [up, down], "{value:?}");
    }

    #[test]
    fn numbers_and_percentages() {
        check(11.into(), 50, "11", "11");
        check("94%".into(), 2, "2", "1");
        check("4%".into(), 50, "2", "2");
        let text = "invalid value for IntOrString: invalid type: string is not a percentage";
        check("25".into(), 50, text, text);
        let text =
            "invalid value for IntOrString: invalid value \"10.5%\": strconv.Atoi: parsing \"10.5\": invalid syntax";
        check("10.5%".into(), 50, text, text);
    }
}
