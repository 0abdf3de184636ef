//! Persistent JSON: clones are O(1), a change copies only its path.

mod key;
mod names;
mod object;
mod serial;

use ecow::{EcoString, EcoVec};

pub use key::Key;
pub use object::Object;
pub use serial::sharing;

/// A JSON value in 24 bytes. Strings, arrays and objects are shared until they are changed.
#[derive(Clone, Debug, Default)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    String(EcoString),
    Array(EcoVec<Value>),
    Object(Object),
}

/// What absent fields read as.
static NULL: Value = Value::Null;

impl Value {
    /// An object without fields.
    pub fn object() -> Self {
        Self::Object(Object::new())
    }

    /// An array without items.
    pub fn array() -> Self {
        Self::Array(EcoVec::new())
    }

    /// The field `key`, or `Null` where there is none or this is no object.
    pub fn get(&self, key: &str) -> &Value {
        match self {
            Self::Object(object) => object.get(key).unwrap_or(&NULL),
            _ => &NULL,
        }
    }

    /// The value below the fields named, or `Null`.
    pub fn at(&self, path: &[&str]) -> &Value {
        path.iter().fold(self, |value, key| value.get(key))
    }

    /// The item `index`, or `Null`.
    pub fn item(&self, index: usize) -> &Value {
        self.items().get(index).unwrap_or(&NULL)
    }

    /// The items of an array; none for anything else.
    pub fn items(&self) -> &[Value] {
        match self {
            Self::Array(items) => items,
            _ => &[],
        }
    }

    /// The fields of an object in key order; none for anything else.
    pub fn fields(&self) -> &[(Key, Value)] {
        match self {
            Self::Object(object) => object.entries(),
            _ => &[],
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    pub fn is_array(&self) -> bool {
        matches!(self, Self::Array(_))
    }

    /// `null`, `{}`, `[]` and `""`: what Go's `omitempty` leaves out, but for `false` and 0.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::String(text) => text.is_empty(),
            Self::Array(items) => items.is_empty(),
            Self::Object(object) => object.is_empty(),
            _ => false,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a string, or `""`.
    pub fn str(&self) -> &str {
        self.as_str().unwrap_or_default()
    }

    /// A shared copy of the text of a string, or of `""`.
    pub fn text(&self) -> EcoString {
        match self {
            Self::String(text) => text.clone(),
            _ => EcoString::new(),
        }
    }

    /// The integer, also of a float without fraction.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => Some(*number as i64),
            _ => None,
        }
    }

    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    pub fn as_array(&self) -> Option<&EcoVec<Value>> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// This value as an object to be changed; anything else is replaced by an empty object first.
    pub fn object_mut(&mut self) -> &mut Object {
        if !self.is_object() {
            *self = Self::object();
        }
        match self {
            Self::Object(object) => object,
            _ => unreachable!("just made an object"),
        }
    }

    /// This value as an array to be changed; anything else is replaced by an empty array first.
    pub fn array_mut(&mut self) -> &mut EcoVec<Value> {
        if !self.is_array() {
            *self = Self::array();
        }
        match self {
            Self::Array(items) => items,
            _ => unreachable!("just made an array"),
        }
    }

    /// The items of an array for change in place; none for anything else.
    pub fn items_mut(&mut self) -> &mut [Value] {
        match self {
            Self::Array(items) => items.make_mut(),
            _ => &mut [],
        }
    }

