//! Showing candidates below the line.

use super::complete::{Candidate, Completion};
use super::keys::Key;
use super::{Editor, Event};

/// More candidates than this are shown only when wanted.
const ASK_ABOVE: usize = 100;

impl Editor {
    /// What became of a wish to complete.
    pub(crate) fn completed(&mut self, completion: Completion) {
        let Completion { typed, candidates, .. } = &completion;
        if candidates.is_empty() {
            self.bell();
            return;
        }
        let typed_length = typed.chars().count();
        let common = common_prefix(candidates);
        if let [only] = candidates.as_slice() {
            let text = format!("{}{}", only.insert, only.behind);
            self.replace(typed_length, &text);
            return;
        }
        if common.chars().count() > typed_length || common != *typed && common.starts_with(typed.as_str()) {
            self.replace(typed_length, &common);
            self.tabs = 0;
            return;
        }
        if self.tabs < 2 {
            self.bell();
            return;
        }
        if candidates.len() > ASK_ABOVE {
            let below = self.screen.below(&self.before, &self.after);
            self.out.push_str(&below);
            self.out.push_str(&format!("Display all {} possibilities? (y or n)", candidates.len()));
            self.asking = Some(completion);
            return;
        }
        self.list(&completion);
    }

    /// Puts text in place of the last characters before the cursor.
    fn replace(&mut self, count: usize, text: &str) {
        let kept = self.before.len().saturating_sub(count);
        let same = self.before[kept..].iter().copied().eq(text.chars().take(count));
        if same {
            let rest: Vec<char> = text.chars().skip(count).collect();
            self.insert(rest.into_iter());
            return;
        }
        self.before.truncate(kept);
        self.before.extend(text.chars());
        self.refresh();
    }

    /// The answer to whether many candidates are to be shown.
    pub(super) fn answer(&mut self, completion: Completion, key: Key) -> Event {
        match key {
            Key::Char('y' | 'Y' | ' ') => {
                self.out.push('\n');
                self.show(&completion);
            }
            Key::Char('n' | 'N') | Key::Backspace | Key::Control(_) => {
                self.out.push('\n');
                self.refresh();
            }
            _ => self.asking = Some(completion),
        }
        Event::None
    }

    fn list(&mut self, completion: &Completion) {
        let below = self.screen.below(&self.before, &self.after);
        self.out.push_str(&below);
        self.show(completion);
    }

    fn show(&mut self, completion: &Completion) {
        let columns = self.screen.columns();
        self.out.push_str(&table(&completion.candidates, columns));
        self.refresh();
    }
}

/// The longest text with which all begin.
fn common_prefix(candidates: &[Candidate]) -> String {
    let Some(first) = candidates.first() else { return String::new() };
    let mut common: Vec<char> = first.insert.chars().collect();
    for candidate in &candidates[1..] {
        let same = common.iter().zip(candidate.insert.chars()).take_while(|(a, b)| **a == *b).count();
        common.truncate(same);
    }
    common.into_iter().collect()
}

/// Candidates in columns, filled downwards; those with descriptions one on a line.
fn table(candidates: &[Candidate], columns: usize) -> String {
    let longest = candidates.iter().map(|candidate| candidate.shown.chars().count()).max().unwrap_or(0);
    let texts: Vec<String> = candidates
        .iter()
        .map(|candidate| {
            let name = &candidate.shown;
            if candidate.description.is_empty() {
                return name.to_string();
            }
            // As cobra's bash completion lays them out.
            let room = columns.saturating_sub(longest + 4);
            let (padding, room) = if room > 8 {
                (longest, room)
            } else {
                (name.chars().count(), columns.saturating_sub(name.chars().count() + 4))
            };
            if room == 0 {
                return name.to_string();
            }
            let mut text: String = candidate.description.chars().take(room).collect();
            if candidate.description.chars().count() > room {
                text.pop();
                text.push('…');
            }
            format!("{name:<padding$}  ({text})")
        })
        .collect();
    let width = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0) + 2;
    let across = (columns / width).max(1);
    let rows = texts.len().div_ceil(across);
    let mut out = String::new();
    for row in 0..rows {
        let mut line = String::new();
        for text in texts.iter().skip(row).step_by(rows) {
            line.push_str(&format!("{text:<width$}"));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
