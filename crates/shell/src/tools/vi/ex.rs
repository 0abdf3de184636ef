//! The last row: ex commands and searches.

use ecow::EcoString;

use super::editor::{Action, Editor, Mode, Pos};
use super::keys::{self, control};
use super::operate::Span;

const UNAVAILABLE: &str = "E319: Sorry, the command is not available in this version";

/// The most bytes that one `:s` may write.
const MAX_GROWTH: usize = 16 << 20;

/// The first and the last row that a command is about.
type Rows = (usize, usize);

/// What `:w` and its kin want.
struct Write<'a> {
    name: &'a str,
    bang: bool,
    quits: bool,
}

impl Editor {
    /// One key in the last row.
    pub(super) fn line_key(&mut self, key: char) {
        const CONTROL_C: char = control(b'c');
        const CONTROL_U: char = control(b'u');
        const CONTROL_W: char = control(b'w');
        match key {
            keys::ESCAPE | CONTROL_C => {
                self.mode = Mode::Normal;
                self.line.clear();
            }
            '\r' | '\n' => {
                self.mode = Mode::Normal;
                self.message.clear();
                let line = std::mem::take(&mut self.line);
                let mut chars = line.chars();
                match chars.next() {
                    Some(':') => self.execute(chars.as_str()),
                    Some(prompt) => self.search_for(chars.as_str(), prompt == '/'),
                    None => {}
                }
            }
            keys::BACKSPACE => {
                self.line.pop();
                if self.line.is_empty() {
                    self.mode = Mode::Normal;
                }
            }
            CONTROL_U => self.line.truncate(1),
            CONTROL_W => {
                let kept = self.line.trim_end();
                let end = kept.rfind(|c: char| !c.is_alphanumeric()).map_or(1, |at| at + 1);
                self.line.truncate(end.max(1));
            }
            '\0'..' ' | keys::UP..=keys::DELETE => {}
            key => self.line.push(key),
        }
    }

    /// `/` and `?`
    pub(super) fn search_for(&mut self, pattern: &str, forward: bool) {
        let pattern = match (pattern.is_empty(), &self.search) {
            (true, Some((last, _))) => last.clone(),
            (true, None) => {
                self.message = "E35: No previous regular expression".into();
                return;
            }
            _ => pattern.replace("\\/", "/"),
        };
        self.search = Some((pattern.clone(), forward));
        if let Some(to) = self.find_pattern(&pattern, self.at, forward) {
            self.at = to;
            self.want = to.col;
        }
    }

    /// One ex command, without its colon.
    pub(super) fn execute(&mut self, line: &str) {
        let line = line.trim_start_matches([' ', ':']);
        let (range, rest) = match self.range(line) {
            Ok(found) => found,
            Err(text) => {
                self.message = text;
                return;
            }
        };
        let rest = rest.trim_start();
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        // `s/a/b/`, `g/a/d`: what is behind the letter is no part of the name.
        let (name, tail) = rest.split_at(if rest.starts_with(['>', '<', '!', '&']) { 1 } else { end });
        let (from, to) = range.unwrap_or((self.at.row, self.at.row));
        if name.is_empty() && tail.is_empty() {
            if range.is_some() {
                let row = to.min(self.last_row());
                self.at = Pos { row, col: self.first_nonblank(row) };
            }
            return;
        }
        let (bang, argument) = match tail.strip_prefix('!') {
            Some(rest) => (true, rest.trim()),
            None => (false, tail.trim()),
        };
        let (from, to) = (from.min(self.last_row()), to.min(self.last_row()));
        let message = self.message.clone();
        if !self.about_files(name, argument, bang, range) && !self.about_text(name, tail, (from, to), range) {
            self.message = match name {
                "norm" | "normal" | "!" | "sh" | "shell" | "sp" | "split" | "vs" | "vsplit" | "tabe" | "tabnew"
                | "help" | "h" => UNAVAILABLE.into(),
                "noh" | "nohl" | "nohlsearch" | "sy" | "syn" | "syntax" | "filetype" | "colorscheme" | "colo" => {
                    message
                }
                _ => format!("E492: Not an editor command: {line}"),
            };
        }
    }

