//! `tr`

use podyard_kernel::Args;
use serde::{Deserialize, Serialize};

use super::super::Flavour;
use super::super::opts::{Spec, Usage};
use super::{Filter, Next, Out, Stream};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Tr {
    /// What each byte becomes; `None` for one that goes.
    map: Vec<Option<u8>>,
    /// Runs of these become one.
    squeeze: Vec<bool>,
    last: Option<u8>,
}

const SPEC: Spec = Spec {
    name: "tr",
    short: "cCdst",
    long: &[("complement", 'c'), ("delete", 'd'), ("squeeze-repeats", 's'), ("truncate-set1", 't')],
    usage: "tr [OPTION]... STRING1 [STRING2]",
    status: 1,
};

pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Stream, Usage> {
    let opts = SPEC.parse(args, flavour)?;
    let (delete, squeeze) = (opts.has('d'), opts.has('s'));
    let Some(first) = opts.args.first() else { return Err(SPEC.error("missing operand", flavour)) };
    let needs_two = !delete && !squeeze || delete && squeeze;
    if needs_two && opts.args.len() < 2 {
        let why = if delete {
            "Two strings must be given when both deleting and squeezing repeats."
        } else {
            "Two strings must be given when translating."
        };
        let error = SPEC.error(format!("missing operand after '{first}'\n{why}"), flavour);
        return Err(error);
    }
    if delete && !squeeze && opts.args.len() > 1 {
        let why = "Only one string may be given when deleting without squeezing repeats.";
        return Err(SPEC.error(format!("extra operand '{}'\n{why}", opts.args[1]), flavour));
    }
    let mut from = set(first, usize::MAX).map_err(|text| SPEC.plain_error(text))?;
    if opts.has('c') || opts.has('C') {
        from = (0..=255).filter(|byte| !from.contains(byte)).collect();
    }
    let to = match opts.args.get(1) {
        Some(text) => set(text, from.len()).map_err(|text| SPEC.plain_error(text))?,
        None => Vec::new(),
    };
    let mut map: Vec<Option<u8>> = (0..=255).map(Some).collect();
    if delete {
        for byte in &from {
            map[usize::from(*byte)] = None;
        }
    } else if let Some(last) = to.last() {
        for (at, byte) in from.iter().enumerate() {
            map[usize::from(*byte)] = Some(*to.get(at).unwrap_or(last));
        }
    } else if !squeeze {
        return Err(SPEC.plain_error("when not truncating set1, string2 must be non-empty"));
    }
    let squeezed = if !squeeze {
        Vec::new()
    } else if opts.args.len() > 1 {
        to
    } else {
        from
    };
    let squeeze = (0..=255).map(|byte| squeezed.contains(&byte)).collect();
    Ok(Stream::new("tr", flavour, Tr { map, squeeze, last: None }, Vec::new()))
}

/// The bytes of a set: ranges, classes, escapes, `[x*]`.
fn set(text: &str, length: usize) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if rest.starts_with(b"[:")
            && let Some(end) = rest.windows(2).position(|pair| pair == b":]")
        {
            let name = String::from_utf8_lossy(&rest[2..end]).into_owned();
            let class: fn(&u8) -> bool = match name.as_str() {
                "alpha" => u8::is_ascii_alphabetic,
                "digit" => u8::is_ascii_digit,
                "alnum" => u8::is_ascii_alphanumeric,
                "upper" => u8::is_ascii_uppercase,
                "lower" => u8::is_ascii_lowercase,
                "space" => |byte| matches!(byte, b' ' | 9..=13),
                "blank" => |byte| matches!(byte, b' ' | b'\t'),
                "punct" => u8::is_ascii_punctuation,
                "cntrl" => u8::is_ascii_control,
                "print" => |byte| (32..127).contains(byte),
                "graph" => u8::is_ascii_graphic,
                "xdigit" => u8::is_ascii_hexdigit,
                _ => return Err(format!("invalid character class '{name}'")),
            };
            out.extend((0..=255).filter(class));
            at += end + 2;
            continue;
        }
        if rest.len() >= 4 && rest[0] == b'[' && rest[2] == b'*' && rest[3] == b']' {
            let missing = if length == usize::MAX { 0 } else { length.saturating_sub(out.len()) };
            out.extend(std::iter::repeat_n(rest[1], missing));
            at += 4;
            continue;
        }
        let (first, used) = one(rest);
        at += used;
        if bytes.get(at) == Some(&b'-') && at + 1 < bytes.len() {
            let (last, used) = one(&bytes[at + 1..]);
            if last < first {
                let shown = format!("{}-{}", first as char, last as char);
                return Err(format!("range-endpoints of '{shown}' are in reverse collating sequence order"));
            }
            out.extend(first..=last);
            at += 1 + used;
        } else {
            out.push(first);
        }
    }
    Ok(out)
}

/// One byte, perhaps escaped, with how much of the text it took.
fn one(text: &[u8]) -> (u8, usize) {
    let escaped = |byte| match byte {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'v' => 11,
        other => other,
    };
    match text {
        [b'\\', b'0'..=b'7', ..] => {
            let digits = text[1..].iter().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
            let value = text[1..1 + digits].iter().fold(0_u32, |value, byte| value * 8 + u32::from(byte - b'0'));
            (value as u8, 1 + digits)
        }
        [b'\\', byte, ..] => (escaped(*byte), 2),
        [byte, ..] => (*byte, 1),
        [] => (0, 1),
    }
}

impl Filter for Tr {
    fn takes_chunks(&self) -> bool {
        true
    }

    fn chunk(&mut self, bytes: &[u8], out: &mut Out) -> Next {
        for byte in bytes {
            let Some(byte) = self.map[usize::from(*byte)] else { continue };
            if self.squeeze[usize::from(byte)] && self.last == Some(byte) {
                continue;
            }
            self.last = Some(byte);
            out.text.push(byte);
        }
        Next::More
    }
}
