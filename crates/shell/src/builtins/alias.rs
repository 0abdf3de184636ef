//! `alias`, `unalias`

use ecow::EcoString;

use super::{Ran, printed, usage};
use crate::replay::{Cx, Suspend};

fn line(name: &str, text: &str) -> String {
    format!("alias {name}='{}'\n", text.replace('\'', "'\\''"))
}

pub(super) fn alias(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let args: Vec<&EcoString> = argv[1..].iter().filter(|arg| *arg != "-p").collect();
    if args.is_empty() {
        let text: String = cx.state.aliases.iter().map(|(name, text)| line(name, text)).collect();
        return printed(cx, "alias", &text);
    }
    let mut status = 0;
    for arg in args {
        if arg.contains('=') && !arg.starts_with('=') {
            continue;
        }
        match cx.state.aliases.get(arg).cloned() {
            Some(text) => {
                let _ = cx.write(1, line(arg, &text))?;
            }
            None => {
                cx.complain(&format!("alias: {arg}: not found"))?;
                status = 1;
            }
        }
    }
    for arg in &argv[1..] {
        if let Some((name, text)) = arg.split_once('=').filter(|(name, _)| !name.is_empty()) {
            cx.state.aliases.insert(name.into(), text.into());
        }
    }
    Ok(Ran::Status(status))
}

pub(super) fn unalias(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    if argv.len() == 1 {
        return usage(cx, "unalias: usage", "unalias [-a] name [name ...]").map(|_| Ran::Status(2));
    }
    let mut status = 0;
    for name in &argv[1..] {
        if name != "-a" && !cx.state.aliases.contains_key(name) {
            cx.complain(&format!("unalias: {name}: not found"))?;
            status = 1;
        }
    }
    for name in &argv[1..] {
        if name == "-a" {
            cx.state.aliases.clear();
        }
        cx.state.aliases.remove(name);
    }
    Ok(Ran::Status(status))
}