    /// Commands that write, read or leave; `false` if it is none.
    fn about_files(&mut self, name: &str, argument: &str, bang: bool, range: Option<Rows>) -> bool {
        match name {
            "w" | "write" | "up" | "update" => self.write(&Write { name: argument, bang, quits: false }, range),
            "wq" | "wqa" | "wqall" | "xa" | "xall" => self.write(&Write { name: argument, bang, quits: true }, range),
            "wa" | "wall" => self.write(&Write { name: "", bang, quits: false }, None),
            "x" | "xit" | "exit" if self.modified || !argument.is_empty() => {
                self.write(&Write { name: argument, bang, quits: true }, range);
            }
            "x" | "xit" | "exit" => self.action = Some(Action::Quit(0)),
            "q" | "quit" | "qa" | "qall" | "quita" if self.modified && !bang => {
                self.message = "E37: No write since last change (add ! to override)".into();
            }
            "q" | "quit" | "qa" | "qall" | "quita" => self.action = Some(Action::Quit(0)),
            "cq" | "cquit" => self.action = Some(Action::Quit(1)),
            "e" | "edit" => self.edit_file(argument, bang),
            "r" | "read" if !argument.is_empty() => {
                let row = range.map_or(self.at.row, |(_, to)| to.min(self.last_row()));
                self.action = Some(Action::Insert { path: argument.into(), row: row + 1 });
            }
            "set" | "se" => self.set(argument),
            _ => return false,
        }
        true
    }

    /// Commands that change the text; `false` if it is none.
    fn about_text(&mut self, name: &str, tail: &str, rows: Rows, range: Option<Rows>) -> bool {
        let (from, to) = rows;
        let (bang, argument) = (tail.starts_with('!'), tail.trim_start_matches('!').trim());
        let whole = Span { from: Pos { row: from, col: 0 }, to: Pos { row: to, col: 0 }, lines: true, open: false };
        match name {
            "d" | "de" | "del" | "delete" => self.operate('d', whole, None),
            "y" | "ya" | "yank" => {
                let at = self.at;
                self.operate('y', whole, None);
                self.at = at;
            }
            "pu" | "put" => {
                self.at.row = to;
                self.put(bang, 1, None);
            }
            "j" | "join" => {
                self.at = whole.from;
                self.join((to - from + 1).max(2), !bang);
            }
            ">" | "<" => {
                self.shift(from, to, name == ">", 1 + tail.chars().take_while(|c| name.starts_with(*c)).count())
            }
            "m" | "move" | "t" | "co" | "copy" => self.transfer(from, to, name.starts_with('m'), argument),
            "s" | "substitute" => self.substitute(from, to, tail),
            "g" | "global" | "v" => self.global(range, tail, name == "v" || bang),
            "u" | "undo" => self.undo(true),
            "red" | "redo" => self.undo(false),
            _ => return false,
        }
        true
    }

    fn write(&mut self, write: &Write<'_>, range: Option<Rows>) {
        let path: EcoString = if write.name.is_empty() { self.file.clone() } else { write.name.into() };
        if path.is_empty() {
            self.message = "E32: No file name".into();
        } else if path.starts_with('!') {
            self.message = UNAVAILABLE.into();
        } else if range.is_some_and(|(from, to)| from > 0 || to < self.last_row()) && !write.bang {
            self.message = "E140: Use ! to write partial buffer".into();
        } else {
            self.action = Some(Action::Save { path, quits: write.quits });
        }
    }

    fn edit_file(&mut self, name: &str, bang: bool) {
        if self.modified && !bang {
            self.message = "E37: No write since last change (add ! to override)".into();
            return;
        }
        if !name.is_empty() {
            self.file = name.into();
        }
        if self.file.is_empty() {
            self.message = "E32: No file name".into();
        } else {
            self.action = Some(Action::Load(self.file.clone()));
        }
    }

