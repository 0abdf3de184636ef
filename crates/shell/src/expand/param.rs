//! Parameters: `$name`, `${name…}`.

use ecow::EcoString;

use super::fields::Fields;
use super::pattern::{Pattern, has_magic};
use super::{Expanded, Mode, Stop, arith, single};
use crate::replay::Cx;
use crate::syntax::ast::{Index, Param, ParamOp, Word};
use crate::vars::{Key, is_name};

/// What a parameter holds.
#[derive(Clone, Debug)]
enum Value {
    Unset,
    One(EcoString),
    /// Several; `true` if quotes join them.
    Many(Vec<EcoString>, bool),
}

/// Whether a parameter, quoted, may be no field at all.
pub(super) fn is_list(param: &Param) -> bool {
    param.name == "@" && param.op != ParamOp::Length || matches!(param.index, Some(Index::At))
}

pub(super) fn expand(cx: &mut Cx<'_>, param: &Param, fields: &mut Fields, quoted: bool, mode: Mode) -> Expanded<()> {
    let shown = || format!("${{{}}}", param.name);
    let mut param = param.clone();
    if param.op == ParamOp::Bad {
        return Err(Stop::Error(format!("{}: bad substitution", param.name)));
    }
    if param.name == "RANDOM" {
        let value = cx.state.next_random().to_string();
        fields.value(&value, quoted, mode);
        return Ok(());
    }
    if param.name == "SECONDS" {
        let podyard_kernel::Answer::Time(now) = cx.call(podyard_kernel::Syscall::Now)? else { return Ok(()) };
        let start = cx.state.var("SECONDS").parse::<u64>().unwrap_or_default();
        fields.value(&now.as_secs().saturating_sub(start).to_string(), quoted, mode);
        return Ok(());
    }
    if param.indirect {
        let Value::One(target) = value(cx, &param.name, param.index.as_ref())? else {
            return Err(Stop::Error(format!("{}: invalid indirect expansion", shown())));
        };
        (param.name, param.index) = match target.split_once('[') {
            Some((name, index)) => {
                let index = index.trim_end_matches(']');
                let index = match index {
                    "@" => Index::At,
                    "*" => Index::Star,
                    key => Index::Key(Word::quoted(key)),
                };
                (name.into(), Some(index))
            }
            None => (target, None),
        };
        if !is_name(&param.name) && !is_special(&param.name) {
            return Err(Stop::Error(format!("{}: invalid variable name", param.name)));
        }
    }
    let found = value(cx, &param.name, param.index.as_ref())?;
    match &param.op {
        ParamOp::Default { kind, colon, word } => {
            let missing = match &found {
                Value::Unset => true,
                Value::One(text) => *colon && text.is_empty(),
                Value::Many(all, _) => all.is_empty() || *colon && all.iter().all(|text| text.is_empty()),
            };
            default(cx, &param, *kind, missing, word, found, fields, quoted, mode)
        }
        ParamOp::Length => {
            let count = match &found {
                Value::Unset => unset(cx, &param).map(|()| 0)?,
                Value::One(text) => text.chars().count(),
                Value::Many(all, _) => all.len(),
            };
            fields.value(&count.to_string(), quoted, mode);
            Ok(())
        }
        ParamOp::Keys => {
            let joined = param.index == Some(Index::Star);
            let keys = cx.state.vars.get(&param.name).map(crate::vars::Var::keys).unwrap_or_default();
            put(cx, Value::Many(keys, joined), fields, quoted, mode);
            Ok(())
        }
        ParamOp::Names(at) => {
            let names = cx.state.vars.keys().filter(|name| name.starts_with(param.name.as_str())).cloned().collect();
            put(cx, Value::Many(names, !at), fields, quoted, mode);
            Ok(())
        }
        op => {
            if matches!(found, Value::Unset) {
                unset(cx, &param)?;
            }
            let changed = apply(cx, op, found, &param)?;
            put(cx, changed, fields, quoted, mode);
            Ok(())
        }
    }
}

fn is_special(name: &str) -> bool {
    matches!(name, "@" | "*" | "#" | "?" | "-" | "$" | "!") || name.bytes().all(|b| b.is_ascii_digit())
}

