//! What stands on the screen, and how to change it with little output.

use serde::{Deserialize, Serialize};

use super::width::{walk, width};

/// A line longer than this is not shown whole, in characters.
const MAX_SHOWN: usize = 16_000;
/// What is shown of a longer one.
const WINDOW: usize = 2_000;

/// The prompt, and where things are below its first row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Screen {
    prompt: String,
    columns: usize,
    /// The row of the cursor, and its column.
    cursor: (usize, usize),
    /// The prompt stands there.
    drawn: bool,
    /// Only a part of the line is shown.
    partial: bool,
}

/// Characters as they are shown.
fn visible(text: &[char]) -> impl Iterator<Item = char> {
    text.iter().flat_map(|c| match *c {
        '\n' => vec!['\n'],
        '\t' => vec![' '; 8],
        c if c.is_ascii_control() => vec!['^', char::from((c as u8) ^ 0x40)],
        c => vec![c],
    })
}

impl Screen {
    pub(super) fn new(prompt: String, columns: u16) -> Self {
        Self { prompt, columns: usize::from(columns).max(2), ..Self::default() }
    }

    pub(super) fn resize(&mut self, columns: u16) {
        self.columns = usize::from(columns).max(2);
        // Where the terminal has put things by now cannot be known; the row above is the best guess.
        self.cursor.0 = self.cursor.0.min(1);
    }

    /// Nothing is on the screen any more.
    pub(super) fn forget(&mut self) {
        self.drawn = false;
        self.cursor = (0, 0);
    }

    /// Goes back to where the prompt begins, and clears from there.
    fn clear(&self) -> String {
        if !self.drawn {
            return String::new();
        }
        let up = if self.cursor.0 > 0 { format!("\x1b[{}A", self.cursor.0) } else { String::new() };
        format!("{up}\r\x1b[J")
    }

    /// Draws prompt and line.
    pub(super) fn draw(&mut self, before: &[char], after: &[char]) -> String {
        self.partial = before.len() + after.len() > MAX_SHOWN;
        let (front, back) = match self.partial {
            true => (&before[before.len().saturating_sub(WINDOW)..], &after[after.len().saturating_sub(WINDOW)..]),
            false => (before, after),
        };
        let mut shown: Vec<char> = Vec::new();
        if self.partial && front.len() < before.len() {
            shown.extend("[…]".chars());
        }
        shown.extend(visible(front));
        let back: Vec<char> = back.iter().rev().copied().collect();
        let back: Vec<char> = visible(&back).collect();
        let prompt = self.prompt.clone();
        self.draw_parts(&prompt, &shown, &back)
    }

    /// Draws another prompt with a line behind it.
    pub(super) fn draw_other(&mut self, prompt: &str, line: &str) -> String {
        self.partial = true;
        let line: Vec<char> = line.chars().take(WINDOW).collect();
        let shown: Vec<char> = visible(&line).collect();
        self.draw_parts(prompt, &[], &shown)
    }

    fn draw_parts(&mut self, prompt: &str, front: &[char], back: &[char]) -> String {
        let mut out = self.clear();
        out.push_str(prompt);
        out.extend(front);
        out.extend(back);
        let columns = self.columns;
        let cursor = walk(prompt.chars().chain(front.iter().copied()), (0, 0), columns);
        let end = walk(prompt.chars().chain(front.iter().copied()).chain(back.iter().copied()), (0, 0), columns);
        let is_newline = front.last().or(back.last()) == Some(&'\n') && back.is_empty();
        if end.1 == 0 && end.0 > 0 && !is_newline && back.last() != Some(&'\n') {
            // The terminal wraps only when the next character comes.
            out.push_str(" \r");
        }
        self.drawn = true;
        self.cursor = end;
        out.push_str(&self.move_cursor(cursor));
        out
    }

    fn move_cursor(&mut self, to: (usize, usize)) -> String {
        let from = std::mem::replace(&mut self.cursor, to);
        let mut out = String::new();
        if from.0 > to.0 {
            out.push_str(&format!("\x1b[{}A", from.0 - to.0));
        } else if to.0 > from.0 {
            out.push_str(&format!("\x1b[{}B", to.0 - from.0));
        }
        if to.1 == 0 && from.1 != 0 {
            out.push('\r');
        } else if to.1 + 1 == from.1 {
            out.push('\x08');
        } else if from.1 > to.1 {
            out.push_str(&format!("\x1b[{}D", from.1 - to.1));
        } else if to.1 > from.1 {
            out.push_str(&format!("\x1b[{}C", to.1 - from.1));
        }
        out
    }

    /// Only the cursor has moved.
    pub(super) fn place(&mut self, before: &[char], after: &[char]) -> String {
        if self.partial || !self.drawn {
            return self.draw(before, after);
        }
        let cursor = walk(self.prompt.chars().chain(visible(before)), (0, 0), self.columns);
        self.move_cursor(cursor)
    }

    /// Characters have been added at the end; `None` if that takes a full redraw.
    pub(super) fn append(&mut self, added: &[char]) -> Option<String> {
        if self.partial || !self.drawn || added.iter().any(|c| c.is_control()) {
            return None;
        }
        let end = walk(added.iter().copied(), self.cursor, self.columns);
        let mut out: String = added.iter().collect();
        if end.1 == 0 && end.0 > self.cursor.0 {
            out.push_str(" \r");
        }
        self.cursor = end;
        Some(out)
    }

    /// The last character has been taken away; `None` if that takes a full redraw.
    pub(super) fn erase(&mut self, c: char) -> Option<String> {
        let width = width(c);
        if self.partial || !self.drawn || c.is_control() || width == 0 || self.cursor.1 < width {
            return None;
        }
        self.cursor.1 -= width;
        let back = "\x08".repeat(width);
        Some(format!("{back}\x1b[K"))
    }

    /// Below the line, for a listing; the next drawing begins anew.
    pub(super) fn below(&mut self, before: &[char], after: &[char]) -> String {
        let end = walk(self.prompt.chars().chain(visible(before)), (0, 0), self.columns);
        let back: Vec<char> = after.iter().rev().copied().collect();
        let end = walk(visible(&back), end, self.columns);
        let out = if self.partial { String::new() } else { self.move_cursor(end) };
        self.forget();
        out + "\n"
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }
}
