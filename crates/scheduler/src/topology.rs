//! Places that node labels make, such as zones, and counts by place.

use std::collections::BTreeMap;
use std::sync::Arc;

use ecow::EcoString;

use crate::cache::Cache;
use crate::node_info::NodeInfo;

/// Which place each node is at by one label: nodes with the same value are at the same place.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// By the node's slot.
    by_slot: Vec<u32>,
    count: usize,
}

const NOWHERE: u32 = u32::MAX;

impl Places {
    pub fn new<'a>(nodes: impl Iterator<Item = &'a NodeInfo>, key: &str) -> Self {
        let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
        let mut by_slot = Vec::new();
        for node in nodes {
            let Some(value) = node.label(key) else { continue };
            let next = numbers.len() as u32;
            let slot = node.slot as usize;
            if by_slot.len() <= slot {
                by_slot.resize(slot + 1, NOWHERE);
            }
            by_slot[slot] = *numbers.entry(value).or_insert(next);
        }
        Self { by_slot, count: numbers.len() }
    }

    /// The number of the node's place; none if it lacks the label.
    pub fn of(&self, node: &NodeInfo) -> Option<usize> {
        self.by_slot.get(node.slot as usize).filter(|place| **place != NOWHERE).map(|place| *place as usize)
    }

    /// How many places there are.
    pub fn count(&self) -> usize {
        self.count
    }
}

/// Numbers by place, for the label keys that were added to.
#[derive(Clone, Debug, Default)]
pub struct TopologyCounts {
    keys: Vec<Counts>,
    /// How many of the numbers are not 0.
    non_zero: usize,
}

#[derive(Clone, Debug)]
struct Counts {
    key: EcoString,
    places: Arc<Places>,
    counts: Vec<i64>,
}

impl Counts {
    fn at(&self, node: &NodeInfo) -> i64 {
        self.places.of(node).and_then(|place| self.counts.get(place)).copied().unwrap_or_default()
    }
}

impl TopologyCounts {
    /// Adds to the place a node is at by a label key; nothing if it lacks the label.
    pub fn add(&mut self, cache: &Cache, node: &NodeInfo, key: &EcoString, amount: i64) {
        let index = self.keys.iter().position(|counts| counts.key == *key);
        let places = index.map_or_else(|| cache.places(key), |index| self.keys[index].places.clone());
        let Some(place) = places.of(node) else { return };
        let index = index.unwrap_or_else(|| {
            let counts = vec![0; places.count()];
            self.keys.push(Counts { key: key.clone(), places, counts });
            self.keys.len() - 1
        });
        let count = &mut self.keys[index].counts[place];
        self.non_zero -= usize::from(*count != 0);
        *count += amount;
        self.non_zero += usize::from(*count != 0);
    }

    /// The number at the node's place by a label key.
    pub fn at(&self, node: &NodeInfo, key: &str) -> i64 {
        self.keys.iter().find(|counts| counts.key == key).map_or(0, |counts| counts.at(node))
    }

    /// The sum of the numbers at all the node's places.
    pub fn sum(&self, node: &NodeInfo) -> i64 {
        self.keys.iter().map(|counts| counts.at(node)).sum()
    }

    /// Whether any of the node's places has a number above 0.
    pub fn any_positive(&self, node: &NodeInfo) -> bool {
        self.keys.iter().any(|counts| counts.at(node) > 0)
    }

    /// Whether no place was ever added to.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether every number is 0.
    pub fn is_zero(&self) -> bool {
        self.non_zero == 0
    }
}
