//! Values as `kubectl -o yaml` writes them.
// Models sigs.k8s.io/yaml/goyaml.v2/encode.go, emitterc.go and sorter.go

use std::cmp::Ordering;

use super::resolve::{Plain, is_base60, resolve};
use crate::{Key, Value, json};

/// A scalar is broken at a space beyond this column.
const WIDTH: usize = 80;
/// A longer key is written after `?`.
const MAX_KEY: usize = 128;

/// A value as YAML, with a newline at the end.
pub fn to_string(value: &Value) -> String {
    let mut emitter = Emitter { out: String::new(), column: 0, indent: 0, after_space: true, after_indent: true };
    emitter.node(value, Context::Root);
    emitter.begin_line();
    emitter.out
}

/// Where a node stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Root,
    Sequence,
    Mapping,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

struct Emitter {
    out: String,
    /// In characters.
    column: usize,
    indent: usize,
    /// The last character was a space or an indicator that needs none after it.
    after_space: bool,
    /// Nothing but indentation and indicators stands on the line.
    after_indent: bool,
}

impl Emitter {
    fn node(&mut self, value: &Value, context: Context) {
        match value {
            Value::Array(items) if !items.is_empty() => self.sequence(items, context),
            Value::Object(object) if !object.is_empty() => self.mapping(object.entries(), context),
            Value::Array(_) => self.word("[]"),
            Value::Object(_) => self.word("{}"),
            Value::Null => self.word("null"),
            Value::Bool(flag) => self.word(if *flag { "true" } else { "false" }),
            Value::Int(number) => self.word(&number.to_string()),
            Value::Float(number) => self.word(&float(*number)),
            Value::String(text) => self.deeper(2, |emitter| emitter.scalar(text, false)),
        }
    }

    fn deeper(&mut self, by: usize, write: impl FnOnce(&mut Self)) {
        self.indent += by;
        write(self);
        self.indent -= by;
    }

    fn sequence(&mut self, items: &[Value], context: Context) {
        // A list stands right under its key.
        let by = match context {
            Context::Root => 0,
            Context::Mapping if !self.after_indent => 0,
            Context::Mapping | Context::Sequence => 2,
        };
        self.deeper(by, |emitter| {
            for item in items {
                emitter.begin_line();
                emitter.indicator("-", true);
                emitter.node(item, Context::Sequence);
            }
        });
    }

    fn mapping(&mut self, entries: &[(Key, Value)], context: Context) {
        let mut sorted: Vec<&(Key, Value)> = entries.iter().collect();
        sorted.sort_by(|(a, _), (b, _)| natural(a, b));
        let by = if context == Context::Root { 0 } else { 2 };
        self.deeper(by, |emitter| {
            for (key, value) in sorted {
                emitter.begin_line();
                if key.len() <= MAX_KEY && !key.contains(is_break) {
                    emitter.deeper(2, |emitter| emitter.scalar(key, true));
                    emitter.put(":");
                } else {
                    emitter.indicator("?", true);
                    emitter.deeper(2, |emitter| emitter.scalar(key, false));
                    emitter.begin_line();
                    emitter.indicator(":", true);
                }
                emitter.node(value, Context::Mapping);
            }
        });
    }

    /// Starts a line at the indentation, unless one has just been started.
    fn begin_line(&mut self) {
        if !self.after_indent || self.column > self.indent || (self.column == self.indent && !self.after_space) {
            self.new_line();
        }
        while self.column < self.indent {
            self.push(' ');
        }
        self.after_space = true;
        self.after_indent = true;
    }

    fn new_line(&mut self) {
        self.out.push('\n');
        self.column = 0;
        self.after_space = true;
        self.after_indent = true;
    }

