//! Operators.

use std::cmp::Ordering;

use super::eval::{Result, fail, no_overload};
use super::val::{List, Map, Val};

/// What an operation on a value costs that does not look into its parts.
pub(super) fn cost(value: &Val) -> usize {
    match value {
        Val::Text(text) => text.len() / 64,
        Val::Bytes(bytes) => bytes.len() / 64,
        Val::List(list) => list.len(),
        Val::Map(map) => map.len(),
        _ => 0,
    }
}

pub(super) fn negative(value: &Val) -> Result<Val> {
    match value {
        Val::Int(number) => number.checked_neg().map_or_else(|| fail("integer overflow"), |n| Ok(Val::Int(n))),
        Val::Double(number) => Ok(Val::Double(-number)),
        Val::Duration(micros) => Ok(Val::Duration(-micros)),
        _ => no_overload(),
    }
}

pub(super) fn binary(operator: &str, a: &Val, b: &Val) -> Result<Val> {
    let ordered = |wanted: fn(Ordering) -> bool| match compare(a, b) {
        Some(order) => Ok(Val::Bool(order.is_some_and(wanted))),
        None => no_overload(),
    };
    match operator {
        "==" => Ok(Val::Bool(equal(a, b))),
        "!=" => Ok(Val::Bool(!equal(a, b))),
        "<" => ordered(Ordering::is_lt),
        "<=" => ordered(Ordering::is_le),
        ">" => ordered(Ordering::is_gt),
        ">=" => ordered(Ordering::is_ge),
        "in" => contains(b, a).map(Val::Bool),
        "+" => add(a, b),
        _ => arithmetic(operator, a, b),
    }
}

/// Numbers by their value whatever their type; values of other types that differ are unequal.
pub(super) fn equal(a: &Val, b: &Val) -> bool {
    match (a, b) {
        (Val::Null, Val::Null) => true,
        (Val::Bool(a), Val::Bool(b)) => a == b,
        (Val::Text(a), Val::Text(b)) => a == b,
        (Val::Bytes(a), Val::Bytes(b)) => a == b,
        (Val::Type(a), Val::Type(b)) => a == b,
        (Val::Timestamp(a), Val::Timestamp(b)) | (Val::Duration(a), Val::Duration(b)) => a == b,
        (Val::Quantity(a), Val::Quantity(b)) => a == b,
        (Val::Ip(a), Val::Ip(b)) => a == b,
        (Val::Cidr(a, x), Val::Cidr(b, y)) => a == b && x == y,
        (Val::Optional(a), Val::Optional(b)) => match (a, b) {
            (Some(a), Some(b)) => equal(a, b),
            (a, b) => a.is_none() && b.is_none(),
        },
        (Val::List(a), Val::List(b)) => lists_equal(a, b),
        (Val::Map(a), Val::Map(b)) => maps_equal(a, b),
        _ => is_number(a) && is_number(b) && compare(a, b).flatten() == Some(Ordering::Equal),
    }
}

fn lists_equal(a: &List, b: &List) -> bool {
    match (a, b) {
        (List::Given(a), List::Given(b)) => a == b,
        _ => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| equal(&a, &b)),
    }
}

fn maps_equal(a: &Map, b: &Map) -> bool {
    match (a, b) {
        (Map::Given(a), Map::Given(b)) => a == b,
        _ => {
            let same = |(key, value): (Val, Val)| b.get(&key).is_some_and(|other| equal(&value, &other));
            a.len() == b.len() && a.entries().into_iter().all(same)
        }
    }
}

fn is_number(value: &Val) -> bool {
    matches!(value, Val::Int(_) | Val::Uint(_) | Val::Double(_))
}

