//! The one queue of what is to happen: by time, then by order of entry.

use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use crate::Time;

/// Events ordered by moment, ties by sequence. A clone is O(1).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Queue<E: Clone> {
    events: OrdMap<Ticket, E>,
    next: u64,
}

/// Names a queued event, so that it can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ticket {
    pub at: Time,
    pub sequence: u64,
}

impl<E: Clone> Default for Queue<E> {
    fn default() -> Self {
        Self { events: OrdMap::new(), next: 0 }
    }
}

impl<E: Clone> Queue<E> {
    /// Lets `event` happen at `at`, after whatever is already due then.
    pub fn push(&mut self, at: Time, event: E) -> Ticket {
        let ticket = Ticket { at, sequence: self.next };
        self.next += 1;
        self.events.insert(ticket, event);
        ticket
    }

    /// Takes an event back; nothing if it has happened.
    pub fn cancel(&mut self, ticket: Ticket) -> Option<E> {
        self.events.remove(&ticket)
    }

    /// The moment of the earliest event.
    pub fn next_time(&self) -> Option<Time> {
        self.events.get_min().map(|(ticket, _)| ticket.at)
    }

    /// Takes the earliest event if it is due at `now`.
    pub fn pop_due(&mut self, now: Time) -> Option<(Time, E)> {
        let ticket = self.events.get_min().map(|(ticket, _)| *ticket).filter(|ticket| ticket.at <= now)?;
        self.events.remove(&ticket).map(|event| (ticket.at, event))
    }

    pub fn len(&self) -> usize {
        self.events.len()
    }

    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The events in order.
    pub fn iter(&self) -> impl Iterator<Item = (Time, &E)> {
        self.events.iter().map(|(ticket, event)| (ticket.at, event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_by_time_then_by_entry() {
        let mut queue = Queue::default();
        queue.push(Time::from_secs(2), "c");
        queue.push(Time::from_secs(1), "a");
        let taken = queue.push(Time::from_secs(1), "x");
        queue.push(Time::from_secs(1), "b");
        assert_eq!(queue.cancel(taken), Some("x"));
        let now = Time::from_secs(1);
        assert_eq!(queue.pop_due(now).map(|e| e.1), Some("a"));
        assert_eq!(queue.pop_due(now).map(|e| e.1), Some("b"));
        assert_eq!(queue.pop_due(now), None, "not due yet");
        assert_eq!(queue.next_time(), Some(Time::from_secs(2)));
    }
}
