//! `unset`

use ecow::EcoString;

use super::Ran;
use crate::expand::arith;
use crate::replay::{Cx, Suspend};
use crate::vars::{Key, Var, is_name};

pub(super) fn unset(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let (mut functions, mut variables, mut status) = (false, false, 0);
    for arg in &argv[1..] {
        match arg.as_str() {
            "-f" => functions = true,
            "-v" => variables = true,
            name if functions => {
                cx.state.functions.remove(name);
            }
            name => {
                if let Some((array, index)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) {
                    remove_element(cx, array, index);
                    continue;
                }
                if !is_name(name) {
                    if variables {
                        cx.complain(&format!("unset: `{name}': not a valid identifier"))?;
                        status = 1;
                    }
                    continue;
                }
                if !variables && cx.state.vars.get(name).is_none() {
                    cx.state.functions.remove(name);
                }
                if let Err(refusal) = cx.state.unset(name) {
                    cx.complain(&format!("unset: {refusal}"))?;
                    status = 1;
                }
            }
        }
    }
    Ok(Ran::Status(status))
}

fn remove_element(cx: &mut Cx<'_>, array: &str, index: &str) {
    if matches!(index, "@" | "*") {
        cx.state.vars.remove(array);
        return;
    }
    let key = if cx.state.vars.get(array).is_some_and(Var::is_map) {
        Key::Text(index.trim_matches(['"', '\'']).into())
    } else {
        match arith::evaluate(cx.state, index) {
            Ok(number) => Key::Number(number),
            Err(_) => return,
        }
    };
    if let Some(var) = cx.state.vars.get_mut(array) {
        var.remove_element(&key);
    }
}
