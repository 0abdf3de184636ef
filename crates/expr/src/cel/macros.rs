//! Macros: calls that are more than functions of their arguments.

use ecow::EcoString;

use super::parse::{Expr, Parsed};

/// A loop over a list or map.
#[derive(Clone, Debug)]
pub(super) struct Comprehension {
    pub(super) kind: Loop,
    pub(super) range: Expr,
    /// The element (or key); with two, index or key and then the element.
    pub(super) names: Vec<EcoString>,
    /// A condition, before a result where there are both.
    pub(super) condition: Option<Expr>,
    pub(super) result: Option<Expr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loop {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
    TransformList,
    TransformMap,
}

/// A call, or the macro that it names.
// Models github.com/google/cel-go/parser/macro.go
pub(super) fn call(at: usize, target: Option<Expr>, name: EcoString, mut args: Vec<Expr>) -> Parsed<Expr> {
    let is_cel = matches!(&target, Some(Expr::Name(name)) if name == "cel");
    match (name.as_str(), args.len()) {
        ("has", 1) if target.is_none() => match args.remove(0) {
            Expr::Select { from, field, .. } => return Ok(Expr::Has { from, field }),
            _ => return Err((at, "invalid argument to has() macro".into())),
        },
        ("bind", 3) if is_cel => {
            let (body, value) = (args.pop(), args.pop());
            let name = variable(at, args.pop())?;
            if let (Some(value), Some(body)) = (value, body) {
                return Ok(Expr::Bind(name, Box::new([value, body])));
            }
        }
        _ => {}
    }
    let Some(target) = target else { return Ok(Expr::Call { target: None, name, args }) };
    let kind = match (name.as_str(), args.len()) {
        ("all", 2 | 3) => Loop::All,
        ("exists", 2 | 3) => Loop::Exists,
        ("exists_one", 2) | ("existsOne", 2 | 3) => Loop::ExistsOne,
        ("filter", 2) => Loop::Filter,
        ("map", 2 | 3) => Loop::Map,
        ("transformList", 3 | 4) => Loop::TransformList,
        ("transformMap", 3 | 4) => Loop::TransformMap,
        _ => return Ok(Expr::Call { target: Some(Box::new(target)), name, args }),
    };
    let transforms = matches!(kind, Loop::Map | Loop::TransformList | Loop::TransformMap);
    let result = if transforms { args.pop() } else { None };
    let variables = match kind {
        Loop::TransformList | Loop::TransformMap => 2,
        Loop::Map | Loop::Filter => 1,
        _ => args.len() - 1,
    };
    let condition = if args.len() > variables { args.pop() } else { None };
    let names = args.into_iter().map(|arg| variable(at, Some(arg))).collect::<Parsed<_>>()?;
    Ok(Expr::Comprehension(Box::new(Comprehension { kind, range: target, names, condition, result })))
}

fn variable(at: usize, arg: Option<Expr>) -> Parsed<EcoString> {
    match arg {
        Some(Expr::Name(name)) => Ok(name),
        _ => Err((at, "argument must be a simple name".into())),
    }
}
