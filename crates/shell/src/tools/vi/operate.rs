//! Deleting, changing, yanking, shifting and putting.

use ecow::EcoString;

use super::editor::{Editor, Mode, Pos, Register};

/// A part of the text: from, to (with it unless `open`), and whether it is whole lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub from: Pos,
    pub to: Pos,
    pub lines: bool,
    /// The character at `to` does not belong to it.
    pub open: bool,
}

impl Editor {
    /// What an operator does with a part of the text.
    pub(super) fn operate(&mut self, operator: char, span: Span, register: Option<char>) {
        match operator {
            'y' => {
                self.yank(span, register);
                self.at = if span.lines { Pos { row: span.from.row, col: self.at.col } } else { span.from };
            }
            'd' => {
                self.yank(span, register);
                self.remove(span, false);
            }
            'c' => {
                self.yank(span, register);
                self.remove(span, true);
                self.insert_from_here(1);
            }
            '>' | '<' => self.shift(span.from.row, span.to.row, operator == '>', 1),
            '~' | 'u' | 'U' => self.change_case(span, operator),
            _ => {}
        }
    }

    /// The text of a part.
    fn taken(&self, span: Span) -> EcoString {
        if span.lines {
            return (span.from.row..=span.to.row)
                .filter_map(|row| self.lines.get(row))
                .flat_map(|line| [line.as_str(), "\n"])
                .collect::<String>()
                .into();
        }
        let mut text = String::new();
        for row in span.from.row..=span.to.row {
            let chars = self.chars(row);
            let (begin, end) = columns(span, row, chars.len());
            text.extend(&chars[begin..end]);
            if row < span.to.row {
                text.push('\n');
            }
        }
        text.into()
    }

    fn yank(&mut self, span: Span, register: Option<char>) {
        let held = Register { text: self.taken(span), lines: span.lines };
        let count = span.to.row - span.from.row + 1;
        if count > 2 && span.lines {
            self.message = format!("{count} lines yanked");
        }
        if let Some(name) = register.filter(|name| name.is_ascii_alphabetic()) {
            self.registers.insert(name.to_ascii_lowercase(), held.clone());
        }
        if register != Some('_') {
            self.registers.insert('"', held);
        }
    }

    /// Takes a part away; `keeps` leaves an empty line where lines were.
    fn remove(&mut self, span: Span, keeps: bool) {
        self.touch();
        if span.lines {
            let count = span.to.row - span.from.row + 1;
            let indent: String = match keeps && self.options.autoindent {
                true => self.chars(span.from.row).iter().take_while(|c| c.is_whitespace()).collect(),
                false => String::new(),
            };
            let behind = self.lines.split_off((span.to.row + 1).min(self.lines.len()));
            self.lines.truncate(span.from.row);
            if keeps {
                self.lines.push_back(indent.as_str().into());
            }
            self.lines.append(behind);
            if self.lines.is_empty() {
                self.lines.push_back(EcoString::new());
                self.message = "--No lines in buffer--".into();
            } else if count > 2 {
                self.message = format!("{count} fewer lines");
            }
            let row = span.from.row.min(self.last_row());
            self.at = Pos { row, col: if keeps { indent.chars().count() } else { self.first_nonblank(row) } };
            return;
        }
        let first = self.chars(span.from.row);
        let last = self.chars(span.to.row);
        let (_, end) = columns(Span { from: Pos { col: 0, ..span.to }, ..span }, span.to.row, last.len());
        let begin = span.from.col.min(first.len());
        let end = if span.from.row == span.to.row { end.max(begin) } else { end };
        let joined: Vec<char> = first[..begin].iter().chain(&last[end..]).copied().collect();
        if span.to.row > span.from.row {
            let behind = self.lines.split_off((span.to.row + 1).min(self.lines.len()));
            self.lines.truncate(span.from.row + 1);
            self.lines.append(behind);
        }
        self.set_line(span.from.row, &joined);
        self.at = Pos { row: span.from.row, col: begin };
    }

    pub(super) fn shift(&mut self, from: usize, to: usize, right: bool, times: usize) {
        let unit = self.options.shiftwidth * times;
        for row in from..=to.min(self.last_row()) {
            let chars = self.chars(row);
            let blank = chars.iter().take_while(|c| c.is_whitespace()).count();
            if chars.is_empty() {
                continue;
            }
            let width: usize = chars[..blank].iter().map(|c| if *c == '\t' { self.options.tabstop } else { 1 }).sum();
            let width = if right { width + unit } else { width.saturating_sub(unit) };
            let text = self.indent(width) + &chars[blank..].iter().collect::<String>();
            self.set_line(row, &text.chars().collect::<Vec<_>>());
        }
        let count = to - from + 1;
        if count > 2 {
            let sign = if right { '>' } else { '<' };
            self.message = format!("{count} lines {sign}ed {times} time");
        }
        self.at = Pos { row: from, col: self.first_nonblank(from) };
    }

