//! `nl`

use podyard_kernel::Args;
use serde::{Deserialize, Serialize};

use super::super::Flavour;
use super::super::opts::{Spec, Usage};
use super::{Filter, Next, Out, Stream};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Nl {
    all: bool,
    count: u64,
}

const SPEC: Spec = Spec {
    name: "nl",
    short: "b:n:s:v:w:",
    long: &[("body-numbering=", 'b')],
    usage: "nl [OPTION]... [FILE]...",
    status: 1,
};

pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Stream, Usage> {
    let opts = SPEC.parse(args, flavour)?;
    let nl = Nl { all: opts.value('b').is_some_and(|style| style == "a"), count: 0 };
    Ok(Stream::new("nl", flavour, nl, opts.args))
}

impl Filter for Nl {
    fn line(&mut self, line: &[u8], _: bool, out: &mut Out) -> Next {
        if line.is_empty() && !self.all {
            out.print("       \n");
        } else {
            self.count += 1;
            out.print(format!("{:>6}\t", self.count));
            out.line(line);
        }
        Next::More
    }
}
