//! Evaluates expressions.

use ecow::EcoString;
use podyard_api::Value;

use super::macros::{Comprehension, Loop};
use super::parse::Expr;
use super::val::{List, Map, Val};
use super::{functions, ops};
use crate::Error;

/// Steps that one evaluation may take.
const MAX_STEPS: usize = 1_000_000;

pub(super) type Result<T> = std::result::Result<T, Error>;

pub(super) fn fail<T>(message: impl Into<String>) -> Result<T> {
    Err(Error(message.into()))
}

pub(super) fn no_overload<T>() -> Result<T> {
    fail("no such overload")
}

pub(super) fn evaluate(expr: &Expr, variables: &[(&str, Value)]) -> Result<Val> {
    let variables = variables.iter().map(|(name, value)| (EcoString::from(*name), Val::from(value))).collect();
    Scope { variables, steps: 0 }.eval(expr)
}

pub(super) struct Scope {
    variables: Vec<(EcoString, Val)>,
    steps: usize,
}

impl Scope {
    /// Counts work, so that no expression runs for long.
    pub(super) fn spend(&mut self, steps: usize) -> Result<()> {
        self.steps = self.steps.saturating_add(steps);
        if self.is_spent() { fail("operation cancelled: actual cost limit exceeded") } else { Ok(()) }
    }

    fn is_spent(&self) -> bool {
        self.steps > MAX_STEPS
    }

    /// Counts the work of going through a value with all its parts.
    pub(super) fn spend_on(&mut self, value: &Val) -> Result<()> {
        self.spend_parts(value, true)
    }

    fn spend_parts(&mut self, value: &Val, given: bool) -> Result<()> {
        let mut left = MAX_STEPS.saturating_sub(self.steps);
        let fits = value.fits(&mut left, given);
        self.spend(if fits { MAX_STEPS.saturating_sub(self.steps) - left } else { MAX_STEPS + 1 })
    }

    fn eval(&mut self, expr: &Expr) -> Result<Val> {
        self.spend(1)?;
        let value = self.value(expr)?;
        // Parts may be shared, so a value can be much larger than the memory it takes.
        if matches!(expr, Expr::List(_) | Expr::Map(_) | Expr::Call { .. } | Expr::Binary(..) | Expr::Comprehension(_))
        {
            self.spend_parts(&value, false)?;
        }
        Ok(value)
    }

    fn value(&mut self, expr: &Expr) -> Result<Val> {
        Ok(match expr {
            Expr::Literal(value) => value.clone(),
            Expr::Name(name) => self.name(name)?,
            Expr::Select { from, field, optional } => {
                let from = self.eval(from)?;
                self.spend(from.search_cost())?;
                select(&from, &Val::Text(field.clone()), *optional)?
            }
            Expr::Has { from, field } => match self.eval(from)? {
                Val::Map(map) => Val::Bool(map.get(&Val::Text(field.clone())).is_some()),
                Val::Optional(None) => Val::Bool(false),
                Val::Optional(Some(inner)) => match *inner {
                    Val::Map(map) => Val::Bool(map.get(&Val::Text(field.clone())).is_some()),
                    _ => return no_overload(),
                },
                _ => return no_overload(),
            },
            Expr::Index { from, index, optional } => {
                let from = self.eval(from)?;
                let index = self.eval(index)?;
                self.spend(from.search_cost())?;
                self.spend_on(&index)?;
                select(&from, &index, *optional)?
            }
            Expr::Call { target, name, args } => self.call(target.as_deref(), name, args)?,
            Expr::List(items) => self.list(items)?,
            Expr::Map(entries) => self.map(entries)?,
            Expr::And(a, b) => self.logic(a, b, false)?,
            Expr::Or(a, b) => self.logic(a, b, true)?,
            Expr::Not(inner) => match self.eval(inner)? {
                Val::Bool(flag) => Val::Bool(!flag),
                _ => return no_overload(),
            },
            Expr::Negative(inner) => ops::negative(&self.eval(inner)?)?,
            Expr::If(parts) => {
                let [condition, yes, no] = &**parts;
                match self.eval(condition)? {
                    Val::Bool(true) => self.eval(yes)?,
                    Val::Bool(false) => self.eval(no)?,
                    _ => return no_overload(),
                }
            }
            Expr::Binary(operator, a, b) => {
                let (a, b) = (self.eval(a)?, self.eval(b)?);
                if matches!(*operator, "==" | "!=" | "in") {
                    self.spend_on(&a)?;
                    self.spend_on(&b)?;
                } else {
                    self.spend(ops::cost(&a) + ops::cost(&b))?;
                }
                ops::binary(operator, &a, &b)?
            }
            Expr::Comprehension(comprehension) => self.comprehension(comprehension)?,
            Expr::Bind(name, parts) => {
                let [value, body] = &**parts;
                let value = self.eval(value)?;
                self.with(vec![(name.clone(), value)], body)?
            }
        })
    }

