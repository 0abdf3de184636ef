//! Runs a template.

use podyard_api::{Value, gostr};

use super::tree::{Arg, ArgKind, Command, Control, Node, Pipe};
use super::{Failure, NAME, funcs, printf};

/// Nodes that one run may visit.
const MAX_STEPS: usize = 1_000_000;
/// Bytes that one run may print.
const MAX_OUTPUT: usize = 16 << 20;

/// A value within a template.
#[derive(Clone, Debug)]
pub(super) enum Val {
    /// A missing field.
    Missing,
    /// What came out of JSON; numbers there are floats. `boxed`: still as the element of a map or list.
    Json {
        value: Value,
        boxed: bool,
    },
    Int(i64),
}

impl Val {
    pub(super) fn json(value: &Value) -> Self {
        Self::Json { value: value.clone(), boxed: false }
    }

    fn element(value: &Value) -> Self {
        Self::Json { value: value.clone(), boxed: true }
    }

    pub(super) fn text(text: impl Into<Value>) -> Self {
        Self::Json { value: text.into(), boxed: false }
    }

    /// Whether there is something: neither missing nor `null`.
    pub(super) fn is_valid(&self) -> bool {
        !matches!(self, Self::Missing | Self::Json { value: Value::Null, .. })
    }

    pub(super) fn value(&self) -> Option<&Value> {
        match self {
            Self::Json { value, .. } => Some(value),
            _ => None,
        }
    }

    /// Go's name of its type.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Missing => "<nil>",
            Self::Int(_) => "int",
            Self::Json { value: Value::Int(_), .. } => "float64",
            Self::Json { value, .. } => crate::go::type_name(value),
        }
    }

    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Missing => false,
            Self::Int(number) => *number != 0,
            Self::Json { value, .. } => match value {
                Value::Bool(flag) => *flag,
                Value::Int(number) => *number != 0,
                Value::Float(number) => *number != 0.0,
                other => !other.is_empty(),
            },
        }
    }
}

/// What ends a list of nodes early.
enum Stop {
    Failed(String),
    Break,
    Continue,
}

type Run<T> = Result<T, Stop>;

// Models go/src/text/template/exec.go
pub(super) fn execute(source: &str, list: &[Node], allow_missing: bool, data: &Value) -> Result<String, Failure> {
    let dot = Val::json(data);
    let mut state = State {
        source,
        allow_missing,
        out: String::new(),
        variables: vec![("$", dot.clone())],
        at: 0,
        shown: String::new(),
        steps: 0,
    };
    match state.list(&dot, list) {
        Err(Stop::Failed(message)) => Err(Failure { output: state.out, message }),
        _ => Ok(state.out),
    }
}

struct State<'a> {
    source: &'a str,
    allow_missing: bool,
    out: String,
    variables: Vec<(&'a str, Val)>,
    /// Where the part being evaluated stands.
    at: usize,
    /// How it shows in an error.
    shown: String,
    steps: usize,
}

impl<'a> State<'a> {
    fn here(&mut self, at: usize, shown: impl ToString) {
        self.at = at;
        self.shown = shown.to_string();
    }

    fn fail<T>(&self, message: impl Into<String>) -> Run<T> {
        let before = self.source.get(..self.at).unwrap_or_default();
        let line = 1 + before.matches('\n').count();
        let column = before.rfind('\n').map_or(self.at, |newline| self.at - newline - 1);
        let place = format!("{NAME}:{line}:{column}: executing {} at <{}>", gostr::quote(NAME), self.shown);
        Err(Stop::Failed(format!("template: {place}: {}", message.into())))
    }

