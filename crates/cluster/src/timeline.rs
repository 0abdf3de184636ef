//! Moments to go back to.

use podyard_sim::Time;

use crate::Cluster;

/// What can be taken back to an earlier moment and run forward from there.
pub trait State: Clone {
    fn now(&self) -> Time;
    /// Lets virtual time pass until `at`.
    fn run_to(&mut self, at: Time);
}

/// A moment to which one can go back, with the state as it was.
#[derive(Clone, Debug)]
pub struct Point<S> {
    pub at: Time,
    /// What happened there, such as the command line entered.
    pub label: String,
    pub state: S,
}

/// The points of a session, oldest first. Copies of a cluster share what they have in common, so a point costs
/// what has changed since the one before.
#[derive(Clone, Debug)]
pub struct Timeline<S> {
    points: Vec<Point<S>>,
}

/// How many points are kept; beyond it every other one of the older half goes.
const MAX_POINTS: usize = 200;

impl<S> Default for Timeline<S> {
    fn default() -> Self {
        Self { points: Vec::new() }
    }
}

impl<S: State> Timeline<S> {
    /// Notes the state as it is.
    pub fn mark(&mut self, state: &S, label: impl Into<String>) {
        if self.points.len() >= MAX_POINTS {
            let older = self.points.len() / 2;
            let mut index = 0;
            self.points.retain(|_| {
                index += 1;
                index > older || index % 2 == 1
            });
        }
        self.points.push(Point { at: state.now(), label: label.into(), state: state.clone() });
    }

    pub fn points(&self) -> &[Point<S>] {
        &self.points
    }

    /// The state as it was at `at`: the last point until then, run forward. Later points go, as a command after a
    /// rewind starts a branch.
    pub fn rewind(&mut self, at: Time) -> Option<S> {
        let index = self.points.iter().rposition(|point| point.at <= at).unwrap_or(0);
        let mut state = self.points.get(index)?.state.clone();
        self.points.truncate(index + 1);
        state.run_to(at);
        Some(state)
    }

    /// The state as it was at the last point, which goes unless it is the only one.
    pub fn undo(&mut self) -> Option<S> {
        let point = if self.points.len() > 1 { self.points.pop() } else { self.points.first().cloned() };
        point.map(|point| point.state)
    }
}

impl State for Cluster {
    fn now(&self) -> Time {
        self.now()
    }

    fn run_to(&mut self, at: Time) {
        self.advance(at.since(self.now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A state that remembers how it came about.
    #[derive(Clone, Debug, PartialEq)]
    struct Walk(Time, &'static str);

    impl State for Walk {
        fn now(&self) -> Time {
            self.0
        }
        fn run_to(&mut self, at: Time) {
            self.0 = self.0.max(at);
        }
    }

    fn timeline(moments: &[(u64, &'static str)]) -> Timeline<Walk> {
        let mut timeline = Timeline::default();
        for (secs, name) in moments {
            timeline.mark(&Walk(Time::from_secs(*secs), name), *name);
        }
        timeline
    }

    #[test]
    fn rewinding_runs_forward_from_the_last_point_before() {
        let mut timeline = timeline(&[(0, "a"), (10, "b"), (20, "c")]);
        assert_eq!(timeline.rewind(Time::from_secs(15)), Some(Walk(Time::from_secs(15), "b")));
        assert_eq!(timeline.points().len(), 2, "what came later is another branch");
        assert_eq!(timeline.undo(), Some(Walk(Time::from_secs(10), "b")));
        assert_eq!(timeline.undo().map(|w| w.1), Some("a"));
        assert_eq!(timeline.undo().map(|w| w.1), Some("a"), "the first point stays");
    }

    #[test]
    fn there_is_a_bound_and_both_ends_stay() {
        let all: Vec<_> = (0..1000).map(|secs| (secs, "x")).collect();
        let timeline = timeline(&all);
        assert!(timeline.points().len() <= MAX_POINTS);
        assert_eq!(timeline.points().first().map(|p| p.at), Some(Time::from_secs(0)));
        assert_eq!(timeline.points().last().map(|p| p.at), Some(Time::from_secs(999)));
    }
}
