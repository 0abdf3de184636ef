//! Commands, from lists down to redirections.

use ecow::{EcoString, EcoVec};

use super::ast::{
    Arm, ArmEnd, Assign, AssignValue, Body, Item, Link, List, Node, Part, Pipeline, Redirect, RedirectOp, Word,
};
use super::heredoc::Pending;
use super::lexer::Token;
use super::{Parser, SyntaxError};

/// Words that end a list, so that no command begins with them.
const CLOSERS: [&str; 8] = ["then", "elif", "else", "fi", "do", "done", "esac", "}"];
/// Commands whose arguments may be assignments.
const DECLARATIONS: [&str; 5] = ["declare", "export", "local", "readonly", "typeset"];
/// How many here-documents one line may name.
const MAX_DOCUMENTS: usize = 16;

type Parse<T> = Result<T, SyntaxError>;

impl Parser<'_> {
    /// The commands of one line, taking its newline.
    pub(super) fn line(&mut self) -> Parse<List> {
        let mut list = EcoVec::new();
        loop {
            self.alias_next = true;
            match self.token()? {
                Token::Newline if list.is_empty() => {
                    self.take()?;
                }
                Token::Newline => {
                    self.take()?;
                    break;
                }
                Token::End => {
                    self.finish_documents()?;
                    break;
                }
                _ => {
                    list.push(self.item()?);
                    let is_end = matches!(self.token()?, Token::Newline | Token::End);
                    if !is_end && !self.follows_separator {
                        return self.unexpected();
                    }
                }
            }
        }
        self.place_documents(&mut list, 0);
        Ok(list)
    }

    /// All commands of the text.
    pub(super) fn whole_list(&mut self) -> Parse<List> {
        let mut list = self.optional_list(&[])?;
        if *self.token()? != Token::End {
            return self.unexpected();
        }
        self.finish_documents()?;
        self.place_documents(&mut list, 0);
        Ok(list)
    }

    /// Newlines before a command.
    fn command_newlines(&mut self) -> Parse<()> {
        loop {
            if self.peeked.is_none() {
                self.alias_next = true;
            }
            if *self.token()? != Token::Newline {
                return Ok(());
            }
            self.take()?;
        }
    }

    /// Whether the list ends here: at one of these words or operators, or at the text's end.
    fn at_list_end(&mut self, ends: &[&str]) -> Parse<bool> {
        Ok(match self.token()? {
            Token::End => true,
            Token::Operator(operator) => ends.contains(operator),
            Token::Word(word) => word.plain().is_some_and(|text| ends.contains(&text.as_str())),
            _ => false,
        })
    }

    /// Commands up to one of `ends`; at least one.
    fn list(&mut self, ends: &[&str]) -> Parse<List> {
        let list = self.optional_list(ends)?;
        if list.is_empty() { self.unexpected() } else { Ok(list) }
    }

    /// Commands up to one of `ends`, which stays.
    pub(super) fn optional_list(&mut self, ends: &[&str]) -> Parse<List> {
        let mut list = EcoVec::new();
        self.command_newlines()?;
        while !self.at_list_end(ends)? {
            list.push(self.item()?);
            let is_newline = *self.token()? == Token::Newline;
            if !is_newline && !self.follows_separator {
                break;
            }
            self.command_newlines()?;
        }
        Ok(list)
    }

    /// Pipelines joined by `&&` and `||`, with the `;` or `&` behind them.
    fn item(&mut self) -> Parse<Item> {
        self.token()?;
        let start = self.token_start;
        let mut chain = EcoVec::new();
        chain.push((Link::First, self.pipeline()?));
        loop {
            let link = match self.token()? {
                Token::Operator("&&") => Link::And,
                Token::Operator("||") => Link::Or,
                _ => break,
            };
            self.take()?;
            self.command_newlines()?;
            chain.push((link, self.pipeline()?));
        }
        let text = self.slice(start, self.last_end).into();
        let background = self.eat_operator("&")?;
        self.follows_separator = background || self.eat_operator(";")?;
        if self.follows_separator && self.peeked.is_none() {
            self.alias_next = true;
        }
        Ok(Item { chain, background, text })
    }

    fn pipeline(&mut self) -> Parse<Pipeline> {
        self.token()?;
        let start = self.token_start;
        let (mut negate, mut timed) = (false, false);
        loop {
            if self.eat_word("!")? {
                negate = !negate;
            } else if self.eat_word("time")? {
                timed = true;
                self.eat_word("-p")?;
            } else {
                break;
            }
            self.alias_next = true;
        }
        let mut commands = EcoVec::new();
        let ends_here = matches!(self.token()?, Token::Newline | Token::End | Token::Operator(";"));
        if !((negate || timed) && ends_here) {
            loop {
                let mut node = self.command()?;
                if self.eat_operator("|&")? {
                    let target = Word::quoted("1");
                    node.redirects.push(Redirect { fd: Some(2), op: RedirectOp::DupOutput, target });
                    commands.push(node);
                } else if self.eat_operator("|")? {
                    commands.push(node);
                } else {
                    commands.push(node);
                    break;
                }
                self.command_newlines()?;
            }
        }
        Ok(Pipeline { negate, timed, commands, text: self.slice(start, self.last_end).into() })
    }

    /// One command with its redirections.
    fn command(&mut self) -> Parse<Node> {
        self.deeper(|parser| {
            let keyword = match parser.token()? {
                Token::Operator("(") => Some(EcoString::from("(")),
                Token::Word(word) => word.plain().cloned(),
                _ => None,
            };
            let line = parser.token_line;
            let body = match keyword.as_deref() {
                Some("(") => parser.parentheses()?,
                Some("{") => {
                    parser.take()?;
                    let list = parser.list(&["}"])?;
                    parser.expect_word("}")?;
                    Body::Group(list)
                }
                Some("if") => parser.if_clause()?,
                Some(word @ ("while" | "until")) => parser.loop_clause(word == "until")?,
                Some("for") => parser.for_clause()?,
                Some("case") => parser.case_clause()?,
                Some("[[") => {
                    parser.take()?;
                    Body::Test(parser.test()?)
                }
                Some("function") => parser.function_clause()?,
                Some(word) if CLOSERS.contains(&word) => return parser.unexpected(),
                _ => return parser.simple(line),
            };
            let mut redirects = EcoVec::new();
            while let Some(redirect) = parser.redirect()? {
                redirects.push(redirect);
            }
            Ok(Node { body, redirects, line })
        })
    }

    fn expect_word(&mut self, text: &str) -> Parse<()> {
        if self.eat_word(text)? { Ok(()) } else { self.unexpected() }
    }

    /// A subshell or `((…))`.
    fn parentheses(&mut self) -> Parse<Body> {
        self.take()?;
        if self.peek() == Some('(')
            && let Some(text) = self.arithmetic_text()?
        {
            self.last_end = self.offset();
            return self.arithmetic(&text).map(Body::Arith);
        }
        let list = self.list(&[")"])?;
        if !self.eat_operator(")")? {
            return self.unexpected();
        }
        Ok(Body::Subshell(list))
    }

    fn if_clause(&mut self) -> Parse<Body> {
        self.take()?;
        let mut arms = EcoVec::new();
        let mut otherwise = None;
        loop {
            let condition = self.list(&["then"])?;
            self.expect_word("then")?;
            arms.push((condition, self.list(&["elif", "else", "fi"])?));
            if self.eat_word("elif")? {
                continue;
            }
            if self.eat_word("else")? {
                otherwise = Some(self.list(&["fi"])?);
            }
            self.expect_word("fi")?;
            return Ok(Body::If { arms, otherwise });
        }
    }

    fn do_group(&mut self) -> Parse<List> {
        self.expect_word("do")?;
        let body = self.list(&["done"])?;
        self.expect_word("done")?;
        Ok(body)
    }

    fn loop_clause(&mut self, until: bool) -> Parse<Body> {
        self.take()?;
        let condition = self.list(&["do"])?;
        Ok(Body::Loop { until, condition, body: self.do_group()? })
    }

    fn for_clause(&mut self) -> Parse<Body> {
        self.take()?;
        if self.eat_operator("(")? {
            if self.peek() == Some('(')
                && let Some(text) = self.arithmetic_text()?
            {
                return self.arithmetic_for(&text);
            }
            return self.unexpected();
        }
        let name = match self.token()? {
            Token::Word(word) => word.plain().cloned().unwrap_or_else(|| "$".into()),
            _ => return self.unexpected_newline(),
        };
        self.take()?;
        self.newlines()?;
        let words = if self.eat_word("in")? { Some(self.words()?) } else { None };
        self.eat_operator(";")?;
        self.command_newlines()?;
        let body = self.loop_body()?;
        Ok(Body::For { name, words, body })
    }

    /// `do … done` or `{ … }`
    fn loop_body(&mut self) -> Parse<List> {
        if !self.eat_word("{")? {
            return self.do_group();
        }
        let body = self.list(&["}"])?;
        self.expect_word("}")?;
        Ok(body)
    }

    fn arithmetic_for(&mut self, text: &str) -> Parse<Body> {
        let parts: Vec<&str> = text.split(';').collect();
        let [start, condition, step] = parts.as_slice() else {
            let text = "syntax error: arithmetic expression required".into();
            return Err(SyntaxError::Message { text, line: self.line });
        };
        let parts = [self.arithmetic(start)?, self.arithmetic(condition)?, self.arithmetic(step)?].into();
        self.eat_operator(";")?;
        self.command_newlines()?;
        Ok(Body::ArithFor { parts, body: self.loop_body()? })
    }

    fn case_clause(&mut self) -> Parse<Body> {
        self.take()?;
        let Token::Word(word) = self.token()?.clone() else { return self.unexpected_newline() };
        self.take()?;
        self.newlines()?;
        self.expect_word("in")?;
        let mut arms = EcoVec::new();
        loop {
            self.newlines()?;
            if self.eat_word("esac")? {
                return Ok(Body::Case { word, arms });
            }
            self.eat_operator("(")?;
            let mut patterns = EcoVec::new();
            loop {
                let Token::Word(pattern) = self.token()?.clone() else { return self.unexpected() };
                self.take()?;
                patterns.push(pattern);
                if !self.eat_operator("|")? {
                    break;
                }
            }
            if !self.eat_operator(")")? {
                return self.unexpected();
            }
            let body = self.optional_list(&[";;", ";&", ";;&", "esac"])?;
            let end = match self.token()? {
                Token::Operator(";;") => Some(ArmEnd::Break),
                Token::Operator(";&") => Some(ArmEnd::FallThrough),
                Token::Operator(";;&") => Some(ArmEnd::TestNext),
                _ => None,
            };
            if end.is_some() {
                self.take()?;
            } else if !self.at_word("esac")? {
                return self.unexpected();
            }
            arms.push(Arm { patterns, body, end: end.unwrap_or(ArmEnd::Break) });
        }
    }

    /// `function name { … }`
    fn function_clause(&mut self) -> Parse<Body> {
        self.take()?;
        let Token::Word(word) = self.token()?.clone() else { return self.unexpected_newline() };
        self.take()?;
        if self.eat_operator("(")? && !self.eat_operator(")")? {
            return self.unexpected();
        }
        self.function_body(word.plain().cloned().unwrap_or_default())
    }

    fn function_body(&mut self, name: EcoString) -> Parse<Body> {
        self.command_newlines()?;
        let start = self.token_start;
        let node = self.command()?;
        if matches!(node.body, Body::Simple { .. }) {
            let token = self.slice(start, self.last_end).split_whitespace().next().unwrap_or_default().into();
            return Err(SyntaxError::Unexpected { token, line: node.line });
        }
        let text = self.slice(start, self.last_end).into();
        Ok(Body::Function { name, body: [node].into(), text })
    }

    /// Assignments, words and redirections; or a function's definition.
    fn simple(&mut self, line: u32) -> Parse<Node> {
        let (mut assigns, mut words, mut redirects) = (EcoVec::new(), EcoVec::new(), EcoVec::new());
        let mut declares = false;
        loop {
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
                continue;
            }
            match self.token()?.clone() {
                Token::Word(word) => {
                    let assign = if words.is_empty() || declares { split_assignment(&word) } else { None };
                    if assign.is_some() && words.is_empty() {
                        self.take()?;
                        self.alias_next = true;
                    } else {
                        self.take()?;
                    }
                    match assign {
                        Some(assign) => {
                            let assign = self.array_value(assign)?;
                            if words.is_empty() {
                                assigns.push(assign);
                            } else {
                                words.push(Word([Part::Assign([assign].into())].into()));
                            }
                        }
                        None => {
                            declares |= words.is_empty()
                                && word.plain().is_some_and(|name| DECLARATIONS.contains(&name.as_str()));
                            words.push(word);
                        }
                    }
                }
                Token::Operator("(") if words.len() == 1 && assigns.is_empty() && redirects.is_empty() => {
                    let Some(name) = words.first().and_then(Word::plain).cloned() else { return self.unexpected() };
                    self.take()?;
                    if !self.eat_operator(")")? {
                        return self.unexpected();
                    }
                    let body = self.function_body(name)?;
                    return Ok(Node { body, redirects, line });
                }
                Token::Operator("(") => return self.unexpected(),
                _ => break,
            }
        }
        if assigns.is_empty() && words.is_empty() && redirects.is_empty() {
            return self.unexpected();
        }
        Ok(Node { body: Body::Simple { assigns, words }, redirects, line })
    }

    /// The elements behind `name=(`.
    fn array_value(&mut self, mut assign: Assign) -> Parse<Assign> {
        let is_empty = matches!(&assign.value, AssignValue::Word(word) if word.0.is_empty());
        if !is_empty || self.peek() != Some('(') {
            return Ok(assign);
        }
        let line = self.line;
        self.next();
        let mut elements = EcoVec::new();
        loop {
            self.newlines()?;
            match self.token()?.clone() {
                Token::Word(word) => {
                    self.take()?;
                    elements.push(split_element(word));
                }
                Token::Operator(")") => {
                    self.take()?;
                    assign.value = AssignValue::Array(elements);
                    return Ok(assign);
                }
                Token::End => return Err(self.missing(')', line)),
                _ => return self.unexpected(),
            }
        }
    }

    fn redirect(&mut self) -> Parse<Option<Redirect>> {
        let fd = match self.token()? {
            Token::Number(number) => {
                let number = *number;
                self.take()?;
                Some(number)
            }
            _ => None,
        };
        let op = match self.token()? {
            Token::Operator(operator) => match *operator {
                "<" => RedirectOp::Read,
                ">" => RedirectOp::Write,
                ">>" => RedirectOp::Append,
                ">|" => RedirectOp::Clobber,
                "<>" => RedirectOp::ReadWrite,
                "<&" => RedirectOp::DupInput,
                ">&" => RedirectOp::DupOutput,
                "&>" => RedirectOp::Both,
                "&>>" => RedirectOp::BothAppend,
                "<<<" => RedirectOp::HereString,
                "<<" | "<<-" => return self.here_document(fd).map(Some),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        self.take()?;
        let Token::Word(target) = self.token()?.clone() else { return self.unexpected_newline() };
        self.take()?;
        Ok(Some(Redirect { fd, op, target }))
    }

    fn here_document(&mut self, fd: Option<u32>) -> Parse<Redirect> {
        let strip_tabs = self.take()? == Token::Operator("<<-");
        let line = self.token_line;
        let Token::Word(_) = self.token()? else { return self.unexpected_newline() };
        let raw = self.slice(self.token_start, self.offset()).to_string();
        let Token::Word(word) = self.take()? else { return self.unexpected() };
        if self.pending.len() >= MAX_DOCUMENTS {
            let text = "maximum here-document count exceeded".into();
            return Err(SyntaxError::Message { text, line });
        }
        let is_literal = raw.contains(['\'', '"', '\\']);
        let delimiter = if is_literal { unquoted(&word) } else { raw.into() };
        let number = self.documents.len() + self.pending.len();
        self.pending.push(Pending { delimiter, strip_tabs, is_literal, line });
        let number = Word([Part::Literal(number.to_string().into())].into());
        Ok(Redirect { fd, op: RedirectOp::HereDoc, target: Word([Part::Arith(number)].into()) })
    }
}

/// The text of a word whose quotes only quote.
fn unquoted(word: &Word) -> EcoString {
    fn add(parts: &[Part], text: &mut EcoString) {
        for part in parts {
            match part {
                Part::Literal(piece) | Part::Quoted(piece) => text.push_str(piece),
                Part::Double(parts) => add(parts, text),
                _ => {}
            }
        }
    }
    let mut text = EcoString::new();
    add(&word.0, &mut text);
    text
}

/// How many bytes at the front make a name.
fn name_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.bytes().take_while(|b| *b == b'_' || b.is_ascii_alphanumeric()).count()
}

