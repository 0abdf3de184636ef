//! Variables.

use ecow::EcoString;
use imbl::OrdMap;
use serde::{Deserialize, Serialize};

/// All variables by name.
pub(crate) type Vars = OrdMap<EcoString, Var>;

/// How large one value may grow, in bytes.
pub(crate) const MAX_VALUE: usize = 16 << 20;
/// How many elements an array may have.
const MAX_ELEMENTS: usize = 100_000;

/// A variable with its attributes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Var {
    /// `None`: declared, not set.
    pub value: Option<Content>,
    pub exported: bool,
    pub readonly: bool,
    /// Assignments are evaluated as arithmetic.
    pub integer: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Content {
    Text(EcoString),
    Array(OrdMap<i64, EcoString>),
    Map(OrdMap<EcoString, EcoString>),
}

impl Var {
    /// The value without an index: an array's first element.
    pub(crate) fn text(&self) -> Option<&EcoString> {
        match self.value.as_ref()? {
            Content::Text(text) => Some(text),
            Content::Array(items) => items.get(&0),
            Content::Map(items) => items.get("0"),
        }
    }

    /// All values, in the order of their keys.
    pub(crate) fn all(&self) -> Vec<EcoString> {
        match &self.value {
            None => Vec::new(),
            Some(Content::Text(text)) => vec![text.clone()],
            Some(Content::Array(items)) => items.values().cloned().collect(),
            Some(Content::Map(items)) => items.values().cloned().collect(),
        }
    }

    pub(crate) fn keys(&self) -> Vec<EcoString> {
        match &self.value {
            None => Vec::new(),
            Some(Content::Text(_)) => vec!["0".into()],
            Some(Content::Array(items)) => items.keys().map(|key| key.to_string().into()).collect(),
            Some(Content::Map(items)) => items.keys().cloned().collect(),
        }
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self.value, Some(Content::Map(_)))
    }

    pub(crate) fn is_array(&self) -> bool {
        matches!(self.value, Some(Content::Map(_) | Content::Array(_)))
    }

    /// One element.
    pub(crate) fn element(&self, key: &Key) -> Option<&EcoString> {
        match (self.value.as_ref()?, key) {
            (Content::Map(items), Key::Text(key)) => items.get(key),
            (Content::Array(items), Key::Number(number)) => items.get(&position(items, *number)?),
            (Content::Text(text), Key::Number(0 | -1)) => Some(text),
            _ => None,
        }
    }

    /// Sets the value without an index.
    pub(crate) fn set_text(&mut self, text: EcoString) {
        match &mut self.value {
            Some(Content::Array(items)) => {
                items.insert(0, text);
            }
            Some(Content::Map(items)) => {
                items.insert("0".into(), text);
            }
            _ => self.value = Some(Content::Text(text)),
        }
    }

    /// Sets one element; `false` beyond the bounds.
    pub(crate) fn set_element(&mut self, key: Key, text: EcoString) -> bool {
        if let Some(Content::Text(old)) = &self.value {
            self.value = Some(Content::Array(OrdMap::unit(0, old.clone())));
        }
        match (self.value.get_or_insert_with(|| Content::Array(OrdMap::new())), key) {
            (Content::Map(items), Key::Text(key)) if items.len() < MAX_ELEMENTS => {
                items.insert(key, text);
            }
            (Content::Array(items), Key::Number(number)) if items.len() < MAX_ELEMENTS => {
                let Some(at) = position(items, number) else { return false };
                items.insert(at, text);
            }
            _ => return false,
        }
        true
    }

    pub(crate) fn remove_element(&mut self, key: &Key) {
        match (&mut self.value, key) {
            (Some(Content::Map(items)), Key::Text(key)) => {
                items.remove(key);
            }
            (Some(Content::Array(items)), Key::Number(number)) => {
                if let Some(at) = position(items, *number) {
                    items.remove(&at);
                }
            }
            _ => {}
        }
    }

    /// The index after the last.
    pub(crate) fn next_index(&self) -> i64 {
        match &self.value {
            Some(Content::Array(items)) => items.get_max().map_or(0, |(last, _)| last + 1),
            Some(Content::Text(_)) => 1,
            _ => 0,
        }
    }
}

/// An index: negative ones count from the end.
fn position(items: &OrdMap<i64, EcoString>, number: i64) -> Option<i64> {
    let end = items.get_max().map_or(0, |(last, _)| last + 1);
    let at = if number < 0 { end + number } else { number };
    (0..1 << 32).contains(&at).then_some(at)
}

/// An element's name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Key {
    Number(i64),
    Text(EcoString),
}

/// Whether a text can name a variable.
pub(crate) fn is_name(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.is_empty()
        && text.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric())
}
