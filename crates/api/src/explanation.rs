//! Why something is as it is, in plain words: what the console prints and the page shows.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Value;

/// The answer to a question, what led to it, and what would turn it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// Whether the answer is the one that people hope for: placed, allowed, reached.
    pub holds: bool,
    /// The answer in one sentence.
    pub answer: String,
    pub lines: Vec<Line>,
    /// The smallest changes that would turn the answer: any one of them, unless it says otherwise.
    pub changes: Vec<String>,
}

/// One thing that led to the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// 0, or more for what belongs to the line above.
    pub depth: u8,
    pub text: String,
    /// The object that it speaks of.
    pub about: Option<About>,
}

/// Which object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct About {
    pub kind: String,
    /// Empty for objects of the cluster.
    pub namespace: String,
    pub name: String,
}

impl Explanation {
    pub fn new(holds: bool, answer: impl Into<String>) -> Self {
        Self { holds, answer: answer.into(), ..Self::default() }
    }

    /// Adds a line.
    pub fn say(&mut self, depth: u8, text: impl Into<String>) {
        self.lines.push(Line { depth, text: text.into(), about: None });
    }

    /// Adds a line that speaks of an object.
    pub fn say_of(&mut self, depth: u8, about: About, text: impl Into<String>) {
        self.lines.push(Line { depth, text: text.into(), about: Some(about) });
    }

    /// Adds a change that would turn the answer, unless it is named already.
    pub fn change(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.changes.contains(&text) {
            self.changes.push(text);
        }
    }
}

impl About {
    pub fn new(kind: &str, namespace: &str, name: &str) -> Self {
        Self { kind: kind.into(), namespace: namespace.into(), name: name.into() }
    }

    /// The object itself.
    pub fn object(kind: &str, object: &Value) -> Self {
        Self::new(kind, object.namespace(), object.name())
    }

    /// The flag that tells kubectl where it is; with a space before it, or nothing.
    pub fn flag(&self) -> String {
        if self.namespace.is_empty() { String::new() } else { format!(" -n {}", self.namespace) }
    }
}

/// `pod/web`
impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.to_lowercase(), self.name)
    }
}

/// As the console prints it.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.answer)?;
        for line in &self.lines {
            writeln!(f, "{:indent$}{}", "", line.text, indent = 2 + 2 * usize::from(line.depth))?;
        }
        if !self.changes.is_empty() {
            writeln!(f, "To change this:")?;
        }
        self.changes.iter().try_for_each(|change| writeln!(f, "  - {change}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_from_the_answer_inward() {
        let mut why = Explanation::new(false, "no: jane cannot.");
        let role = About::new("Role", "dev", "reader");
        why.say_of(0, role.clone(), format!("{role} has no rule for it"));
        why.say(1, "rules[0] lacks the verb");
        for _ in 0..2 {
            why.change(format!("kubectl edit {role}{}", role.flag()));
        }
        let expect = "no: jane cannot.\n  role/reader has no rule for it\n    rules[0] lacks the verb\n\
                      To change this:\n  - kubectl edit role/reader -n dev\n";
        assert_eq!(why.to_string(), expect);
    }
}
