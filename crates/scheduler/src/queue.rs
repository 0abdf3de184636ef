//! Pods that wait for a node: ready, backing off, or until something changes for them.
// Models pkg/scheduler/backend/queue/scheduling_queue.go

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use ecow::EcoString;
use imbl::OrdMap;
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

use crate::plugins::{Plugin, PluginSet};
use crate::pod_info::PodInfo;

const INITIAL_BACKOFF: Duration = Duration::from_secs(1);
const MAX_BACKOFF: Duration = Duration::from_secs(10);
/// A rejected pod is tried again after this time even if nothing has happened.
const MAX_WAIT: Duration = Duration::from_secs(5 * 60);

/// A pod in the queue and its history there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct QueuedPod {
    pub info: Arc<PodInfo>,
    /// When it came, or came back.
    pub queued_at: Time,
    pub attempts: u32,
    /// How often it was found unschedulable, and how often in a row it failed by an error.
    rejections: u32,
    errors: u32,
    /// The plugins that rejected it last.
    pub rejected_by: PluginSet,
    /// The plugin that does not let it in.
    pub gated_by: Option<Plugin>,
}

/// What queues are sorted by: the sort plugin's key, then order of arrival.
pub type SortKey = (Reverse<i64>, Time);
type Rank = (SortKey, u64);

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Place {
    Active(Rank),
    BackingOff(Time, Rank),
    /// Backing off after an error: that is waited for in any case.
    Recovering(Time, Rank),
    /// Until a change that may help, or the time is up.
    Waiting(Time, u64),
}

/// The queue. A clone is O(1).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Queue {
    pods: OrdMap<EcoString, (Place, Arc<QueuedPod>)>,
    active: OrdMap<Rank, EcoString>,
    backing_off: OrdMap<(Time, Rank), EcoString>,
    recovering: OrdMap<(Time, Rank), EcoString>,
    waiting: OrdMap<(Time, u64), EcoString>,
    arrivals: u64,
}

impl QueuedPod {
    pub fn new(info: Arc<PodInfo>, now: Time) -> Self {
        Self {
            info,
            queued_at: now,
            attempts: 0,
            rejections: 0,
            errors: 0,
            rejected_by: PluginSet::default(),
            gated_by: None,
        }
    }

    /// Until when it is not to be tried again.
    fn backoff_end(&self) -> Time {
        let count = if self.errors > 0 { self.errors } else { self.rejections };
        if count == 0 {
            return self.queued_at;
        }
        let factor = 1_u32.checked_shl(count - 1).unwrap_or(u32::MAX);
        self.queued_at + INITIAL_BACKOFF.saturating_mul(factor).min(MAX_BACKOFF)
    }
}

impl Queue {
    pub fn get(&self, key: &str) -> Option<&QueuedPod> {
        self.pods.get(key).map(|(_, pod)| &**pod)
    }

    pub fn contains(&self, key: &str) -> bool {
        self.pods.contains_key(key)
    }

    pub fn len(&self) -> usize {
        self.pods.len()
    }

    pub fn is_empty(&self) -> bool {
        self.pods.is_empty()
    }

