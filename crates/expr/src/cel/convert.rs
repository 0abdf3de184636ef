//! `int(…)`, `string(…)` and their kin.

use super::eval::{Result, fail, no_overload};
use super::val::Val;

pub(super) fn to(name: &str, value: &Val) -> Result<Val> {
    match (name, value) {
        ("string", Val::List(_) | Val::Map(_) | Val::Optional(_) | Val::Null | Val::Type(_)) => no_overload(),
        ("string", value) => Ok(Val::Text(value.to_text())),
        ("bytes", Val::Text(text)) => Ok(Val::Bytes(text.bytes().collect())),
        ("bytes", Val::Bytes(_)) | ("bool", Val::Bool(_)) => Ok(value.clone()),
        ("bool", Val::Text(text)) => match text.as_str() {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Val::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Val::Bool(false)),
            _ => fail(format!("type conversion error from 'string' to 'bool': {text}")),
        },
        ("int", value) => int(value),
        ("uint", value) => uint(value),
        ("double", value) => double(value),
        _ => no_overload(),
    }
}

fn int(value: &Val) -> Result<Val> {
    let number = match value {
        Val::Int(number) => Some(*number),
        Val::Uint(number) => i64::try_from(*number).ok(),
        Val::Double(number) if number.abs() < 9.2e18 => Some(*number as i64),
        Val::Double(_) => None,
        Val::Timestamp(micros) => Some(micros.div_euclid(1_000_000)),
        Val::Text(text) => match text.parse() {
            Ok(number) => Some(number),
            Err(_) => return fail(format!("type conversion error from 'string' to 'int': {text}")),
        },
        _ => return no_overload(),
    };
    number.map_or_else(|| fail("integer overflow"), |number| Ok(Val::Int(number)))
}

fn uint(value: &Val) -> Result<Val> {
    let number = match value {
        Val::Uint(number) => Some(*number),
        Val::Int(number) => u64::try_from(*number).ok(),
        Val::Double(number) if (0.0..1.8e19).contains(number) => Some(*number as u64),
        Val::Double(_) => None,
        Val::Text(text) => match text.parse() {
            Ok(number) => Some(number),
            Err(_) => return fail(format!("type conversion error from 'string' to 'uint': {text}")),
        },
        _ => return no_overload(),
    };
    number.map_or_else(|| fail("unsigned integer overflow"), |number| Ok(Val::Uint(number)))
}

fn double(value: &Val) -> Result<Val> {
    match value {
        Val::Double(number) => Ok(Val::Double(*number)),
        Val::Int(number) => Ok(Val::Double(*number as f64)),
        Val::Uint(number) => Ok(Val::Double(*number as f64)),
        Val::Text(text) => match text.parse() {
            Ok(number) => Ok(Val::Double(number)),
            Err(_) => fail(format!("type conversion error from 'string' to 'double': {text}")),
        },
        _ => no_overload(),
    }
}
