//! Makes a tree of an expression's tokens.

use ecow::EcoString;

use super::lex::{Kind, Token, lex};
use super::macros::{self, Comprehension};
use super::val::Val;
use crate::Error;

/// How deep expressions may nest.
const MAX_DEPTH: usize = 150;

#[derive(Clone, Debug)]
pub(super) enum Expr {
    Literal(Val),
    Name(EcoString),
    /// `a.b`; `optional`: `a.?b`.
    Select {
        from: Box<Expr>,
        field: EcoString,
        optional: bool,
    },
    /// `has(a.b)`
    Has {
        from: Box<Expr>,
        field: EcoString,
    },
    /// `a[b]`; `optional`: `a[?b]`.
    Index {
        from: Box<Expr>,
        index: Box<Expr>,
        optional: bool,
    },
    Call {
        target: Option<Box<Expr>>,
        name: EcoString,
        args: Vec<Expr>,
    },
    /// The flag marks `?item`.
    List(Vec<(Expr, bool)>),
    /// The flag marks `?key: value`.
    Map(Vec<(Expr, Expr, bool)>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    If(Box<[Expr; 3]>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Comprehension(Box<Comprehension>),
    /// `cel.bind(name, value, body)`
    Bind(EcoString, Box<[Expr; 2]>),
}

const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Binary operators from the loosest to the tightest.
const LEVELS: [&[&str]; 3] = [&["==", "!=", "<=", ">=", "<", ">", "in"], &["+", "-"], &["*", "/", "%"]];

pub(super) fn parse(source: &str) -> Result<Expr, Error> {
    let place = |at: usize, message: String| {
        let before = source.get(..at).unwrap_or(source);
        let line = 1 + before.matches('\n').count();
        let column = 1 + before.rsplit('\n').next().unwrap_or_default().chars().count();
        Error(format!("ERROR: <input>:{line}:{column}: {message}"))
    };
    let tokens = lex(source).map_err(|(at, message)| place(at, format!("Syntax error: {message}")))?;
    let mut parser = Parser { source, tokens, at: 0, depth: 0, height: 0 };
    let expr = parser.expression().and_then(|expr| match parser.peek() {
        Kind::End => Ok(expr),
        _ => parser.unexpected(),
    });
    expr.map_err(|(at, message)| place(at, message))
}

pub(super) type Parsed<T> = Result<T, (usize, String)>;

struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Token>,
    at: usize,
    /// Of the expression that is being read within others.
    depth: usize,
    /// How high the tree is that was read last.
    height: usize,
}

impl Parser<'_> {
    fn peek(&self) -> &Kind {
        &self.tokens[self.at].kind
    }

    fn place(&self) -> usize {
        self.tokens[self.at].at
    }

