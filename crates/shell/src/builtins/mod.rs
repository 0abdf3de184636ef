//! Commands that run inside the shell, one file each or each family.

mod alias;
mod cd;
mod declare;
mod echo;
mod eval;
mod flow;
mod getopts;
mod help;
mod history;
pub(crate) mod jobs;
mod kill;
mod printf;
pub(crate) mod read;
mod set;
pub(crate) mod test;
mod trap;
mod r#type;
mod unset;
mod wait;

use ecow::{EcoString, EcoVec};
use podyard_kernel::Pid;

use crate::machine::Unwind;
use crate::replay::{Cx, Suspend};
pub(crate) use printf::{c_float, format as printf_format};

/// What a builtin leaves to be done.
pub(crate) enum Ran {
    Status(u8),
    Eval(EcoString),
    File {
        name: EcoString,
        text: EcoString,
        params: Option<EcoVec<EcoString>>,
    },
    /// `break` and `continue`
    Unwind(Unwind),
    Return(u8),
    Exit(u8),
    /// Another command, perhaps without looking for functions.
    Run {
        argv: Vec<EcoString>,
        functions: bool,
    },
    Exec(Vec<EcoString>),
    Read(read::Read),
    Wait(Vec<Pid>),
    /// The same, but the status is 0.
    WaitAll(Vec<Pid>),
    /// The job at this place of the table.
    Foreground(usize),
}

pub(crate) type Function = fn(&mut Cx<'_>, &[EcoString]) -> Result<Ran, Suspend>;

/// All builtins, by name.
const TABLE: [(&str, Function); 47] = [
    (".", eval::source),
    (":", flow::succeed),
    ("[", test::test),
    ("alias", alias::alias),
    ("bg", jobs::bg),
    ("break", flow::break_),
    ("builtin", r#type::builtin),
    ("cd", cd::cd),
    ("command", r#type::command),
    ("compgen", help::nothing),
    ("complete", help::complete),
    ("continue", flow::continue_),
    ("declare", declare::declare),
    ("disown", jobs::disown),
    ("echo", echo::echo),
    ("eval", eval::eval),
    ("exec", eval::exec),
    ("exit", flow::exit),
    ("export", declare::export),
    ("false", flow::fail),
    ("fg", jobs::fg),
    ("getopts", getopts::getopts),
    ("hash", r#type::hash),
    ("help", help::help),
    ("history", history::history),
    ("jobs", jobs::jobs),
    ("kill", kill::kill),
    ("let", set::let_),
    ("local", declare::local),
    ("logout", flow::exit),
    ("mapfile", read::mapfile),
    ("printf", printf::printf),
    ("pwd", cd::pwd),
    ("read", read::read),
    ("readarray", read::mapfile),
    ("readonly", declare::readonly),
    ("return", flow::return_),
    ("set", set::set),
    ("shift", set::shift),
    ("shopt", set::shopt),
    ("source", eval::source),
    ("test", test::test),
    ("trap", trap::trap),
    ("true", flow::succeed),
    ("type", r#type::type_),
    ("typeset", declare::declare),
    ("umask", help::umask),
];

/// The rest of the table, which has grown beyond one screen.
const MORE: [(&str, Function); 4] =
    [("unalias", alias::unalias), ("unset", unset::unset), ("ulimit", help::nothing), ("wait", wait::wait)];

pub(crate) fn find(name: &str) -> Option<Function> {
    TABLE.iter().chain(&MORE).find(|(own, _)| *own == name).map(|(_, function)| *function)
}

pub(crate) fn is_builtin(name: &str) -> bool {
    find(name).is_some()
}

/// The names of all builtins, by name.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().chain(&MORE).map(|(name, _)| *name)
}

/// The status of a builtin that printed something.
fn printed(cx: &mut Cx<'_>, name: &str, text: &str) -> Result<Ran, Suspend> {
    match cx.write(1, text)? {
        Ok(()) => Ok(Ran::Status(0)),
        Err(errno) => {
            cx.complain(&format!("{name}: write error: {errno}"))?;
            Ok(Ran::Status(1))
        }
    }
}

/// A complaint, and this status.
fn wrong(cx: &mut Cx<'_>, status: u8, text: &str) -> Result<Ran, Suspend> {
    cx.complain(text)?;
    Ok(Ran::Status(status))
}

/// A complaint followed by how the builtin is called.
fn usage(cx: &mut Cx<'_>, text: &str, synopsis: &str) -> Result<Ran, Suspend> {
    cx.complain(text)?;
    let name = text.split(':').next().unwrap_or_default();
    let _ = cx.write(2, format!("{name}: usage: {synopsis}\n"))?;
    Ok(Ran::Status(2))
}
