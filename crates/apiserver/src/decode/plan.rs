//! One walk over an object that holds it against its type and brings it into its canonical form.
//!
//! The walk only says that something does not fit; [`podyard_api::decode`] then finds the words.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use podyard_api::schema::{self, FieldInfo, Kind, TypeInfo, TypeRef};
use podyard_api::{Key, Object, Value, json, quantity};

use super::canonical;

/// The object does not fit its type.
pub(super) struct Unfit;

/// The canonical form of an object; nothing if it has that form. Parts shared with `old` have it.
pub(crate) fn canonical_form(info: TypeRef, object: &Value, old: &Value) -> Option<Value> {
    walk(info, object, old).ok().flatten()
}

/// The same, or that the object does not fit its type.
pub(super) fn walk(info: TypeRef, object: &Value, old: &Value) -> Result<Option<Value>, Unfit> {
    match PLANS.by_name.get(info.name) {
        Some(number) => PLANS.plan(*number).object(object, old),
        None => Err(Unfit),
    }
}

/// What is known of a type.
struct Plan {
    /// In alphabetical order.
    fields: Vec<Field>,
    /// A hash table of the fields' numbers, plus one.
    slots: Vec<u8>,
    /// The fields that are always there, one bit each.
    always: u64,
}

struct Field {
    name: &'static str,
    shape: Shape,
    /// Left out when it is empty, 0 or `false`.
    left_out: bool,
    nullable: bool,
    /// What is written where there is nothing; unless it is a struct.
    zero: Option<Value>,
}

enum Shape {
    Text,
    Integer(i64, i64),
    Flag,
    Number,
    Quantity,
    IntOrString,
    Moment,
    Bytes,
    Any,
    Struct(u16),
    List(Box<Shape>),
    Map(Box<Shape>),
}

struct Plans {
    by_name: BTreeMap<&'static str, u16>,
    plans: Vec<Plan>,
}

static PLANS: LazyLock<Plans> = LazyLock::new(|| {
    let types: Vec<&'static TypeInfo> = schema::types().collect();
    let by_name: BTreeMap<_, _> = types.iter().enumerate().map(|(number, info)| (info.name, number as u16)).collect();
    let plans = types.iter().map(|info| Plan::of(info, &by_name)).collect();
    Plans { by_name, plans }
});

impl Plans {
    fn plan(&self, number: u16) -> &Plan {
        &self.plans[usize::from(number)]
    }
}

fn hash(name: &[u8], mask: usize) -> usize {
    match name {
        [] => 0,
        [first, .., last] => {
            (name.len() * 37 + usize::from(*first) * 5 + usize::from(*last) * 11 + usize::from(name[name.len() / 2]))
                & mask
        }
        [one] => usize::from(*one) & mask,
    }
}

impl Plan {
    fn of(info: TypeRef, numbers: &BTreeMap<&'static str, u16>) -> Self {
        let fields: Vec<Field> = info.fields.iter().map(|field| Field::of(info, field, numbers)).collect();
        let mut slots = vec![0; (fields.len() * 3 + 1).next_power_of_two()];
        let mask = slots.len() - 1;
        for (number, field) in fields.iter().enumerate() {
            let mut at = hash(field.name.as_bytes(), mask);
            while slots[at] != 0 {
                at = (at + 1) & mask;
            }
            slots[at] = number as u8 + 1;
        }
        let structs: Vec<&str> = canonical::always(info).map(|field| field.name).collect();
        let is_always = |field: &Field| field.zero.is_some() || structs.contains(&field.name);
        let always =
            fields.iter().enumerate().filter(|(_, field)| is_always(field)).fold(0, |bits, (n, _)| bits | 1 << n);
        Self { fields, slots, always }
    }

    fn find(&self, name: &str) -> Option<usize> {
        let mask = self.slots.len() - 1;
        let mut at = hash(name.as_bytes(), mask);
        loop {
            let number = usize::from(*self.slots.get(at)?).checked_sub(1)?;
            if self.fields[number].name == name {
                return Some(number);
            }
            at = (at + 1) & mask;
        }
    }

    fn object(&self, value: &Value, old: &Value) -> Result<Option<Value>, Unfit> {
        let Value::Object(object) = value else { return Err(Unfit) };
        if value.same(old) {
            return Ok(None);
        }
        let entries = object.entries();
        let mut seen = 0;
        let mut changed: Vec<(usize, Option<Value>)> = Vec::new();
        for (place, (key, entry)) in entries.iter().enumerate() {
            let number = self.find(key).ok_or(Unfit)?;
            seen |= 1 << number;
            let before = if old.is_null() { &Value::Null } else { old.get(key) };
            match self.fields[number].form(entry, before)? {
                Form::Good => {}
                Form::Out => changed.push((place, None)),
                Form::As(better) => changed.push((place, Some(better))),
            }
        }
        let missing = self.always & !seen;
        if changed.is_empty() && missing == 0 {
            return Ok(None);
        }
        Ok(Some(self.rebuilt(entries, changed, missing)))
    }

