//! `tail`

use std::collections::VecDeque;

use podyard_kernel::Args;
use serde::{Deserialize, Serialize};

use super::super::Flavour;
use super::super::opts::{Spec, Usage};
use super::head::{count, old_style, title};
use super::{Filter, Next, Out, Stream};

/// Bytes that `-c` holds at most.
const MAX_HELD: u64 = 16 << 20;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Tail {
    bytes: bool,
    count: u64,
    /// `-n +5`: from the fifth on.
    from: bool,
    follow: bool,
    /// Lines seen; of bytes, what is held or was skipped.
    seen: u64,
    titles: bool,
    shown: bool,
    held: VecDeque<Vec<u8>>,
    /// The end of the file has been shown, and what comes is new.
    live: bool,
}

const SPEC: Spec = Spec {
    name: "tail",
    short: "c:fFn:qs:vz",
    long: &[
        ("bytes=", 'c'),
        ("follow", 'f'),
        ("lines=", 'n'),
        ("quiet", 'q'),
        ("silent", 'q'),
        ("verbose", 'v'),
        ("retry", 'R'),
    ],
    usage: "tail [OPTION]... [FILE]...",
    status: 1,
};

pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Stream, Usage> {
    let mut args = old_style(args);
    if let Some(arg) = args.argv.get_mut(1)
        && arg.starts_with('+')
        && arg.len() > 1
    {
        *arg = format!("-n{arg}").into();
    }
    let opts = SPEC.parse(&args, flavour)?;
    let bytes = opts.has('c');
    let value = opts.value(if bytes { 'c' } else { 'n' }).map_or("10", |value| value.as_str());
    let digits = value.trim_start_matches(['-', '+']);
    let Some(count) = count(digits) else {
        let what = if bytes { "bytes" } else { "lines" };
        return Err(SPEC.plain_error(format!("invalid number of {what}: '{digits}'")));
    };
    let titles = (opts.args.len() > 1 || opts.has('v')) && !opts.has('q');
    let follow = opts.has('f') || opts.has('F');
    let tail = Tail { bytes, count, from: value.starts_with('+'), follow, titles, ..Tail::default() };
    Ok(Stream::new("tail", flavour, tail, opts.args))
}

impl Tail {
    fn flush(&mut self, out: &mut Out) {
        for line in std::mem::take(&mut self.held) {
            out.print(line);
        }
    }
}

impl Filter for Tail {
    fn takes_chunks(&self) -> bool {
        self.bytes || self.live
    }

    fn begin(&mut self, name: &str, out: &mut Out) {
        self.seen = 0;
        self.live = false;
        self.held.clear();
        if self.titles {
            title(name, &mut self.shown, out);
        }
    }

    fn chunk(&mut self, bytes: &[u8], out: &mut Out) -> Next {
        if self.live {
            out.print(bytes);
            return Next::More;
        }
        if self.from {
            let skipped = self.count.saturating_sub(1).saturating_sub(self.seen).min(bytes.len() as u64) as usize;
            self.seen += bytes.len() as u64;
            out.print(&bytes[skipped..]);
            return Next::More;
        }
        self.seen += bytes.len() as u64;
        self.held.push_back(bytes.to_vec());
        let count = self.count.min(MAX_HELD);
        while let Some(first) = self.held.front().map(|first| first.len() as u64)
            && self.seen - first >= count
        {
            self.seen -= first;
            self.held.pop_front();
        }
        Next::More
    }

    fn line(&mut self, line: &[u8], ended: bool, out: &mut Out) -> Next {
        self.seen += 1;
        let whole = [line, if ended { b"\n" } else { b"" }].concat();
        if self.from {
            if self.seen >= self.count {
                out.print(whole);
            }
            return Next::More;
        }
        self.held.push_back(whole);
        if self.held.len() as u64 > self.count {
            self.held.pop_front();
        }
        Next::More
    }

    fn end(&mut self, out: &mut Out) {
        if self.bytes
            && !self.from
            && let Some(first) = self.held.front_mut()
        {
            let surplus = self.seen.saturating_sub(self.count.min(MAX_HELD)).min(first.len() as u64);
            first.drain(..surplus as usize);
        }
        self.flush(out);
    }

    fn follows(&self) -> bool {
        self.follow
    }
}
