//! `${…}`.

use ecow::EcoString;

use super::ast::{Index, Param, ParamOp, Word};
use super::word::Place;
use super::{Parser, SyntaxError};

impl Parser<'_> {
    /// After `${`.
    pub(super) fn braced(&mut self, quoted: bool) -> Result<Param, SyntaxError> {
        let line = self.line;
        let start = self.offset();
        match self.try_braced(quoted)? {
            Some(param) if self.eat('}') => Ok(param),
            Some(_) if self.peek().is_none() => Err(self.missing('}', line)),
            None if self.peek().is_none() => Err(self.missing('}', line)),
            _ => {
                // Bash reads on to the brace and complains when it comes to expanding.
                loop {
                    match self.next() {
                        Some('}') => break,
                        Some(_) => {}
                        None => return Err(self.missing('}', line)),
                    }
                }
                let text = format!("${{{}", self.slice(start, self.offset()));
                Ok(Param { name: text.into(), index: None, indirect: false, op: ParamOp::Bad })
            }
        }
    }

    fn try_braced(&mut self, quoted: bool) -> Result<Option<Param>, SyntaxError> {
        let is_name = |c: char| c == '_' || c.is_ascii_alphanumeric();
        let second = self.peek_second();
        if self.peek() == Some('#') && second.is_some_and(|c| is_name(c) || "@*".contains(c))
            || ["#?}", "#!}", "#-}", "#$}", "##}"].iter().any(|text| self.looking_at(text))
        {
            self.next();
            let Some((name, index)) = self.parameter()? else { return Ok(None) };
            return Ok(Some(Param { name, index, indirect: false, op: ParamOp::Length }));
        }
        let indirect = self.peek() == Some('!') && second.is_some_and(|c| is_name(c) || "@*#".contains(c));
        if indirect {
            self.next();
        }
        let Some((name, index)) = self.parameter()? else { return Ok(None) };
        if indirect {
            if matches!(index, Some(Index::At | Index::Star)) && self.peek() == Some('}') {
                return Ok(Some(Param { name, index, indirect: false, op: ParamOp::Keys }));
            }
            for (text, at) in [("*}", false), ("@}", true)] {
                if self.looking_at(text) {
                    self.next();
                    return Ok(Some(Param { name, index: None, indirect: false, op: ParamOp::Names(at) }));
                }
            }
        }
        let op = self.operation(quoted)?;
        Ok(op.map(|op| Param { name, index, indirect, op }))
    }

    /// A parameter's name and index.
    fn parameter(&mut self) -> Result<Option<(EcoString, Option<Index>)>, SyntaxError> {
        let name: EcoString = match self.peek() {
            Some(c) if c == '_' || c.is_ascii_alphabetic() => self.name(),
            Some('0'..='9') => {
                let mut digits = EcoString::new();
                while let Some(c) = self.peek().filter(char::is_ascii_digit) {
                    digits.push(c);
                    self.next();
                }
                digits
            }
            Some(c @ ('@' | '*' | '#' | '?' | '-' | '$' | '!')) => {
                self.next();
                c.into()
            }
            _ => return Ok(None),
        };
        if !self.eat('[') {
            return Ok(Some((name, None)));
        }
        let index = if self.looking_at("@]") {
            self.next();
            Index::At
        } else if self.looking_at("*]") {
            self.next();
            Index::Star
        } else {
            Index::Key(Word(self.parts(Place::Braced(&[']']))?))
        };
        Ok(self.eat(']').then_some((name, Some(index))))
    }

    fn operation(&mut self, quoted: bool) -> Result<Option<ParamOp>, SyntaxError> {
        let Some(c) = self.peek() else { return Ok(None) };
        if c == '}' {
            return Ok(Some(ParamOp::Plain));
        }
        self.next();
        Ok(Some(match c {
            ':' if self.peek().is_some_and(|c| "-=?+".contains(c)) => {
                let kind = self.next().unwrap_or('-');
                ParamOp::Default { kind, colon: true, word: self.value_word(quoted)? }
            }
            ':' => {
                let offset = Word(self.parts(Place::BracedDouble(&[':', '}']))?);
                let length = match self.eat(':') {
                    true => Some(Word(self.parts(Place::BracedDouble(&['}']))?)),
                    false => None,
                };
                ParamOp::Substring { offset, length }
            }
            '-' | '=' | '?' | '+' => ParamOp::Default { kind: c, colon: false, word: self.value_word(quoted)? },
            '#' => ParamOp::RemovePrefix { longest: self.eat('#'), pattern: self.pattern_word()? },
            '%' => ParamOp::RemoveSuffix { longest: self.eat('%'), pattern: self.pattern_word()? },
            '/' => {
                let kind = match self.peek() {
                    Some(c @ ('/' | '#' | '%')) => {
                        self.next();
                        c
                    }
                    _ => ' ',
                };
                let pattern = Word(self.parts(Place::Braced(&['/', '}']))?);
                let with = if self.eat('/') { Word(self.parts(Place::Braced(&['}']))?) } else { Word::default() };
                ParamOp::Replace { kind, pattern, with }
            }
            '^' => ParamOp::Case { upper: true, all: self.eat('^'), pattern: self.pattern_word()? },
            ',' => ParamOp::Case { upper: false, all: self.eat(','), pattern: self.pattern_word()? },
            '~' => ParamOp::Toggle { all: self.eat('~') },
            '@' => match self.peek() {
                Some(c @ ('Q' | 'U' | 'u' | 'L' | 'E' | 'P' | 'A' | 'a' | 'K' | 'k')) => {
                    self.next();
                    ParamOp::Transform(c)
                }
                _ => return Ok(None),
            },
            _ => return Ok(None),
        }))
    }

    fn value_word(&mut self, quoted: bool) -> Result<Word, SyntaxError> {
        self.parts(if quoted { Place::BracedDouble(&['}']) } else { Place::Braced(&['}']) }).map(Word)
    }

    fn pattern_word(&mut self) -> Result<Word, SyntaxError> {
        self.parts(Place::Braced(&['}'])).map(Word)
    }
}
