//! Visual mode: commands on a selection.

use super::editor::{Editor, Mode, Pos};
use super::operate::Span;

impl Editor {
    /// What is selected.
    pub(super) fn selection(&self) -> Span {
        let (from, to) = if self.anchor <= self.at { (self.anchor, self.at) } else { (self.at, self.anchor) };
        Span { from, to, lines: self.mode == Mode::VisualLine, open: false }
    }

    /// A whole command in visual mode.
    pub(super) fn visual(&mut self, register: Option<char>, count: Option<usize>, name: &[char]) {
        let span = self.selection();
        let lines = Span { lines: true, ..span };
        let operator = match name {
            ['d' | 'x' | '\u{e008}'] => Some(('d', span)),
            ['D' | 'X'] => Some(('d', lines)),
            ['y'] => Some(('y', span)),
            ['Y'] => Some(('y', lines)),
            ['c' | 's'] => Some(('c', span)),
            ['C' | 'S' | 'R'] => Some(('c', lines)),
            ['~' | 'u' | 'U'] => Some((name[0], span)),
            _ => None,
        };
        if let Some((operator, span)) = operator {
            self.begin_visual(operator, span);
            self.mode = Mode::Normal;
            return self.operate(operator, span, register);
        }
        match name {
            ['>' | '<'] => {
                self.begin_visual(name[0], lines);
                self.mode = Mode::Normal;
                self.shift(span.from.row, span.to.row, name == ['>'], count.unwrap_or(1).max(1));
            }
            ['J'] => {
                self.begin_visual('J', lines);
                self.mode = Mode::Normal;
                self.at = span.from;
                self.join(span.to.row - span.from.row + 1, true);
            }
            ['p' | 'P'] => self.replace_selection(span, register),
            ['r', c] => {
                self.mode = Mode::Normal;
                self.fill(span, *c);
            }
            ['v'] => self.mode = if self.mode == Mode::Visual { Mode::Normal } else { Mode::Visual },
            ['V'] => self.mode = if self.mode == Mode::VisualLine { Mode::Normal } else { Mode::VisualLine },
            ['o'] => std::mem::swap(&mut self.anchor, &mut self.at),
            [':'] => {
                self.mark_selection(span);
                self.mode = Mode::Line;
                self.line = ":'<,'>".into();
            }
            ['i' | 'a', kind] => {
                if let Some((from, to, lines)) = self.object(name[0] == 'a', *kind) {
                    (self.anchor, self.at) = (from, to);
                    if lines {
                        self.mode = Mode::VisualLine;
                    }
                }
            }
            _ => {
                if let Some(motion) = self.motion(name, count) {
                    self.at = motion.to;
                    self.clamp();
                    self.want = motion.want.unwrap_or(self.at.col);
                }
            }
        }
    }

    /// Notes the selection, and as what `.` repeats the command on it: as many lines, or characters of a line.
    fn begin_visual(&mut self, operator: char, span: Span) {
        self.mark_selection(span);
        let rows = span.to.row - span.from.row + 1;
        let columns = (span.to.col + 1).saturating_sub(span.from.col);
        match operator {
            'J' => self.typed = format!("{rows}J"),
            'd' | 'c' | '>' | '<' if span.lines => self.typed = format!("{rows}{operator}{operator}"),
            'd' if rows == 1 => self.typed = format!("{columns}x"),
            'c' if rows == 1 => self.typed = format!("{columns}s"),
            '~' if rows == 1 => self.typed = format!("{columns}~"),
            _ => {}
        }
    }

    fn mark_selection(&mut self, span: Span) {
        self.marks.insert('<', span.from);
        self.marks.insert('>', span.to);
    }

    fn replace_selection(&mut self, span: Span, register: Option<char>) {
        self.mode = Mode::Normal;
        let name = register.unwrap_or('"');
        let Some(held) = self.registers.get(&name).cloned() else { return };
        let at_end = if span.lines {
            span.to.row >= self.last_row()
        } else {
            span.to.row == span.from.row && span.to.col + 1 >= self.width(span.to.row)
        };
        let whole = span.lines && span.from.row == 0 && span.to.row >= self.last_row();
        self.operate('d', span, None);
        let taken = self.registers.get(&'"').cloned();
        self.registers.insert('"', held.clone());
        if held.lines && !span.lines {
            self.insert_here("\n");
            self.put(false, 1, None);
        } else if whole {
            self.put(false, 1, None);
            self.lines.pop_front();
            self.at = Pos::default();
        } else {
            self.put(!at_end, 1, None);
        }
        if let Some(taken) = taken {
            self.registers.insert('"', taken);
        }
    }

    fn fill(&mut self, span: Span, with: char) {
        for row in span.from.row..=span.to.row {
            let mut chars = self.chars(row);
            let whole = span.lines;
            let from = if row == span.from.row && !whole { span.from.col } else { 0 };
            let to = if row == span.to.row && !whole { span.to.col + 1 } else { chars.len() };
            let to = to.min(chars.len());
            if let Some(part) = chars.get_mut(from..to) {
                part.fill(with);
            }
            self.set_line(row, &chars);
        }
        self.at = span.from;
    }
}
