//! `cut`

use podyard_kernel::Args;
use serde::{Deserialize, Serialize};

use super::super::Flavour;
use super::super::opts::{Spec, Usage};
use super::{Filter, Next, Out, Stream};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Cut {
    what: What,
    /// Ranges from 1, both ends within.
    ranges: Vec<(usize, usize)>,
    delimiter: String,
    output: String,
    only_delimited: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum What {
    Bytes,
    Chars,
    Fields,
}

const SPEC: Spec = Spec {
    name: "cut",
    short: "b:c:d:f:ns",
    long: &[
        ("bytes=", 'b'),
        ("characters=", 'c'),
        ("delimiter=", 'd'),
        ("fields=", 'f'),
        ("complement", 'C'),
        ("only-delimited", 's'),
        ("output-delimiter=", 'o'),
    ],
    usage: "cut OPTION... [FILE]...",
    status: 1,
};

pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Stream, Usage> {
    let opts = SPEC.parse(args, flavour)?;
    let lists: Vec<(What, &str)> = [('b', What::Bytes), ('c', What::Chars), ('f', What::Fields)]
        .into_iter()
        .filter_map(|(flag, what)| opts.value(flag).map(|list| (what, list.as_str())))
        .collect();
    let [(what, list)] = lists.as_slice() else {
        let text = match lists.len() {
            0 => "you must specify a list of bytes, characters, or fields",
            _ => "only one type of list may be specified",
        };
        return Err(SPEC.error(text, flavour));
    };
    let mut ranges = Vec::new();
    for piece in list.split([',', ' ']) {
        let range = match piece.split_once('-') {
            Some((from, to)) if !(from.is_empty() && to.is_empty()) => {
                let from = if from.is_empty() { Some(1) } else { from.parse().ok() };
                let to = if to.is_empty() { Some(usize::MAX) } else { to.parse().ok() };
                from.zip(to)
            }
            _ => piece.parse().ok().map(|one| (one, one)),
        };
        let what = if *what == What::Fields { "field" } else { "byte/character" };
        match range {
            Some((0, _) | (_, 0)) => {
                let text = match what {
                    "field" => "fields are numbered from 1",
                    _ => "byte/character positions are numbered from 1",
                };
                return Err(SPEC.error(text, flavour));
            }
            Some((from, to)) if from <= to => ranges.push((from, to)),
            Some(_) => return Err(SPEC.error("invalid decreasing range", flavour)),
            None if what == "field" => {
                return Err(SPEC.error(format!("invalid field value '{piece}'"), flavour));
            }
            None => return Err(SPEC.error(format!("invalid byte/character position '{piece}'"), flavour)),
        }
    }
    if opts.has('C') {
        ranges = complement(ranges);
    }
    let delimiter = opts.value('d').map_or("\t", |delimiter| delimiter.as_str());
    if delimiter.chars().count() > 1 {
        return Err(SPEC.error("the delimiter must be a single character", flavour));
    }
    if opts.has('d') && *what != What::Fields {
        return Err(SPEC.error("an input delimiter may be specified only when operating on fields", flavour));
    }
    let cut = Cut {
        what: *what,
        ranges,
        delimiter: delimiter.into(),
        output: opts.value('o').map_or(if *what == What::Fields { delimiter } else { "" }, |text| text).into(),
        only_delimited: opts.has('s'),
    };
    Ok(Stream::new("cut", flavour, cut, opts.args))
}

/// All positions that no range has.
fn complement(mut ranges: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    ranges.sort_unstable();
    let mut out = Vec::new();
    let mut next = 1;
    for (from, to) in ranges {
        if from > next {
            out.push((next, from - 1));
        }
        next = next.max(to.saturating_add(1));
    }
    if next < usize::MAX {
        out.push((next, usize::MAX));
    }
    out
}

impl Cut {
    fn has(&self, at: usize) -> bool {
        self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&at))
    }
}

impl Filter for Cut {
    fn line(&mut self, line: &[u8], _: bool, out: &mut Out) -> Next {
        match self.what {
            What::Bytes => {
                let kept = line.iter().enumerate().filter(|(at, _)| self.has(at + 1)).map(|(_, byte)| *byte);
                out.line(&kept.collect::<Vec<u8>>());
            }
            What::Chars => {
                let text = String::from_utf8_lossy(line);
                let kept = text.chars().enumerate().filter(|(at, _)| self.has(at + 1)).map(|(_, c)| c);
                out.line(kept.collect::<String>().as_bytes());
            }
            What::Fields => {
                let text = String::from_utf8_lossy(line);
                let delimiter = if self.delimiter.is_empty() { "\0" } else { self.delimiter.as_str() };
                if !text.contains(delimiter) {
                    if !self.only_delimited {
                        out.line(line);
                    }
                    return Next::More;
                }
                let kept: Vec<&str> =
                    text.split(delimiter).enumerate().filter(|(at, _)| self.has(at + 1)).map(|(_, f)| f).collect();
                out.line(kept.join(&self.output).as_bytes());
            }
        }
        Next::More
    }
}
