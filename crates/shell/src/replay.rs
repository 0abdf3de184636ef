//! Straight-line code over syscalls, as plain data.
//!
//! A task is a function that may ask for something with [`Cx::call`]. If the answer is not there yet it stops with
//! [`Suspend`]; when it has come, the function runs again from its start and finds the earlier answers in the log.
//! So a task changes the shell's state only after its last call, or in a way that may be done twice.

use ecow::{EcoString, EcoVec};
use podyard_kernel::{Answer, Bytes, Errno, Fd, OpenMode, Syscall};
use serde::{Deserialize, Serialize};

use crate::state::State;
use crate::syntax::ast::List;

/// What a task has learnt so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Reply {
    Answer(Answer),
    /// What commands printed.
    Text(EcoString),
}

/// What a task waits for.
#[derive(Clone, Debug)]
pub(crate) enum Suspend {
    Call(Syscall),
    /// The output of commands.
    Output(List),
    /// The name of a file that holds the output of commands, or into which they read.
    Process(bool, List),
}

/// A task's view of the shell.
pub(crate) struct Cx<'a> {
    pub state: &'a mut State,
    log: &'a [Reply],
    at: usize,
}

impl<'a> Cx<'a> {
    pub(crate) fn new(state: &'a mut State, log: &'a [Reply]) -> Self {
        Self { state, log, at: 0 }
    }

    fn reply(&mut self) -> Option<&'a Reply> {
        let reply = self.log.get(self.at)?;
        self.at += 1;
        Some(reply)
    }

    /// Makes a call.
    pub(crate) fn call(&mut self, call: Syscall) -> Result<Answer, Suspend> {
        match self.reply() {
            Some(Reply::Answer(answer)) => Ok(answer.clone()),
            Some(Reply::Text(_)) => Ok(Answer::Error(Errno::Io)),
            None => Err(Suspend::Call(call)),
        }
    }

    /// Runs commands for their output.
    pub(crate) fn output(&mut self, list: &List) -> Result<EcoString, Suspend> {
        match self.reply() {
            Some(Reply::Text(text)) => Ok(text.clone()),
            Some(Reply::Answer(_)) => Ok(EcoString::new()),
            None => Err(Suspend::Output(list.clone())),
        }
    }

    /// Runs commands beside this one, connected by a file whose name is the answer.
    pub(crate) fn process(&mut self, write: bool, list: &List) -> Result<EcoString, Suspend> {
        match self.reply() {
            Some(Reply::Text(text)) => Ok(text.clone()),
            Some(Reply::Answer(_)) => Ok(EcoString::new()),
            None => Err(Suspend::Process(write, list.clone())),
        }
    }

    /// Writes text; the answer says whether that went well.
    pub(crate) fn write(&mut self, fd: Fd, text: impl AsRef<[u8]>) -> Result<Result<(), Errno>, Suspend> {
        let bytes = text.as_ref();
        if bytes.is_empty() {
            return Ok(Ok(()));
        }
        match self.call(Syscall::Write { fd, bytes: Bytes::from(bytes) })? {
            Answer::Error(errno) => Ok(Err(errno)),
            _ => Ok(Ok(())),
        }
    }

    /// Writes a message to standard error.
    pub(crate) fn complain(&mut self, text: &str) -> Result<(), Suspend> {
        let message = self.state.complaint(text);
        self.write(2, message).map(|_| ())
    }

    pub(crate) fn open(&mut self, path: &str, mode: OpenMode) -> Result<Result<Fd, Errno>, Suspend> {
        match self.call(Syscall::Open { path: path.into(), mode })? {
            Answer::Fd(fd) => Ok(Ok(fd)),
            Answer::Error(errno) => Ok(Err(errno)),
            _ => Ok(Err(Errno::Io)),
        }
    }

    /// A whole file.
    pub(crate) fn read_file(&mut self, path: &str) -> Result<Result<Vec<u8>, Errno>, Suspend> {
        let fd = match self.open(path, OpenMode::READ)? {
            Ok(fd) => fd,
            Err(errno) => return Ok(Err(errno)),
        };
        let mut bytes = Vec::new();
        let mut failure = None;
        loop {
            match self.call(Syscall::Read { fd, max: 1 << 20 })? {
                Answer::Bytes(part) if !part.is_empty() && bytes.len() < crate::vars::MAX_VALUE => {
                    bytes.extend_from_slice(&part)
                }
                Answer::Error(errno) => {
                    failure = Some(errno);
                    break;
                }
                _ => break,
            }
        }
        self.call(Syscall::Close(fd))?;
        Ok(failure.map_or(Ok(bytes), Err))
    }

    /// The metadata of a file that can be found.
    pub(crate) fn stat(&mut self, path: &str) -> Result<Option<podyard_kernel::Metadata>, Suspend> {
        match self.call(Syscall::Stat { path: path.into(), follow: true })? {
            Answer::Metadata(metadata) => Ok(Some(metadata)),
            _ => Ok(None),
        }
    }
}

/// The log of a task.
pub(crate) type Log = EcoVec<Reply>;
