//! `echo`

use ecow::EcoString;

use super::{Ran, printed};
use crate::replay::{Cx, Suspend};
use crate::state::Flavour;
use crate::syntax::unescape;

pub(super) fn echo(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let mut newline = true;
    // dash reads escapes without being asked to.
    let mut escapes = cx.state.flavour == Flavour::Dash;
    let mut args = &argv[1..];
    while let Some(flags) = args.first().and_then(|arg| arg.strip_prefix('-')) {
        let known = if cx.state.flavour == Flavour::Dash { "n" } else { "neE" };
        if flags.is_empty() || !flags.chars().all(|c| known.contains(c)) {
            break;
        }
        for flag in flags.chars() {
            match flag {
                'n' => newline = false,
                'e' => escapes = true,
                _ => escapes = false,
            }
        }
        args = &args[1..];
    }
    let mut text = args.join(" ");
    if escapes {
        let (read, stop) = unescape(&text, true);
        text = read;
        newline &= !stop;
    }
    if newline {
        text.push('\n');
    }
    printed(cx, "echo", &text)
}
