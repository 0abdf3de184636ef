//! `cat`

use podyard_kernel::Args;
use serde::{Deserialize, Serialize};

use super::super::Flavour;
use super::super::opts::{Spec, Usage};
use super::{Filter, Next, Out, Stream};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Cat {
    number: bool,
    /// Only lines that are not empty.
    number_filled: bool,
    ends: bool,
    tabs: bool,
    squeeze: bool,
    nonprinting: bool,
    count: u64,
    was_blank: bool,
    in_line: bool,
}

const SPEC: Spec = Spec {
    name: "cat",
    short: "AbeEnstTuv",
    long: &[
        ("show-all", 'A'),
        ("number-nonblank", 'b'),
        ("show-ends", 'E'),
        ("number", 'n'),
        ("squeeze-blank", 's'),
        ("show-tabs", 'T'),
        ("show-nonprinting", 'v'),
    ],
    usage: "cat [OPTION]... [FILE]...",
    status: 1,
};

pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Stream, Usage> {
    let opts = SPEC.parse(args, flavour)?;
    let any = |flags: &[char]| flags.iter().any(|flag| opts.has(*flag));
    let cat = Cat {
        number: opts.has('n') && !opts.has('b'),
        number_filled: opts.has('b'),
        ends: any(&['E', 'e', 'A']),
        tabs: any(&['T', 't', 'A']),
        nonprinting: any(&['v', 'e', 't', 'A']),
        squeeze: opts.has('s'),
        ..Cat::default()
    };
    Ok(Stream::new("cat", flavour, cat, opts.args))
}

impl Filter for Cat {
    fn takes_chunks(&self) -> bool {
        !(self.number || self.number_filled || self.ends || self.tabs || self.nonprinting || self.squeeze)
    }

    fn chunk(&mut self, bytes: &[u8], out: &mut Out) -> Next {
        out.print(bytes);
        Next::More
    }

    fn line(&mut self, line: &[u8], ended: bool, out: &mut Out) -> Next {
        let blank = line.is_empty() && ended;
        if self.squeeze && blank && self.was_blank {
            return Next::More;
        }
        self.was_blank = blank;
        if (self.number || self.number_filled && !blank) && !self.in_line {
            self.count += 1;
            out.print(format!("{:>6}\t", self.count));
        }
        for byte in line {
            match byte {
                b'\t' if self.tabs => out.print("^I"),
                0..=31 if self.nonprinting && *byte != b'\t' => out.text.extend([b'^', byte + 64]),
                127 if self.nonprinting => out.print("^?"),
                128.. if self.nonprinting => out.print(format!("M-{}", (byte & 0x7f) as char)),
                _ => out.text.push(*byte),
            }
        }
        if ended {
            out.print(if self.ends { "$\n" } else { "\n" });
        }
        self.in_line = !ended;
        Next::More
    }
}
