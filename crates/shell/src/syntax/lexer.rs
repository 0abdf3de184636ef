//! Characters and tokens.

use ecow::{EcoString, EcoVec};

use super::ast::Word;
use super::heredoc::Pending;
use super::{Aliases, MAX_DEPTH, Need, SyntaxError};

/// A token of the grammar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Word(Word),
    Operator(&'static str),
    /// A number right before a redirection.
    Number(u32),
    Newline,
    End,
}

/// The longest operators first.
const OPERATORS: [&str; 24] = [
    "&>>", "<<<", "<<-", ";;&", "&&", "||", ";;", ";&", "|&", "&>", "<<", ">>", "<&", ">&", "<>", ">|", "&", "|", ";",
    "<", ">", "(", ")", "\n",
];

/// A text being read; on top of others where it is what an alias stands for.
struct Input {
    text: EcoString,
    at: usize,
    alias: Option<EcoString>,
}

/// Reads one text from front to back.
pub(crate) struct Parser<'a> {
    text: &'a str,
    at: usize,
    stack: Vec<Input>,
    pub(super) line: u32,
    pub(super) depth: u32,
    pub(super) aliases: &'a Aliases,
    pub(super) at_end: bool,
    pub(super) peeked: Option<Token>,
    /// Where the peeked token begins and how it was written.
    pub(super) token_start: usize,
    pub(super) token_line: u32,
    /// Where the last taken token ended.
    pub(super) last_end: usize,
    /// Whether the token now peeked may be an alias.
    pub(super) alias_next: bool,
    /// Whether the item just read ended with `;` or `&`.
    pub(super) follows_separator: bool,
    pub(super) pending: Vec<Pending>,
    pub(super) documents: Vec<Word>,
    pub(super) unended: Option<(EcoString, u32)>,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str, line: u32, aliases: &'a Aliases, at_end: bool) -> Self {
        Self {
            text,
            at: 0,
            stack: Vec::new(),
            line,
            depth: 0,
            aliases,
            at_end,
            peeked: None,
            token_start: 0,
            token_line: line,
            last_end: 0,
            alias_next: false,
            follows_separator: false,
            pending: Vec::new(),
            documents: Vec::new(),
            unended: None,
        }
    }

    /// How far the text has been read.
    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    pub(crate) fn line_number(&self) -> u32 {
        self.line
    }

    /// What was written between two offsets.
    pub(super) fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to.max(from)).unwrap_or_default().trim()
    }

    /// The rest of the text, not counting aliases.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Goes on after `count` more bytes of the text.
    pub(super) fn skip_bytes(&mut self, count: usize) {
        self.line += self.text[self.at..self.at + count].matches('\n').count() as u32;
        self.at += count;
    }

    pub(super) fn peek(&mut self) -> Option<char> {
        while let Some(top) = self.stack.last() {
            if let Some(c) = top.text[top.at..].chars().next() {
                return Some(c);
            }
            // What follows an alias that ends in a blank may be one, too.
            if top.text.ends_with([' ', '\t']) {
                self.alias_next = true;
            }
            self.stack.pop();
        }
        self.text[self.at..].chars().next()
    }

    /// The character after the next one.
    pub(super) fn peek_second(&mut self) -> Option<char> {
        self.peek()?;
        match self.stack.last() {
            Some(top) => top.text[top.at..].chars().nth(1),
            None => self.text[self.at..].chars().nth(1),
        }
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        match self.stack.last_mut() {
            Some(top) => top.at += c.len_utf8(),
            None => {
                self.at += c.len_utf8();
                if c == '\n' {
                    self.line += 1;
                }
            }
        }
        Some(c)
    }

    pub(super) fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.next();
        }
        found
    }

    /// What comes next, up to the end of the text or of the alias that is being read.
    pub(super) fn ahead(&mut self) -> &str {
        self.peek();
        match self.stack.last() {
            Some(top) => &top.text[top.at..],
            None => &self.text[self.at..],
        }
    }

    /// Whether the text goes on like this.
    pub(super) fn looking_at(&mut self, text: &str) -> bool {
        self.ahead().starts_with(text)
    }

    /// Goes one level deeper.
    pub(super) fn deeper<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, SyntaxError>,
    ) -> Result<T, SyntaxError> {
        if self.depth >= MAX_DEPTH {
            let text = "commands are nested too deeply".into();
            return Err(SyntaxError::Message { text, line: self.line });
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    /// Something is missing at the end of the text.
    pub(super) fn missing(&self, quote: char, line: u32) -> SyntaxError {
        SyntaxError::Incomplete(Need::Closing { quote, line })
    }

    /// The next token, which stays.
    pub(super) fn token(&mut self) -> Result<&Token, SyntaxError> {
        if self.peeked.is_none() {
            let token = self.read_token()?;
            self.peeked = Some(token);
        }
        Ok(self.peeked.as_ref().unwrap_or(&Token::End))
    }

    /// Takes the next token.
    pub(super) fn take(&mut self) -> Result<Token, SyntaxError> {
        self.token()?;
        self.alias_next = false;
        let token = self.peeked.take().unwrap_or(Token::End);
        self.last_end = self.at;
        if token == Token::Newline {
            self.read_documents()?;
        }
        Ok(token)
    }

    fn read_token(&mut self) -> Result<Token, SyntaxError> {
        self.skip_blanks();
        if self.stack.is_empty() {
            self.token_start = self.at;
            self.token_line = self.line;
        }
        let Some(c) = self.peek() else { return Ok(Token::End) };
        if let Some(operator) = OPERATORS.into_iter().find(|operator| self.looking_at(operator)) {
            let is_process = matches!(operator, "<" | ">") && self.peek_second() == Some('(');
            if !is_process {
                for _ in operator.chars() {
                    self.next();
                }
                return Ok(if operator == "\n" { Token::Newline } else { Token::Operator(operator) });
            }
        }
        if c.is_ascii_digit()
            && let Some(number) = self.number_before_redirection()
        {
            return Ok(Token::Number(number));
        }
        let word = self.word()?;
        if self.alias_next
            && let Some(name) = word.plain().cloned()
            && let Some(text) = self.aliases.get(&name)
            && !self.stack.iter().any(|input| input.alias.as_ref() == Some(&name))
            && self.stack.len() < 64
        {
            self.stack.push(Input { text: text.clone(), at: 0, alias: Some(name) });
            return self.read_token();
        }
        Ok(Token::Word(word))
    }

    fn number_before_redirection(&mut self) -> Option<u32> {
        let rest = self.ahead();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = rest[..digits].parse().ok().filter(|number| *number < 1024)?;
        if !rest[digits..].starts_with(['<', '>']) {
            return None;
        }
        for _ in 0..digits {
            self.next();
        }
        Some(number)
    }

    /// Blanks, comments and continued lines.
    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => {
                    self.next();
                }
                Some('\\') if self.peek_second() == Some('\n') => {
                    self.next();
                    self.next();
                }
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.next();
                    }
                }
                _ => return,
            }
        }
    }

    /// Takes this operator if it comes next.
    pub(super) fn eat_operator(&mut self, operator: &str) -> Result<bool, SyntaxError> {
        let found = matches!(self.token()?, Token::Operator(next) if *next == operator);
        if found {
            self.take()?;
        }
        Ok(found)
    }

    /// Whether the next token is this unquoted word.
    pub(super) fn at_word(&mut self, text: &str) -> Result<bool, SyntaxError> {
        Ok(matches!(self.token()?, Token::Word(word) if word.plain().is_some_and(|plain| plain == text)))
    }

    pub(super) fn eat_word(&mut self, text: &str) -> Result<bool, SyntaxError> {
        let found = self.at_word(text)?;
        if found {
            self.take()?;
        }
        Ok(found)
    }

    /// The next token is not what the grammar wants here.
    pub(super) fn unexpected<T>(&mut self) -> Result<T, SyntaxError> {
        let token = match self.token()? {
            // Bash reads a newline at the end of its text, so that only whole commands miss something.
            Token::End => return Err(SyntaxError::Incomplete(Need::More)),
            Token::Operator(operator) => (*operator).into(),
            Token::Number(number) => EcoString::from(number.to_string()),
            Token::Newline => "newline".into(),
            Token::Word(_) => self.slice(self.token_start, self.at).into(),
        };
        Err(SyntaxError::Unexpected { token, line: self.token_line })
    }

    /// [`unexpected`](Self::unexpected) where even the end of the text reads as a newline.
    pub(super) fn unexpected_newline<T>(&mut self) -> Result<T, SyntaxError> {
        match self.token()? {
            Token::End => Err(SyntaxError::Unexpected { token: "newline".into(), line: self.token_line }),
            _ => self.unexpected(),
        }
    }

    /// Skips newlines.
    pub(super) fn newlines(&mut self) -> Result<(), SyntaxError> {
        while *self.token()? == Token::Newline {
            self.take()?;
        }
        Ok(())
    }

    /// The words up to the next token that is none.
    pub(super) fn words(&mut self) -> Result<EcoVec<Word>, SyntaxError> {
        let mut words = EcoVec::new();
        while let Token::Word(word) = self.token()? {
            words.push(word.clone());
            self.take()?;
        }
        Ok(words)
    }
}
