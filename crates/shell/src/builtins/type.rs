//! `builtin`, `command`, `hash`, `type`

use ecow::EcoString;

use super::{Ran, is_builtin, printed, wrong};
use crate::machine::find_program;
use crate::replay::{Cx, Suspend};
use crate::state::Flavour;

const KEYWORDS: [&str; 20] = [
    "!", "[[", "]]", "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "then", "time",
    "until", "while", "{", "}",
];

/// What a name stands for.
enum Kind {
    Alias(EcoString),
    Keyword,
    Function(EcoString),
    Builtin,
    File(EcoString),
}

fn find(cx: &mut Cx<'_>, name: &str, only_files: bool) -> Result<Option<Kind>, Suspend> {
    if !only_files {
        if let Some(text) = cx.state.aliases.get(name) {
            return Ok(Some(Kind::Alias(text.clone())));
        }
        if KEYWORDS.contains(&name) {
            return Ok(Some(Kind::Keyword));
        }
        if let Some(function) = cx.state.functions.get(name) {
            return Ok(Some(Kind::Function(function.text.clone())));
        }
        if is_builtin(name) {
            return Ok(Some(Kind::Builtin));
        }
    }
    Ok(find_program(cx, name)?.ok().map(Kind::File))
}

pub(super) fn type_(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let (mut word, mut path) = (false, false);
    let mut names = Vec::new();
    for arg in &argv[1..] {
        match arg.as_str() {
            "-t" => word = true,
            "-p" | "-P" => path = true,
            "-a" | "-f" => {}
            _ => names.push(arg.clone()),
        }
    }
    let (mut out, mut status) = (String::new(), 0);
    for name in names {
        match (find(cx, &name, path)?, word) {
            (None, _) => {
                status = 1;
                if !word && !path {
                    cx.complain(&match cx.state.flavour {
                        Flavour::Bash => format!("type: {name}: not found"),
                        _ => format!("{name}: not found"),
                    })?;
                }
            }
            (Some(kind), true) => out.push_str(match kind {
                Kind::Alias(_) => "alias\n",
                Kind::Keyword => "keyword\n",
                Kind::Function(_) => "function\n",
                Kind::Builtin => "builtin\n",
                Kind::File(_) => "file\n",
            }),
            (Some(Kind::File(file)), _) if path => out.push_str(&format!("{file}\n")),
            (Some(kind), false) => out.push_str(&match kind {
                Kind::Alias(text) => format!("{name} is aliased to `{text}'\n"),
                Kind::Keyword => format!("{name} is a shell keyword\n"),
                Kind::Function(text) => format!("{name} is a function\n{name} () \n{text}\n"),
                Kind::Builtin => format!("{name} is a shell builtin\n"),
                Kind::File(file) => format!("{name} is {file}\n"),
            }),
        }
    }
    printed(cx, "type", &out)?;
    Ok(Ran::Status(status))
}

pub(super) fn command(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let mut rest = &argv[1..];
    let mut describe = None;
    while let Some(flag) = rest.first().filter(|arg| arg.starts_with('-')) {
        match flag.as_str() {
            "-v" | "-V" => describe = Some(flag.clone()),
            "-p" | "--" => {}
            _ => return wrong(cx, 2, &format!("command: {flag}: invalid option")),
        }
        rest = &rest[1..];
    }
    let Some(describe) = describe else {
        return Ok(Ran::Run { argv: rest.to_vec(), functions: false });
    };
    if describe == "-V" {
        let argv: Vec<EcoString> = std::iter::once("type".into()).chain(rest.iter().cloned()).collect();
        return type_(cx, &argv);
    }
    let (mut out, mut status) = (String::new(), 0);
    for name in rest {
        match find(cx, name, false)? {
            Some(Kind::Alias(text)) => out.push_str(&format!("alias {name}='{text}'\n")),
            Some(Kind::File(file)) => out.push_str(&format!("{file}\n")),
            Some(_) => out.push_str(&format!("{name}\n")),
            None => status = 1,
        }
    }
    printed(cx, "command", &out)?;
    Ok(Ran::Status(status))
}

pub(super) fn builtin(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    match argv.get(1) {
        None => Ok(Ran::Status(0)),
        Some(name) if is_builtin(name) => Ok(Ran::Run { argv: argv[1..].to_vec(), functions: false }),
        Some(name) => wrong(cx, 1, &format!("builtin: {name}: not a shell builtin")),
    }
}

pub(super) fn hash(_: &mut Cx<'_>, _: &[EcoString]) -> Result<Ran, Suspend> {
    Ok(Ran::Status(0))
}
