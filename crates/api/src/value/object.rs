//! Objects: vectors of fields, sorted by key.

use ecow::EcoVec;

use super::{Key, Value};

/// The fields of a JSON object in key order; a clone is O(1).
#[derive(Clone, Debug, Default)]
pub struct Object(EcoVec<(Key, Value)>);

impl Object {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes entries in any order; of equal keys the last one counts.
    pub fn from_entries(entries: impl IntoIterator<Item = (Key, Value)>) -> Self {
        let mut entries: Vec<_> = entries.into_iter().collect();
        if !entries.is_sorted_by(|(a, _), (b, _)| a < b) {
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            entries.reverse();
            entries.dedup_by(|(a, _), (b, _)| a == b);
            entries.reverse();
        }
        Self(entries.into_iter().collect())
    }

    /// Takes two lists in key order into one; of equal keys the added one counts.
    pub fn merged(
        entries: impl IntoIterator<Item = (Key, Value)>,
        added: impl IntoIterator<Item = (Key, Value)>,
    ) -> Self {
        let (mut entries, mut added) = (entries.into_iter().peekable(), added.into_iter().peekable());
        let mut merged = EcoVec::with_capacity(entries.size_hint().0 + added.size_hint().1.unwrap_or_default());
        loop {
            match (entries.peek(), added.peek()) {
                (Some((own, _)), Some((new, _))) => match own.cmp(new) {
                    std::cmp::Ordering::Less => merged.extend(entries.next()),
                    std::cmp::Ordering::Equal => drop(entries.next()),
                    std::cmp::Ordering::Greater => merged.extend(added.next()),
                },
                (Some(_), None) => merged.extend(entries.by_ref()),
                (None, Some(_)) => merged.extend(added.by_ref()),
                (None, None) => return Self(merged),
            }
        }
    }

    pub fn entries(&self) -> &[(Key, Value)] {
        &self.0
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        // Lengths tell most names apart, so that few texts are compared.
        if self.0.len() <= 16 {
            return self.0.iter().find(|(k, _)| k.len() == key.len() && k.as_str() == key).map(|(_, value)| value);
        }
        self.position(key).ok().map(|index| &self.0[index].1)
    }

    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let index = self.position(key).ok()?;
        Some(&mut self.0.make_mut()[index].1)
    }

    /// The value of `key`, made as `Null` if missing.
    pub fn entry(&mut self, key: impl Into<Key>) -> &mut Value {
        let key = key.into();
        let index = self.position(&key).unwrap_or_else(|index| {
            insert_tight(&mut self.0, index, (key, Value::Null));
            index
        });
        &mut self.0.make_mut()[index].1
    }

    pub fn insert(&mut self, key: impl Into<Key>, value: Value) {
        *self.entry(key) = value;
    }

    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let index = self.position(key).ok()?;
        Some(self.0.remove(index).1)
    }

    /// Keeps the fields for which `keep` holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &Value) -> bool) {
        if self.0.iter().all(|(key, value)| keep(key, value)) {
            return;
        }
        self.0 = self.0.iter().filter(|(key, value)| keep(key, value)).cloned().collect();
    }

    /// Whether both are the same allocation.
    pub fn same(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && std::ptr::eq(self.0.as_ptr(), other.0.as_ptr())
    }

    fn position(&self, key: &str) -> Result<usize, usize> {
        // Most objects are short: a scan beats a search there.
        if self.0.len() <= 8 {
            for (index, (k, _)) in self.0.iter().enumerate() {
                match k.as_str().cmp(key) {
                    std::cmp::Ordering::Less => {}
                    std::cmp::Ordering::Equal => return Ok(index),
                    std::cmp::Ordering::Greater => return Err(index),
                }
            }
            return Err(self.0.len());
        }
        self.0.binary_search_by(|(k, _)| k.as_str().cmp(key))
    }
}

/// Inserts an item without the slack of a growing vector: a stored object is changed seldom and kept long.
pub(super) fn insert_tight<T: Clone>(items: &mut EcoVec<T>, index: usize, item: T) {
    let length = items.len();
    if length < items.capacity() {
        return items.insert(index, item);
    }
    // Long ones grow by half, so that filling them costs no square.
    let mut grown = EcoVec::with_capacity(length + 1 + if length < 32 { 0 } else { length / 2 });
    let mut rest = std::mem::take(items).into_iter();
    grown.extend(rest.by_ref().take(index));
    grown.push(item);
    grown.extend(rest);
    *items = grown;
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.same(other) || self.0 == other.0
    }
}
