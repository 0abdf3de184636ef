//! `uniq`

use podyard_kernel::Args;
use serde::{Deserialize, Serialize};

use super::super::Flavour;
use super::super::opts::{Spec, Usage};
use super::{Filter, Next, Out, Stream};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Uniq {
    count: bool,
    repeated: bool,
    unique: bool,
    fold: bool,
    skip_fields: usize,
    skip_chars: usize,
    current: Option<(Vec<u8>, u64)>,
}

const SPEC: Spec = Spec {
    name: "uniq",
    short: "cdf:is:uz",
    long: &[
        ("count", 'c'),
        ("repeated", 'd'),
        ("ignore-case", 'i'),
        ("skip-chars=", 's'),
        ("skip-fields=", 'f'),
        ("unique", 'u'),
    ],
    usage: "uniq [OPTION]... [INPUT [OUTPUT]]",
    status: 1,
};

pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Stream, Usage> {
    let opts = SPEC.parse(args, flavour)?;
    let number = |flag| opts.value(flag).map_or(Some(0), |text| text.parse().ok());
    let (Some(skip_fields), Some(skip_chars)) = (number('f'), number('s')) else {
        return Err(SPEC.error("invalid number of fields to skip", flavour));
    };
    let uniq = Uniq {
        count: opts.has('c'),
        repeated: opts.has('d'),
        unique: opts.has('u'),
        fold: opts.has('i'),
        skip_fields,
        skip_chars,
        current: None,
    };
    Ok(Stream::new("uniq", flavour, uniq, opts.args.into_iter().take(1).collect()))
}

impl Uniq {
    fn key(&self, line: &[u8]) -> String {
        let text = String::from_utf8_lossy(line);
        let mut rest: &str = &text;
        for _ in 0..self.skip_fields {
            rest = rest.trim_start().trim_start_matches(|c: char| !c.is_whitespace());
        }
        let rest: String = rest.chars().skip(self.skip_chars).collect();
        if self.fold { rest.to_lowercase() } else { rest }
    }

    fn flush(&mut self, out: &mut Out) {
        let Some((line, count)) = self.current.take() else { return };
        if self.repeated && count == 1 || self.unique && count > 1 {
            return;
        }
        if self.count {
            out.print(format!("{count:>7} "));
        }
        out.line(&line);
    }
}

impl Filter for Uniq {
    fn line(&mut self, line: &[u8], _: bool, out: &mut Out) -> Next {
        let key = self.key(line);
        let same = self.current.as_ref().is_some_and(|(current, _)| self.key(current) == key);
        match &mut self.current {
            Some((_, count)) if same => *count += 1,
            _ => {
                self.flush(out);
                self.current = Some((line.to_vec(), 1));
            }
        }
        Next::More
    }

    fn finish(&mut self, out: &mut Out) -> u8 {
        self.flush(out);
        0
    }
}
