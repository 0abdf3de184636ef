//! `let`, `set`, `shift`, `shopt`

use ecow::EcoString;

use super::{Ran, printed, usage, wrong};
use crate::expand::{arith, quote};
use crate::replay::{Cx, Suspend};
use crate::vars::Content;

const USAGE: &str = "set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]";

pub(super) fn set(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    if argv.len() == 1 {
        let text = variables(cx);
        return printed(cx, "set", &text);
    }
    let mut options = cx.state.options;
    let mut args = argv[1..].iter().peekable();
    let mut params = None;
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--" => {
                params = Some(args.cloned().collect());
                break;
            }
            "-o" | "+o" => match args.next() {
                None => {
                    let all = options.all().into_iter();
                    let text: String = all
                        .map(|(name, on)| match arg.as_str() {
                            "-o" => format!("{name:<15}\t{}\n", if on { "on" } else { "off" }),
                            _ => format!("set {}o {name}\n", if on { '-' } else { '+' }),
                        })
                        .collect();
                    return printed(cx, "set", &text);
                }
                Some(name) => {
                    if !options.set_by_name(name, arg == "-o") {
                        return wrong(cx, 1, &format!("set: {name}: invalid option name"));
                    }
                }
            },
            flags if flags.len() > 1 && flags.starts_with(['-', '+']) => {
                let on = flags.starts_with('-');
                for flag in flags[1..].chars() {
                    if flag == 'o' {
                        let Some(name) = args.next() else { continue };
                        if !options.set_by_name(name, on) {
                            return wrong(cx, 1, &format!("set: {name}: invalid option name"));
                        }
                    } else if !options.set_by_flag(flag, on) {
                        let sign = if on { '-' } else { '+' };
                        return usage(cx, &format!("set: {sign}{flag}: invalid option"), USAGE);
                    }
                }
            }
            _ => {
                params = Some(std::iter::once(arg).chain(args).cloned().collect());
                break;
            }
        }
    }
    cx.state.options = options;
    if let Some(params) = params {
        cx.state.params = params;
    }
    Ok(Ran::Status(0))
}

/// All variables, as `set` lists them.
fn variables(cx: &Cx<'_>) -> String {
    let plain = |text: &str| text.chars().all(|c| c.is_alphanumeric() || "_-./:,+@%^".contains(c));
    let shown = |text: &str| if plain(text) { text.to_string() } else { quote(text) };
    let mut out = String::new();
    for (name, var) in &cx.state.vars {
        match &var.value {
            None => {}
            Some(Content::Text(text)) => out.push_str(&format!("{name}={}\n", shown(text))),
            Some(_) => {
                let items: Vec<String> =
                    var.keys().iter().zip(var.all()).map(|(key, text)| format!("[{key}]=\"{text}\"")).collect();
                out.push_str(&format!("{name}=({})\n", items.join(" ")));
            }
        }
    }
    out
}

pub(super) fn shift(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let count = match argv.get(1).map(|arg| arg.parse::<usize>()) {
        None => 1,
        Some(Ok(count)) => count,
        Some(Err(_)) => return wrong(cx, 1, &format!("shift: {}: numeric argument required", argv[1])),
    };
    if count > cx.state.params.len() {
        return Ok(Ran::Status(1));
    }
    cx.state.params = cx.state.params[count..].iter().cloned().collect();
    Ok(Ran::Status(0))
}

pub(super) fn let_(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    if argv.len() == 1 {
        return wrong(cx, 1, "let: expression expected");
    }
    let mut value = 0;
    let before = cx.state.vars.clone();
    for text in &argv[1..] {
        match arith::evaluate(cx.state, text) {
            Ok(found) => value = found,
            Err(message) => {
                cx.state.vars = before;
                return wrong(cx, 1, &format!("let: {message}"));
            }
        }
    }
    Ok(Ran::Status(u8::from(value == 0)))
}

pub(super) fn shopt(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let mut on = None;
    let mut status = 0;
    for arg in &argv[1..] {
        match arg.as_str() {
            "-s" => on = Some(true),
            "-u" => on = Some(false),
            flag if flag.starts_with('-') => {}
            name => {
                let options = &mut cx.state.options;
                let option = match name {
                    "nullglob" => &mut options.nullglob,
                    "dotglob" => &mut options.dotglob,
                    "nocasematch" => &mut options.nocasematch,
                    "expand_aliases"
                    | "checkwinsize"
                    | "histappend"
                    | "cmdhist"
                    | "extglob"
                    | "globstar"
                    | "interactive_comments"
                    | "login_shell"
                    | "progcomp"
                    | "promptvars"
                    | "sourcepath" => continue,
                    _ => {
                        cx.complain(&format!("shopt: {name}: invalid shell option name"))?;
                        status = 1;
                        continue;
                    }
                };
                match on {
                    Some(on) => *option = on,
                    None => status = u8::from(!*option),
                }
            }
        }
    }
    Ok(Ran::Status(status))
}
