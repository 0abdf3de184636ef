//! The text of a description while it is written.

use std::fmt::Display;

use crate::TabWriter;
use crate::text::escape;

/// Lines with tabs between their columns, aligned at the end.
// Models staging/src/k8s.io/kubectl/pkg/describe/describe.go prefixWriter
#[derive(Default)]
pub(super) struct Out {
    /// What is aligned together.
    blocks: Vec<String>,
    text: String,
    /// Levels that everything is indented by.
    nested: usize,
}

impl Out {
    /// Writes `text`, two blanks for each level before it.
    pub(super) fn write(&mut self, level: usize, text: impl Display) {
        self.text.extend(std::iter::repeat_n("  ", level + self.nested));
        self.text.push_str(&escape(&text.to_string()));
    }

    pub(super) fn line(&mut self, level: usize, text: impl Display) {
        self.write(level, text);
        self.text.push('\n');
    }

    /// `label:` and, in the next column, a value.
    pub(super) fn field(&mut self, level: usize, label: &str, value: impl Display) {
        self.line(level, format_args!("{label}:\t{value}"));
    }

    /// The same, if there is something.
    pub(super) fn field_if(&mut self, level: usize, label: &str, value: &str) {
        if !value.is_empty() {
            self.field(level, label, value);
        }
    }

    /// The columns' names and a rule of dashes below each.
    pub(super) fn header(&mut self, level: usize, names: &[&str]) {
        self.line(level, names.join("\t"));
        self.rule(level, names);
    }

    fn rule(&mut self, level: usize, names: &[&str]) {
        let dashes: Vec<_> = names.iter().map(|name| "-".repeat(name.len())).collect();
        self.line(level, dashes.join("\t"));
    }

    /// Ends what is aligned together.
    pub(super) fn flush(&mut self) {
        self.blocks.push(std::mem::take(&mut self.text));
    }

    /// Writes with everything `levels` deeper.
    pub(super) fn nest(&mut self, levels: usize, write: impl FnOnce(&mut Self)) {
        self.nested += levels;
        write(self);
        self.nested -= levels;
    }

    /// With the tabs as they are.
    pub(super) fn unaligned(mut self) -> String {
        self.flush();
        self.blocks.concat()
    }

    pub(super) fn finish(mut self) -> String {
        self.flush();
        self.blocks.iter().map(|block| TabWriter::descriptions().format(block)).collect()
    }
}
