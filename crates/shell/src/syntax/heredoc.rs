//! Here-documents: read after the line that names them, then put where they belong.

use ecow::{EcoString, EcoVec};

use super::ast::{Body, List, Node, Part, Redirect, RedirectOp, Word};
use super::{Need, Parser, SyntaxError, parse_text};

/// A document named on the current line and not yet read.
pub(crate) struct Pending {
    pub delimiter: EcoString,
    pub strip_tabs: bool,
    /// A quoted delimiter: nothing in the document is expanded.
    pub is_literal: bool,
    pub line: u32,
}

impl Parser<'_> {
    /// Reads the documents that were named on the line just ended.
    pub(super) fn read_documents(&mut self) -> Result<(), SyntaxError> {
        for pending in std::mem::take(&mut self.pending) {
            let document = self.read_document(&pending)?;
            self.documents.push(document);
        }
        Ok(())
    }

    fn read_document(&mut self, pending: &Pending) -> Result<Word, SyntaxError> {
        let first_line = self.line;
        let rest = self.rest();
        let mut body = String::new();
        let mut used = 0;
        loop {
            let line = rest[used..].split_inclusive('\n').next().unwrap_or_default();
            if line.is_empty() {
                if !self.at_end {
                    let (delimiter, strip_tabs) = (pending.delimiter.clone(), pending.strip_tabs);
                    return Err(SyntaxError::Incomplete(Need::HereDoc { delimiter, strip_tabs }));
                }
                self.unended = Some((pending.delimiter.clone(), pending.line));
                if !body.is_empty() && !body.ends_with('\n') {
                    body.push('\n');
                }
                break;
            }
            used += line.len();
            let line = if pending.strip_tabs { line.trim_start_matches('\t') } else { line };
            if line.strip_suffix('\n').unwrap_or(line) == pending.delimiter {
                break;
            }
            body.push_str(line);
        }
        self.skip_bytes(used);
        if pending.is_literal { Ok(Word::quoted(body)) } else { parse_text(&body, first_line) }
    }

    /// At the end of the text: documents whose line never ended.
    pub(super) fn finish_documents(&mut self) -> Result<(), SyntaxError> {
        self.read_documents()
    }

    /// Puts the documents read since `first` where their redirections are.
    pub(super) fn place_documents(&mut self, list: &mut List, first: usize) {
        if self.documents.len() > first {
            place(list, &self.documents);
            self.documents.truncate(first);
        }
    }
}

fn place(list: &mut List, documents: &[Word]) {
    for item in list.make_mut() {
        for (_, pipeline) in item.chain.make_mut() {
            for node in pipeline.commands.make_mut() {
                place_in(node, documents);
            }
        }
    }
}

fn place_in(node: &mut Node, documents: &[Word]) {
    place_redirects(&mut node.redirects, documents);
    match &mut node.body {
        Body::Simple { .. } | Body::Test(_) | Body::Arith(_) => {}
        Body::Group(list) | Body::Subshell(list) => place(list, documents),
        Body::If { arms, otherwise } => {
            for (condition, body) in arms.make_mut() {
                place(condition, documents);
                place(body, documents);
            }
            if let Some(list) = otherwise {
                place(list, documents);
            }
        }
        Body::Loop { condition, body, .. } => {
            place(condition, documents);
            place(body, documents);
        }
        Body::For { body, .. } | Body::ArithFor { body, .. } => place(body, documents),
        Body::Case { arms, .. } => {
            for arm in arms.make_mut() {
                place(&mut arm.body, documents);
            }
        }
        Body::Function { body, .. } => {
            for node in body.make_mut() {
                place_in(node, documents);
            }
        }
    }
}

/// While parsing, a document's redirection holds its number.
fn place_redirects(redirects: &mut EcoVec<Redirect>, documents: &[Word]) {
    if redirects.iter().all(|redirect| redirect.op != RedirectOp::HereDoc) {
        return;
    }
    for redirect in redirects.make_mut() {
        if redirect.op == RedirectOp::HereDoc
            && let [Part::Arith(number)] = redirect.target.0.as_slice()
            && let Some(document) =
                number.plain().and_then(|number| number.parse::<usize>().ok()).and_then(|n| documents.get(n))
        {
            redirect.target = document.clone();
        }
    }
}
