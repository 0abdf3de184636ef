//! How each call is answered.

mod descriptors;
mod files;
mod network;
mod processes;
mod terminal;

use podyard_sim::Time;

use crate::kernel::{Kernel, Outcall};
use crate::process::{Exit, Life, ProcessId};
use crate::{Answer, Disposition, Errno, Program, Signal, Syscall};

/// What came of an attempt to answer a call.
pub(crate) enum Attempt {
    Answer(Answer),
    /// Not yet: the process has been noted where it waits.
    Wait,
    /// The process is gone.
    Ended,
}

impl From<Result<Answer, Errno>> for Attempt {
    fn from(result: Result<Answer, Errno>) -> Self {
        Self::Answer(result.unwrap_or_else(Answer::Error))
    }
}

impl From<Result<(), Errno>> for Attempt {
    fn from(result: Result<(), Errno>) -> Self {
        Self::from(result.map(|()| Answer::Done))
    }
}

impl<P: Program> Kernel<P> {
    /// Takes a process one call further; `false` if it waits, is stopped or has ended.
    pub(crate) fn advance(&mut self, pid: ProcessId, now: Time) -> bool {
        if !self.deliver_signals(pid, now) {
            return false;
        }
        let Some(process) = self.processes.get(&pid) else { return false };
        if process.answer.is_none() {
            if process.ticket != 0 {
                return false;
            }
            let Some(call) = process.call.clone() else { return false };
            match self.attempt(pid, call, now) {
                Attempt::Answer(answer) => {
                    if let Some(process) = self.process_mut(pid) {
                        process.answer = Some(answer);
                    }
                }
                Attempt::Wait | Attempt::Ended => return false,
            }
        }
        let Some(process) = self.process_mut(pid) else { return false };
        let Some(answer) = process.answer.take() else { return false };
        process.call = Some(process.program.step(answer));
        true
    }

    /// Lets the signals that have come take effect; `false` if the process must not go on.
    fn deliver_signals(&mut self, pid: ProcessId, now: Time) -> bool {
        loop {
            let Some(process) = self.processes.get(&pid) else { return false };
            if matches!(process.life, Life::Zombie(_)) {
                return false;
            }
            let Some(signal) = process.signals.first().copied() else { return process.life == Life::Running };
            let disposition = process.disposition(signal);
            let is_stopped = process.life == Life::Stopped;
            if is_stopped && !matches!(signal, Signal::Kill | Signal::Continue) {
                return false;
            }
            let Some(process) = self.process_mut(pid) else { return false };
            process.signals.remove(0);
            match (signal, disposition) {
                (Signal::Kill, _) => {
                    self.end(pid, Exit::Signal(signal), now);
                    return false;
                }
                (Signal::Stop, _) | (Signal::TerminalStop, Disposition::Default) => {
                    process.life = Life::Stopped;
                    let parent = process.parent;
                    if let Some(parent) = parent {
                        self.wake_all(crate::kernel::WaitKey::Child(parent), now);
                    }
                    return false;
                }
                (Signal::Continue, _) => process.life = Life::Running,
                (_, Disposition::Ignore) => {}
                (Signal::Child | Signal::WindowChange, Disposition::Default) => {}
                (_, Disposition::Default) => {
                    self.end(pid, Exit::Signal(signal), now);
                    return false;
                }
                (_, Disposition::Catch) => {
                    if process.answer.is_none() && process.call.is_some() {
                        process.ticket = 0;
                        process.call = None;
                        process.answer = Some(Answer::Interrupted(signal));
                        return true;
                    }
                    // It is between two calls: the signal interrupts the next one.
                    process.signals.insert(0, signal);
                    return true;
                }
            }
        }
    }

