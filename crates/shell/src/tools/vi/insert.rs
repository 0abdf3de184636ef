//! Insert and replace mode.

use super::editor::{Editor, Mode, Pos};
use super::keys::{self, control};

const TAB: char = '\t';
const CONTROL_C: char = control(b'c');
const CONTROL_D: char = control(b'd');
const CONTROL_T: char = control(b't');
const CONTROL_U: char = control(b'u');
const CONTROL_W: char = control(b'w');

/// The most that a count may insert.
const MAX_REPEATED: usize = 1 << 20;

/// One key.
pub(super) fn key(editor: &mut Editor, key: char) {
    editor.message.clear();
    let Pos { row, col } = editor.at;
    match key {
        keys::ESCAPE | CONTROL_C => leave(editor),
        '\r' | '\n' => new_line(editor),
        TAB => tab(editor),
        keys::BACKSPACE => backspace(editor),
        keys::DELETE => {
            let mut chars = editor.chars(row);
            if col < chars.len() {
                chars.remove(col);
                editor.set_line(row, &chars);
            } else if row < editor.last_row() {
                editor.join(2, false);
                editor.at = Pos { row, col };
            }
        }
        CONTROL_W | CONTROL_U => {
            let chars = editor.chars(row);
            let mut begin = 0;
            if key == CONTROL_W {
                begin = col - chars[..col].iter().rev().take_while(|c| c.is_whitespace()).count();
                let is_word = |c: char| c.is_alphanumeric() || c == '_';
                if let Some(last) = begin.checked_sub(1).map(|at| is_word(chars[at])) {
                    let same = |c: &&char| is_word(**c) == last && !c.is_whitespace();
                    begin -= chars[..begin].iter().rev().take_while(same).count();
                }
            }
            let rest: Vec<char> = chars[..begin].iter().chain(&chars[col..]).copied().collect();
            editor.set_line(row, &rest);
            editor.at.col = begin;
            editor.inserted.clear();
        }
        CONTROL_T | CONTROL_D => {
            let before = editor.width(row);
            editor.shift(row, row, key == CONTROL_T, 1);
            editor.at = Pos { row, col: (col + editor.width(row)).saturating_sub(before) };
        }
        keys::LEFT => go(editor, Pos { row, col: col.saturating_sub(1) }),
        keys::RIGHT => go(editor, Pos { row, col: col + 1 }),
        keys::UP => go(editor, Pos { row: row.saturating_sub(1), col }),
        keys::DOWN => go(editor, Pos { row: row + 1, col }),
        keys::HOME => go(editor, Pos { row, col: 0 }),
        keys::END => go(editor, Pos { row, col: editor.width(row) }),
        '\0'..' ' | keys::UP..=keys::DELETE => {}
        key => {
            if editor.mode == Mode::Replace {
                let mut chars = editor.chars(row);
                if col < chars.len() {
                    chars.remove(col);
                    editor.set_line(row, &chars);
                }
            }
            put(editor, key.encode_utf8(&mut [0; 4]));
        }
    }
}

fn put(editor: &mut Editor, text: &str) {
    editor.insert_here(text);
    editor.inserted.push_str(text);
}

/// A move ends what a count repeats.
fn go(editor: &mut Editor, to: Pos) {
    editor.at = to;
    editor.clamp();
    editor.repeat = 1;
    editor.inserted.clear();
}

fn leave(editor: &mut Editor) {
    let times = editor.repeat.saturating_sub(1).min(MAX_REPEATED / editor.inserted.len().max(1));
    if times > 0 && !editor.inserted.is_empty() {
        let text = editor.inserted.repeat(times);
        for (index, part) in text.split('\n').enumerate() {
            if index > 0 {
                split(editor, "");
            }
            editor.insert_here(part);
        }
    }
    let chars = editor.chars(editor.at.row);
    if editor.options.autoindent && !chars.is_empty() && chars.iter().all(|c| c.is_whitespace()) {
        // An indent without a text behind it goes.
        editor.set_line(editor.at.row, &[]);
        editor.at.col = 0;
    }
    editor.mode = Mode::Normal;
    editor.repeat = 1;
    editor.at.col = editor.at.col.saturating_sub(1);
    editor.want = editor.at.col;
}

/// Breaks the line at the cursor.
fn split(editor: &mut Editor, indent: &str) {
    let Pos { row, .. } = editor.at;
    editor.insert_here(&format!("\n{indent}"));
    editor.at = Pos { row: row + 1, col: indent.chars().count() };
}

fn new_line(editor: &mut Editor) {
    let chars = editor.chars(editor.at.row);
    let indents = editor.options.autoindent && !editor.options.paste;
    let blank = chars.iter().take(editor.at.col).take_while(|c| c.is_whitespace()).count();
    let indent: String = if indents { chars[..blank].iter().collect() } else { String::new() };
    if indents && blank == chars.len() {
        editor.set_line(editor.at.row, &[]);
        editor.at.col = 0;
    }
    split(editor, &indent);
    editor.inserted.push('\n');
}

fn tab(editor: &mut Editor) {
    if !editor.options.expandtab || editor.options.paste {
        return put(editor, "\t");
    }
    let stop = if editor.options.shiftwidth > 0 { editor.options.tabstop } else { 8 }.max(1);
    put(editor, &" ".repeat(stop - editor.at.col % stop));
}

fn backspace(editor: &mut Editor) {
    let Pos { row, col } = editor.at;
    editor.inserted.pop();
    if col > 0 {
        if editor.mode == Mode::Replace {
            editor.at.col -= 1;
            return;
        }
        let mut chars = editor.chars(row);
        chars.remove(col - 1);
        editor.set_line(row, &chars);
        editor.at.col = col - 1;
    } else if row > 0 {
        let width = editor.width(row - 1);
        editor.at = Pos { row: row - 1, col: width };
        editor.join(2, false);
        editor.at = Pos { row: row - 1, col: width };
    }
}
