//! POSIX regular expressions, as grep, sed, awk and `=~` read them, in terms of `regex-lite`.

use regex_lite::{Regex, RegexBuilder};

/// How large a compiled expression may be, in bytes.
const MAX_SIZE: usize = 1 << 20;
/// How deep groups may nest.
const MAX_NESTING: u32 = 40;

/// An extended expression (`grep -E`, awk, `=~`).
///
/// # Errors
/// What is wrong with it.
pub(crate) fn extended(text: &str, fold: bool) -> Result<Regex, String> {
    build(&translate(text, true), fold)
}

/// A basic expression (grep, sed): groups, braces and alternation want backslashes.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn basic(text: &str, fold: bool) -> Result<Regex, String> {
    build(&translate(text, false), fold)
}

/// An expression in the library's own syntax.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn build(pattern: &str, fold: bool) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .case_insensitive(fold)
        .size_limit(MAX_SIZE)
        .nest_limit(MAX_NESTING)
        .build()
        .map_err(|error| error.to_string())
}

/// Rewrites an expression to the syntax of the library.
pub(crate) fn translate(text: &str, extended: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    // Whether a `*` here would have nothing to repeat, and so stand for itself.
    let mut at_start = true;
    while let Some(c) = chars.get(at).copied() {
        at += 1;
        let was_start = std::mem::replace(&mut at_start, false);
        match c {
            '[' => at = bracket(&chars, at, &mut out),
            '\\' => {
                let Some(next) = chars.get(at).copied() else {
                    out.push_str("\\\\");
                    break;
                };
                at += 1;
                match next {
                    '(' | ')' | '{' | '}' | '|' | '+' | '?' if !extended => {
                        out.push(next);
                        at_start = matches!(next, '(' | '|');
                    }
                    '<' | '>' => out.push_str("\\b"),
                    '`' => out.push_str("\\A"),
                    '\'' => out.push_str("\\z"),
                    'w' | 'W' | 's' | 'S' | 'b' | 'B' | 'n' | 't' => out.extend(['\\', next]),
                    c if c.is_ascii_alphanumeric() => out.push(c),
                    c => out.push_str(&regex_lite::escape(&c.to_string())),
                }
            }
            '(' | ')' | '{' | '}' | '|' | '+' | '?' if !extended => out.extend(['\\', c]),
            '{' if !is_count(&chars[at..]) => out.push_str("\\{"),
            '}' if !in_count(&out) => out.push_str("\\}"),
            '*' | '+' | '?' if was_start => out.extend(['\\', c]),
            '*' if out.ends_with('*') => {}
            '^' if !extended && !was_start => out.push_str("\\^"),
            '$' if !extended && !ends_here(&chars[at..]) => out.push_str("\\$"),
            '^' => {
                out.push('^');
                at_start = true;
            }
            '(' | '|' => {
                out.push(c);
                at_start = true;
            }
            c => out.push(c),
        }
    }
    out
}

/// Whether a brace begins a repeat count.
fn is_count(rest: &[char]) -> bool {
    let digits = rest.iter().take_while(|c| c.is_ascii_digit() || **c == ',').count();
    digits > 0 && rest.get(digits) == Some(&'}') && rest[0] != ','
}

fn in_count(out: &str) -> bool {
    let digits = out.trim_end_matches(|c: char| c.is_ascii_digit() || c == ',');
    digits.ends_with('{') && !digits.ends_with("\\{") && digits.len() < out.len()
}

/// Whether a basic expression, or a group in it, ends here.
fn ends_here(rest: &[char]) -> bool {
    rest.is_empty() || rest.starts_with(&['\\', ')']) || rest.starts_with(&['\\', '|'])
}

/// Copies a bracket expression, in which only brackets and classes are special.
fn bracket(chars: &[char], mut at: usize, out: &mut String) -> usize {
    let mut set = String::from("[");
    if chars.get(at) == Some(&'^') {
        set.push('^');
        at += 1;
    }
    let first = at;
    while let Some(c) = chars.get(at).copied() {
        at += 1;
        match c {
            ']' if at - 1 > first => {
                set.push(']');
                out.push_str(&set);
                return at;
            }
            '[' if chars.get(at) == Some(&':') => {
                let rest: String = chars[at - 1..].iter().take(12).collect();
                match rest.find(":]") {
                    Some(end) => {
                        set.push_str(&rest[..end + 2]);
                        at += end + 1;
                    }
                    None => set.push_str("\\["),
                }
            }
            '[' | ']' | '\\' | '&' | '~' | '^' => set.extend(['\\', c]),
            c => set.push(c),
        }
    }
    // Never closed, which the library will not take.
    out.push('[');
    chars.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, is_extended: bool, text: &str, expect: Option<&str>) {
        let regex = if is_extended { extended(pattern, false) } else { basic(pattern, false) };
        let regex = regex.unwrap_or_else(|error| panic!("{pattern}: {error}"));
        assert_eq!(regex.find(text).map(|found| found.as_str()), expect, "{pattern}");
    }

    #[test]
    fn basic_and_extended_differ_in_their_backslashes() {
        check("a+", false, "aa+", Some("a+"));
        check("a\\+", false, "baa", Some("aa"));
        check("a+", true, "baa", Some("aa"));
        check("\\(ab\\)*c", false, "ababc", Some("ababc"));
        check("^*x", false, "*x", Some("*x"));
        check("a{2}", true, "aaa", Some("aa"));
        check("a{x", true, "a{x", Some("a{x"));
        check("[[:digit:]]+", true, "ab12", Some("12"));
        check("[]a]", true, "]", Some("]"));
        check("a\\|b", false, "b", Some("b"));
        check("x$y", false, "x$y", Some("x$y"));
        check("\\.yaml$", false, "a.yaml", Some(".yaml"));
        check("\\<foo\\>", false, "a foo b", Some("foo"));
    }
}
