//! `seq`

use podyard_kernel::Args;
use serde::{Deserialize, Serialize};

use super::super::Flavour;
use super::super::opts::{Spec, Usage};
use super::{Filter, Next, Out, Stream};
use crate::builtins::printf_format;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Seq {
    first: f64,
    step: f64,
    last: f64,
    at: u64,
    separator: String,
    format: Option<String>,
    decimals: usize,
    width: usize,
}

const SPEC: Spec = Spec {
    name: "seq",
    short: "f:s:w",
    long: &[("equal-width", 'w'), ("format=", 'f'), ("separator=", 's')],
    usage: "seq [OPTION]... LAST\n  or:  seq [OPTION]... FIRST LAST\n  or:  seq [OPTION]... FIRST INCREMENT LAST",
    status: 1,
};

pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Stream, Usage> {
    // Negative numbers are no options.
    let mut args = args.clone();
    let is_number = |arg: &str| arg.starts_with('-') && arg[1..].starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if let Some(at) = args.argv.iter().position(|arg| is_number(arg)) {
        args.argv.insert(at, "--".into());
    }
    let opts = SPEC.parse(&args, flavour)?;
    let mut numbers = Vec::new();
    for arg in &opts.args {
        match arg.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => numbers.push(number),
            _ => return Err(SPEC.error(format!("invalid floating point argument: '{arg}'"), flavour)),
        }
    }
    let (first, step, last) = match numbers.as_slice() {
        [] => return Err(SPEC.error("missing operand", flavour)),
        [last] => (1.0, 1.0, *last),
        [first, last] => (*first, 1.0, *last),
        [first, step, last] => (*first, *step, *last),
        _ => return Err(SPEC.error(format!("extra operand '{}'", opts.args[3]), flavour)),
    };
    if step == 0.0 {
        return Err(SPEC.error(format!("invalid Zero increment value: '{}'", opts.args[1]), flavour));
    }
    let decimals_of = |text: &str| text.split_once('.').map_or(0, |(_, fraction)| fraction.len().min(30));
    let used = if opts.args.len() == 1 { &opts.args[..0] } else { &opts.args[..opts.args.len() - 1] };
    let decimals = used.iter().map(|text| decimals_of(text)).max().unwrap_or(0);
    let width = |number: f64| format!("{number:.decimals$}").len();
    let seq = Seq {
        first,
        step,
        last,
        at: 0,
        separator: opts.value('s').map_or("\n", |text| text.as_str()).into(),
        format: opts.value('f').map(ToString::to_string),
        decimals,
        width: if opts.has('w') { width(first).max(width(last)) } else { 0 },
    };
    Ok(Stream::new("seq", flavour, seq, Vec::new()).without_input())
}

impl Filter for Seq {
    fn produce(&mut self, out: &mut Out) -> Option<Next> {
        while out.text.len() < 1 << 15 {
            let value = self.first + self.step * self.at as f64;
            let slack = self.step.abs() * 1e-9;
            if self.step > 0.0 && value > self.last + slack || self.step < 0.0 && value < self.last - slack {
                if self.at > 0 {
                    out.print("\n");
                }
                return Some(Next::Stop);
            }
            if self.at > 0 {
                out.print(&self.separator);
            }
            self.at += 1;
            let (decimals, width) = (self.decimals, self.width);
            match &self.format {
                Some(format) => out.print(printf_format(format, &[value.to_string().into()]).0),
                None => out.print(format!("{value:0width$.decimals$}")),
            }
        }
        Some(Next::More)
    }
}
