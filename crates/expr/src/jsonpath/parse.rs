//! Reads jsonpath templates.

use super::{Node, Slice};
use crate::{Error, error, go};

/// How deep unions and filters may nest.
const MAX_DEPTH: usize = 50;

/// The nodes of a template: texts, and a list for each pair of braces.
// Models staging/src/k8s.io/client-go/util/jsonpath/parser.go
pub(super) fn parse(text: &str) -> Result<Vec<Node>, Error> {
    template(text, 0)
}

fn template(text: &str, depth: usize) -> Result<Vec<Node>, Error> {
    if depth > MAX_DEPTH {
        return error("the expression is nested too deeply");
    }
    let mut parser = Parser { input: text, at: 0, start: 0, depth };
    let mut nodes = Vec::new();
    loop {
        match text[parser.at..].find('{') {
            Some(length) => parser.at += length,
            None => parser.at = text.len(),
        }
        let literal = parser.take();
        if !literal.is_empty() {
            nodes.push(Node::Text(literal.to_owned()));
        }
        if parser.at == text.len() {
            return Ok(nodes);
        }
        parser.at += 1;
        parser.take();
        nodes.push(Node::List(parser.action()?));
    }
}

/// The nodes of an expression that is to stand in braces.
fn expression(text: &str, depth: usize) -> Result<Vec<Node>, Error> {
    match template(&format!("{{{text}}}"), depth + 1)?.into_iter().next() {
        Some(Node::List(nodes)) => Ok(nodes),
        _ => Ok(Vec::new()),
    }
}

