//! Label and field selectors: read, canonical form, and what they match.

mod fields;
mod labels;
mod lexer;

pub use fields::{FieldSelector, FieldTerm};
pub use labels::{Operator, Requirement, Selector};
