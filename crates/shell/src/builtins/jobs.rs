//! `bg`, `disown`, `fg`, `jobs`

use ecow::EcoString;
use podyard_kernel::{Answer, Signal, Syscall, Which};

use super::{Ran, printed, wrong};
use crate::jobs::Job;
use crate::replay::{Cx, Suspend};

/// Asks which children have ended.
pub(crate) fn reap(cx: &mut Cx<'_>) -> Result<(), Suspend> {
    let running: Vec<_> = cx
        .state
        .jobs
        .iter()
        .flat_map(|job| job.processes.iter().filter(|(_, exit)| exit.is_none()).map(|(pid, _)| *pid))
        .collect();
    let mut ended = Vec::new();
    for pid in running {
        if let Answer::Exited { pid, exit } = cx.call(Syscall::Wait { which: Which::Pid(pid), block: false })? {
            ended.push((pid, exit));
        }
    }
    for (pid, exit) in ended {
        if exit == podyard_kernel::Exit::Signal(Signal::TerminalStop) {
            for job in cx.state.jobs.iter_mut().filter(|job| job.processes.iter().any(|(own, _)| *own == pid)) {
                job.stopped = true;
            }
        } else {
            cx.state.note_exit(pid, exit);
        }
    }
    Ok(())
}

pub(super) fn jobs(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let flag = argv.get(1).map_or("", |arg| arg.as_str());
    let line = |job: &Job| match flag {
        "-p" => format!("{}\n", job.processes.first().map(|(pid, _)| *pid).unwrap_or_default()),
        "-l" => {
            let line = cx.state.job_line(job);
            let (mark, rest) = line.split_at(line.find(' ').unwrap_or(0));
            format!("{mark} {}{}", job.last(), rest.get(1..).unwrap_or_default())
        }
        _ => cx.state.job_line(job),
    };
    let text: String = cx.state.jobs.iter().map(line).collect();
    let ran = printed(cx, "jobs", &text)?;
    cx.state.jobs.retain(|job| job.exit().is_none());
    Ok(ran)
}

fn job(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Result<usize, Ran>, Suspend> {
    let name = &argv[0];
    let spec = argv.get(1).map_or("", |arg| arg.as_str());
    if !cx.state.options.monitor {
        return wrong(cx, 1, &format!("{name}: no job control")).map(Err);
    }
    match cx.state.find_job(spec) {
        Some(at) => Ok(Ok(at)),
        None => {
            let spec = if spec.is_empty() { "current" } else { spec };
            wrong(cx, 1, &format!("{name}: {spec}: no such job")).map(Err)
        }
    }
}

fn go_on(cx: &mut Cx<'_>, at: usize) -> Result<(), Suspend> {
    let Some(group) = cx.state.jobs.get(at).and_then(|job| job.group) else { return Ok(()) };
    cx.call(Syscall::Kill { which: Which::Group(group), signal: Signal::Continue })?;
    Ok(())
}

pub(super) fn fg(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let at = match job(cx, argv)? {
        Ok(at) => at,
        Err(ran) => return Ok(ran),
    };
    let text = cx.state.jobs.get(at).map(|job| job.text.clone()).unwrap_or_default();
    let _ = cx.write(1, format!("{text}\n"))?;
    if let Some(group) = cx.state.jobs.get(at).and_then(|job| job.group) {
        cx.call(Syscall::SetForeground { group })?;
    }
    go_on(cx, at)?;
    Ok(Ran::Foreground(at))
}

pub(super) fn bg(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let at = match job(cx, argv)? {
        Ok(at) => at,
        Err(ran) => return Ok(ran),
    };
    let Some(job) = cx.state.jobs.get(at).cloned() else { return Ok(Ran::Status(1)) };
    let line = format!("[{}]{} {} &\n", job.id, cx.state.job_mark(job.id), job.text);
    let _ = cx.write(1, line)?;
    go_on(cx, at)?;
    if let Some(job) = cx.state.jobs.get_mut(at) {
        job.stopped = false;
    }
    Ok(Ran::Status(0))
}

pub(super) fn disown(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let spec = argv.iter().skip(1).find(|arg| !arg.starts_with('-')).cloned().unwrap_or_default();
    if argv.iter().any(|arg| arg == "-a") {
        cx.state.jobs.clear();
        return Ok(Ran::Status(0));
    }
    match cx.state.find_job(&spec) {
        Some(at) => {
            cx.state.jobs.remove(at);
            Ok(Ran::Status(0))
        }
        None => {
            let spec = if spec.is_empty() { "current".into() } else { spec };
            wrong(cx, 1, &format!("disown: {spec}: no such job"))
        }
    }
}