/// With `set -u`, an unset parameter is an error.
fn unset(cx: &Cx<'_>, param: &Param) -> Expanded<()> {
    let exempt = matches!(param.name.as_str(), "@" | "*") || matches!(param.index, Some(Index::At | Index::Star));
    if cx.state.options.nounset && !exempt {
        let name = match param.name.as_str() {
            "!" => "$!".into(),
            name if name.bytes().all(|b| b.is_ascii_digit()) => format!("${name}"),
            name => name.to_string(),
        };
        return Err(Stop::Fatal(format!("{name}: unbound variable"), 127));
    }
    Ok(())
}

fn value(cx: &mut Cx<'_>, name: &str, index: Option<&Index>) -> Expanded<Value> {
    let state = &cx.state;
    let one = |text: String| Value::One(text.into());
    Ok(match (name, index) {
        ("@", _) => Value::Many(state.params.to_vec(), false),
        ("*", _) => Value::Many(state.params.to_vec(), true),
        ("#", _) => one(state.params.len().to_string()),
        ("?", _) => one(state.status.to_string()),
        ("-", _) => one(state.flags()),
        ("$", _) => one(state.pid.to_string()),
        ("!", _) => state.last_background.map_or(Value::Unset, |pid| one(pid.to_string())),
        ("0", _) => Value::One(state.arg0.clone()),
        (name, _) if name.bytes().all(|b| b.is_ascii_digit()) => {
            let at = name.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
            at.and_then(|at| state.params.get(at)).map_or(Value::Unset, |text| Value::One(text.clone()))
        }
        ("PIPESTATUS", Some(index)) => {
            let all: Vec<EcoString> = state.pipe_status.iter().map(|status| status.to_string().into()).collect();
            match index {
                Index::At | Index::Star => Value::Many(all, *index == Index::Star),
                Index::Key(word) => {
                    let at = single(cx, word, Mode::Single)?.parse::<usize>().unwrap_or(usize::MAX);
                    all.get(at).map_or(Value::Unset, |text| Value::One(text.clone()))
                }
            }
        }
        (name, None) => state.get(name).map_or(Value::Unset, Value::One),
        (name, Some(Index::At)) => Value::Many(state.vars.get(name).map(|v| v.all()).unwrap_or_default(), false),
        (name, Some(Index::Star)) => Value::Many(state.vars.get(name).map(|v| v.all()).unwrap_or_default(), true),
        (name, Some(Index::Key(word))) => {
            let key = key(cx, name, word)?;
            let found = cx.state.vars.get(name).and_then(|var| var.element(&key));
            found.map_or(Value::Unset, |text| Value::One(text.clone()))
        }
    })
}

/// An index: a number, or a text for an array with text keys.
pub(crate) fn key(cx: &mut Cx<'_>, name: &str, word: &Word) -> Expanded<Key> {
    let text = single(cx, word, Mode::Single)?;
    if cx.state.vars.get(name).is_some_and(crate::vars::Var::is_map) {
        return Ok(Key::Text(text));
    }
    arith::evaluate(cx.state, &text).map(Key::Number).map_err(Stop::Error)
}

/// Puts a value into the fields.
fn put(cx: &Cx<'_>, value: Value, fields: &mut Fields, quoted: bool, mode: Mode) {
    match value {
        Value::Unset => {}
        Value::One(text) => fields.value(&text, quoted, mode),
        Value::Many(all, true) if quoted => {
            let separator = cx.state.ifs().chars().next().map(String::from).unwrap_or_default();
            fields.quoted(&all.join(&separator), mode);
        }
        Value::Many(all, _) => {
            for (number, text) in all.iter().enumerate() {
                if number > 0 {
                    if fields.is_split() { fields.end() } else { fields.quoted(" ", Mode::Single) }
                }
                if quoted {
                    fields.start();
                }
                fields.value(text, quoted, mode);
            }
        }
    }
}

