//! Resource quantities: `100m`, `128Mi`, `1e3`.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Neg, Sub};
use std::str::FromStr;

use ecow::EcoString;
use serde::{Deserialize, Serialize};

use crate::Value;

const NANO: i128 = 1_000_000_000;
/// Binary quantities end here.
const BINARY_MAX: i128 = i64::MAX as i128;

/// A number with nine decimals and the family of suffixes it is shown with. Comparison looks at the number only.
// Models staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Quantity {
    /// The next integer below.
    units: i128,
    /// What is to be added to it, in billionths.
    nanos: u32,
    /// Upstream holds it as a decimal of any length, because its text was long or a fraction of a power of two.
    wide: bool,
    pub format: Format,
}

/// How a quantity is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// `12M`
    #[default]
    DecimalSI,
    /// `12Mi`
    BinarySI,
    /// `12e6`
    DecimalExponent,
}

/// Why a text is no quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    Format,
    Suffix,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Format => {
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            }
            Self::Suffix => "unable to parse quantity's suffix",
        })
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The form in which the API server stores a quantity: that of the text if it is short and clean, else the number
/// without fraction with the largest suffix.
pub fn canonical(text: &str) -> Result<EcoString, Error> {
    let parts = Parts::of(text)?;
    if parts.is_canonical() {
        return Ok(text.into());
    }
    if parts.format == Format::BinarySI {
        return Ok(ecow::eco_format!("{}", parts.binary()));
    }
    Ok(parts.decimal().canonical(parts.format).into())
}

impl Quantity {
    pub fn new(value: i64, format: Format) -> Self {
        Self { units: value.into(), format, ..Self::default() }
    }

    /// A thousandth of `value`.
    pub fn new_milli(value: i64, format: Format) -> Self {
        Self::from_nanos(i128::from(value) * 1_000_000, format)
    }

    /// What a field holds: a text or a number; zero for anything that is no quantity.
    pub fn of(value: &Value) -> Self {
        Self::try_of(value).unwrap_or_default()
    }

    /// What a field holds, or why it is no quantity.
    pub fn try_of(value: &Value) -> Result<Self, Error> {
        match value {
            Value::String(text) => text.trim().parse(),
            Value::Int(number) => Ok(Self::new(*number, Format::DecimalSI)),
            Value::Float(number) => crate::json::format_float(*number).parse(),
            Value::Null => Ok(Self::default()),
            _ => Err(Error::Format),
        }
    }

    /// The integer, rounded away from zero.
    pub fn value(self) -> i64 {
        self.scaled(1)
    }

    /// The thousandfold, rounded away from zero.
    pub fn milli_value(self) -> i64 {
        self.scaled(1000)
    }

    /// The number as a float; large ones lose precision.
    pub fn as_f64(self) -> f64 {
        self.units as f64 + f64::from(self.nanos) / NANO as f64
    }

    pub fn is_zero(self) -> bool {
        self.units == 0 && self.nanos == 0
    }

    /// -1, 0 or 1.
    pub fn sign(self) -> i32 {
        match (self.units, self.nanos) {
            (0, 0) => 0,
            (..0, _) => -1,
            _ => 1,
        }
    }

    fn from_nanos(nanos: i128, format: Format) -> Self {
        let part = nanos.rem_euclid(NANO) as u32;
        Self { units: nanos.div_euclid(NANO), nanos: part, format, ..Self::default() }
    }

    fn scaled(self, factor: i128) -> i64 {
        if self.sign() < 0 {
            return self.scaled_oddly(factor).unwrap_or_else(|| (-self).scaled(factor).saturating_neg());
        }
        let part = (i128::from(self.nanos) * factor + NANO - 1) / NANO;
        let all = self.units.saturating_mul(factor).saturating_add(part);
        i64::try_from(all).unwrap_or(i64::MAX)
    }

    /// What upstream makes of a negative decimal: the low 64 bits of its billionths, rounded up past the truncation.
    // Models staging/src/k8s.io/apimachinery/pkg/api/resource/scale_int.go
    fn scaled_oddly(self, factor: i128) -> Option<i64> {
        if !self.wide || self.units == -BINARY_MAX {
            return None;
        }
        let low = self.units.wrapping_mul(NANO).wrapping_add(self.nanos.into()) as i64;
        let unit = (NANO / factor) as i64;
        Some(low / unit + i64::from(low % unit != 0))
    }

