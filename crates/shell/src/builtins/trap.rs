//! `trap`

use ecow::EcoString;
use podyard_kernel::{Disposition, Signal, Syscall};

use super::{Ran, printed};
use crate::expand::quote;
use crate::replay::{Cx, Suspend};

pub(super) fn trap(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let args: Vec<&EcoString> = argv[1..].iter().filter(|arg| *arg != "--").collect();
    if args.first().is_some_and(|arg| *arg == "-l") {
        let all: String = (1..=31_u8)
            .filter_map(|number| Signal::parse(&number.to_string()))
            .map(|signal| format!("{:>2}) SIG{}\n", signal.number(), signal.name()))
            .collect();
        return printed(cx, "trap", &all);
    }
    let (lists, args) = match args.split_first() {
        Some((first, rest)) if *first == "-p" => (true, rest.to_vec()),
        None => (true, Vec::new()),
        _ => (false, args),
    };
    if lists {
        let wanted = |signal: &Signal| args.is_empty() || args.iter().any(|arg| Signal::parse(arg) == Some(*signal));
        let all = cx.state.traps.iter().filter(|(signal, _)| wanted(signal));
        let text: String = all.map(|(signal, text)| format!("trap -- {} {}\n", quote(text), shown(*signal))).collect();
        return printed(cx, "trap", &text);
    }
    let (action, signals) = match args.as_slice() {
        [only] if Signal::parse(only).is_some() => ("-", args.as_slice()),
        [first, rest @ ..] if !rest.is_empty() && first.parse::<u8>().is_err() => (first.as_str(), rest),
        all => ("-", all),
    };
    let mut status = 0;
    for name in signals {
        let Some(signal) = Signal::parse(name) else {
            // ERR, DEBUG and RETURN are bash's own.
            if !matches!(name.as_str(), "ERR" | "DEBUG" | "RETURN") {
                cx.complain(&format!("trap: {name}: invalid signal specification"))?;
                status = 1;
            }
            continue;
        };
        if signal != Signal::Probe {
            let prompt = cx.state.options.interactive && !cx.state.is_subshell;
            let disposition = match action {
                "-" if prompt && signal == Signal::Interrupt => Disposition::Catch,
                "-" => Disposition::Default,
                "" => Disposition::Ignore,
                _ => Disposition::Catch,
            };
            cx.call(Syscall::OnSignal { signal, disposition })?;
        }
        if action == "-" {
            cx.state.traps.remove(&signal);
        } else {
            cx.state.traps.insert(signal, action.into());
        }
    }
    Ok(Ran::Status(status))
}

fn shown(signal: Signal) -> String {
    if signal == Signal::Probe { "EXIT".into() } else { format!("SIG{}", signal.name()) }
}
