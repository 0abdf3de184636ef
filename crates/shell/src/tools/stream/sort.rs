//! `sort`

use std::cmp::Ordering;

use podyard_kernel::Args;
use serde::{Deserialize, Serialize};

use super::super::Flavour;
use super::super::opts::{Spec, Usage};
use super::{Filter, Next, Out, Stream};

/// The most that is kept, in bytes.
const MAX_BYTES: usize = 64 << 20;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Sort {
    keys: Vec<Key>,
    separator: Option<char>,
    unique: bool,
    reverse: bool,
    stable: bool,
    check: bool,
    lines: Vec<String>,
    bytes: usize,
}

/// What lines are compared by; positions count from 1, the end may be open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Key {
    from: (usize, usize),
    to: Option<(usize, usize)>,
    flags: String,
}

const SPEC: Spec = Spec {
    name: "sort",
    short: "bcCdfghik:mMno:rRsS:t:T:uVz",
    long: &[
        ("check", 'c'),
        ("field-separator=", 't'),
        ("general-numeric-sort", 'g'),
        ("human-numeric-sort", 'h'),
        ("ignore-case", 'f'),
        ("ignore-leading-blanks", 'b'),
        ("key=", 'k'),
        ("numeric-sort", 'n'),
        ("reverse", 'r'),
        ("stable", 's'),
        ("unique", 'u'),
        ("version-sort", 'V'),
    ],
    usage: "sort [OPTION]... [FILE]...",
    status: 2,
};

pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Stream, Usage> {
    let opts = SPEC.parse(args, flavour)?;
    let global: String = opts.flags.iter().map(|(flag, _)| *flag).filter(|flag| "bdfghinMrV".contains(*flag)).collect();
    let mut keys = Vec::new();
    for (_, text) in opts.flags.iter().filter(|(flag, _)| *flag == 'k') {
        let Some(mut key) = key(text) else {
            let what = if text.starts_with('0') { "field number is zero" } else { "invalid number at field start" };
            return Err(SPEC.plain_error(format!("{what}: invalid field specification '{text}'")));
        };
        if key.flags.is_empty() {
            key.flags = global.clone();
        }
        keys.push(key);
    }
    if keys.is_empty() {
        keys.push(Key { from: (1, 1), to: None, flags: global });
    }
    let separator = opts.value('t').map(|text| if text == "\\t" { "\t".into() } else { text.clone() });
    if separator.as_ref().is_some_and(|text| text.chars().count() != 1) {
        let text = separator.unwrap_or_default();
        let text = if text.is_empty() { "empty tab".into() } else { format!("multi-character tab '{text}'") };
        return Err(SPEC.plain_error(text));
    }
    let sort = Sort {
        keys,
        separator: separator.and_then(|text| text.chars().next()),
        unique: opts.has('u'),
        reverse: opts.has('r'),
        stable: opts.has('s'),
        check: opts.has('c') || opts.has('C'),
        ..Sort::default()
    };
    Ok(Stream::new("sort", flavour, sort, opts.args).failing_with(2))
}

/// `2,3n`, `1.2`
fn key(text: &str) -> Option<Key> {
    let (from, to) = match text.split_once(',') {
        Some((from, to)) => (from, Some(to)),
        None => (text, None),
    };
    let mut flags = String::new();
    let mut position = |text: &str, default: usize| -> Option<(usize, usize)> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        flags.push_str(&text[digits.len()..]);
        let (field, within) = match digits.split_once('.') {
            Some((field, within)) => (field.parse().ok()?, within.parse().ok()?),
            None => (digits.parse().ok()?, default),
        };
        (field > 0).then_some((field, within))
    };
    let from = position(from, 1)?;
    let to = match to {
        Some(to) => Some(position(to, 0)?),
        None => None,
    };
    Some(Key { from, to, flags })
}

impl Sort {
    /// The part of a line that a key names.
    fn part<'a>(&self, line: &'a str, key: &Key) -> &'a str {
        if key.from == (1, 1) && key.to.is_none() {
            return line;
        }
        let bounds = self.fields(line);
        let place = |(field, within): (usize, usize), is_end: bool| -> usize {
            let Some((from, to)) = bounds.get(field - 1).copied() else { return line.len() };
            if is_end && within == 0 {
                return to;
            }
            let mut start = from;
            if key.flags.contains('b') {
                start += line[from..to].len() - line[from..to].trim_start().len();
            }
            let count = if is_end { within } else { within.saturating_sub(1) };
            let rest = &line[start..];
            start + rest.char_indices().nth(count).map_or(rest.len(), |(at, _)| at)
        };
        let from = place(key.from, false);
        let to = key.to.map_or(line.len(), |to| place(to, true));
        line.get(from..to.max(from)).unwrap_or_default()
    }

    /// Where each field begins and ends; without separator, blanks belong to the field behind them.
    fn fields(&self, line: &str) -> Vec<(usize, usize)> {
        let mut out = Vec::new();
        let mut start = 0;
        match self.separator {
            Some(separator) => {
                for (at, c) in line.char_indices() {
                    if c == separator {
                        out.push((start, at));
                        start = at + c.len_utf8();
                    }
                }
            }
            None => {
                let mut in_word = false;
                for (at, c) in line.char_indices() {
                    let blank = matches!(c, ' ' | '\t');
                    if blank && in_word {
                        out.push((start, at));
                        start = at;
                    }
                    in_word = !blank;
                }
            }
        }
        out.push((start, line.len()));
        out
    }

    fn compare(&self, a: &str, b: &str) -> Ordering {
        for key in &self.keys {
            let (left, right) = (self.part(a, key), self.part(b, key));
            let order = compare(left, right, &key.flags);
            let order = if key.flags.contains('r') { order.reverse() } else { order };
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    }
}

