//! Normal mode: from keys to commands.

use super::editor::{Action, Editor, Mode, Pos};
use super::keys::{self, control};
use super::operate::Span;

/// A command whose keys are all there.
#[derive(Clone, Debug, Default, PartialEq)]
struct Command {
    register: Option<char>,
    count: Option<usize>,
    operator: Option<char>,
    /// Its name, or the motion of the operator.
    keys: Vec<char>,
}

/// What the keys so far make.
enum Parsed {
    More,
    Whole(Command),
}

/// Counts beyond are taken for this.
const MAX_COUNT: usize = 99_999;

/// One key in normal or visual mode.
pub(super) fn key(editor: &mut Editor, key: char) {
    editor.message.clear();
    if key == keys::ESCAPE || key == control(b'c') {
        editor.pending.clear();
        editor.mode = Mode::Normal;
        return;
    }
    editor.pending.push(key);
    let visual = editor.mode != Mode::Normal;
    let Parsed::Whole(command) = parse(&editor.pending, visual) else { return };
    editor.pending.clear();
    if visual {
        editor.visual(command.register, command.count, &command.keys);
    } else {
        run(editor, command);
    }
}

fn parse(typed: &str, visual: bool) -> Parsed {
    let mut rest = typed.chars().peekable();
    let mut command = Command::default();
    if rest.next_if_eq(&'"').is_some() {
        match rest.next() {
            Some(name) => command.register = Some(name),
            None => return Parsed::More,
        }
    }
    let mut number = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>| {
        let mut found = None::<usize>;
        while let Some(digit) = rest.peek().and_then(|c| c.to_digit(10)).filter(|digit| *digit > 0 || found.is_some()) {
            found = Some((found.unwrap_or(0) * 10 + digit as usize).min(MAX_COUNT));
            rest.next();
        }
        if let Some(found) = found {
            command.count = Some((command.count.unwrap_or(1) * found).min(MAX_COUNT));
        }
    };
    number(&mut rest);
    let Some(mut first) = rest.next() else { return Parsed::More };
    if matches!(first, 'd' | 'c' | 'y' | '>' | '<') && !visual {
        command.operator = Some(first);
        number(&mut rest);
        match rest.next() {
            Some(next) => first = next,
            None => return Parsed::More,
        }
    }
    command.keys.push(first);
    let object = matches!(first, 'i' | 'a') && (visual || command.operator.is_some());
    if object || matches!(first, 'g' | 'f' | 'F' | 't' | 'T' | 'r' | 'm' | '\'' | '`' | 'Z' | 'z') {
        match rest.next() {
            Some(next) => command.keys.push(next),
            None => return Parsed::More,
        }
    }
    if command.keys == ['g', 'u'] || command.keys == ['g', 'U'] || command.keys == ['g', '~'] {
        if visual {
            return Parsed::Whole(command);
        }
        command.operator = command.keys.pop();
        command.keys.clear();
        match rest.next() {
            Some(next) => command.keys.push(next),
            None => return Parsed::More,
        }
        if matches!(command.keys[0], 'i' | 'a' | 'f' | 't' | 'g') {
            match rest.next() {
                Some(next) => command.keys.push(next),
                None => return Parsed::More,
            }
        }
    }
    Parsed::Whole(command)
}

fn run(editor: &mut Editor, command: Command) {
    if let Some(operator) = command.operator {
        return operation(editor, operator, &command);
    }
    if edit(editor, &command) {
        editor.want = editor.at.col;
        return;
    }
    if scroll(editor, &command.keys) {
        return;
    }
    if let Some(motion) = editor.motion(&command.keys, command.count) {
        if matches!(command.keys.as_slice(), ['G'] | ['g', 'g'] | ['n' | 'N' | '*' | '#' | '%']) {
            editor.marks.insert('\'', editor.at);
            editor.marks.insert('`', editor.at);
        }
        editor.at = motion.to;
        editor.clamp();
        editor.want = motion.want.unwrap_or(editor.at.col);
    }
}

