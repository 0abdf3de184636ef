//! Tokens of awk programs.

use ecow::EcoString;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(EcoString),
    Regex(EcoString),
    Name(EcoString),
    /// A name right before a parenthesis.
    Call(EcoString),
    Keyword(&'static str),
    Builtin(&'static str),
    Sign(&'static str),
    Newline,
    End,
}

const KEYWORDS: [&str; 18] = [
    "BEGIN", "END", "function", "func", "if", "else", "while", "for", "do", "break", "continue", "next", "exit",
    "return", "delete", "in", "getline", "print",
];
const BUILTINS: [&str; 22] = [
    "length", "substr", "index", "split", "sub", "gsub", "match", "sprintf", "sin", "cos", "atan2", "exp", "log",
    "sqrt", "int", "rand", "srand", "tolower", "toupper", "system", "close", "fflush",
];
const SIGNS: [&str; 45] = [
    "**=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "**", "==", "<=", ">=", "!=", "!~", ">>", "{",
    "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?", ":", "~", "$", "=", "&",
    "\\", "@", ".",
];

/// Splits a program; the token before decides whether a slash begins an expression.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r']);
        if let Some(after) = rest.strip_prefix("\\\n").or_else(|| rest.strip_prefix("\\\r\n")) {
            rest = after;
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        if c == '#' {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if c == '\n' {
            tokens.push(Token::Newline);
            rest = &rest[1..];
        } else if c == '"' {
            let (text, used) = string(&rest[1..]).ok_or("unterminated string")?;
            tokens.push(Token::Text(text.into()));
            rest = &rest[1 + used..];
        } else if c == '/' && wants_operand(tokens.last()) {
            let (text, used) = regex(&rest[1..]).ok_or("unterminated regexp")?;
            tokens.push(Token::Regex(text.into()));
            rest = &rest[1 + used..];
        } else if c.is_ascii_digit() || c == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
            let used = number_length(rest);
            tokens.push(Token::Number(rest[..used].parse().unwrap_or(0.0)));
            rest = &rest[used..];
        } else if c == '_' || c.is_ascii_alphabetic() {
            let used = rest.bytes().take_while(|b| *b == b'_' || b.is_ascii_alphanumeric()).count();
            let (name, after) = rest.split_at(used);
            rest = after;
            tokens.push(word(name, rest));
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
            let Some(sign) = sign else { return Err(format!("syntax error at or near {c}")) };
            rest = &rest[sign.len()..];
            tokens.push(Token::Sign(match *sign {
                "**" => "^",
                "**=" => "^=",
                sign => sign,
            }));
        }
    }
    tokens.push(Token::Newline);
    tokens.push(Token::End);
    Ok(tokens)
}

fn word(name: &str, rest: &str) -> Token {
    if name == "printf" {
        return Token::Keyword("printf");
    }
    if let Some(keyword) = KEYWORDS.iter().find(|keyword| **keyword == name) {
        return Token::Keyword(if *keyword == "func" { "function" } else { keyword });
    }
    if let Some(builtin) = BUILTINS.iter().find(|builtin| **builtin == name) {
        return Token::Builtin(builtin);
    }
    if rest.starts_with('(') { Token::Call(name.into()) } else { Token::Name(name.into()) }
}

/// Whether an operand may come after this token, so that a slash is no division.
fn wants_operand(before: Option<&Token>) -> bool {
    match before {
        None | Some(Token::Newline | Token::Keyword(_)) => true,
        Some(Token::Sign(sign)) => !matches!(*sign, ")" | "]" | "$" | "++" | "--"),
        _ => false,
    }
}

fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| from + bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let after = digits(end + 1 + sign);
        if after > end + 1 + sign {
            end = after;
        }
    }
    end
}

/// A string after its quote: its text and what it took, with the closing quote.
fn string(text: &str) -> Option<(String, usize)> {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, at + 1)),
            '\n' => return None,
            '\\' => match chars.next()?.1 {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' => out.push('\r'),
                '"' => out.push('"'),
                '\\' => out.push('\\'),
                '/' => out.push('/'),
                'a' => out.push('\x07'),
                'b' => out.push('\x08'),
                'f' => out.push('\x0c'),
                'v' => out.push('\x0b'),
                '0' => out.push('\0'),
                '1' => out.push('\x01'),
                '\n' => {}
                other => out.extend(['\\', other]),
            },
            c => out.push(c),
        }
    }
    None
}

/// A regular expression after its slash.
fn regex(text: &str) -> Option<(String, usize)> {
    let mut out = String::new();
    let mut in_set = false;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '/' if !in_set => return Some((out, at + 1)),
            '\n' => return None,
            '\\' => match chars.next()?.1 {
                '/' => out.push('/'),
                '"' => out.push('"'),
                't' => out.push('\t'),
                other => out.extend(['\\', other]),
            },
            c => {
                match c {
                    '[' => in_set = true,
                    ']' if !out.ends_with('[') && !out.ends_with("[^") => in_set = false,
                    _ => {}
                }
                out.push(c);
            }
        }
    }
    None
}
