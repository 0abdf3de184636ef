//! `eval`, `exec`, `source`

use ecow::EcoString;
use podyard_kernel::FileKind;

use super::{Ran, usage, wrong};
use crate::replay::{Cx, Suspend};
use crate::state::Flavour;

pub(super) fn eval(_: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let args = if argv.get(1).is_some_and(|arg| arg == "--") { &argv[2..] } else { &argv[1..] };
    Ok(Ran::Eval(args.join(" ").into()))
}

pub(super) fn exec(_: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    Ok(if argv.len() > 1 { Ran::Exec(argv[1..].to_vec()) } else { Ran::Status(0) })
}

pub(super) fn source(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let name = &argv[0];
    let Some(file) = argv.get(1) else {
        return usage(cx, &format!("{name}: filename argument required"), &format!("{name} filename [arguments]"));
    };
    let mut path = file.clone();
    if !file.contains('/') {
        for dir in cx.state.var("PATH").split(':') {
            let candidate = format!("{dir}/{file}");
            if cx.stat(&candidate)?.is_some_and(|metadata| metadata.kind == FileKind::File) {
                path = candidate.into();
                break;
            }
        }
    }
    match cx.read_file(&path)? {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes).into_owned().into();
            let params = (argv.len() > 2).then(|| argv[2..].iter().cloned().collect());
            Ok(Ran::File { name: file.clone(), text, params })
        }
        Err(errno) => match cx.state.flavour {
            Flavour::Bash if errno == podyard_kernel::Errno::IsDirectory => {
                wrong(cx, 1, &format!("{name}: {file}: is a directory"))
            }
            Flavour::Bash => wrong(cx, 1, &format!("{file}: {errno}")),
            _ => wrong(cx, 2, &format!("{name}: can't open '{file}': {errno}")),
        },
    }
}
