//! The programs that learners expect on every machine: text tools and file tools, as kernel programs.

mod opts;
mod short;
mod stream;
mod tee;
mod vi;

use podyard_kernel::{Answer, Args, Bytes, Fd, Script, Syscall};
use serde::{Deserialize, Serialize};

use crate::machine::Shell;
use opts::Usage;

/// The names of all tools, for making entries of `/usr/bin`; each may carry the prefix `busybox:`.
pub const IDS: &[&str] = &[
    "[", "awk", "base64", "basename", "cat", "chmod", "clear", "cp", "cut", "date", "diff", "dirname", "du", "echo",
    "egrep", "env", "false", "fgrep", "find", "grep", "head", "hostname", "id", "kill", "ln", "ls", "mkdir", "mktemp",
    "mv", "nl", "paste", "printenv", "printf", "ps", "pwd", "readlink", "realpath", "rev", "rm", "rmdir", "sed", "seq",
    "sleep", "sort", "stat", "sync", "tac", "tail", "tee", "test", "timeout", "touch", "tr", "true", "uname", "uniq",
    "watch", "wc", "which", "whoami", "xargs", "yes",
];

/// Besides these, what a machine with busybox has.
pub const BUSYBOX_IDS: &[&str] = &["nc", "nslookup", "ping", "vi", "wget"];

/// Besides these, what a machine has on which somebody works.
pub const WORKSTATION_IDS: &[&str] = &["curl", "dig", "getent", "nc", "nslookup", "ping", "vi", "vim", "wget"];

/// Which project's words a tool uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Flavour {
    #[default]
    Gnu,
    Busybox,
}

/// A running tool.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Tool {
    /// Reads lines or bytes and writes others.
    Stream(Box<stream::Stream>),
    /// Straight-line programs that end soon.
    Short(Script<short::Short>),
    /// A builtin of the shell that is a program, too.
    Builtin(Box<Shell>),
    Tee(Box<tee::Tee>),
    Vi(Box<vi::Vi>),
    /// Has something to say, and ends.
    Say {
        fd: Fd,
        text: Bytes,
        status: u8,
        said: bool,
    },
}

/// The tool of this id (`ls`, or `busybox:ls` with the words of busybox), about to start.
pub fn load(id: &str, args: &Args) -> Option<Tool> {
    let (flavour, name) = match id.strip_prefix("busybox:") {
        Some(name) => (Flavour::Busybox, name),
        None => (Flavour::Gnu, id),
    };
    if name == "tee" {
        return Some(tee::Tee::parse(args, flavour).map_or_else(Tool::from, |tee| Tool::Tee(Box::new(tee))));
    }
    if matches!(name, "vi" | "vim") {
        return Some(Tool::Vi(Box::new(vi::Vi::new(args))));
    }
    let edits = name == "sed" && stream::sed::read(args, flavour).is_ok_and(|call| call.in_place.is_some());
    if let Some(parse) = stream::find(name).filter(|_| !edits) {
        return Some(match parse(args, flavour) {
            Ok(stream) => Tool::Stream(Box::new(stream)),
            Err(usage) => Tool::from(usage),
        });
    }
    if matches!(name, "[" | "echo" | "false" | "kill" | "printf" | "pwd" | "test" | "true") {
        return Some(Tool::Builtin(Box::new(Shell::builtin_program(name, args.clone(), flavour))));
    }
    if short::is_known(name) {
        let state = podyard_api::Value::from(id);
        return Some(Tool::Short(Script::new(Args { state, ..args.clone() })));
    }
    None
}

impl From<Usage> for Tool {
    fn from(usage: Usage) -> Self {
        let Usage { text, status } = usage;
        Self::Say { fd: if status == 0 { 1 } else { 2 }, text: text.as_bytes().into(), status, said: false }
    }
}

impl Tool {
    /// One step of the kernel's [`Program`](podyard_kernel::Program).
    pub fn step(&mut self, answer: Answer) -> Syscall {
        match self {
            Self::Stream(stream) => stream.step(answer),
            Self::Short(script) => script.step(answer),
            Self::Builtin(shell) => shell.step(answer),
            Self::Tee(tee) => tee.step(answer),
            Self::Vi(vi) => vi.step(answer),
            Self::Say { status, said: true, .. } => Syscall::Exit(*status),
            Self::Say { fd, text, said, .. } => {
                *said = true;
                Syscall::Write { fd: *fd, bytes: text.clone() }
            }
        }
    }
}

/// `name: text` as an error message.
fn complaint(name: &str, text: impl std::fmt::Display) -> String {
    format!("{name}: {text}\n")
}
