//! Functions: CEL's own, and the libraries that Kubernetes adds.

mod lists;
mod net;
mod text;

use super::eval::{Result, Scope, fail, no_overload};
use super::val::{Map, Val};
use super::{convert, numbers, ops, times};
use crate::Error;

/// The type that a name stands for.
pub(super) fn type_of(name: &str) -> &'static str {
    const TYPES: [&str; 10] = ["int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type"];
    TYPES.into_iter().find(|known| *known == name).unwrap_or("type")
}

/// Whether functions are called as `name.function(…)`.
pub(super) fn is_namespace(name: &str) -> bool {
    matches!(name, "math" | "sets" | "optional" | "ip" | "lists")
}

fn unknown<T>(name: &str) -> Result<T> {
    fail(format!("undeclared reference to '{name}' (in container '')"))
}

pub(super) fn namespaced(scope: &mut Scope, space: &str, name: &str, args: &[Val]) -> Result<Val> {
    match (space, name, args) {
        ("math", _, _) => numbers::call(name, args),
        ("optional", "none", []) => Ok(Val::Optional(None)),
        ("optional", "of", [value]) => Ok(Val::some(value.clone())),
        ("optional", "ofNonZeroValue", [value]) if value.is_zero() => Ok(Val::Optional(None)),
        ("optional", "ofNonZeroValue", [value]) => Ok(Val::some(value.clone())),
        ("sets", _, [Val::List(a), Val::List(b)]) => {
            let [a_parts, b_parts] = &args else { return no_overload() };
            for _ in 0..=b.len() {
                scope.spend_on(a_parts)?;
            }
            for _ in 0..=a.len() {
                scope.spend_on(b_parts)?;
            }
            let within = |list: &super::val::List, item: &Val| list.iter().any(|other| ops::equal(&other, item));
            Ok(Val::Bool(match name {
                "contains" => b.iter().all(|item| within(a, &item)),
                "equivalent" => b.iter().all(|item| within(a, &item)) && a.iter().all(|item| within(b, &item)),
                "intersects" => b.iter().any(|item| within(a, &item)),
                _ => return unknown(&format!("sets.{name}")),
            }))
        }
        ("lists", "range", [Val::Int(count)]) => {
            let count = usize::try_from(*count).unwrap_or_default();
            scope.spend(count)?;
            Ok(Val::list((0..count).map(Val::from)))
        }
        ("ip", "isCanonical", [Val::Text(text)]) => match text.parse::<std::net::IpAddr>() {
            Ok(ip) => Ok(Val::Bool(ip.to_string() == *text)),
            Err(_) => fail(format!("IP Address '{text}' parse error during conversion from string")),
        },
        _ => unknown(&format!("{space}.{name}")),
    }
}

/// A function of its arguments alone.
pub(super) fn global(scope: &mut Scope, name: &str, args: &[Val]) -> Result<Val> {
    match (name, args) {
        ("size", [value]) => size(value),
        ("type", [value]) => Ok(Val::Type(value.type_name())),
        ("dyn", [value]) => Ok(value.clone()),
        ("matches", [Val::Text(text), Val::Text(pattern)]) => text::matches(scope, text, pattern),
        ("int" | "uint" | "double" | "bool" | "string" | "bytes", [value]) => convert::to(name, value),
        ("timestamp", [value]) => times::timestamp(value),
        ("duration", [value]) => times::duration(value),
        ("quantity", [Val::Text(text)]) => match text.parse() {
            Ok(quantity) => Ok(Val::Quantity(quantity)),
            Err(why) => fail(format!("{why}")),
        },
        ("isQuantity", [Val::Text(text)]) => Ok(Val::Bool(text.parse::<podyard_api::Quantity>().is_ok())),
        ("ip" | "isIP" | "cidr" | "isCIDR", [Val::Text(text)]) => net::global(name, text),
        (
            "size" | "type" | "dyn" | "matches" | "int" | "uint" | "double" | "bool" | "string" | "bytes" | "timestamp"
            | "duration" | "quantity" | "isQuantity" | "ip" | "isIP" | "cidr" | "isCIDR",
            _,
        ) => no_overload(),
        _ => unknown(name),
    }
}

/// A function called on a value.
pub(super) fn method(scope: &mut Scope, target: &Val, name: &str, args: &[Val]) -> Result<Val> {
    match (name, args) {
        ("size", []) => return size(target),
        ("contains" | "indexOf" | "lastIndexOf", _) => scope.spend_on(target)?,
        ("distinct", []) => {
            let Val::List(list) = target else { return no_overload() };
            for _ in 0..list.len() {
                scope.spend_on(target)?;
            }
        }
        _ => scope.spend(ops::cost(target))?,
    }
    for arg in args {
        scope.spend_on(arg)?;
    }
    match (target, name, args) {
        (Val::Text(text), _, _) => text::method(scope, text, name, args),
        (Val::List(list), _, _) => lists::method(scope, list, name, args),
        (Val::Timestamp(_) | Val::Duration(_), _, _) => times::method(target, name, args),
        (Val::Optional(inner), _, _) => optional(inner.as_deref(), target, name, args),
        (Val::Quantity(_), _, _) => numbers::quantity(target, name, args),
        (Val::Ip(_) | Val::Cidr(..), _, _) => net::method(target, name, args),
        _ => no_overload(),
    }
}

fn size(value: &Val) -> Result<Val> {
    Ok(Val::from(match value {
        Val::Text(text) => text.chars().count(),
        Val::Bytes(bytes) => bytes.len(),
        Val::List(list) => list.len(),
        Val::Map(map) => Map::len(map),
        _ => return no_overload(),
    }))
}

fn optional(inner: Option<&Val>, target: &Val, name: &str, args: &[Val]) -> Result<Val> {
    match (name, args) {
        ("hasValue", []) => Ok(Val::Bool(inner.is_some())),
        ("value", []) => inner.cloned().ok_or_else(|| Error("optional.none() dereference".into())),
        ("orValue", [other]) => Ok(inner.unwrap_or(other).clone()),
        ("or", [other @ Val::Optional(_)]) => Ok(if inner.is_some() { target } else { other }.clone()),
        _ => no_overload(),
    }
}
