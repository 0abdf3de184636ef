//! Redirections: applied one after the other, put back in reverse.

use ecow::{EcoString, EcoVec};
use podyard_kernel::{Answer, Errno, Fd, FileKind, OpenMode, Syscall};
use serde::{Deserialize, Serialize};

use super::launch::{ChildSetup, Stdio};
use super::subst::Expanding;
use super::{Kind, Saved, Shell};
use crate::expand::Mode;
use crate::replay::{Cx, Log, Suspend};
use crate::state::Flavour;
use crate::syntax::ast::{Redirect, RedirectOp};

/// The first descriptor in which replaced ones are kept.
const FIRST_SAVED: Fd = 10;
/// What is put into a pipe at once; more needs a writer.
const PIPE_ROOM: usize = 60 << 10;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Redirecting {
    redirects: EcoVec<Redirect>,
    at: usize,
    saved: Vec<Saved>,
    /// Nothing is put back.
    permanent: bool,
    /// The target of the current one, when it has been expanded.
    target: Option<EcoString>,
    expanding: bool,
}

/// What became of one redirection.
enum Done {
    /// What to put back, last first.
    Changed(Vec<Saved>),
    Failed(String),
    /// A copy of the shell that is to write this.
    Writer(Fd, Fd, EcoString),
}

impl Redirecting {
    pub(super) fn new(redirects: EcoVec<Redirect>, permanent: bool) -> Self {
        Self { redirects, at: 0, saved: Vec::new(), permanent, target: None, expanding: false }
    }
}

impl Shell {
    pub(super) fn redirect(&mut self, mut redirecting: Redirecting, log: Log) -> Option<Syscall> {
        if self.unwind.is_some() {
            let saved = redirecting.saved;
            self.push(Kind::Redirected { saved });
            return None;
        }
        let Some(redirect) = redirecting.redirects.get(redirecting.at).cloned() else {
            self.saved = Some(redirecting.saved);
            return None;
        };
        if redirecting.target.is_none() {
            if !redirecting.expanding {
                redirecting.expanding = true;
                self.push(Kind::Redirect(redirecting));
                let mode = match redirect.op {
                    RedirectOp::HereDoc | RedirectOp::HereString => Mode::Single,
                    _ => Mode::Arguments,
                };
                self.push(Kind::Expand(Expanding::new([redirect.target].into(), mode)));
                return None;
            }
            let fields = self.fields.take().unwrap_or_default();
            let [target] = fields.as_slice() else {
                let raw = crate::syntax::raw_text(&redirect.target);
                return self.redirect_failed(redirecting, &format!("{raw}: ambiguous redirect"));
            };
            redirecting.target = Some(target.clone());
        }
        let target = redirecting.target.clone().unwrap_or_default();
        let permanent = redirecting.permanent;
        let done =
            match self.task(|| Kind::Redirect(redirecting.clone()), log, |cx| apply(cx, &redirect, &target, permanent))
            {
                Ok(done) => done,
                Err(call) => return call,
            };
        match done {
            Done::Changed(saved) => {
                for change in &saved {
                    self.state.fds.insert(change.fd);
                    self.state.saved.extend(change.copy);
                }
                if let Some(fd) = closes(&redirect, &target) {
                    self.state.fds.remove(&fd);
                } else {
                    self.state.fds.insert(number(&redirect, &target));
                }
                redirecting.saved.extend(saved);
                (redirecting.at, redirecting.target, redirecting.expanding) = (redirecting.at + 1, None, false);
                self.push(Kind::Redirect(redirecting));
                None
            }
            Done::Failed(message) => self.redirect_failed(redirecting, &message),
            Done::Writer(read, write, text) => {
                let setup = ChildSetup::new(Stdio { output: Some(write), close: vec![read], ..Stdio::default() });
                self.become_child(setup, Kind::Say { fd: 1, text: text.as_bytes().into() });
                None
            }
        }
    }

    fn redirect_failed(&mut self, redirecting: Redirecting, message: &str) -> Option<Syscall> {
        self.saved = None;
        let saved = redirecting.saved;
        self.push(Kind::Redirected { saved });
        // Said before anything is put back: `2> file` already counts.
        self.complain(message);
        None
    }

