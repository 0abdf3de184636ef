//! Ctrl-R: searching backwards through history.

use serde::{Deserialize, Serialize};

use super::keys::Key;
use super::{Editor, Event};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Search {
    query: String,
    /// The line found, and its place.
    pub found: String,
    at: usize,
    failed: bool,
}

impl Search {
    pub(super) fn new(end: usize) -> Self {
        Self { at: end, ..Self::default() }
    }

    pub(super) fn prompt(&self) -> String {
        let failed = if self.failed { "failed " } else { "" };
        format!("({failed}reverse-i-search)`{}': ", self.query)
    }
}

impl Editor {
    /// Looks for the query in lines before `end`.
    fn find(&mut self, end: usize) {
        let Some(search) = &mut self.search else { return };
        let history = &self.history;
        let hit = (0..end.min(history.len())).rev().find(|at| history[*at].contains(search.query.as_str()));
        match hit {
            Some(at) => {
                search.at = at;
                search.found = history[at].to_string();
                search.failed = false;
            }
            None => search.failed = true,
        }
        self.refresh();
    }

    /// A key while searching; `None` if it ends the search and is then to be obeyed.
    pub(super) fn search_key(&mut self, key: Key) -> Option<Event> {
        let search = self.search.as_mut()?;
        match key {
            Key::Char(c) => {
                search.query.push(c);
                let end = search.at + 1;
                self.find(end);
            }
            Key::Backspace => {
                search.query.pop();
                let end = self.history.len();
                self.find(end);
            }
            Key::Control('r') => {
                let end = search.at;
                self.find(end);
            }
            Key::Control('g') => {
                self.search = None;
                self.refresh();
            }
            _ => return None,
        }
        Some(Event::None)
    }

    /// Puts what was found into the line.
    pub(super) fn end_search(&mut self) {
        let Some(search) = self.search.take() else { return };
        if search.at < self.history.len() && !search.found.is_empty() {
            self.at = search.at;
            let line = search.found;
            let place = line.find(&search.query).map_or(0, |at| line[..at].chars().count());
            self.before = line.chars().collect();
            self.after = self.before.drain(place..).rev().collect();
        }
        self.refresh();
    }
}
