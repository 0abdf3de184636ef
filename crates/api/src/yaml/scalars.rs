//! Scanning scalars, tags and directives.
// Models sigs.k8s.io/yaml/goyaml.v2/scannerc.go

use super::scanner::{Mark, Problem, Scanner, TokenKind};

type Result<T> = std::result::Result<T, Problem>;

/// White space between two parts of a scalar, of which folding decides what stays.
#[derive(Default)]
struct Gap {
    blanks: String,
    first_break: String,
    more_breaks: String,
    broken: bool,
}

impl Gap {
    /// Adds what stays of the white space, and begins anew.
    fn fold_into(&mut self, text: &mut String) {
        if !self.broken {
            text.push_str(&self.blanks);
        } else if self.first_break.starts_with('\n') && self.more_breaks.is_empty() {
            text.push(' ');
        } else {
            if !self.first_break.starts_with('\n') {
                text.push_str(&self.first_break);
            }
            text.push_str(&self.more_breaks);
        }
        *self = Self::default();
    }

    fn is_empty(&self) -> bool {
        !self.broken && self.blanks.is_empty()
    }
}

impl Scanner<'_> {
    pub(super) fn scan_plain_scalar(&mut self) -> Result<String> {
        let start = self.mark;
        let indent = self.indent + 1;
        let mut text = String::new();
        let mut gap = Gap::default();
        while !self.at_document_indicator() && self.byte(0) != b'#' {
            while !self.at_blank_or_end(0) && !self.ends_plain_scalar() {
                if !gap.is_empty() {
                    gap.fold_into(&mut text);
                }
                self.read(&mut text);
            }
            if !(self.at_blank(0) || self.at_break(0)) {
                break;
            }
            while self.at_blank(0) || self.at_break(0) {
                if gap.broken && (self.mark.column as isize) < indent && self.byte(0) == b'\t' {
                    return self.fail("found a tab character that violates indentation", start);
                }
                self.read_gap(&mut gap);
            }
            if self.flow_level == 0 && (self.mark.column as isize) < indent {
                break;
            }
        }
        if gap.broken {
            self.simple_key_allowed = true;
        }
        Ok(text)
    }

    fn ends_plain_scalar(&self) -> bool {
        let c = self.byte(0);
        (c == b':' && self.at_blank_or_end(1)) || (self.flow_level > 0 && b",?[]{}".contains(&c))
    }

    /// Takes one blank or line break.
    fn read_gap(&mut self, gap: &mut Gap) {
        if self.at_blank(0) {
            if gap.broken { self.skip() } else { self.read(&mut gap.blanks) }
        } else if gap.broken {
            self.read_line(&mut gap.more_breaks);
        } else {
            gap.blanks.clear();
            self.read_line(&mut gap.first_break);
            gap.broken = true;
        }
    }

    pub(super) fn scan_flow_scalar(&mut self, single: bool) -> Result<String> {
        let start = self.mark;
        let quote = if single { b'\'' } else { b'"' };
        let mut text = String::new();
        self.skip();
        loop {
            if self.at_document_indicator() {
                return self.fail("found unexpected document indicator", start);
            }
            if self.at_end(0) {
                return self.fail("found unexpected end of stream", start);
            }
            let mut gap = Gap::default();
            while !self.at_blank_or_end(0) {
                match self.byte(0) {
                    b'\'' if single && self.byte(1) == b'\'' => {
                        text.push('\'');
                        self.skip();
                        self.skip();
                    }
                    c if c == quote => break,
                    b'\\' if !single && self.at_break(1) => {
                        self.skip();
                        self.skip_line();
                        gap.broken = true;
                        break;
                    }
                    b'\\' if !single => text.push(self.scan_escape(start)?),
                    _ => self.read(&mut text),
                }
            }
            if self.byte(0) == quote {
                break;
            }
            while self.at_blank(0) || self.at_break(0) {
                self.read_gap(&mut gap);
            }
            // After an escaped line break there is no first one to fold.
            gap.fold_into(&mut text);
        }
        self.skip();
        Ok(text)
    }

    fn scan_escape(&mut self, start: Mark) -> Result<char> {
        let digits = match self.byte(1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            _ => 0,
        };
        let plain = match self.byte(1) {
            b'0' => '\0',
            b'a' => '\u{7}',
            b'b' => '\u{8}',
            b't' | b'\t' => '\t',
            b'n' => '\n',
            b'v' => '\u{b}',
            b'f' => '\u{c}',
            b'r' => '\r',
            b'e' => '\u{1b}',
            c @ (b' ' | b'"' | b'\'' | b'/' | b'\\') => char::from(c),
            b'N' => '\u{85}',
            b'_' => '\u{a0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            _ if digits > 0 => '\0',
            _ => return self.fail("found unknown escape character", start),
        };
        self.skip();
        self.skip();
        if digits == 0 {
            return Ok(plain);
        }
        let mut code = 0_u32;
        for _ in 0..digits {
            let Some(digit) = char::from(self.byte(0)).to_digit(16) else {
                return self.fail("did not find expected hexdecimal number", start);
            };
            code = code.wrapping_mul(16).wrapping_add(digit);
            self.skip();
        }
        match char::from_u32(code) {
            Some(c) => Ok(c),
            None => self.fail("found invalid Unicode character escape code", start),
        }
    }

    pub(super) fn scan_block_scalar(&mut self, literal: bool) -> Result<String> {
        let start = self.mark;
        self.skip();
        let (chomping, increment) = self.scan_block_header(start)?;
        let mut indent = match increment {
            0 => 0,
            _ => self.indent.max(0) as usize + increment,
        };
        let (mut text, mut first_break, mut more_breaks) = (String::new(), String::new(), String::new());
        let mut after_blank = false;
        self.scan_block_breaks(&mut indent, &mut more_breaks, start)?;
        while self.mark.column == indent && !self.at_end(0) {
            let at_blank = self.at_blank(0);
            if !literal && first_break.starts_with('\n') && !after_blank && !at_blank {
                if more_breaks.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(&first_break);
            }
            first_break.clear();
            text.push_str(&more_breaks);
            more_breaks.clear();
            after_blank = at_blank;
            while !self.at_break_or_end(0) {
                self.read(&mut text);
            }
            self.read_line(&mut first_break);
            self.scan_block_breaks(&mut indent, &mut more_breaks, start)?;
        }
        if chomping != Some(b'-') {
            text.push_str(&first_break);
        }
        if chomping == Some(b'+') {
            text.push_str(&more_breaks);
        }
        Ok(text)
    }

    /// Chomping and indentation indicators, and the rest of their line.
    fn scan_block_header(&mut self, start: Mark) -> Result<(Option<u8>, usize)> {
        let (mut chomping, mut increment) = (None, 0);
        for _ in 0..2 {
            match self.byte(0) {
                c @ (b'+' | b'-') if chomping.is_none() => chomping = Some(c),
                b'0' if increment == 0 => return self.fail("found an indentation indicator equal to 0", start),
                c @ b'1'..=b'9' if increment == 0 => increment = usize::from(c - b'0'),
                _ => break,
            }
            self.skip();
        }
        while self.at_blank(0) {
            self.skip();
        }
        if self.byte(0) == b'#' {
            while !self.at_break_or_end(0) {
                self.skip();
            }
        }
        if !self.at_break_or_end(0) {
            return self.fail("did not find expected comment or line break", start);
        }
        if self.at_break(0) {
            self.skip_line();
        }
        Ok((chomping, increment))
    }

    /// Empty lines before or within a block scalar; finds its indentation if that is 0 yet.
    fn scan_block_breaks(&mut self, indent: &mut usize, breaks: &mut String, start: Mark) -> Result<()> {
        let mut deepest = 0;
        loop {
            while (*indent == 0 || self.mark.column < *indent) && self.byte(0) == b' ' {
                self.skip();
            }
            deepest = deepest.max(self.mark.column);
            if (*indent == 0 || self.mark.column < *indent) && self.byte(0) == b'\t' {
                return self.fail("found a tab character where an indentation space is expected", start);
            }
            if !self.at_break(0) {
                break;
            }
            self.read_line(breaks);
        }
        if *indent == 0 {
            *indent = deepest.max((self.indent + 1).max(1) as usize);
        }
        Ok(())
    }

    pub(super) fn scan_tag(&mut self) -> Result<TokenKind> {
        let start = self.mark;
        let (handle, suffix);
        if self.byte(1) == b'<' {
            self.skip();
            self.skip();
            (handle, suffix) = (String::new(), self.scan_tag_uri("", start)?);
            if self.byte(0) != b'>' {
                return self.fail("did not find the expected '>'", start);
            }
            self.skip();
        } else {
            let first = self.scan_tag_handle(start)?;
            if first.len() > 1 && first.ends_with('!') {
                (handle, suffix) = (first, self.scan_tag_uri("", start)?);
            } else {
                let rest = self.scan_tag_uri(&first, start)?;
                // The tag `!` alone has no handle.
                (handle, suffix) = if rest.is_empty() { (String::new(), "!".into()) } else { ("!".into(), rest) };
            }
        }
        let in_list = self.flow_level > 0 && self.byte(0) == b',';
        if !self.at_blank_or_end(0) && !in_list {
            return self.fail("did not find expected whitespace or line break", start);
        }
        Ok(TokenKind::Tag(handle, suffix))
    }

    fn scan_tag_handle(&mut self, start: Mark) -> Result<String> {
        if self.byte(0) != b'!' {
            return self.fail("did not find expected '!'", start);
        }
        let from = self.at;
        self.skip();
        while self.byte(0).is_ascii_alphanumeric() || matches!(self.byte(0), b'_' | b'-') {
            self.skip();
        }
        if self.byte(0) == b'!' {
            self.skip();
        }
        Ok(self.slice(from))
    }

    /// A tag's URI after `head`, of which the first character counts no more.
    fn scan_tag_uri(&mut self, head: &str, start: Mark) -> Result<String> {
        let mut text: String = head.chars().skip(1).collect();
        loop {
            match self.byte(0) {
                b'%' => {
                    let digit = |byte: u8| char::from(byte).to_digit(16);
                    let (Some(high), Some(low)) = (digit(self.byte(1)), digit(self.byte(2))) else {
                        return self.fail("did not find URI escaped octet", start);
                    };
                    text.push(char::from_u32(high * 16 + low).unwrap_or_default());
                    (0..3).for_each(|_| self.skip());
                }
                c if c.is_ascii_alphanumeric() || b"-_;/?:@&=+$.,!~*'()[]".contains(&c) => {
                    // In a flow collection these end it.
                    if self.flow_level > 0 && b",[]".contains(&c) {
                        break;
                    }
                    self.read(&mut text);
                }
                _ => break,
            }
        }
        if text.is_empty() && head.is_empty() {
            return self.fail("did not find expected tag URI", start);
        }
        Ok(text)
    }

    pub(super) fn scan_directive(&mut self) -> Result<TokenKind> {
        let start = self.mark;
        self.skip();
        let name = self.scan_word();
        if !name.is_empty() && !self.at_blank_or_end(0) {
            return self.fail("found unexpected non-alphabetical character", start);
        }
        let kind = match name.as_str() {
            "YAML" => {
                self.skip_blanks();
                let (major, minor) = (self.scan_number(start)?, {
                    if self.byte(0) != b'.' {
                        return self.fail("did not find expected digit or '.' character", start);
                    }
                    self.skip();
                    self.scan_number(start)?
                });
                TokenKind::VersionDirective(major, minor)
            }
            "TAG" => {
                self.skip_blanks();
                let handle = self.scan_tag_handle(start)?;
                self.skip_blanks();
                TokenKind::TagDirective(handle, self.scan_tag_uri("", start)?)
            }
            "" => return self.fail("could not find expected directive name", start),
            _ => return self.fail("found unknown directive name", start),
        };
        self.skip_blanks();
        if self.byte(0) == b'#' {
            while !self.at_break_or_end(0) {
                self.skip();
            }
        }
        if !self.at_break_or_end(0) {
            return self.fail("did not find expected comment or line break", start);
        }
        if self.at_break(0) {
            self.skip_line();
        }
        Ok(kind)
    }

    fn scan_word(&mut self) -> String {
        let from = self.at;
        while self.byte(0).is_ascii_alphanumeric() || matches!(self.byte(0), b'_' | b'-') {
            self.skip();
        }
        self.slice(from)
    }

    fn scan_number(&mut self, start: Mark) -> Result<u32> {
        let from = self.at;
        while self.byte(0).is_ascii_digit() {
            self.skip();
        }
        match self.slice(from).parse() {
            Ok(number) if self.at - from < 10 => Ok(number),
            Ok(_) => self.fail("found extremely long version number", start),
            Err(_) => self.fail("did not find expected version number", start),
        }
    }

    fn skip_blanks(&mut self) {
        while self.at_blank(0) {
            self.skip();
        }
    }
}
