//! `wait`

use ecow::EcoString;
use podyard_kernel::Pid;

use super::Ran;
use crate::replay::{Cx, Suspend};

pub(super) fn wait(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let args: Vec<&EcoString> = argv[1..].iter().filter(|arg| !matches!(arg.as_str(), "-n" | "-f" | "--")).collect();
    if args.is_empty() {
        let running = cx.state.jobs.iter().filter(|job| job.exit().is_none());
        let pids: Vec<Pid> = running.flat_map(|job| job.processes.iter().map(|(pid, _)| *pid)).collect();
        return Ok(if pids.is_empty() { Ran::Status(0) } else { Ran::WaitAll(pids) });
    }
    let mut pids = Vec::new();
    let mut status = None;
    for arg in args {
        if arg.starts_with('%') {
            match cx.state.find_job(arg).and_then(|at| cx.state.jobs.get(at)) {
                Some(job) => pids.push(job.last()),
                None => {
                    cx.complain(&format!("wait: {arg}: no such job"))?;
                    status = Some(127);
                }
            }
            continue;
        }
        match arg.parse::<u32>() {
            Ok(number) => {
                let pid = Pid(number);
                let known = cx.state.ended.contains_key(&pid)
                    || cx.state.jobs.iter().any(|job| job.processes.iter().any(|(own, _)| *own == pid));
                if known {
                    pids.push(pid);
                    status = None;
                } else {
                    cx.complain(&format!("wait: pid {number} is not a child of this shell"))?;
                    status = Some(127);
                }
            }
            Err(_) => {
                cx.complain(&format!("wait: `{arg}': not a pid or valid job spec"))?;
                status = Some(2);
            }
        }
    }
    match status {
        Some(status) => Ok(Ran::Status(status)),
        None => Ok(Ran::Wait(pids)),
    }
}
