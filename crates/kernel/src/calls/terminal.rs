//! The controlling terminal, and what a process may know of its machine.

use std::sync::Arc;

use podyard_sim::Time;

use super::Attempt;
use crate::kernel::{Kernel, WaitKey};
use crate::process::ProcessId;
use crate::{Answer, Errno, Program, TerminalMode};

impl<P: Program> Kernel<P> {
    pub(super) fn terminal_size(&self, pid: ProcessId) -> Result<Answer, Errno> {
        let process = self.processes.get(&pid).ok_or(Errno::NoProcess)?;
        let tty = process.terminal.and_then(|tty| self.terminals.get(&tty)).ok_or(Errno::NotTerminal)?;
        Ok(Answer::Size { columns: tty.columns, rows: tty.rows })
    }

    pub(super) fn set_terminal_mode(&mut self, pid: ProcessId, mode: TerminalMode, now: Time) -> Result<Answer, Errno> {
        let id = self.processes.get(&pid).and_then(|process| process.terminal).ok_or(Errno::NotTerminal)?;
        let tty = self.terminals.get_mut(&id).map(Arc::make_mut).ok_or(Errno::NotTerminal)?;
        let former = tty.set_mode(mode);
        self.wake_all(WaitKey::TerminalInput(id), now);
        Ok(Answer::Mode(former))
    }

    pub(super) fn hostname(&self, pid: ProcessId) -> Attempt {
        let machine = self.processes.get(&pid).and_then(|process| self.machine(process.machine));
        Attempt::Answer(Answer::Text(machine.map(|machine| machine.hostname.clone()).unwrap_or_default()))
    }

    pub(super) fn identity(&self, pid: ProcessId) -> Attempt {
        let process = self.processes.get(&pid);
        Attempt::Answer(process.map_or(Answer::Ids(0, 0), |process| Answer::Ids(process.uid, process.gid)))
    }

    pub(super) fn fact(&self, pid: ProcessId, name: &str) -> Result<Answer, Errno> {
        let machine = self.processes.get(&pid).and_then(|process| self.machine(process.machine));
        machine.and_then(|machine| machine.facts.get(name).cloned()).map(Answer::Text).ok_or(Errno::NoEntry)
    }
}