    /// Where a pod is: `active`, `backoff` or `unschedulable`, as kube-scheduler's metrics call them.
    pub fn place(&self, key: &str) -> Option<&'static str> {
        self.pods.get(key).map(|(place, pod)| match place {
            Place::Active(_) => "active",
            Place::BackingOff(..) | Place::Recovering(..) => "backoff",
            Place::Waiting(..) if pod.gated_by.is_some() => "gated",
            Place::Waiting(..) => "unschedulable",
        })
    }

    /// Lets a pod be tried, by the order its profile's sort plugin gives.
    pub fn activate(&mut self, pod: QueuedPod, key: SortKey) {
        let rank = (key, self.arrival());
        self.put(Place::Active(rank), pod);
    }

    /// Lets a pod be tried once its back-off is over, or before if nothing else is to do.
    pub fn requeue(&mut self, pod: QueuedPod, key: SortKey, now: Time) {
        let end = pod.backoff_end();
        if end <= now {
            return self.activate(pod, key);
        }
        let rank = (key, self.arrival());
        self.put(Place::BackingOff(end, rank), pod);
    }

    /// Takes back a pod that was rejected by plugins: it waits for a change.
    pub fn park(&mut self, mut pod: QueuedPod, by: PluginSet, now: Time) {
        pod.rejected_by = by;
        pod.queued_at = now;
        pod.rejections = pod.rejections.saturating_add(1);
        pod.errors = 0;
        self.wait(pod, now);
    }

    /// Keeps a pod out until a change of the plugin's liking.
    pub fn gate(&mut self, mut pod: QueuedPod, by: Plugin, now: Time) {
        pod.gated_by = Some(by);
        pod.rejected_by = PluginSet::default();
        pod.rejected_by.insert(by);
        self.wait(pod, now);
    }

    fn wait(&mut self, pod: QueuedPod, now: Time) {
        let arrival = self.arrival();
        self.put(Place::Waiting(now, arrival), pod);
    }

    /// Takes back a pod that failed for no fault of its own.
    pub fn recover(&mut self, mut pod: QueuedPod, key: SortKey, now: Time) {
        pod.rejected_by = PluginSet::default();
        pod.queued_at = now;
        pod.errors = pod.errors.saturating_add(1);
        let rank = (key, self.arrival());
        let end = pod.backoff_end();
        self.put(Place::Recovering(end, rank), pod);
    }

    /// Replaces what is known of a pod in its place.
    pub fn refresh(&mut self, key: &str, info: Arc<PodInfo>) {
        if let Some((_, pod)) = self.pods.get_mut(key) {
            Arc::make_mut(pod).info = info;
        }
    }

    pub fn remove(&mut self, key: &str) -> Option<QueuedPod> {
        let (place, pod) = self.pods.remove(key)?;
        match place {
            Place::Active(rank) => self.active.remove(&rank),
            Place::BackingOff(end, rank) => self.backing_off.remove(&(end, rank)),
            Place::Recovering(end, rank) => self.recovering.remove(&(end, rank)),
            Place::Waiting(since, arrival) => self.waiting.remove(&(since, arrival)),
        };
        Some(Arc::unwrap_or_clone(pod))
    }

    /// The next pod to try: a ready one; else, if all is idle, one whose back-off is not over.
    pub fn pop(&mut self) -> Option<QueuedPod> {
        let key = self.active.get_min().map(|(_, key)| key.clone());
        let key = key.or_else(|| self.backing_off.get_min().map(|(_, key)| key.clone()))?;
        let mut pod = self.remove(&key)?;
        pod.attempts = pod.attempts.saturating_add(1);
        pod.gated_by = None;
        Some(pod)
    }

    /// Lets in those whose time has come; returns the keys of pods that have waited too long.
    pub fn flush(&mut self, now: Time) -> Vec<EcoString> {
        while let Some(((_, rank), key)) = due(&self.recovering, now) {
            self.reactivate(&key, rank);
        }
        while let Some(((_, rank), key)) = due(&self.backing_off, now) {
            self.reactivate(&key, rank);
        }
        let too_long = |((since, _), key): (&(Time, u64), &EcoString)| (*since + MAX_WAIT <= now).then(|| key.clone());
        self.waiting.iter().map_while(too_long).collect()
    }

    fn reactivate(&mut self, key: &str, rank: Rank) {
        if let Some(pod) = self.remove(key) {
            self.put(Place::Active(rank), pod);
        }
    }

    /// When something is ready or becomes so; the start of time for what is ready already.
    pub fn next_wake(&self) -> Option<Time> {
        if !self.active.is_empty() || !self.backing_off.is_empty() {
            return Some(Time::default());
        }
        let recovering = self.recovering.get_min().map(|((end, _), _)| *end);
        let waiting = self.waiting.get_min().map(|((since, _), _)| *since + MAX_WAIT);
        recovering.into_iter().chain(waiting).min()
    }

    /// The pods that wait for a change.
    pub fn waiting(&self) -> impl Iterator<Item = &QueuedPod> {
        self.waiting.values().filter_map(|key| self.get(key))
    }

    fn put(&mut self, place: Place, pod: QueuedPod) {
        let key = pod.info.key.clone();
        self.remove(&key);
        match &place {
            Place::Active(rank) => self.active.insert(*rank, key.clone()),
            Place::BackingOff(end, rank) => self.backing_off.insert((*end, *rank), key.clone()),
            Place::Recovering(end, rank) => self.recovering.insert((*end, *rank), key.clone()),
            Place::Waiting(since, arrival) => self.waiting.insert((*since, *arrival), key.clone()),
        };
        self.pods.insert(key, (place, Arc::new(pod)));
    }

    fn arrival(&mut self) -> u64 {
        self.arrivals += 1;
        self.arrivals
    }
}

fn due(queue: &OrdMap<(Time, Rank), EcoString>, now: Time) -> Option<((Time, Rank), EcoString)> {
    queue.get_min().filter(|((end, _), _)| *end <= now).map(|(place, key)| (*place, key.clone()))
}
