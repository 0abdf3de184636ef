//! Rust source with its strings and comments told apart, as far as counting braces and finding words needs.

/// What a stretch of source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Code,
    Comment,
    Literal,
}

/// Source text of which parts are blanked out; lines and columns stay.
#[derive(Clone, Debug)]
pub struct Code {
    /// Only the code: comments and literals are spaces.
    pub bare: String,
    /// Code and comments: literals are spaces.
    pub commented: String,
}

impl Code {
    /// Reads a source text.
    #[must_use]
    pub fn of(source: &str) -> Self {
        let chars: Vec<char> = source.chars().collect();
        let mut code = Self { bare: String::new(), commented: String::new() };
        let mut at = 0;
        while at < chars.len() {
            let (part, end) = next_part(&chars, at);
            for &c in &chars[at..end] {
                let blank = if c == '\n' { '\n' } else { ' ' };
                code.bare.push(if part == Part::Code { c } else { blank });
                code.commented.push(if part == Part::Literal { blank } else { c });
            }
            at = end;
        }
        code
    }

    /// The functions that have a body: name, line on which `fn` stands (from 1), lines from there to the closing brace.
    #[must_use]
    pub fn functions(&self) -> Vec<(String, usize, usize)> {
        let chars: Vec<char> = self.bare.chars().collect();
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(start) = word(&chars, at, "fn") {
            at = start + 2;
            let name: String =
                chars[at..].iter().skip_while(|c| c.is_whitespace()).take_while(|c| is_word(**c)).collect();
            if let Some(end) = (!name.is_empty()).then(|| body_end(&chars, at)).flatten() {
                let line = 1 + newlines(&chars[..start]);
                found.push((name, line, 1 + newlines(&chars[start..end])));
            }
        }
        found
    }
}

/// What begins at a place, and where it ends.
fn next_part(chars: &[char], at: usize) -> (Part, usize) {
    let rest = &chars[at..];
    let after_word = at > 0 && is_word(chars[at - 1]);
    match rest {
        ['/', '/', ..] => (Part::Comment, at + rest.iter().position(|c| *c == '\n').unwrap_or(rest.len())),
        ['/', '*', ..] => (Part::Comment, block_comment_end(chars, at)),
        ['"', ..] => (Part::Literal, string_end(chars, at + 1)),
        ['r', '"' | '#', ..] | ['b', 'r', '"' | '#', ..] if !after_word => match raw_string_end(chars, at) {
            Some(end) => (Part::Literal, end),
            None => (Part::Code, at + 1),
        },
        ['\'', '\\', ..] => {
            let close = rest.iter().skip(3).position(|c| *c == '\'');
            (Part::Literal, close.map_or(chars.len(), |close| at + close + 4))
        }
        ['\'', _, '\'', ..] => (Part::Literal, at + 3),
        _ => (Part::Code, at + 1),
    }
}

fn block_comment_end(chars: &[char], start: usize) -> usize {
    let mut depth = 0;
    let mut at = start;
    while at < chars.len() {
        match &chars[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn string_end(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

fn raw_string_end(chars: &[char], start: usize) -> Option<usize> {
    let open = start + chars[start..].iter().position(|c| *c == 'r')? + 1;
    let hashes = chars[open..].iter().take_while(|c| **c == '#').count();
    if chars.get(open + hashes) != Some(&'"') {
        return None;
    }
    let mut at = open + hashes + 1;
    while at < chars.len() {
        let closes = chars[at] == '"' && chars[at + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
        if closes {
            return Some(at + 1 + hashes);
        }
        at += 1;
    }
    Some(chars.len())
}

/// Where the body of the function whose header begins here ends; nothing if it has none.
fn body_end(chars: &[char], from: usize) -> Option<usize> {
    let mut nested = 0_usize;
    let open = (from..chars.len()).find(|&at| {
        match chars[at] {
            '(' | '[' => nested += 1,
            ')' | ']' => nested = nested.saturating_sub(1),
            _ => {}
        }
        nested == 0 && matches!(chars[at], '{' | ';')
    })?;
    if chars[open] == ';' {
        return None;
    }
    let mut depth = 0_usize;
    (open..chars.len()).find(|&at| {
        match chars[at] {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth == 0
    })
}

/// The next place where a word stands by itself.
fn word(chars: &[char], from: usize, word: &str) -> Option<usize> {
    let wanted: Vec<char> = word.chars().collect();
    (from..chars.len().saturating_sub(wanted.len())).find(|&at| {
        chars[at..].starts_with(&wanted)
            && (at == 0 || !is_word(chars[at - 1]))
            && chars.get(at + wanted.len()).is_none_or(|c| !is_word(*c))
    })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn newlines(chars: &[char]) -> usize {
    chars.iter().filter(|c| **c == '\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expect: &[(&str, usize, usize)]) {
        let found = Code::of(source).functions();
        let found: Vec<_> = found.iter().map(|(name, line, length)| (name.as_str(), *line, *length)).collect();
        assert_eq!(found, expect, "{source}");
    }

    #[test]
    fn functions_are_found_with_their_lines() {
        check("fn a() {\n}\n\npub fn b() -> [u8; 2] {\n  if x { y }\n  z\n}\n", &[("a", 1, 2), ("b", 4, 4)]);
        check("trait T {\n  fn none(&self);\n  fn some(&self) {}\n}\n", &[("some", 3, 1)]);
        check("type F = fn(u8) -> u8;\n", &[]);
    }

    #[test]
    fn braces_in_literals_and_comments_do_not_count() {
        check("fn a() {\n  let s = \"}\\\"}\"; // }\n  let c = '}';\n  let q = '\\'';\n}\n", &[("a", 1, 5)]);
        check("fn a<'x>(s: &'x str) {\n  let r = r#\"}\"}\"#; /* } /* } */ } */\n}\n", &[("a", 1, 3)]);
        check("// fn no() {}\nconst S: &str = \"fn no() {}\";\nfn r() { for_r(r) }\n", &[("r", 3, 1)]);
    }
}
