//! Evaluates jsonpath templates.

use std::cmp::Ordering;

use podyard_api::Value;

use super::{Node, Slice};
use crate::{Error, error, go};

/// Values that one evaluation may yield on its way.
const MAX_WORK: usize = 2_000_000;
/// How deep ranges may nest.
const MAX_RANGES: usize = 100;

/// The results of each node.
// Models staging/src/k8s.io/client-go/util/jsonpath/jsonpath.go
pub(super) fn find(nodes: &[Node], allow_missing: bool, data: &Value) -> Result<Vec<Vec<Value>>, Error> {
    let mut eval = Eval { allow_missing, begin: 0, inside: 0, end: 0, last_end: 0, work: 0 };
    eval.find(nodes, 0, data)
}

struct Eval {
    allow_missing: bool,
    /// `range`s met and not entered yet.
    begin: usize,
    /// `range`s entered.
    inside: usize,
    /// `end`s met and not left yet.
    end: usize,
    /// The node of the last `end`.
    last_end: usize,
    work: usize,
}

impl Eval {
    /// Runs the nodes from `from` up to an `end` or the last one.
    fn find(&mut self, nodes: &[Node], from: usize, data: &Value) -> Result<Vec<Vec<Value>>, Error> {
        if self.inside > MAX_RANGES {
            return error("ranges are nested too deeply");
        }
        let mut found = Vec::new();
        let mut index = from;
        while index < nodes.len() {
            let results = self.walk(vec![data.clone()], &nodes[index])?;
            if self.end > 0 && self.end <= self.inside {
                self.end -= 1;
                self.last_end = index;
                break;
            }
            if self.begin > 0 {
                self.begin -= 1;
                self.inside += 1;
                for value in &results {
                    found.extend(self.find(nodes, index + 1, value)?);
                }
                if results.is_empty() {
                    // Without a value too, to learn where the range ends.
                    self.find(nodes, index + 1, &Value::Null)?;
                }
                self.inside -= 1;
                index = index.max(self.last_end);
            } else {
                found.push(results);
            }
            index += 1;
        }
        Ok(found)
    }

    fn walk(&mut self, input: Vec<Value>, node: &Node) -> Result<Vec<Value>, Error> {
        self.work += input.len() + 1;
        if self.work > MAX_WORK {
            return error("the expression takes too much work");
        }
        Ok(match node {
            Node::List(nodes) => self.list(input, nodes)?,
            Node::Text(text) => vec![Value::from(text)],
            Node::Field(name) => self.field(&input, name)?,
            Node::Identifier(name) => self.identifier(input, name)?,
            Node::Int(number) => vec![Value::Int(*number); input.len()],
            Node::Float(number) => vec![Value::Float(*number); input.len()],
            Node::Bool(flag) => vec![Value::Bool(*flag); input.len()],
            Node::Slice(slice) => self.slice(&input, slice)?,
            Node::Filter { left, operator, right } => self.filter(&input, left, operator, right)?,
            Node::Wildcard => input.iter().flat_map(children).collect(),
            Node::Recursive => self.recursive(&input)?,
            Node::Union(parts) => {
                let mut results = Vec::new();
                for part in parts {
                    results.extend(self.list(input.clone(), part)?);
                }
                results
            }
        })
    }

    fn list(&mut self, input: Vec<Value>, nodes: &[Node]) -> Result<Vec<Value>, Error> {
        nodes.iter().try_fold(input, |input, node| self.walk(input, node))
    }

    fn identifier(&mut self, input: Vec<Value>, name: &str) -> Result<Vec<Value>, Error> {
        match name {
            "range" => {
                self.begin += 1;
                Ok(input)
            }
            "end" if self.inside > 0 => {
                self.end += 1;
                Ok(Vec::new())
            }
            "end" => error("not in range, nothing to end"),
            _ => error(format!("unrecognized identifier {name}")),
        }
    }

    fn field(&self, input: &[Value], name: &str) -> Result<Vec<Value>, Error> {
        let results: Vec<_> = input.iter().filter_map(|value| value.as_object()?.get(name)).cloned().collect();
        if results.is_empty() && !input.is_empty() && !self.allow_missing {
            return error(format!("{name} is not found"));
        }
        Ok(results)
    }

