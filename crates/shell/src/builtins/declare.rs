//! `declare`, `export`, `local`, `readonly`

use ecow::EcoString;

use super::{Ran, printed, usage, wrong};
use crate::expand::arith;
use crate::machine::set_array;
use crate::replay::{Cx, Suspend};
use crate::state::State;
use crate::vars::{Content, Key, Var, is_name};

/// What flags ask for.
#[derive(Clone, Copy, Default)]
struct Flags {
    array: bool,
    map: bool,
    integer: Option<bool>,
    readonly: bool,
    export: Option<bool>,
    print: bool,
    functions: bool,
    global: bool,
    local: bool,
}

pub(super) fn declare(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let local = !cx.state.scopes.is_empty();
    run(cx, argv, Flags { local, ..Flags::default() })
}

pub(super) fn local(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    if cx.state.scopes.is_empty() {
        return wrong(cx, 1, "local: can only be used in a function");
    }
    run(cx, argv, Flags { local: true, ..Flags::default() })
}

pub(super) fn export(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    run(cx, argv, Flags { export: Some(true), ..Flags::default() })
}

pub(super) fn readonly(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    run(cx, argv, Flags { readonly: true, ..Flags::default() })
}

fn run(cx: &mut Cx<'_>, argv: &[EcoString], mut flags: Flags) -> Result<Ran, Suspend> {
    let name = argv[0].clone();
    let mut names = Vec::new();
    for (at, arg) in argv.iter().enumerate().skip(1) {
        if arg == "--" {
            names.extend(argv[at + 1..].iter().cloned());
            break;
        }
        let is_flags = arg.len() > 1 && arg.starts_with(['-', '+']) && names.is_empty();
        if !is_flags {
            names.push(arg.clone());
            continue;
        }
        let on = arg.starts_with('-');
        for flag in arg[1..].chars() {
            match flag {
                'a' => flags.array = on,
                'A' => flags.map = on,
                'i' => flags.integer = Some(on),
                'r' => flags.readonly = on,
                'n' if name == "export" => flags.export = Some(false),
                'x' => flags.export = Some(on),
                'p' => flags.print = true,
                'f' | 'F' => flags.functions = true,
                'g' => flags.global = true,
                'l' | 'u' | 'n' | 't' => {}
                _ => {
                    let text = format!("{name}: {}{flag}: invalid option", &arg[..1]);
                    return usage(
                        cx,
                        &text,
                        &format!("{name} [-aAfFgiIlnrtux] [name[=value] ...] or {name} -p [-aAfFilnrtux] [name ...]"),
                    );
                }
            }
        }
    }
    if names.is_empty() || flags.print {
        return list(cx, &name, &names, flags);
    }
    if flags.functions {
        return functions(cx, &names, flags);
    }
    let mut status = 0;
    let before = cx.state.vars.clone();
    for arg in &names {
        if let Err(message) = one(cx.state, arg, flags) {
            let done = std::mem::replace(&mut cx.state.vars, before.clone());
            cx.complain(&format!("{name}: {message}"))?;
            cx.state.vars = done;
            status = 1;
        }
    }
    Ok(Ran::Status(status))
}

/// Declares one name, with its value if it has one.
fn one(state: &mut State, arg: &str, flags: Flags) -> Result<(), String> {
    let (target, value) = match arg.split_once('=') {
        Some((target, value)) => (target, Some(value)),
        None => (arg, None),
    };
    let append = target.ends_with('+') && value.is_some();
    let target = if append { &target[..target.len() - 1] } else { target };
    let (name, index) = match target.split_once('[') {
        Some((name, index)) => (name, Some(index.trim_end_matches(']'))),
        None => (target, None),
    };
    if !is_name(name) {
        return Err(format!("`{arg}': not a valid identifier"));
    }
    if state.vars.get(name).is_some_and(|var| var.readonly) && (value.is_some() || flags.local) {
        return Err(format!("{name}: readonly variable"));
    }
    if flags.local && !flags.global {
        state.make_local(name);
    }
    let var = state.vars.entry(name.into()).or_default();
    prepare(var, flags);
    if let Some(at) = state.arrays.iter().position(|array| array.name == name) {
        let array = state.arrays[at].clone();
        set_array(state, name, array.append, array.elements)?;
    } else if let Some(value) = value {
        set_value(state, name, index, value, append)?;
    }
    let var = state.vars.entry(name.into()).or_default();
    var.readonly |= flags.readonly;
    var.exported = flags.export.unwrap_or(var.exported);
    Ok(())
}

