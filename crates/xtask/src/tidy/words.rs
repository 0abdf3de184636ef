//! Every Rust file begins with its purpose, and nothing half-done is left behind.

use super::code::Code;
use super::{Finding, Source};

/// What must not stay in a source, outside string literals.
const FORBIDDEN: &[&str] = &[
    concat!("allow(", "dead_code)"),
    concat!("FIX", "ME"),
    concat!("TO", "DO"),
    concat!("to", "do!"),
    concat!("unimpl", "emented!"),
    concat!("XX", "X"),
];

/// Checks one file's first line and words.
#[must_use]
pub fn check(source: &Source) -> Vec<Finding> {
    let finding = |what: String| Finding { place: source.path.clone(), what };
    let mut findings = Vec::new();
    if source.is_rust() && !source.text.starts_with("//! ") {
        findings.push(finding("begin with one `//!` line that says what it is for".into()));
    }
    let text = if source.is_rust() { Code::of(&source.text).commented } else { source.text.clone() };
    for (number, line) in text.lines().enumerate() {
        for word in FORBIDDEN.iter().filter(|word| stands_in(line, word)) {
            findings.push(finding(format!("line {}: `{word}` must not stay", number + 1)));
        }
    }
    findings
}

/// Whether a word stands by itself in a line.
fn stands_in(line: &str, word: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| {
        let after = line[at + word.len()..].chars().next();
        !is_word(line[..at].chars().next_back()) && (word.ends_with('!') || !is_word(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_text(text: &str, expect: &[&str]) {
        let source = Source { path: "a.rs".into(), text: text.into() };
        let found: Vec<String> = check(&source).iter().map(ToString::to_string).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn leftovers_are_found_outside_strings() {
        let word = FORBIDDEN[2];
        check_text(&format!("//! A.\n// {word}: later\n"), &[&format!("a.rs: line 2: `{word}` must not stay")]);
        check_text(&format!("//! A.\nconst A: &str = \"{word}\";\n"), &[]);
        check_text(&format!("//! A.\n// {word}S are many\n"), &[]);
        check_text("fn f() {}\n", &["a.rs: begin with one `//!` line that says what it is for"]);
    }
}