/// The span of an operator's motion.
fn operation(editor: &mut Editor, operator: char, command: &Command) {
    let Pos { row, .. } = editor.at;
    let times = command.count.unwrap_or(1).max(1);
    let name = command.keys.as_slice();
    let span = if name == [operator] {
        let to = (row + times - 1).min(editor.last_row());
        Some(Span { from: Pos { row, col: 0 }, to: Pos { row: to, col: 0 }, lines: true, open: false })
    } else if let [kind @ ('i' | 'a'), object] = name {
        let found = editor.object(*kind == 'a', *object);
        found.map(|(from, to, lines)| Span { from, to, lines, open: false })
    } else {
        motion_span(editor, operator, name, command.count)
    };
    if let Some(span) = span {
        editor.operate(operator, span, command.register);
        editor.want = editor.at.col;
    }
}

fn motion_span(editor: &mut Editor, operator: char, name: &[char], count: Option<usize>) -> Option<Span> {
    let at = editor.at;
    let on_text = editor.chars(at.row).get(at.col).is_some_and(|c| !c.is_whitespace());
    // `cw` on a word changes to its end, as `ce`.
    let as_end = operator == 'c' && on_text && matches!(name, ['w' | 'W']);
    let motion = if as_end {
        let step_back = Pos { row: at.row, col: at.col.wrapping_sub(1) };
        let big = name == ['W'];
        let mut to = step_back;
        for _ in 0..count.unwrap_or(1).max(1) {
            to = word_end_from(editor, to, big);
        }
        return Some(Span { from: at, to, lines: false, open: false });
    } else {
        editor.motion(name, count)?
    };
    let (from, mut to) = if motion.to < at { (motion.to, at) } else { (at, motion.to) };
    let mut open = !motion.inclusive;
    if matches!(name, ['w' | 'W']) && to.row > from.row && to.col <= editor.first_nonblank(to.row) {
        // The last word's line ends the span, not the next word.
        let row = to.row - 1;
        to = Pos { row, col: editor.width(row) };
        open = true;
    }
    if !motion.lines && open && from == to {
        return None;
    }
    Some(Span { from, to, lines: motion.lines, open })
}

/// The end of the word that begins right behind `at`, whose column may be one before the first.
fn word_end_from(editor: &Editor, at: Pos, big: bool) -> Pos {
    let at = Pos { row: at.row, col: at.col.wrapping_add(1) };
    let chars = editor.chars(at.row);
    let single = chars.get(at.col).is_some_and(|c| !c.is_whitespace())
        && chars.get(at.col + 1).is_none_or(|next| {
            next.is_whitespace()
                || !big
                    && (next.is_alphanumeric() || *next == '_')
                        != (chars[at.col].is_alphanumeric() || chars[at.col] == '_')
        });
    if single { at } else { editor.word_end(at, big) }
}

/// Commands that change the text or the mode; `false` if it is none.
fn edit(editor: &mut Editor, command: &Command) -> bool {
    let Pos { row, col } = editor.at;
    let times = command.count.unwrap_or(1).max(1);
    let width = editor.width(row);
    let here = |from: usize, to: usize| Span {
        from: Pos { row, col: from },
        to: Pos { row, col: to },
        lines: false,
        open: true,
    };
    match command.keys.as_slice() {
        ['x' | keys::DELETE] if width > 0 => editor.operate('d', here(col, col + times), command.register),
        ['X'] if col > 0 => editor.operate('d', here(col.saturating_sub(times), col), command.register),
        ['D'] if width > 0 => editor.operate('d', here(col, width), command.register),
        ['C'] => editor.operate('c', here(col, width), command.register),
        ['s'] => editor.operate('c', here(col, col + times), command.register),
        ['S'] => operation(editor, 'c', &Command { keys: vec!['c'], ..command.clone() }),
        ['Y'] => operation(editor, 'y', &Command { keys: vec!['y'], ..command.clone() }),
        ['p'] => editor.put(false, times, command.register),
        ['P'] => editor.put(true, times, command.register),
        ['J'] => editor.join(times, true),
        ['g', 'J'] => editor.join(times, false),
        ['~'] => editor.toggle(times),
        ['r', c] if col + times <= width => {
            let mut chars = editor.chars(row);
            if *c == '\r' {
                editor.operate('d', here(col, col + times), Some('_'));
                editor.at = Pos { row, col };
                editor.insert_here("\n");
                editor.at = Pos { row: row + 1, col: 0 };
            } else {
                chars[col..col + times].fill(*c);
                editor.set_line(row, &chars);
                editor.at.col = col + times - 1;
            }
        }
        ['u'] => (0..times.min(editor.undo.len().max(1))).for_each(|_| editor.undo(true)),
        ['\x12'] => (0..times.min(editor.redo.len().max(1))).for_each(|_| editor.undo(false)),
        ['.'] => editor.repeat_change(),
        ['R'] => {
            editor.insert_from_here(1);
            editor.mode = Mode::Replace;
        }
        ['Z', 'Z'] => editor.execute("x"),
        ['Z', 'Q'] => editor.action = Some(Action::Quit(0)),
        [prompt @ (':' | '/' | '?')] => {
            editor.mode = Mode::Line;
            editor.line = prompt.to_string();
            if *prompt == ':' && command.count.is_some() {
                editor.line.push_str(&format!(".,.+{}", times - 1));
            }
        }
        ['v'] => (editor.mode, editor.anchor) = (Mode::Visual, editor.at),
        ['V'] => (editor.mode, editor.anchor) = (Mode::VisualLine, editor.at),
        ['m', name] => {
            editor.marks.insert(*name, editor.at);
        }
        _ => return begin_insert(editor, &command.keys, times),
    }
    true
}

