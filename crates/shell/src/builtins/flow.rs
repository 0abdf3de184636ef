//! `break`, `continue`, `exit`, `false`, `return`, `true`

use ecow::EcoString;

use super::{Ran, wrong};
use crate::machine::Unwind;
use crate::replay::{Cx, Suspend};

pub(super) fn succeed(_: &mut Cx<'_>, _: &[EcoString]) -> Result<Ran, Suspend> {
    Ok(Ran::Status(0))
}

pub(super) fn fail(_: &mut Cx<'_>, _: &[EcoString]) -> Result<Ran, Suspend> {
    Ok(Ran::Status(1))
}

fn levels(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Result<u32, Ran>, Suspend> {
    let Some(arg) = argv.get(1) else { return Ok(Ok(1)) };
    match arg.parse::<u32>() {
        Ok(0) => wrong(cx, 1, &format!("{}: {arg}: loop count out of range", argv[0])).map(Err),
        Ok(levels) => Ok(Ok(levels)),
        Err(_) => {
            cx.complain(&format!("{}: {arg}: numeric argument required", argv[0]))?;
            Ok(Err(Ran::Exit(128)))
        }
    }
}

pub(super) fn break_(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    Ok(levels(cx, argv)?.map_or_else(|ran| ran, |levels| Ran::Unwind(Unwind::Break(levels))))
}

pub(super) fn continue_(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    Ok(levels(cx, argv)?.map_or_else(|ran| ran, |levels| Ran::Unwind(Unwind::Continue(levels))))
}

/// The status that an argument names, or the last one.
fn status(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Option<u8>, Suspend> {
    let Some(arg) = argv.get(1) else { return Ok(Some(cx.state.status)) };
    match arg.parse::<i64>() {
        Ok(number) if argv.len() == 2 => Ok(Some(number as u8)),
        Ok(_) => {
            cx.complain(&format!("{}: too many arguments", argv[0]))?;
            Ok(None)
        }
        Err(_) => {
            cx.complain(&format!("{}: {arg}: numeric argument required", argv[0]))?;
            Ok(Some(2))
        }
    }
}

pub(super) fn return_(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    Ok(status(cx, argv)?.map_or(Ran::Status(1), Ran::Return))
}

pub(super) fn exit(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let stopped = cx.state.jobs.iter().any(|job| job.stopped && !job.told);
    if stopped && cx.state.options.interactive && !cx.state.is_subshell {
        let _ = cx.write(2, "exit\nThere are stopped jobs.\n")?;
        for job in &mut cx.state.jobs {
            job.told = true;
        }
        return Ok(Ran::Status(1));
    }
    Ok(status(cx, argv)?.map_or(Ran::Status(1), Ran::Exit))
}