    /// The rows that a command is about, and what is behind them.
    fn range<'a>(&mut self, line: &'a str) -> Result<(Option<Rows>, &'a str), String> {
        if let Some(rest) = line.strip_prefix('%') {
            return Ok((Some((0, self.last_row())), rest));
        }
        let (first, rest) = self.address(line)?;
        let Some(rest) = rest.strip_prefix([',', ';']) else {
            return Ok((first.map(|row| (row, row)), rest));
        };
        let (second, rest) = self.address(rest)?;
        let from = first.unwrap_or(self.at.row);
        let to = second.unwrap_or(self.at.row);
        Ok((Some((from.min(to), from.max(to))), rest))
    }

    /// One address, as a row.
    fn address<'a>(&mut self, text: &'a str) -> Result<(Option<usize>, &'a str), String> {
        let text = text.trim_start();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (mut row, mut rest) = if digits > 0 {
            let number = text[..digits].parse::<usize>().unwrap_or(usize::MAX >> 1);
            (Some(number.saturating_sub(1)), &text[digits..])
        } else if let Some(rest) = text.strip_prefix('.') {
            (Some(self.at.row), rest)
        } else if let Some(rest) = text.strip_prefix('$') {
            (Some(self.last_row()), rest)
        } else if let Some(rest) = text.strip_prefix('\'') {
            let mark = rest.chars().next().unwrap_or(' ');
            let at = self.marks.get(&mark).ok_or("E20: Mark not set")?;
            (Some(at.row), &rest[mark.len_utf8().min(rest.len())..])
        } else if let Some(rest) = text.strip_prefix('/') {
            let (pattern, rest) = rest.split_once('/').unwrap_or((rest, ""));
            let from = Pos { row: self.at.row, col: usize::MAX };
            let at = self.find_pattern(pattern, from, true).ok_or_else(|| self.message.clone())?;
            (Some(at.row), rest)
        } else {
            (None, text)
        };
        while let Some(sign) = rest.chars().next().filter(|c| matches!(c, '+' | '-')) {
            let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
            let by = if digits == 0 { 1 } else { rest[1..=digits].parse::<usize>().unwrap_or(0) };
            let base = row.unwrap_or(self.at.row);
            row = Some(if sign == '+' { base.saturating_add(by) } else { base.saturating_sub(by) });
            rest = &rest[1 + digits..];
        }
        Ok((row, rest))
    }

    fn set(&mut self, words: &str) {
        for word in words.split_whitespace() {
            let word = word.split('"').next().unwrap_or_default();
            let (name, value) = word.split_once(['=', ':']).unwrap_or((word, ""));
            let (name, on) = match name.strip_prefix("no") {
                Some(rest) if name != "number" && name != "nu" => (rest, false),
                _ => (name.trim_end_matches('!'), true),
            };
            let options = &mut self.options;
            let flag = match name {
                "number" | "nu" => Some(&mut options.number),
                "paste" => Some(&mut options.paste),
                "expandtab" | "et" => Some(&mut options.expandtab),
                "autoindent" | "ai" => Some(&mut options.autoindent),
                "ignorecase" | "ic" => Some(&mut options.ignorecase),
                _ => None,
            };
            if let Some(flag) = flag {
                *flag = if word.ends_with('!') { !*flag } else { on };
                continue;
            }
            match (name, value.parse::<usize>()) {
                ("tabstop" | "ts", Ok(number)) if (1..=64).contains(&number) => options.tabstop = number,
                ("shiftwidth" | "sw", Ok(number)) if number <= 64 => {
                    options.shiftwidth = if number == 0 { options.tabstop } else { number };
                }
                ("softtabstop" | "sts" | "scrolloff" | "so", _) => {}
                ("tabstop" | "ts" | "shiftwidth" | "sw", _) => {
                    self.message = format!("E487: Argument must be positive: {word}")
                }
                (
                    "hlsearch" | "hls" | "incsearch" | "is" | "ruler" | "ru" | "showmode" | "smd" | "compatible" | "cp"
                    | "wrap" | "list" | "cursorcolumn" | "cuc" | "cursorline" | "cul" | "smartindent" | "si" | "mouse"
                    | "encoding" | "enc" | "backspace" | "bs" | "syntax" | "laststatus" | "ls" | "smarttab" | "sta"
                    | "relativenumber" | "rnu" | "smartcase" | "scs" | "background" | "bg" | "swapfile" | "backup"
                    | "showcmd" | "sc" | "viminfo" | "ffs" | "ff" | "fileformat" | "filetype" | "ft" | "all",
                    _,
                ) => {}
                _ => self.message = format!("E518: Unknown option: {word}"),
            }
        }
    }

    /// `:m` and `:t`
    fn transfer(&mut self, from: usize, to: usize, moves: bool, target: &str) {
        let row = match self.address(target) {
            // Row 0 is above the first.
            Ok((Some(_), _)) if target.trim() == "0" => 0,
            Ok((Some(row), _)) => row.saturating_add(1),
            _ => {
                self.message = "E14: Invalid address".into();
                return;
            }
        };
        if moves && (from + 1..=to).contains(&row) {
            self.message = "E134: Cannot move a range of lines into itself".into();
            return;
        }
        let part: Vec<EcoString> = self.lines.iter().skip(from).take(to - from + 1).cloned().collect();
        let count = part.len();
        let mut row = row.min(self.lines.len());
        if moves {
            (from..=to).for_each(|_| drop(self.lines.remove(from)));
            row = if row > to { row - count } else { row };
        }
        for (index, line) in part.into_iter().enumerate() {
            self.lines.insert(row + index, line);
        }
        self.touch();
        self.at = Pos { row: row + count - 1, col: 0 };
    }

    /// `:s`
    fn substitute(&mut self, from: usize, to: usize, tail: &str) {
        let Some(mark) = tail.chars().next().filter(|c| !c.is_alphanumeric()) else {
            self.message = "E486: Pattern not found".into();
            return;
        };
        let parts = split(&tail[mark.len_utf8()..], mark);
        let part = |index: usize| parts.get(index).map(String::as_str).unwrap_or_default();
        let pattern = match (part(0), &self.search) {
            ("", Some((last, _))) => last.clone(),
            (pattern, _) => pattern.to_string(),
        };
        let flags = part(2);
        let Ok(regex) = crate::regex::basic(&pattern, self.options.ignorecase || flags.contains('i')) else {
            self.message = format!("E486: Pattern not found: {pattern}");
            return;
        };
        self.search = Some((pattern.clone(), true));
        let mut room = MAX_GROWTH;
        let limit = if flags.contains('g') { 1 << 16 } else { 1 };
        let (mut changes, mut rows, mut row, mut end) = (0, 0, from, to);
        while row <= end && row < self.lines.len() {
            let line = self.lines.get(row).cloned().unwrap_or_default();
            let mut text = String::new();
            let (mut copied, before) = (0, changes);
            for found in regex.captures_iter(&line).take(limit) {
                let Some(all) = found.get(0) else { continue };
                text.push_str(&line[copied..all.start()]);
                replacement(part(1), &found, &mut text);
                if text.len() > room {
                    self.message = "E342: Out of memory!".into();
                    return;
                }
                copied = all.end();
                changes += 1;
            }
            if changes > before {
                room = room.saturating_sub(text.len());
                text.push_str(&line[copied..]);
                rows += 1;
                let count = text.split('\n').count() - 1;
                if !flags.contains('n') {
                    self.at = Pos { row, col: 0 };
                    let chars: Vec<char> = text.split('\n').next().unwrap_or_default().chars().collect();
                    self.set_line(row, &chars);
                    for (index, line) in text.split('\n').skip(1).enumerate() {
                        self.lines.insert(row + 1 + index, line.into());
                    }
                    (row, end) = (row + count, end + count);
                    self.at.row = row;
                }
            }
            row += 1;
        }
        if changes == 0 && !flags.contains('e') {
            self.message = format!("E486: Pattern not found: {pattern}");
        } else if rows > 2 || flags.contains('n') {
            self.message = format!("{changes} substitutions on {rows} lines");
        }
        self.at.col = self.first_nonblank(self.at.row);
    }

    /// `:g` and `:v`, with `d`, `s` and the like.
    fn global(&mut self, range: Option<Rows>, tail: &str, inverse: bool) {
        let tail = tail.trim_start_matches('!');
        let Some(mark) = tail.chars().next() else { return };
        let (pattern, command) = tail[mark.len_utf8()..].split_once(mark).unwrap_or((&tail[mark.len_utf8()..], ""));
        let (from, to) = range.unwrap_or((0, self.last_row()));
        let Ok(regex) = crate::regex::basic(pattern, self.options.ignorecase) else { return };
        if command.starts_with(['g', 'v']) || !command.starts_with(['d', 's', 'j', '>', '<']) {
            self.message = UNAVAILABLE.into();
            return;
        }
        let hits: Vec<usize> = (from..=to)
            .filter(|row| self.lines.get(*row).is_some_and(|line| regex.is_match(line) != inverse))
            .collect();
        if hits.is_empty() {
            self.message = format!("E486: Pattern not found: {pattern}");
            return;
        }
        let count = self.lines.len();
        if command.trim() == "d" {
            let kept = self.lines.iter().enumerate().filter(|(row, _)| hits.binary_search(row).is_err());
            self.lines = kept.map(|(_, line)| line.clone()).collect();
            if self.lines.is_empty() {
                self.lines.push_back(EcoString::new());
            }
            self.touch();
        } else {
            for row in hits.into_iter().rev() {
                self.at = Pos { row, col: 0 };
                self.execute(command);
            }
        }
        let fewer = count - self.lines.len().min(count);
        if fewer > 2 {
            self.message = format!("{fewer} fewer lines");
        }
    }
}

/// Parts between marks, which a backslash keeps in a part.
fn split(text: &str, mark: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let last = parts.len() - 1;
        match c {
            '\\' => match chars.next() {
                Some(next) if next == mark => parts[last].push(next),
                next => {
                    parts[last].push('\\');
                    parts[last].extend(next);
                }
            },
            c if c == mark && parts.len() < 3 => parts.push(String::new()),
            c => parts[last].push(c),
        }
    }
    parts
}

/// The text that takes the place of a match.
fn replacement(text: &str, found: &regex_lite::Captures<'_>, out: &mut String) {
    let group = |index: usize| found.get(index).map_or("", |part| part.as_str());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '&' => out.push_str(group(0)),
            '\\' => match chars.next() {
                Some(digit @ '0'..='9') => out.push_str(group(digit as usize - '0' as usize)),
                Some('r' | 'n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(c) => out.push(c),
                None => {}
            },
            c => out.push(c),
        }
    }
}
