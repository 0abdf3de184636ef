//! `tac`

use podyard_kernel::Args;
use serde::{Deserialize, Serialize};

use super::super::Flavour;
use super::super::opts::{Spec, Usage};
use super::{Filter, Next, Out, Stream};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Tac {
    lines: Vec<Vec<u8>>,
}

const SPEC: Spec = Spec { name: "tac", short: "", long: &[], usage: "tac [OPTION]... [FILE]...", status: 1 };

pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Stream, Usage> {
    let opts = SPEC.parse(args, flavour)?;
    Ok(Stream::new("tac", flavour, Tac::default(), opts.args))
}

impl Filter for Tac {
    fn line(&mut self, line: &[u8], ended: bool, _: &mut Out) -> Next {
        self.lines.push([line, if ended { b"\n" } else { b"" }].concat());
        Next::More
    }

    fn end(&mut self, out: &mut Out) {
        for line in std::mem::take(&mut self.lines).into_iter().rev() {
            out.print(line);
        }
    }
}
