//! `eq`, `lt` and their kin.

use std::cmp::Ordering;

use podyard_api::Value;

use super::exec::Val;
use super::printf;

/// What can be compared with what.
enum Basic<'a> {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
    Invalid,
    Other,
}

fn basic(value: &Val) -> Basic<'_> {
    match value {
        Val::Missing | Val::Json { value: Value::Null, .. } => Basic::Invalid,
        Val::Int(number) => Basic::Int(*number),
        Val::Json { value, .. } => match value {
            Value::Bool(flag) => Basic::Bool(*flag),
            Value::Int(number) => Basic::Float(*number as f64),
            Value::Float(number) => Basic::Float(*number),
            Value::String(text) => Basic::Text(text),
            _ => Basic::Other,
        },
    }
}

// Models go/src/text/template/funcs.go eq
pub(super) fn equal(a: &Val, b: &Val) -> Result<bool, String> {
    Ok(match (basic(a), basic(b)) {
        (Basic::Bool(a), Basic::Bool(b)) => a == b,
        (Basic::Int(a), Basic::Int(b)) => a == b,
        (Basic::Float(a), Basic::Float(b)) => a == b,
        (Basic::Text(a), Basic::Text(b)) => a == b,
        (Basic::Invalid, Basic::Invalid) => true,
        (Basic::Invalid, _) | (_, Basic::Invalid) => false,
        (Basic::Other, Basic::Other) => {
            return Err(format!("non-comparable type {}: {}", printf::print(b), b.type_name()));
        }
        _ => return Err("incompatible types for comparison".into()),
    })
}

// Models go/src/text/template/funcs.go lt
pub(super) fn less(a: &Val, b: &Val) -> Result<bool, String> {
    let order = match (basic(a), basic(b)) {
        (Basic::Invalid | Basic::Other, _) | (_, Basic::Invalid | Basic::Other) => None,
        (Basic::Bool(_), Basic::Bool(_)) => None,
        (Basic::Int(a), Basic::Int(b)) => Some(a.cmp(&b)),
        (Basic::Float(a), Basic::Float(b)) => Some(a.partial_cmp(&b).unwrap_or(Ordering::Greater)),
        (Basic::Text(a), Basic::Text(b)) => Some(a.cmp(b)),
        _ => return Err("incompatible types for comparison".into()),
    };
    order.map(|order| order == Ordering::Less).ok_or_else(|| "invalid type for comparison".into())
}