    /// The number in digits and a power of ten.
    fn decimal(self) -> Decimal {
        let size = if self.sign() < 0 { -self } else { self };
        let digits = format!("{}{:09}", size.units, size.nanos);
        Decimal { negative: self.sign() < 0, digits, exponent: -9 }
    }

    /// The number with the suffix of the largest power of 1024 that divides it.
    fn binary(self) -> String {
        const SUFFIXES: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
        let (mut number, mut power) = (self.units, 0);
        while number % 1024 == 0 && power + 1 < SUFFIXES.len() {
            number /= 1024;
            power += 1;
        }
        format!("{number}{}", SUFFIXES[power])
    }
}

impl Add for Quantity {
    type Output = Self;

    /// The sum in the format of `self`, or of `other` where `self` is zero.
    fn add(self, other: Self) -> Self {
        let format = if self.is_zero() { other.format } else { self.format };
        let nanos = self.nanos + other.nanos;
        let carry = nanos / NANO as u32;
        let units = self.units.saturating_add(other.units).saturating_add(carry.into());
        Self { units, nanos: nanos % NANO as u32, wide: self.wide || other.wide, format }
    }
}

impl Sub for Quantity {
    type Output = Self;

    /// The difference in the format of `self`, or of `other` where `self` is zero.
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Neg for Quantity {
    type Output = Self;

    fn neg(self) -> Self {
        match self.nanos {
            0 => Self { units: self.units.saturating_neg(), ..self },
            nanos => Self { units: (-1_i128).saturating_sub(self.units), nanos: NANO as u32 - nanos, ..self },
        }
    }
}

impl fmt::Display for Quantity {
    /// The canonical form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let binary = self.format == Format::BinarySI && self.nanos == 0 && self.units.unsigned_abs() >= 1024;
        if binary {
            return f.write_str(&self.binary());
        }
        let format = if self.format == Format::BinarySI { Format::DecimalSI } else { self.format };
        f.write_str(&self.decimal().canonical(format))
    }
}

impl FromStr for Quantity {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parts = Parts::of(text)?;
        match parts.format {
            Format::BinarySI => Ok(parts.binary()),
            format => Ok(Self { wide: !parts.is_short(), ..parts.decimal().number(format) }),
        }
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.units, self.nanos).cmp(&(other.units, other.nanos))
    }
}

impl From<Quantity> for Value {
    fn from(quantity: Quantity) -> Self {
        Self::String(ecow::eco_format!("{quantity}"))
    }
}

