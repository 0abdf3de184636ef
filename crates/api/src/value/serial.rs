//! Values in checkpoints: binary, with shared parts written once; as plain JSON elsewhere.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use ecow::{EcoString, EcoVec};
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Key, Object, Value};

/// Keeps track of the arrays and objects that one checkpoint has already written or read.
pub mod sharing {
    use super::{SHARED, Shared};

    /// Runs `work` (one whole encoding or decoding) such that equal allocations are written once.
    pub fn scope<T>(work: impl FnOnce() -> T) -> T {
        let outer = SHARED.with(|shared| shared.replace(Some(Shared::default())));
        let result = work();
        SHARED.with(|shared| shared.replace(outer));
        result
    }
}

/// What was written or read so far. The values are kept so that no address is used twice.
#[derive(Default)]
struct Shared {
    numbers: BTreeMap<(usize, usize), u32>,
    values: Vec<Value>,
}

thread_local! {
    static SHARED: RefCell<Option<Shared>> = const { RefCell::new(None) };
}

/// The binary form of a value.
#[derive(Serialize, Deserialize)]
enum Wire<T, U> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    String(EcoString),
    Array(T),
    Object(U),
    /// The array or object with this number, in order of completion.
    Same(u32),
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return self.serialize_json(serializer);
        }
        let place = address(self);
        if let Some(number) = place.and_then(known) {
            return Wire::<(), ()>::Same(number).serialize(serializer);
        }
        let wire = match self {
            Self::Null => Wire::Null,
            Self::Bool(flag) => Wire::Bool(*flag),
            Self::Int(number) => Wire::Int(*number),
            Self::Float(number) => Wire::Float(*number),
            Self::String(text) => Wire::String(text.clone()),
            Self::Array(items) => Wire::Array(items.as_slice()),
            Self::Object(object) => Wire::Object(object.entries()),
        };
        let done = wire.serialize(serializer)?;
        if let Some(place) = place {
            remember(self.clone(), place);
        }
        Ok(done)
    }
}

impl Value {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(flag) => serializer.serialize_bool(*flag),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| seq.serialize_element(item))?;
                seq.end()
            }
            Self::Object(object) => {
                let mut map = serializer.serialize_map(Some(object.len()))?;
                object.entries().iter().try_for_each(|(key, value)| map.serialize_entry(key.as_str(), value))?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_any(JsonVisitor);
        }
        Ok(match Wire::<EcoVec<Value>, Vec<(Key, Value)>>::deserialize(deserializer)? {
            Wire::Null => Self::Null,
            Wire::Bool(flag) => Self::Bool(flag),
            Wire::Int(number) => Self::Int(number),
            Wire::Float(number) => Self::Float(number),
            Wire::String(text) => Self::String(text),
            Wire::Array(items) => remembered(Self::Array(items)),
            Wire::Object(entries) => remembered(Self::Object(Object::from_entries(entries))),
            Wire::Same(number) => recall(number).ok_or_else(|| D::Error::custom("a shared part is missing"))?,
        })
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        EcoString::deserialize(deserializer).map(|text| Key::from(text.as_str()))
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::Object(self.clone()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Object(object) => Ok(object),
            _ => Err(D::Error::custom("an object was expected")),
        }
    }
}

/// Where an array or object lies; nothing for values too small to share.
fn address(value: &Value) -> Option<(usize, usize)> {
    match value {
        Value::Array(items) if !items.is_empty() => Some((items.as_ptr() as usize, items.len())),
        Value::Object(object) if !object.is_empty() => Some((object.entries().as_ptr() as usize, object.len())),
        _ => None,
    }
}

fn known(place: (usize, usize)) -> Option<u32> {
    SHARED.with_borrow(|shared| shared.as_ref()?.numbers.get(&place).copied())
}

fn remember(value: Value, place: (usize, usize)) {
    SHARED.with_borrow_mut(|shared| {
        if let Some(shared) = shared {
            shared.numbers.insert(place, shared.values.len() as u32);
            shared.values.push(value);
        }
    });
}

/// Notes a value just read, so that later references find it.
fn remembered(value: Value) -> Value {
    if let Some(place) = address(&value) {
        remember(value.clone(), place);
    }
    value
}

fn recall(number: u32) -> Option<Value> {
    SHARED.with_borrow(|shared| shared.as_ref()?.values.get(number as usize).cloned())
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(i64::try_from(number).map_or(Value::Float(number as f64), Value::Int))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = EcoVec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Key, Value>()? {
            entries.push((key, value));
        }
        Ok(Value::Object(Object::from_entries(entries)))
    }
}