/// `:-`, `:=`, `:?`, `:+`
#[expect(clippy::too_many_arguments, reason = "all of them are what one expansion consists of")]
fn default(
    cx: &mut Cx<'_>,
    param: &Param,
    kind: char,
    missing: bool,
    word: &Word,
    found: Value,
    fields: &mut Fields,
    quoted: bool,
    mode: Mode,
) -> Expanded<()> {
    match (kind, missing) {
        ('-' | '=' | '?', false) => put(cx, found, fields, quoted, mode),
        ('+', true) => {}
        ('-', true) | ('+', false) => super::parts(cx, &word.0, fields, quoted, mode)?,
        ('=', true) => {
            let text = single(cx, word, Mode::Single)?;
            if !is_name(&param.name) {
                return Err(Stop::Error(format!("${}: cannot assign in this way", param.name)));
            }
            let set = match &param.index {
                Some(Index::Key(word)) => {
                    let key = key(cx, &param.name, word)?;
                    cx.state.set_element(&param.name, key, text.clone())
                }
                _ => cx.state.set(&param.name, text.clone()),
            };
            set.map_err(Stop::Error)?;
            fields.value(&text, quoted, mode);
        }
        _ => {
            let mut text = single(cx, word, Mode::Single)?;
            if word.0.is_empty() {
                let is_unset = matches!(found, Value::Unset);
                text = if is_unset { "parameter not set" } else { "parameter null or not set" }.into();
                if is_unset && matches!(&param.op, ParamOp::Default { colon: true, .. }) {
                    text = "parameter null or not set".into();
                }
            }
            return Err(Stop::Fatal(format!("{}: {text}", param.name), 127));
        }
    }
    Ok(())
}

/// Operations on the text of each value.
fn apply(cx: &mut Cx<'_>, op: &ParamOp, value: Value, param: &Param) -> Expanded<Value> {
    let change: Box<dyn Fn(&str) -> String> = match op {
        ParamOp::RemovePrefix { longest, pattern } => {
            let (pattern, longest) = (compile(cx, pattern)?, *longest);
            Box::new(move |text| text[pattern.prefix(text, longest).unwrap_or(0)..].to_string())
        }
        ParamOp::RemoveSuffix { longest, pattern } => {
            let (pattern, longest) = (compile(cx, pattern)?, *longest);
            Box::new(move |text| text[..text.len() - pattern.suffix(text, longest).unwrap_or(0)].to_string())
        }
        ParamOp::Replace { kind, pattern, with } => {
            let mut source = single(cx, pattern, Mode::Pattern)?.to_string();
            let (with, mut kind) = (single(cx, with, Mode::Single)?, *kind);
            // The anchor may come out of an expansion, too.
            if kind == ' '
                && let Some(first) = source.chars().next().filter(|c| matches!(c, '#' | '%'))
            {
                kind = first;
                source.remove(0);
            }
            let plain = (!has_magic(&source)).then(|| super::pattern::unescape(&source));
            let pattern = Pattern::new(&source);
            Box::new(move |text| replace(text, &pattern, plain.as_deref(), &with, kind))
        }
        ParamOp::Case { upper, all, pattern } => {
            let pattern = if pattern.0.is_empty() { None } else { Some(compile(cx, pattern)?) };
            let (upper, all) = (*upper, *all);
            Box::new(move |text| change_case(text, upper, all, pattern.as_ref()))
        }
        ParamOp::Toggle { all } => {
            let all = *all;
            Box::new(move |text| {
                let toggled = |c: char| change_case(&c.to_string(), c.is_lowercase(), true, None);
                text.char_indices().map(|(at, c)| if all || at == 0 { toggled(c) } else { c.to_string() }).collect()
            })
        }
        ParamOp::Transform(kind) => {
            let kind = *kind;
            Box::new(move |text| transform(text, kind))
        }
        ParamOp::Substring { offset, length } => return substring(cx, offset, length.as_ref(), value, param),
        _ => return Ok(value),
    };
    Ok(match value {
        Value::Unset => Value::Unset,
        Value::One(text) => Value::One(change(&text).into()),
        Value::Many(all, joined) => Value::Many(all.iter().map(|text| change(text).into()).collect(), joined),
    })
}

fn compile(cx: &mut Cx<'_>, word: &Word) -> Expanded<Pattern> {
    Ok(Pattern::new(&single(cx, word, Mode::Pattern)?))
}

