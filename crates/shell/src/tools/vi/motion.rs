//! Where a motion leads, and which text an object is.

use super::editor::{Editor, Pos};
use super::keys;

/// Where a motion ends, and what an operator takes of the way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Motion {
    pub to: Pos,
    /// Whole lines.
    pub lines: bool,
    /// With the character at the end.
    pub inclusive: bool,
    /// The column to aim at from now on, if not the one reached.
    pub want: Option<usize>,
}

fn exact(to: Pos) -> Option<Motion> {
    Some(Motion { to, lines: false, inclusive: false, want: None })
}

fn inclusive(to: Pos) -> Option<Motion> {
    Some(Motion { to, lines: false, inclusive: true, want: None })
}

/// Space, punctuation, or letters; with `big`, all that is not space is one.
fn class(c: char, big: bool) -> u8 {
    match c {
        c if c.is_whitespace() => 0,
        c if big || c.is_alphanumeric() || c == '_' => 2,
        _ => 1,
    }
}

impl Editor {
    /// Where these keys lead; `None` if nowhere.
    pub(super) fn motion(&mut self, command: &[char], count: Option<usize>) -> Option<Motion> {
        let times = count.unwrap_or(1).max(1);
        let Pos { row, col } = self.at;
        let width = self.width(row);
        match command {
            ['h' | keys::LEFT | keys::BACKSPACE] if col > 0 => exact(Pos { row, col: col.saturating_sub(times) }),
            ['l' | ' ' | keys::RIGHT] => exact(Pos { row, col: (col + times).min(width) }),
            ['j' | keys::DOWN | '\x0e'] => self.vertical(row + times, row < self.last_row()),
            ['k' | keys::UP | '\x10'] => self.vertical(row.saturating_sub(times), row > 0),
            ['+' | '\r' | '\n'] => self.whole((row < self.last_row()).then_some(row + times)?),
            ['-'] => self.whole((row > 0).then_some(row.saturating_sub(times))?),
            ['_'] => self.whole(row + times - 1),
            ['0' | keys::HOME] => exact(Pos { row, col: 0 }),
            ['^'] => exact(Pos { row, col: self.first_nonblank(row) }),
            ['$' | keys::END] => {
                let row = (row + times - 1).min(self.last_row());
                let to = Pos { row, col: self.width(row).saturating_sub(1) };
                Some(Motion { to, lines: false, inclusive: self.width(row) > 0, want: Some(usize::MAX) })
            }
            ['|'] => exact(Pos { row, col: (times - 1).min(width.saturating_sub(1)) }),
            ['G'] => self.whole(count.map_or(self.last_row(), |count| count.max(1) - 1)),
            ['g', 'g'] => self.whole(times - 1),
            ['g', 'e'] => inclusive(self.repeat(times, |editor, at| editor.word_end_back(at))),
            ['g', '_'] => {
                let trailing = self.chars(row).iter().rev().take_while(|c| c.is_whitespace()).count();
                inclusive(Pos { row, col: width.saturating_sub(trailing + 1) })
            }
            ['w' | 'W'] => exact(self.repeat(times, |editor, at| editor.word_forward(at, command == ['W']))),
            ['b' | 'B'] => exact(self.repeat(times, |editor, at| editor.word_back(at, command == ['B']))),
            ['e' | 'E'] => inclusive(self.repeat(times, |editor, at| editor.word_end(at, command == ['E']))),
            ['{'] => exact(self.repeat(times, |editor, at| editor.paragraph(at, false))),
            ['}'] => exact(self.repeat(times, |editor, at| editor.paragraph(at, true))),
            ['%'] => inclusive(self.matching(self.at)?),
            [kind @ ('f' | 'F' | 't' | 'T'), c] => {
                self.find = Some((*kind, *c));
                self.find_char(*kind, *c, times, false)
            }
            [key @ (';' | ',')] => {
                let (kind, c) = self.find?;
                let kind = if *key == ';' { kind } else { turned(kind) };
                self.find_char(kind, c, times, true)
            }
            ['n' | 'N'] => {
                let (pattern, forward) = self.search.clone()?;
                let mut to = self.at;
                for _ in 0..times.min(1000) {
                    to = self.find_pattern(&pattern, to, forward == (command == ['n']))?;
                }
                exact(to)
            }
            [key @ ('*' | '#')] => {
                let word = self.word_here()?;
                let pattern = format!("\\<{word}\\>");
                self.search = Some((pattern.clone(), *key == '*'));
                exact(self.find_pattern(&pattern, self.at, *key == '*')?)
            }
            ['H'] => self.whole(self.top),
            ['M'] => self.whole(
                (self.top + self.rows / 2).min(self.top + (self.last_row() - self.top.min(self.last_row())) / 2),
            ),
            ['L'] => self.whole((self.top + self.rows.saturating_sub(2)).min(self.last_row())),
            ['\'', mark] => {
                let to = *self.marks.get(mark)?;
                self.whole(to.row)
            }
            ['`', mark] => exact(*self.marks.get(mark)?),
            _ => None,
        }
    }

