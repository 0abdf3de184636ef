//! Field names: static for those the schemas know, owned for the rest.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;

use ecow::EcoString;

use super::names;

/// A field name of an object. Names that come from outside are owned, so that untrusted keys leak nothing.
#[derive(Clone)]
pub enum Key {
    Static(&'static str),
    Owned(EcoString),
}

impl Key {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Static(text) => text,
            Self::Owned(text) => text,
        }
    }

    /// The key as a shared string.
    pub fn text(&self) -> EcoString {
        match self {
            Self::Static(text) => EcoString::from(*text),
            Self::Owned(text) => text.clone(),
        }
    }
}

impl Deref for Key {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

/// Names that the schemas know become static here, so that a field name read from outside takes no memory.
impl From<&str> for Key {
    fn from(text: &str) -> Self {
        names::known(text).map_or_else(|| Self::Owned(text.into()), Self::Static)
    }
}

impl From<&String> for Key {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<EcoString> for Key {
    fn from(text: EcoString) -> Self {
        names::known(&text).map_or(Self::Owned(text), Self::Static)
    }
}

impl From<&EcoString> for Key {
    fn from(text: &EcoString) -> Self {
        names::known(text).map_or_else(|| Self::Owned(text.clone()), Self::Static)
    }
}

impl From<&Key> for Key {
    fn from(key: &Key) -> Self {
        key.clone()
    }
}
