//! The text, the place in it, and what keys mean.

use ecow::EcoString;
use imbl::{OrdMap, Vector};
use podyard_kernel::Errno;
use serde::{Deserialize, Serialize};

use super::{insert, normal};

/// A place: row and character, both from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Pos {
    pub row: usize,
    pub col: usize,
}

/// What typed keys mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Mode {
    #[default]
    Normal,
    Insert,
    Replace,
    Visual,
    VisualLine,
    /// In the last row; its prompt is `:`, `/` or `?`.
    Line,
}

/// Text that was deleted or yanked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Register {
    pub text: EcoString,
    /// Whole lines.
    pub lines: bool,
}

/// The text before a change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Snapshot {
    pub lines: Vector<EcoString>,
    pub at: Pos,
    pub modified: bool,
}

/// What must be done outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Action {
    Quit(u8),
    Save { path: EcoString, quits: bool },
    Load(EcoString),
    Insert { path: EcoString, row: usize },
}

/// What `:set` changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Options {
    pub number: bool,
    pub paste: bool,
    pub expandtab: bool,
    pub autoindent: bool,
    pub ignorecase: bool,
    pub tabstop: usize,
    pub shiftwidth: usize,
}

/// The state of the editor.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Editor {
    /// Never empty.
    pub lines: Vector<EcoString>,
    pub at: Pos,
    /// The column that moves up and down aim at.
    pub want: usize,
    pub mode: Mode,
    /// Where the selection began.
    pub anchor: Pos,
    /// The keys of a command that is not whole yet.
    pub pending: String,
    /// The keys since the command began, and those of the last change.
    pub typed: String,
    pub last_change: String,
    pub replaying: bool,
    pub registers: OrdMap<char, Register>,
    pub undo: Vector<Snapshot>,
    pub redo: Vector<Snapshot>,
    /// The text as it was when the command began.
    pub before: Option<Snapshot>,
    pub changed: bool,
    pub modified: bool,
    pub options: Options,
    pub file: EcoString,
    pub is_new: bool,
    pub loaded: bool,
    /// From `+…` on the command line.
    pub first_command: String,
    pub message: String,
    /// The last row while it is typed, with its prompt.
    pub line: String,
    /// The last search and whether it went forward.
    pub search: Option<(String, bool)>,
    /// The last `f`, `t` … and its character.
    pub find: Option<(char, char)>,
    pub marks: OrdMap<char, Pos>,
    /// How often what is inserted shall be there, and what it is.
    pub repeat: usize,
    pub inserted: String,
    pub top: usize,
    pub columns: usize,
    pub rows: usize,
    pub action: Option<Action>,
    pub status: u8,
}

/// How many changes can be undone.
const MAX_UNDO: usize = 100;
/// The most bytes that a text may come to have.
const MAX_TEXT: usize = 16 << 20;
/// How many keys one command may have.
const MAX_TYPED: usize = 1 << 16;

impl Default for Options {
    fn default() -> Self {
        Self {
            number: false,
            paste: false,
            expandtab: false,
            autoindent: false,
            ignorecase: false,
            tabstop: 8,
            shiftwidth: 8,
        }
    }
}

impl Editor {
    pub(super) fn resize(&mut self, columns: usize, rows: usize) {
        (self.columns, self.rows) = (columns.max(10), rows.max(2));
    }

    /// Takes the text of the file, or why there is none.
    pub(super) fn load(&mut self, text: Result<&str, Errno>) {
        let file = self.file.clone();
        self.loaded = true;
        (self.at, self.want, self.top) = (Pos::default(), 0, 0);
        (self.modified, self.is_new) = (false, false);
        self.lines = Vector::unit(EcoString::new());
        match text {
            Ok(text) => {
                let ends = if text.is_empty() || text.ends_with('\n') { "" } else { "[noeol] " };
                let count = text.lines().count();
                if count > 0 {
                    self.lines = text.lines().map(EcoString::from).collect();
                }
                self.message = format!("\"{file}\" {ends}{count}L, {}B", text.len());
            }
            Err(Errno::NoEntry) => {
                self.is_new = true;
                self.message = format!("\"{file}\" [New]");
            }
            Err(Errno::IsDirectory) => self.message = format!("\"{file}\" is a directory"),
            Err(Errno::Access) => self.message = format!("\"{file}\" [Permission Denied]"),
            Err(errno) => self.message = format!("\"{file}\" {errno}"),
        }
        let first = std::mem::take(&mut self.first_command);
        if let Some(pattern) = first.strip_prefix('/') {
            self.search_for(pattern, true);
        } else if !first.is_empty() {
            self.execute(&first);
        }
    }

    /// Runs the lines of a settings file.
    pub(super) fn configure(&mut self, text: &str) {
        for line in text.lines() {
            let line = line.trim();
            if line.starts_with("set ") || line.starts_with("se ") || line.starts_with(":set ") {
                self.execute(line.trim_start_matches(':'));
            }
        }
        self.message.clear();
    }

    /// The whole text.
    pub(super) fn text(&self) -> String {
        if self.is_blank() && !self.modified {
            return String::new();
        }
        self.lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }

