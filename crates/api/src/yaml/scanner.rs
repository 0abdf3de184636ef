//! YAML 1.1 text into tokens, with the errors of libyaml, which Kubernetes' YAML library is a port of.
// Models sigs.k8s.io/yaml/goyaml.v2/scannerc.go

use std::collections::VecDeque;

/// How deep collections may nest.
pub(super) const MAX_DEPTH: usize = 1000;

/// A place in the text; all counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// In characters.
    pub index: usize,
    pub line: usize,
    /// In characters.
    pub column: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub start: Mark,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    StreamEnd,
    VersionDirective(u32, u32),
    TagDirective(String, String),
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    /// Handle and suffix.
    Tag(String, String),
    /// The text, and whether it was without quotes.
    Scalar(String, bool),
}

/// What is wrong, where, and where that began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub message: String,
    pub mark: Mark,
    pub context: Mark,
    pub origin: Origin,
}

/// Which part of the library found a problem; each counts lines in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// From 1.
    Scanner,
    /// From 0.
    Parser,
    /// Not at all.
    Composer,
}

type Result<T> = std::result::Result<T, Problem>;

/// A token that may turn out to be a mapping's key.
#[derive(Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    number: usize,
    mark: Mark,
}

pub(super) struct Scanner<'t> {
    pub(super) text: &'t [u8],
    /// In bytes.
    pub(super) at: usize,
    pub(super) mark: Mark,
    tokens: VecDeque<Token>,
    taken: usize,
    done: bool,
    pub(super) indent: isize,
    indents: Vec<isize>,
    pub(super) simple_key_allowed: bool,
    simple_keys: Vec<SimpleKey>,
    pub(super) flow_level: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text: text.as_bytes(),
            at: 0,
            mark: Mark::default(),
            tokens: VecDeque::new(),
            taken: 0,
            done: false,
            indent: -1,
            indents: Vec::new(),
            simple_key_allowed: true,
            simple_keys: vec![SimpleKey::default()],
            flow_level: 0,
        }
    }

    /// The next token, which stays.
    pub(super) fn peek(&mut self) -> Result<&Token> {
        static END: Token = Token { kind: TokenKind::StreamEnd, start: Mark { index: 0, line: 0, column: 0 } };
        self.fetch_more()?;
        Ok(self.tokens.front().unwrap_or(&END))
    }

    /// Takes the next token.
    pub(super) fn next(&mut self) -> Result<Token> {
        self.fetch_more()?;
        let end = Token { kind: TokenKind::StreamEnd, start: self.mark };
        if self.tokens.len() == 1 && self.done {
            // The end of the stream stays.
            return Ok(self.tokens.front().cloned().unwrap_or(end));
        }
        self.taken += 1;
        Ok(self.tokens.pop_front().unwrap_or(end))
    }

    fn fetch_more(&mut self) -> Result<()> {
        loop {
            if !self.tokens.is_empty() {
                // A key may have to be put before the first token.
                let head = self.simple_keys.iter().position(|key| key.possible && key.number == self.taken);
                let Some(index) = head else { return Ok(()) };
                if !self.is_valid(index)? {
                    return Ok(());
                }
            }
            if self.done {
                return Ok(());
            }
            self.fetch_next()?;
        }
    }

    fn fetch_next(&mut self) -> Result<()> {
        self.skip_to_next_token();
        self.unroll_indent(self.mark.column as isize);
        if self.at_end(0) {
            return self.fetch_stream_end();
        }
        let c = self.byte(0);
        if self.mark.column == 0 {
            match c {
                b'%' => return self.fetch_directive(),
                b'-' if self.at_document_indicator() => return self.fetch_document(TokenKind::DocumentStart),
                b'.' if self.at_document_indicator() => return self.fetch_document(TokenKind::DocumentEnd),
                _ => {}
            }
        }
        match c {
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if self.at_blank_or_end(1) => self.fetch_block_entry(),
            b'?' if self.flow_level > 0 || self.at_blank_or_end(1) => self.fetch_key(),
            b':' if self.flow_level > 0 || self.at_blank_or_end(1) => self.fetch_value(),
            b'*' | b'&' => self.fetch_anchor(c == b'*'),
            b'!' => self.fetch_tag(),
            b'|' | b'>' if self.flow_level == 0 => self.fetch_block_scalar(c == b'|'),
            b'\'' | b'"' => self.fetch_flow_scalar(c == b'\''),
            _ if self.begins_plain_scalar(c) => self.fetch_plain_scalar(),
            _ => self.fail("found character that cannot start any token", self.mark),
        }
    }

    fn begins_plain_scalar(&self, c: u8) -> bool {
        let indicator = self.at_blank_or_end(0) || b"-?:,[]{}#&*!|>'\"%@`".contains(&c);
        !indicator
            || (c == b'-' && !self.at_blank(1))
            || (self.flow_level == 0 && matches!(c, b'?' | b':') && !self.at_blank_or_end(1))
    }

    pub(super) fn fail<T>(&self, message: &str, context: Mark) -> Result<T> {
        Err(Problem { message: message.into(), mark: self.mark, context, origin: Origin::Scanner })
    }

    // Simple keys: a token is a key if `:` follows on its line within 1024 characters.

    fn is_valid(&mut self, index: usize) -> Result<bool> {
        let key = self.simple_keys[index];
        if !key.possible {
            return Ok(false);
        }
        if key.mark.line < self.mark.line || key.mark.index + 1024 < self.mark.index {
            if key.required {
                return self.fail("could not find expected ':'", key.mark);
            }
            self.simple_keys[index].possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    fn save_simple_key(&mut self) -> Result<()> {
        let required = self.flow_level == 0 && self.indent == self.mark.column as isize;
        if !self.simple_key_allowed {
            return Ok(());
        }
        let number = self.taken + self.tokens.len();
        self.remove_simple_key()?;
        if let Some(last) = self.simple_keys.last_mut() {
            *last = SimpleKey { possible: true, required, number, mark: self.mark };
        }
        Ok(())
    }

    fn remove_simple_key(&mut self) -> Result<()> {
        let Some(last) = self.simple_keys.last_mut() else { return Ok(()) };
        let key = *last;
        if key.possible && key.required {
            return self.fail("could not find expected ':'", key.mark);
        }
        last.possible = false;
        Ok(())
    }

    // Indentation: a deeper column opens a block collection, a lesser one closes it.

    fn roll_indent(&mut self, column: usize, number: Option<usize>, kind: TokenKind, mark: Mark) -> Result<()> {
        if self.flow_level > 0 || self.indent >= column as isize {
            return Ok(());
        }
        if self.indents.len() >= MAX_DEPTH {
            return self.fail(&format!("exceeded max depth of {MAX_DEPTH}"), self.mark);
        }
        self.indents.push(self.indent);
        self.indent = column as isize;
        self.insert(number, Token { kind, start: mark });
        Ok(())
    }

    fn unroll_indent(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.push(TokenKind::BlockEnd, self.mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn push(&mut self, kind: TokenKind, start: Mark) {
        self.tokens.push_back(Token { kind, start });
    }

    /// Puts a token before the one with a number, or at the end.
    fn insert(&mut self, number: Option<usize>, token: Token) {
        let index = number.map_or(self.tokens.len(), |number| number.saturating_sub(self.taken));
        self.tokens.insert(index.min(self.tokens.len()), token);
    }

    // One function for each kind of token.

    fn fetch_stream_end(&mut self) -> Result<()> {
        if self.mark.column != 0 {
            self.mark.column = 0;
            self.mark.line += 1;
        }
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push(TokenKind::StreamEnd, self.mark);
        self.done = true;
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        let kind = self.scan_directive()?;
        self.push(kind, start);
        Ok(())
    }

    fn fetch_document(&mut self, kind: TokenKind) -> Result<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push(kind, self.mark);
        (0..3).for_each(|_| self.skip());
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind) -> Result<()> {
        self.save_simple_key()?;
        if self.flow_level >= MAX_DEPTH {
            return self.fail(&format!("exceeded max depth of {MAX_DEPTH}"), self.mark);
        }
        self.simple_keys.push(SimpleKey::default());
        self.flow_level += 1;
        self.simple_key_allowed = true;
        self.push(kind, self.mark);
        self.skip();
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind) -> Result<()> {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            self.simple_keys.pop();
        }
        self.simple_key_allowed = false;
        self.push(kind, self.mark);
        self.skip();
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<()> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push(TokenKind::FlowEntry, self.mark);
        self.skip();
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<()> {
        // In a flow collection the parser complains.
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.fail("block sequence entries are not allowed in this context", self.mark);
            }
            self.roll_indent(self.mark.column, None, TokenKind::BlockSequenceStart, self.mark)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push(TokenKind::BlockEntry, self.mark);
        self.skip();
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.fail("mapping keys are not allowed in this context", self.mark);
            }
            self.roll_indent(self.mark.column, None, TokenKind::BlockMappingStart, self.mark)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.push(TokenKind::Key, self.mark);
        self.skip();
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<()> {
        let last = self.simple_keys.len() - 1;
        if self.is_valid(last)? {
            let key = self.simple_keys[last];
            self.insert(Some(key.number), Token { kind: TokenKind::Key, start: key.mark });
            self.roll_indent(key.mark.column, Some(key.number), TokenKind::BlockMappingStart, key.mark)?;
            self.simple_keys[last].possible = false;
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    return self.fail("mapping values are not allowed in this context", self.mark);
                }
                self.roll_indent(self.mark.column, None, TokenKind::BlockMappingStart, self.mark)?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.push(TokenKind::Value, self.mark);
        self.skip();
        Ok(())
    }

    fn fetch_anchor(&mut self, alias: bool) -> Result<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        self.skip();
        let from = self.at;
        while self.byte(0).is_ascii_alphanumeric() || matches!(self.byte(0), b'_' | b'-') {
            self.skip();
        }
        let name = self.slice(from);
        if name.is_empty() || !(self.at_blank_or_end(0) || b"?:,]}%@`".contains(&self.byte(0))) {
            return self.fail("did not find expected alphabetic or numeric character", start);
        }
        self.push(if alias { TokenKind::Alias(name) } else { TokenKind::Anchor(name) }, start);
        Ok(())
    }

    fn fetch_tag(&mut self) -> Result<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        let kind = self.scan_tag()?;
        self.push(kind, start);
        Ok(())
    }

    fn fetch_block_scalar(&mut self, literal: bool) -> Result<()> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        let start = self.mark;
        let text = self.scan_block_scalar(literal)?;
        self.push(TokenKind::Scalar(text, false), start);
        Ok(())
    }

    fn fetch_flow_scalar(&mut self, single: bool) -> Result<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        let text = self.scan_flow_scalar(single)?;
        self.push(TokenKind::Scalar(text, false), start);
        Ok(())
    }

    fn fetch_plain_scalar(&mut self) -> Result<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        let text = self.scan_plain_scalar()?;
        self.push(TokenKind::Scalar(text, true), start);
        Ok(())
    }

    fn skip_to_next_token(&mut self) {
        loop {
            if self.mark.column == 0 && self.text[self.at..].starts_with("\u{feff}".as_bytes()) {
                self.skip();
            }
            while self.byte(0) == b' ' || ((self.flow_level > 0 || !self.simple_key_allowed) && self.byte(0) == b'\t') {
                self.skip();
            }
            if self.byte(0) == b'#' {
                while !self.at_break_or_end(0) {
                    self.skip();
                }
            }
            if !self.at_break(0) {
                return;
            }
            self.skip_line();
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    // Characters.

    /// A byte ahead; 0 at the end, which no text contains.
    pub(super) fn byte(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or_default()
    }

    pub(super) fn at_end(&self, ahead: usize) -> bool {
        self.at + ahead >= self.text.len()
    }

    pub(super) fn at_blank(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), b' ' | b'\t')
    }

    pub(super) fn at_break(&self, ahead: usize) -> bool {
        self.break_length(ahead) > 0
    }

    pub(super) fn at_break_or_end(&self, ahead: usize) -> bool {
        self.at_end(ahead) || self.at_break(ahead)
    }

    pub(super) fn at_blank_or_end(&self, ahead: usize) -> bool {
        self.at_blank(ahead) || self.at_break_or_end(ahead)
    }

    /// `---` or `...` in the first column.
    pub(super) fn at_document_indicator(&self) -> bool {
        let rest = &self.text[self.at..];
        self.mark.column == 0 && (rest.starts_with(b"---") || rest.starts_with(b"...")) && self.at_blank_or_end(3)
    }

    /// The bytes of a line break; 0 if there is none.
    fn break_length(&self, ahead: usize) -> usize {
        match self.text.get(self.at + ahead..).unwrap_or_default() {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            [0xc2, 0x85, ..] => 2,
            [0xe2, 0x80, 0xa8 | 0xa9, ..] => 3,
            _ => 0,
        }
    }

    /// Passes one character.
    pub(super) fn skip(&mut self) {
        let width = match self.byte(0) {
            0..0x80 => 1,
            0x80..0xe0 => 2,
            0xe0..0xf0 => 3,
            0xf0.. => 4,
        };
        self.at = (self.at + width).min(self.text.len());
        self.mark.index += 1;
        self.mark.column += 1;
    }

    /// Passes one line break.
    pub(super) fn skip_line(&mut self) {
        let length = self.break_length(0);
        self.at += length;
        self.mark.index += if self.text[..self.at].ends_with(b"\r\n") { 2 } else { 1 };
        self.mark.column = 0;
        self.mark.line += 1;
    }

    /// What was passed since `from`.
    pub(super) fn slice(&self, from: usize) -> String {
        String::from_utf8_lossy(&self.text[from..self.at]).into_owned()
    }

    /// Takes one character.
    pub(super) fn read(&mut self, into: &mut String) {
        let from = self.at;
        self.skip();
        into.push_str(std::str::from_utf8(&self.text[from..self.at]).unwrap_or_default());
    }

    /// Takes one line break, if there is one; all but the Unicode separators become `\n`.
    pub(super) fn read_line(&mut self, into: &mut String) {
        let from = self.at;
        if !self.at_break(0) {
            return;
        }
        self.skip_line();
        match self.text[from] {
            0xe2 => into.push_str(std::str::from_utf8(&self.text[from..self.at]).unwrap_or_default()),
            _ => into.push('\n'),
        }
    }
}
