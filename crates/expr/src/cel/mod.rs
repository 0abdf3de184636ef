//! CEL (Common Expression Language) over values, with the functions that Kubernetes gives it.
//!
//! An evaluator of our own: it works on values without conversion, and every evaluation has a bound.

mod convert;
mod eval;
mod functions;
mod lex;
mod macros;
mod numbers;
mod ops;
mod parse;
mod times;
mod val;

use podyard_api::Value;

use crate::Error;
use parse::Expr;

/// The longest expression.
const MAX_SOURCE: usize = 16 << 10;

/// An expression that was read.
#[derive(Clone, Debug)]
pub struct Program(Expr);

impl Program {
    /// Reads an expression.
    ///
    /// # Errors
    /// Where and why it is none: `ERROR: <input>:1:5: Syntax error: …`.
    pub fn parse(source: &str) -> Result<Self, Error> {
        if source.len() > MAX_SOURCE {
            return crate::error("the expression is too long");
        }
        parse::parse(source).map(Self)
    }

    /// The value of the expression; numbers of `variables` are `int` without a fraction, else `double`.
    ///
    /// # Errors
    /// In the words of cel-go: `no such key: x`, `no such overload`, `division by zero` …
    pub fn evaluate(&self, variables: &[(&str, Value)]) -> Result<Value, Error> {
        eval::evaluate(&self.0, variables).map(|value| value.to_value())
    }
}

/// Reads and evaluates an expression; see [`Program`].
pub fn evaluate(source: &str, variables: &[(&str, Value)]) -> Result<Value, Error> {
    Program::parse(source)?.evaluate(variables)
}

#[cfg(test)]
mod tests;