    fn is_blank(&self) -> bool {
        self.lines.len() <= 1 && self.lines.front().is_none_or(|line| line.is_empty())
    }

    pub(super) fn saved(&mut self, path: &str) {
        let text = self.text();
        let fresh = if self.is_new { "[New] " } else { "" };
        self.message = format!("\"{path}\" {fresh}{}L, {}B written", text.lines().count(), text.len());
        if self.file.is_empty() || self.file == path {
            self.file = path.into();
            (self.modified, self.is_new) = (false, false);
        }
    }

    /// One key.
    pub(super) fn key(&mut self, key: char) {
        if self.lines.is_empty() {
            self.lines.push_back(EcoString::new());
        }
        if self.mode == Mode::Normal && self.pending.is_empty() {
            self.typed.clear();
            self.begin_change();
        }
        if self.typed.len() < MAX_TYPED {
            self.typed.push(key);
        }
        match self.mode {
            Mode::Normal | Mode::Visual | Mode::VisualLine => normal::key(self, key),
            Mode::Insert | Mode::Replace => insert::key(self, key),
            Mode::Line => self.line_key(key),
        }
        self.clamp();
        if self.mode == Mode::Normal && self.pending.is_empty() {
            self.end_change();
        }
    }

    fn begin_change(&mut self) {
        self.before = Some(Snapshot { lines: self.lines.clone(), at: self.at, modified: self.modified });
        self.changed = false;
    }

    /// Remembers a change, for `u` and `.`.
    fn end_change(&mut self) {
        if !std::mem::take(&mut self.changed) {
            return;
        }
        if !self.replaying && !self.typed.starts_with([':', 'v', 'V']) {
            self.last_change = self.typed.clone();
        }
        if let Some(before) = self.before.take() {
            self.undo.push_back(before);
            if self.undo.len() > MAX_UNDO {
                self.undo.pop_front();
            }
            self.redo.clear();
        }
    }

    /// `.`
    pub(super) fn repeat_change(&mut self) {
        if self.replaying {
            return;
        }
        let keys = self.last_change.clone();
        self.pending.clear();
        self.replaying = true;
        for key in keys.chars() {
            self.key(key);
        }
        self.replaying = false;
        // The keys have noted their change themselves.
        self.begin_change();
    }

    pub(super) fn undo(&mut self, back: bool) {
        let from = if back { self.undo.pop_back() } else { self.redo.pop_back() };
        let Some(snapshot) = from else {
            self.message = format!("Already at {} change", if back { "oldest" } else { "newest" });
            return;
        };
        let now = Snapshot { lines: self.lines.clone(), at: snapshot.at, modified: self.modified };
        if back {
            self.redo.push_back(now)
        } else {
            self.undo.push_back(now)
        }
        let (was, is) = (self.lines.len(), snapshot.lines.len());
        self.message = match is.abs_diff(was) {
            0 => "1 change".into(),
            1 => format!("1 {}", if is > was { "more line" } else { "line less" }),
            n => format!("{n} {}", if is > was { "more lines" } else { "fewer lines" }),
        };
        self.lines = snapshot.lines;
        self.modified = snapshot.modified;
        self.at = snapshot.at;
        self.changed = false;
    }

    /// The line's characters.
    pub(super) fn chars(&self, row: usize) -> Vec<char> {
        self.lines.get(row).map(|line| line.chars().collect()).unwrap_or_default()
    }

    pub(super) fn width(&self, row: usize) -> usize {
        self.lines.get(row).map_or(0, |line| line.chars().count())
    }

    pub(super) fn last_row(&self) -> usize {
        self.lines.len().saturating_sub(1)
    }

    pub(super) fn set_line(&mut self, row: usize, chars: &[char]) {
        if let Some(line) = self.lines.get_mut(row) {
            *line = chars.iter().collect::<String>().into();
            self.touch();
        }
    }

    /// Whether there is no room for so many more bytes, and says so.
    pub(super) fn is_full(&mut self, more: usize) -> bool {
        let size: usize = self.lines.iter().map(|line| line.len() + 1).sum();
        let full = size.saturating_add(more) > MAX_TEXT;
        if full {
            self.message = "E342: Out of memory!".into();
        }
        full
    }

    pub(super) fn touch(&mut self) {
        (self.changed, self.modified) = (true, true);
    }

    /// Puts a file's lines behind a row.
    pub(super) fn insert_text(&mut self, row: usize, text: &str) {
        self.begin_change();
        for (index, line) in text.lines().enumerate() {
            self.lines.insert((row + index).min(self.lines.len()), line.into());
        }
        self.at = Pos { row, col: 0 };
        self.touch();
        self.typed = ":".into();
        self.end_change();
        self.clamp();
    }

    /// Brings the cursor back into the text.
    pub(super) fn clamp(&mut self) {
        self.at.row = self.at.row.min(self.last_row());
        let width = self.width(self.at.row);
        let inserts = matches!(self.mode, Mode::Insert | Mode::Replace);
        self.at.col = self.at.col.min(if inserts { width } else { width.saturating_sub(1) });
    }
}