    fn rebuilt(&self, entries: &[(Key, Value)], changed: Vec<(usize, Option<Value>)>, missing: u64) -> Value {
        let mut changed = changed.into_iter().peekable();
        let mut kept: Vec<(Key, Value)> = Vec::with_capacity(entries.len());
        for (place, (key, entry)) in entries.iter().enumerate() {
            match changed.next_if(|(at, _)| *at == place) {
                None => kept.push((key.clone(), entry.clone())),
                Some((_, Some(better))) => kept.push((key.clone(), better)),
                Some((_, None)) => {}
            }
        }
        let added = (0..self.fields.len()).filter(|n| missing & (1 << n) != 0).map(|n| &self.fields[n]);
        Value::Object(Object::merged(kept, added.map(|field| (Key::Static(field.name), field.nothing()))))
    }
}

/// What becomes of a field.
enum Form {
    Good,
    Out,
    As(Value),
}

impl Field {
    fn of(owner: TypeRef, field: &'static FieldInfo, numbers: &BTreeMap<&'static str, u16>) -> Self {
        Self {
            name: field.name,
            shape: Shape::of(&field.kind, numbers),
            left_out: canonical::is_left_out(owner, field),
            nullable: canonical::is_nullable(owner, field),
            zero: canonical::zero(owner, field),
        }
    }

    /// What is written where there is nothing.
    fn nothing(&self) -> Value {
        match (&self.zero, &self.shape) {
            (Some(zero), _) => zero.clone(),
            (None, Shape::Struct(number)) => {
                let empty = Value::object();
                let filled = PLANS.plan(*number).object(&empty, &Value::Null);
                filled.ok().flatten().unwrap_or(empty)
            }
            _ => Value::Null,
        }
    }

    fn form(&self, value: &Value, old: &Value) -> Result<Form, Unfit> {
        match value {
            Value::Null if self.nullable => Ok(Form::Good),
            Value::Null => Ok(Form::Out),
            _ => match self.shape.form(value, old)? {
                None if self.left_out && is_nothing(value) => Ok(Form::Out),
                None => Ok(Form::Good),
                Some(better) => Ok(Form::As(better)),
            },
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => !flag,
        Value::Int(number) => *number == 0,
        _ => value.is_empty(),
    }
}

impl Shape {
    fn of(kind: &'static Kind, numbers: &BTreeMap<&'static str, u16>) -> Self {
        match kind {
            Kind::String => Self::Text,
            Kind::Int32 => Self::Integer(i32::MIN.into(), i32::MAX.into()),
            Kind::Int64 => Self::Integer(i64::MIN, i64::MAX),
            Kind::Bool => Self::Flag,
            Kind::Number => Self::Number,
            Kind::Quantity => Self::Quantity,
            Kind::IntOrString => Self::IntOrString,
            Kind::Time | Kind::MicroTime => Self::Moment,
            Kind::Bytes => Self::Bytes,
            Kind::Any | Kind::Object => Self::Any,
            Kind::Struct(reference) => numbers.get(reference.info().name).map_or(Self::Any, |n| Self::Struct(*n)),
            Kind::List(item) => Self::List(Box::new(Self::of(item, numbers))),
            Kind::Map(item) => Self::Map(Box::new(Self::of(item, numbers))),
        }
    }

    /// The canonical form of a value; nothing if it has that form.
    fn form(&self, value: &Value, old: &Value) -> Result<Option<Value>, Unfit> {
        match (self, value) {
            (Self::Any, _) | (Self::Text | Self::IntOrString, Value::String(_)) | (Self::Flag, Value::Bool(_)) => {
                Ok(None)
            }
            (Self::Number, Value::Int(_) | Value::Float(_)) => Ok(None),
            (Self::Integer(low, high), Value::Int(number)) if (low..=high).contains(&number) => Ok(None),
            (Self::Integer(low, high), Value::Float(_)) => match value.as_i64() {
                Some(number) if (*low..=*high).contains(&number) => Ok(Some(Value::Int(number))),
                _ => Err(Unfit),
            },
            (Self::IntOrString, Value::Int(number)) if i32::try_from(*number).is_ok() => Ok(None),
            (Self::Quantity, _) => amount(value),
            (Self::Moment, Value::String(text)) if is_moment(text.as_bytes()) => Ok(None),
            (Self::Bytes, Value::String(text)) if text.is_empty() || podyard_api::base64::decode(text).is_some() => {
                Ok(None)
            }
            (Self::Struct(number), Value::Object(_)) => PLANS.plan(*number).object(value, old),
            (Self::List(item), Value::Array(items)) => item.list(value, items, old),
            (Self::Map(item), Value::Object(_)) => item.map(value, old),
            _ => Err(Unfit),
        }
    }

