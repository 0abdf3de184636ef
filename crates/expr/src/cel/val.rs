//! What expressions evaluate to.

use std::net::IpAddr;

use ecow::{EcoString, EcoVec, eco_format};
use podyard_api::{Key, Object, Quantity, Value, base64, timestamp};

/// How deep values may nest.
const MAX_DEPTH: usize = 200;

/// A CEL value. Lists and maps that come from outside stay what they are until something is taken out of them.
#[derive(Clone, Debug)]
pub(super) enum Val {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(EcoString),
    Bytes(EcoVec<u8>),
    List(List),
    Map(Map),
    /// A type by its name.
    Type(&'static str),
    /// Microseconds since 1970.
    Timestamp(i64),
    /// Microseconds.
    Duration(i64),
    Optional(Option<Box<Val>>),
    Quantity(Quantity),
    Ip(IpAddr),
    /// A network and the length of its prefix.
    Cidr(IpAddr, u8),
}

#[derive(Clone, Debug)]
pub(super) enum List {
    Given(EcoVec<Value>),
    Made(EcoVec<Val>),
}

#[derive(Clone, Debug)]
pub(super) enum Map {
    Given(Object),
    Made(EcoVec<(Val, Val)>),
}

impl From<&Value> for Val {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Int(number) => Self::Int(*number),
            Value::Float(number) => Self::Double(*number),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => Self::List(List::Given(items.clone())),
            Value::Object(object) => Self::Map(Map::Given(object.clone())),
        }
    }
}

impl From<bool> for Val {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<usize> for Val {
    fn from(number: usize) -> Self {
        Self::Int(number as i64)
    }
}

impl List {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Given(items) => items.len(),
            Self::Made(items) => items.len(),
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<Val> {
        match self {
            Self::Given(items) => items.get(index).map(Val::from),
            Self::Made(items) => items.get(index).cloned(),
        }
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = Val> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}

impl Map {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Given(object) => object.len(),
            Self::Made(entries) => entries.len(),
        }
    }

    pub(super) fn get(&self, key: &Val) -> Option<Val> {
        match (self, key) {
            (Self::Given(object), Val::Text(key)) => object.get(key).map(Val::from),
            (Self::Given(_), _) => None,
            (Self::Made(entries), key) => {
                entries.iter().find(|(known, _)| super::ops::equal(known, key)).map(|(_, value)| value.clone())
            }
        }
    }

    pub(super) fn entries(&self) -> Vec<(Val, Val)> {
        match self {
            Self::Given(object) => {
                object.entries().iter().map(|(key, value)| (Val::Text(key.text()), Val::from(value))).collect()
            }
            Self::Made(entries) => entries.to_vec(),
        }
    }
}

impl Val {
    pub(super) fn list(items: impl IntoIterator<Item = Val>) -> Self {
        Self::List(List::Made(items.into_iter().collect()))
    }