    fn vertical(&self, row: usize, possible: bool) -> Option<Motion> {
        let row = row.min(self.last_row());
        let col = self.want.min(self.width(row).saturating_sub(1));
        possible.then_some(Motion { to: Pos { row, col }, lines: true, inclusive: false, want: Some(self.want) })
    }

    fn whole(&self, row: usize) -> Option<Motion> {
        let row = row.min(self.last_row());
        let to = Pos { row, col: self.first_nonblank(row) };
        Some(Motion { to, lines: true, inclusive: false, want: None })
    }

    fn repeat(&self, times: usize, step: impl Fn(&Self, Pos) -> Pos) -> Pos {
        let mut at = self.at;
        for _ in 0..times {
            let next = step(self, at);
            if next == at {
                break;
            }
            at = next;
        }
        at
    }

    pub(super) fn first_nonblank(&self, row: usize) -> usize {
        let chars = self.chars(row);
        chars.iter().position(|c| !c.is_whitespace()).unwrap_or(chars.len().saturating_sub(1))
    }

    fn word_forward(&self, at: Pos, big: bool) -> Pos {
        let Pos { mut row, mut col } = at;
        let chars = self.chars(row);
        if let Some(first) = chars.get(col).map(|c| class(*c, big)) {
            while chars.get(col).is_some_and(|c| first != 0 && class(*c, big) == first) {
                col += 1;
            }
        }
        loop {
            let chars = self.chars(row);
            while chars.get(col).is_some_and(|c| c.is_whitespace()) {
                col += 1;
            }
            if col < chars.len() {
                return Pos { row, col };
            }
            if row >= self.last_row() {
                return Pos { row, col: chars.len() };
            }
            (row, col) = (row + 1, 0);
            if self.width(row) == 0 {
                return Pos { row, col };
            }
        }
    }

    fn word_back(&self, at: Pos, big: bool) -> Pos {
        let Pos { mut row, mut col } = at;
        loop {
            let chars = self.chars(row);
            while col > 0 && chars.get(col - 1).is_some_and(|c| c.is_whitespace()) {
                col -= 1;
            }
            if col > 0 {
                let own = class(chars[col - 1], big);
                while col > 0 && class(chars[col - 1], big) == own {
                    col -= 1;
                }
                return Pos { row, col };
            }
            if row == 0 {
                return Pos::default();
            }
            row -= 1;
            col = self.width(row);
            if col == 0 {
                return Pos { row, col };
            }
        }
    }

    pub(super) fn word_end(&self, at: Pos, big: bool) -> Pos {
        let Pos { mut row, col } = at;
        let mut col = col + 1;
        loop {
            let chars = self.chars(row);
            while chars.get(col).is_some_and(|c| c.is_whitespace()) {
                col += 1;
            }
            if let Some(own) = chars.get(col).map(|c| class(*c, big)) {
                while chars.get(col + 1).is_some_and(|c| class(*c, big) == own) {
                    col += 1;
                }
                return Pos { row, col };
            }
            if row >= self.last_row() {
                return Pos { row, col: chars.len().saturating_sub(1) };
            }
            (row, col) = (row + 1, 0);
        }
    }

    fn word_end_back(&self, at: Pos) -> Pos {
        let begin = self.word_back(at, false);
        let before = self.word_back(begin, false);
        if before == begin { begin } else { self.word_end(before, false) }
    }

