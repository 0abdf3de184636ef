//! YAML as kubectl reads and writes it.
//!
//! Reading follows YAML 1.1 as Kubernetes' library does (`yes` is a boolean, `0644` is 420, `<<` merges, the last of
//! two equal keys wins) and words its errors; writing gives what `kubectl -o yaml` prints.

mod compose;
mod emit;
mod resolve;
mod scalars;
mod scanner;

use std::collections::BTreeMap;
use std::fmt;

use crate::Value;
use scanner::{Mark, Origin, Problem};

pub use emit::to_string;

/// Why a text is no YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// In the library's words, as `line 4: did not find expected key`; its lines are sometimes one too low.
    message: String,
    /// Where it really is.
    pub place: Place,
}

/// A place in a text; both counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    /// In characters.
    pub column: usize,
}

/// A value with what is known of its text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    pub value: Value,
    /// Keys that were given again, with their lines.
    pub duplicates: Vec<(usize, String)>,
    /// Where each node is, by its path, as `spec.containers[0].name`; only if asked for.
    pub places: BTreeMap<String, Place>,
}

/// One of several documents in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document<'t> {
    pub text: &'t str,
    /// How many lines come before it.
    pub first_line: usize,
}

/// Reads the first document; an empty text is `Null`.
///
/// # Errors
/// Shown as `yaml: line 3: could not find expected ':'`.
pub fn parse(text: &str) -> Result<Value, Error> {
    compose::read(text, false).map(|read| read.value)
}

/// The same, but a key that is given twice is an error.
///
/// # Errors
/// Of two equal keys, as `yaml: unmarshal errors:\n  line 3: key "a" already set in map`.
pub fn parse_strict(text: &str) -> Result<Value, Error> {
    let read = compose::read(text, false)?;
    if read.duplicates.is_empty() {
        return Ok(read.value);
    }
    let mut message = String::from("unmarshal errors:");
    for (line, key) in &read.duplicates {
        message += &format!("\n  line {line}: key {} already set in map", crate::gostr::quote(key));
    }
    let line = read.duplicates.first().map_or(1, |(line, _)| *line);
    Err(Error { message, place: Place { line, column: 1 } })
}

/// Reads the first document with duplicates and the places of all its nodes, for diagnostics.
///
/// # Errors
/// As [`parse`].
pub fn parse_located(text: &str) -> Result<Read, Error> {
    compose::read(text, true)
}

/// The documents of a manifest, split at lines of `---` as kubectl splits them before it reads any.
// Models staging/src/k8s.io/apimachinery/pkg/util/yaml/decoder.go
pub fn documents(text: &str) -> Vec<Document<'_>> {
    let (mut all, mut from, mut first_line, mut at) = (Vec::new(), 0, 0, 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let after = line.strip_prefix("---").map(str::trim);
        if after.is_some_and(|rest| rest.is_empty() || rest.starts_with('#')) && at > from {
            all.push(Document { text: &text[from..at], first_line });
            from = at + line.len();
            first_line = number + 1;
        }
        at += line.len();
    }
    if from < text.len() {
        all.push(Document { text: &text[from..], first_line });
    }
    all
}

impl Error {
    fn new(message: &str, mark: Mark) -> Self {
        Self { message: message.into(), place: Place { line: mark.line + 1, column: mark.column + 1 } }
    }

    // Models `fail` of sigs.k8s.io/yaml/goyaml.v2/decode.go: the parser's lines begin at 0, the scanner's at 1.
    fn of(problem: &Problem) -> Self {
        let line = match (problem.origin, problem.mark.line) {
            (Origin::Composer, _) => 0,
            (_, 0) => problem.context.line,
            (Origin::Scanner, line) => line + 1,
            (Origin::Parser, line) => line,
        };
        let place = if line == 0 { String::new() } else { format!("line {line}: ") };
        Self::new(&format!("{place}{}", problem.message), problem.mark)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "yaml: {}", self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests;