fn compare(a: &str, b: &str, flags: &str) -> Ordering {
    if flags.contains('n') {
        return number(a).total_cmp(&number(b));
    }
    if flags.contains('g') {
        let parse = |text: &str| text.trim().parse::<f64>().unwrap_or(f64::NEG_INFINITY);
        return parse(a).total_cmp(&parse(b));
    }
    if flags.contains('h') {
        return human(a).total_cmp(&human(b));
    }
    if flags.contains('V') {
        return version(a, b);
    }
    if flags.contains('M') {
        return month(a).cmp(&month(b));
    }
    let prepared = |text: &str| -> String {
        let text = if flags.contains('b') { text.trim_start() } else { text };
        text.chars()
            .filter(|c| !flags.contains('d') || c.is_alphanumeric() || c.is_whitespace())
            .flat_map(|c| if flags.contains('f') { c.to_uppercase().collect::<Vec<_>>() } else { vec![c] })
            .collect()
    };
    prepared(a).cmp(&prepared(b))
}

fn number(text: &str) -> f64 {
    let text = text.trim_start();
    let end = text
        .char_indices()
        .find(|(at, c)| !(c.is_ascii_digit() || *c == '.' || *at == 0 && *c == '-'))
        .map_or(text.len(), |(at, _)| at);
    text[..end].parse().unwrap_or(0.0)
}

fn human(text: &str) -> f64 {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let power = match text[digits.len()..].chars().next() {
        Some('K' | 'k') => 1,
        Some('M') => 2,
        Some('G') => 3,
        Some('T') => 4,
        _ => 0,
    };
    number(digits) * 1024_f64.powi(power)
}

fn month(text: &str) -> usize {
    let months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let text: String = text.trim().chars().take(3).flat_map(char::to_uppercase).collect();
    months.iter().position(|month| *month == text).map_or(0, |at| at + 1)
}

/// Runs of digits by value, the rest by character.
fn version(a: &str, b: &str) -> Ordering {
    let split = |text: &str| {
        let end = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
        let digits = text[end..].bytes().take_while(u8::is_ascii_digit).count();
        (end, end + digits)
    };
    let (mut a, mut b) = (a, b);
    loop {
        if a.is_empty() || b.is_empty() {
            return a.len().cmp(&b.len());
        }
        let ((a_text, a_end), (b_text, b_end)) = (split(a), split(b));
        let texts = a[..a_text].cmp(&b[..b_text]);
        if texts != Ordering::Equal {
            return texts;
        }
        let digits = |text: &str| text.trim_start_matches('0').to_string();
        let (x, y) = (digits(&a[a_text..a_end]), digits(&b[b_text..b_end]));
        let numbers = x.len().cmp(&y.len()).then(x.cmp(&y));
        if numbers != Ordering::Equal {
            return numbers;
        }
        (a, b) = (&a[a_end..], &b[b_end..]);
    }
}

impl Filter for Sort {
    fn line(&mut self, line: &[u8], _: bool, out: &mut Out) -> Next {
        self.bytes += line.len() + 24;
        if self.bytes > MAX_BYTES {
            out.error("sort: cannot allocate memory\n");
            return Next::Stop;
        }
        self.lines.push(String::from_utf8_lossy(line).into_owned());
        Next::More
    }

    fn finish(&mut self, out: &mut Out) -> u8 {
        let mut lines = std::mem::take(&mut self.lines);
        if self.check {
            let wrong = lines.windows(2).position(|pair| self.compare(&pair[0], &pair[1]) == Ordering::Greater);
            if let Some(at) = wrong {
                out.error(format!("sort: -:{}: disorder: {}\n", at + 2, lines[at + 1]));
                return 1;
            }
            return 0;
        }
        lines.sort_by(|a, b| {
            let order = self.compare(a, b);
            if order != Ordering::Equal || self.stable || self.unique {
                return order;
            }
            // Last of all, whole lines are compared.
            if self.reverse { b.cmp(a) } else { a.cmp(b) }
        });
        if self.unique {
            lines.dedup_by(|b, a| self.compare(a, b) == Ordering::Equal);
        }
        for line in lines {
            out.line(line.as_bytes());
        }
        0
    }
}