    fn paragraph(&self, at: Pos, forward: bool) -> Pos {
        let blank = |row: usize| self.lines.get(row).is_none_or(|line| line.is_empty());
        let mut row = at.row;
        let step = |row: usize| if forward { Some(row + 1) } else { row.checked_sub(1) };
        let mut seen_text = !blank(row);
        loop {
            match step(row) {
                Some(next) if next <= self.last_row() => row = next,
                _ if forward => {
                    return Pos { row: self.last_row(), col: self.width(self.last_row()).saturating_sub(1) };
                }
                _ => return Pos::default(),
            }
            if blank(row) && seen_text {
                return Pos { row, col: 0 };
            }
            seen_text |= !blank(row);
        }
    }

    fn matching(&self, at: Pos) -> Option<Pos> {
        const PAIRS: [(char, char); 3] = [('(', ')'), ('[', ']'), ('{', '}')];
        let chars = self.chars(at.row);
        let bracket = |c: &char| PAIRS.iter().any(|(open, close)| c == open || c == close);
        let col = at.col + chars.get(at.col..)?.iter().position(bracket)?;
        let own = chars[col];
        let (open, close) = *PAIRS.iter().find(|(open, close)| own == *open || own == *close)?;
        self.partner(Pos { row: at.row, col }, open, close, own == open)
    }

    /// The bracket that belongs to the one at `at`.
    fn partner(&self, at: Pos, open: char, close: char, forward: bool) -> Option<Pos> {
        let mut depth = 0;
        let Pos { mut row, mut col } = at;
        let mut chars = self.chars(row);
        loop {
            match chars.get(col) {
                Some(c) if *c == open => depth += 1,
                Some(c) if *c == close => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(Pos { row, col });
            }
            if forward && col + 1 < chars.len() {
                col += 1;
            } else if !forward && col > 0 {
                col -= 1;
            } else {
                row = if forward { (row < self.last_row()).then_some(row + 1)? } else { row.checked_sub(1)? };
                chars = self.chars(row);
                col = if forward { 0 } else { chars.len().saturating_sub(1) };
            }
        }
    }

    fn find_char(&self, kind: char, c: char, times: usize, again: bool) -> Option<Motion> {
        let chars = self.chars(self.at.row);
        let mut col = self.at.col;
        let forward = matches!(kind, 'f' | 't');
        let till = matches!(kind, 't' | 'T');
        // A repeated `t` must not stay where it is.
        if till && again {
            col = if forward { col + 1 } else { col.checked_sub(1)? };
        }
        for _ in 0..times {
            col = if forward {
                col + 1 + chars.get(col + 1..)?.iter().position(|own| *own == c)?
            } else {
                chars.get(..col)?.iter().rposition(|own| *own == c)?
            };
        }
        let col = match (till, forward) {
            (true, true) => col - 1,
            (true, false) => col + 1,
            _ => col,
        };
        let to = Pos { row: self.at.row, col };
        if forward { inclusive(to) } else { exact(to) }
    }

    fn word_here(&self) -> Option<String> {
        let chars = self.chars(self.at.row);
        let begin = self.at.col + chars.get(self.at.col..)?.iter().position(|c| class(*c, false) == 2)?;
        let begin = begin - chars[..begin].iter().rev().take_while(|c| class(**c, false) == 2).count();
        Some(chars[begin..].iter().take_while(|c| class(**c, false) == 2).collect())
    }

    /// The next place of a pattern, round the end of the text.
    pub(super) fn find_pattern(&mut self, pattern: &str, from: Pos, forward: bool) -> Option<Pos> {
        let Ok(regex) = crate::regex::basic(pattern, self.options.ignorecase) else {
            self.message = format!("E486: Pattern not found: {pattern}");
            return None;
        };
        let count = self.lines.len();
        for step in 0..=count {
            let row = if forward { (from.row + step) % count } else { (from.row + 2 * count - step) % count };
            let line = self.lines.get(row)?;
            let places = regex.find_iter(line).take(1 << 12).map(|found| line[..found.start()].chars().count());
            let found = match (forward, step) {
                (true, 0) => places.into_iter().find(|col| *col > from.col),
                (true, _) => places.into_iter().next(),
                (false, 0) => places.into_iter().filter(|col| *col < from.col).last(),
                (false, _) => places.into_iter().last(),
            };
            if let Some(col) = found {
                let to = Pos { row, col };
                if forward && to <= from {
                    self.message = "search hit BOTTOM, continuing at TOP".into();
                } else if !forward && to >= from {
                    self.message = "search hit TOP, continuing at BOTTOM".into();
                }
                return Some(to);
            }
        }
        self.message = format!("E486: Pattern not found: {pattern}");
        None
    }