/// A quantity's text, taken apart.
struct Parts<'t> {
    negative: bool,
    /// The digits before the point, without leading zeros, or `0`.
    whole: &'t str,
    /// Those after it.
    fraction: &'t str,
    format: Format,
    /// Of ten, or of two in `BinarySI`.
    exponent: i64,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::Format);
        }
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let rest = unsigned.trim_start_matches('0');
        let (whole, rest) = rest.split_at(digits(rest));
        let (fraction, suffix) = match rest.strip_prefix('.') {
            Some(rest) => rest.split_at(digits(rest)),
            None => ("", rest),
        };
        let letters = suffix.bytes().take_while(|byte| b"eEinumkKMGTP".contains(byte)).count();
        let power = &suffix[letters..];
        let power = power.strip_prefix(['-', '+']).unwrap_or(power);
        if digits(power) < power.len() {
            return Err(Error::Format);
        }
        let (format, exponent) = interpret(suffix).ok_or(Error::Suffix)?;
        let whole = if whole.is_empty() { "0" } else { whole };
        Ok(Self { negative: text.starts_with('-'), whole, fraction, format, exponent })
    }

    /// Whether the text itself stays when the quantity is written.
    fn is_canonical(&self) -> bool {
        if !self.is_short() {
            return false;
        }
        if self.format == Format::BinarySI {
            return self.whole.parse::<i64>().unwrap_or_default() & 7 != 0;
        }
        let scale = self.exponent - self.fraction.len() as i64;
        let digits = format!("{}{}", self.whole, self.fraction);
        scale % 3 == 0 && !digits.ends_with("000") && !digits.starts_with('0')
    }

    /// Whether upstream holds the number in 64 bits.
    fn is_short(&self) -> bool {
        let length = self.whole.len() + self.fraction.len();
        if self.format == Format::BinarySI {
            return self.fraction.is_empty() && 15 - length as i64 - self.exponent * 3 / 10 > 0;
        }
        length <= 18 && self.exponent - self.fraction.len() as i64 >= -9
    }

    fn decimal(&self) -> Decimal {
        let digits = format!("{}{}", self.whole, self.fraction);
        let mut decimal =
            Decimal { negative: self.negative, digits, exponent: self.exponent - self.fraction.len() as i64 };
        decimal.round_to_nano();
        decimal
    }

    /// A number times a power of two, capped, in billionths rounded away from zero.
    fn binary(&self) -> Quantity {
        let factor = 1_i128 << self.exponent;
        let cap = Quantity { units: BINARY_MAX, nanos: 0, wide: true, format: Format::BinarySI };
        let size = match self.whole.parse::<i64>() {
            Err(_) => cap,
            Ok(whole) => {
                const PRECISION: usize = 18;
                let kept = &self.fraction[..self.fraction.len().min(PRECISION)];
                let more = self.fraction.bytes().skip(PRECISION).any(|digit| digit != b'0');
                let one = 10_i128.pow(PRECISION as u32);
                let part = format!("{kept:0<PRECISION$}").parse::<i128>().unwrap_or_default() * factor;
                let rest = part % one * NANO;
                let up = i128::from(rest % one != 0 || more);
                let whole = Quantity { units: i128::from(whole) * factor + part / one, ..cap };
                (whole + Quantity::from_nanos(rest / one + up, Format::BinarySI)).min(cap)
            }
        };
        let small = size.units == 0 && size.nanos > 0;
        let format = if small { Format::DecimalSI } else { Format::BinarySI };
        let size = Quantity { wide: !self.is_short(), format, ..size };
        if self.negative { -size } else { size }
    }
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// Format and exponent of a suffix.
// Models staging/src/k8s.io/apimachinery/pkg/api/resource/suffix.go
fn interpret(suffix: &str) -> Option<(Format, i64)> {
    let decimal = |exponent| Some((Format::DecimalSI, exponent));
    let binary = |exponent| Some((Format::BinarySI, exponent));
    match suffix {
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "" => decimal(0),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(10),
        "Mi" => binary(20),
        "Gi" => binary(30),
        "Ti" => binary(40),
        "Pi" => binary(50),
        "Ei" => binary(60),
        _ => {
            let power = suffix.strip_prefix(['e', 'E'])?;
            Some((Format::DecimalExponent, power.parse::<i32>().ok()?.into()))
        }
    }
}

