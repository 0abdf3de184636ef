//! Policies and a connection to a verdict with its reasons.
//!
//! [`Policies`] is what the policies and namespaces of a moment say; [`Policies::verdict`] judges a connection by them,
//! in both directions, and [`Policies::lint`] finds policies that surely are not meant as they are.

mod explain;
mod lint;
mod policy;
mod rule;
mod verdict;

pub use lint::{Lint, LintKind};
pub use policy::{Policies, PolicyId};
pub use rule::Direction;
pub use verdict::{Connection, Exempt, RuleTrace, Side, SideVerdict, Verdict};
