//! `base64`

use podyard_kernel::Args;
use serde::{Deserialize, Serialize};

use super::super::Flavour;
use super::super::opts::{Spec, Usage};
use super::{Filter, Next, Out, Stream};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Base64 {
    decode: bool,
    ignore: bool,
    wrap: usize,
    flavour: Flavour,
    /// Bytes that do not yet make a group.
    rest: Vec<u8>,
    column: usize,
    wrong: bool,
}

const SPEC: Spec = Spec {
    name: "base64",
    short: "dDiw:",
    long: &[("decode", 'd'), ("ignore-garbage", 'i'), ("wrap=", 'w')],
    usage: "base64 [OPTION]... [FILE]",
    status: 1,
};

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Stream, Usage> {
    let opts = SPEC.parse(args, flavour)?;
    let wrap = match opts.value('w') {
        None => 76,
        Some(text) => text.parse().map_err(|_| SPEC.plain_error(format!("invalid wrap size: '{text}'")))?,
    };
    if let Some(extra) = opts.args.get(1) {
        return Err(SPEC.error(format!("extra operand '{extra}'"), flavour));
    }
    let decode = opts.has('d') || opts.has('D');
    let base64 = Base64 { decode, ignore: opts.has('i'), wrap, flavour, ..Base64::default() };
    Ok(Stream::new("base64", flavour, base64, opts.args))
}

impl Base64 {
    fn encode(&mut self, group: &[u8], out: &mut Out) {
        let byte = |at: usize| group.get(at).copied().map_or(0, u32::from);
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            if self.wrap > 0 && self.column == self.wrap {
                out.text.push(b'\n');
                self.column = 0;
            }
            out.text.push(if at <= group.len() { letter } else { b'=' });
            self.column += 1;
        }
    }

    fn decode(&mut self, out: &mut Out) {
        let whole = self.rest.len() / 4 * 4;
        let ready: Vec<u8> = self.rest.drain(..whole).collect();
        for group in ready.chunks(4) {
            let pads = group.iter().rev().take_while(|byte| **byte == b'=').count();
            let mut bits = 0_u32;
            for byte in group {
                let value = LETTERS.iter().position(|letter| letter == byte).unwrap_or(0);
                bits = bits << 6 | value as u32;
            }
            let bytes = bits.to_be_bytes();
            out.print(&bytes[1..4 - pads.min(2)]);
        }
    }
}

impl Filter for Base64 {
    fn takes_chunks(&self) -> bool {
        true
    }

    fn chunk(&mut self, bytes: &[u8], out: &mut Out) -> Next {
        if self.decode {
            for byte in bytes.iter().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
                if LETTERS.contains(byte) || *byte == b'=' {
                    self.rest.push(*byte);
                } else if !self.ignore {
                    self.wrong = true;
                    self.decode(out);
                    return Next::Stop;
                }
            }
            self.decode(out);
            return Next::More;
        }
        self.rest.extend_from_slice(bytes);
        let whole = self.rest.len() / 3 * 3;
        let ready: Vec<u8> = self.rest.drain(..whole).collect();
        for group in ready.chunks(3) {
            self.encode(group, out);
        }
        Next::More
    }

    fn finish(&mut self, out: &mut Out) -> u8 {
        if self.decode {
            if self.wrong || !self.rest.is_empty() {
                // What is whole of the last group is printed before the complaint.
                if self.rest.len() > 1 {
                    self.rest.resize(4, b'=');
                    self.decode(out);
                }
                let text = if self.flavour == Flavour::Gnu { "invalid input" } else { "truncated input" };
                out.error(format!("base64: {text}\n"));
                return 1;
            }
            return 0;
        }
        let rest = std::mem::take(&mut self.rest);
        if !rest.is_empty() {
            self.encode(&rest, out);
        }
        if self.wrap > 0 && self.column > 0 {
            out.text.push(b'\n');
        }
        0
    }
}