    fn name(&self, name: &EcoString) -> Result<Val> {
        if let Some((_, value)) = self.variables.iter().rev().find(|(known, _)| known == name) {
            return Ok(value.clone());
        }
        match name.as_str() {
            "int" | "uint" | "double" | "bool" | "string" | "bytes" | "list" | "map" | "null_type" | "type" => {
                Ok(Val::Type(functions::type_of(name)))
            }
            _ => fail(format!("undeclared reference to '{name}' (in container '')")),
        }
    }

    /// Evaluates with some variables more.
    fn with(&mut self, variables: Vec<(EcoString, Val)>, expr: &Expr) -> Result<Val> {
        let known = self.variables.len();
        self.variables.extend(variables);
        let result = self.eval(expr);
        self.variables.truncate(known);
        result
    }

    fn call(&mut self, target: Option<&Expr>, name: &EcoString, args: &[Expr]) -> Result<Val> {
        // `math.greatest(…)` and the like are functions, unless such a variable is there.
        if let Some(Expr::Name(space)) = target
            && functions::is_namespace(space)
            && !self.variables.iter().any(|(known, _)| known == space)
        {
            let args = args.iter().map(|arg| self.eval(arg)).collect::<Result<Vec<_>>>()?;
            return functions::namespaced(self, space, name, &args);
        }
        let target = target.map(|target| self.eval(target)).transpose()?;
        if let (Some(Val::Optional(inner)), "optMap" | "optFlatMap", [Expr::Name(variable), body]) =
            (&target, name.as_str(), args)
        {
            let Some(inner) = inner else { return Ok(Val::Optional(None)) };
            let result = self.with(vec![(variable.clone(), (**inner).clone())], body)?;
            return Ok(if name == "optMap" { Val::some(result) } else { result });
        }
        let args = args.iter().map(|arg| self.eval(arg)).collect::<Result<Vec<_>>>()?;
        match target {
            Some(target) => functions::method(self, &target, name, &args),
            None => functions::global(self, name, &args),
        }
    }

    fn list(&mut self, items: &[(Expr, bool)]) -> Result<Val> {
        let mut values = Vec::with_capacity(items.len());
        for (item, optional) in items {
            match (self.eval(item)?, optional) {
                (Val::Optional(inner), true) => values.extend(inner.map(|inner| *inner)),
                (_, true) => return no_overload(),
                (value, false) => values.push(value),
            }
        }
        Ok(Val::list(values))
    }

    fn map(&mut self, entries: &[(Expr, Expr, bool)]) -> Result<Val> {
        let mut made: Vec<(Val, Val)> = Vec::with_capacity(entries.len());
        for (key, value, optional) in entries {
            let (key, value) = (self.eval(key)?, self.eval(value)?);
            if !matches!(key, Val::Bool(_) | Val::Int(_) | Val::Uint(_) | Val::Text(_)) {
                return fail(format!("unsupported key type: {}", key.type_name()));
            }
            self.spend(made.len() / 8)?;
            if made.iter().any(|(known, _)| ops::equal(known, &key)) {
                return fail("Failed with repeated key");
            }
            match (value, optional) {
                (Val::Optional(inner), true) => made.extend(inner.map(|inner| (key, *inner))),
                (_, true) => return no_overload(),
                (value, false) => made.push((key, value)),
            }
        }
        Ok(Val::Map(Map::Made(made.into_iter().collect())))
    }

    /// `&&` and `||`: a side that decides makes an error of the other side unimportant.
    fn logic(&mut self, a: &Expr, b: &Expr, decisive: bool) -> Result<Val> {
        let left = self.eval(a);
        if matches!(left, Ok(Val::Bool(flag)) if flag == decisive) {
            return Ok(Val::Bool(decisive));
        }
        let right = self.eval(b);
        match (left, right) {
            (_, Ok(Val::Bool(flag))) if flag == decisive => Ok(Val::Bool(decisive)),
            (Err(error), _) => Err(error),
            (Ok(Val::Bool(_)), Ok(Val::Bool(_))) => Ok(Val::Bool(!decisive)),
            (Ok(Val::Bool(_)), Err(error)) => Err(error),
            _ => no_overload(),
        }
    }