    fn list(&mut self, dot: &Val, list: &'a [Node]) -> Run<()> {
        for node in list {
            self.steps += 1;
            if self.steps > MAX_STEPS || self.out.len() > MAX_OUTPUT {
                return self.fail("the template takes too much work");
            }
            match node {
                Node::Text(text) => self.out.push_str(text),
                Node::Action(pipe) => {
                    let value = self.pipeline(dot, pipe)?;
                    if pipe.names.is_empty() {
                        self.out.push_str(&printf::print(&value));
                    }
                }
                Node::If(control) => self.branch(dot, control, false)?,
                Node::With(control) => self.branch(dot, control, true)?,
                Node::Range(control) => self.range(dot, control)?,
                Node::Break => return Err(Stop::Break),
                Node::Continue => return Err(Stop::Continue),
            }
        }
        Ok(())
    }

    fn branch(&mut self, dot: &Val, control: &'a Control, with: bool) -> Run<()> {
        let known = self.variables.len();
        let value = self.pipeline(dot, &control.pipe)?;
        let result = match value.is_true() {
            true => self.list(if with { &value } else { dot }, &control.list),
            false => self.list(dot, &control.otherwise),
        };
        self.variables.truncate(known);
        result
    }

    fn range(&mut self, dot: &Val, control: &'a Control) -> Run<()> {
        let known = self.variables.len();
        let over = self.pipeline(dot, &control.pipe)?;
        let pairs: Box<dyn Iterator<Item = (Val, Val)>> = match &over {
            Val::Missing => Box::new(std::iter::empty()),
            Val::Int(count) if control.pipe.names.len() > 1 => {
                return self.fail(format!("can't use {count} to iterate over more than one variable"));
            }
            Val::Int(count) => Box::new((0..*count).map(|index| (Val::Int(index), Val::Int(index)))),
            Val::Json { value: Value::Null, .. } => Box::new(std::iter::empty()),
            Val::Json { value: Value::Array(items), .. } => {
                let items = items.clone();
                Box::new((0..items.len()).map(move |index| (Val::Int(index as i64), Val::element(&items[index]))))
            }
            Val::Json { value: Value::Object(object), .. } => {
                let object = object.clone();
                let pair = move |index: usize| {
                    let (key, value) = &object.entries()[index];
                    (Val::text(key.as_str()), Val::element(value))
                };
                Box::new((0..over.value().map_or(0, |value| value.fields().len())).map(pair))
            }
            other => return self.fail(format!("range can't iterate over {}", printf::print(other))),
        };
        let mut empty = true;
        for (index, element) in pairs {
            empty = false;
            let mark = self.variables.len();
            let names: Vec<&'a str> = control.pipe.names.iter().map(String::as_str).collect();
            match names.as_slice() {
                [name] => self.set(name, &element),
                [first, second] => {
                    self.set(first, &index);
                    self.set(second, &element);
                }
                _ => {}
            }
            let result = self.list(&element, &control.list);
            self.variables.truncate(mark);
            match result {
                Err(Stop::Break) => break,
                Ok(()) | Err(Stop::Continue) => {}
                failed => return failed,
            }
        }
        if empty {
            self.list(dot, &control.otherwise)?;
        }
        self.variables.truncate(known);
        Ok(())
    }

    fn set(&mut self, name: &str, value: &Val) {
        if let Some((_, variable)) = self.variables.iter_mut().rev().find(|(known, _)| *known == name) {
            *variable = value.clone();
        }
    }

    fn pipeline(&mut self, dot: &Val, pipe: &'a Pipe) -> Run<Val> {
        self.here(pipe.at, pipe);
        let mut last = None;
        for command in &pipe.commands {
            let value = self.command(dot, command, last)?;
            last = Some(match value {
                Val::Json { value: Value::Null, .. } => Val::Missing,
                Val::Json { value, .. } => Val::Json { value, boxed: false },
                other => other,
            });
        }
        let value = last.unwrap_or(Val::Missing);
        for name in &pipe.names {
            if pipe.assign {
                self.set(name, &value);
            } else {
                self.variables.push((name, value.clone()));
            }
        }
        Ok(value)
    }

