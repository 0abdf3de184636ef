//! Makes a tree of a template's tokens.

use podyard_api::gostr;

use super::lex::{Kind, Token, lex};
use super::tree::{Arg, ArgKind, Command, Control, List, Node, Pipe};
use super::{NAME, funcs};
use crate::{Error, go};

/// How deep blocks and parentheses may nest.
const MAX_DEPTH: usize = 100;

// Models go/src/text/template/parse/parse.go
pub(super) fn parse(source: &str) -> Result<List, Error> {
    let mut parser = Parser {
        tokens: lex(source),
        at: 0,
        line: 1,
        action_line: 0,
        variables: vec!["$".into()],
        ranges: 0,
        depth: 0,
    };
    let (list, end) = parser.list()?;
    match end {
        End::Input => Ok(list),
        other => parser.fail(format!("unexpected {}", other.text())),
    }
}

/// What a list of nodes ended with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Input,
    Else,
    Block,
}

impl End {
    fn text(self) -> &'static str {
        match self {
            Self::Input => "EOF",
            Self::Else => "{{else}}",
            Self::Block => "{{end}}",
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    /// Of the last token read.
    line: usize,
    action_line: usize,
    variables: Vec<String>,
    ranges: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        // The last token is the end or an error, and stays.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.line = token.line;
        self.at += 1;
        token
    }

    fn peek_past_space(&mut self) -> Token {
        while self.peek().kind == Kind::Space {
            self.at += 1;
        }
        self.line = self.peek().line;
        self.peek().clone()
    }

    fn next_past_space(&mut self) -> Token {
        self.peek_past_space();
        self.next()
    }

    fn fail<T>(&self, message: impl Into<String>) -> Result<T, Error> {
        crate::error(format!("template: {NAME}:{}: {}", self.line, message.into()))
    }

    fn unexpected<T>(&self, token: &Token, context: &str) -> Result<T, Error> {
        if token.kind == Kind::Error {
            let mut text = token.text.clone();
            if self.action_line != 0 && self.action_line != token.line {
                let started = format!(" started at {NAME}:{}", self.action_line);
                let action = if text.ends_with(" action") { "" } else { " in action" };
                text.push_str(&format!("{action}{started}"));
            }
            return self.fail(text);
        }
        let shown = match token.kind {
            Kind::End => "EOF".into(),
            Kind::Keyword => format!("<{}>", token.text),
            _ if token.text.len() > 10 => {
                format!("{}...", gostr::quote(&token.text.chars().take(10).collect::<String>()))
            }
            _ => gostr::quote(&token.text),
        };
        self.fail(format!("unexpected {shown} in {context}"))
    }

    fn deeper(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { self.fail("nested too deeply") } else { Ok(()) }
    }

    /// Nodes up to `{{else}}`, `{{end}}` or the end of the input.
    fn list(&mut self) -> Result<(List, End), Error> {
        let mut list = List::new();
        loop {
            let token = self.next_past_space();
            match token.kind {
                Kind::End => return Ok((list, End::Input)),
                Kind::Text => list.push(Node::Text(token.text)),
                Kind::LeftDelim => {
                    self.action_line = token.line;
                    let node = self.action()?;
                    self.action_line = 0;
                    match node {
                        Ok(node) => list.push(node),
                        Err(end) => return Ok((list, end)),
                    }
                }
                _ => return self.unexpected(&token, "input"),
            }
        }
    }

    /// One action: a node, or the end of a list.
    fn action(&mut self) -> Result<Result<Node, End>, Error> {
        let token = self.peek_past_space();
        if token.kind != Kind::Keyword || token.text == "nil" {
            return Ok(Ok(Node::Action(self.pipeline("command", Kind::RightDelim)?)));
        }
        self.next();
        Ok(match token.text.as_str() {
            "if" => Ok(Node::If(self.control("if")?)),
            "with" => Ok(Node::With(self.control("with")?)),
            "range" => Ok(Node::Range(self.control("range")?)),
            "break" | "continue" => {
                let name = format!("{{{{{}}}}}", token.text);
                self.right_delim(&name)?;
                if self.ranges == 0 {
                    return self.fail(format!("{name} outside {{{{range}}}}"));
                }
                Ok(if token.text == "break" { Node::Break } else { Node::Continue })
            }
            "end" => {
                self.right_delim("end")?;
                Err(End::Block)
            }
            "else" => {
                // `{{else if}}` is read on by the block it belongs to.
                let follows = self.peek_past_space();
                if !matches!((follows.kind, follows.text.as_str()), (Kind::Keyword, "if" | "with")) {
                    self.right_delim("else")?;
                }
                Err(End::Else)
            }
            _ => return self.unexpected(&token, "command"),
        })
    }

