//! `awk`: records, fields, and the driver's side of the interpreter.

mod ast;
mod eval;
mod lexer;
mod parser;

use std::collections::BTreeMap;

use ecow::EcoString;
use podyard_kernel::Args;
use regex_lite::Regex;
use serde::{Deserialize, Serialize};

use super::super::Flavour;
use super::super::opts::{Spec, Usage};
use super::{Filter, Next, Out, Stream};
use crate::regex;
use ast::{Program, Rule};
use eval::{Cell, Leave, Value};

/// Steps that one record may take.
const BUDGET: u64 = 5_000_000;
/// How many fields a record may have.
const MAX_FIELDS: usize = 1 << 20;
/// Compiled expressions that are kept.
const MAX_COMPILED: usize = 64;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in super::super) struct Awk {
    program: Program,
    globals: BTreeMap<EcoString, Cell>,
    frames: Vec<BTreeMap<EcoString, Cell>>,
    record: EcoString,
    /// The record's fields, once they are asked for.
    fields: Option<Vec<Value>>,
    /// A field has changed, so that the record is to be made of them.
    stale: bool,
    /// Input that makes no whole record yet.
    buffer: String,
    /// Bytes that make no whole character yet.
    partial: Vec<u8>,
    /// Which ranges are open.
    ranges: Vec<bool>,
    /// Assignments among the files: after how many of them.
    assigns: Vec<(usize, EcoString, EcoString)>,
    files: usize,
    budget: u64,
    seed: u64,
    status: u8,
    exited: bool,
    /// What has been printed since the record began.
    printed: Out,
    #[serde(skip)]
    compiled: Vec<(EcoString, Regex)>,
}

const SPEC: Spec = Spec {
    name: "awk",
    short: "F:v:f:",
    long: &[("field-separator=", 'F'), ("assign=", 'v'), ("file=", 'f')],
    usage: "awk [POSIX or GNU style options] [--] 'program' file ...",
    status: 2,
};

pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Stream, Usage> {
    let opts = SPEC.parse_until(args, flavour, true)?;
    if opts.has('f') {
        return Err(SPEC.plain_error("-f: program files are not simulated"));
    }
    let Some((text, operands)) = opts.args.split_first() else {
        return Err(Usage { text: format!("Usage: {}\n", SPEC.usage), status: 2 });
    };
    let program = parser::parse(text).map_err(|error| SPEC.plain_error(error))?;
    let mut awk = Awk { ranges: vec![false; program.rules.len()], program, ..Awk::default() };
    for (name, value) in
        [("FS", " "), ("OFS", " "), ("ORS", "\n"), ("RS", "\n"), ("SUBSEP", "\x1c"), ("CONVFMT", "%.6g"), ("OUTFMT", "%.6g")]
    {
        awk.set(name, Value::Text(value.into()));
    }
    let environment = args.env.iter().map(|(name, value)| (name.clone(), Value::Input(value.clone())));
    awk.globals.insert("ENVIRON".into(), Cell::Array(environment.collect()));
    let all = std::iter::once(&EcoString::from("awk")).chain(operands).cloned().collect::<Vec<_>>();
    awk.set("ARGC", Value::Number(all.len() as f64));
    let argv = all.into_iter().enumerate().map(|(at, arg)| (at.to_string().into(), Value::Input(arg)));
    awk.globals.insert("ARGV".into(), Cell::Array(argv.collect()));
    for (flag, value) in &opts.flags {
        match flag {
            'F' => {
                let separator = if value == "t" { "\t".into() } else { crate::syntax::unescape(value, false).0 };
                awk.set("FS", Value::Text(separator.into()));
            }
            _ => match value.split_once('=') {
                Some((name, value)) if crate::vars::is_name(name) => awk.assign_text(name, value),
                _ => return Err(SPEC.plain_error(format!("invalid -v argument: {value}"))),
            },
        }
    }
    let mut files = Vec::new();
    for operand in operands {
        match operand.split_once('=') {
            Some((name, value)) if crate::vars::is_name(name) => {
                awk.assigns.push((files.len(), name.into(), value.into()))
            }
            _ => files.push(operand.clone()),
        }
    }
    Ok(Stream::new("awk", flavour, awk, files).failing_with(2))
}

impl Awk {
    fn assign_text(&mut self, name: &str, value: &str) {
        self.set(name, Value::Input(crate::syntax::unescape(value, false).0.into()));
    }

    /// What a name stands for: in the running function, or everywhere.
    fn cell(&mut self, name: &str) -> Option<&mut Cell> {
        if let Some(frame) = self.frames.last_mut()
            && frame.contains_key(name)
        {
            return self.frames.last_mut()?.get_mut(name);
        }
        self.globals.get_mut(name)
    }

    fn put(&mut self, name: &str, cell: Cell) {
        match self.frames.last_mut().and_then(|frame| frame.get_mut(name)) {
            Some(own) => *own = cell,
            None => {
                self.globals.insert(name.into(), cell);
            }
        }
    }

