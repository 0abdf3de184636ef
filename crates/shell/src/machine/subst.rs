//! Expansion of words, and the commands whose output they take.

use ecow::{EcoString, EcoVec};
use podyard_kernel::{Answer, Fd, OpenMode, Pid, Syscall, Which};
use serde::{Deserialize, Serialize};

use super::launch::{ChildSetup, Stdio};
use super::{Frame, Kind, Shell};
use crate::expand::{Mode, Stop, expand};
use crate::replay::{Cx, Log, Reply};
use crate::state::ArrayArg;
use crate::syntax::ast::{List, Word};
use crate::vars::{MAX_VALUE, Vars};

/// How many bytes all arguments of one command may have.
const MAX_ARGUMENTS: usize = 32 << 20;

/// Words being expanded one after the other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Expanding {
    words: EcoVec<Word>,
    mode: Mode,
    at: usize,
    done: Vec<EcoString>,
    /// The state before the current word, which may be expanded more than once.
    before: Option<(Vars, u64, Vec<ArrayArg>)>,
}

impl Expanding {
    pub(super) fn new(words: EcoVec<Word>, mode: Mode) -> Self {
        Self { words, mode, at: 0, done: Vec::new(), before: None }
    }
}

/// `$(…)`: a copy of the shell that runs commands, and what it has printed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Subst {
    list: List,
    pipe: Option<(Fd, Fd)>,
    child: Option<Pid>,
    closed: bool,
    ended: bool,
    output: Vec<u8>,
}

impl Subst {
    pub(super) fn new(list: List) -> Self {
        Self { list, pipe: None, child: None, closed: false, ended: false, output: Vec::new() }
    }
}

/// `<(…)` and `>(…)`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Process {
    pub write: bool,
    pub list: List,
}

impl Shell {
    pub(super) fn expand(&mut self, mut expanding: Expanding, log: Log) -> Option<Syscall> {
        self.fields = None;
        let Some(word) = expanding.words.get(expanding.at).cloned() else {
            self.fields = Some(expanding.done);
            return None;
        };
        match &expanding.before {
            Some((vars, random, arrays)) => {
                self.state.vars = vars.clone();
                self.state.random = *random;
                self.state.arrays = arrays.clone();
            }
            None => {
                let state = &self.state;
                expanding.before = Some((state.vars.clone(), state.random, state.arrays.clone()));
            }
        }
        let mode = expanding.mode;
        match expand(&mut Cx::new(&mut self.state, &log), &word, mode) {
            Ok(texts) => {
                expanding.done.extend(texts);
                expanding.before = None;
                expanding.at += 1;
                let size: usize = expanding.done.iter().map(EcoString::len).sum();
                if size > MAX_ARGUMENTS {
                    self.fail("Argument list too long", 126);
                    return None;
                }
                self.push(Kind::Expand(expanding));
                None
            }
            Err(Stop::Suspend(suspend)) => self.suspend(Kind::Expand(expanding), log, suspend),
            Err(Stop::Error(message)) => {
                self.fail(&message, 1);
                None
            }
            Err(Stop::Fatal(message, status)) => {
                self.fail(&message, status);
                None
            }
        }
    }

