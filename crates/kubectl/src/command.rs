//! What a command is: its names, texts and flags as data, and the function that runs it.

use std::future::Future;
use std::pin::Pin;

use crate::ctx::Ctx;
use crate::failure::Outcome;
use crate::flags::Flag;
use crate::flags::globals::GLOBALS;

/// Runs a command.
pub(crate) type Run = fn(Ctx) -> Pin<Box<dyn Future<Output = Outcome>>>;

/// One command of kubectl.
pub(crate) struct Command {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    /// What else may be typed for it and is answered by a suggestion.
    pub suggest_for: &'static [&'static str],
    /// The usage line after the parent's path, as `get (TYPE NAME | …) [flags]`.
    pub usage: &'static str,
    /// Its line in a list of commands.
    pub short: &'static str,
    /// Its description; empty takes `short`.
    pub long: &'static str,
    /// Examples, without indentation.
    pub example: &'static str,
    pub flags: &'static [&'static [Flag]],
    /// By name, but for the root.
    pub children: &'static [&'static Command],
    pub hidden: bool,
    /// `None` for a command that only has children.
    pub run: Option<Run>,
}

/// A command with nothing in it, to be filled with `..EMPTY`.
pub(crate) const EMPTY: Command = Command {
    name: "",
    aliases: &[],
    suggest_for: &[],
    usage: "",
    short: "",
    long: "",
    example: "",
    flags: &[],
    children: &[],
    hidden: false,
    run: None,
};

impl Command {
    /// The child called so, by name or alias.
    pub(crate) fn child(&self, name: &str) -> Option<&'static Command> {
        self.children.iter().copied().find(|child| child.name == name || child.aliases.contains(&name))
    }

    /// Its own flags, by name.
    pub(crate) fn own_flags(&self) -> Vec<&'static Flag> {
        let mut flags: Vec<&'static Flag> = self.flags.iter().flat_map(|group| group.iter()).collect();
        flags.sort_by_key(|flag| flag.name);
        flags
    }

    /// Its own flags and the global ones. A flag of its own hides a global one of the same name or letter.
    pub(crate) fn all_flags(&self) -> Vec<&'static Flag> {
        let mut flags = self.own_flags();
        for global in GLOBALS {
            if !flags.iter().any(|flag| flag.name == global.name) {
                flags.push(global);
            }
        }
        flags
    }

    pub(crate) fn is_visible(&self) -> bool {
        !self.hidden
    }
}

/// Wraps an `async fn(Ctx) -> Outcome` as the `run` of a command.
#[macro_export]
#[doc(hidden)]
macro_rules! run {
    ($function:path) => {
        Some(|ctx| Box::pin($function(ctx)))
    };
}
pub(crate) use run;
