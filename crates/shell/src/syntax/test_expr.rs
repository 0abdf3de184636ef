//! `[[ … ]]`.

use super::ast::{Test, Word};
use super::lexer::Token;
use super::{Parser, SyntaxError};

type Parse<T> = Result<T, SyntaxError>;

const UNARY: &str = "abcdefghknoprstuvwxzGLNORS";
const BINARY: [&str; 13] = ["=", "==", "!=", "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"];

impl Parser<'_> {
    /// After `[[`, up to and with `]]`.
    pub(super) fn test(&mut self) -> Parse<Test> {
        let test = self.test_or()?;
        self.newlines()?;
        if !self.eat_word("]]")? {
            return self.test_error("syntax error in conditional expression");
        }
        Ok(test)
    }

    fn test_error<T>(&mut self, text: &str) -> Parse<T> {
        if *self.token()? == Token::End && !self.at_end {
            return self.unexpected();
        }
        Err(SyntaxError::Message { text: text.into(), line: self.line })
    }

    fn test_or(&mut self) -> Parse<Test> {
        let mut test = self.test_and()?;
        loop {
            self.newlines()?;
            if !self.eat_operator("||")? {
                return Ok(test);
            }
            test = Test::Or([test, self.test_and()?].into());
        }
    }

    fn test_and(&mut self) -> Parse<Test> {
        let mut test = self.test_one()?;
        loop {
            self.newlines()?;
            if !self.eat_operator("&&")? {
                return Ok(test);
            }
            test = Test::And([test, self.test_one()?].into());
        }
    }

    fn test_one(&mut self) -> Parse<Test> {
        self.deeper(|parser| {
            parser.newlines()?;
            if parser.eat_word("!")? {
                return Ok(Test::Not([parser.test_one()?].into()));
            }
            if parser.eat_operator("(")? {
                let test = parser.test_or()?;
                parser.newlines()?;
                if !parser.eat_operator(")")? {
                    return parser.test_error("expected `)'");
                }
                return Ok(test);
            }
            let Token::Word(left) = parser.token()?.clone() else {
                return parser.test_error("syntax error in conditional expression");
            };
            if left.plain().is_some_and(|text| text == "]]") {
                return parser.test_error("syntax error near `]]'");
            }
            parser.take()?;
            parser.test_behind(left)
        })
    }

    /// What follows the first word of a primary.
    fn test_behind(&mut self, left: Word) -> Parse<Test> {
        let flag = left.plain().and_then(|text| text.strip_prefix('-')).filter(|f| f.len() == 1 && UNARY.contains(*f));
        if let Some(flag) = flag
            && let Token::Word(operand) = self.token()?.clone()
            && !operand.plain().is_some_and(|text| text == "]]" || BINARY.contains(&text.as_str()))
        {
            self.take()?;
            return Ok(Test::Unary(flag.into(), operand));
        }
        let operator = match self.token()? {
            Token::Operator(operator @ ("<" | ">")) => Some((*operator).to_string()),
            Token::Word(word) => word.plain().filter(|text| BINARY.contains(&text.as_str())).map(ToString::to_string),
            _ => None,
        };
        let Some(operator) = operator else {
            return match self.token()? {
                Token::Word(word) if word.plain().is_none_or(|text| text != "]]") => {
                    self.test_error("conditional binary operator expected")
                }
                _ => Ok(Test::Unary("n".into(), left)),
            };
        };
        self.take()?;
        if operator == "=~" {
            let right = self.regex_word()?;
            return Ok(Test::Binary(left, operator.into(), right));
        }
        match self.token()?.clone() {
            Token::Word(right) if right.plain().is_none_or(|text| text != "]]") => {
                self.take()?;
                Ok(Test::Binary(left, operator.into(), right))
            }
            _ => self.test_error("unexpected argument `]]' to conditional binary operator"),
        }
    }
}
