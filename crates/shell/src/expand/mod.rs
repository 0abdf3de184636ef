//! Words to arguments: tildes, parameters, substitutions, arithmetic, splitting, file names.

pub(crate) mod arith;
mod brace;
mod fields;
mod glob;
pub(crate) mod param;
pub(crate) mod pattern;

use ecow::EcoString;
use serde::{Deserialize, Serialize};

use crate::replay::{Cx, Suspend};
use crate::syntax::ast::{AssignValue, Part, Word};
use fields::Fields;
pub(crate) use param::quote;

/// What a word is expanded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mode {
    /// Arguments: split, then taken as patterns for file names.
    Arguments,
    /// One text: values, targets of redirections, here-documents.
    Single,
    /// A value after `=`, with tildes after each colon.
    Value,
    /// One pattern: what was quoted has backslashes.
    Pattern,
    /// One regular expression: what was quoted matches itself.
    Regex,
}

/// Why an expansion stopped.
pub(crate) enum Stop {
    Suspend(Suspend),
    /// A message; the command is not run.
    Error(String),
    /// A message for which a script ends with this status.
    Fatal(String, u8),
}

impl From<Suspend> for Stop {
    fn from(suspend: Suspend) -> Self {
        Self::Suspend(suspend)
    }
}

pub(crate) type Expanded<T> = Result<T, Stop>;

/// The texts that a word stands for; one in all modes but [`Mode::Arguments`].
pub(crate) fn expand(cx: &mut Cx<'_>, word: &Word, mode: Mode) -> Expanded<Vec<EcoString>> {
    if let [Part::Literal(text)] = word.0.as_slice()
        && !text.contains(['*', '?', '[', '{', '~'])
    {
        return Ok(vec![text.clone()]);
    }
    if mode != Mode::Arguments {
        return Ok(vec![single(cx, word, mode)?]);
    }
    let mut all = Vec::new();
    for word in brace::expand(word) {
        let mut fields = Fields::new(cx.state.ifs());
        parts(cx, &word.0, &mut fields, false, Mode::Arguments)?;
        for field in fields.finish() {
            if field.magic && !cx.state.options.noglob {
                let names = glob::glob(cx, &field.pattern)?;
                if !names.is_empty() {
                    all.extend(names.into_iter().map(EcoString::from));
                    continue;
                }
                if cx.state.options.nullglob {
                    continue;
                }
            }
            all.push(field.text.into());
        }
    }
    Ok(all)
}

/// A word as one text.
pub(crate) fn single(cx: &mut Cx<'_>, word: &Word, mode: Mode) -> Expanded<EcoString> {
    let mut fields = Fields::joined();
    parts(cx, &word.0, &mut fields, false, mode)?;
    let field = fields.finish().into_iter().next().unwrap_or_default();
    Ok(match mode {
        Mode::Pattern | Mode::Regex => field.pattern.into(),
        _ => field.text.into(),
    })
}

fn parts(cx: &mut Cx<'_>, all: &[Part], fields: &mut Fields, quoted: bool, mode: Mode) -> Expanded<()> {
    for (number, part) in all.iter().enumerate() {
        match part {
            Part::Literal(text) => {
                let is_last = number + 1 == all.len();
                let text = if quoted { text.clone() } else { tildes(cx, text, number == 0, is_last, mode) };
                fields.literal(&text, quoted, mode);
            }
            Part::Quoted(text) => fields.quoted(text, mode),
            Part::Double(inner) => {
                // `"$@"` without parameters is no field at all.
                let only_list = matches!(inner.as_slice(), [Part::Param(param)] if param::is_list(param));
                if !only_list {
                    fields.start();
                }
                parts(cx, inner, fields, true, mode)?;
            }
            Part::Param(parameter) => param::expand(cx, parameter, fields, quoted, mode)?,
            Part::Command(list) => {
                let text = cx.output(list)?;
                fields.value(&text, quoted, mode);
            }
            Part::Arith(word) => {
                let text = single(cx, word, Mode::Single)?;
                let value = arith::evaluate(cx.state, &text).map_err(Stop::Error)?;
                fields.value(&value.to_string(), quoted, mode);
            }
            Part::Process(write, list) => {
                let name = cx.process(*write, list)?;
                fields.quoted(&name, mode);
            }
            Part::Assign(assigns) => {
                for assign in assigns {
                    assignment(cx, assign, fields, mode)?;
                }
            }
        }
    }
    Ok(())
}

/// An argument of `declare`: `name=value` unsplit; an array's elements are left for the builtin to find.
fn assignment(cx: &mut Cx<'_>, assign: &crate::syntax::ast::Assign, fields: &mut Fields, mode: Mode) -> Expanded<()> {
    let mut text = assign.name.to_string();
    if let Some(index) = &assign.index {
        text = format!("{text}[{}]", single(cx, index, Mode::Single)?);
    }
    match &assign.value {
        AssignValue::Word(word) => {
            let sign = if assign.append { "+=" } else { "=" };
            text = format!("{text}{sign}{}", single(cx, word, Mode::Value)?);
        }
        AssignValue::Array(elements) => {
            let elements = array(cx, elements)?;
            let (name, append) = (assign.name.clone(), assign.append);
            cx.state.arrays.push(crate::state::ArrayArg { name, append, elements });
        }
    }
    fields.quoted(&text, mode);
    Ok(())
}

/// The elements of an array, with their indices.
pub(crate) fn array(
    cx: &mut Cx<'_>,
    elements: &[(Option<Word>, Word)],
) -> Expanded<Vec<(Option<EcoString>, EcoString)>> {
    let mut all = Vec::new();
    for (index, word) in elements {
        match index {
            Some(index) => all.push((Some(single(cx, index, Mode::Single)?), single(cx, word, Mode::Value)?)),
            None => all.extend(expand(cx, word, Mode::Arguments)?.into_iter().map(|text| (None, text))),
        }
    }
    Ok(all)
}

/// Replaces `~` and `~user` at the front, and in values after colons.
fn tildes(cx: &Cx<'_>, text: &EcoString, first: bool, last: bool, mode: Mode) -> EcoString {
    if !text.contains('~') {
        return text.clone();
    }
    let pieces: Vec<&str> = if mode == Mode::Value { text.split(':').collect() } else { vec![text.as_str()] };
    let count = pieces.len();
    let mut out = EcoString::new();
    for (number, piece) in pieces.into_iter().enumerate() {
        if number > 0 {
            out.push(':');
        }
        let at_front = first || number > 0;
        let is_whole = last || number + 1 < count || piece.contains('/');
        match piece.strip_prefix('~').filter(|_| at_front && is_whole).and_then(|rest| tilde(cx, rest)) {
            Some(replaced) => out.push_str(&replaced),
            None => out.push_str(piece),
        }
    }
    out
}

/// What stands for `~` and the rest of its word.
fn tilde(cx: &Cx<'_>, rest: &str) -> Option<String> {
    let (user, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let home = match user {
        "" => cx.state.get("HOME")?,
        "+" => cx.state.get("PWD")?,
        "-" => cx.state.get("OLDPWD")?,
        "root" => "/root".into(),
        _ => return None,
    };
    Some(if home == "/" && path.starts_with('/') { path.to_string() } else { format!("{home}{path}") })
}
