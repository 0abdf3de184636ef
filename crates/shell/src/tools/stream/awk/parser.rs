//! awk's grammar.

use ecow::EcoString;

use super::ast::{Expr, Function, Program, Rule, Stmt, Target};
use super::lexer::{Token, tokens};

/// How deep statements and expressions may stand in one another.
const MAX_DEPTH: u32 = 60;

type Parse<T> = Result<T, String>;

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: u32,
    /// `>` redirects: within `print`, outside parentheses.
    no_greater: bool,
    /// `in` ends an expression: in the head of `for`.
    no_in: bool,
}

pub(super) fn parse(text: &str) -> Parse<Program> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, no_greater: false, no_in: false };
    parser.program()
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(own) if *own == sign)
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        self.at += usize::from(found);
        found
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Keyword(own) if *own == word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Parse<()> {
        if self.eat(sign) { Ok(()) } else { self.wrong() }
    }

    fn wrong<T>(&self) -> Parse<T> {
        let token = match self.peek() {
            Token::End | Token::Newline => "end of line".to_string(),
            Token::Sign(sign) => (*sign).into(),
            Token::Keyword(word) | Token::Builtin(word) => (*word).into(),
            Token::Name(name) | Token::Call(name) => name.to_string(),
            Token::Text(text) => format!("\"{text}\""),
            Token::Number(number) => number.to_string(),
            Token::Regex(text) => format!("/{text}/"),
        };
        Err(format!("syntax error at or near {token}"))
    }

    fn newlines(&mut self) {
        while *self.peek() == Token::Newline {
            self.at += 1;
        }
    }

    fn ends(&mut self) {
        while *self.peek() == Token::Newline || self.is(";") {
            self.at += 1;
        }
    }

    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("the program is nested too deeply".into());
        }
        let result = parse(self);
        self.depth -= 1;
        result
    }

    fn program(&mut self) -> Parse<Program> {
        let mut program = Program::default();
        loop {
            self.ends();
            if *self.peek() == Token::End {
                return Ok(program);
            }
            if self.keyword("BEGIN") {
                program.begin.extend(self.body()?);
            } else if self.keyword("END") {
                program.end.extend(self.body()?);
            } else if self.keyword("function") {
                program.functions.push(self.function()?);
            } else {
                let rule = self.rule()?;
                program.rules.push(rule);
            }
        }
    }

    fn rule(&mut self) -> Parse<Rule> {
        let (mut first, mut last) = (None, None);
        if !self.is("{") {
            first = Some(self.expr()?);
            if self.eat(",") {
                self.newlines();
                last = Some(self.expr()?);
            }
        }
        let body = if self.is("{") { Some(self.body()?) } else { None };
        if body.is_none() && !matches!(self.peek(), Token::Newline | Token::End | Token::Sign(";")) {
            return self.wrong();
        }
        Ok(Rule { first, last, body })
    }

    fn function(&mut self) -> Parse<Function> {
        let (Token::Name(name) | Token::Call(name)) = self.next() else {
            self.at -= 1;
            return self.wrong();
        };
        self.expect("(")?;
        let mut params = Vec::new();
        while !self.eat(")") {
            self.newlines();
            let Token::Name(param) = self.next() else {
                self.at -= 1;
                return self.wrong();
            };
            params.push(param);
            self.eat(",");
            self.newlines();
        }
        self.newlines();
        Ok(Function { name, params, body: self.body()? })
    }

    fn body(&mut self) -> Parse<Vec<Stmt>> {
        self.newlines();
        self.expect("{")?;
        let mut all = Vec::new();
        loop {
            self.ends();
            if self.eat("}") {
                return Ok(all);
            }
            all.push(self.stmt()?);
        }
    }

    fn stmt(&mut self) -> Parse<Stmt> {
        self.deeper(Self::stmt_inner)
    }

    /// A statement under `if`, `while` and the like.
    fn inner(&mut self) -> Parse<Stmt> {
        self.newlines();
        if self.eat(";") { Ok(Stmt::Block(Vec::new())) } else { self.stmt() }
    }

    fn condition(&mut self) -> Parse<Expr> {
        self.expect("(")?;
        let expr = self.expr()?;
        self.expect(")")?;
        Ok(expr)
    }

    fn stmt_inner(&mut self) -> Parse<Stmt> {
        if self.is("{") {
            return self.body().map(Stmt::Block);
        }
        let Token::Keyword(word) = *self.peek() else {
            let stmt = self.simple()?;
            return self.end_of(stmt);
        };
        match word {
            "if" => {
                self.at += 1;
                let condition = self.condition()?;
                let then = Box::new(self.inner()?);
                let before = self.at;
                self.ends();
                let otherwise = if self.keyword("else") {
                    Some(Box::new(self.inner()?))
                } else {
                    self.at = before;
                    None
                };
                Ok(Stmt::If(condition, then, otherwise))
            }
            "while" => {
                self.at += 1;
                let condition = self.condition()?;
                Ok(Stmt::While(condition, Box::new(self.inner()?)))
            }
            "do" => {
                self.at += 1;
                let body = Box::new(self.inner()?);
                self.ends();
                if !self.keyword("while") {
                    return self.wrong();
                }
                let condition = self.condition()?;
                self.end_of(Stmt::DoWhile(body, condition))
            }
            "for" => {
                self.at += 1;
                self.for_loop()
            }
            _ => {
                let stmt = self.simple()?;
                self.end_of(stmt)
            }
        }
    }

    /// A statement must be followed by a separator or a closing brace.
    fn end_of(&mut self, stmt: Stmt) -> Parse<Stmt> {
        match self.peek() {
            Token::Newline | Token::Sign(";") => self.at += 1,
            Token::Sign("}") | Token::End => {}
            _ => return self.wrong(),
        }
        Ok(stmt)
    }

    fn for_loop(&mut self) -> Parse<Stmt> {
        self.expect("(")?;
        if let [Token::Name(name), Token::Keyword("in"), Token::Name(array), Token::Sign(")"), ..] =
            &self.tokens[self.at..]
        {
            let (name, array) = (name.clone(), array.clone());
            self.at += 4;
            return Ok(Stmt::ForIn(name, array, Box::new(self.inner()?)));
        }
        let start = if self.is(";") { None } else { Some(Box::new(self.simple()?)) };
        self.expect(";")?;
        self.newlines();
        let condition = if self.is(";") { None } else { Some(self.expr()?) };
        self.expect(";")?;
        self.newlines();
        let step = if self.is(")") { None } else { Some(Box::new(self.simple()?)) };
        self.expect(")")?;
        Ok(Stmt::For(start, condition, step, Box::new(self.inner()?)))
    }

    fn at_end(&self) -> bool {
        matches!(self.peek(), Token::Newline | Token::End | Token::Sign(";" | "}"))
    }

    fn simple(&mut self) -> Parse<Stmt> {
        let Token::Keyword(word) = *self.peek() else { return self.expr().map(Stmt::Expr) };
        self.at += 1;
        Ok(match word {
            "print" | "printf" => return self.print(word),
            "next" => Stmt::Next,
            "break" => Stmt::Break,
            "continue" => Stmt::Continue,
            "exit" => Stmt::Exit(if self.at_end() { None } else { Some(self.expr()?) }),
            "return" => Stmt::Return(if self.at_end() { None } else { Some(self.expr()?) }),
            "delete" => {
                let Token::Name(name) = self.next() else {
                    self.at -= 1;
                    return self.wrong();
                };
                let mut indices = Vec::new();
                if self.eat("[") {
                    indices = self.list("]")?;
                }
                Stmt::Delete(name, indices)
            }
            "getline" => return Err("getline is not simulated".into()),
            _ => {
                self.at -= 1;
                return self.wrong();
            }
        })
    }

    fn print(&mut self, word: &str) -> Parse<Stmt> {
        let mut args = Vec::new();
        let before = std::mem::replace(&mut self.no_greater, true);
        if !self.at_end() && !self.is(">") && !self.is("|") {
            // `print(a, b)` is a list in parentheses, unless something follows it.
            let start = self.at;
            let mut listed = None;
            if self.eat("(") {
                self.no_greater = false;
                let list = self.list(")");
                self.no_greater = true;
                if let Ok(list) = list
                    && (self.at_end() || self.is(">") || self.is("|") || self.is(">>"))
                {
                    listed = Some(list);
                }
            }
            args = match listed {
                Some(list) => list,
                None => {
                    self.at = start;
                    let mut all = vec![self.expr()?];
                    while self.eat(",") {
                        self.newlines();
                        all.push(self.expr()?);
                    }
                    all
                }
            };
        }
        self.no_greater = before;
        let mut target = Target::Out;
        if self.eat(">") || self.eat(">>") {
            target = match self.next() {
                Token::Text(file) if file == "/dev/stderr" => Target::Error,
                Token::Text(file) if file == "/dev/stdout" => Target::Out,
                _ => return Err("output to files is not simulated".into()),
            };
        } else if self.eat("|") {
            match self.next() {
                Token::Text(command) if command == "cat 1>&2" => target = Target::Error,
                _ => return Err("output to commands is not simulated".into()),
            }
        }
        if word == "printf" && args.is_empty() {
            return Err("printf: no format".into());
        }
        Ok(if word == "print" { Stmt::Print(args, target) } else { Stmt::Printf(args, target) })
    }

    /// Expressions up to a closing sign.
    fn list(&mut self, close: &str) -> Parse<Vec<Expr>> {
        let mut all = Vec::new();
        let greater = std::mem::replace(&mut self.no_greater, false);
        let within = std::mem::replace(&mut self.no_in, false);
        self.newlines();
        while !self.eat(close) {
            all.push(self.expr()?);
            self.newlines();
            if !self.eat(",") && !self.is(close) {
                return self.wrong();
            }
            self.newlines();
        }
        (self.no_greater, self.no_in) = (greater, within);
        Ok(all)
    }

    fn expr(&mut self) -> Parse<Expr> {
        self.deeper(Self::conditional)
    }

    fn conditional(&mut self) -> Parse<Expr> {
        let condition = self.or()?;
        if self.eat("?") {
            self.newlines();
            let yes = self.expr()?;
            self.newlines();
            self.expect(":")?;
            self.newlines();
            let no = self.expr()?;
            return Ok(Expr::Conditional(Box::new(condition), Box::new(yes), Box::new(no)));
        }
        let is_place = matches!(condition, Expr::Var(_) | Expr::Field(_) | Expr::Element(..));
        let sign = match self.peek() {
            Token::Sign(sign @ ("=" | "+=" | "-=" | "*=" | "/=" | "%=" | "^=")) if is_place => *sign,
            _ => return Ok(condition),
        };
        self.at += 1;
        self.newlines();
        let value = self.expr()?;
        let operator = sign.chars().next().unwrap_or('=');
        Ok(Expr::Assign(operator, Box::new(condition), Box::new(value)))
    }

    fn or(&mut self) -> Parse<Expr> {
        let mut left = self.and()?;
        while self.eat("||") {
            self.newlines();
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Parse<Expr> {
        let mut left = self.membership()?;
        while self.eat("&&") {
            self.newlines();
            left = Expr::And(Box::new(left), Box::new(self.membership()?));
        }
        Ok(left)
    }

    fn membership(&mut self) -> Parse<Expr> {
        let mut left = self.matching()?;
        while !self.no_in && self.keyword("in") {
            let Token::Name(array) = self.next() else {
                self.at -= 1;
                return self.wrong();
            };
            left = Expr::In(vec![left], array);
        }
        Ok(left)
    }

    fn matching(&mut self) -> Parse<Expr> {
        let mut left = self.comparison()?;
        loop {
            let negated = self.is("!~");
            if !negated && !self.is("~") {
                return Ok(left);
            }
            self.at += 1;
            left = Expr::Match(negated, Box::new(left), Box::new(self.comparison()?));
        }
    }

    fn comparison(&mut self) -> Parse<Expr> {
        let left = self.concat()?;
        let sign = match self.peek() {
            Token::Sign(">") if self.no_greater => return Ok(left),
            Token::Sign(sign @ ("<" | "<=" | "==" | "!=" | ">" | ">=")) => EcoString::from(*sign),
            _ => return Ok(left),
        };
        self.at += 1;
        Ok(Expr::Compare(sign, Box::new(left), Box::new(self.concat()?)))
    }

    fn concat(&mut self) -> Parse<Expr> {
        let mut left = self.additive()?;
        loop {
            let begins = match self.peek() {
                Token::Number(_) | Token::Text(_) | Token::Name(_) | Token::Call(_) | Token::Builtin(_) => true,
                Token::Sign(sign) => matches!(*sign, "$" | "!" | "(" | "-" | "+" | "++" | "--"),
                _ => false,
            };
            if !begins {
                return Ok(left);
            }
            left = Expr::Concat(Box::new(left), Box::new(self.additive()?));
        }
    }

    fn additive(&mut self) -> Parse<Expr> {
        let mut left = self.term()?;
        loop {
            let operator = match self.peek() {
                Token::Sign("+") => '+',
                Token::Sign("-") => '-',
                _ => return Ok(left),
            };
            self.at += 1;
            left = Expr::Arith(operator, Box::new(left), Box::new(self.term()?));
        }
    }

    fn term(&mut self) -> Parse<Expr> {
        let mut left = self.unary()?;
        loop {
            let operator = match self.peek() {
                Token::Sign("*") => '*',
                Token::Sign("/") => '/',
                Token::Sign("%") => '%',
                _ => return Ok(left),
            };
            self.at += 1;
            left = Expr::Arith(operator, Box::new(left), Box::new(self.unary()?));
        }
    }

    fn unary(&mut self) -> Parse<Expr> {
        self.deeper(|parser| {
            if parser.eat("!") {
                return Ok(Expr::Not(Box::new(parser.unary()?)));
            }
            if parser.eat("-") {
                return Ok(Expr::Negative(Box::new(parser.unary()?)));
            }
            if parser.eat("+") {
                return Ok(Expr::Positive(Box::new(parser.unary()?)));
            }
            parser.power()
        })
    }

    fn power(&mut self) -> Parse<Expr> {
        let base = self.postfix()?;
        if !self.eat("^") {
            return Ok(base);
        }
        Ok(Expr::Arith('^', Box::new(base), Box::new(self.unary()?)))
    }

    fn postfix(&mut self) -> Parse<Expr> {
        let expr = self.primary()?;
        if !matches!(expr, Expr::Var(_) | Expr::Field(_) | Expr::Element(..)) {
            return Ok(expr);
        }
        let by = match self.peek() {
            Token::Sign("++") => 1.0,
            Token::Sign("--") => -1.0,
            _ => return Ok(expr),
        };
        self.at += 1;
        Ok(Expr::Step(by, false, Box::new(expr)))
    }

    fn primary(&mut self) -> Parse<Expr> {
        Ok(match self.next() {
            Token::Number(number) => Expr::Number(number),
            Token::Text(text) => Expr::Text(text),
            Token::Regex(text) => Expr::Regex(text),
            Token::Name(name) => {
                if self.eat("[") {
                    let indices = self.list("]")?;
                    if indices.is_empty() {
                        return self.wrong();
                    }
                    Expr::Element(name, indices)
                } else {
                    Expr::Var(name)
                }
            }
            Token::Call(name) => {
                self.expect("(")?;
                Expr::Call(name, self.list(")")?)
            }
            Token::Builtin(name) => {
                let args = if self.eat("(") { self.list(")")? } else { Vec::new() };
                if args.is_empty() && name != "length" && !matches!(name, "rand" | "srand" | "fflush" | "close") {
                    return self.wrong();
                }
                if name == "system" {
                    return Err("system() is not simulated".into());
                }
                Expr::Builtin(name.into(), args)
            }
            Token::Sign("$") => {
                let by = if self.eat("++") { Some(1.0) } else { self.eat("--").then_some(-1.0) };
                let inner = self.deeper(Self::primary)?;
                let inner = by.map_or(inner.clone(), |by| Expr::Step(by, true, Box::new(inner)));
                Expr::Field(Box::new(inner))
            }
            Token::Sign(sign @ ("++" | "--")) => {
                let place = self.deeper(Self::primary)?;
                let by = if sign == "++" { 1.0 } else { -1.0 };
                if !matches!(place, Expr::Var(_) | Expr::Field(_) | Expr::Element(..)) {
                    return self.wrong();
                }
                Expr::Step(by, true, Box::new(place))
            }
            Token::Sign("(") => {
                let mut all = self.list(")")?;
                if all.len() > 1 && self.keyword("in") {
                    let Token::Name(array) = self.next() else {
                        self.at -= 1;
                        return self.wrong();
                    };
                    return Ok(Expr::In(all, array));
                }
                match (all.pop(), all.is_empty()) {
                    (Some(only), true) => Expr::Group(Box::new(only)),
                    _ => return self.wrong(),
                }
            }
            Token::Keyword("getline") => return Err("getline is not simulated".into()),
            _ => {
                self.at -= 1;
                return self.wrong();
            }
        })
    }
}
