//! One process.

use std::fmt;

use ecow::EcoString;
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

use crate::kernel::{FileId, MachineId, TtyId};
use crate::{Answer, Disposition, Fd, Signal, Syscall};

/// Numbers a process on its machine: what programs see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pid(pub u32);

/// Numbers a process in the whole kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProcessId(pub u32);

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exit {
    Code(u8),
    Signal(Signal),
}

impl Exit {
    /// What a shell calls the status: 128 + the signal's number for a signal.
    pub fn status(self) -> u8 {
        match self {
            Self::Code(code) => code,
            Self::Signal(signal) => 128 + signal.number(),
        }
    }
}

/// A process as data.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Process<P> {
    pub id: ProcessId,
    /// 1 for a container's first process.
    pub pid: Pid,
    pub machine: MachineId,
    pub parent: Option<ProcessId>,
    pub group: Pid,
    pub terminal: Option<TtyId>,
    pub argv: Vec<EcoString>,
    pub cwd: EcoString,
    pub uid: u32,
    pub gid: u32,
    pub started: Time,
    pub(crate) files: Vec<(Fd, FileId)>,
    pub(crate) program: P,
    /// The call that it waits for.
    pub(crate) call: Option<Syscall>,
    /// The answer that it has not seen yet.
    pub(crate) answer: Option<Answer>,
    /// The outcall whose answer it awaits; 0 for none.
    pub(crate) ticket: u32,
    pub(crate) life: Life,
    pub(crate) dispositions: Vec<(Signal, Disposition)>,
    pub(crate) signals: Vec<Signal>,
    /// Whether it stands in the run queue.
    pub(crate) queued: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Life {
    Running,
    Stopped,
    /// Ended, not yet waited for.
    Zombie(Exit),
}

impl<P> Process<P> {
    pub(crate) fn file(&self, fd: Fd) -> Option<FileId> {
        self.files.iter().find(|(number, _)| *number == fd).map(|(_, file)| *file)
    }

    /// The lowest descriptor number that is not in use.
    pub(crate) fn free_fd(&self) -> Fd {
        (0..).find(|fd| self.file(*fd).is_none()).unwrap_or_default()
    }

    pub(crate) fn disposition(&self, signal: Signal) -> Disposition {
        self.dispositions.iter().find(|(s, _)| *s == signal).map(|(_, d)| *d).unwrap_or_default()
    }
}