/// Reads `name=value`, `name+=value`, `name[index]=value`.
fn split_assignment(word: &Word) -> Option<Assign> {
    let Part::Literal(first) = word.0.first()? else { return None };
    let length = name_length(first);
    if length == 0 {
        return None;
    }
    let (name, rest) = (EcoString::from(&first[..length]), &first[length..]);
    let (index, parts) = if let Some(rest) = rest.strip_prefix('[') {
        let mut parts = EcoVec::from([Part::Literal(rest.into())]);
        parts.extend(word.0[1..].iter().cloned());
        let (index, parts) = split_index(&parts)?;
        (Some(index), parts)
    } else {
        let mut parts = EcoVec::from([Part::Literal(rest.into())]);
        parts.extend(word.0[1..].iter().cloned());
        (None, parts)
    };
    let Some(Part::Literal(rest)) = parts.first() else { return None };
    let (append, value) = match rest.strip_prefix("+=") {
        Some(value) => (true, value),
        None => (false, rest.strip_prefix('=')?),
    };
    Some(Assign { name, index, append, value: AssignValue::Word(with_front(value, &parts[1..])) })
}

/// `[index]=value` in an array, or a plain element.
fn split_element(word: Word) -> (Option<Word>, Word) {
    let split = || {
        let Part::Literal(first) = word.0.first()? else { return None };
        let mut parts = EcoVec::from([Part::Literal(first.strip_prefix('[')?.into())]);
        parts.extend(word.0[1..].iter().cloned());
        let (index, rest) = split_index(&parts)?;
        let Some(Part::Literal(front)) = rest.first() else { return None };
        let value = with_front(front.strip_prefix('=')?, &rest[1..]);
        Some((Some(index), value))
    };
    split().unwrap_or((None, word))
}

fn with_front(front: &str, rest: &[Part]) -> Word {
    let mut parts = EcoVec::new();
    if !front.is_empty() {
        parts.push(Part::Literal(front.into()));
    }
    parts.extend(rest.iter().cloned());
    Word(parts)
}

/// Parts before and behind the `]` that ends an index.
fn split_index(parts: &[Part]) -> Option<(Word, EcoVec<Part>)> {
    for (at, part) in parts.iter().enumerate() {
        let Part::Literal(text) = part else { continue };
        let Some(end) = text.find(']') else { continue };
        let mut index: EcoVec<Part> = parts[..at].iter().cloned().collect();
        if end > 0 {
            index.push(Part::Literal(text[..end].into()));
        }
        let mut rest = EcoVec::from([Part::Literal(text[end + 1..].into())]);
        rest.extend(parts[at + 1..].iter().cloned());
        return Some((Word(index), rest));
    }
    None
}
