//! Running awk programs.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use ecow::EcoString;
use serde::{Deserialize, Serialize};

use super::ast::{Expr, Stmt, Target};
use super::Awk;
use crate::builtins::{c_float, printf_format};

/// How deep functions may call one another.
const MAX_CALLS: usize = 200;
/// The longest text, in bytes.
const MAX_TEXT: usize = 16 << 20;

/// A value; texts from the input that look like numbers compare as such.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) enum Value {
    #[default]
    Unset,
    Number(f64),
    Text(EcoString),
    Input(EcoString),
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Cell {
    Scalar(Value),
    Array(BTreeMap<EcoString, Value>),
}

/// Why statements are being left.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Leave {
    Next,
    Exit(u8),
    Break,
    Continue,
    Return(Value),
    Error(String),
}

type Run<T> = Result<T, Leave>;

/// Reads the number at the front of a text.
pub(super) fn leading_number(text: &str) -> f64 {
    let text = text.trim_start();
    let bytes = text.as_bytes();
    let mut end = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let digits = |from: usize| from + bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    let whole = digits(end);
    let mut any = whole > end;
    end = whole;
    if bytes.get(end) == Some(&b'.') {
        let after = digits(end + 1);
        any |= after > end + 1;
        end = after;
    }
    if !any {
        return 0.0;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let after = digits(end + 1 + sign);
        if after > end + 1 + sign {
            end = after;
        }
    }
    text[..end].parse().unwrap_or(0.0)
}

/// Whether a whole text is a number.
fn is_number(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) && text.parse::<f64>().is_ok()
}

impl Value {
    pub(super) fn number(&self) -> f64 {
        match self {
            Self::Unset => 0.0,
            Self::Number(number) => *number,
            Self::Text(text) | Self::Input(text) => leading_number(text),
        }
    }

    fn holds(&self) -> bool {
        match self {
            Self::Unset => false,
            Self::Number(number) => *number != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Input(text) => if is_number(text) { leading_number(text) != 0.0 } else { !text.is_empty() },
        }
    }

    fn is_numeric(&self) -> bool {
        match self {
            Self::Unset | Self::Number(_) => true,
            Self::Text(_) => false,
            Self::Input(text) => is_number(text),
        }
    }

    /// As text, with this format for numbers that are not whole.
    pub(super) fn text(&self, format: &str) -> EcoString {
        match self {
            Self::Unset => EcoString::new(),
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 1e16 => format!("{number:.0}").into(),
            Self::Number(number) => {
                let plain = format == "%.6g";
                if plain { c_float(*number, 'g', Some(6)).into() } else { format_number(format, *number).into() }
            }
            Self::Text(text) | Self::Input(text) => text.clone(),
        }
    }
}

fn format_number(format: &str, number: f64) -> String {
    sprintf(format, &[Value::Number(number)])
}

/// awk's `sprintf`: the shell's `printf`, one conversion at a time.
pub(super) fn sprintf(format: &str, args: &[Value]) -> String {
    let mut out = String::new();
    let mut args = args.iter();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = rest[1..].find(|c: char| !"-+ #0123456789.*lh".contains(c)).map_or(rest.len(), |n| n + 1);
        let Some(kind) = rest[length..].chars().next() else {
            out.push_str(rest);
            return out;
        };
        let mut spec = rest[..length].to_string();
        rest = &rest[length + kind.len_utf8()..];
        if kind == '%' {
            out.push('%');
            continue;
        }
        while spec.contains('*') {
            let width = args.next().map_or(0.0, Value::number) as i64;
            spec = spec.replacen('*', &width.to_string(), 1);
        }
        let value = args.next().cloned().unwrap_or_default();
        let (kind, text): (char, EcoString) = match kind {
            'd' | 'i' => ('d', format!("{:.0}", value.number().trunc()).into()),
            'o' | 'x' | 'X' | 'u' => (kind, format!("{:.0}", value.number().trunc()).into()),
            'f' | 'F' | 'e' | 'E' | 'g' | 'G' => (kind, value.number().to_string().into()),
            'c' => match &value {
                Value::Number(number) => ('s', char::from_u32(*number as u32).map(EcoString::from).unwrap_or_default()),
                other => ('s', other.text("%.6g").chars().take(1).collect()),
            },
            's' => ('s', value.text("%.6g")),
            other => {
                out.push_str(&spec);
                out.push(other);
                continue;
            }
        };
        out.push_str(&printf_format(&format!("{spec}{kind}"), &[text]).0);
    }
    out.push_str(rest);
    out
}

