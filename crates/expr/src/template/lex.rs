//! Cuts a template into tokens.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    LeftDelim,
    RightDelim,
    LeftParen,
    RightParen,
    Space,
    Dot,
    Field,
    Variable,
    Identifier,
    Keyword,
    Bool,
    Number,
    CharConstant,
    String,
    RawString,
    Pipe,
    Assign,
    Declare,
    Char,
    Error,
    End,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
    /// The byte it begins at.
    pub(super) at: usize,
    pub(super) line: usize,
}

const KEYWORDS: [&str; 11] =
    ["block", "break", "continue", "define", "else", "end", "if", "nil", "range", "template", "with"];

/// All tokens; the last one is the end, or an error with its message as text.
// Models go/src/text/template/parse/lex.go
pub(super) fn lex(input: &str) -> Vec<Token> {
    let mut lexer = Lexer { input, at: 0, start: 0, line: 1, tokens: Vec::new() };
    if let Err(message) = lexer.run() {
        lexer.push(Kind::Error, message);
    } else {
        lexer.push(Kind::End, String::new());
    }
    lexer.tokens
}

struct Lexer<'a> {
    input: &'a str,
    at: usize,
    start: usize,
    /// Where the present token begins.
    line: usize,
    tokens: Vec<Token>,
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn trims_left(text: &str) -> bool {
    text.strip_prefix('-').and_then(|rest| rest.chars().next()).is_some_and(is_space)
}