    pub(super) fn some(value: Val) -> Self {
        Self::Optional(Some(Box::new(value)))
    }

    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null_type",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Uint(_) => "uint",
            Self::Double(_) => "double",
            Self::Text(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Type(_) => "type",
            Self::Timestamp(_) => "google.protobuf.Timestamp",
            Self::Duration(_) => "google.protobuf.Duration",
            Self::Optional(_) => "optional_type",
            Self::Quantity(_) => "kubernetes.Quantity",
            Self::Ip(_) => "net.IP",
            Self::Cidr(..) => "net.CIDR",
        }
    }

    /// What it costs to find a key.
    pub(super) fn search_cost(&self) -> usize {
        match self {
            Self::Map(Map::Made(entries)) => entries.len() / 8,
            _ => 0,
        }
    }

    /// Whether the value has no more parts than `left`, of which it takes as many; `given`: what came from outside
    /// counts by its parts too.
    pub(super) fn fits(&self, left: &mut usize, given: bool) -> bool {
        self.fits_at(left, given, MAX_DEPTH)
    }

    fn fits_at(&self, left: &mut usize, given: bool, depth: usize) -> bool {
        let size = match self {
            Self::Text(text) => 1 + text.len() / 64,
            Self::Bytes(bytes) => 1 + bytes.len() / 64,
            _ => 1,
        };
        let (Some(rest), Some(depth)) = (left.checked_sub(size), depth.checked_sub(1)) else { return false };
        *left = rest;
        match self {
            Self::List(List::Made(items)) => items.iter().all(|item| item.fits_at(left, given, depth)),
            Self::Map(Map::Made(entries)) => entries.iter().all(|(_, value)| value.fits_at(left, given, depth)),
            Self::Optional(Some(inner)) => inner.fits_at(left, given, depth),
            Self::List(List::Given(items)) if given => items.iter().all(|item| value_fits(item, left, depth)),
            Self::Map(Map::Given(object)) if given => {
                object.entries().iter().all(|(_, value)| value_fits(value, left, depth))
            }
            _ => true,
        }
    }

    /// `false`, 0, empty: what `optional.ofNonZeroValue` passes over.
    pub(super) fn is_zero(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(flag) => !flag,
            Self::Int(number) | Self::Timestamp(number) | Self::Duration(number) => *number == 0,
            Self::Uint(number) => *number == 0,
            Self::Double(number) => *number == 0.0,
            Self::Text(text) => text.is_empty(),
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::List(list) => list.len() == 0,
            Self::Map(map) => map.len() == 0,
            Self::Optional(inner) => inner.is_none(),
            _ => false,
        }
    }

    /// As JSON; what JSON has no form for becomes text.
    pub(super) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Int(number) => Value::Int(*number),
            Self::Uint(number) => i64::try_from(*number).map_or(Value::Float(*number as f64), Value::Int),
            Self::Double(number) => Value::Float(*number),
            Self::Text(text) => Value::String(text.clone()),
            Self::Bytes(bytes) => base64::encode(bytes).into(),
            Self::List(List::Given(items)) => Value::Array(items.clone()),
            Self::List(List::Made(items)) => items.iter().map(Self::to_value).collect(),
            Self::Map(Map::Given(object)) => Value::Object(object.clone()),
            Self::Map(Map::Made(entries)) => {
                let entry = |(key, value): &(Val, Val)| (Key::from(key.to_text()), value.to_value());
                Value::Object(Object::from_entries(entries.iter().map(entry)))
            }
            Self::Optional(Some(inner)) => inner.to_value(),
            Self::Optional(None) => Value::Null,
            other => Value::String(other.to_text()),
        }
    }

    /// As `string(…)` writes it.
    pub(super) fn to_text(&self) -> EcoString {
        match self {
            Self::Null => "null".into(),
            Self::Bool(flag) => eco_format!("{flag}"),
            Self::Int(number) => eco_format!("{number}"),
            Self::Uint(number) => eco_format!("{number}"),
            Self::Double(number) => podyard_api::json::format_float_g(*number, 6).into(),
            Self::Text(text) => text.clone(),
            Self::Bytes(bytes) => String::from_utf8_lossy(bytes).as_ref().into(),
            Self::Timestamp(micros) => timestamp_text(*micros),
            Self::Duration(micros) => duration_text(*micros),
            Self::Type(name) => (*name).into(),
            Self::Quantity(quantity) => eco_format!("{quantity}"),
            Self::Ip(ip) => eco_format!("{ip}"),
            Self::Cidr(ip, prefix) => eco_format!("{ip}/{prefix}"),
            Self::List(_) | Self::Map(_) | Self::Optional(_) => {
                podyard_api::json::to_string_plain(&self.to_value()).into()
            }
        }
    }
}

fn value_fits(value: &Value, left: &mut usize, depth: usize) -> bool {
    let size = value.as_str().map_or(1, |text| 1 + text.len() / 64);
    let (Some(rest), Some(depth)) = (left.checked_sub(size), depth.checked_sub(1)) else { return false };
    *left = rest;
    match value {
        Value::Array(items) => items.iter().all(|item| value_fits(item, left, depth)),
        Value::Object(object) => object.entries().iter().all(|(_, value)| value_fits(value, left, depth)),
        _ => true,
    }
}

fn timestamp_text(micros: i64) -> EcoString {
    let whole = timestamp::rfc3339(micros);
    match micros.rem_euclid(1_000_000) {
        0 => whole.into(),
        part => {
            let digits = format!("{part:06}");
            eco_format!("{}.{}Z", whole.trim_end_matches('Z'), digits.trim_end_matches('0'))
        }
    }
}

/// Seconds, as CEL writes durations: `90s`, `1.5s`.
fn duration_text(micros: i64) -> EcoString {
    eco_format!("{}s", micros as f64 / 1e6)
}