impl Awk {
    pub(super) fn run_all(&mut self, all: &[Stmt]) -> Run<()> {
        for stmt in all {
            self.run(stmt)?;
        }
        Ok(())
    }

    fn spend(&mut self) -> Run<()> {
        self.budget = self.budget.saturating_sub(1);
        if self.budget == 0 { Err(Leave::Error("the program runs too long".into())) } else { Ok(()) }
    }

    fn run(&mut self, stmt: &Stmt) -> Run<()> {
        self.spend()?;
        match stmt {
            Stmt::Expr(expr) => self.eval(expr).map(|_| ())?,
            Stmt::Print(args, target) => {
                let separator = self.get("OFS").text("%.6g");
                let format = self.get("OUTFMT").text("%.6g");
                let mut texts = Vec::new();
                for arg in args {
                    texts.push(self.eval(arg)?.text(&format));
                }
                let mut text = if args.is_empty() { self.record().to_string() } else { texts.join(&separator) };
                text.push_str(&self.get("ORS").text("%.6g"));
                self.write(&text, *target);
            }
            Stmt::Printf(args, target) => {
                let mut values = Vec::new();
                for arg in args {
                    values.push(self.eval(arg)?);
                }
                let format = values.remove(0).text("%.6g");
                let text = sprintf(&format, &values);
                self.write(&text, *target);
            }
            Stmt::If(condition, then, otherwise) => {
                if self.eval(condition)?.holds() {
                    self.run(then)?;
                } else if let Some(otherwise) = otherwise {
                    self.run(otherwise)?;
                }
            }
            Stmt::While(condition, body) => {
                while self.eval(condition)?.holds() {
                    if !self.round(body)? {
                        break;
                    }
                }
            }
            Stmt::DoWhile(body, condition) => loop {
                if !self.round(body)? || !self.eval(condition)?.holds() {
                    break;
                }
            },
            Stmt::For(start, condition, step, body) => {
                if let Some(start) = start {
                    self.run(start)?;
                }
                loop {
                    if let Some(condition) = condition
                        && !self.eval(condition)?.holds()
                    {
                        break;
                    }
                    if !self.round(body)? {
                        break;
                    }
                    if let Some(step) = step {
                        self.run(step)?;
                    }
                }
            }
            Stmt::ForIn(name, array, body) => {
                for key in self.keys(array) {
                    self.set(name, Value::Input(key));
                    if !self.round(body)? {
                        break;
                    }
                }
            }
            Stmt::Block(all) => self.run_all(all)?,
            Stmt::Next => return Err(Leave::Next),
            Stmt::Exit(status) => {
                let status = match status {
                    Some(expr) => self.eval(expr)?.number() as i64 as u8,
                    None => self.status,
                };
                return Err(Leave::Exit(status));
            }
            Stmt::Break => return Err(Leave::Break),
            Stmt::Continue => return Err(Leave::Continue),
            Stmt::Return(value) => {
                let value = match value {
                    Some(expr) => self.eval(expr)?,
                    None => Value::Unset,
                };
                return Err(Leave::Return(value));
            }
            Stmt::Delete(name, indices) => {
                let key = self.key(indices)?;
                let array = self.array(name)?;
                if indices.is_empty() { array.clear() } else { array.remove(&key).map_or((), drop) }
            }
        }
        Ok(())
    }

    /// One round of a loop; `false` after `break`.
    fn round(&mut self, body: &Stmt) -> Run<bool> {
        self.spend()?;
        match self.run(body) {
            Ok(()) | Err(Leave::Continue) => Ok(true),
            Err(Leave::Break) => Ok(false),
            Err(other) => Err(other),
        }
    }

    fn write(&mut self, text: &str, target: Target) {
        match target {
            Target::Out => self.printed.print(text),
            Target::Error => self.printed.error(text),
        }
        if self.printed.text.len() + self.printed.errors.len() > MAX_TEXT {
            self.budget = 1;
        }
    }