    /// The field `key` for change, if it is there.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        match self {
            Self::Object(object) => object.get_mut(key),
            _ => None,
        }
    }

    /// The field `key` for change; made as `Null` if missing.
    pub fn field_mut(&mut self, key: impl Into<Key>) -> &mut Value {
        self.object_mut().entry(key)
    }

    /// The value below the fields named, for change; what is missing on the way becomes an object.
    pub fn at_mut(&mut self, path: &[&str]) -> &mut Value {
        path.iter().fold(self, |value, key| value.field_mut(*key))
    }

    /// Sets the field `key`, making this an object if it is none.
    pub fn set(&mut self, key: impl Into<Key>, value: impl Into<Value>) {
        self.object_mut().insert(key, value.into());
    }

    /// Takes the field `key` out.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        match self {
            Self::Object(object) => object.remove(key),
            _ => None,
        }
    }

    /// Adds an item, making this an array if it is none.
    pub fn push(&mut self, value: impl Into<Value>) {
        let items = self.array_mut();
        object::insert_tight(items, items.len(), value.into());
    }

    /// Removes the array's item of this number, if there is one.
    pub fn remove_item(&mut self, index: usize) {
        let items = self.array_mut();
        if index < items.len() {
            items.remove(index);
        }
    }

    /// The JSON name of this value's type, as Go's decoder names it in errors.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::Float(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// Whether both are the same allocation, so that comparing them further is needless.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Array(a), Self::Array(b)) => a.len() == b.len() && std::ptr::eq(a.as_ptr(), b.as_ptr()),
            (Self::Object(a), Self::Object(b)) => a.same(b),
            _ => false,
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Int(a), Self::Float(b)) | (Self::Float(b), Self::Int(a)) => *a as f64 == *b,
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => self.same(other) || a == b,
            (Self::Object(a), Self::Object(b)) => a == b,
            _ => false,
        }
    }
}

impl PartialEq<str> for Value {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}

impl PartialEq<&str> for Value {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == Some(*other)
    }
}

macro_rules! from {
    ($($from:ty => |$value:ident| $make:expr;)*) => {
        $(impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $make
            }
        })*
    };
}

from! {
    bool => |v| Self::Bool(v);
    i32 => |v| Self::Int(v.into());
    i64 => |v| Self::Int(v);
    u16 => |v| Self::Int(v.into());
    u32 => |v| Self::Int(v.into());
    usize => |v| Self::Int(v as i64);
    f64 => |v| Self::Float(v);
    &str => |v| Self::String(v.into());
    &String => |v| Self::String(v.as_str().into());
    String => |v| Self::String(v.into());
    EcoString => |v| Self::String(v);
    &EcoString => |v| Self::String(v.clone());
    EcoVec<Value> => |v| Self::Array(v);
    Object => |v| Self::Object(v);
    &Value => |v| v.clone();
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().collect()
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(item: Option<T>) -> Self {
        item.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

impl<K: Into<Key>, V: Into<Value>> FromIterator<(K, V)> for Object {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut object = Self::new();
        for (key, value) in entries {
            object.insert(key, value.into());
        }
        object
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn a_value_takes_24_bytes() {
        assert_eq!(size_of::<Value>(), 24);
    }

    #[test]
    fn a_change_leaves_clones_alone_and_shares_the_rest() {
        let before = value!({"metadata": {"name": "web"}, "spec": {"containers": [{"name": "c"}]}});
        let mut after = before.clone();
        after.at_mut(&["metadata"]).set("name", "db");
        assert_eq!(before.at(&["metadata", "name"]), "web");
        assert_eq!(after.at(&["metadata", "name"]), "db");
        assert!(after.get("spec").same(before.get("spec")), "what did not change is shared");
    }

    #[test]
    fn fields_are_in_key_order_whatever_the_order_of_insertion() {
        let names = |value: &Value| value.fields().iter().map(|(k, _)| k.to_string()).collect::<Vec<_>>();
        let a = value!({"b": 1, "a": 2, "c": 3});
        let b = value!({"c": 3, "a": 2, "b": 1});
        assert_eq!(names(&a), ["a", "b", "c"]);
        assert_eq!(a, b);
    }

    #[test]
    fn absent_fields_read_as_null() {
        let value = value!({"a": [1, {"b": true}]});
        assert_eq!(value.get("a").item(1).get("b").as_bool(), Some(true));
        assert!(value.at(&["a", "b", "c"]).is_null());
        assert!(value.get("a").item(7).is_null());
    }
}