    fn right_delim(&mut self, context: &str) -> Result<(), Error> {
        let token = self.next_past_space();
        if token.kind == Kind::RightDelim { Ok(()) } else { self.unexpected(&token, context) }
    }

    fn control(&mut self, context: &str) -> Result<Control, Error> {
        self.deeper()?;
        let known = self.variables.len();
        let pipe = self.pipeline(context, Kind::RightDelim)?;
        let in_range = usize::from(context == "range");
        self.ranges += in_range;
        let (list, mut end) = self.list()?;
        self.ranges -= in_range;
        let mut otherwise = List::new();
        if end == End::Else {
            let token = self.peek_past_space();
            let chained = token.kind == Kind::Keyword && token.text == context && matches!(context, "if" | "with");
            if chained {
                self.next();
                let inner = self.control(context)?;
                otherwise.push(if context == "if" { Node::If(inner) } else { Node::With(inner) });
                end = End::Block;
            } else if token.kind == Kind::Keyword && self.tokens[self.at.saturating_sub(1)].kind != Kind::RightDelim {
                return self.unexpected(&token, "input");
            } else {
                (otherwise, end) = self.list()?;
                if end == End::Else {
                    return self.fail(format!("expected end; found {}", end.text()));
                }
            }
        }
        if end != End::Block {
            return self.fail("unexpected EOF");
        }
        self.variables.truncate(known);
        self.depth -= 1;
        Ok(Control { pipe, list, otherwise })
    }

    fn pipeline(&mut self, context: &str, end: Kind) -> Result<Pipe, Error> {
        let first = self.peek_past_space();
        let mut pipe = Pipe { names: Vec::new(), assign: false, commands: Vec::new(), at: first.at };
        self.declarations(context, &mut pipe)?;
        loop {
            let token = self.peek_past_space();
            match token.kind {
                kind if kind == end => {
                    self.next();
                    break;
                }
                Kind::Bool
                | Kind::CharConstant
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParen => pipe.commands.push(self.command()?),
                Kind::Keyword if token.text == "nil" => pipe.commands.push(self.command()?),
                _ => {
                    self.next();
                    return self.unexpected(&token, context);
                }
            }
        }
        if pipe.commands.is_empty() {
            return self.fail(format!("missing value for {context}"));
        }
        for (index, command) in pipe.commands.iter().enumerate().skip(1) {
            if matches!(
                command.args[0].kind,
                ArgKind::Bool(_)
                    | ArgKind::Dot
                    | ArgKind::Nil
                    | ArgKind::Int(..)
                    | ArgKind::Float(..)
                    | ArgKind::Text(..)
            ) {
                return self.fail(format!("non executable command in pipeline stage {}", index + 1));
            }
        }
        Ok(pipe)
    }

    /// `$x :=`, `$x =` and, for ranges, `$i, $x :=`.
    fn declarations(&mut self, context: &str, pipe: &mut Pipe) -> Result<(), Error> {
        loop {
            let start = self.at;
            let variable = self.peek_past_space();
            if variable.kind != Kind::Variable {
                return Ok(());
            }
            self.next();
            let follows = self.peek_past_space();
            let comma = follows.kind == Kind::Char && follows.text == ",";
            if !comma && !matches!(follows.kind, Kind::Assign | Kind::Declare) {
                self.at = start;
                return Ok(());
            }
            self.next();
            pipe.names.push(variable.text.clone());
            if !comma {
                pipe.assign = follows.kind == Kind::Assign;
                if pipe.assign && !self.variables.contains(&variable.text) {
                    return self.fail(format!("undefined variable {}", gostr::quote(&variable.text)));
                }
                self.variables.extend(pipe.names.iter().cloned());
                return Ok(());
            }
            if context != "range" || pipe.names.len() > 1 {
                return self.fail(format!("too many declarations in {context}"));
            }
            if !matches!(self.peek_past_space().kind, Kind::Variable | Kind::RightDelim | Kind::RightParen) {
                return self.fail("range can only initialize variables");
            }
        }
    }