    /// Puts back what was replaced.
    pub(super) fn restore(&mut self, saved: Vec<Saved>, log: Log) -> Option<Syscall> {
        let run = |cx: &mut Cx<'_>| {
            for change in saved.iter().rev() {
                match change.copy {
                    Some(copy) => {
                        cx.call(Syscall::Dup { fd: copy, to: Some(change.fd) })?;
                        cx.call(Syscall::Close(copy))?;
                    }
                    None => {
                        cx.call(Syscall::Close(change.fd))?;
                    }
                }
            }
            Ok(())
        };
        if let Err(call) = self.task(|| Kind::Redirected { saved: saved.clone() }, log, run) {
            return call;
        }
        for change in saved.iter().rev() {
            match change.copy {
                Some(copy) => {
                    self.state.saved.remove(&copy);
                    self.state.fds.insert(change.fd);
                }
                None => {
                    self.state.fds.remove(&change.fd);
                }
            }
        }
        None
    }
}

/// The descriptor that a redirection changes.
fn number(redirect: &Redirect, _target: &str) -> Fd {
    redirect.fd.unwrap_or(match redirect.op {
        RedirectOp::Read
        | RedirectOp::ReadWrite
        | RedirectOp::DupInput
        | RedirectOp::HereDoc
        | RedirectOp::HereString => 0,
        _ => 1,
    })
}

/// `>&-` closes a descriptor.
fn closes(redirect: &Redirect, target: &str) -> Option<Fd> {
    let is_dup = matches!(redirect.op, RedirectOp::DupInput | RedirectOp::DupOutput);
    (is_dup && target == "-").then(|| number(redirect, target))
}

/// Keeps what `fd` means, unless it is meant to be lost.
fn save(cx: &mut Cx<'_>, fd: Fd, taken: usize, permanent: bool) -> Result<Vec<Saved>, Suspend> {
    if permanent {
        return Ok(Vec::new());
    }
    let copy = (FIRST_SAVED..).filter(|n| !cx.state.saved.contains(n)).nth(taken).unwrap_or(FIRST_SAVED);
    Ok(match cx.call(Syscall::Dup { fd, to: Some(copy) })? {
        Answer::Fd(_) => vec![Saved { fd, copy: Some(copy) }],
        _ => vec![Saved { fd, copy: None }],
    })
}

fn apply(cx: &mut Cx<'_>, redirect: &Redirect, target: &str, permanent: bool) -> Result<Done, Suspend> {
    let fd = number(redirect, target);
    match redirect.op {
        RedirectOp::HereDoc => document(cx, fd, target.into(), permanent),
        RedirectOp::HereString => document(cx, fd, format!("{target}\n").into(), permanent),
        RedirectOp::DupInput | RedirectOp::DupOutput => duplicate(cx, redirect, fd, target, permanent),
        RedirectOp::Both | RedirectOp::BothAppend => both(cx, redirect.op, target, permanent),
        op => {
            let file = match open(cx, op, target)? {
                Ok(file) => file,
                Err(message) => return Ok(Done::Failed(message)),
            };
            put(cx, file, fd, permanent)
        }
    }
}

/// Makes `fd` mean `file`, which is then closed.
fn put(cx: &mut Cx<'_>, file: Fd, fd: Fd, permanent: bool) -> Result<Done, Suspend> {
    if file == fd {
        let saved = if permanent { Vec::new() } else { vec![Saved { fd, copy: None }] };
        return Ok(Done::Changed(saved));
    }
    let saved = save(cx, fd, 0, permanent)?;
    cx.call(Syscall::Dup { fd: file, to: Some(fd) })?;
    cx.call(Syscall::Close(file))?;
    Ok(Done::Changed(saved))
}

fn open(cx: &mut Cx<'_>, op: RedirectOp, path: &str) -> Result<Result<Fd, String>, Suspend> {
    let mode = match op {
        RedirectOp::Read => OpenMode::READ,
        RedirectOp::Append | RedirectOp::BothAppend => OpenMode::APPEND,
        RedirectOp::ReadWrite => OpenMode { read: true, truncate: false, ..OpenMode::WRITE },
        _ => OpenMode::WRITE,
    };
    if cx.state.options.noclobber
        && matches!(op, RedirectOp::Write | RedirectOp::Both)
        && cx.stat(path)?.is_some_and(|metadata| metadata.kind == FileKind::File)
    {
        return Ok(Err(format!("{path}: cannot overwrite existing file")));
    }
    Ok(match cx.open(path, mode)? {
        Ok(fd) => Ok(fd),
        Err(errno) => Err(open_error(cx, op, path, errno)),
    })
}