struct Parser<'a> {
    input: &'a str,
    /// Where to read on.
    at: usize,
    /// Where the present token begins.
    start: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<char> {
        self.input[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// The token so far; the next begins after it.
    fn take(&mut self) -> &'a str {
        let text = &self.input[self.start..self.at];
        self.start = self.at;
        text
    }

    fn looking_at(&self, text: &str) -> bool {
        self.input[self.at..].starts_with(text)
    }

    /// What stands between braces, up to and including the closing one.
    fn action(&mut self) -> Result<Vec<Node>, Error> {
        let mut nodes = Vec::new();
        loop {
            if self.looking_at("}") {
                self.at += 1;
                self.take();
                return Ok(nodes);
            } else if self.looking_at("[?(") {
                nodes.push(self.filter()?);
                continue;
            } else if self.looking_at("..") {
                self.recursive(&mut nodes)?;
                continue;
            }
            match self.next() {
                None | Some('\r' | '\n') => return error("unclosed action"),
                Some(' ' | '@' | '$') => {
                    self.take();
                }
                Some('[') => self.array(&mut nodes)?,
                Some(quote @ ('"' | '\'')) => nodes.push(self.quoted(quote)?),
                Some('.') => nodes.push(self.field()),
                Some(c) if matches!(c, '+' | '-') || c.is_numeric() => {
                    self.at = self.start;
                    nodes.push(self.number()?);
                }
                Some(c) if c == '_' || c.is_alphabetic() => {
                    self.at = self.start;
                    nodes.push(self.identifier());
                }
                Some(c) => {
                    return error(format!("unrecognized character in action: U+{:04X} '{c}'", u32::from(c)));
                }
            }
        }
    }

    fn identifier(&mut self) -> Node {
        while self.peek().is_some_and(|c| !is_terminator(c)) {
            self.next();
        }
        match self.take() {
            "true" => Node::Bool(true),
            "false" => Node::Bool(false),
            name => Node::Identifier(name.to_owned()),
        }
    }

    fn recursive(&mut self, nodes: &mut Vec<Node>) -> Result<(), Error> {
        if matches!(nodes.last(), Some(Node::Recursive)) {
            return error("invalid multiple recursive descent");
        }
        self.at += 2;
        self.take();
        nodes.push(Node::Recursive);
        if self.peek().is_some_and(|c| c == '_' || c.is_alphanumeric()) {
            nodes.push(self.field());
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Node, Error> {
        if matches!(self.peek(), Some('+' | '-')) {
            self.next();
        }
        while self.peek().is_some_and(|c| c == '.' || c.is_numeric()) {
            self.next();
        }
        let text = self.take();
        if let Ok(number) = text.parse() {
            return Ok(Node::Int(number));
        }
        text.parse().map(Node::Float).or_else(|_| error(format!("cannot parse number {text}")))
    }

    /// From after `[`.
    fn array(&mut self, nodes: &mut Vec<Node>) -> Result<(), Error> {
        loop {
            match self.next() {
                None | Some('\n') => return error("unterminated array"),
                Some(']') => break,
                Some(_) => {}
            }
        }
        let token = self.take();
        let text = match &token[1..token.len() - 1] {
            "*" => ":",
            text => text,
        };
        if text.contains(',') {
            let parts = text.split(',').map(|part| expression(&format!("[{}]", part.trim_matches(' ')), self.depth));
            nodes.push(Node::Union(parts.collect::<Result<_, _>>()?));
        } else if let Some(key) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''))
            && !key.contains('\'')
        {
            nodes.extend(expression(&format!(".{key}"), self.depth)?);
        } else {
            nodes.push(Node::Slice(slice(text)?));
        }
        Ok(())
    }

    fn filter(&mut self) -> Result<Node, Error> {
        self.at += 3;
        self.take();
        let (mut begun, mut ended, mut pair) = (false, false, '"');
        loop {
            match self.next() {
                None | Some('\n') => return error("unterminated filter"),
                Some(quote @ ('"' | '\'')) => {
                    if !begun {
                        (begun, pair) = (true, quote);
                    } else if !self.escaped() && quote == pair {
                        ended = true;
                    }
                }
                Some(')') if begun == ended => break,
                Some(_) => {}
            }
        }
        if self.next() != Some(']') {
            return error("unclosed array expect ]");
        }
        let token = self.take();
        let text = &token[..token.len() - 2];
        let is_operator = |c: char| "!<>=".contains(c);
        let split = text.find(is_operator).filter(|left| *left > 0).and_then(|left| {
            let run = text[left..].find(|c| !is_operator(c)).unwrap_or(text.len() - left);
            // Something must be left to compare with.
            let run = if left + run == text.len() { run - 1 } else { run };
            (run > 0).then_some((left, left + run))
        });
        match split {
            None => {
                Ok(Node::Filter { left: expression(text, self.depth)?, operator: "exists".into(), right: Vec::new() })
            }
            Some((left, right)) => Ok(Node::Filter {
                left: expression(&text[..left], self.depth)?,
                operator: text[left..right].to_owned(),
                right: expression(&text[right..], self.depth)?,
            }),
        }
    }

    /// Whether a backslash stands before the character just read.
    fn escaped(&self) -> bool {
        self.at >= 2 && self.input.as_bytes()[self.at - 2] == b'\\'
    }

    /// From after the opening quote.
    fn quoted(&mut self, quote: char) -> Result<Node, Error> {
        loop {
            match self.next() {
                None | Some('\n') => return error("unterminated quoted string"),
                Some(c) if c == quote && !self.escaped() => break,
                Some(_) => {}
            }
        }
        let token = self.take();
        match go::unquote(token) {
            Some(text) => Ok(Node::Text(text)),
            None => error(format!("unquote string {token} error invalid syntax")),
        }
    }

    fn field(&mut self) -> Node {
        self.take();
        loop {
            match self.peek() {
                Some('\\') => {
                    self.next();
                    self.next();
                }
                Some(c) if !is_terminator(c) => {
                    self.next();
                }
                _ => break,
            }
        }
        match self.take() {
            "*" => Node::Wildcard,
            name => Node::Field(name.replace('\\', "")),
        }
    }
}

fn is_terminator(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}

/// `start:end:step`, each of which may be missing.
fn slice(text: &str) -> Result<Slice, Error> {
    let parts: Vec<_> = text.split(':').collect();
    let digits = |part: &str| part.strip_prefix('-').unwrap_or(part).bytes().all(|byte| byte.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(|part| digits(part)) {
        return error(format!("invalid array index {text}"));
    }
    let number = |part: Option<&&str>| match part {
        None | Some(&"") => Ok(None),
        Some(part) => part.parse::<i64>().map(Some).or_else(|_| error(format!("array index {part} is not a number"))),
    };
    let (start, end, step) = (number(parts.first())?, number(parts.get(1))?, number(parts.get(2))?);
    let derived = parts.len() == 1;
    let end = if derived { Some(start.unwrap_or_default().saturating_add(1)) } else { end };
    Ok(Slice { start, end, derived, step })
}
