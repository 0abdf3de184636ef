//! `math.…` and functions of quantities.

use std::cmp::Ordering;

use podyard_api::Quantity;
use podyard_api::quantity::Format;

use super::eval::{Result, fail, no_overload};
use super::ops;
use super::val::Val;

pub(super) fn call(name: &str, args: &[Val]) -> Result<Val> {
    match (name, args) {
        ("greatest", _) => extreme(args, Ordering::Greater),
        ("least", _) => extreme(args, Ordering::Less),
        ("abs", [Val::Int(number)]) => {
            number.checked_abs().map_or_else(|| fail("integer overflow"), |number| Ok(Val::Int(number)))
        }
        ("abs", [Val::Uint(number)]) => Ok(Val::Uint(*number)),
        ("abs", [Val::Double(number)]) => Ok(Val::Double(number.abs())),
        ("ceil", [Val::Double(number)]) => Ok(Val::Double(number.ceil())),
        ("floor", [Val::Double(number)]) => Ok(Val::Double(number.floor())),
        ("round", [Val::Double(number)]) => Ok(Val::Double(number.round())),
        ("trunc", [Val::Double(number)]) => Ok(Val::Double(number.trunc())),
        ("sqrt", [Val::Double(number)]) => Ok(Val::Double(number.sqrt())),
        ("sqrt", [Val::Int(number)]) => Ok(Val::Double((*number as f64).sqrt())),
        ("isNaN", [Val::Double(number)]) => Ok(Val::Bool(number.is_nan())),
        ("isInf", [Val::Double(number)]) => Ok(Val::Bool(number.is_infinite())),
        ("isFinite", [Val::Double(number)]) => Ok(Val::Bool(number.is_finite())),
        ("sign", [Val::Int(number)]) => Ok(Val::Int(number.signum())),
        ("sign", [Val::Double(number)]) => Ok(Val::Double(if *number == 0.0 { 0.0 } else { number.signum() })),
        _ => no_overload(),
    }
}

fn extreme(args: &[Val], wanted: Ordering) -> Result<Val> {
    let items: Vec<Val> = match args {
        [Val::List(list)] => list.iter().collect(),
        args => args.to_vec(),
    };
    let mut items = items.into_iter();
    let Some(first) = items.next() else { return no_overload() };
    items.try_fold(first, |best, item| match ops::compare(&item, &best).flatten() {
        Some(order) => Ok(if order == wanted { item } else { best }),
        None => no_overload(),
    })
}

// Models staging/src/k8s.io/apiserver/pkg/cel/library/quantity.go
pub(super) fn quantity(this: &Val, name: &str, args: &[Val]) -> Result<Val> {
    let Val::Quantity(this) = this else { return no_overload() };
    let other = match args {
        [Val::Quantity(other)] => Some(*other),
        [Val::Int(number)] => Some(Quantity::new(*number, Format::DecimalSI)),
        _ => None,
    };
    match (name, args.len(), other) {
        ("sign", 0, _) => Ok(Val::Int(this.sign().into())),
        ("isInteger", 0, _) => Ok(Val::Bool(is_integer(*this))),
        ("asInteger", 0, _) if is_integer(*this) => Ok(Val::Int(this.value())),
        ("asInteger", 0, _) => fail("cannot convert value to integer"),
        ("asApproximateFloat", 0, _) => Ok(Val::Double(this.as_f64())),
        ("add", 1, Some(other)) => Ok(Val::Quantity(*this + other)),
        ("sub", 1, Some(other)) => Ok(Val::Quantity(*this - other)),
        ("isLessThan", 1, Some(other)) => Ok(Val::Bool(*this < other)),
        ("isGreaterThan", 1, Some(other)) => Ok(Val::Bool(*this > other)),
        ("compareTo", 1, Some(other)) => Ok(Val::Int(this.cmp(&other) as i64)),
        _ => no_overload(),
    }
}

fn is_integer(quantity: Quantity) -> bool {
    Quantity::new(quantity.value(), Format::DecimalSI) == quantity
}
