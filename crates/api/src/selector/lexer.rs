//! The tokens of `kubectl -l`.

/// One token with its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item<'t> {
    pub token: Token,
    pub text: &'t str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    End,
    Close,
    Comma,
    Not,
    DoubleEquals,
    Equals,
    Greater,
    Identifier,
    In,
    Less,
    NotEquals,
    NotIn,
    Open,
}

/// All tokens of a text; the last one is `End`.
// Models staging/src/k8s.io/apimachinery/pkg/labels/selector.go
pub(super) fn scan(text: &str) -> Vec<Item<'_>> {
    // A NUL byte ends the text, as it does upstream.
    let mut rest = text.split('\0').next().unwrap_or_default();
    let mut items = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let Some(first) = rest.chars().next() else {
            items.push(Item { token: Token::End, text: "" });
            return items;
        };
        let length = if is_special(first) { special_length(rest) } else { rest.find(ends_word).unwrap_or(rest.len()) };
        let (text, after) = rest.split_at(length);
        items.push(Item { token: token(text), text });
        rest = after;
    }
}

fn is_special(c: char) -> bool {
    matches!(c, '=' | '!' | '(' | ')' | ',' | '>' | '<')
}

fn ends_word(c: char) -> bool {
    is_special(c) || matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn special_length(text: &str) -> usize {
    if text.starts_with("==") || text.starts_with("!=") { 2 } else { 1 }
}

fn token(text: &str) -> Token {
    match text {
        ")" => Token::Close,
        "," => Token::Comma,
        "!" => Token::Not,
        "==" => Token::DoubleEquals,
        "=" => Token::Equals,
        ">" => Token::Greater,
        "in" => Token::In,
        "<" => Token::Less,
        "!=" => Token::NotEquals,
        "notin" => Token::NotIn,
        "(" => Token::Open,
        _ => Token::Identifier,
    }
}
