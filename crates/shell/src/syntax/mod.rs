//! From text to a tree: bash's grammar, one command at a time.
//!
//! A parser of our own: it is linear, bounded in depth, names the unexpected token as bash does, and can say what an
//! unfinished command still waits for. The tests hold it against `brush-parser`.

pub(crate) mod ast;
mod braced;
mod command;
mod heredoc;
mod lexer;
mod test_expr;
mod word;

use std::collections::BTreeMap;

use ecow::EcoString;

use ast::{List, Word};
pub(crate) use lexer::Parser;
pub(crate) use word::unescape;

/// How deep commands and substitutions may stand in one another.
pub(crate) const MAX_DEPTH: u32 = 60;

/// Names with what they stand for.
pub(crate) type Aliases = BTreeMap<EcoString, EcoString>;

/// Why a text is no command.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SyntaxError {
    /// The text ends too early.
    Incomplete(Need),
    /// `near unexpected token`
    Unexpected { token: EcoString, line: u32 },
    /// Said as it is.
    Message { text: EcoString, line: u32 },
}

/// What an unfinished text waits for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Need {
    /// A line that is just this.
    HereDoc { delimiter: EcoString, strip_tabs: bool },
    /// This closing character; the second says whether it stands for a command that follows.
    Closing { quote: char, line: u32 },
    /// More commands.
    More,
}

/// One line's worth of commands, and where the next begins.
pub(crate) struct Parsed {
    pub list: List,
    pub end: usize,
    pub lines: u32,
    /// A here-document that ended with the text: its delimiter and its line.
    pub unended: Option<(EcoString, u32)>,
}

/// Parses the commands up to the end of a line.
///
/// `at_end` says that no more text will come, which ends here-documents.
pub(crate) fn parse_line(text: &str, line: u32, aliases: &Aliases, at_end: bool) -> Result<Parsed, SyntaxError> {
    let mut parser = Parser::new(text, line, aliases, at_end);
    let list = parser.line()?;
    Ok(Parsed { list, end: parser.offset(), lines: parser.line_number() - line, unended: parser.unended })
}

/// Parses text as if it stood in double quotes, as here-documents and prompts are.
pub(crate) fn parse_text(text: &str, line: u32) -> Result<Word, SyntaxError> {
    let aliases = Aliases::new();
    Parser::new(text, line, &aliases, true).whole_text()
}

/// A word roughly as it was written, for messages.
pub(crate) fn raw_text(word: &Word) -> String {
    use ast::Part;
    let mut text = String::new();
    for part in &word.0 {
        match part {
            Part::Literal(piece) | Part::Quoted(piece) => text.push_str(piece),
            Part::Double(parts) => text.push_str(&raw_text(&Word(parts.clone()))),
            Part::Param(param) => {
                text.push('$');
                text.push_str(&param.name);
            }
            _ => text.push_str("$(...)"),
        }
    }
    text
}