fn prepare(var: &mut Var, flags: Flags) {
    var.integer = flags.integer.unwrap_or(var.integer);
    if flags.map && !var.is_map() {
        var.value = Some(Content::Map(Default::default()));
    } else if flags.array && !var.is_array() {
        let first = var.text().cloned();
        var.value = Some(Content::Array(first.into_iter().map(|text| (0, text)).collect()));
    }
}

fn set_value(state: &mut State, name: &str, index: Option<&str>, value: &str, append: bool) -> Result<(), String> {
    let mut value = EcoString::from(value);
    if append {
        let old = state.get(name).unwrap_or_default();
        value = old + value.as_str();
    }
    if state.vars.get(name).is_some_and(|var| var.integer) {
        value = arith::evaluate(state, &value)?.to_string().into();
    }
    match index {
        None => state.set(name, value),
        Some(index) if state.vars.get(name).is_some_and(Var::is_map) => {
            state.set_element(name, Key::Text(index.into()), value)
        }
        Some(index) => {
            let key = Key::Number(arith::evaluate(state, index)?);
            state.set_element(name, key, value)
        }
    }
}

/// The command that declares a variable as it is.
fn shown(name: &str, var: &Var) -> String {
    let mut flags = String::new();
    match &var.value {
        Some(Content::Array(_)) => flags.push('a'),
        Some(Content::Map(_)) => flags.push('A'),
        _ => {}
    }
    for (on, flag) in [(var.integer, 'i'), (var.readonly, 'r'), (var.exported, 'x')] {
        if on {
            flags.push(flag);
        }
    }
    let flags = if flags.is_empty() { "-".to_string() } else { flags };
    let quoted = |text: &str| {
        let mut out = String::from("\"");
        for c in text.chars() {
            if matches!(c, '"' | '\\' | '$' | '`') {
                out.push('\\');
            }
            out.push(c);
        }
        out + "\""
    };
    match &var.value {
        None => format!("declare -{flags} {name}\n"),
        Some(Content::Text(text)) => format!("declare -{flags} {name}={}\n", quoted(text)),
        Some(content) => {
            let items = var.keys().into_iter().zip(var.all()).map(|(key, text)| format!("[{key}]={}", quoted(&text)));
            let items: Vec<String> = items.collect();
            let end = if matches!(content, Content::Map(_)) && !items.is_empty() { " )" } else { ")" };
            format!("declare -{flags} {name}=({}{end}\n", items.join(" "))
        }
    }
}

fn list(cx: &mut Cx<'_>, command: &str, names: &[EcoString], flags: Flags) -> Result<Ran, Suspend> {
    if flags.functions {
        return functions(cx, names, flags);
    }
    let (mut out, mut status) = (String::new(), 0);
    for name in names {
        match cx.state.vars.get(name) {
            Some(var) => out.push_str(&shown(name, var)),
            None => {
                status = 1;
                cx.complain(&format!("{command}: {name}: not found"))?;
            }
        }
    }
    if names.is_empty() {
        let wanted = |var: &Var| match command {
            "export" => var.exported,
            "readonly" => var.readonly,
            _ => true,
        };
        out = cx.state.vars.iter().filter(|(_, var)| wanted(var)).map(|(name, var)| shown(name, var)).collect();
    }
    printed(cx, command, &out)?;
    Ok(Ran::Status(status))
}

fn functions(cx: &mut Cx<'_>, names: &[EcoString], flags: Flags) -> Result<Ran, Suspend> {
    if flags.export.is_some() {
        return wrong(cx, 1, "export: exporting functions is not simulated");
    }
    let mut out = String::new();
    let mut status = 0;
    for (name, function) in &cx.state.functions {
        if names.is_empty() || names.contains(name) {
            out.push_str(&format!("{name} () \n{}\n", function.text));
        }
    }
    if names.iter().any(|name| !cx.state.functions.contains_key(name)) {
        status = 1;
    }
    printed(cx, "declare", &out)?;
    Ok(Ran::Status(status))
}