    fn get(&mut self, name: &str) -> Value {
        if name == "NF" {
            let count = self.split_record().len();
            return Value::Number(count as f64);
        }
        match self.cell(name) {
            Some(Cell::Scalar(value)) => value.clone(),
            _ => Value::Unset,
        }
    }

    fn set(&mut self, name: &str, value: Value) {
        if name == "NF" {
            let count = (value.number().max(0.0) as usize).min(MAX_FIELDS);
            self.split_record();
            if let Some(fields) = &mut self.fields {
                fields.resize(count, Value::Unset);
            }
            self.stale = true;
            return;
        }
        self.put(name, Cell::Scalar(value));
    }

    fn array(&mut self, name: &str) -> Result<&mut BTreeMap<EcoString, Value>, Leave> {
        match self.cell(name) {
            Some(Cell::Array(_)) => {}
            None | Some(Cell::Scalar(Value::Unset)) => self.put(name, Cell::Array(BTreeMap::new())),
            Some(Cell::Scalar(_)) => return Err(Leave::Error(format!("can't use scalar {name} as array"))),
        }
        match self.cell(name) {
            Some(Cell::Array(items)) => Ok(items),
            _ => Err(Leave::Error(format!("can't use scalar {name} as array"))),
        }
    }

    /// `$0`
    fn record(&mut self) -> EcoString {
        if std::mem::take(&mut self.stale) {
            let separator = self.get("OFS").text("%.6g");
            let fields = self.fields.iter().flatten().map(|field| field.text("%.6g"));
            self.record = fields.collect::<Vec<_>>().join(&separator).into();
        }
        self.record.clone()
    }

    fn set_record(&mut self, text: EcoString) {
        self.record = text;
        self.fields = None;
        self.stale = false;
    }

    fn split_record(&mut self) -> &mut Vec<Value> {
        if self.fields.is_none() {
            let separator = match self.cell("FS") {
                Some(Cell::Scalar(value)) => value.text("%.6g"),
                _ => " ".into(),
            };
            let record = self.record.clone();
            let pieces = self.split(&record, &separator).unwrap_or_default();
            self.fields = Some(pieces.into_iter().map(Value::Input).collect());
        }
        self.fields.get_or_insert_default()
    }

    /// Splits a text: by blanks, by one character, or by an expression.
    fn split(&mut self, text: &str, separator: &str) -> Result<Vec<EcoString>, Leave> {
        let mut pieces: Vec<EcoString> = if text.is_empty() {
            Vec::new()
        } else if separator == " " {
            text.split([' ', '\t', '\n']).filter(|piece| !piece.is_empty()).map(EcoString::from).collect()
        } else if separator.is_empty() {
            text.chars().map(EcoString::from).collect()
        } else if separator.chars().count() == 1 && separator != "\\" {
            text.split(separator).map(EcoString::from).collect()
        } else {
            let regex = self.regex(separator)?;
            let mut pieces = Vec::new();
            let mut at = 0;
            for found in regex.find_iter(text).filter(|found| !found.is_empty()) {
                pieces.push(EcoString::from(&text[at..found.start()]));
                at = found.end();
            }
            pieces.push(text[at..].into());
            pieces
        };
        pieces.truncate(MAX_FIELDS);
        Ok(pieces)
    }

    fn field(&mut self, at: f64) -> Result<Value, Leave> {
        if at < 0.0 {
            return Err(Leave::Error(format!("attempt to access field {at}")));
        }
        match at as usize {
            0 => Ok(Value::Input(self.record())),
            at => Ok(self.split_record().get(at - 1).cloned().unwrap_or_default()),
        }
    }

    fn set_field(&mut self, at: f64, value: Value) -> Result<(), Leave> {
        if at < 0.0 || at > MAX_FIELDS as f64 {
            return Err(Leave::Error(format!("attempt to access field {at}")));
        }
        let at = at as usize;
        if at == 0 {
            self.set_record(value.text("%.6g"));
            return Ok(());
        }
        let fields = self.split_record();
        if fields.len() < at {
            fields.resize(at, Value::Unset);
        }
        fields[at - 1] = value;
        self.stale = true;
        Ok(())
    }

    fn regex(&mut self, pattern: &str) -> Result<Regex, Leave> {
        if let Some((_, regex)) = self.compiled.iter().find(|(own, _)| own == pattern) {
            return Ok(regex.clone());
        }
        let regex = regex::extended(pattern, false)
            .map_err(|_| Leave::Error(format!("regular expression compile failed ({pattern})")))?;
        if self.compiled.len() >= MAX_COMPILED {
            self.compiled.remove(0);
        }
        self.compiled.push((pattern.into(), regex.clone()));
        Ok(regex)
    }

    fn matches(&mut self, pattern: &str, text: &str) -> Result<bool, Leave> {
        Ok(self.regex(pattern)?.is_match(text))
    }

    /// Notes why statements were left; `Stop` at the end of everything.
    fn left(&mut self, result: Result<(), Leave>, out: &mut Out) -> Next {
        let printed = std::mem::take(&mut self.printed);
        out.print(&printed.text);
        out.error(&printed.errors);
        match result {
            Err(Leave::Exit(status)) => {
                self.status = status;
                self.exited = true;
                Next::Stop
            }
            Err(Leave::Error(text)) => {
                out.error(format!("awk: {text}\n"));
                (self.status, self.exited) = (2, true);
                self.program.end.clear();
                Next::Stop
            }
            _ => Next::More,
        }
    }

