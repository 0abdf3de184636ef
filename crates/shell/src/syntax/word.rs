//! Words: quotes, escapes, `$…`, backquotes.

use ecow::{EcoString, EcoVec};

use super::ast::{List, Param, ParamOp, Part, Word};
use super::{Need, Parser, SyntaxError};

/// Where a run of parts stands, which decides what is special in it and what ends it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A word of a command: ends before a blank or an operator.
    Word,
    /// Between double quotes.
    Double,
    /// A whole text that reads as if double-quoted, but for the double quotes in it.
    Text,
    /// Inside `${…}`; ends before one of these.
    Braced(&'static [char]),
    /// Inside `"${…}"`.
    BracedDouble(&'static [char]),
    /// The right side of `=~`.
    Regex,
}

impl Place {
    fn is_quoted(self) -> bool {
        matches!(self, Self::Double | Self::Text | Self::BracedDouble(_))
    }

    fn ends_at(self, c: char, nesting: u32) -> bool {
        match self {
            Self::Word => matches!(c, ' ' | '\t' | '\n' | '\r' | ';' | '&' | '|' | '<' | '>' | '(' | ')'),
            Self::Double => c == '"',
            Self::Text => false,
            Self::Braced(ends) | Self::BracedDouble(ends) => ends.contains(&c),
            Self::Regex => nesting == 0 && matches!(c, ' ' | '\t' | '\n' | ')'),
        }
    }
}

/// Adds a character to the last piece of text of the same kind.
fn push(parts: &mut EcoVec<Part>, c: char, quoted: bool) {
    match (parts.make_mut().last_mut(), quoted) {
        (Some(Part::Literal(text)), false) | (Some(Part::Quoted(text)), true) => text.push(c),
        (_, false) => parts.push(Part::Literal(c.into())),
        (_, true) => parts.push(Part::Quoted(c.into())),
    }
}

impl<'a> Parser<'a> {
    /// A word of a command.
    pub(super) fn word(&mut self) -> Result<Word, SyntaxError> {
        self.parts(Place::Word).map(Word)
    }

    pub(super) fn regex_word(&mut self) -> Result<Word, SyntaxError> {
        while matches!(self.peek(), Some(' ' | '\t')) {
            self.next();
        }
        self.parts(Place::Regex).map(Word)
    }

    /// The whole text, as in double quotes.
    pub(super) fn whole_text(&mut self) -> Result<Word, SyntaxError> {
        self.parts(Place::Text).map(Word)
    }

    pub(super) fn parts(&mut self, place: Place) -> Result<EcoVec<Part>, SyntaxError> {
        let mut parts = EcoVec::new();
        let mut nesting = 0_u32;
        while let Some(c) = self.peek() {
            let is_process = place == Place::Word && matches!(c, '<' | '>') && self.peek_second() == Some('(');
            if place.ends_at(c, nesting) && !is_process {
                break;
            }
            if place == Place::Regex {
                match c {
                    '(' => nesting += 1,
                    ')' => nesting -= 1,
                    _ => {}
                }
            }
            self.next();
            match c {
                '\\' => self.escape(place, &mut parts),
                '\'' if !place.is_quoted() => {
                    let text = self.until_quote('\'')?;
                    parts.push(Part::Quoted(text));
                }
                '"' if place != Place::Text => {
                    let line = self.line;
                    let inner = self.deeper(|parser| parser.parts(Place::Double))?;
                    if !self.eat('"') {
                        return Err(self.missing('"', line));
                    }
                    parts.push(Part::Double(inner));
                }
                '$' => self.dollar(place, &mut parts)?,
                '`' => parts.push(Part::Command(self.backquoted(place.is_quoted())?)),
                '<' | '>' if is_process => {
                    self.next();
                    let list = self.nested_list()?;
                    parts.push(Part::Process(c == '>', list));
                }
                _ => push(&mut parts, c, place.is_quoted()),
            }
        }
        Ok(parts)
    }

    /// What follows a backslash.
    fn escape(&mut self, place: Place, parts: &mut EcoVec<Part>) {
        let Some(c) = self.peek() else {
            push(parts, '\\', true);
            return;
        };
        if c == '\n' {
            self.next();
            return;
        }
        let escapes = match place {
            Place::Word | Place::Braced(_) | Place::Regex => true,
            Place::Double => matches!(c, '$' | '`' | '"' | '\\'),
            Place::BracedDouble(_) => matches!(c, '$' | '`' | '"' | '\\' | '}'),
            Place::Text => matches!(c, '$' | '`' | '\\'),
        };
        if escapes {
            self.next();
            push(parts, c, true);
        } else {
            push(parts, '\\', true);
        }
    }

    /// Everything up to a single quote.
    fn until_quote(&mut self, quote: char) -> Result<EcoString, SyntaxError> {
        let line = self.line;
        let mut text = EcoString::new();
        loop {
            match self.next() {
                Some(c) if c == quote => return Ok(text),
                Some(c) => text.push(c),
                None => return Err(self.missing(quote, line)),
            }
        }
    }

    /// What follows a `$`.
    fn dollar(&mut self, place: Place, parts: &mut EcoVec<Part>) -> Result<(), SyntaxError> {
        let plain = |name: EcoString| Part::Param(Param { name, index: None, indirect: false, op: ParamOp::Plain });
        match self.peek() {
            Some('(') => {
                self.next();
                let part = self.parenthesized()?;
                parts.push(part);
            }
            Some('{') => {
                self.next();
                let quoted = place.is_quoted();
                let param = self.deeper(|parser| parser.braced(quoted))?;
                parts.push(Part::Param(param));
            }
            Some('\'') if !place.is_quoted() => {
                self.next();
                let text = self.ansi_quoted()?;
                parts.push(Part::Quoted(text));
            }
            Some('"') if !place.is_quoted() => {}
            Some(c) if c == '_' || c.is_ascii_alphabetic() => {
                let name = self.name();
                parts.push(plain(name));
            }
            Some(c @ ('0'..='9' | '@' | '*' | '#' | '?' | '-' | '$' | '!')) => {
                self.next();
                parts.push(plain(c.into()));
            }
            _ => push(parts, '$', place.is_quoted()),
        }
        Ok(())
    }

    /// A variable's name.
    pub(super) fn name(&mut self) -> EcoString {
        let mut name = EcoString::new();
        while let Some(c) = self.peek().filter(|c| *c == '_' || c.is_ascii_alphanumeric()) {
            name.push(c);
            self.next();
        }
        name
    }

    /// After `$(`: arithmetic if it is another parenthesis that ends with two, else commands.
    fn parenthesized(&mut self) -> Result<Part, SyntaxError> {
        if self.peek() == Some('(')
            && let Some(text) = self.arithmetic_text()?
        {
            return self.arithmetic(&text).map(Part::Arith);
        }
        self.nested_list().map(Part::Command)
    }

    /// At the second of two parentheses: takes what is between both pairs, if it is arithmetic.
    pub(super) fn arithmetic_text(&mut self) -> Result<Option<String>, SyntaxError> {
        let line = self.line;
        let mut ahead = String::new();
        let (mut nesting, mut quote, mut escaped) = (0_u32, None, false);
        let Some(end) = self.scan(|c| {
            ahead.push(c);
            match (c, quote) {
                _ if escaped => escaped = false,
                ('\\', _) => escaped = true,
                (_, Some(open)) if c == open => quote = None,
                (_, Some(_)) => {}
                ('\'' | '"' | '`', None) => quote = Some(c),
                ('(', None) => nesting += 1,
                (')', None) => nesting -= 1,
                _ => {}
            }
            nesting == 0
        }) else {
            return Err(self.missing(')', line));
        };
        // `ahead` is now `(…)`; arithmetic has one more behind it.
        if self.char_at(end) != Some(')') {
            return if self.char_at(end).is_none() && !self.at_end { Err(self.missing(')', line)) } else { Ok(None) };
        }
        for _ in 0..=ahead.chars().count() {
            self.next();
        }
        Ok(Some(ahead[1..ahead.len() - 1].to_string()))
    }

    /// Looks ahead until `done`; answers the offset behind that character.
    fn scan(&mut self, mut done: impl FnMut(char) -> bool) -> Option<usize> {
        let rest = self.ahead();
        rest.char_indices().find(|(_, c)| done(*c)).map(|(at, c)| at + c.len_utf8())
    }

    fn char_at(&mut self, offset: usize) -> Option<char> {
        self.ahead()[offset..].chars().next()
    }

    /// Arithmetic with the expansions in it.
    pub(super) fn arithmetic(&mut self, text: &str) -> Result<Word, SyntaxError> {
        let (line, aliases) = (self.line, self.aliases);
        self.deeper(|parser| {
            let mut inner = Parser::new(text, line, aliases, true);
            inner.depth = parser.depth;
            inner.whole_text()
        })
    }

    /// Commands up to a closing parenthesis, which is taken.
    pub(super) fn nested_list(&mut self) -> Result<List, SyntaxError> {
        let saved = (
            std::mem::take(&mut self.peeked),
            std::mem::take(&mut self.pending),
            std::mem::take(&mut self.follows_separator),
            (self.token_start, self.token_line, self.last_end, self.alias_next),
        );
        let first = self.documents.len();
        let result = self.deeper(|parser| {
            let list = parser.optional_list(&[")"])?;
            if !parser.eat_operator(")")? {
                return parser.unexpected();
            }
            Ok(list)
        });
        let mut list = result.map_err(|error| match error {
            SyntaxError::Incomplete(Need::More) => self.missing(')', self.line + 1),
            other => other,
        })?;
        self.place_documents(&mut list, first);
        (
            self.peeked,
            self.pending,
            self.follows_separator,
            (self.token_start, self.token_line, self.last_end, self.alias_next),
        ) = saved;
        Ok(list)
    }

    /// After a backquote: commands up to the next that is not escaped.
    fn backquoted(&mut self, quoted: bool) -> Result<List, SyntaxError> {
        let line = self.line;
        let mut text = String::new();
        loop {
            match self.next() {
                Some('`') => break,
                Some('\\') => match self.next() {
                    Some(c @ ('`' | '\\' | '$')) => text.push(c),
                    Some('"') if quoted => text.push('"'),
                    Some(c) => text.extend(['\\', c]),
                    None => return Err(self.missing('`', line)),
                },
                Some(c) => text.push(c),
                None => return Err(self.missing('`', line)),
            }
        }
        let aliases = self.aliases;
        self.deeper(|parser| {
            let mut inner = Parser::new(&text, line, aliases, true);
            inner.depth = parser.depth;
            inner.whole_list()
        })
    }

    /// `$'…'`
    fn ansi_quoted(&mut self) -> Result<EcoString, SyntaxError> {
        let line = self.line;
        let mut raw = String::new();
        loop {
            match self.next() {
                Some('\'') => return Ok(unescape(&raw, false).0.into()),
                Some('\\') => {
                    raw.push('\\');
                    raw.extend(self.next());
                }
                Some(c) => raw.push(c),
                None => return Err(self.missing('\'', line)),
            }
        }
    }
}

/// Reads C's escapes, as `$'…'`, `echo -e` and `printf` have them. The second answer says whether `\c` asked to stop.
/// With `echo`, an octal number begins with a zero.
pub(crate) fn unescape(text: &str, echo: bool) -> (String, bool) {
    let mut bytes = Vec::new();
    let mut chars = text.chars().peekable();
    let number = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>, radix: u32, most: usize| {
        let mut value = None;
        for _ in 0..most {
            let Some(digit) = chars.peek().and_then(|c| c.to_digit(radix)) else { break };
            chars.next();
            value = Some(value.unwrap_or(0) * radix + digit);
        }
        value
    };
    while let Some(c) = chars.next() {
        if c != '\\' {
            bytes.extend(c.to_string().bytes());
            continue;
        }
        match chars.next() {
            Some('n') => bytes.push(b'\n'),
            Some('t') => bytes.push(b'\t'),
            Some('r') => bytes.push(b'\r'),
            Some('a') => bytes.push(7),
            Some('b') => bytes.push(8),
            Some('e' | 'E') => bytes.push(27),
            Some('f') => bytes.push(12),
            Some('v') => bytes.push(11),
            Some('\\') => bytes.push(b'\\'),
            Some('c') if echo => return (String::from_utf8_lossy(&bytes).into_owned(), true),
            Some(c @ ('\'' | '"' | '?')) if !echo => bytes.extend(c.to_string().bytes()),
            Some('0') if echo => bytes.push(number(&mut chars, 8, 3).unwrap_or(0) as u8),
            Some(c @ '0'..='7') if !echo => {
                let first = c.to_digit(8).unwrap_or(0);
                let mut value = first;
                for _ in 0..2 {
                    let Some(digit) = chars.peek().and_then(|c| c.to_digit(8)) else { break };
                    chars.next();
                    value = value * 8 + digit;
                }
                bytes.push(value as u8);
            }
            Some('x') => match number(&mut chars, 16, 2) {
                Some(value) => bytes.push(value as u8),
                None => bytes.extend(b"\\x"),
            },
            Some(c @ ('u' | 'U')) => match number(&mut chars, 16, if c == 'u' { 4 } else { 8 }) {
                Some(value) => bytes.extend(char::from_u32(value).unwrap_or('\u{fffd}').to_string().bytes()),
                None => bytes.extend(['\\', c].iter().collect::<String>().bytes()),
            },
            Some(c) => bytes.extend(['\\', c].iter().collect::<String>().bytes()),
            None => bytes.push(b'\\'),
        }
    }
    (String::from_utf8_lossy(&bytes).into_owned(), false)
}
