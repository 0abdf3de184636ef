//! Jsonpath, go-template and CEL over values.

pub mod cel;
pub mod go;
pub mod jsonpath;
pub mod template;

use std::fmt;

/// Why an expression could not be read or evaluated, in the words of the original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(pub String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// An error in words.
fn error<T>(message: impl Into<String>) -> Result<T, Error> {
    Err(Error(message.into()))
}
