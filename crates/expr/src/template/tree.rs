//! The parts of a template, and how they show in errors.

use std::fmt;

pub(super) type List = Vec<Node>;

#[derive(Clone, Debug)]
pub(super) enum Node {
    Text(String),
    Action(Pipe),
    If(Control),
    With(Control),
    Range(Control),
    Break,
    Continue,
}

#[derive(Clone, Debug)]
pub(super) struct Control {
    pub(super) pipe: Pipe,
    pub(super) list: List,
    pub(super) otherwise: List,
}

#[derive(Clone, Debug)]
pub(super) struct Pipe {
    /// Variables set, with their `$`.
    pub(super) names: Vec<String>,
    /// `=` rather than `:=`.
    pub(super) assign: bool,
    pub(super) commands: Vec<Command>,
    pub(super) at: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(super) args: Vec<Arg>,
    pub(super) at: usize,
}

/// An operand and the byte it stands at.
#[derive(Clone, Debug)]
pub(super) struct Arg {
    pub(super) kind: ArgKind,
    pub(super) at: usize,
}

#[derive(Clone, Debug)]
pub(super) enum ArgKind {
    Dot,
    Nil,
    Bool(bool),
    Int(i64, String),
    Float(f64, String),
    /// With its quotes, and without.
    Text(String, String),
    Function(String),
    /// `.a.b`
    Field(Vec<String>),
    /// `$x.a`
    Variable(String, Vec<String>),
    Pipe(Box<Pipe>),
    /// `(pipeline).a`
    Chain(Box<Arg>, Vec<String>),
}

impl fmt::Display for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.names.is_empty() {
            write!(f, "{} {} ", self.names.join(", "), if self.assign { "=" } else { ":=" })?;
        }
        let commands: Vec<_> = self.commands.iter().map(Command::to_string).collect();
        f.write_str(&commands.join(" | "))
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let args: Vec<_> = self.args.iter().map(Arg::to_string).collect();
        f.write_str(&args.join(" "))
    }
}

impl fmt::Display for Arg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = |fields: &[String]| fields.iter().map(|field| format!(".{field}")).collect::<String>();
        match &self.kind {
            ArgKind::Dot => f.write_str("."),
            ArgKind::Nil => f.write_str("nil"),
            ArgKind::Bool(flag) => write!(f, "{flag}"),
            ArgKind::Int(_, text) | ArgKind::Float(_, text) | ArgKind::Text(text, _) => f.write_str(text),
            ArgKind::Function(name) => f.write_str(name),
            ArgKind::Field(names) => f.write_str(&fields(names)),
            ArgKind::Variable(name, names) => write!(f, "{name}{}", fields(names)),
            ArgKind::Pipe(pipe) => write!(f, "({pipe})"),
            ArgKind::Chain(arg, names) => write!(f, "{arg}{}", fields(names)),
        }
    }
}
