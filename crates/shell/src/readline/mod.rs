//! The line editor: keys in, screen updates out, a line in the end. It makes no calls itself.

pub(crate) mod complete;
pub(crate) mod events;
mod keys;
mod listing;
pub(crate) mod prompt;
mod screen;
mod search;
pub(crate) mod width;

use ecow::{EcoString, EcoVec};
use serde::{Deserialize, Serialize};

use complete::Completion;
use keys::Key;
use screen::Screen;
use search::Search;

/// The longest line, in characters.
const MAX_LINE: usize = 20 << 20;
/// What ends a paste.
const PASTE_END: &[u8] = b"\x1b[201~";

/// A line being edited.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Editor {
    /// What stands before the cursor.
    before: Vec<char>,
    /// What stands behind it, last first.
    after: Vec<char>,
    /// Which line of history is shown; its length means the new line.
    at: usize,
    history: EcoVec<EcoString>,
    /// The new line while history is shown.
    fresh: String,
    /// What was cut last.
    cut: String,
    /// Whether the last key cut, so that the next cut adds to it.
    cutting: bool,
    /// Bytes of a key that is not complete.
    partial: Vec<u8>,
    pasting: bool,
    /// The next key is inserted as it is.
    literal: bool,
    search: Option<Search>,
    /// Consecutive tabs.
    tabs: u32,
    /// Consecutive Alt-dots.
    dots: usize,
    /// A listing waits for `y` or `n`.
    asking: Option<Completion>,
    pub screen: Screen,
    /// What is to be written.
    pub out: String,
}

/// What comes of a key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// More keys, please.
    None,
    Line(String),
    /// Ctrl-D on an empty line.
    End,
    /// The text before the cursor is to be completed.
    Complete(String),
    Cancelled,
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric()
}

impl Editor {
    pub(crate) fn new(prompt: String, history: EcoVec<EcoString>, columns: u16, partial: Vec<u8>) -> Self {
        let screen = Screen::new(prompt, columns);
        let mut editor = Self { at: history.len(), history, partial, screen, ..Self::default() };
        editor.out.push_str("\x1b[?2004h");
        editor.refresh();
        editor
    }

    /// Whether whole chunks may be read: while pasting, no line is accepted.
    pub(crate) fn is_pasting(&self) -> bool {
        self.pasting
    }

