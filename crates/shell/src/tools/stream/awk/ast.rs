//! What an awk program means.

use ecow::EcoString;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Program {
    pub begin: Vec<Stmt>,
    pub rules: Vec<Rule>,
    pub end: Vec<Stmt>,
    pub functions: Vec<Function>,
}

/// A pattern with what is done where it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Rule {
    pub first: Option<Expr>,
    /// The end of a range.
    pub last: Option<Expr>,
    /// `None` prints the record.
    pub body: Option<Vec<Stmt>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Function {
    pub name: EcoString,
    pub params: Vec<EcoString>,
    pub body: Vec<Stmt>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Stmt {
    Expr(Expr),
    Print(Vec<Expr>, Target),
    Printf(Vec<Expr>, Target),
    If(Expr, Box<Stmt>, Option<Box<Stmt>>),
    While(Expr, Box<Stmt>),
    DoWhile(Box<Stmt>, Expr),
    For(Option<Box<Stmt>>, Option<Expr>, Option<Box<Stmt>>, Box<Stmt>),
    ForIn(EcoString, EcoString, Box<Stmt>),
    Block(Vec<Stmt>),
    Next,
    Exit(Option<Expr>),
    Break,
    Continue,
    Return(Option<Expr>),
    /// An element, or without indices the whole array.
    Delete(EcoString, Vec<Expr>),
}

/// Where output goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Target {
    Out,
    Error,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Expr {
    Number(f64),
    Text(EcoString),
    Regex(EcoString),
    Var(EcoString),
    Field(Box<Expr>),
    Element(EcoString, Vec<Expr>),
    Group(Box<Expr>),
    /// With `+` and the like for `+=`; `=` for the plain one.
    Assign(char, Box<Expr>, Box<Expr>),
    Conditional(Box<Expr>, Box<Expr>, Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    In(Vec<Expr>, EcoString),
    Match(bool, Box<Expr>, Box<Expr>),
    Compare(EcoString, Box<Expr>, Box<Expr>),
    Concat(Box<Expr>, Box<Expr>),
    Arith(char, Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Positive(Box<Expr>),
    /// `++` and `--`: by how much, and whether before the value is taken.
    Step(f64, bool, Box<Expr>),
    Call(EcoString, Vec<Expr>),
    Builtin(EcoString, Vec<Expr>),
}