    fn list(&self, value: &Value, items: &[Value], old: &Value) -> Result<Option<Value>, Unfit> {
        if value.same(old) {
            return Ok(None);
        }
        let mut out: Option<Value> = None;
        for (index, item) in items.iter().enumerate() {
            if item.is_null() {
                continue;
            }
            if let Some(better) = self.form(item, old.item(index))? {
                out.get_or_insert_with(|| value.clone()).items_mut()[index] = better;
            }
        }
        Ok(out)
    }

    fn map(&self, value: &Value, old: &Value) -> Result<Option<Value>, Unfit> {
        if value.same(old) {
            return Ok(None);
        }
        let mut out: Option<Value> = None;
        for (key, item) in value.fields() {
            if item.is_null() {
                // Go has the zero value then.
                if matches!(self, Self::Text | Self::Bytes) {
                    out.get_or_insert_with(|| value.clone()).set(key, "");
                }
                continue;
            }
            if let Some(better) = self.form(item, old.get(key))? {
                out.get_or_insert_with(|| value.clone()).set(key, better);
            }
        }
        Ok(out)
    }
}

fn amount(value: &Value) -> Result<Option<Value>, Unfit> {
    match value {
        Value::String(text) => {
            let better = quantity::canonical(text.trim()).map_err(|_| Unfit)?;
            Ok((better != *text).then(|| Value::from(better)))
        }
        Value::Int(number) => Ok(Some(Value::from(number.to_string()))),
        Value::Float(number) => {
            quantity::canonical(&json::format_float(*number)).map(|text| Some(Value::from(text))).map_err(|_| Unfit)
        }
        _ => Err(Unfit),
    }
}

/// `2026-11-22T15:17:44Z`, with a fraction or without: what every moment of the server's own looks like.
fn is_moment(text: &[u8]) -> bool {
    let digits = |range: std::ops::Range<usize>| text[range].iter().all(u8::is_ascii_digit);
    if text.len() < 20 || text.last() != Some(&b'Z') {
        return false;
    }
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let number = |at: usize| (text[at] - b'0') * 10 + (text[at + 1] - b'0');
    let fraction = match text.len() {
        20 => true,
        length => text[19] == b'.' && length == 27 && digits(20..26),
    };
    fraction
        && marks.iter().all(|(at, mark)| text[*at] == *mark)
        && [0..4, 5..7, 8..10, 11..13, 14..16, 17..19].into_iter().all(digits)
        && (1..=12).contains(&number(5))
        && (1..=28).contains(&number(8))
        && number(11) < 24
        && number(14) < 60
        && number(17) < 60
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::value;

    #[test]
    fn types_are_small_enough() {
        assert!(PLANS.plans.iter().all(|plan| plan.fields.len() <= 64));
        for info in schema::types() {
            let plan = PLANS.plan(PLANS.by_name[info.name]);
            for (number, field) in info.fields.iter().enumerate() {
                assert_eq!(plan.find(field.name), Some(number));
            }
            assert_eq!(plan.find("no such field"), None);
        }
    }

    #[test]
    fn what_is_empty_goes_and_what_is_always_there_comes() {
        let pod = value!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web", "labels": {}},
            "spec": {
                "hostNetwork": false,
                "containers": [{"name": "c", "stdin": false, "resources": {"limits": {"cpu": "1000m", "memory": 5}}}],
                "nodeName": "",
                "volumes": null,
                "securityContext": {},
                "automountServiceAccountToken": false,
            },
        });
        let expect = value!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web"},
            "spec": {
                "containers": [{"name": "c", "resources": {"limits": {"cpu": "1", "memory": "5"}}}],
                "securityContext": {},
                "automountServiceAccountToken": false,
            },
            "status": {},
        });
        let info = schema::of_object("v1", "Pod").unwrap();
        assert_eq!(canonical_form(info, &pod, &Value::Null), Some(expect.clone()));
        assert_eq!(canonical_form(info, &expect, &Value::Null), None);
    }
}
