//! `head`

use podyard_kernel::Args;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

use super::super::Flavour;
use super::super::opts::{Spec, Usage};
use super::{Filter, Next, Out, Stream};

/// Lines or bytes, of the front or but for the end.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Head {
    bytes: bool,
    count: u64,
    /// `-n -5`: all but the last five.
    but: bool,
    left: u64,
    titles: bool,
    shown: bool,
    held: VecDeque<Vec<u8>>,
}

const SPEC: Spec = Spec {
    name: "head",
    short: "c:n:qvz",
    long: &[("bytes=", 'c'), ("lines=", 'n'), ("quiet", 'q'), ("silent", 'q'), ("verbose", 'v')],
    usage: "head [OPTION]... [FILE]...",
    status: 1,
};

/// A count with `K`, `M` and the like.
pub(super) fn count(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor: u64 = match &text[digits.len()..] {
        "" => 1,
        "b" => 512,
        "kB" => 1000,
        "K" | "k" | "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "M" | "m" | "MiB" => 1 << 20,
        "G" | "GiB" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// `-5` is `-n 5`.
pub(super) fn old_style(args: &Args) -> Args {
    let mut args = args.clone();
    if let Some(arg) = args.argv.get_mut(1)
        && arg.len() > 1
        && arg.starts_with('-')
        && arg[1..].bytes().all(|byte| byte.is_ascii_digit())
    {
        *arg = format!("-n{}", &arg[1..]).into();
    }
    args
}

/// The title before each of several inputs.
pub(super) fn title(name: &str, shown: &mut bool, out: &mut Out) {
    let name = if name == "-" { "standard input" } else { name };
    let gap = if std::mem::replace(shown, true) { "\n" } else { "" };
    out.print(format!("{gap}==> {name} <==\n"));
}

pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Stream, Usage> {
    let opts = SPEC.parse(&old_style(args), flavour)?;
    let bytes = opts.has('c');
    let value = opts.value(if bytes { 'c' } else { 'n' }).map_or("10", |value| value.as_str());
    let but = value.starts_with('-');
    let digits = value.trim_start_matches(['-', '+']);
    let Some(count) = count(digits) else {
        let what = if bytes { "bytes" } else { "lines" };
        return Err(SPEC.plain_error(format!("invalid number of {what}: '{digits}'")));
    };
    let titles = (opts.args.len() > 1 || opts.has('v')) && !opts.has('q');
    let head = Head { bytes, count, but, titles, ..Head::default() };
    Ok(Stream::new("head", flavour, head, opts.args))
}

impl Filter for Head {
    fn takes_chunks(&self) -> bool {
        self.bytes && !self.but
    }

    fn begin(&mut self, name: &str, out: &mut Out) {
        self.left = self.count;
        self.held.clear();
        if self.titles {
            title(name, &mut self.shown, out);
        }
    }

    fn chunk(&mut self, bytes: &[u8], out: &mut Out) -> Next {
        let count = bytes.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        out.print(&bytes[..count]);
        self.left -= count as u64;
        if self.left == 0 { Next::OtherInput } else { Next::More }
    }

    fn line(&mut self, line: &[u8], ended: bool, out: &mut Out) -> Next {
        let whole = |line: &[u8]| [line, if ended { b"\n" } else { b"" }].concat();
        if self.but {
            self.held.push_back(whole(line));
            if self.bytes {
                return Next::More;
            }
            if self.held.len() as u64 > self.count {
                out.print(self.held.pop_front().unwrap_or_default());
            }
            return Next::More;
        }
        if self.left == 0 {
            return Next::OtherInput;
        }
        out.print(whole(line));
        self.left -= 1;
        if self.left == 0 { Next::OtherInput } else { Next::More }
    }

    fn end(&mut self, out: &mut Out) {
        if self.but && self.bytes {
            let all: Vec<u8> = self.held.drain(..).flatten().collect();
            let count = all.len().saturating_sub(usize::try_from(self.count).unwrap_or(usize::MAX));
            out.print(&all[..count]);
        }
    }
}
