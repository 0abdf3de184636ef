//! What a shell remembers from one command to the next.

use std::collections::{BTreeMap, BTreeSet};

use ecow::{EcoString, EcoVec};
use imbl::OrdMap;
use podyard_kernel::{Fd, Pid, Signal};
use serde::{Deserialize, Serialize};

use crate::jobs::Job;
use crate::syntax::Aliases;
use crate::syntax::ast::Node;
use crate::vars::{Content, Key, MAX_VALUE, Var, Vars};

/// Which shell's words its messages use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Flavour {
    #[default]
    Bash,
    Dash,
    Busybox,
}

impl Flavour {
    /// The status of a command whose redirection failed.
    pub(crate) fn failed_redirect(self) -> u8 {
        if self == Self::Dash { 2 } else { 1 }
    }
}

/// What `set` turns on and off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Options {
    /// `-a`
    pub all_export: bool,
    /// `-e`
    pub errexit: bool,
    /// `-f`
    pub noglob: bool,
    /// `-n`
    pub noexec: bool,
    /// `-u`
    pub nounset: bool,
    /// `-v`
    pub verbose: bool,
    /// `-x`
    pub xtrace: bool,
    /// `-C`
    pub noclobber: bool,
    pub pipefail: bool,
    /// `-m`: every job in a process group of its own.
    pub monitor: bool,
    pub interactive: bool,
    /// Runs `-c`.
    pub command: bool,
    pub nullglob: bool,
    pub dotglob: bool,
    pub nocasematch: bool,
}

/// A function: one node, and how it was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Function {
    pub body: EcoVec<Node>,
    pub text: EcoString,
}

/// What a function's `local` has hidden.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scope {
    pub name: EcoString,
    pub hidden: Vec<(EcoString, Option<Var>)>,
}

/// An array given to `declare` and its like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ArrayArg {
    pub name: EcoString,
    pub append: bool,
    pub elements: Vec<(Option<EcoString>, EcoString)>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub flavour: Flavour,
    pub vars: Vars,
    pub functions: OrdMap<EcoString, Function>,
    pub aliases: Aliases,
    pub scopes: Vec<Scope>,
    /// `$0`
    pub arg0: EcoString,
    /// `$1` and on
    pub params: EcoVec<EcoString>,
    pub options: Options,
    /// `$?`
    pub status: u8,
    pub pipe_status: Vec<u8>,
    /// `$$`
    pub pid: Pid,
    /// Its own number, which differs from `$$` in a subshell.
    pub own_pid: Pid,
    pub parent: Pid,
    /// Its process group, to which the terminal goes back after a job.
    pub group: Pid,
    /// `$!`
    pub last_background: Option<Pid>,
    /// A copy of a shell that runs a part of a command.
    pub is_subshell: bool,
    pub traps: BTreeMap<Signal, EcoString>,
    pub jobs: Vec<Job>,
    /// Statuses of background processes that have been waited for.
    pub ended: BTreeMap<Pid, u8>,
    pub history: EcoVec<EcoString>,
    /// How many lines of history are no longer kept.
    pub history_dropped: usize,
    /// Open descriptors that programs inherit.
    pub fds: BTreeSet<Fd>,
    /// Descriptors that hold what redirections replaced.
    pub saved: BTreeSet<Fd>,
    pub random: u64,
    /// Where in its source the running command stands.
    pub line: u32,
    /// The name before messages.
    pub name: EcoString,
    /// The file being sourced.
    pub source: Option<EcoString>,
    pub uid: u32,
    pub hostname: EcoString,
    /// Where commands were found.
    pub hashed: BTreeMap<EcoString, EcoString>,
    /// The status of the last command substitution in the running command.
    pub substituted: Option<u8>,
    pub arrays: Vec<ArrayArg>,
    /// Commands whose arguments another program completes, as `complete -F __start_kubectl k` says.
    pub completers: BTreeMap<EcoString, EcoString>,
    /// It only runs one builtin, as a program: messages begin with that one's name.
    pub external: bool,
}

/// Why a variable cannot be set.
pub(crate) type Refusal = String;

impl State {
    /// An error message as it is shown.
    pub(crate) fn complaint(&self, text: &str) -> String {
        let interactive = self.options.interactive && !self.is_subshell;
        match (&self.source, self.flavour) {
            _ if self.external => format!("{text}\n"),
            (Some(file), Flavour::Bash) => format!("{file}: line {}: {text}\n", self.line),
            (_, Flavour::Busybox) => format!("{}: {text}\n", self.name),
            (_, Flavour::Dash) => format!("{}: {}: {text}\n", self.name, self.line.max(1)),
            _ if interactive || self.options.interactive => format!("{}: {text}\n", self.name),
            _ => format!("{}: line {}: {text}\n", self.name, self.line),
        }
    }

