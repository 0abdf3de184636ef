//! `rev`

use podyard_kernel::Args;
use serde::{Deserialize, Serialize};

use super::super::Flavour;
use super::super::opts::{Spec, Usage};
use super::{Filter, Next, Out, Stream};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Rev;

const SPEC: Spec = Spec { name: "rev", short: "", long: &[], usage: "rev [options] [file ...]", status: 1 };

pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Stream, Usage> {
    let opts = SPEC.parse(args, flavour)?;
    Ok(Stream::new("rev", flavour, Rev, opts.args))
}

impl Filter for Rev {
    fn line(&mut self, line: &[u8], ended: bool, out: &mut Out) -> Next {
        let text: String = String::from_utf8_lossy(line).chars().rev().collect();
        out.print(text);
        if ended {
            out.print("\n");
        }
        Next::More
    }
}