    pub(super) fn subst(&mut self, mut subst: Subst, log: Log) -> Option<Syscall> {
        if self.unwind.is_some() {
            let (read, _) = subst.pipe.take()?;
            return self.ask(Kind::Subst(subst), Log::new(), Syscall::Close(read));
        }
        let answer = match log.last() {
            Some(Reply::Answer(answer)) => answer.clone(),
            _ => return self.ask(Kind::Subst(subst), Log::new(), Syscall::Pipe),
        };
        let next = match (subst.pipe, subst.child, answer) {
            (None, _, Answer::Pair(read, write)) => {
                subst.pipe = Some((read, write));
                Syscall::Fork
            }
            (Some((read, write)), None, Answer::Child) => {
                let setup = ChildSetup::new(Stdio { output: Some(write), close: vec![read], ..Stdio::default() });
                self.become_child(setup, Kind::List { list: subst.list, at: 0, tested: false });
                return None;
            }
            (Some((_, write)), None, Answer::Pid(pid)) => {
                subst.child = Some(pid);
                Syscall::Close(write)
            }
            (Some((read, _)), Some(_), _) if !subst.closed => {
                subst.closed = true;
                Syscall::Read { fd: read, max: 1 << 16 }
            }
            (Some((read, _)), Some(_), Answer::Bytes(bytes)) if !bytes.is_empty() => {
                subst.output.extend_from_slice(&bytes);
                if subst.output.len() > MAX_VALUE {
                    self.fail("cannot allocate memory for command substitution", 1);
                    self.push(Kind::Subst(subst));
                    return None;
                }
                Syscall::Read { fd: read, max: 1 << 16 }
            }
            (Some(_), Some(child), Answer::Exited { pid, exit }) if pid == child => {
                self.state.substituted = Some(exit.status());
                self.state.status = exit.status();
                self.give_text(&subst.output);
                return None;
            }
            (Some((read, _)), Some(_), _) if !subst.ended => {
                subst.ended = true;
                Syscall::Close(read)
            }
            (Some(_), Some(child), Answer::Done) => Syscall::Wait { which: Which::Pid(child), block: true },
            _ => {
                self.state.substituted = Some(1);
                let text = if subst.pipe.is_none() { "cannot make pipe for command substitution" } else { "" };
                self.give_text(&subst.output);
                if text.is_empty() {
                    self.complain("fork: retry: Resource temporarily unavailable");
                } else {
                    self.complain(text);
                }
                return None;
            }
        };
        self.ask(Kind::Subst(subst), Log::new(), next)
    }

    /// Hands what commands printed to the expansion that waits for it.
    fn give_text(&mut self, output: &[u8]) {
        let text = String::from_utf8_lossy(output);
        let text = text.trim_end_matches('\n').replace('\0', "");
        if let Some(Frame { log, .. }) = self.frames.last_mut() {
            log.push(Reply::Text(text.into()));
        }
    }

    /// Runs the commands first and keeps what they print in a file: there are no named pipes here.
    pub(super) fn process(&mut self, process: Process, log: Log) -> Option<Syscall> {
        let number = self.state.next_random();
        let name = EcoString::from(format!("/tmp/.sh-fd.{}.{number}", self.state.own_pid));
        let Process { write, list } = process;
        if write {
            self.fail("process substitution `>(…)' is not simulated", 1);
            return None;
        }
        let file = match log.first() {
            Some(Reply::Answer(Answer::Fd(fd))) => *fd,
            Some(_) => {
                self.fail(&format!("{name}: cannot make file for process substitution"), 1);
                return None;
            }
            None => {
                if let Some(Frame { log, .. }) = self.frames.last_mut() {
                    // The expansion is told the name at once; it goes on when the file has been written.
                    log.push(Reply::Text(name.clone()));
                }
                let call = Syscall::Open { path: name, mode: OpenMode::WRITE };
                return self.ask(Kind::Process(Process { write, list }), log, call);
            }
        };
        match log.get(1) {
            None => self.ask(Kind::Process(Process { write, list }), log, Syscall::Fork),
            Some(Reply::Answer(Answer::Child)) => {
                let setup = ChildSetup::new(Stdio { output: Some(file), ..Stdio::default() });
                self.become_child(setup, Kind::List { list, at: 0, tested: false });
                None
            }
            Some(Reply::Answer(Answer::Pid(pid))) => match log.len() {
                2 => self.ask(Kind::Process(Process { write, list }), log.clone(), Syscall::Close(file)),
                3 => {
                    let call = Syscall::Wait { which: Which::Pid(*pid), block: true };
                    self.ask(Kind::Process(Process { write, list }), log.clone(), call)
                }
                _ => None,
            },
            _ => {
                self.fail("fork: retry: Resource temporarily unavailable", 1);
                None
            }
        }
    }
}
