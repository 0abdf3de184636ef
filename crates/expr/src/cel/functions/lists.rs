//! Functions of lists.

use std::cmp::Ordering;

use crate::cel::eval::{Result, Scope, fail, no_overload};
use crate::cel::ops;
use crate::cel::val::{List, Val};

pub(super) fn method(scope: &mut Scope, list: &List, name: &str, args: &[Val]) -> Result<Val> {
    match (name, args) {
        ("contains", [item]) => Ok(Val::Bool(list.iter().any(|element| ops::equal(&element, item)))),
        ("indexOf", [item]) => Ok(position(list.iter().position(|element| ops::equal(&element, item)))),
        ("lastIndexOf", [item]) => {
            let from_end = list.iter().rev().position(|element| ops::equal(&element, item));
            Ok(position(from_end.map(|index| list.len() - 1 - index)))
        }
        ("isSorted", []) => {
            let items: Vec<_> = list.iter().collect();
            let sorted = |pair: &[Val]| order(&pair[0], &pair[1]).map(Ordering::is_le);
            Ok(Val::Bool(items.windows(2).map(sorted).collect::<Result<Vec<_>>>()?.into_iter().all(|ok| ok)))
        }
        ("sum", []) => {
            let mut items = list.iter();
            let Some(first) = items.next() else { return Ok(Val::Int(0)) };
            let is_number =
                |value: &Val| matches!(value, Val::Int(_) | Val::Uint(_) | Val::Double(_) | Val::Duration(_));
            if !is_number(&first) {
                return no_overload();
            }
            items.try_fold(first, |sum, item| ops::binary("+", &sum, &item))
        }
        ("min" | "max", []) => extreme(list, name),
        ("sort", []) => sort(scope, list),
        ("reverse", []) => Ok(Val::list(list.iter().rev())),
        ("distinct", []) => {
            let mut made: Vec<Val> = Vec::new();
            for item in list.iter() {
                if !made.iter().any(|known| ops::equal(known, &item)) {
                    made.push(item);
                }
            }
            Ok(Val::list(made))
        }
        ("flatten", []) => {
            let mut items = Vec::new();
            for item in list.iter() {
                match item {
                    Val::List(inner) => {
                        scope.spend(inner.len())?;
                        items.extend(inner.iter());
                    }
                    other => items.push(other),
                }
            }
            Ok(Val::list(items))
        }
        ("slice", [Val::Int(from), Val::Int(to)]) => {
            let (start, end) = (usize::try_from(*from), usize::try_from(*to));
            match (start, end) {
                (Ok(start), Ok(end)) if start <= end && end <= list.len() => {
                    Ok(Val::list(list.iter().skip(start).take(end - start)))
                }
                _ => fail(format!("cannot slice({from}, {to}), list is length {}", list.len())),
            }
        }
        ("first", []) => Ok(Val::Optional(list.get(0).map(Box::new))),
        ("last", []) => Ok(Val::Optional(list.iter().next_back().map(Box::new))),
        ("join", []) => join(scope, list, ""),
        ("join", [Val::Text(between)]) => join(scope, list, between),
        _ => no_overload(),
    }
}

fn position(index: Option<usize>) -> Val {
    Val::Int(index.map_or(-1, |index| index as i64))
}

fn order(a: &Val, b: &Val) -> Result<Ordering> {
    match ops::compare(a, b).flatten() {
        Some(order) => Ok(order),
        None => no_overload(),
    }
}

fn extreme(list: &List, name: &str) -> Result<Val> {
    let mut items = list.iter();
    let Some(first) = items.next() else { return fail(format!("{name} called on empty list")) };
    let wanted = if name == "min" { Ordering::Less } else { Ordering::Greater };
    items.try_fold(first, |best, item| Ok(if order(&item, &best)? == wanted { item } else { best }))
}

fn sort(scope: &mut Scope, list: &List) -> Result<Val> {
    scope.spend(list.len().saturating_mul(8))?;
    let mut items: Vec<_> = list.iter().collect();
    for pair in items.windows(2) {
        // Numbers of different types have no order that is sure to be total.
        if pair[0].type_name() != pair[1].type_name() {
            return no_overload();
        }
        order(&pair[0], &pair[1])?;
    }
    items.sort_by(|a, b| ops::compare(a, b).flatten().unwrap_or(Ordering::Equal));
    Ok(Val::list(items))
}

fn join(scope: &mut Scope, list: &List, between: &str) -> Result<Val> {
    let mut out = String::new();
    for (index, item) in list.iter().enumerate() {
        let Val::Text(text) = item else { return no_overload() };
        if index > 0 {
            out.push_str(between);
        }
        out.push_str(&text);
        scope.spend((text.len() + between.len()) / 64)?;
    }
    Ok(Val::Text(out.into()))
}
