//! sed's scripts.

use serde::{Deserialize, Serialize};

use crate::regex;

/// An error: the number of the character, and what is wrong.
type Wrong = (usize, String);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Command {
    pub first: Option<Address>,
    pub second: Option<Address>,
    pub negate: bool,
    pub what: Do,
    /// Within its range.
    pub active: bool,
    /// The last line of the range, where it is counted.
    pub until: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Address {
    Line(u64),
    Last,
    /// `first~step`
    Step(u64, u64),
    Pattern(Pattern),
    /// `+n`
    Plus(u64),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Pattern {
    pub text: String,
    pub fold: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Do {
    /// `{`, with where its `}` is.
    Open(usize),
    Close,
    Label(String),
    Delete,
    DeleteFirst,
    Print,
    PrintFirst,
    /// With its status; whether it prints first.
    Quit(u8, bool),
    Next,
    Append,
    Hold(bool),
    Get(bool),
    Exchange,
    TextBehind(String),
    TextBefore(String),
    Change(String),
    Number,
    /// To the command of this number, or the end.
    Branch(Option<usize>),
    /// `t` and, if `false`, `T`
    Test(Option<usize>, bool),
    Translate(Vec<char>, Vec<char>),
    Substitute(Substitute),
    List,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Substitute {
    pub pattern: Pattern,
    pub with: Vec<Piece>,
    pub global: bool,
    pub print: bool,
    /// The first match to replace.
    pub number: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Piece {
    Text(String),
    Group(usize),
    /// `\U` and its like
    Case(char),
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    extended: bool,
    commands: Vec<Command>,
    open: Vec<usize>,
    /// Branches with the labels that they go to.
    branches: Vec<(usize, String)>,
}

pub(super) fn parse(text: &str, extended: bool) -> Result<Vec<Command>, Wrong> {
    let chars = text.chars().collect();
    let mut reader = Reader { chars, at: 0, extended, commands: Vec::new(), open: Vec::new(), branches: Vec::new() };
    reader.all()?;
    if !reader.open.is_empty() {
        return Err((0, "unmatched `{'".into()));
    }
    for (at, label) in std::mem::take(&mut reader.branches) {
        let target = if label.is_empty() {
            None
        } else {
            let wanted = |command: &Command| matches!(&command.what, Do::Label(own) if *own == label);
            match reader.commands.iter().position(wanted) {
                Some(target) => Some(target),
                None => return Err((text.chars().count(), format!("can't find label for jump to `{label}'"))),
            }
        };
        match &mut reader.commands[at].what {
            Do::Branch(to) | Do::Test(to, _) => *to = target,
            _ => {}
        }
    }
    Ok(reader.commands)
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn wrong<T>(&self, text: &str) -> Result<T, Wrong> {
        Err((self.at, text.into()))
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| c == ' ' || c == '\t') {
            self.at += 1;
        }
    }

    fn all(&mut self) -> Result<(), Wrong> {
        loop {
            while self.peek().is_some_and(|c| c.is_whitespace() || c == ';') {
                self.at += 1;
            }
            match self.peek() {
                None => return Ok(()),
                Some('#') => while self.next().is_some_and(|c| c != '\n') {},
                Some(_) => self.command()?,
            }
        }
    }

    fn number(&mut self) -> u64 {
        let mut value = 0_u64;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            value = value.saturating_mul(10).saturating_add(u64::from(digit));
            self.at += 1;
        }
        value
    }

    fn address(&mut self) -> Result<Option<Address>, Wrong> {
        Ok(Some(match self.peek() {
            Some('$') => {
                self.at += 1;
                Address::Last
            }
            Some(c) if c.is_ascii_digit() => {
                let line = self.number();
                if self.peek() == Some('~') {
                    self.at += 1;
                    Address::Step(line, self.number())
                } else {
                    Address::Line(line)
                }
            }
            Some('+') => {
                self.at += 1;
                Address::Plus(self.number())
            }
            Some('/' | '\\') => {
                if self.next() == Some('\\') {
                    self.at += 1;
                }
                let delimiter = self.chars.get(self.at - 1).copied().unwrap_or('/');
                let Some(text) = self.delimited(delimiter) else { return self.wrong("unterminated address regex") };
                let fold = self.peek() == Some('I');
                self.at += usize::from(fold);
                Address::Pattern(self.pattern(text, fold)?)
            }
            _ => return Ok(None),
        }))
    }

    fn pattern(&self, text: String, fold: bool) -> Result<Pattern, Wrong> {
        let compiled = if self.extended { regex::extended(&text, fold) } else { regex::basic(&text, fold) };
        match compiled {
            Ok(_) => Ok(Pattern { text, fold }),
            Err(error) if error.contains("group") => self.wrong("Unmatched ( or \\("),
            Err(_) => self.wrong("Invalid preceding regular expression"),
        }
    }

    /// Text up to a delimiter that is not escaped.
    fn delimited(&mut self, delimiter: char) -> Option<String> {
        let mut text = String::new();
        let mut in_set = false;
        loop {
            match self.next()? {
                '\\' => match self.next()? {
                    c if c == delimiter && !in_set => text.push(c),
                    'n' if delimiter != 'n' => text.push_str("\\n"),
                    c => text.extend(['\\', c]),
                },
                c if c == delimiter && !in_set => return Some(text),
                c => {
                    match c {
                        '[' => in_set = true,
                        ']' if !text.ends_with('[') && !text.ends_with("[^") => in_set = false,
                        _ => {}
                    }
                    text.push(c);
                }
            }
        }
    }

    fn command(&mut self) -> Result<(), Wrong> {
        let first = self.address()?;
        let mut second = None;
        self.blanks();
        if first.is_some() && self.peek() == Some(',') {
            self.at += 1;
            self.blanks();
            second = self.address()?;
            if second.is_none() {
                return self.wrong("unexpected `,'");
            }
            self.blanks();
        }
        if first == Some(Address::Line(0)) && !matches!(second, Some(Address::Pattern(_))) {
            self.at += 1;
            return self.wrong("invalid usage of line address 0");
        }
        let negate = self.peek() == Some('!');
        if negate {
            self.at += 1;
            self.blanks();
        }
        let Some(letter) = self.next() else { return self.wrong("missing command") };
        if letter == '}' {
            if first.is_some() {
                return self.wrong("} doesn't want any addresses");
            }
            let Some(open) = self.open.pop() else { return self.wrong("unexpected `}'") };
            let here = self.commands.len();
            self.commands[open].what = Do::Open(here);
        }
        let what = self.action(letter)?;
        self.commands.push(Command { first, second, negate, what, active: false, until: None });
        if matches!(letter, '{' | '}' | ':' | 'a' | 'i' | 'c' | 'b' | 't' | 'T') {
            return Ok(());
        }
        self.blanks();
        match self.peek() {
            None | Some(';' | '\n' | '}' | '#') => Ok(()),
            Some(_) => {
                self.at += 1;
                self.wrong("extra characters after command")
            }
        }
    }

    fn action(&mut self, letter: char) -> Result<Do, Wrong> {
        Ok(match letter {
            '{' => {
                self.open.push(self.commands.len());
                Do::Open(0)
            }
            '}' => Do::Close,
            'd' => Do::Delete,
            'D' => Do::DeleteFirst,
            'p' => Do::Print,
            'P' => Do::PrintFirst,
            'q' | 'Q' => {
                self.blanks();
                Do::Quit(self.number() as u8, letter == 'q')
            }
            'n' => Do::Next,
            'N' => Do::Append,
            'h' => Do::Hold(false),
            'H' => Do::Hold(true),
            'g' => Do::Get(false),
            'G' => Do::Get(true),
            'x' => Do::Exchange,
            '=' => Do::Number,
            'l' => Do::List,
            'a' | 'i' | 'c' => {
                let text = self.text()?;
                match letter {
                    'a' => Do::TextBehind(text),
                    'i' => Do::TextBefore(text),
                    _ => Do::Change(text),
                }
            }
            ':' | 'b' | 't' | 'T' => {
                self.blanks();
                let mut label = String::new();
                while let Some(c) = self.peek().filter(|c| !c.is_whitespace() && *c != ';' && *c != '}') {
                    label.push(c);
                    self.at += 1;
                }
                if letter == ':' {
                    if label.is_empty() {
                        return self.wrong("\":\" lacks a label");
                    }
                    return Ok(Do::Label(label));
                }
                self.branches.push((self.commands.len(), label));
                if letter == 'b' { Do::Branch(None) } else { Do::Test(None, letter == 't') }
            }
            'y' => {
                let Some(delimiter) = self.next() else { return self.wrong("unterminated `y' command") };
                let (Some(from), Some(to)) = (self.delimited(delimiter), self.delimited(delimiter)) else {
                    return self.wrong("unterminated `y' command");
                };
                let chars = |text: String| text.replace("\\n", "\n").replace("\\\\", "\\").chars().collect::<Vec<_>>();
                let (from, to) = (chars(from), chars(to));
                if from.len() != to.len() {
                    return self.wrong("strings for `y' command are different lengths");
                }
                Do::Translate(from, to)
            }
            's' => self.substitute()?,
            'r' | 'w' | 'R' | 'W' | 'e' | 'F' | 'z' => {
                return self.wrong(&format!("the command `{letter}' is not simulated"));
            }
            letter => return self.wrong(&format!("unknown command: `{letter}'")),
        })
    }

    /// The text of `a`, `i` and `c`, with its newline.
    fn text(&mut self) -> Result<String, Wrong> {
        self.blanks();
        if self.peek() == Some('\\') {
            self.at += 1;
            self.blanks();
            if self.peek() == Some('\n') {
                self.at += 1;
            }
        }
        if self.peek().is_none() {
            return self.wrong("expected \\ after `a', `c' or `i'");
        }
        let mut text = String::new();
        while let Some(c) = self.next() {
            match c {
                '\n' => break,
                '\\' => text.extend(self.next()),
                c => text.push(c),
            }
        }
        text.push('\n');
        Ok(text)
    }

    fn substitute(&mut self) -> Result<Do, Wrong> {
        let Some(delimiter) = self.next() else { return self.wrong("unterminated `s' command") };
        let (Some(pattern), Some(with)) = (self.delimited(delimiter), self.replacement(delimiter)) else {
            return self.wrong("unterminated `s' command");
        };
        let (mut global, mut print, mut fold, mut number) = (false, false, false, 1);
        loop {
            match self.peek() {
                Some('g') => global = true,
                Some('p') => print = true,
                Some('i' | 'I') => fold = true,
                Some('m' | 'M') => {}
                Some(c) if c.is_ascii_digit() => {
                    number = usize::try_from(self.number()).unwrap_or(usize::MAX);
                    if number == 0 {
                        return self.wrong("number option to `s' command may not be zero");
                    }
                    continue;
                }
                None | Some(';' | '\n' | '}' | ' ' | '\t' | '#') => break,
                Some(_) => {
                    self.at += 1;
                    return self.wrong("unknown option to `s'");
                }
            }
            self.at += 1;
        }
        let pattern = self.pattern(pattern, fold)?;
        Ok(Do::Substitute(Substitute { pattern, with, global, print, number }))
    }

    /// The right side of `s`.
    fn replacement(&mut self, delimiter: char) -> Option<Vec<Piece>> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        loop {
            let c = self.next()?;
            if c == delimiter {
                pieces.push(Piece::Text(text));
                return Some(pieces);
            }
            let special = match c {
                '&' => Some(Piece::Group(0)),
                '\\' => match self.next()? {
                    digit @ '0'..='9' => Some(Piece::Group(digit as usize - '0' as usize)),
                    case @ ('U' | 'L' | 'u' | 'l' | 'E') => Some(Piece::Case(case)),
                    'n' => {
                        text.push('\n');
                        None
                    }
                    't' => {
                        text.push('\t');
                        None
                    }
                    other => {
                        text.push(other);
                        None
                    }
                },
                c => {
                    text.push(c);
                    None
                }
            };
            if let Some(piece) = special {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
                pieces.push(piece);
            }
        }
    }
}