    /// The text that `iw`, `a"`, `i{` … mean: from, to (with it), and whether as whole lines.
    pub(super) fn object(&self, around: bool, kind: char) -> Option<(Pos, Pos, bool)> {
        let Pos { row, col } = self.at;
        let chars = self.chars(row);
        match kind {
            'w' | 'W' => {
                let own = class(*chars.get(col)?, kind == 'W');
                let same = |c: &&char| class(**c, kind == 'W') == own;
                let mut begin = col - chars[..col].iter().rev().take_while(same).count();
                let mut end = col + chars[col..].iter().take_while(same).count();
                if around {
                    let behind = chars[end..].iter().take_while(|c| c.is_whitespace()).count();
                    let ahead = chars[..begin].iter().rev().take_while(|c| c.is_whitespace()).count();
                    if behind > 0 { end += behind } else { begin -= ahead }
                }
                Some((Pos { row, col: begin }, Pos { row, col: end - 1 }, false))
            }
            '"' | '\'' | '`' => {
                let quotes: Vec<usize> = (0..chars.len()).filter(|at| chars[*at] == kind).collect();
                let pair = quotes.chunks_exact(2).find(|pair| pair[1] >= col)?;
                let (begin, end) = if around { (pair[0], pair[1]) } else { (pair[0] + 1, pair[1].checked_sub(1)?) };
                Some((Pos { row, col: begin }, Pos { row, col: end }, false)).filter(|_| begin <= end)
            }
            '(' | ')' | 'b' => self.block('(', ')', around),
            '[' | ']' => self.block('[', ']', around),
            '{' | '}' | 'B' => self.block('{', '}', around),
            'p' => {
                let blank = |row: usize| self.lines.get(row).is_none_or(|line| line.is_empty());
                let own = blank(row);
                let begin = (0..=row).rev().take_while(|row| blank(*row) == own).last()?;
                let mut end = (row..=self.last_row()).take_while(|row| blank(*row) == own).last()?;
                if around {
                    end = (end + 1..=self.last_row()).take_while(|row| blank(*row) != own).last().unwrap_or(end);
                }
                Some((Pos { row: begin, col: 0 }, Pos { row: end, col: 0 }, true))
            }
            _ => None,
        }
    }

    fn block(&self, open: char, close: char, around: bool) -> Option<(Pos, Pos, bool)> {
        let here = self.chars(self.at.row).get(self.at.col).copied();
        let begin = if here == Some(open) {
            self.at
        } else if here == Some(close) {
            self.partner(self.at, open, close, false)?
        } else {
            // As if a closing one stood here.
            let mut depth = 0;
            let mut found = None;
            'rows: for row in (0..=self.at.row).rev() {
                let chars = self.chars(row);
                let end = if row == self.at.row { self.at.col.min(chars.len()) } else { chars.len() };
                for col in (0..end).rev() {
                    match chars[col] {
                        c if c == close => depth += 1,
                        c if c == open && depth == 0 => {
                            found = Some(Pos { row, col });
                            break 'rows;
                        }
                        c if c == open => depth -= 1,
                        _ => {}
                    }
                }
            }
            found?
        };
        let end = self.partner(begin, open, close, true)?;
        if around {
            return Some((begin, end, false));
        }
        let from = Pos { row: begin.row, col: begin.col + 1 };
        let to = Pos { row: end.row, col: end.col.checked_sub(1)? };
        Some((from, to, false)).filter(|_| from <= to)
    }
}

fn turned(kind: char) -> char {
    match kind {
        'f' => 'F',
        'F' => 'f',
        't' => 'T',
        _ => 't',
    }
}
