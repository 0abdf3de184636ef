//! A table whose comment says that it is in alphabetical order, is.

use super::code::Code;
use super::{Finding, Source};

/// Checks the tables of one file.
#[must_use]
pub fn check(source: &Source) -> Vec<Finding> {
    if !source.is_rust() {
        return Vec::new();
    }
    let bare: Vec<char> = Code::of(&source.text).bare.chars().collect();
    let text: Vec<char> = source.text.chars().collect();
    let mut findings = Vec::new();
    let mut start = 0;
    let mut said = false;
    for (number, line) in source.text.split_inclusive('\n').enumerate() {
        let word = line.trim_start();
        if word.starts_with("///") {
            said |= word.contains("alphabetical");
        } else if !word.starts_with("#[") {
            let is_table = ["const ", "static "].iter().any(|keyword| word.contains(keyword)) && word.contains(": ");
            if said
                && is_table
                && let Some((before, after)) = disorder(&entries(&text, &bare, start))
            {
                let what = format!("line {}: not in alphabetical order: {after} after {before}", number + 1);
                findings.push(Finding { place: source.path.clone(), what });
            }
            said = false;
        }
        start += line.chars().count();
    }
    findings
}

/// The entries of the array that a declaration is set to, without white space.
fn entries(text: &[char], bare: &[char], declaration: usize) -> Vec<String> {
    let find = |from: usize, wanted: char| (from..bare.len()).find(|&at| bare[at] == wanted);
    let Some(open) = find(declaration, '=').and_then(|equals| find(equals, '[')) else { return Vec::new() };
    let (mut entries, mut entry, mut depth) = (Vec::new(), String::new(), 0_usize);
    for at in open + 1..bare.len() {
        match bare[at] {
            '(' | '[' | '{' => depth += 1,
            ']' if depth == 0 => break,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                entries.push(std::mem::take(&mut entry));
                continue;
            }
            _ => {}
        }
        if !text[at].is_whitespace() {
            entry.push(text[at]);
        }
    }
    entries.push(entry);
    entries.retain(|entry| !entry.is_empty());
    entries
}

/// The first two neighbours in the wrong order, shortened.
fn disorder(entries: &[String]) -> Option<(String, String)> {
    let short = |entry: &str| entry.chars().take(40).collect::<String>();
    entries.windows(2).find(|pair| pair[0] > pair[1]).map(|pair| (short(&pair[0]), short(&pair[1])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_text(text: &str, expect: &[&str]) {
        let source = Source { path: "a.rs".into(), text: text.into() };
        let found: Vec<String> = check(&source).iter().map(ToString::to_string).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn tables_are_held_to_their_word() {
        check_text("/// In alphabetical order.\nconst A: &[&str] = &[\"a\", \"b, a\", \"c\"];\n", &[]);
        check_text(
            "/// Alphabetically: not said in that word.\n/// In alphabetical order.\nstatic T: &[(&str, u8)] = &[\n    (\"b\", 1),\n    (\n        \"a\",\n        2,\n    ),\n];\n",
            &["a.rs: line 3: not in alphabetical order: (\"a\",2,) after (\"b\",1)"],
        );
        check_text("/// All presets, alphabetically.\nstatic P: &[X] = &[recorded::P, two::P];\n", &[]);
        check_text("/// By use.\nconst A: &[&str] = &[\"b\", \"a\"];\n", &[]);
    }
}
