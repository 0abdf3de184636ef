//! The last decisions, kept to answer why a pod is where it is, or nowhere.

use std::sync::Arc;

use ecow::EcoString;
use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use crate::trace::Trace;

/// How many pods' decisions are kept; the oldest go first.
const LIMIT: usize = 500;

/// The last decision for each of the pods seen last. A clone is O(1).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Decisions {
    by_pod: OrdMap<EcoString, (u64, Arc<Trace>)>,
    by_age: OrdMap<u64, EcoString>,
    next: u64,
}

impl Decisions {
    pub fn get(&self, key: &str) -> Option<&Arc<Trace>> {
        self.by_pod.get(key).map(|(_, trace)| trace)
    }

    /// The pods' keys, the last decided first.
    pub fn keys(&self) -> impl Iterator<Item = &EcoString> {
        self.by_age.values().rev()
    }

    pub fn note(&mut self, key: EcoString, trace: Arc<Trace>) {
        self.forget(&key);
        if self.by_age.len() >= LIMIT
            && let Some(oldest) = self.by_age.get_min().map(|(_, key)| key.clone())
        {
            self.forget(&oldest);
        }
        self.by_age.insert(self.next, key.clone());
        self.by_pod.insert(key, (self.next, trace));
        self.next += 1;
    }

    pub fn forget(&mut self, key: &str) {
        if let Some((age, _)) = self.by_pod.remove(key) {
            self.by_age.remove(&age);
        }
    }
}