    fn command(&mut self, dot: &Val, command: &'a Command, last: Option<Val>) -> Run<Val> {
        let first = &command.args[0];
        if let ArgKind::Function(name) = &first.kind {
            return self.call(dot, name, command, last);
        }
        self.here(first.at, first);
        if command.args.len() > 1 || last.is_some() {
            return match &first.kind {
                ArgKind::Field(names) | ArgKind::Variable(_, names) | ArgKind::Chain(_, names) if !names.is_empty() => {
                    let name = names.last().map(String::as_str).unwrap_or_default();
                    self.fail(format!("{name} is not a method but has arguments"))
                }
                _ => self.fail(format!("can't give argument to non-function {first}")),
            };
        }
        match &first.kind {
            ArgKind::Nil => self.fail("nil is not a command"),
            _ => self.arg(dot, first),
        }
    }

    /// The value of an operand.
    fn arg(&mut self, dot: &Val, arg: &'a Arg) -> Run<Val> {
        self.here(arg.at, arg);
        Ok(match &arg.kind {
            ArgKind::Dot => dot.clone(),
            ArgKind::Nil => Val::Missing,
            ArgKind::Bool(flag) => Val::text(*flag),
            ArgKind::Int(number, _) => Val::Int(*number),
            ArgKind::Float(number, _) => Val::text(*number),
            ArgKind::Text(_, text) => Val::text(text.as_str()),
            ArgKind::Function(name) => {
                let command = Command { args: vec![arg.clone()], at: arg.at };
                self.apply(name, Vec::new(), &command)?
            }
            ArgKind::Field(names) => self.fields(dot.clone(), names)?,
            ArgKind::Variable(name, names) => {
                let found = self.variables.iter().rev().find(|(known, _)| known == name);
                let value = found.map_or(Val::Missing, |(_, value)| value.clone());
                self.fields(value, names)?
            }
            ArgKind::Pipe(pipe) => self.pipeline(dot, pipe)?,
            ArgKind::Chain(inner, names) => {
                let value = self.arg(dot, inner)?;
                self.here(arg.at, arg);
                self.fields(value, names)?
            }
        })
    }

    fn fields(&self, value: Val, names: &[String]) -> Run<Val> {
        names.iter().try_fold(value, |value, name| self.field(value, name))
    }

    fn field(&self, value: Val, name: &str) -> Run<Val> {
        match &value {
            Val::Missing if self.allow_missing => Ok(Val::Missing),
            Val::Missing => self.fail(format!("nil data; no entry for key {}", gostr::quote(name))),
            Val::Json { value: Value::Null, .. } => self.fail(format!("nil pointer evaluating interface {{}}.{name}")),
            Val::Json { value: Value::Object(object), .. } => match object.get(name) {
                Some(value) => Ok(Val::element(value)),
                None if self.allow_missing => Ok(Val::Missing),
                None => self.fail(format!("map has no entry for key {}", gostr::quote(name))),
            },
            Val::Json { boxed: true, .. } => self.fail(format!("can't evaluate field {name} in type interface {{}}")),
            other => self.fail(format!("can't evaluate field {name} in type {}", other.type_name())),
        }
    }

    fn call(&mut self, dot: &Val, name: &str, command: &'a Command, last: Option<Val>) -> Run<Val> {
        let mut args = Vec::new();
        for arg in &command.args[1..] {
            let value = self.arg(dot, arg)?;
            // `and` and `or` look no further than they must.
            let decided = match name {
                "and" => !value.is_true(),
                "or" => value.is_true(),
                _ => false,
            };
            if decided {
                return Ok(value);
            }
            args.push(value);
        }
        args.extend(last);
        self.here(command.at, command);
        self.apply(name, args, command)
    }

    fn apply(&mut self, name: &str, args: Vec<Val>, command: &Command) -> Run<Val> {
        self.here(command.at, command);
        match funcs::call(name, &args) {
            Ok(value) => Ok(value),
            Err(funcs::Wrong::Call(message)) => self.fail(format!("error calling {name}: {message}")),
            Err(funcs::Wrong::Arguments(message)) => self.fail(message),
        }
    }
}