    fn attempt(&mut self, pid: ProcessId, call: Syscall, now: Time) -> Attempt {
        match call {
            Syscall::Exit(code) => {
                self.end(pid, Exit::Code(code), now);
                Attempt::Ended
            }
            Syscall::Yield => Attempt::Answer(Answer::Done),
            Syscall::Spawn(spawn) => self.spawn(pid, *spawn, now).into(),
            Syscall::Exec(spawn) => self.exec(pid, *spawn).into(),
            Syscall::Fork => self.fork(pid, now).into(),
            Syscall::Wait { which, block } => self.wait(pid, which, block),
            Syscall::Kill { which, signal } => self.kill(pid, which, signal, now).into(),
            Syscall::OnSignal { signal, disposition } => self.on_signal(pid, signal, disposition).into(),
            Syscall::SetGroup { pid: target, group } => self.set_group(pid, target, group).into(),
            Syscall::SetForeground { group } => self.set_foreground(pid, group).into(),
            Syscall::GetPid => self.number_of(Some(pid)),
            Syscall::GetParent => self.number_of(self.processes.get(&pid).and_then(|process| process.parent)),
            Syscall::ListProcesses => self.list_processes(pid),
            Syscall::Now => Attempt::Answer(Answer::Time(now)),
            Syscall::SleepUntil(until) => self.sleep(pid, until, now),
            Syscall::Open { path, mode } => self.open(pid, &path, mode, now).into(),
            Syscall::Close(fd) => self.close(pid, fd, now).into(),
            Syscall::Read { fd, max } => self.read(pid, fd, max, now),
            Syscall::Write { fd, bytes } => self.write(pid, fd, bytes, now),
            Syscall::Dup { fd, to } => self.dup(pid, fd, to, now).into(),
            Syscall::Pipe => self.open_pipe(pid).into(),
            Syscall::Poll { fds, until } => self.poll(pid, &fds, until, now),
            Syscall::IsTerminal(fd) => self.is_terminal(pid, fd).into(),
            Syscall::Stat { path, follow } => self.stat(pid, &path, follow).into(),
            Syscall::ReadDir(path) => self.read_dir(pid, &path).into(),
            Syscall::ReadLink(path) => self.read_link(pid, &path).into(),
            Syscall::MakeDir { path, mode } => self.make_dir(pid, &path, mode, now).into(),
            Syscall::Remove(path) => self.remove(pid, &path).into(),
            Syscall::Rename { from, to } => self.rename(pid, &from, &to).into(),
            Syscall::Symlink { target, path } => self.symlink(pid, &target, &path, now).into(),
            Syscall::SetMode { path, mode } => self.set_mode(pid, &path, mode).into(),
            Syscall::SetModified { path, time } => self.set_modified(pid, &path, time).into(),
            Syscall::ChangeDir(path) => self.change_dir(pid, &path).into(),
            Syscall::WorkingDir => self.working_dir(pid),
            Syscall::TerminalSize => self.terminal_size(pid).into(),
            Syscall::SetTerminalMode(mode) => self.set_terminal_mode(pid, mode, now).into(),
            Syscall::Hostname => self.hostname(pid),
            Syscall::Identity => self.identity(pid),
            Syscall::Fact(name) => self.fact(pid, &name).into(),
            Syscall::Listen(port) => self.listen(pid, port).into(),
            Syscall::Accept(fd) => self.accept(pid, fd),
            Syscall::Shutdown(fd) => self.shutdown(pid, fd, now).into(),
            Syscall::NextEvent(fd) => self.next_event(pid, fd),
            Syscall::ResizeStream { fd, columns, rows } => self.resize_stream(pid, fd, columns, rows, now).into(),
            Syscall::Resolve(name) => self.hand_out(pid, |ticket| Outcall::Resolve { pid, ticket, name }),
            Syscall::Connect { address, port } => {
                self.hand_out(pid, |ticket| Outcall::Connect { pid, ticket, address, port })
            }
            Syscall::Api(request) => self.hand_out(pid, |ticket| Outcall::Api { pid, ticket, request }),
            Syscall::Watch(request) => self.hand_out(pid, |ticket| Outcall::Watch { pid, ticket, request }),
            Syscall::Stream(request) => self.hand_out(pid, |ticket| Outcall::Stream { pid, ticket, request }),
        }
    }

    /// Leaves a call to the owner.
    fn hand_out(&mut self, pid: ProcessId, outcall: impl FnOnce(u32) -> Outcall) -> Attempt {
        let ticket = self.number();
        if let Some(process) = self.process_mut(pid) {
            process.ticket = ticket;
        }
        self.outcalls.push(outcall(ticket));
        Attempt::Wait
    }

    fn sleep(&mut self, pid: ProcessId, until: Time, now: Time) -> Attempt {
        if now >= until {
            return Attempt::Answer(Answer::Done);
        }
        self.set_timer(pid, until);
        Attempt::Wait
    }

    pub(crate) fn set_timer(&mut self, pid: ProcessId, until: Time) {
        self.due.push(until, crate::kernel::Due::Timer(pid));
    }
}