fn open_error(cx: &Cx<'_>, op: RedirectOp, path: &str, errno: Errno) -> String {
    let short = if errno == Errno::NoEntry { "nonexistent directory".to_string() } else { errno.to_string() };
    match (cx.state.flavour, op) {
        (Flavour::Bash, _) => format!("{path}: {errno}"),
        (Flavour::Dash, RedirectOp::Read) => {
            let errno = if errno == Errno::NoEntry { "No such file".to_string() } else { errno.to_string() };
            format!("cannot open {path}: {errno}")
        }
        (Flavour::Dash, _) => {
            let errno = if errno == Errno::NoEntry { "Directory nonexistent".to_string() } else { errno.to_string() };
            format!("cannot create {path}: {errno}")
        }
        (Flavour::Busybox, RedirectOp::Read) => {
            let errno = if errno == Errno::NoEntry { "no such file".to_string() } else { errno.to_string() };
            format!("can't open {path}: {errno}")
        }
        (Flavour::Busybox, _) => format!("can't create {path}: {short}"),
    }
}

/// `2>&1`, `<&-`, and `>& file`.
fn duplicate(cx: &mut Cx<'_>, redirect: &Redirect, fd: Fd, target: &str, permanent: bool) -> Result<Done, Suspend> {
    if target == "-" {
        let saved = save(cx, fd, 0, permanent)?;
        cx.call(Syscall::Close(fd))?;
        return Ok(Done::Changed(saved));
    }
    let Ok(source) = target.parse::<Fd>() else {
        if redirect.op == RedirectOp::DupOutput && redirect.fd.is_none() {
            return both(cx, RedirectOp::Both, target, permanent);
        }
        return Ok(Done::Failed(format!("{target}: ambiguous redirect")));
    };
    let is_open = source < FIRST_SAVED || !cx.state.saved.contains(&source);
    let saved = save(cx, fd, 0, permanent)?;
    match cx.call(Syscall::Dup { fd: source, to: Some(fd) })? {
        Answer::Fd(_) if is_open => Ok(Done::Changed(saved)),
        _ => {
            for change in saved {
                if let Some(copy) = change.copy {
                    cx.call(Syscall::Close(copy))?;
                }
            }
            Ok(Done::Failed(format!("{source}: {}", Errno::BadDescriptor)))
        }
    }
}

/// `&> file`
fn both(cx: &mut Cx<'_>, op: RedirectOp, path: &str, permanent: bool) -> Result<Done, Suspend> {
    let file = match open(cx, op, path)? {
        Ok(file) => file,
        Err(message) => return Ok(Done::Failed(message)),
    };
    let mut saved = save(cx, 1, 0, permanent)?;
    saved.extend(save(cx, 2, 1, permanent)?);
    cx.call(Syscall::Dup { fd: file, to: Some(1) })?;
    cx.call(Syscall::Dup { fd: file, to: Some(2) })?;
    if file > 2 {
        cx.call(Syscall::Close(file))?;
    }
    Ok(Done::Changed(saved))
}

/// A pipe with a text in it; a large one gets a process that writes it.
fn document(cx: &mut Cx<'_>, fd: Fd, text: EcoString, permanent: bool) -> Result<Done, Suspend> {
    let Answer::Pair(read, write) = cx.call(Syscall::Pipe)? else {
        return Ok(Done::Failed(format!("cannot create pipe for here-document: {}", Errno::TooMany)));
    };
    if text.len() <= PIPE_ROOM {
        let _ = cx.write(write, &text)?;
    } else if cx.call(Syscall::Fork)? == Answer::Child {
        return Ok(Done::Writer(read, write, text));
    }
    cx.call(Syscall::Close(write))?;
    put(cx, read, fd, permanent)
}