    pub(crate) fn not_found(&self, command: &str) -> String {
        let words = if self.flavour == Flavour::Bash { "command not found" } else { "not found" };
        self.complaint(&format!("{command}: {words}"))
    }

    /// A variable's value; special parameters are not variables.
    pub(crate) fn get(&self, name: &str) -> Option<EcoString> {
        match name {
            "LINENO" => Some(self.line.to_string().into()),
            "BASHPID" => Some(self.own_pid.to_string().into()),
            "FUNCNAME" => self.scopes.last().map(|scope| scope.name.clone()),
            "PIPESTATUS" => self.pipe_status.first().map(|status| status.to_string().into()),
            _ => self.vars.get(name).and_then(Var::text).cloned(),
        }
    }

    /// [`get`](Self::get) as text, empty where there is none.
    pub(crate) fn var(&self, name: &str) -> EcoString {
        self.get(name).unwrap_or_default()
    }

    pub(crate) fn ifs(&self) -> EcoString {
        self.get("IFS").unwrap_or_else(|| " \t\n".into())
    }

    /// Sets a variable.
    ///
    /// # Errors
    /// The message, if it is read-only or the value too large.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<EcoString>) -> Result<(), Refusal> {
        self.change(name, |var| {
            var.set_text(value.into());
            true
        })
    }

    /// Sets an element of an array.
    pub(crate) fn set_element(&mut self, name: &str, key: Key, value: EcoString) -> Result<(), Refusal> {
        self.change(name, |var| var.set_element(key, value))
    }

    /// Replaces an array.
    pub(crate) fn set_content(&mut self, name: &str, content: Content) -> Result<(), Refusal> {
        self.change(name, |var| {
            var.value = Some(content);
            true
        })
    }

    fn change(&mut self, name: &str, change: impl FnOnce(&mut Var) -> bool) -> Result<(), Refusal> {
        let all_export = self.options.all_export;
        let var = self.vars.entry(name.into()).or_default();
        if var.readonly {
            return Err(format!("{name}: readonly variable"));
        }
        let mut changed = var.clone();
        let fits = change(&mut changed) && changed.text().is_none_or(|text| text.len() <= MAX_VALUE);
        if !fits {
            return Err(format!("{name}: bad array subscript"));
        }
        *var = changed;
        var.exported |= all_export;
        if name == "PATH" {
            self.hashed.clear();
        }
        Ok(())
    }

    /// Removes a variable.
    pub(crate) fn unset(&mut self, name: &str) -> Result<(), Refusal> {
        if self.vars.get(name).is_some_and(|var| var.readonly) {
            return Err(format!("{name}: cannot unset: readonly variable"));
        }
        self.vars.remove(name);
        Ok(())
    }

    pub(crate) fn export(&mut self, name: &str) {
        self.vars.entry(name.into()).or_default().exported = true;
    }

    /// What programs are given as their environment.
    pub(crate) fn environment(&self) -> Vec<(EcoString, EcoString)> {
        self.vars
            .iter()
            .filter(|(_, var)| var.exported)
            .filter_map(|(name, var)| var.text().map(|text| (name.clone(), text.clone())))
            .collect()
    }

    /// Hides a variable until the running function returns.
    pub(crate) fn make_local(&mut self, name: &str) {
        let old = self.vars.get(name).cloned();
        let Some(scope) = self.scopes.last_mut() else { return };
        if scope.hidden.iter().any(|(hidden, _)| hidden == name) {
            return;
        }
        scope.hidden.push((name.into(), old.clone()));
        let exported = old.is_some_and(|var| var.exported);
        self.vars.insert(name.into(), Var { exported, ..Var::default() });
    }

    /// The next of `$RANDOM`.
    pub(crate) fn next_random(&mut self) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random >> 33 & 0x7fff
    }

    /// `$-`
    pub(crate) fn flags(&self) -> String {
        let options = &self.options;
        let all = [
            (options.all_export, 'a'),
            (options.errexit, 'e'),
            (options.noglob, 'f'),
            (true, 'h'),
            (options.interactive, 'i'),
            (options.monitor, 'm'),
            (options.noexec, 'n'),
            (options.nounset, 'u'),
            (options.verbose, 'v'),
            (options.xtrace, 'x'),
            (true, 'B'),
            (options.noclobber, 'C'),
            (options.interactive, 'H'),
            (options.command, 'c'),
        ];
        all.iter().filter(|(on, _)| *on).map(|(_, flag)| *flag).collect()
    }
}