/// The order of two values; nothing where they have none, and within that nothing for NaN.
pub(super) fn compare(a: &Val, b: &Val) -> Option<Option<Ordering>> {
    Some(match (a, b) {
        (Val::Bool(a), Val::Bool(b)) => Some(a.cmp(b)),
        (Val::Int(a), Val::Int(b)) => Some(a.cmp(b)),
        (Val::Uint(a), Val::Uint(b)) => Some(a.cmp(b)),
        (Val::Int(a), Val::Uint(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Val::Uint(a), Val::Int(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Val::Double(a), Val::Double(b)) => a.partial_cmp(b),
        (Val::Double(a), Val::Int(b)) => a.partial_cmp(&(*b as f64)),
        (Val::Int(a), Val::Double(b)) => (*a as f64).partial_cmp(b),
        (Val::Double(a), Val::Uint(b)) => a.partial_cmp(&(*b as f64)),
        (Val::Uint(a), Val::Double(b)) => (*a as f64).partial_cmp(b),
        (Val::Text(a), Val::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (Val::Bytes(a), Val::Bytes(b)) => Some(a.cmp(b)),
        (Val::Timestamp(a), Val::Timestamp(b)) | (Val::Duration(a), Val::Duration(b)) => Some(a.cmp(b)),
        (Val::Quantity(a), Val::Quantity(b)) => Some(a.cmp(b)),
        _ => return None,
    })
}

/// `item in whole`
pub(super) fn contains(whole: &Val, item: &Val) -> Result<bool> {
    match whole {
        Val::List(list) => Ok(list.iter().any(|element| equal(&element, item))),
        Val::Map(map) => Ok(map.get(item).is_some()),
        _ => no_overload(),
    }
}

fn add(a: &Val, b: &Val) -> Result<Val> {
    match (a, b) {
        (Val::Text(a), Val::Text(b)) => Ok(Val::Text(a.clone() + b.as_str())),
        (Val::Bytes(a), Val::Bytes(b)) => Ok(Val::Bytes(a.iter().chain(b).copied().collect())),
        (Val::List(a), Val::List(b)) => Ok(Val::list(a.iter().chain(b.iter()))),
        _ => arithmetic("+", a, b),
    }
}

fn arithmetic(operator: &str, a: &Val, b: &Val) -> Result<Val> {
    match (a, b) {
        (Val::Int(a), Val::Int(b)) => int(operator, *a, *b),
        (Val::Uint(a), Val::Uint(b)) => uint(operator, *a, *b),
        (Val::Double(a), Val::Double(b)) => match operator {
            "+" => Ok(Val::Double(a + b)),
            "-" => Ok(Val::Double(a - b)),
            "*" => Ok(Val::Double(a * b)),
            "/" => Ok(Val::Double(a / b)),
            _ => no_overload(),
        },
        (Val::Timestamp(a), Val::Duration(b)) | (Val::Duration(b), Val::Timestamp(a)) if operator == "+" => {
            moment(a.checked_add(*b), "timestamp overflow", Val::Timestamp)
        }
        (Val::Timestamp(a), Val::Duration(b)) if operator == "-" => {
            moment(a.checked_sub(*b), "timestamp overflow", Val::Timestamp)
        }
        (Val::Timestamp(a), Val::Timestamp(b)) if operator == "-" => {
            moment(a.checked_sub(*b), "duration overflow", Val::Duration)
        }
        (Val::Duration(a), Val::Duration(b)) if operator == "+" => {
            moment(a.checked_add(*b), "duration overflow", Val::Duration)
        }
        (Val::Duration(a), Val::Duration(b)) if operator == "-" => {
            moment(a.checked_sub(*b), "duration overflow", Val::Duration)
        }
        _ => no_overload(),
    }
}

fn moment(micros: Option<i64>, overflow: &str, make: fn(i64) -> Val) -> Result<Val> {
    micros.map_or_else(|| fail(overflow), |micros| Ok(make(micros)))
}

fn int(operator: &str, a: i64, b: i64) -> Result<Val> {
    let result = match operator {
        "+" => a.checked_add(b),
        "-" => a.checked_sub(b),
        "*" => a.checked_mul(b),
        "/" if b == 0 => return fail("division by zero"),
        "/" => a.checked_div(b),
        _ if b == 0 => return fail("modulus by zero"),
        _ => a.checked_rem(b),
    };
    result.map_or_else(|| fail("integer overflow"), |number| Ok(Val::Int(number)))
}

fn uint(operator: &str, a: u64, b: u64) -> Result<Val> {
    let result = match operator {
        "+" => a.checked_add(b),
        "-" => a.checked_sub(b),
        "*" => a.checked_mul(b),
        "/" if b == 0 => return fail("division by zero"),
        "/" => a.checked_div(b),
        _ if b == 0 => return fail("modulus by zero"),
        _ => a.checked_rem(b),
    };
    result.map_or_else(|| fail("unsigned integer overflow"), |number| Ok(Val::Uint(number)))
}