    fn slice(&mut self, input: &[Value], slice: &Slice) -> Result<Vec<Value>, Error> {
        let mut results = Vec::new();
        for value in input.iter().filter(|value| !value.is_null()) {
            let Value::Array(items) = value else {
                return error(format!("{} is not array or slice", go::type_name(value)));
            };
            let length = items.len() as i64;
            let out_of_bounds = |index| error(format!("array index out of bounds: index {index}, length {length}"));
            let mut start = slice.start.unwrap_or(0);
            if start < 0 {
                start = start.saturating_add(length);
            }
            let mut end = slice.end.unwrap_or(length);
            if end < 0 || (end == 0 && slice.derived) {
                end = end.saturating_add(length);
            }
            if start == end {
                return Ok(results);
            } else if start >= length || start < 0 {
                return out_of_bounds(start);
            } else if end > length || end < 0 {
                return out_of_bounds(end - 1);
            } else if start > end {
                return error(format!("starting index {start} is greater than ending index {end}"));
            }
            let step = slice.step.unwrap_or(1);
            if step <= 0 {
                return error("step must be > 0");
            }
            results.extend(items[start as usize..end as usize].iter().step_by(step as usize).cloned());
        }
        Ok(results)
    }

    fn filter(&mut self, input: &[Value], left: &[Node], operator: &str, right: &[Node]) -> Result<Vec<Value>, Error> {
        let mut results = Vec::new();
        for value in input {
            let Value::Array(items) = value else {
                return error(format!("{} is not array or slice and cannot be filtered", go::print(value)));
            };
            for item in items {
                let lefts = self.list(vec![item.clone()], left);
                if operator == "exists" {
                    if lefts.is_ok_and(|lefts| !lefts.is_empty()) {
                        results.push(item.clone());
                    }
                    continue;
                }
                let Some(a) = single(lefts?)? else { continue };
                let Some(b) = single(self.list(vec![item.clone()], right)?)? else { continue };
                if compare(&a, operator, &b)? {
                    results.push(item.clone());
                }
            }
        }
        Ok(results)
    }

    /// Every value below that has something in it, parents first.
    fn recursive(&mut self, input: &[Value]) -> Result<Vec<Value>, Error> {
        let mut results = Vec::new();
        let mut stack: Vec<Value> = input.iter().rev().cloned().collect();
        while let Some(value) = stack.pop() {
            self.work += 1;
            if self.work > MAX_WORK {
                return error("the expression takes too much work");
            }
            if let Value::String(text) = &value {
                if !text.is_empty() {
                    results.push(value);
                }
                continue;
            }
            let below: Vec<_> = children(&value).collect();
            if !below.is_empty() {
                results.push(value);
                stack.extend(below.into_iter().rev());
            }
        }
        Ok(results)
    }
}

/// The items of an array, the values of an object, the bytes of a string.
fn children(value: &Value) -> impl Iterator<Item = Value> + '_ {
    let bytes = value.as_str().unwrap_or_default().bytes().map(|byte| Value::Int(byte.into()));
    value.items().iter().cloned().chain(value.fields().iter().map(|(_, value)| value.clone())).chain(bytes)
}

fn single(values: Vec<Value>) -> Result<Option<Value>, Error> {
    if values.len() > 1 {
        return error("can only compare one element at a time");
    }
    Ok(values.into_iter().next())
}

// Models staging/src/k8s.io/client-go/third_party/forked/golang/template/funcs.go
fn compare(a: &Value, operator: &str, b: &Value) -> Result<bool, Error> {
    if !matches!(operator, "<" | ">" | "==" | "!=" | "<=" | ">=") {
        return error(format!("unrecognized filter operator {operator}"));
    }
    let basic = |value: &Value| !matches!(value, Value::Null | Value::Array(_) | Value::Object(_));
    if !basic(a) || !basic(b) {
        return error("invalid type for comparison");
    }
    let order = match (a, b) {
        (Value::Bool(a), Value::Bool(b)) if matches!(operator, "==" | "!=") => Some(a.cmp(b)),
        (Value::Bool(_), Value::Bool(_)) => return error("invalid type for comparison"),
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::String(a), Value::String(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        _ => return error("incompatible types for comparison"),
    };
    Ok(match operator {
        "<" => order == Some(Ordering::Less),
        "<=" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        "==" => order == Some(Ordering::Equal),
        "!=" => order != Some(Ordering::Equal),
        ">" => !matches!(order, Some(Ordering::Less | Ordering::Equal)),
        _ => order != Some(Ordering::Less),
    })
}