/// `i`, `a`, `o` and their kin.
fn begin_insert(editor: &mut Editor, name: &[char], times: usize) -> bool {
    let Pos { row, col } = editor.at;
    match name {
        ['i'] => {}
        ['I'] => {
            let blank = editor.chars(row).iter().take_while(|c| c.is_whitespace()).count();
            editor.at.col = blank;
        }
        ['a'] => editor.at.col = (col + 1).min(editor.width(row)),
        ['A'] => editor.at.col = editor.width(row),
        [key @ ('o' | 'O')] => {
            let indent: String = match editor.options.autoindent && !editor.options.paste {
                true => editor.chars(row).iter().take_while(|c| c.is_whitespace()).collect(),
                false => String::new(),
            };
            let to = if *key == 'o' { row + 1 } else { row };
            editor.lines.insert(to, indent.as_str().into());
            editor.touch();
            editor.at = Pos { row: to, col: indent.chars().count() };
        }
        _ => return false,
    }
    editor.insert_from_here(times);
    true
}

/// Commands that move the window.
fn scroll(editor: &mut Editor, name: &[char]) -> bool {
    let page = editor.rows.saturating_sub(3).max(1);
    let half = (editor.rows / 2).max(1);
    let down = |editor: &mut Editor, by: usize| {
        editor.top = (editor.top + by).min(editor.last_row());
        editor.at.row = (editor.at.row + by).min(editor.last_row());
    };
    let up = |editor: &mut Editor, by: usize| {
        editor.top = editor.top.saturating_sub(by);
        editor.at.row = editor.at.row.saturating_sub(by);
    };
    match name {
        ['\x06' | keys::PAGE_DOWN] => down(editor, page),
        ['\x02' | keys::PAGE_UP] => up(editor, page),
        ['\x04'] => down(editor, half),
        ['\x15'] => up(editor, half),
        ['\x05'] => {
            editor.top = (editor.top + 1).min(editor.last_row());
            editor.at.row = editor.at.row.max(editor.top);
        }
        ['\x19'] => {
            editor.top = editor.top.saturating_sub(1);
            editor.at.row = editor.at.row.min(editor.top + editor.rows.saturating_sub(2));
        }
        ['z', 't' | '\r'] => editor.top = editor.at.row,
        ['z', 'z' | '.'] => editor.top = editor.at.row.saturating_sub(half - 1),
        ['z', 'b' | '-'] => editor.top = editor.at.row.saturating_sub(editor.rows.saturating_sub(2)),
        ['\x07'] => {
            let (row, count) = (editor.at.row + 1, editor.lines.len());
            let modified = if editor.modified { " [Modified]" } else { "" };
            editor.message = format!(
                "\"{}\"{modified} line {row} of {count} --{}%-- col {}",
                editor.file,
                row * 100 / count.max(1),
                editor.at.col + 1
            );
        }
        _ => return false,
    }
    true
}
