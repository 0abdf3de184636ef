//! The controllers' work queues: each key at most once, with a back-off of its own.

use std::time::Duration;

use ecow::EcoString;
use imbl::{OrdMap, OrdSet};
use podyard_apiserver::ResourceKey;
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

/// Names what is to be reconciled.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// For controllers of several resources.
    pub resource: Option<ResourceKey>,
    /// Empty for cluster-scoped objects.
    pub namespace: EcoString,
    pub name: EcoString,
}

impl Key {
    pub fn new(namespace: impl Into<EcoString>, name: impl Into<EcoString>) -> Self {
        Self { resource: None, namespace: namespace.into(), name: name.into() }
    }

    pub fn of(resource: ResourceKey, namespace: impl Into<EcoString>, name: impl Into<EcoString>) -> Self {
        Self { resource: Some(resource), namespace: namespace.into(), name: name.into() }
    }
}

/// The keys that a change concerns, and how soon each is to be looked at.
#[derive(Debug, Default)]
pub struct Keys(Vec<(Key, Duration)>);

/// How soon a controller sees a change.
const INFORMER: Duration = Duration::from_millis(1);

impl Keys {
    pub fn push(&mut self, key: Key) {
        self.0.push((key, INFORMER));
    }

    /// A key that is not looked at before this time has passed.
    pub fn later(&mut self, key: Key, delay: Duration) {
        self.0.push((key, delay));
    }

    /// A key whose work grows with the number of objects that it looks at: the more there are, the more changes are
    /// gathered first, as the limit on a real controller's requests (20 a second) makes it gather them.
    pub fn gather(&mut self, key: Key, objects: i64) {
        let millis = u64::try_from(objects / 10).unwrap_or_default().min(100);
        self.0.push((key, INFORMER + Duration::from_millis(millis)));
    }

    pub fn drain(&mut self) -> impl Iterator<Item = (Key, Duration)> {
        self.0.drain(..)
    }
}

/// What waits for each controller, and how often each key has failed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Queues {
    waiting: OrdSet<(u8, Key)>,
    /// When a key is to be looked at again.
    delayed: OrdMap<(u8, Key), Time>,
    failures: OrdMap<(u8, Key), u32>,
}

// Models staging/src/k8s.io/client-go/util/workqueue/default_rate_limiters.go
const FIRST_RETRY: Duration = Duration::from_millis(5);
const LAST_RETRY: Duration = Duration::from_secs(1000);

impl Queues {
    /// Notes a key that a change concerns; `true` if it was not waiting already.
    pub fn add(&mut self, controller: u8, key: &Key) -> bool {
        self.waiting.insert((controller, key.clone())).is_none()
    }

    /// Notes a key that is to be looked at later; `true` if it was not to be at that time or before.
    pub fn delay(&mut self, controller: u8, key: &Key, at: Time) -> bool {
        let due = self.delayed.entry((controller, key.clone())).or_insert(at + Duration::from_micros(1));
        let sooner = at < *due;
        *due = at.min(*due);
        sooner
    }

    /// The key is being worked on.
    pub fn take(&mut self, controller: u8, key: &Key, now: Time) {
        let entry = (controller, key.clone());
        self.waiting.remove(&entry);
        if self.delayed.get(&entry).is_some_and(|due| *due <= now) {
            self.delayed.remove(&entry);
        }
    }

    /// The key was brought into order.
    pub fn succeeded(&mut self, controller: u8, key: &Key) {
        if !self.failures.is_empty() {
            self.failures.remove(&(controller, key.clone()));
        }
    }

    /// How long a key that has failed once more must wait.
    pub fn failed(&mut self, controller: u8, key: &Key) -> Duration {
        let failures = self.failures.entry((controller, key.clone())).or_default();
        *failures += 1;
        FIRST_RETRY.saturating_mul(1 << (*failures - 1).min(20)).min(LAST_RETRY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_waits_once_and_backs_off_by_itself() {
        let (mut queues, a, b) = (Queues::default(), Key::new("ns", "a"), Key::new("ns", "b"));
        assert!(queues.add(0, &a) && !queues.add(0, &a) && queues.add(1, &a));
        let millis: Vec<_> = (0..3).map(|_| queues.failed(0, &a).as_millis()).collect();
        assert_eq!(millis, [5, 10, 20]);
        assert_eq!(queues.failed(0, &b).as_millis(), 5);
        queues.succeeded(0, &a);
        assert_eq!(queues.failed(0, &a).as_millis(), 5);
        assert_eq!((0..40).map(|_| queues.failed(0, &a)).last(), Some(LAST_RETRY));
    }

    #[test]
    fn of_several_delays_the_first_counts() {
        let (mut queues, key) = (Queues::default(), Key::new("ns", "a"));
        let mut check = |secs, expect| assert_eq!(queues.delay(0, &key, Time::from_secs(secs)), expect, "{secs}");
        check(10, true);
        check(10, false);
        check(20, false);
        check(5, true);
        queues.take(0, &key, Time::from_secs(4));
        assert!(!queues.delay(0, &key, Time::from_secs(6)));
        queues.take(0, &key, Time::from_secs(5));
        assert!(queues.delay(0, &key, Time::from_secs(6)));
    }
}