fn replace(text: &str, pattern: &Pattern, plain: Option<&str>, with: &str, kind: char) -> String {
    match (kind, plain) {
        ('#', Some("")) => return format!("{with}{text}"),
        ('%', Some("")) => return format!("{text}{with}"),
        (_, Some("")) => return text.to_string(),
        ('/', Some(plain)) => return text.replace(plain, with),
        (' ', Some(plain)) => return text.replacen(plain, with, 1),
        ('#', _) => {
            return match pattern.prefix(text, true) {
                Some(end) => format!("{with}{}", &text[end..]),
                None => text.to_string(),
            };
        }
        ('%', _) => {
            return match pattern.suffix(text, true) {
                Some(length) => format!("{}{with}", &text[..text.len() - length]),
                None => text.to_string(),
            };
        }
        _ => {}
    }
    let mut out = String::new();
    let mut at = 0;
    while at < text.len() {
        match pattern.prefix(&text[at..], true).filter(|length| *length > 0) {
            Some(length) => {
                out.push_str(with);
                at += length;
                if kind != '/' {
                    break;
                }
            }
            None => {
                let Some(c) = text[at..].chars().next() else { break };
                out.push(c);
                at += c.len_utf8();
            }
        }
    }
    out.push_str(&text[at..]);
    out
}

fn change_case(text: &str, upper: bool, all: bool, pattern: Option<&Pattern>) -> String {
    let mut out = String::new();
    for (number, c) in text.chars().enumerate() {
        let wanted = (all || number == 0) && pattern.is_none_or(|pattern| pattern.matches(c.encode_utf8(&mut [0; 4])));
        match (wanted, upper) {
            (true, true) => out.extend(c.to_uppercase()),
            (true, false) => out.extend(c.to_lowercase()),
            _ => out.push(c),
        }
    }
    out
}

fn transform(text: &str, kind: char) -> String {
    match kind {
        'U' => text.to_uppercase(),
        'u' => change_case(text, true, false, None),
        'L' => text.to_lowercase(),
        'E' => crate::syntax::unescape(text, false).0,
        'Q' => quote(text),
        _ => text.to_string(),
    }
}

/// A text in quotes that a shell reads back.
pub(crate) fn quote(text: &str) -> String {
    if text.chars().any(|c| c.is_control()) {
        let mut out = String::from("$'");
        for c in text.chars() {
            match c {
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\r' => out.push_str("\\r"),
                '\x1b' => out.push_str("\\E"),
                '\'' => out.push_str("\\'"),
                '\\' => out.push_str("\\\\"),
                c if c.is_control() => out.push_str(&format!("\\{:03o}", c as u32)),
                c => out.push(c),
            }
        }
        out.push('\'');
        return out;
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// `${x:offset:length}`
fn substring(cx: &mut Cx<'_>, offset: &Word, length: Option<&Word>, value: Value, param: &Param) -> Expanded<Value> {
    let text = single(cx, offset, Mode::Single)?;
    let offset = arith::evaluate(cx.state, &text).map_err(Stop::Error)?;
    let length = match length {
        Some(word) => {
            let text = single(cx, word, Mode::Single)?;
            Some((arith::evaluate(cx.state, &text).map_err(Stop::Error)?, text))
        }
        None => None,
    };
    let bounds = |count: usize| -> Expanded<(usize, usize)> {
        let count = count as i64;
        let from = if offset < 0 { count.saturating_add(offset) } else { offset };
        if from < 0 || from > count {
            return Ok((0, 0));
        }
        let to = match &length {
            None => count,
            Some((length, _)) if *length >= 0 => from.saturating_add(*length).min(count),
            Some((length, text)) => {
                let to = count.saturating_add(*length);
                if to < from {
                    return Err(Stop::Error(format!("{text}: substring expression < 0")));
                }
                to
            }
        };
        Ok((from as usize, to as usize))
    };
    Ok(match value {
        Value::Unset => Value::Unset,
        Value::One(text) => {
            let (from, to) = bounds(text.chars().count())?;
            Value::One(text.chars().skip(from).take(to - from).collect())
        }
        Value::Many(mut all, joined) => {
            // Positional parameters count from `$0`.
            if matches!(param.name.as_str(), "@" | "*") {
                all.insert(0, cx.state.arg0.clone());
            }
            let (from, to) = bounds(all.len())?;
            Value::Many(all[from..to].to_vec(), joined)
        }
    })
}
