//! Fields under construction: text beside the pattern that it makes.

use ecow::EcoString;

use super::Mode;
use super::pattern;

/// One argument.
#[derive(Debug, Default)]
pub(super) struct Field {
    pub text: String,
    /// The same as a pattern: what was quoted is escaped.
    pub pattern: String,
    /// Whether unquoted pattern characters stand in it.
    pub magic: bool,
}

/// The arguments that one word makes.
pub(super) struct Fields {
    done: Vec<Field>,
    current: Option<Field>,
    /// What separates fields; `None` for a word that is never split.
    ifs: Option<EcoString>,
    /// The last field was ended by a blank, to which one other separator still belongs.
    after_blank: bool,
}

impl Fields {
    pub(super) fn new(ifs: EcoString) -> Self {
        Self { done: Vec::new(), current: None, ifs: Some(ifs), after_blank: false }
    }

    /// Makes one field only.
    pub(super) fn joined() -> Self {
        Self { done: Vec::new(), current: None, ifs: None, after_blank: false }
    }

    pub(super) fn is_split(&self) -> bool {
        self.ifs.is_some()
    }

    /// Begins a field even if nothing is put into it.
    pub(super) fn start(&mut self) {
        self.after_blank = false;
        self.current.get_or_insert_default();
    }

    /// Ends the current field.
    pub(super) fn end(&mut self) {
        self.done.extend(self.current.take());
    }

    pub(super) fn finish(mut self) -> Vec<Field> {
        self.end();
        self.done
    }

    fn field(&mut self) -> &mut Field {
        self.after_blank = false;
        self.current.get_or_insert_default()
    }

    /// Text written unquoted in the word itself.
    pub(super) fn literal(&mut self, text: &str, quoted: bool, mode: Mode) {
        if quoted {
            return self.quoted(text, mode);
        }
        let field = self.field();
        field.text.push_str(text);
        field.pattern.push_str(text);
        field.magic |= text.contains(['*', '?', '[']);
    }

    /// Text that stands for itself.
    pub(super) fn quoted(&mut self, text: &str, mode: Mode) {
        let field = self.field();
        field.text.push_str(text);
        match mode {
            Mode::Arguments | Mode::Pattern => pattern::escape(text, &mut field.pattern),
            Mode::Regex => {
                for c in text.chars() {
                    if "\\^$.|?*+()[]{}".contains(c) {
                        field.pattern.push('\\');
                    }
                    field.pattern.push(c);
                }
            }
            Mode::Single | Mode::Value => {}
        }
    }

    /// What an expansion gave: split where it is not quoted.
    pub(super) fn value(&mut self, text: &str, quoted: bool, mode: Mode) {
        if quoted {
            return self.quoted(text, mode);
        }
        let Some(ifs) = self.ifs.clone() else {
            if !text.is_empty() {
                let field = self.field();
                field.text.push_str(text);
                field.pattern.push_str(text);
            }
            return;
        };
        for c in text.chars() {
            if !ifs.contains(c) {
                let field = self.field();
                field.text.push(c);
                if c == '\\' {
                    field.pattern.push('\\');
                }
                field.pattern.push(c);
                field.magic |= matches!(c, '*' | '?' | '[');
                continue;
            }
            let is_blank = matches!(c, ' ' | '\t' | '\n');
            if self.current.is_some() {
                self.end();
                self.after_blank = is_blank;
            } else if !is_blank {
                if !self.after_blank {
                    self.done.push(Field::default());
                }
                self.after_blank = false;
            }
        }
    }
}
