//! `help`, `umask`, and builtins that do nothing here.

use ecow::EcoString;

use super::{Ran, names, printed, wrong};
use crate::replay::{Cx, Suspend};

pub(super) fn help(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    if let Some(name) = argv.get(1) {
        if super::is_builtin(name) {
            return printed(cx, "help", &format!("{name}: {name} is a shell builtin\n"));
        }
        let text =
            format!("help: no help topics match `{name}'.  Try `help help' or `man -k {name}' or `info {name}'.");
        return wrong(cx, 1, &text);
    }
    let mut text = String::from(
        "GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\n\
         These shell commands are defined internally.  Type `help' to see this list.\n\n",
    );
    for name in names() {
        text.push_str(&format!(" {name}\n"));
    }
    printed(cx, "help", &text)
}

/// Accepts what has no effect in this shell.
pub(super) fn nothing(_: &mut Cx<'_>, _: &[EcoString]) -> Result<Ran, Suspend> {
    Ok(Ran::Status(0))
}

pub(super) fn umask(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    match argv.get(1) {
        None => printed(cx, "umask", "0022\n"),
        Some(mask) if mask.trim_start_matches('0') == "22" => Ok(Ran::Status(0)),
        Some(_) => wrong(cx, 1, "umask: changing the mask is not simulated"),
    }
}

/// `complete -F __start_kubectl k`: `k` completes as `kubectl` does. Other ways of completing are accepted only.
pub(super) fn complete(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let at = argv.iter().position(|arg| arg == "-F");
    let function = at.and_then(|at| argv.get(at + 1));
    if let Some(program) = function.and_then(|name| name.strip_prefix("__start_")) {
        for name in argv.iter().skip(at.unwrap_or(0) + 2).filter(|name| !name.starts_with('-')) {
            cx.state.completers.insert(name.clone(), program.into());
        }
    }
    Ok(Ran::Status(0))
}