    fn push(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    fn push_str(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    /// Ends a key.
    fn put(&mut self, text: &str) {
        self.push_str(text);
        self.after_space = false;
        self.after_indent = false;
    }

    /// An indicator before a node.
    fn indicator(&mut self, text: &str, keeps_indent: bool) {
        if !self.after_space {
            self.push(' ');
        }
        self.push_str(text);
        self.after_space = false;
        self.after_indent &= keeps_indent;
    }

    /// A scalar that needs no look at its characters.
    fn word(&mut self, text: &str) {
        self.indicator(text, false);
    }

    fn scalar(&mut self, text: &str, is_key: bool) {
        match style(text, is_key) {
            Style::Plain => self.plain(text, is_key),
            Style::Single => self.single(text, is_key),
            Style::Double => self.double(text, is_key),
            Style::Literal => self.literal(text),
        }
    }

    /// Breaks the line at a space if it is too long already; says whether it did.
    fn fold(&mut self, is_key: bool, after_space: bool, inner: bool, next: Option<char>) -> bool {
        let breaks = !is_key && !after_space && inner && self.column > WIDTH && next != Some(' ');
        if breaks {
            self.begin_line();
        }
        breaks
    }

    fn plain(&mut self, text: &str, is_key: bool) {
        if !self.after_space {
            self.push(' ');
        }
        let mut after_space = false;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if c == ' ' {
                if !self.fold(is_key, after_space, true, chars.peek().copied()) {
                    self.push(c);
                }
                after_space = true;
            } else {
                self.push(c);
                self.after_indent = false;
                after_space = false;
            }
        }
        self.after_space = false;
        self.after_indent = false;
    }

    fn single(&mut self, text: &str, is_key: bool) {
        self.indicator("'", false);
        let (mut after_space, mut after_break) = (false, false);
        let mut chars = text.char_indices().peekable();
        while let Some((index, c)) = chars.next() {
            let next = chars.peek().map(|(_, c)| *c);
            if c == ' ' {
                if !self.fold(is_key, after_space, index > 0 && next.is_some(), next) {
                    self.push(c);
                }
                after_space = true;
            } else if is_break(c) {
                if !after_break && c == '\n' {
                    self.new_line();
                }
                self.write_break(c);
                after_break = true;
            } else {
                if after_break {
                    self.begin_line();
                }
                if c == '\'' {
                    self.push('\'');
                }
                self.push(c);
                self.after_indent = false;
                (after_space, after_break) = (false, false);
            }
        }
        if after_break {
            self.begin_line();
        }
        self.push('\'');
        self.after_space = false;
        self.after_indent = false;
    }

    fn double(&mut self, text: &str, is_key: bool) {
        self.indicator("\"", false);
        let mut after_space = false;
        let mut chars = text.char_indices().peekable();
        while let Some((index, c)) = chars.next() {
            let next = chars.peek().map(|(_, c)| *c);
            if !is_printable(c) || is_break(c) || matches!(c, '\u{feff}' | '"' | '\\') {
                let escape = escape(c);
                self.push_str(&escape);
                after_space = false;
            } else if c == ' ' {
                // Here a line may break before several spaces: a backslash keeps them.
                if self.fold(is_key, after_space, index > 0 && next.is_some(), None) {
                    if next == Some(' ') {
                        self.push('\\');
                    }
                } else {
                    self.push(c);
                }
                after_space = true;
            } else {
                self.push(c);
                after_space = false;
            }
        }
        self.push('"');
        self.after_space = false;
        self.after_indent = false;
    }

    fn literal(&mut self, text: &str) {
        self.indicator("|", false);
        if text.starts_with(|c| c == ' ' || is_break(c)) {
            self.push('2');
        }
        let mut ends = text.chars().rev();
        match (ends.next().is_some_and(is_break), ends.next().is_none_or(is_break)) {
            (false, _) => self.push('-'),
            (true, true) => self.push('+'),
            (true, false) => {}
        }
        self.new_line();
        let mut after_break = true;
        for c in text.chars() {
            if is_break(c) {
                self.write_break(c);
                after_break = true;
            } else {
                if after_break {
                    self.begin_line();
                }
                self.push(c);
                self.after_indent = false;
                after_break = false;
            }
        }
        if !after_break {
            self.after_space = false;
        }
    }

    fn write_break(&mut self, c: char) {
        self.out.push(c);
        self.column = 0;
        self.after_indent = true;
        self.after_space = true;
    }
}

/// How a text must be written.
fn style(text: &str, is_key: bool) -> Style {
    let form = Form::of(text);
    let wanted = if text.contains('\n') {
        Style::Literal
    } else if resolve(text) == Plain::Text && !is_base60(text) {
        Style::Plain
    } else {
        Style::Double
    };
    let wanted = if is_key && form.multiline { Style::Double } else { wanted };
    match wanted {
        Style::Plain if form.plain_allowed => Style::Plain,
        Style::Plain if form.single_allowed => Style::Single,
        Style::Literal if form.block_allowed && !is_key => Style::Literal,
        _ => Style::Double,
    }
}

/// What styles a text allows.
struct Form {
    multiline: bool,
    plain_allowed: bool,
    single_allowed: bool,
    block_allowed: bool,
}

impl Form {
    fn of(text: &str) -> Self {
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        let (mut special, mut breaks, mut edge, mut break_space, mut space_break) = (false, false, false, false, false);
        let (mut after_blank, mut previous) = (true, '\0');
        let mut chars = text.chars().peekable();
        let mut first = true;
        while let Some(c) = chars.next() {
            let next = chars.peek().copied();
            let before_blank = next.is_none_or(|next| matches!(next, ' ' | '\t'));
            indicators |= match c {
                '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`'
                    if first =>
                {
                    true
                }
                '?' | '-' if first => before_blank,
                ':' => before_blank,
                '#' => after_blank,
                _ => false,
            };
            special |= !is_printable(c);
            let (is_space, is_break) = (c == ' ', is_break(c));
            edge |= (is_space || is_break) && (first || next.is_none());
            breaks |= is_break;
            break_space |= is_space && self::is_break(previous);
            space_break |= is_break && previous == ' ';
            after_blank = matches!(c, ' ' | '\t') || is_break;
            previous = c;
            first = false;
        }
        let flawed = space_break || special;
        Self {
            multiline: breaks,
            plain_allowed: !(flawed || edge || breaks || break_space || indicators),
            single_allowed: !(flawed || break_space),
            block_allowed: !(flawed || text.ends_with(' ') || text.is_empty()),
        }
    }
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What the library writes as it is: nothing beyond the basic plane.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

fn escape(c: char) -> String {
    let short = match c {
        '\0' => "\\0",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{b}' => "\\v",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        '\u{1b}' => "\\e",
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{85}' => "\\N",
        '\u{a0}' => "\\_",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        _ => {
            let code = u32::from(c);
            return match code {
                0..=0xff => format!("\\x{code:02X}"),
                0x100..=0xffff => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            };
        }
    };
    short.into()
}

/// A float after its way through JSON: whole numbers become integers there.
fn float(number: f64) -> String {
    let text = json::format_float(number);
    match resolve(&text) {
        Plain::Float(number) => json::format_float_g(number, 6),
        _ => text,
    }
}

/// The order of keys: numbers within them by value, letters after all else.
fn natural(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let is_digit = |c: &char| c.is_ascii_digit();
    let mut digits = false;
    for i in 0..a.len().min(b.len()) {
        if a[i] == b[i] {
            digits = is_digit(&a[i]);
            continue;
        }
        let (letter_a, letter_b) = (a[i].is_alphabetic(), b[i].is_alphabetic());
        if letter_a && letter_b {
            return a[i].cmp(&b[i]);
        }
        if letter_a || letter_b {
            // After a digit the letter comes first.
            let a_first = if digits { letter_a } else { letter_b };
            return if a_first { Ordering::Less } else { Ordering::Greater };
        }
        let zero = a[i] == '0' || b[i] == '0';
        let before = a[..i].iter().rev().take_while(|c| is_digit(c)).any(|c| *c != '0');
        let start = u64::from(zero && before);
        let number = |text: &[char]| {
            let run = text[i..].iter().take_while(|c| is_digit(c));
            run.fold((start, 0), |(number, count), digit| {
                let digit = u64::from(digit.to_digit(10).unwrap_or_default());
                (number.wrapping_mul(10).wrapping_add(digit), count + 1)
            })
        };
        return number(&a).cmp(&number(&b)).then_with(|| a[i].cmp(&b[i]));
    }
    a.len().cmp(&b.len())
}
