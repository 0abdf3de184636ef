//! Tables of verdicts for front ends; each cell has the question to `why` that gives its reasons.

mod access;
mod network;
mod scheduling;

use podyard_api::About;

use crate::Tone;

/// A table with a cell for each pair of a row and a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// What it is, in a sentence.
    pub caption: String,
    /// What else can be shown, and which of them is.
    pub choices: Vec<String>,
    pub choice: String,
    /// The head of the rows' heads.
    pub corner: &'static str,
    pub columns: Vec<Head>,
    pub rows: Vec<(Head, Vec<Cell>)>,
    /// What is left out; empty if nothing is.
    pub omitted: String,
}

/// The head of a row or column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    pub text: String,
    pub note: String,
    pub about: Option<About>,
}

/// One verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Empty where nothing was asked.
    pub text: String,
    pub tone: Tone,
    /// The words after `why`.
    pub question: Vec<String>,
}

impl Head {
    fn new(text: impl Into<String>, note: impl Into<String>, about: Option<About>) -> Self {
        Self { text: text.into(), note: note.into(), about }
    }
}

impl Cell {
    fn new(text: impl Into<String>, tone: Tone, question: &[String]) -> Self {
        Self { text: text.into(), tone, question: question.to_vec() }
    }
}

/// `… and 3 more pods`, or nothing.
fn omitted(all: usize, shown: usize, what: &str) -> String {
    match all.saturating_sub(shown) {
        0 => String::new(),
        more => format!("{more} more {what} are not shown."),
    }
}
