//! What the terminal shows: only rows that differ are sent.

use super::editor::{Editor, Mode};
use crate::readline::width::width;

/// Leaves the screen.
pub(super) const END: &str = "\x1b[?1049l";
const BEGIN: &str = "\x1b[?1049h\x1b[2J";

const REVERSED: &str = "\x1b[7m";
const PLAIN: &str = "\x1b[0m";
const BLUE: &str = "\x1b[94m";

/// Column of the ruler, counted from the right.
const RULER: usize = 18;

impl Editor {
    /// The bytes that bring the terminal from `shown` to the present state.
    pub(super) fn draw(&mut self, shown: &mut Vec<String>) -> String {
        self.scroll_to_cursor();
        let (rows, cursor) = self.paint();
        let mut out = String::new();
        if shown.len() != rows.len() {
            out.push_str(BEGIN);
            *shown = vec![String::new(); rows.len()];
        }
        for (index, row) in rows.into_iter().enumerate() {
            if let Some(old) = shown.get_mut(index).filter(|old| **old != row) {
                out.push_str(&format!("\x1b[{};1H{row}\x1b[K", index + 1));
                *old = row;
            }
        }
        out.push_str(&format!("\x1b[{};{}H", cursor.0 + 1, cursor.1 + 1));
        out
    }

    fn gutter(&self) -> usize {
        if self.options.number { self.lines.len().to_string().len().max(3) + 1 } else { 0 }
    }

    /// Columns that a line's text has in a row.
    fn room(&self) -> usize {
        self.columns.saturating_sub(self.gutter()).max(1)
    }

    /// A line as cells: what is shown for each character, and its columns.
    fn cells(&self, row: usize) -> Vec<(String, usize)> {
        let stop = self.options.tabstop.max(1);
        let mut column = 0;
        let mut cells = Vec::new();
        for c in self.chars(row) {
            let (text, wide) = match c {
                '\t' => {
                    let wide = stop - column % stop;
                    (" ".repeat(wide), wide)
                }
                '\0'..' ' => (format!("^{}", char::from(c as u8 + 64)), 2),
                '\x7f' => ("^?".into(), 2),
                c => (c.to_string(), width(c)),
            };
            column += wide;
            cells.push((text, wide));
        }
        cells
    }

    /// How many rows a line takes.
    fn height(&self, row: usize) -> usize {
        let wide: usize = self.cells(row).iter().map(|(_, wide)| wide).sum();
        wide.div_ceil(self.room()).max(1)
    }

    fn scroll_to_cursor(&mut self) {
        let body = self.rows - 1;
        if self.at.row < self.top {
            let far = self.top - self.at.row > body / 2;
            self.top = if far { self.at.row.saturating_sub(body / 2) } else { self.at.row };
        }
        if self.at.row > self.top + 2 * body {
            // At the end of the text its last line is the last of the screen.
            self.top = self.at.row.saturating_sub(body / 2).min(self.lines.len().saturating_sub(body));
        }
        // The line of the cursor must be seen as a whole, if it can be.
        let mut height: usize = (self.top..=self.at.row).map(|row| self.height(row)).sum();
        while height > body && self.top < self.at.row {
            height -= self.height(self.top);
            self.top += 1;
        }
    }

    fn paint(&self) -> (Vec<String>, (usize, usize)) {
        let body = self.rows - 1;
        let mut rows: Vec<String> = Vec::new();
        let mut cursor = (0, 0);
        let mut line = self.top;
        while rows.len() < body && line < self.lines.len() {
            if rows.len() + self.height(line) > body && line > self.top {
                rows.resize(body, format!("{BLUE}@{PLAIN}"));
                break;
            }
            if line == self.at.row {
                let column: usize = self.cells(line).iter().take(self.at.col).map(|(_, wide)| wide).sum();
                let (down, right) = (column / self.room(), column % self.room());
                cursor = ((rows.len() + down).min(body - 1), right + self.gutter());
            }
            self.paint_line(line, &mut rows);
            line += 1;
        }
        rows.truncate(body);
        rows.resize(body, format!("{BLUE}~{PLAIN}"));
        rows.push(self.status_row());
        if self.mode == Mode::Line {
            cursor = (body, self.line.chars().map(width).sum::<usize>().min(self.columns - 1));
        }
        (rows, cursor)
    }

    fn paint_line(&self, line: usize, rows: &mut Vec<String>) {
        let gutter = self.gutter();
        let mut text = match self.options.number {
            true => format!("\x1b[33m{:>1$} {PLAIN}", line + 1, gutter - 1),
            false => String::new(),
        };
        let room = self.room();
        let (mut column, mut reversed) = (0, false);
        let cells = self.cells(line);
        let blank = cells.is_empty().then(|| (" ".to_string(), 1));
        for (index, (cell, wide)) in cells.into_iter().chain(blank.filter(|_| self.selects(line, 0))).enumerate() {
            if self.selects(line, index) != reversed {
                reversed = !reversed;
                text.push_str(if reversed { REVERSED } else { PLAIN });
            }
            for c in cell.chars() {
                let wide = if cell.chars().count() == 1 { wide } else { 1 };
                if column + wide > room {
                    text.push_str(if reversed { PLAIN } else { "" });
                    rows.push(std::mem::replace(&mut text, " ".repeat(gutter)));
                    text.push_str(if reversed { REVERSED } else { "" });
                    column = 0;
                }
                text.push(c);
                column += wide;
            }
        }
        text.push_str(if reversed { PLAIN } else { "" });
        rows.push(text);
    }

    fn selects(&self, row: usize, col: usize) -> bool {
        if !matches!(self.mode, Mode::Visual | Mode::VisualLine) {
            return false;
        }
        let span = self.selection();
        let inside = (span.from.row..=span.to.row).contains(&row);
        inside
            && (span.lines
                || (row > span.from.row || col >= span.from.col) && (row < span.to.row || col <= span.to.col))
    }

    fn status_row(&self) -> String {
        let paste = if self.options.paste { " (paste)" } else { "" };
        let left = match self.mode {
            Mode::Line => return self.line.chars().take(self.columns - 1).collect(),
            Mode::Insert => format!("-- INSERT{paste} --"),
            Mode::Replace => format!("-- REPLACE{paste} --"),
            Mode::Visual => "-- VISUAL --".into(),
            Mode::VisualLine => "-- VISUAL LINE --".into(),
            Mode::Normal => self.message.clone(),
        };
        let room = self.columns.saturating_sub(RULER + 1);
        let left: String = left.chars().take(if self.columns > 40 { room } else { self.columns - 1 }).collect();
        if self.columns <= 40 {
            return left;
        }
        let width = self.width(self.at.row);
        let column = if width == 0 { "0-1".into() } else { (self.at.col + 1).to_string() };
        let place = format!("{},{column}", self.at.row + 1);
        let below = self.top + self.rows - 1 < self.lines.len();
        let part = match (self.top > 0, below) {
            (false, false) => "All".into(),
            (false, true) => "Top".into(),
            (true, false) => "Bot".into(),
            (true, true) => {
                let hidden = self.lines.len().saturating_sub(self.rows - 1).max(1);
                format!("{}%", (self.top * 100 / hidden).min(99))
            }
        };
        format!("{left:<room$} {place:<13} {part}")
    }
}