    fn next(&mut self) -> Kind {
        let kind = self.peek().clone();
        // The last token is the end, and stays.
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        kind
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Kind::Sign(found) if *found == sign);
        if found {
            self.next();
        }
        found
    }

    fn expect(&mut self, sign: &str) -> Parsed<()> {
        if self.take(sign) { Ok(()) } else { self.unexpected() }
    }

    fn unexpected<T>(&self) -> Parsed<T> {
        let from = self.place();
        let shown = match self.peek() {
            Kind::End => "<EOF>",
            _ => {
                let end = self.tokens.get(self.at + 1).map_or(self.source.len(), |token| token.at);
                self.source[from..end].trim_end()
            }
        };
        Err((from, format!("Syntax error: mismatched input '{shown}'")))
    }

    /// The tree that was read last became part of one above these heights.
    fn grow(&mut self, beside: usize) -> Parsed<()> {
        self.height = self.height.max(beside) + 1;
        if self.height > MAX_DEPTH { self.too_deep() } else { Ok(()) }
    }

    fn too_deep<T>(&self) -> Parsed<T> {
        Err((self.place(), format!("expression recursion limit exceeded: {MAX_DEPTH}")))
    }

    fn expression(&mut self) -> Parsed<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.too_deep();
        }
        let condition = self.or()?;
        let expr = if self.take("?") {
            let mut height = self.height;
            let yes = self.or()?;
            height = height.max(self.height);
            self.expect(":")?;
            let no = self.expression()?;
            self.grow(height)?;
            Expr::If(Box::new([condition, yes, no]))
        } else {
            condition
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn or(&mut self) -> Parsed<Expr> {
        let mut parts = vec![self.and()?];
        let mut height = self.height;
        while self.take("||") {
            parts.push(self.and()?);
            height = height.max(self.height);
        }
        self.height = height + parts.len().ilog2() as usize;
        Ok(balanced(parts, &|a, b| Expr::Or(Box::new(a), Box::new(b))))
    }

    fn and(&mut self) -> Parsed<Expr> {
        let mut parts = vec![self.binary(0)?];
        let mut height = self.height;
        while self.take("&&") {
            parts.push(self.binary(0)?);
            height = height.max(self.height);
        }
        self.height = height + parts.len().ilog2() as usize;
        Ok(balanced(parts, &|a, b| Expr::And(Box::new(a), Box::new(b))))
    }

    fn binary(&mut self, level: usize) -> Parsed<Expr> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        loop {
            let height = self.height;
            let found = match self.peek() {
                Kind::Sign(sign) => operators.iter().find(|known| *known == sign),
                Kind::Name(name) => operators.iter().find(|known| **known == name.as_str()),
                _ => None,
            };
            let Some(operator) = found else { return Ok(left) };
            self.next();
            left = Expr::Binary(operator, Box::new(left), Box::new(self.binary(level + 1)?));
            self.grow(height)?;
        }
    }

    fn unary(&mut self) -> Parsed<Expr> {
        let (mut nots, mut minuses) = (0, 0);
        while self.take("!") {
            nots += 1;
        }
        while nots == 0 && self.take("-") {
            minuses += 1;
        }
        // A sign belongs to a number that follows it.
        if minuses % 2 == 1 && matches!(self.peek(), Kind::IntMin) {
            self.next();
            return self.member(Expr::Literal(Val::Int(i64::MIN)));
        }
        let primary = self.primary()?;
        let expr = self.member(primary)?;
        self.grow(0)?;
        Ok(match (nots % 2, minuses % 2, expr) {
            (1, _, expr) => Expr::Not(Box::new(expr)),
            (_, 1, Expr::Literal(Val::Int(number))) => Expr::Literal(Val::Int(-number)),
            (_, 1, Expr::Literal(Val::Double(number))) => Expr::Literal(Val::Double(-number)),
            (_, 1, expr) => Expr::Negative(Box::new(expr)),
            (_, _, expr) => expr,
        })
    }

    /// Selections, calls and indexes after an operand.
    fn member(&mut self, mut expr: Expr) -> Parsed<Expr> {
        loop {
            let at = self.place();
            let height = self.height;
            if self.take(".") {
                let optional = self.take("?");
                let Kind::Name(field) = self.next() else {
                    self.at = self.at.saturating_sub(1);
                    return self.unexpected();
                };
                expr = if !optional && self.take("(") {
                    let args = self.list(")")?;
                    macros::call(at, Some(expr), field, args)?
                } else {
                    Expr::Select { from: Box::new(expr), field, optional }
                };
                self.grow(height)?;
            } else if self.take("[") {
                let optional = self.take("?");
                let index = self.expression()?;
                self.expect("]")?;
                expr = Expr::Index { from: Box::new(expr), index: Box::new(index), optional };
                self.grow(height)?;
            } else {
                return Ok(expr);
            }
        }
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let at = self.place();
        self.height = 0;
        self.take(".");
        Ok(match self.next() {
            Kind::Int(number) => Expr::Literal(Val::Int(number)),
            Kind::Uint(number) => Expr::Literal(Val::Uint(number)),
            Kind::Double(number) => Expr::Literal(Val::Double(number)),
            Kind::Text(text) => Expr::Literal(Val::Text(text)),
            Kind::Bytes(bytes) => Expr::Literal(Val::Bytes(bytes.into_iter().collect())),
            Kind::Name(name) => match name.as_str() {
                "true" | "false" => Expr::Literal(Val::Bool(name == "true")),
                "null" => Expr::Literal(Val::Null),
                word if RESERVED.contains(&word) || word == "in" => {
                    return Err((at, format!("Syntax error: reserved identifier: {name}")));
                }
                _ if self.take("(") => {
                    let args = self.list(")")?;
                    macros::call(at, None, name, args)?
                }
                _ => Expr::Name(name),
            },
            Kind::Sign("(") => {
                let expr = self.expression()?;
                self.expect(")")?;
                expr
            }
            Kind::Sign("[") => {
                let mut items = Vec::new();
                let mut height = 0;
                while !self.take("]") {
                    let optional = self.take("?");
                    items.push((self.expression()?, optional));
                    height = height.max(self.height);
                    if !self.take(",") {
                        self.expect("]")?;
                        break;
                    }
                }
                self.grow(height)?;
                Expr::List(items)
            }
            Kind::Sign("{") => {
                let mut entries = Vec::new();
                let mut height = 0;
                while !self.take("}") {
                    let optional = self.take("?");
                    let key = self.expression()?;
                    height = height.max(self.height);
                    self.expect(":")?;
                    entries.push((key, self.expression()?, optional));
                    height = height.max(self.height);
                    if !self.take(",") {
                        self.expect("}")?;
                        break;
                    }
                }
                self.grow(height)?;
                Expr::Map(entries)
            }
            Kind::IntMin => return Err((at, "Syntax error: invalid int literal".into())),
            _ => {
                self.at = self.tokens.iter().position(|token| token.at >= at).unwrap_or(self.at);
                return self.unexpected();
            }
        })
    }

    /// Expressions up to a closing sign.
    fn list(&mut self, close: &str) -> Parsed<Vec<Expr>> {
        let mut items = Vec::new();
        let mut height = 0;
        if self.take(close) {
            self.height = 0;
            return Ok(items);
        }
        loop {
            items.push(self.expression()?);
            height = height.max(self.height);
            self.height = height;
            if self.take(close) {
                return Ok(items);
            }
            self.expect(",")?;
        }
    }
}

/// A long chain as a flat tree, so that it nests little.
fn balanced(mut parts: Vec<Expr>, join: &impl Fn(Expr, Expr) -> Expr) -> Expr {
    if parts.len() == 1
        && let Some(only) = parts.pop()
    {
        return only;
    }
    let right = parts.split_off(parts.len() / 2);
    join(balanced(parts, join), balanced(right, join))
}
