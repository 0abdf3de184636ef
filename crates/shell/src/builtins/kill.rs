//! `kill`

use ecow::EcoString;
use podyard_kernel::{Answer, Errno, Pid, Signal, Syscall, Which};

use super::{Ran, printed, wrong};
use crate::replay::{Cx, Suspend};
use crate::state::Flavour;

const USAGE: &str = "kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n";

pub(super) fn kill(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let mut signal = Signal::Terminate;
    let mut args = argv[1..].iter().peekable();
    if let Some(flag) = args.next_if(|arg| arg.len() > 1 && arg.starts_with('-')) {
        let name = match flag.as_str() {
            "-l" | "-L" => return list(cx, args.next()),
            "--" => "TERM",
            "-s" | "-n" => match args.next() {
                Some(name) => name.as_str(),
                None => return wrong(cx, 2, &format!("kill: {flag}: option requires an argument")),
            },
            flag => &flag[1..],
        };
        match Signal::parse(name) {
            Some(found) => signal = found,
            None => return wrong(cx, 1, &format!("kill: {name}: invalid signal specification")),
        }
    }
    if args.peek().is_none() {
        let _ = cx.write(2, USAGE)?;
        return Ok(Ran::Status(2));
    }
    let mut status = 0;
    for arg in args {
        let which = if arg.starts_with('%') {
            match cx.state.find_job(arg).and_then(|at| cx.state.jobs.get(at)) {
                Some(job) => job.group.map_or(Which::Pid(job.last()), Which::Group),
                None => {
                    cx.complain(&format!("kill: {arg}: no such job"))?;
                    status = 1;
                    continue;
                }
            }
        } else {
            match arg.parse::<i64>() {
                Ok(pid) if pid < 0 => Which::Group(Pid(pid.unsigned_abs() as u32)),
                Ok(0) => Which::Group(cx.state.group),
                Ok(pid) => Which::Pid(Pid(pid as u32)),
                Err(_) => {
                    let text = if cx.state.flavour == Flavour::Busybox {
                        format!("kill: invalid number '{arg}'")
                    } else {
                        format!("kill: {arg}: arguments must be process or job IDs")
                    };
                    cx.complain(&text)?;
                    status = 1;
                    continue;
                }
            }
        };
        if let Answer::Error(errno) = cx.call(Syscall::Kill { which, signal })? {
            let text = match cx.state.flavour {
                Flavour::Busybox => format!("kill: can't kill pid {arg}: {errno}"),
                Flavour::Bash if errno == Errno::Access => format!("kill: ({arg}) - Operation not permitted"),
                Flavour::Bash => format!("kill: ({arg}) - {errno}"),
                Flavour::Dash => format!("kill: {errno}\n").trim_end().to_string(),
            };
            cx.complain(&text)?;
            status = 1;
        }
        // A signal to this very shell comes before the next command.
        cx.call(Syscall::Yield)?;
    }
    Ok(Ran::Status(status))
}

fn list(cx: &mut Cx<'_>, which: Option<&EcoString>) -> Result<Ran, Suspend> {
    let Some(which) = which else {
        let mut text = String::new();
        for number in 1..=31_u8 {
            if let Some(signal) = Signal::parse(&number.to_string()) {
                text.push_str(&format!("{number:>2}) SIG{}\n", signal.name()));
            }
        }
        return printed(cx, "kill", &text);
    };
    let number = which.parse::<u8>().map(|number| if number > 128 { number - 128 } else { number });
    let found = match number {
        Ok(number) => Signal::parse(&number.to_string()).map(|signal| signal.name().to_string()),
        Err(_) => Signal::parse(which).map(|signal| signal.number().to_string()),
    };
    match found {
        Some(text) => printed(cx, "kill", &format!("{text}\n")),
        None => wrong(cx, 1, &format!("kill: {which}: invalid signal specification")),
    }
}
