//! `{a,b}` and `{1..5}`, before everything else.

use ecow::EcoVec;

use crate::syntax::ast::{Part, Word};

/// How many words one word may become.
const MAX_WORDS: usize = 100_000;

/// A character of unquoted text, or a part that is opaque here.
#[derive(Clone)]
enum Unit {
    Char(char),
    Part(Part),
}

/// The words that a word stands for.
pub(crate) fn expand(word: &Word) -> Vec<Word> {
    let is_plain = !word.0.iter().any(|part| matches!(part, Part::Literal(text) if text.contains('{')));
    if is_plain {
        return vec![word.clone()];
    }
    let mut units = Vec::new();
    for part in &word.0 {
        match part {
            Part::Literal(text) => units.extend(text.chars().map(Unit::Char)),
            other => units.push(Unit::Part(other.clone())),
        }
    }
    let mut budget = MAX_WORDS;
    alternatives(&units, &mut budget, 0).into_iter().map(join).collect()
}

fn join(units: Vec<Unit>) -> Word {
    let mut parts: EcoVec<Part> = EcoVec::new();
    for unit in units {
        match unit {
            Unit::Char(c) => match parts.make_mut().last_mut() {
                Some(Part::Literal(text)) => text.push(c),
                _ => parts.push(Part::Literal(c.into())),
            },
            Unit::Part(part) => parts.push(part),
        }
    }
    Word(parts)
}

fn is(unit: &Unit, c: char) -> bool {
    matches!(unit, Unit::Char(own) if *own == c)
}

/// Finds the first braces that mean something, and puts each choice between what stands before and behind.
fn alternatives(units: &[Unit], budget: &mut usize, depth: u32) -> Vec<Vec<Unit>> {
    let mut from = 0;
    while depth < 40
        && let Some(open) = units[from..].iter().position(|unit| is(unit, '{')).map(|at| from + at)
    {
        let Some((close, commas)) = closing(units, open) else { break };
        let inner = &units[open + 1..close];
        let choices = if commas.is_empty() {
            sequence(inner, *budget)
        } else {
            let mut choices = Vec::new();
            let mut start = open + 1;
            for end in commas.into_iter().chain([close]) {
                choices.extend(alternatives(&units[start..end], budget, depth + 1));
                start = end + 1;
            }
            Some(choices)
        };
        let Some(choices) = choices else {
            from = open + 1;
            continue;
        };
        let tails = alternatives(&units[close + 1..], budget, depth + 1);
        let mut all = Vec::new();
        for choice in &choices {
            for tail in &tails {
                if *budget == 0 {
                    return vec![units.to_vec()];
                }
                *budget -= 1;
                all.push([&units[..open], choice, tail].concat());
            }
        }
        return all;
    }
    vec![units.to_vec()]
}

/// Where the brace at `open` closes, with the commas between.
fn closing(units: &[Unit], open: usize) -> Option<(usize, Vec<usize>)> {
    let (mut depth, mut commas) = (0, Vec::new());
    for (at, unit) in units.iter().enumerate().skip(open + 1) {
        match unit {
            Unit::Char('{') => depth += 1,
            Unit::Char('}') if depth == 0 => return Some((at, commas)),
            Unit::Char('}') => depth -= 1,
            Unit::Char(',') if depth == 0 => commas.push(at),
            _ => {}
        }
    }
    None
}

/// `1..5`, `a..e`, `1..9..2`
fn sequence(units: &[Unit], budget: usize) -> Option<Vec<Vec<Unit>>> {
    let mut text = String::new();
    for unit in units {
        let Unit::Char(c) = unit else { return None };
        text.push(*c);
    }
    let mut parts = text.split("..");
    let (first, last, step) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    let step = step.map_or(Some(1), |step| step.parse::<i64>().ok())?.unsigned_abs().max(1);
    let texts: Vec<String> = match (first.parse::<i64>(), last.parse::<i64>()) {
        (Ok(from), Ok(to)) => {
            let padded = |text: &str| text.trim_start_matches('-').starts_with('0') && text.len() > 1;
            let width = if padded(first) || padded(last) { first.len().max(last.len()) } else { 0 };
            range(from, to, step, budget)?.map(|n| format!("{n:0width$}")).collect()
        }
        _ => {
            let one = |text: &str| {
                let mut chars = text.chars();
                chars.next().filter(|c| c.is_ascii_alphabetic() && chars.next().is_none())
            };
            let (from, to) = (one(first)?, one(last)?);
            let range = range(i64::from(from as u32), i64::from(to as u32), step, budget)?;
            range.filter_map(|n| char::from_u32(n as u32)).map(String::from).collect()
        }
    };
    Some(texts.into_iter().map(|text| text.chars().map(Unit::Char).collect()).collect())
}

fn range(from: i64, to: i64, step: u64, budget: usize) -> Option<impl Iterator<Item = i64>> {
    let count = from.abs_diff(to) / step;
    if count >= budget as u64 {
        return None;
    }
    let step = i64::try_from(step).ok()?;
    Some((0..=count as i64).map(move |n| {
        let by = n.wrapping_mul(step);
        if from <= to { from.wrapping_add(by) } else { from.wrapping_sub(by) }
    }))
}
