//! `yes`

use podyard_kernel::Args;
use serde::{Deserialize, Serialize};

use super::super::Flavour;
use super::super::opts::{Spec, Usage};
use super::{Filter, Next, Out, Stream};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Yes {
    line: String,
}

const SPEC: Spec = Spec { name: "yes", short: "", long: &[], usage: "yes [STRING]...", status: 1 };

pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Stream, Usage> {
    let opts = SPEC.parse(args, flavour)?;
    let line = if opts.args.is_empty() { "y".into() } else { opts.args.join(" ") };
    Ok(Stream::new("yes", flavour, Yes { line }, Vec::new()).without_input())
}

impl Filter for Yes {
    fn produce(&mut self, out: &mut Out) -> Option<Next> {
        while out.text.len() < 1 << 12 {
            out.line(self.line.as_bytes());
        }
        Some(Next::More)
    }
}