fn trims_right(text: &str) -> bool {
    text.chars().next().is_some_and(is_space) && text[1..].starts_with("-}}")
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.input[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn push(&mut self, kind: Kind, text: String) {
        self.tokens.push(Token { kind, text, at: self.start, line: self.line });
    }

    fn skip(&mut self) {
        self.line += self.input[self.start..self.at].matches('\n').count();
        self.start = self.at;
    }

    fn emit(&mut self, kind: Kind) {
        let text = self.input[self.start..self.at].to_owned();
        self.push(kind, text);
        self.skip();
    }

    fn run(&mut self) -> Result<(), String> {
        loop {
            let Some(length) = self.rest().find("{{") else {
                self.at = self.input.len();
                if self.at > self.start {
                    self.emit(Kind::Text);
                }
                return Ok(());
            };
            self.at += length;
            let trimmed = trims_left(&self.rest()[2..]);
            let text = &self.input[self.start..self.at];
            let kept = if trimmed { text.trim_end_matches(is_space) } else { text };
            if !kept.is_empty() {
                self.push(Kind::Text, kept.to_owned());
            }
            self.skip();
            let after = if trimmed { 4 } else { 2 };
            if self.rest()[after..].starts_with("/*") {
                self.at += after;
                self.comment()?;
                continue;
            }
            self.at += 2;
            self.emit(Kind::LeftDelim);
            if trimmed {
                self.at += 2;
                self.skip();
            }
            self.action()?;
        }
    }

    fn comment(&mut self) -> Result<(), String> {
        let Some(length) = self.rest().find("*/") else { return Err("unclosed comment".into()) };
        self.at += length + 2;
        if trims_right(self.rest()) {
            self.at += 4;
            self.skip_space();
        } else if self.rest().starts_with("}}") {
            self.at += 2;
        } else {
            return Err("comment ends before closing delimiter".into());
        }
        self.skip();
        Ok(())
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.next();
        }
        self.skip();
    }

    /// Everything up to and including the right delimiter.
    fn action(&mut self) -> Result<(), String> {
        let mut parens = 0;
        loop {
            let trims = trims_right(self.rest());
            if trims || self.rest().starts_with("}}") {
                if parens > 0 {
                    return Err("unclosed left paren".into());
                }
                if trims {
                    self.at += 2;
                    self.skip();
                }
                self.at += 2;
                self.emit(Kind::RightDelim);
                if trims {
                    self.skip_space();
                }
                return Ok(());
            }
            match self.next() {
                None => return Err("unclosed action".into()),
                Some(c) if is_space(c) => self.space(),
                Some('=') => self.emit(Kind::Assign),
                Some(':') if self.next() == Some('=') => self.emit(Kind::Declare),
                Some(':') => return Err("expected :=".into()),
                Some('|') => self.emit(Kind::Pipe),
                Some('"') => self.quoted('"', Kind::String, "unterminated quoted string")?,
                Some('\'') => self.quoted('\'', Kind::CharConstant, "unterminated character constant")?,
                Some('`') => {
                    let Some(length) = self.rest().find('`') else {
                        return Err("unterminated raw quoted string".into());
                    };
                    self.at += length + 1;
                    self.emit(Kind::RawString);
                }
                Some('$') => self.name(Kind::Variable, Kind::Variable)?,
                Some('.') if !self.peek().is_some_and(|c| c.is_ascii_digit()) => {
                    self.name(Kind::Field, Kind::Dot)?;
                }
                Some(c) if matches!(c, '.' | '+' | '-') || c.is_ascii_digit() => self.number()?,
                Some(c) if is_word(c) => self.identifier()?,
                Some('(') => {
                    parens += 1;
                    self.emit(Kind::LeftParen);
                }
                Some(')') if parens == 0 => return Err("unexpected right paren".into()),
                Some(')') => {
                    parens -= 1;
                    self.emit(Kind::RightParen);
                }
                Some(c) if c.is_ascii_graphic() => self.emit(Kind::Char),
                Some(c) => {
                    return Err(format!("unrecognized character in action: {}", code_point(Some(c))));
                }
            }
        }
    }

    /// Blanks, but for the one that belongs to a trimming right delimiter.
    fn space(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.next();
        }
        if trims_right(&self.input[self.at - 1..]) && self.at - self.start > 1 {
            self.at -= 1;
        }
        if self.at > self.start {
            self.emit(Kind::Space);
        }
    }

    fn quoted(&mut self, quote: char, kind: Kind, open: &str) -> Result<(), String> {
        loop {
            match self.next() {
                Some('\\') if self.peek().is_some_and(|c| c != '\n') => {
                    self.next();
                }
                None | Some('\n' | '\\') => return Err(open.into()),
                Some(c) if c == quote => break,
                Some(_) => {}
            }
        }
        self.emit(kind);
        Ok(())
    }

    /// A field or variable, after its first character.
    fn name(&mut self, kind: Kind, bare: Kind) -> Result<(), String> {
        if self.at_terminator() {
            self.emit(bare);
            return Ok(());
        }
        self.word()?;
        self.emit(kind);
        Ok(())
    }

    fn word(&mut self) -> Result<(), String> {
        while self.peek().is_some_and(is_word) {
            self.next();
        }
        if self.at_terminator() { Ok(()) } else { Err(format!("bad character {}", code_point(self.peek()))) }
    }

    fn identifier(&mut self) -> Result<(), String> {
        self.word()?;
        let word = &self.input[self.start..self.at];
        let kind = match word {
            "true" | "false" => Kind::Bool,
            word if KEYWORDS.contains(&word) => Kind::Keyword,
            _ => Kind::Identifier,
        };
        self.emit(kind);
        Ok(())
    }

    fn at_terminator(&self) -> bool {
        let ends = |c: char| is_space(c) || matches!(c, '.' | ',' | '|' | ':' | ')' | '(');
        self.peek().is_none_or(ends) || self.rest().starts_with("}}")
    }

    fn number(&mut self) -> Result<(), String> {
        let text = &self.input[self.start..];
        let unsigned = text.trim_start_matches(['+', '-']);
        let signs = (text.len() - unsigned.len()).min(1);
        let lower = text[signs..].get(..2).unwrap_or_default().to_ascii_lowercase();
        let (prefix, digits): (usize, fn(char) -> bool) = match lower.as_str() {
            "0x" => (2, |c| c.is_ascii_hexdigit() || c == '_'),
            "0o" => (2, |c| matches!(c, '0'..='7' | '_')),
            "0b" => (2, |c| matches!(c, '0' | '1' | '_')),
            _ => (0, |c| c.is_ascii_digit() || c == '_'),
        };
        self.at = self.start + signs + prefix;
        let run = |lexer: &mut Self| {
            while lexer.peek().is_some_and(digits) {
                lexer.next();
            }
        };
        run(self);
        if self.peek() == Some('.') {
            self.next();
            run(self);
        }
        if prefix == 0 && matches!(self.peek(), Some('e' | 'E')) {
            self.next();
            if matches!(self.peek(), Some('+' | '-')) {
                self.next();
            }
            run(self);
        }
        if self.peek().is_some_and(is_word) {
            self.next();
            let text = podyard_api::gostr::quote(&self.input[self.start..self.at]);
            return Err(format!("bad number syntax: {text}"));
        }
        self.emit(Kind::Number);
        Ok(())
    }
}

fn code_point(c: Option<char>) -> String {
    let c = c.unwrap_or_default();
    format!("U+{:04X} '{c}'", u32::from(c))
}
