//! `wc`

use ecow::EcoString;
use podyard_kernel::Args;
use serde::{Deserialize, Serialize};

use super::super::Flavour;
use super::super::opts::{Spec, Usage};
use super::{Filter, Next, Out, Stream};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Wc {
    lines: bool,
    words: bool,
    chars: bool,
    bytes: bool,
    longest: bool,
    flavour: Flavour,
    counts: Counts,
    in_word: bool,
    rows: Vec<(EcoString, Counts)>,
    inputs: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Counts {
    lines: u64,
    words: u64,
    chars: u64,
    bytes: u64,
    longest: u64,
    current: u64,
}

const SPEC: Spec = Spec {
    name: "wc",
    short: "clLmw",
    long: &[("bytes", 'c'), ("chars", 'm'), ("lines", 'l'), ("max-line-length", 'L'), ("words", 'w')],
    usage: "wc [OPTION]... [FILE]...",
    status: 1,
};

pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Stream, Usage> {
    let opts = SPEC.parse(args, flavour)?;
    let none = !"clLmw".chars().any(|flag| opts.has(flag));
    let wc = Wc {
        lines: none || opts.has('l'),
        words: none || opts.has('w'),
        chars: opts.has('m'),
        bytes: none || opts.has('c'),
        longest: opts.has('L'),
        flavour,
        inputs: opts.args.len(),
        ..Wc::default()
    };
    Ok(Stream::new("wc", flavour, wc, opts.args))
}

impl Wc {
    fn shown(&self, counts: &Counts) -> Vec<u64> {
        let all = [
            (self.lines, counts.lines),
            (self.words, counts.words),
            (self.chars, counts.chars),
            (self.bytes, counts.bytes),
            (self.longest, counts.longest),
        ];
        all.into_iter().filter(|(on, _)| *on).map(|(_, value)| value).collect()
    }
}

impl Filter for Wc {
    fn takes_chunks(&self) -> bool {
        true
    }

    fn begin(&mut self, name: &str, _: &mut Out) {
        self.counts = Counts::default();
        self.in_word = false;
        let name = if name == "-" && self.inputs == 0 { "" } else { name };
        self.rows.push((name.into(), Counts::default()));
    }

    fn chunk(&mut self, bytes: &[u8], _: &mut Out) -> Next {
        let counts = &mut self.counts;
        for byte in bytes {
            counts.bytes += 1;
            counts.chars += u64::from(byte & 0xc0 != 0x80);
            if *byte == b'\n' {
                counts.lines += 1;
                counts.longest = counts.longest.max(std::mem::take(&mut counts.current));
            } else {
                counts.current += u64::from(byte & 0xc0 != 0x80);
            }
            let blank = byte.is_ascii_whitespace() || *byte == 11;
            if !blank && !self.in_word {
                counts.words += 1;
            }
            self.in_word = !blank;
        }
        Next::More
    }

    fn end(&mut self, _: &mut Out) {
        self.counts.longest = self.counts.longest.max(self.counts.current);
        if let Some((_, counts)) = self.rows.last_mut() {
            *counts = self.counts;
        }
    }

    fn finish(&mut self, out: &mut Out) -> u8 {
        let mut total = Counts::default();
        for (_, counts) in &self.rows {
            total.lines += counts.lines;
            total.words += counts.words;
            total.chars += counts.chars;
            total.bytes += counts.bytes;
            total.longest = total.longest.max(counts.longest);
        }
        let mut rows = std::mem::take(&mut self.rows);
        if self.inputs > 1 {
            rows.push(("total".into(), total));
        }
        let columns = self.shown(&total).len();
        // GNU makes columns as wide as the size of all files; from a pipe, seven when there are several.
        let width = match self.flavour {
            _ if columns == 1 && rows.len() == 1 => 1,
            Flavour::Busybox => 9,
            Flavour::Gnu if self.inputs == 0 => 7,
            Flavour::Gnu => total.bytes.to_string().len(),
        };
        for (name, counts) in rows {
            let cells: Vec<String> = self.shown(&counts).iter().map(|value| format!("{value:>width$}")).collect();
            let gap = if name.is_empty() { "" } else { " " };
            out.print(format!("{}{gap}{name}\n", cells.join(" ")));
        }
        0
    }
}