    /// An array's keys: numbers by value, then texts.
    fn keys(&mut self, name: &str) -> Vec<EcoString> {
        let mut keys: Vec<EcoString> = match self.cell(name) {
            Some(Cell::Array(items)) => items.keys().cloned().collect(),
            _ => Vec::new(),
        };
        keys.sort_by(|a, b| match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => a.total_cmp(&b),
            (Ok(_), _) => Ordering::Less,
            (_, Ok(_)) => Ordering::Greater,
            _ => a.cmp(b),
        });
        keys
    }

    fn key(&mut self, indices: &[Expr]) -> Run<EcoString> {
        let mut texts = Vec::new();
        for index in indices {
            texts.push(self.eval(index)?.text("%.6g"));
        }
        let separator = self.get("SUBSEP").text("%.6g");
        Ok(texts.join(&separator).into())
    }

    pub(super) fn eval(&mut self, expr: &Expr) -> Run<Value> {
        self.spend()?;
        let truth = |holds: bool| Value::Number(f64::from(u8::from(holds)));
        Ok(match expr {
            Expr::Number(number) => Value::Number(*number),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Regex(text) => {
                let record = self.record();
                truth(self.matches(text, &record)?)
            }
            Expr::Var(name) => self.get(name),
            Expr::Field(index) => {
                let at = self.eval(index)?.number();
                self.field(at)?
            }
            Expr::Element(name, indices) => {
                let key = self.key(indices)?;
                self.array(name)?.entry(key).or_default().clone()
            }
            Expr::Group(inner) => self.eval(inner)?,
            Expr::Assign(operator, place, value) => {
                let mut value = self.eval(value)?;
                if *operator != '=' {
                    let old = self.eval(place)?.number();
                    value = Value::Number(arith(*operator, old, value.number())?);
                }
                self.assign(place, value.clone())?;
                value
            }
            Expr::Conditional(condition, yes, no) => {
                if self.eval(condition)?.holds() { self.eval(yes)? } else { self.eval(no)? }
            }
            Expr::And(left, right) => truth(self.eval(left)?.holds() && self.eval(right)?.holds()),
            Expr::Or(left, right) => truth(self.eval(left)?.holds() || self.eval(right)?.holds()),
            Expr::In(indices, name) => {
                let key = self.key(indices)?;
                truth(self.array(name)?.contains_key(&key))
            }
            Expr::Match(negated, left, right) => {
                let text = self.eval(left)?.text("%.6g");
                let pattern = self.pattern(right)?;
                truth(self.matches(&pattern, &text)? != *negated)
            }
            Expr::Compare(sign, left, right) => {
                let (left, right) = (self.eval(left)?, self.eval(right)?);
                let order = if left.is_numeric() && right.is_numeric() {
                    left.number().partial_cmp(&right.number())
                } else {
                    Some(left.text("%.6g").cmp(&right.text("%.6g")))
                };
                truth(match sign.as_str() {
                    "<" => order == Some(Ordering::Less),
                    "<=" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
                    "==" => order == Some(Ordering::Equal),
                    "!=" => order != Some(Ordering::Equal),
                    ">" => order == Some(Ordering::Greater),
                    _ => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
                })
            }
            Expr::Concat(left, right) => {
                let format = self.get("CONVFMT").text("%.6g");
                let mut text = self.eval(left)?.text(&format);
                text.push_str(&self.eval(right)?.text(&format));
                if text.len() > MAX_TEXT {
                    return Err(Leave::Error("a text grows too long".into()));
                }
                Value::Text(text)
            }
            Expr::Arith(operator, left, right) => {
                let (left, right) = (self.eval(left)?.number(), self.eval(right)?.number());
                Value::Number(arith(*operator, left, right)?)
            }
            Expr::Not(inner) => truth(!self.eval(inner)?.holds()),
            Expr::Negative(inner) => Value::Number(-self.eval(inner)?.number()),
            Expr::Positive(inner) => Value::Number(self.eval(inner)?.number()),
            Expr::Step(by, before, place) => {
                let old = self.eval(place)?.number();
                self.assign(place, Value::Number(old + by))?;
                Value::Number(if *before { old + by } else { old })
            }
            Expr::Call(name, args) => self.call(name, args)?,
            Expr::Builtin(name, args) => self.builtin(name, args)?,
        })
    }

    fn assign(&mut self, place: &Expr, value: Value) -> Run<()> {
        match place {
            Expr::Var(name) => {
                if matches!(self.cell(name), Some(Cell::Array(_))) {
                    return Err(Leave::Error(format!("can't use array {name} in scalar context")));
                }
                self.set(name, value);
            }
            Expr::Field(index) => {
                let at = self.eval(index)?.number();
                self.set_field(at, value)?;
            }
            Expr::Element(name, indices) => {
                let key = self.key(indices)?;
                self.array(name)?.insert(key, value);
            }
            _ => return Err(Leave::Error("assignment to what is no variable".into())),
        }
        Ok(())
    }

    /// The text of a regular expression, literal or computed.
    pub(super) fn pattern(&mut self, expr: &Expr) -> Run<EcoString> {
        match expr {
            Expr::Regex(text) => Ok(text.clone()),
            other => Ok(self.eval(other)?.text("%.6g")),
        }
    }

    fn call(&mut self, name: &str, args: &[Expr]) -> Run<Value> {
        let Some(function) = self.program.functions.iter().find(|function| function.name == name).cloned() else {
            return Err(Leave::Error(format!("function {name} not defined")));
        };
        if args.len() > function.params.len() {
            return Err(Leave::Error(format!("function {name} called with too many args")));
        }
        if self.frames.len() >= MAX_CALLS {
            return Err(Leave::Error("function calls are nested too deeply".into()));
        }
        let mut frame = BTreeMap::new();
        let mut shared = Vec::new();
        for (at, param) in function.params.iter().enumerate() {
            let cell = match args.get(at) {
                Some(Expr::Var(own)) => match self.cell(own) {
                    Some(Cell::Array(items)) => {
                        // Arrays are lent: they come back when the function returns.
                        let items = std::mem::take(items);
                        shared.push((own.clone(), param.clone()));
                        Cell::Array(items)
                    }
                    Some(Cell::Scalar(Value::Unset)) | None => {
                        shared.push((own.clone(), param.clone()));
                        Cell::Scalar(Value::Unset)
                    }
                    Some(Cell::Scalar(value)) => Cell::Scalar(value.clone()),
                },
                Some(arg) => Cell::Scalar(self.eval(arg)?),
                None => Cell::Scalar(Value::Unset),
            };
            frame.insert(param.clone(), cell);
        }
        self.frames.push(frame);
        let result = self.run_all(&function.body);
        let mut frame = self.frames.pop().unwrap_or_default();
        for (own, param) in shared {
            if let Some(Cell::Array(items)) = frame.remove(&param) {
                self.put(&own, Cell::Array(items));
            }
        }
        match result {
            Ok(()) => Ok(Value::Unset),
            Err(Leave::Return(value)) => Ok(value),
            Err(other) => Err(other),
        }
    }

    fn builtin(&mut self, name: &str, args: &[Expr]) -> Run<Value> {
        if name == "length"
            && let [Expr::Var(array)] = args
            && let Some(Cell::Array(items)) = self.cell(array)
        {
            return Ok(Value::Number(items.len() as f64));
        }
        match name {
            "sub" | "gsub" => return self.substitute(name == "gsub", args),
            "split" => return self.split_into(args),
            "match" => return self.find_match(args),
            _ => {}
        }
        let mut values = Vec::new();
        for arg in args {
            values.push(self.eval(arg)?);
        }
        let text = |at: usize| values.get(at).map(|value: &Value| value.text("%.6g")).unwrap_or_default();
        let number = |at: usize| values.get(at).map_or(0.0, Value::number);
        Ok(match name {
            "length" => {
                let text = if values.is_empty() { self.record() } else { text(0) };
                Value::Number(text.chars().count() as f64)
            }
            "substr" => {
                let all = text(0);
                let from = number(1).round();
                let to = if values.len() > 2 { from + number(2).round() } else { f64::INFINITY };
                let picked = all.chars().enumerate().filter(|(at, _)| {
                    let at = *at as f64 + 1.0;
                    at >= from && at < to
                });
                Value::Text(picked.map(|(_, c)| c).collect())
            }
            "index" => {
                let all = text(0);
                let found = all.find(text(1).as_str()).map_or(0, |at| all[..at].chars().count() + 1);
                Value::Number(found as f64)
            }
            "sprintf" => Value::Text(sprintf(&text(0), &values[1..]).into()),
            "sin" => Value::Number(number(0).sin()),
            "cos" => Value::Number(number(0).cos()),
            "atan2" => Value::Number(number(0).atan2(number(1))),
            "exp" => Value::Number(number(0).exp()),
            "log" => Value::Number(number(0).ln()),
            "sqrt" => Value::Number(number(0).sqrt()),
            "int" => Value::Number(number(0).trunc()),
            "rand" => {
                self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                Value::Number((self.seed >> 11) as f64 / (1_u64 << 53) as f64)
            }
            "srand" => {
                let seed = if values.is_empty() { 0 } else { number(0) as u64 };
                let old = std::mem::replace(&mut self.seed, seed);
                Value::Number(old as f64)
            }
            "tolower" => Value::Text(text(0).to_lowercase()),
            "toupper" => Value::Text(text(0).to_uppercase()),
            _ => Value::Number(0.0),
        })
    }

    fn substitute(&mut self, all: bool, args: &[Expr]) -> Run<Value> {
        let [pattern, with, ..] = args else { return Err(Leave::Error("sub: not enough arguments".into())) };
        let place = args.get(2).cloned().unwrap_or(Expr::Field(Box::new(Expr::Number(0.0))));
        let pattern = self.pattern(pattern)?;
        let with = self.eval(with)?.text("%.6g");
        let text = self.eval(&place)?.text("%.6g");
        let regex = self.regex(&pattern)?;
        let (mut out, mut at, mut count) = (String::new(), 0, 0);
        for found in regex.find_iter(&text) {
            // An empty match right behind another is none.
            if found.is_empty() && found.start() == at && count > 0 {
                continue;
            }
            out.push_str(&text[at..found.start()]);
            let mut chars = with.chars();
            while let Some(c) = chars.next() {
                match c {
                    '\\' => match chars.next() {
                        Some('&') => out.push('&'),
                        Some('\\') => out.push('\\'),
                        Some(other) => out.extend(['\\', other]),
                        None => out.push('\\'),
                    },
                    '&' => out.push_str(found.as_str()),
                    c => out.push(c),
                }
            }
            at = found.end();
            count += 1;
            if !all || out.len() > MAX_TEXT {
                break;
            }
        }
        if count > 0 {
            out.push_str(&text[at..]);
            self.assign(&place, Value::Text(out.into()))?;
        }
        Ok(Value::Number(f64::from(count)))
    }

    fn split_into(&mut self, args: &[Expr]) -> Run<Value> {
        let [text, Expr::Var(array), ..] = args else {
            return Err(Leave::Error("split: second argument is not an array".into()));
        };
        let text = self.eval(text)?.text("%.6g");
        let separator = match args.get(2) {
            Some(expr) => self.pattern(expr)?,
            None => self.get("FS").text("%.6g"),
        };
        let pieces = self.split(&text, &separator)?;
        let count = pieces.len();
        let items = (1..).zip(pieces).map(|(at, piece): (usize, EcoString)| (at.to_string().into(), Value::Input(piece)));
        *self.array(array)? = items.collect();
        Ok(Value::Number(count as f64))
    }

    fn find_match(&mut self, args: &[Expr]) -> Run<Value> {
        let [text, pattern, ..] = args else { return Err(Leave::Error("match: not enough arguments".into())) };
        let text = self.eval(text)?.text("%.6g");
        let pattern = self.pattern(pattern)?;
        let (start, length) = match self.regex(&pattern)?.find(&text) {
            Some(found) => (text[..found.start()].chars().count() as f64 + 1.0, found.as_str().chars().count() as f64),
            None => (0.0, -1.0),
        };
        self.set("RSTART", Value::Number(start));
        self.set("RLENGTH", Value::Number(length));
        Ok(Value::Number(start))
    }
}

fn arith(operator: char, left: f64, right: f64) -> Run<f64> {
    Ok(match operator {
        '+' => left + right,
        '-' => left - right,
        '*' => left * right,
        '/' | '%' if right == 0.0 => {
            let what = if operator == '/' { "division by zero" } else { "division by zero in %" };
            return Err(Leave::Error(what.into()));
        }
        '/' => left / right,
        '%' => left % right,
        _ => left.powf(right),
    })
}