/// Digits times a power of ten.
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// Leaves no digit below the billionths, rounding away from zero.
    fn round_to_nano(&mut self) {
        let Some(excess) = usize::try_from(-9 - self.exponent).ok().filter(|excess| *excess > 0) else { return };
        let cut = self.digits.split_off(self.digits.len().saturating_sub(excess));
        self.exponent = -9;
        if cut.bytes().all(|digit| digit == b'0') {
            return;
        }
        let kept = self.digits.trim_end_matches('9').len();
        let nines = self.digits.len() - kept;
        let last = self.digits[..kept].bytes().last().unwrap_or(b'0') + 1;
        self.digits.truncate(kept.saturating_sub(1));
        self.digits.push(last.into());
        self.digits.extend(std::iter::repeat_n('0', nines));
    }

    /// Without zeros at the end but for an exponent that is a multiple of three.
    fn canonical(&self, format: Format) -> String {
        let stripped = self.digits.trim_start_matches('0');
        let number = stripped.trim_end_matches('0');
        if number.is_empty() {
            return "0".into();
        }
        let exponent = self.exponent + (stripped.len() - number.len()) as i64;
        let zeros = exponent.rem_euclid(3);
        let sign = if self.negative { "-" } else { "" };
        let suffix = suffix(exponent - zeros, format);
        format!("{sign}{number}{}{suffix}", &"00"[..zeros as usize])
    }

    fn number(&self, format: Format) -> Quantity {
        let digits = self.digits.trim_start_matches('0');
        let size = if digits.is_empty() {
            Quantity::default()
        } else if self.exponent >= 0 {
            let zeros = usize::try_from(self.exponent).unwrap_or(usize::MAX);
            let units = match digits.len().saturating_add(zeros) {
                0..40 => format!("{digits}{:0<zeros$}", "").parse().unwrap_or(i128::MAX),
                _ => i128::MAX,
            };
            Quantity { units, ..Quantity::default() }
        } else {
            // At least one digit before the point, and nine after it.
            let after = self.exponent.unsigned_abs() as usize;
            let padded = format!("{digits:0>width$}", width = after + 1);
            let (whole, part) = padded.split_at(padded.len() - after);
            let nanos = format!("{part:0<9}").parse().unwrap_or_default();
            Quantity { units: whole.parse().unwrap_or(i128::MAX), nanos, ..Quantity::default() }
        };
        let size = Quantity { format, ..size };
        if self.negative { -size } else { size }
    }
}

/// What upstream writes for a power of ten; beyond `E` it has nothing to write.
fn suffix(exponent: i64, format: Format) -> String {
    if format == Format::DecimalExponent {
        return if exponent == 0 { String::new() } else { format!("e{exponent}") };
    }
    const SUFFIXES: [&str; 10] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    let index = usize::try_from(exponent / 3 + 3).ok();
    index.and_then(|index| SUFFIXES.get(index)).copied().unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Canonical form, value and thousandfold.
    fn check(text: &str, expect: &str) {
        let got = match (canonical(text), text.parse::<Quantity>()) {
            (Ok(form), Ok(quantity)) => format!("{form} {} {}", quantity.value(), quantity.milli_value()),
            (Err(form), Err(number)) if form == number => format!("{form:?}"),
            both => format!("{both:?}"),
        };
        assert_eq!(got, expect, "{text}");
    }

    #[test]
    fn quantities_are_read_and_put_in_canonical_form() {
        check("0", "0 0 0");
        check("100m", "100m 1 100");
        check("0.25", "250m 1 250");
        check("1024Mi", "1Gi 1073741824 1073741824000");
        check("1.5Gi", "1536Mi 1610612736 1610612736000");
        check("1.1Gi", "1181116006400m 1181116007 1181116006400");
        check("-1826u", "-1826u -1 -2");
        check("1000k", "1M 1000000 1000000000");
        check("46.598m", "46.598m 1 47");
        check("1.0000000001", "1000000001n 2 1001");
        check("99.9999999999", "100 100 100000");
        check("0.1n", "1n 1 1");
        check("8Ei", "9223372036854775807 9223372036854775807 9223372036854775807");
        check("1500e0", "1500e0 1500 1500000");
        check("797E2", "79700 79700 79700000");
        check("Ki", "0 0 0");
        check("1e2000000000", "100e1999999998 9223372036854775807 9223372036854775807");
        for text in ["", "abc", "1_000", "1.2.3", "1KB", "1\n", "1x"] {
            check(text, "Format");
        }
        for text in ["1K", "1e", "1Mi1", "--1", "1Ee3", "1e99999999999"] {
            check(text, "Suffix");
        }
    }

    #[test]
    fn sums_keep_the_format_of_the_first() {
        let sum = |a: &str, b: &str| (a.parse::<Quantity>().unwrap() + b.parse().unwrap()).to_string();
        assert_eq!(sum("3075m", "1508Ki"), "1544195075m");
        assert_eq!(sum("7720Mi", "2285"), "8095009005");
        assert_eq!(sum("0", "1Gi"), "1Gi");
        assert_eq!(sum("1Gi", "-1Gi"), "0");
        assert_eq!(sum("-0.5", "0.25"), "-250m");
        assert_eq!(sum("512Mi", "512Mi"), "1Gi");
    }
}