    fn command(&mut self) -> Result<Command, Error> {
        let mut command = Command { args: Vec::new(), at: self.peek_past_space().at };
        loop {
            self.peek_past_space();
            if let Some(arg) = self.operand()? {
                command.args.push(arg);
            }
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelim | Kind::RightParen => self.at -= 1,
                Kind::Pipe => {}
                _ => return self.unexpected(&token, "operand"),
            }
            break;
        }
        if command.args.is_empty() { self.fail("empty command") } else { Ok(command) }
    }

    fn operand(&mut self) -> Result<Option<Arg>, Error> {
        let Some(mut arg) = self.term()? else { return Ok(None) };
        if self.peek().kind != Kind::Field {
            return Ok(Some(arg));
        }
        let at = self.peek().at;
        let mut fields = Vec::new();
        while self.peek().kind == Kind::Field {
            fields.push(self.next().text[1..].to_owned());
        }
        match &mut arg.kind {
            ArgKind::Field(names) | ArgKind::Variable(_, names) => {
                names.extend(fields);
                arg.at = at;
            }
            ArgKind::Bool(_)
            | ArgKind::Text(..)
            | ArgKind::Int(..)
            | ArgKind::Float(..)
            | ArgKind::Nil
            | ArgKind::Dot => {
                return self.fail(format!("unexpected . after term {}", gostr::quote(&arg.to_string())));
            }
            _ => arg = Arg { at, kind: ArgKind::Chain(Box::new(arg), fields) },
        }
        Ok(Some(arg))
    }

    fn term(&mut self) -> Result<Option<Arg>, Error> {
        let token = self.peek_past_space();
        let text = token.text.as_str();
        self.next();
        let kind = match token.kind {
            Kind::Identifier if funcs::is_known(text) => ArgKind::Function(text.into()),
            Kind::Identifier => return self.fail(format!("function {} not defined", gostr::quote(text))),
            Kind::Dot => ArgKind::Dot,
            Kind::Keyword if text == "nil" => ArgKind::Nil,
            Kind::Variable if self.variables.iter().any(|name| name == text) => {
                ArgKind::Variable(text.into(), Vec::new())
            }
            Kind::Variable => return self.fail(format!("undefined variable {}", gostr::quote(text))),
            Kind::Field => ArgKind::Field(vec![text[1..].to_owned()]),
            Kind::Bool => ArgKind::Bool(text == "true"),
            Kind::Number => match number(text) {
                Some(kind) => kind,
                None => return self.fail(format!("illegal number syntax: {}", gostr::quote(text))),
            },
            Kind::CharConstant => match go::unquote(text).filter(|inner| inner.chars().count() == 1) {
                Some(inner) => ArgKind::Int(inner.chars().next().map_or(0, |c| u32::from(c).into()), text.into()),
                None => return self.fail(format!("malformed character constant: {text}")),
            },
            Kind::String => match go::unquote(text) {
                Some(inner) => ArgKind::Text(text.into(), inner),
                None => return self.fail("invalid syntax"),
            },
            Kind::RawString => ArgKind::Text(text.into(), text.trim_matches('`').replace('\r', "")),
            Kind::LeftParen => {
                self.deeper()?;
                let pipe = self.pipeline("parenthesized pipeline", Kind::RightParen)?;
                self.depth -= 1;
                ArgKind::Pipe(Box::new(pipe))
            }
            _ => {
                self.at -= 1;
                return Ok(None);
            }
        };
        Ok(Some(Arg { kind, at: token.at }))
    }
}

fn number(text: &str) -> Option<ArgKind> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = digits.replace('_', "").to_ascii_lowercase();
    let based = [("0x", 16), ("0o", 8), ("0b", 2)];
    for (prefix, radix) in based {
        if let Some(rest) = digits.strip_prefix(prefix) {
            return i64::from_str_radix(rest, radix).ok().map(|number| ArgKind::Int(sign * number, text.into()));
        }
    }
    if digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return i64::from_str_radix(&digits, 8).ok().map(|number| ArgKind::Int(sign * number, text.into()));
    }
    if let Ok(number) = digits.parse::<i64>() {
        return Some(ArgKind::Int(sign * number, text.into()));
    }
    digits.parse::<f64>().ok().map(|number| ArgKind::Float(sign as f64 * number, text.into()))
}