    /// Bytes read and not yet used.
    pub(crate) fn take_rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.partial)
    }

    pub(crate) fn text(&self) -> String {
        self.before.iter().chain(self.after.iter().rev()).collect()
    }

    /// Takes bytes that were typed, up to the first that means something to the owner.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Event {
        self.partial.extend_from_slice(bytes);
        loop {
            if self.pasting {
                if !self.paste() {
                    return Event::None;
                }
                continue;
            }
            let Some((used, key)) = keys::decode(&self.partial) else { return Event::None };
            self.partial.drain(..used);
            let event = self.key(key);
            if event != Event::None {
                return event;
            }
            if self.partial.is_empty() {
                return Event::None;
            }
        }
    }

    /// Inserts what was pasted so far; `true` when all of it has come.
    fn paste(&mut self) -> bool {
        let end = self.partial.windows(PASTE_END.len()).position(|window| window == PASTE_END);
        let ready = match end {
            Some(end) => end,
            // What could be the beginning of the end, or of a character, is left.
            None => {
                let keep = (1..PASTE_END.len()).rev().find(|n| self.partial.ends_with(&PASTE_END[..*n])).unwrap_or(0);
                let whole = self.partial.len() - keep;
                match std::str::from_utf8(&self.partial[..whole]) {
                    Err(error) if error.error_len().is_none() => error.valid_up_to(),
                    _ => whole,
                }
            }
        };
        let text = String::from_utf8_lossy(&self.partial[..ready]).replace("\r\n", "\n").replace('\r', "\n");
        self.partial.drain(..ready + end.map_or(0, |_| PASTE_END.len()));
        self.insert(text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')));
        self.pasting = end.is_none();
        end.is_some()
    }

    /// Inserts text at the cursor.
    pub(crate) fn insert(&mut self, text: impl Iterator<Item = char>) {
        let room = MAX_LINE.saturating_sub(self.before.len() + self.after.len());
        let start = self.before.len();
        self.before.extend(text.take(room));
        if self.before.len() == start {
            return;
        }
        if self.after.is_empty() && self.before.len() - start < 200 {
            let added = &self.before[start..];
            if let Some(text) = self.screen.append(added) {
                self.out.push_str(&text);
                return;
            }
        }
        self.refresh();
    }

    /// Draws everything anew.
    pub(crate) fn refresh(&mut self) {
        let text = match &self.search {
            Some(search) => {
                let line = search.found.clone();
                self.screen.draw_other(&search.prompt(), &line)
            }
            None => self.screen.draw(&self.before, &self.after),
        };
        self.out.push_str(&text);
    }

    /// The screen has another size.
    pub(crate) fn resized(&mut self, columns: u16) {
        self.screen.resize(columns);
        self.refresh();
    }

    fn set(&mut self, line: &str) {
        self.before = line.chars().collect();
        self.after.clear();
        self.refresh();
    }

    fn bell(&mut self) {
        self.out.push('\x07');
    }

    /// Ctrl-C.
    pub(crate) fn cancel(&mut self) -> Event {
        self.search = None;
        self.asking = None;
        self.go_to_end();
        self.out.push_str("^C");
        self.leave();
        Event::Cancelled
    }

    /// Leaves the screen below the line.
    fn leave(&mut self) {
        self.out.push_str("\n\x1b[?2004l\r");
        self.screen.forget();
    }

    fn key(&mut self, key: Key) -> Event {
        if let Some(completion) = self.asking.take() {
            return self.answer(completion, key);
        }
        if self.literal {
            self.literal = false;
            let c = match key {
                Key::Char(c) => c,
                Key::Control(c) => char::from((c as u8) & 0x1f),
                _ => return Event::None,
            };
            self.insert(std::iter::once(c));
            return Event::None;
        }
        if self.search.is_some() {
            match self.search_key(key) {
                Some(event) => return event,
                None => self.end_search(),
            }
        }
        let cuts = matches!(key, Key::Control('k' | 'u' | 'w') | Key::Alt('d') | Key::AltBackspace);
        let event = self.act(key);
        self.cutting = cuts;
        if key != Key::Control('i') {
            self.tabs = 0;
        }
        if !matches!(key, Key::Alt('.' | '_')) {
            self.dots = 0;
        }
        event
    }

    fn act(&mut self, key: Key) -> Event {
        match key {
            Key::Char(c) => self.insert(std::iter::once(c)),
            Key::Control('m' | 'j') => return self.accept(),
            Key::Control('i') => {
                self.tabs += 1;
                return Event::Complete(self.before.iter().collect());
            }
            Key::Control('d') if self.before.is_empty() && self.after.is_empty() => {
                self.out.push_str("\x1b[?2004l\r\n");
                return Event::End;
            }
            Key::Control('d') | Key::Delete => match self.after.pop() {
                Some(_) => self.refresh(),
                None => self.bell(),
            },
            Key::Backspace => self.backspace(),
            Key::Control('a') | Key::Home => self.move_to(0),
            Key::Control('e') | Key::End => self.go_to_end(),
            Key::Control('b') | Key::Left => self.move_to(self.before.len().saturating_sub(1)),
            Key::Control('f') | Key::Right => self.move_to(self.before.len() + 1),
            Key::Alt('b') | Key::WordLeft => self.move_to(self.word_start(is_word)),
            Key::Alt('f') | Key::WordRight => self.move_to(self.word_end()),
            Key::Control('k') => self.cut_to(usize::MAX),
            Key::Control('u') => self.cut_to(0),
            Key::Control('w') => self.cut_to(self.word_start(|c| !c.is_whitespace())),
            Key::AltBackspace => self.cut_to(self.word_start(is_word)),
            Key::Alt('d') => self.cut_to(self.word_end()),
            Key::Control('y') => {
                let text = self.cut.clone();
                self.insert(text.chars());
            }
            Key::Control('l') => {
                self.out.push_str("\x1b[H\x1b[2J");
                self.screen.forget();
                self.refresh();
            }
            Key::Control('t') => self.swap(),
            Key::Control('p') | Key::Up => self.go_to_history(self.at.checked_sub(1)),
            Key::Control('n') | Key::Down => self.go_to_history(Some(self.at + 1)),
            Key::Alt('<') | Key::PageUp => self.go_to_history(Some(0)),
            Key::Alt('>') | Key::PageDown => self.go_to_history(Some(self.history.len())),
            Key::Control('r') => {
                self.search = Some(Search::new(self.history.len()));
                self.refresh();
            }
            Key::Control('v') => self.literal = true,
            Key::Control('g') => self.bell(),
            Key::Alt('.' | '_') => self.last_argument(),
            Key::Alt('u') => self.recase(|c, _| c.to_uppercase().collect()),
            Key::Alt('l') => self.recase(|c, _| c.to_lowercase().collect()),
            Key::Alt('c') => {
                self.recase(|c, first| if first { c.to_uppercase().collect() } else { c.to_lowercase().collect() })
            }
            Key::Alt('#') => {
                self.move_to(0);
                self.insert(std::iter::once('#'));
                return self.accept();
            }
            Key::PasteBegin => self.pasting = true,
            Key::Control(_) | Key::Alt(_) | Key::Unknown => {}
        }
        Event::None
    }

    fn accept(&mut self) -> Event {
        self.go_to_end();
        self.leave();
        Event::Line(self.text())
    }

    fn backspace(&mut self) {
        let Some(c) = self.before.pop() else {
            self.bell();
            return;
        };
        match self.screen.erase(c).filter(|_| self.after.is_empty()) {
            Some(text) => self.out.push_str(&text),
            None => self.refresh(),
        }
    }

    /// Moves the cursor before the character of this number.
    fn move_to(&mut self, place: usize) {
        while self.before.len() > place {
            self.after.extend(self.before.pop());
        }
        while self.before.len() < place {
            let Some(c) = self.after.pop() else { break };
            self.before.push(c);
        }
        let text = self.screen.place(&self.before, &self.after);
        self.out.push_str(&text);
    }

    fn go_to_end(&mut self) {
        self.move_to(usize::MAX);
    }

    /// Where the word before the cursor begins.
    fn word_start(&self, is_part: impl Fn(char) -> bool) -> usize {
        let mut at = self.before.len();
        while at > 0 && !is_part(self.before[at - 1]) {
            at -= 1;
        }
        while at > 0 && is_part(self.before[at - 1]) {
            at -= 1;
        }
        at
    }

    /// Where the word behind the cursor ends.
    fn word_end(&self) -> usize {
        let mut rest = self.after.iter().rev().copied().peekable();
        let mut at = self.before.len();
        while rest.next_if(|c| !is_word(*c)).is_some() {
            at += 1;
        }
        while rest.next_if(|c| is_word(*c)).is_some() {
            at += 1;
        }
        at
    }

    /// Cuts what lies between the cursor and a place.
    fn cut_to(&mut self, place: usize) {
        let mut piece = String::new();
        if place < self.before.len() {
            piece = self.before.drain(place..).collect();
        } else {
            let count = place.saturating_sub(self.before.len()).min(self.after.len());
            let kept = self.after.len() - count;
            piece.extend(self.after.drain(kept..).rev());
        }
        if piece.is_empty() {
            return;
        }
        let backwards = place < self.before.len() + piece.chars().count() && place <= self.before.len();
        self.cut = match (self.cutting, backwards) {
            (false, _) => piece,
            (true, true) => piece + &self.cut,
            (true, false) => std::mem::take(&mut self.cut) + &piece,
        };
        self.refresh();
    }

    /// Exchanges the characters around the cursor.
    fn swap(&mut self) {
        if self.after.is_empty() && self.before.len() > 1 {
            let last = self.before.len() - 1;
            self.before.swap(last - 1, last);
        } else if let (Some(left), Some(right)) = (self.before.pop(), self.after.pop()) {
            self.before.extend([right, left]);
        }
        self.refresh();
    }

    /// Changes the case of the word behind the cursor.
    fn recase(&mut self, change: impl Fn(char, bool) -> String) {
        let end = self.word_end();
        let mut first = true;
        while self.before.len() < end {
            let Some(c) = self.after.pop() else { break };
            if is_word(c) {
                self.before.extend(change(c, first).chars());
                first = false;
            } else {
                self.before.push(c);
            }
        }
        self.refresh();
    }

    fn go_to_history(&mut self, place: Option<usize>) {
        let Some(place) = place.filter(|place| *place <= self.history.len() && *place != self.at) else {
            self.bell();
            return;
        };
        if self.at == self.history.len() {
            self.fresh = self.text();
        }
        self.at = place;
        let line = self.history.get(place).map_or_else(|| self.fresh.clone(), ToString::to_string);
        self.set(&line);
    }

    /// Alt-dot: the last argument of earlier lines, one after the other.
    fn last_argument(&mut self) {
        let last = |line: &EcoString| line.split_whitespace().next_back().unwrap_or_default().to_string();
        let Some(line) = self.history.len().checked_sub(self.dots + 1).and_then(|at| self.history.get(at)) else {
            self.bell();
            return;
        };
        let next = last(line);
        if self.dots > 0
            && let Some(former) = self.history.get(self.history.len() - self.dots).map(last)
        {
            let kept = self.before.len().saturating_sub(former.chars().count());
            self.before.truncate(kept);
        }
        self.before.extend(next.chars());
        self.dots += 1;
        self.refresh();
    }
}