    /// Blanks of a width, with tabs unless `expandtab`.
    pub(super) fn indent(&self, width: usize) -> String {
        if self.options.expandtab {
            return " ".repeat(width);
        }
        let stop = self.options.tabstop.max(1);
        "\t".repeat(width / stop) + &" ".repeat(width % stop)
    }

    fn change_case(&mut self, span: Span, how: char) {
        for row in span.from.row..=span.to.row {
            let mut chars = self.chars(row);
            let (begin, end) = if span.lines { (0, chars.len()) } else { columns(span, row, chars.len()) };
            for c in &mut chars[begin..end] {
                *c = match how {
                    'u' => c.to_ascii_lowercase(),
                    'U' => c.to_ascii_uppercase(),
                    _ => turned(*c),
                };
            }
            self.set_line(row, &chars);
        }
        self.at = span.from;
    }

    /// `~`
    pub(super) fn toggle(&mut self, times: usize) {
        let mut chars = self.chars(self.at.row);
        let end = (self.at.col + times).min(chars.len());
        let Some(part) = chars.get_mut(self.at.col..end) else { return };
        part.iter_mut().for_each(|c| *c = turned(*c));
        self.set_line(self.at.row, &chars);
        self.at.col = end;
    }

    /// `p` and `P`
    pub(super) fn put(&mut self, before: bool, times: usize, register: Option<char>) {
        let name = register.map_or('"', |name| name.to_ascii_lowercase());
        let Some(held) = self.registers.get(&name).cloned() else {
            self.message = format!("E353: Nothing in register {name}");
            return;
        };
        let times = times.min((1 << 20) / held.text.len().max(1) + 1);
        if self.is_full(held.text.len() * times) {
            return;
        }
        if held.lines {
            let row = if before { self.at.row } else { self.at.row + 1 };
            let behind = self.lines.split_off(row.min(self.lines.len()));
            let text = held.text.repeat(times);
            self.lines.extend(text.lines().map(EcoString::from));
            self.lines.append(behind);
            self.touch();
            let count = text.lines().count();
            if count > 2 {
                self.message = format!("{count} more lines");
            }
            self.at = Pos { row, col: self.first_nonblank(row) };
            return;
        }
        let width = self.width(self.at.row);
        let col = if before { self.at.col } else { (self.at.col + 1).min(width) };
        let text = held.text.repeat(times);
        self.at.col = col;
        self.insert_here(&text);
        if text.contains('\n') {
            self.at.col = col;
        } else {
            self.at.col = self.at.col.saturating_sub(1);
        }
    }

    /// Inserts text at the cursor, which goes behind it (but stays in its row).
    pub(super) fn insert_here(&mut self, text: &str) {
        let chars = self.chars(self.at.row);
        let col = self.at.col.min(chars.len());
        let head: String = chars[..col].iter().collect();
        let tail: String = chars[col..].iter().collect();
        let whole = format!("{head}{text}{tail}");
        let mut parts = whole.split('\n');
        let first: Vec<char> = parts.next().unwrap_or_default().chars().collect();
        self.set_line(self.at.row, &first);
        for (index, part) in parts.enumerate() {
            self.lines.insert(self.at.row + 1 + index, part.into());
        }
        if !text.contains('\n') {
            self.at.col = col + text.chars().count();
        }
    }

    /// `J`
    pub(super) fn join(&mut self, count: usize, spaced: bool) {
        let row = self.at.row;
        let mut chars = self.chars(row);
        for _ in 1..count.max(2) {
            if row >= self.last_row() {
                break;
            }
            let next = self.lines.remove(row + 1);
            let next = if spaced { next.trim_start() } else { next.as_str() };
            self.at.col = chars.len();
            if spaced && !next.is_empty() && !next.starts_with(')') && chars.last().is_some_and(|c| !c.is_whitespace())
            {
                chars.push(' ');
            } else if !chars.is_empty() && next.is_empty() {
                self.at.col = chars.len() - 1;
            }
            chars.extend(next.chars());
            self.touch();
        }
        if self.changed {
            self.set_line(row, &chars);
        }
    }

    /// Enters insert mode at the cursor.
    pub(super) fn insert_from_here(&mut self, times: usize) {
        self.mode = Mode::Insert;
        self.repeat = times;
        self.inserted.clear();
    }
}

/// Which columns of a row belong to a part.
fn columns(span: Span, row: usize, width: usize) -> (usize, usize) {
    let begin = if row == span.from.row { span.from.col.min(width) } else { 0 };
    let end = match row == span.to.row {
        true if span.open => span.to.col,
        true => span.to.col.saturating_add(1),
        false => width,
    };
    (begin, end.min(width).max(begin))
}

fn turned(c: char) -> char {
    if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
}
