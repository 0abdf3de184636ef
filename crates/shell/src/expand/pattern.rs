//! Shell patterns: `*`, `?`, `[…]`, and `+(…)`-like groups are not among them.

/// A pattern, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    tokens: Vec<Token>,
    fold: bool,
}

#[derive(Clone, Debug)]
enum Token {
    Star,
    Any,
    Char(char),
    Set { negated: bool, items: Vec<(char, char)> },
}

/// Whether a text has pattern characters that are not escaped.
pub(crate) fn has_magic(pattern: &str) -> bool {
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}

/// Puts a backslash before every character that a pattern would read.
pub(crate) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '\\' | '-' | '!' | '^') {
            out.push('\\');
        }
        out.push(c);
    }
}

/// A pattern's text without its backslashes.
pub(crate) fn unescape(pattern: &str) -> String {
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    out
}

fn class(name: &str) -> Vec<(char, char)> {
    match name {
        "alpha" => vec![('a', 'z'), ('A', 'Z')],
        "digit" => vec![('0', '9')],
        "alnum" => vec![('a', 'z'), ('A', 'Z'), ('0', '9')],
        "word" => vec![('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')],
        "upper" => vec![('A', 'Z')],
        "lower" => vec![('a', 'z')],
        "space" => vec![(' ', ' '), ('\t', '\r')],
        "blank" => vec![(' ', ' '), ('\t', '\t')],
        "punct" => vec![('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "xdigit" => vec![('0', '9'), ('a', 'f'), ('A', 'F')],
        "cntrl" => vec![('\0', '\x1f'), ('\x7f', '\x7f')],
        "print" => vec![(' ', '~')],
        "graph" => vec![('!', '~')],
        _ => Vec::new(),
    }
}

/// Reads a set after its `[`; answers it with how many characters it took.
fn read_set(chars: &[char]) -> Option<(Token, usize)> {
    let mut at = 0;
    let negated = matches!(chars.first(), Some('!' | '^'));
    at += usize::from(negated);
    let mut items = Vec::new();
    let first = at;
    loop {
        let mut c = *chars.get(at)?;
        if c == ']' && at > first {
            return Some((Token::Set { negated, items }, at + 1));
        }
        if c == '[' && chars.get(at + 1) == Some(&':') {
            let rest = &chars[at + 2..];
            if let Some(end) = rest.windows(2).position(|pair| pair == [':', ']']) {
                items.extend(class(&rest[..end].iter().collect::<String>()));
                at += end + 4;
                continue;
            }
        }
        at += 1;
        if c == '\\' {
            c = *chars.get(at)?;
            at += 1;
        }
        let is_range = chars.get(at) == Some(&'-') && chars.get(at + 1).is_some_and(|c| *c != ']');
        if is_range {
            let mut last = chars[at + 1];
            at += 2;
            if last == '\\' {
                last = *chars.get(at)?;
                at += 1;
            }
            items.push((c, last));
        } else {
            items.push((c, c));
        }
    }
}

impl Pattern {
    pub(crate) fn new(pattern: &str) -> Self {
        let chars: Vec<char> = pattern.chars().collect();
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(c) = chars.get(at).copied() {
            at += 1;
            tokens.push(match c {
                '*' => {
                    if matches!(tokens.last(), Some(Token::Star)) {
                        continue;
                    }
                    Token::Star
                }
                '?' => Token::Any,
                '[' => match read_set(&chars[at..]) {
                    Some((set, used)) => {
                        at += used;
                        set
                    }
                    None => Token::Char('['),
                },
                '\\' => {
                    let escaped = chars.get(at).copied().unwrap_or('\\');
                    at += 1;
                    Token::Char(escaped)
                }
                c => Token::Char(c),
            });
        }
        Self { tokens, fold: false }
    }

    /// Without regard to case.
    pub(crate) fn folded(mut self, fold: bool) -> Self {
        self.fold = fold;
        self
    }

    fn reversed(&self) -> Self {
        Self { tokens: self.tokens.iter().rev().cloned().collect(), fold: self.fold }
    }

    fn accepts(&self, token: &Token, c: char) -> bool {
        let folded = |a: char, b: char| a == b || self.fold && a.to_lowercase().eq(b.to_lowercase());
        match token {
            Token::Star | Token::Any => true,
            Token::Char(wanted) => folded(*wanted, c),
            Token::Set { negated, items } => {
                let within = |c: char| items.iter().any(|(from, to)| (*from..=*to).contains(&c));
                let found = within(c) || self.fold && (c.to_lowercase().any(within) || c.to_uppercase().any(within));
                found != *negated
            }
        }
    }

    /// Calls `end` with the number of characters of every prefix that matches, shortest first, until it says stop.
    fn prefixes(&self, text: impl Iterator<Item = char>, mut end: impl FnMut(usize) -> bool) {
        let count = self.tokens.len();
        let mut active = vec![false; count + 1];
        active[0] = true;
        let skip_stars = |active: &mut Vec<bool>| {
            for at in 0..count {
                if active[at] && matches!(self.tokens[at], Token::Star) {
                    active[at + 1] = true;
                }
            }
        };
        skip_stars(&mut active);
        if active[count] && end(0) {
            return;
        }
        for (number, c) in text.enumerate() {
            let mut next = vec![false; count + 1];
            for at in 0..count {
                if active[at] && self.accepts(&self.tokens[at], c) {
                    let stays = matches!(self.tokens[at], Token::Star);
                    next[if stays { at } else { at + 1 }] = true;
                }
            }
            skip_stars(&mut next);
            active = next;
            if active[count] && end(number + 1) || !active.contains(&true) {
                return;
            }
        }
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let length = text.chars().count();
        let mut found = false;
        self.prefixes(text.chars(), |end| {
            found = end == length;
            found
        });
        found
    }

    /// The byte length of the shortest or longest prefix that matches.
    pub(crate) fn prefix(&self, text: &str, longest: bool) -> Option<usize> {
        let mut found = None;
        self.prefixes(text.chars(), |end| {
            found = Some(end);
            !longest
        });
        found.map(|count| text.chars().take(count).map(char::len_utf8).sum())
    }

    /// The byte length of the shortest or longest suffix that matches.
    pub(crate) fn suffix(&self, text: &str, longest: bool) -> Option<usize> {
        let mut found = None;
        self.reversed().prefixes(text.chars().rev(), |end| {
            found = Some(end);
            !longest
        });
        found.map(|count| text.chars().rev().take(count).map(char::len_utf8).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_texts_match_or_not() {
        for (pattern, text, expect) in [
            ("*.yaml", "a.yaml", true),
            ("*.yaml", "a.yml", false),
            ("a?c", "abc", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[[:digit:]]*", "7a", true),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("[", "[", true),
            ("a*b*c", "aXbYbZc", true),
            ("", "", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), expect, "{pattern} {text}");
        }
    }

    #[test]
    fn ends_are_found_short_and_long() {
        let text = "/a/b/c";
        assert_eq!(Pattern::new("*/").prefix(text, true), Some(5));
        assert_eq!(Pattern::new("*/").prefix(text, false), Some(1));
        assert_eq!(Pattern::new("/*").suffix(text, false), Some(2));
        assert_eq!(Pattern::new("/*").suffix(text, true), Some(6));
        assert_eq!(Pattern::new("x").suffix(text, true), None);
    }
}