    fn comprehension(&mut self, this: &Comprehension) -> Result<Val> {
        let range = self.eval(&this.range)?;
        let rounds: Vec<(Val, Val)> = match &range {
            Val::List(list) => list.iter().enumerate().map(|(index, item)| (Val::from(index), item)).collect(),
            Val::Map(map) => map.entries(),
            _ => return no_overload(),
        };
        self.spend(rounds.len())?;
        let is_map = matches!(range, Val::Map(_));
        let mut state = Rounds { kind: this.kind, made: Vec::new(), pairs: Vec::new(), hits: 0, error: None };
        for (key, element) in rounds {
            let single = if is_map { key.clone() } else { element.clone() };
            let variables = match this.names.as_slice() {
                [name] => vec![(name.clone(), single.clone())],
                [first, second] => vec![(first.clone(), key.clone()), (second.clone(), element)],
                _ => return no_overload(),
            };
            let met = this.condition.as_ref().map(|condition| self.with(variables.clone(), condition));
            let met = match met {
                None => true,
                Some(Ok(Val::Bool(met))) => met,
                Some(Ok(_)) => return no_overload(),
                Some(Err(error)) if matches!(this.kind, Loop::All | Loop::Exists) && !self.is_spent() => {
                    state.error = Some(error);
                    continue;
                }
                Some(Err(error)) => return Err(error),
            };
            let result = match (&this.result, met) {
                (Some(result), true) => Some(self.with(variables, result)?),
                _ => None,
            };
            if let Some(done) = state.add(met, single, key, result) {
                return Ok(done);
            }
        }
        state.finish()
    }
}

/// What a loop has come to so far.
struct Rounds {
    kind: Loop,
    made: Vec<Val>,
    pairs: Vec<(Val, Val)>,
    hits: usize,
    /// Of a round that another one may make unimportant.
    error: Option<Error>,
}

impl Rounds {
    /// Takes one round; gives the result if it is decided.
    fn add(&mut self, met: bool, element: Val, key: Val, result: Option<Val>) -> Option<Val> {
        self.hits += usize::from(met);
        match self.kind {
            Loop::All if !met => return Some(Val::Bool(false)),
            Loop::Exists if met => return Some(Val::Bool(true)),
            Loop::Filter if met => self.made.push(element),
            Loop::Map | Loop::TransformList => self.made.extend(result),
            Loop::TransformMap => self.pairs.extend(result.map(|result| (key, result))),
            _ => {}
        }
        None
    }

    fn finish(self) -> Result<Val> {
        if let Some(error) = self.error {
            return Err(error);
        }
        Ok(match self.kind {
            Loop::All => Val::Bool(true),
            Loop::Exists => Val::Bool(false),
            Loop::ExistsOne => Val::Bool(self.hits == 1),
            Loop::Filter | Loop::Map | Loop::TransformList => Val::list(self.made),
            Loop::TransformMap => Val::Map(Map::Made(self.pairs.into_iter().collect())),
        })
    }
}

/// A field, key or item; of an optional value an optional one.
fn select(from: &Val, key: &Val, optional: bool) -> Result<Val> {
    if let Val::Optional(inner) = from {
        return match inner {
            None => Ok(Val::Optional(None)),
            Some(inner) => select(inner, key, true),
        };
    }
    let found = match (from, key) {
        (Val::Map(map), key) => map.get(key).ok_or_else(|| format!("no such key: {}", key.to_text())),
        (Val::List(list), key) => item(list, key)?,
        _ => return no_overload(),
    };
    match (found, optional) {
        (Ok(value), true) => Ok(Val::some(value)),
        (Err(_), true) => Ok(Val::Optional(None)),
        (Ok(value), false) => Ok(value),
        (Err(message), false) => fail(message),
    }
}

fn item(list: &List, index: &Val) -> Result<std::result::Result<Val, String>> {
    let index = match index {
        Val::Int(index) => *index,
        Val::Uint(index) => i64::try_from(*index).unwrap_or(i64::MAX),
        Val::Double(index) if index.fract() == 0.0 => *index as i64,
        other => return fail(format!("unsupported index type '{}' in list", other.type_name())),
    };
    let found = usize::try_from(index).ok().and_then(|index| list.get(index));
    Ok(found.ok_or_else(|| format!("index out of bounds: {index}")))
}
