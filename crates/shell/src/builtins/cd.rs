//! `cd`, `pwd`

use ecow::EcoString;
use podyard_kernel::{Answer, FileKind, Syscall};

use super::{Ran, printed, wrong};
use crate::replay::{Cx, Suspend};
use crate::state::Flavour;

pub(super) fn cd(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let args: Vec<&EcoString> = argv[1..].iter().filter(|arg| !matches!(arg.as_str(), "-P" | "-L" | "--")).collect();
    if args.len() > 1 && cx.state.flavour == Flavour::Bash {
        return wrong(cx, 1, "cd: too many arguments");
    }
    let mut shows = false;
    let target = match args.first().map(|arg| arg.as_str()) {
        None => match cx.state.get("HOME") {
            Some(home) => home,
            None => return wrong(cx, 1, "cd: HOME not set"),
        },
        Some("-") => {
            shows = true;
            match cx.state.get("OLDPWD") {
                Some(old) => old,
                None => return wrong(cx, 1, "cd: OLDPWD not set"),
            }
        }
        Some(path) => path.into(),
    };
    if target.is_empty() {
        return Ok(Ran::Status(0));
    }
    let before = cx.state.var("PWD");
    // `..` goes back along the path by which one came, symbolic links included.
    let logical = podyard_kernel::fs::normalize(if before.is_empty() { "/" } else { &before }, &target);
    if let Answer::Error(errno) = cx.call(Syscall::ChangeDir(logical.as_str().into()))? {
        return match cx.state.flavour {
            Flavour::Bash => wrong(cx, 1, &format!("cd: {target}: {errno}")),
            Flavour::Dash => wrong(cx, 2, &format!("cd: can't cd to {target}")),
            Flavour::Busybox => wrong(cx, 1, &format!("cd: can't cd to {target}: {errno}")),
        };
    }
    if shows {
        let _ = cx.write(1, format!("{logical}\n"))?;
    }
    for (name, value) in [("OLDPWD", before), ("PWD", logical.into())] {
        // They can only be read-only by the user's own wish.
        let _ = cx.state.set(name, value);
        cx.state.export(name);
    }
    Ok(Ran::Status(0))
}

pub(super) fn pwd(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let logical = cx.state.var("PWD");
    let mut path = logical.clone();
    let is_there = cx.stat(&logical)?.is_some_and(|metadata| metadata.kind == FileKind::Directory);
    if (argv.iter().any(|arg| arg == "-P") || logical.is_empty() || !is_there)
        && let Answer::Text(physical) = cx.call(Syscall::WorkingDir)?
    {
        path = physical;
    }
    printed(cx, "pwd", &format!("{path}\n"))
}