    fn run_record(&mut self, text: &str, out: &mut Out) -> Next {
        self.set_record(text.into());
        for counter in ["NR", "FNR"] {
            let number = self.get(counter).number() + 1.0;
            self.set(counter, Value::Number(number));
        }
        self.budget = BUDGET;
        // Taken out while they run, so that they need not be copied.
        let rules = std::mem::take(&mut self.program.rules);
        let result = self.run_rules(&rules);
        self.program.rules = rules;
        self.left(result, out)
    }

    fn run_rules(&mut self, rules: &[Rule]) -> Result<(), Leave> {
        for (at, rule) in rules.iter().enumerate() {
            let selected = match (&rule.first, &rule.last) {
                (None, _) => true,
                (Some(first), None) => self.holds(first)?,
                (Some(first), Some(last)) => {
                    let open = self.ranges[at] || self.holds(first)?;
                    self.ranges[at] = open && !self.holds(last)?;
                    open
                }
            };
            if !selected {
                continue;
            }
            match &rule.body {
                Some(body) => {
                    let result = self.run_all(body);
                    match result {
                        Err(Leave::Next) => return Ok(()),
                        other => other?,
                    }
                }
                None => {
                    let record = self.record();
                    let end = self.get("ORS").text("%.6g");
                    self.printed.print(format!("{record}{end}"));
                }
            }
        }
        Ok(())
    }

    fn holds(&mut self, expr: &ast::Expr) -> Result<bool, Leave> {
        let not = ast::Expr::Not(Box::new(expr.clone()));
        Ok(self.eval(&not)?.number() == 0.0)
    }

    /// Takes whole records out of the buffer.
    fn records(&mut self, at_end: bool, out: &mut Out) -> Next {
        let separator = self.get("RS").text("%.6g");
        let buffer = std::mem::take(&mut self.buffer);
        let mut rest = buffer.as_str();
        loop {
            let found = match separator.as_str() {
                "" => {
                    rest = rest.trim_start_matches('\n');
                    let end = rest.find("\n\n");
                    end.map(|end| (end, rest[end..].len() - rest[end..].trim_start_matches('\n').len()))
                }
                one if one.chars().count() == 1 => rest.find(one).map(|end| (end, one.len())),
                pattern => match self.regex(pattern) {
                    Ok(regex) => regex.find(rest).filter(|f| !f.is_empty()).map(|f| (f.start(), f.as_str().len())),
                    Err(leave) => return self.left(Err(leave), out),
                },
            };
            let Some((end, length)) = found else { break };
            let next = self.run_record(&rest[..end], out);
            rest = &rest[end + length..];
            if next != Next::More {
                return next;
            }
        }
        if at_end {
            let last = if separator.is_empty() || separator == "\n" { rest.trim_end_matches('\n') } else { rest };
            let last = if separator.chars().count() == 1 { last.strip_suffix('\n').unwrap_or(last) } else { last };
            if !last.is_empty() || !rest.is_empty() && separator == "\n" {
                return self.run_record(last, out);
            }
            return Next::More;
        }
        self.buffer = rest.to_string();
        Next::More
    }

    fn apply_assigns(&mut self) {
        let (now, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.assigns).into_iter().partition(|(at, ..)| *at <= self.files);
        self.assigns = later;
        for (_, name, value) in now {
            self.assign_text(&name, &value);
        }
    }
}

impl Filter for Awk {
    fn start(&mut self, out: &mut Out) -> Next {
        self.budget = BUDGET;
        let begin = std::mem::take(&mut self.program.begin);
        let result = self.run_all(&begin);
        let next = self.left(result, out);
        let only_begin = self.program.rules.is_empty() && self.program.end.is_empty() && !begin.is_empty();
        if only_begin { Next::Stop } else { next }
    }

    fn takes_chunks(&self) -> bool {
        true
    }

    fn begin(&mut self, name: &str, _: &mut Out) {
        self.apply_assigns();
        self.files += 1;
        let name = if name == "-" { "" } else { name };
        self.set("FILENAME", Value::Text(name.into()));
        self.set("FNR", Value::Number(0.0));
    }

    fn chunk(&mut self, bytes: &[u8], out: &mut Out) -> Next {
        self.partial.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.partial) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => self.partial.len(),
        };
        let ready: Vec<u8> = self.partial.drain(..whole).collect();
        self.buffer.push_str(&String::from_utf8_lossy(&ready));
        self.records(false, out)
    }

    fn end(&mut self, out: &mut Out) {
        if !self.exited {
            self.records(true, out);
        }
    }

    fn finish(&mut self, out: &mut Out) -> u8 {
        self.files = usize::MAX;
        self.apply_assigns();
        self.budget = BUDGET;
        let end = std::mem::take(&mut self.program.end);
        let result = self.run_all(&end);
        self.left(result, out);
        self.status
    }
}
