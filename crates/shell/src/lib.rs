//! Bash-like parser, small-step interpreter, builtins and text tools.

mod builtins;
mod expand;
mod jobs;
mod machine;
mod options;
mod readline;
mod regex;
mod replay;
mod state;
mod syntax;
pub mod tools;
mod vars;

pub use builtins::names as builtins;
pub use machine::Shell;
