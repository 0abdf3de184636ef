//! `getopts`

use ecow::EcoString;

use super::{Ran, usage};
use crate::replay::{Cx, Suspend};

pub(super) fn getopts(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let [_, options, name, rest @ ..] = argv else {
        return usage(cx, "getopts: usage", "getopts optstring name [arg ...]");
    };
    let args: Vec<EcoString> = if rest.is_empty() { cx.state.params.to_vec() } else { rest.to_vec() };
    let silent = options.starts_with(':');
    let mut index = cx.state.var("OPTIND").parse::<usize>().unwrap_or(1).max(1);
    // Where in a cluster of flags (`-abc`) the next one stands.
    let mut within = cx.state.var("_OPTPOS").parse::<usize>().unwrap_or(1).max(1);
    let current = args.get(index - 1).filter(|arg| arg.len() > 1 && arg.starts_with('-') && *arg != "--").cloned();
    let Some(current) = current else {
        if args.get(index - 1).is_some_and(|arg| arg == "--") {
            index += 1;
        }
        let _ = cx.state.set("OPTIND", index.to_string());
        let _ = cx.state.set(name, "?");
        return Ok(Ran::Status(1));
    };
    let flag = current.chars().nth(within).unwrap_or('?');
    within += 1;
    let place = options.find(flag).filter(|_| flag != ':');
    let wants_value = place.is_some_and(|at| options[at + 1..].starts_with(':'));
    let rest: String = current.chars().skip(within).collect();
    let (mut found, mut value, mut message) = (flag.to_string(), None, None);
    if wants_value {
        let next = if rest.is_empty() { args.get(index).cloned() } else { Some(rest.clone().into()) };
        index += if rest.is_empty() { 2 } else { 1 };
        within = 1;
        match next {
            Some(text) => value = Some(text),
            None => {
                index -= 1;
                found = if silent { ":" } else { "?" }.into();
                message = Some(format!("option requires an argument -- {flag}"));
            }
        }
    } else {
        if rest.is_empty() {
            index += 1;
            within = 1;
        }
        if place.is_none() {
            found = "?".into();
            message = Some(format!("illegal option -- {flag}"));
        }
    }
    match message {
        Some(_) if silent => value = Some(flag.into()),
        Some(message) => {
            let text = format!("{}: {message}\n", cx.state.arg0);
            let _ = cx.write(2, text)?;
        }
        None => {}
    }
    for (variable, text) in [("OPTIND", index.to_string()), ("_OPTPOS", within.to_string()), (name, found)] {
        let _ = cx.state.set(variable, text);
    }
    match value {
        Some(text) => {
            let _ = cx.state.set("OPTARG", text);
        }
        None => {
            let _ = cx.state.unset("OPTARG");
        }
    }
    Ok(Ran::Status(0))
}
