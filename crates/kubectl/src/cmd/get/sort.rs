//! `--sort-by`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/get/sorter.go

use std::cmp::Ordering;

use podyard_api::{Quantity, Value};
use podyard_expr::jsonpath::{self, Template};

use crate::failure::{Failure, Outcome};

/// The objects in the order of a field.
///
/// # Errors
/// A path that cannot be read, or a field that no object has.
pub(super) fn objects(items: &[Value], path: &str) -> Outcome<Value> {
    Ok(sorted(items, items, path)?.into_iter().collect())
}

/// The table with its rows in the order of a field of their objects.
pub(super) fn table(table: &Value, path: &str) -> Outcome<Value> {
    let rows = table.get("rows").items();
    let objects: Vec<Value> = rows.iter().map(|row| row.get("object").clone()).collect();
    let mut table = table.clone();
    // A field that no object has leaves nothing to show.
    let sorted = match sorted(rows, &objects, path) {
        Err(Failure::Text(why)) if why.starts_with(NOT_FOUND) => Vec::new(),
        other => other?,
    };
    table.set("rows", sorted);
    Ok(table)
}

const NOT_FOUND: &str = "couldn't find any field with path";

fn sorted(items: &[Value], objects: &[Value], path: &str) -> Outcome<Vec<Value>> {
    let relaxed = jsonpath::relaxed(path).unwrap_or_else(|_| path.to_owned());
    let template = Template::parse(&relaxed).map_err(|error| Failure::Text(error.to_string()))?.allow_missing();
    let mut keyed = Vec::with_capacity(items.len());
    let mut found = false;
    for (item, object) in items.iter().zip(objects) {
        let results = template.find(object).map_err(|error| Failure::Text(error.to_string()))?;
        let key = results.into_iter().flatten().next();
        found |= key.is_some();
        keyed.push((key, item));
    }
    if !found && !items.is_empty() {
        return Err(Failure::Text(format!("{NOT_FOUND} {} in the list of objects", crate::resource::q(&relaxed))));
    }
    keyed.sort_by(|(a, _), (b, _)| compare(a.as_ref(), b.as_ref()));
    Ok(keyed.into_iter().map(|(_, item)| item.clone()).collect())
}

/// Objects without the field come first; texts that are quantities go by their amount.
fn compare(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    match (a, b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(Value::String(a)), Some(Value::String(b))) => match (a.parse::<Quantity>(), b.parse::<Quantity>()) {
            (Ok(x), Ok(y)) => x.cmp(&y),
            _ => natural(a, b),
        },
        (Some(a), Some(b)) => match (a.as_f64(), b.as_f64()) {
            (Some(x), Some(y)) => x.total_cmp(&y),
            _ => a.as_bool().cmp(&b.as_bool()),
        },
    }
}

/// Numbers inside texts by their value: `a2` before `a10`.
// Models github.com/fvbommel/sortorder natsort.go
fn natural(a: &str, b: &str) -> Ordering {
    let (mut x, mut y) = (a.as_bytes(), b.as_bytes());
    loop {
        let (Some(p), Some(q)) = (x.first(), y.first()) else {
            return x.len().cmp(&y.len());
        };
        if !(p.is_ascii_digit() && q.is_ascii_digit()) {
            if p != q {
                return p.cmp(q);
            }
            (x, y) = (&x[1..], &y[1..]);
            continue;
        }
        let digits = |text: &[u8]| text.iter().take_while(|c| c.is_ascii_digit()).count();
        let ((m, rest_x), (n, rest_y)) = (x.split_at(digits(x)), y.split_at(digits(y)));
        let trim = |text: &[u8]| text.iter().skip_while(|c| **c == b'0').copied().collect::<Vec<u8>>();
        let (big_x, big_y) = (trim(m), trim(n));
        let order = big_x.len().cmp(&big_y.len()).then_with(|| big_x.cmp(&big_y)).then_with(|| m.len().cmp(&n.len()));
        if order != Ordering::Equal {
            return order;
        }
        (x, y) = (rest_x, rest_y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_texts_count_as_numbers() {
        for (a, b, order) in
            [("a2", "a10", Ordering::Less), ("a", "b", Ordering::Less), ("a10", "a10b", Ordering::Less)]
        {
            assert_eq!(natural(a, b), order, "{a} {b}");
        }
    }
}
