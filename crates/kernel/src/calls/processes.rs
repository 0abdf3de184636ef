//! Processes: start, copy, end, wait, signals, groups.

use std::sync::Arc;

use ecow::EcoString;
use podyard_sim::Time;

use super::Attempt;
use crate::fs::{Node, normalize};
use crate::kernel::{Kernel, MachineId, Outcall, WaitKey};
use crate::process::{Exit, Life, Pid, Process, ProcessId};
use crate::{Answer, Disposition, Entry, Errno, Group, Program, Signal, Spawn, Which};

/// How many `#!` lines are followed.
const MAX_INTERPRETERS: usize = 4;

impl<P: Program> Kernel<P> {
    pub(super) fn spawn(&mut self, pid: ProcessId, spawn: Spawn, now: Time) -> Result<Answer, Errno> {
        let process = self.processes.get(&pid).cloned().ok_or(Errno::NoProcess)?;
        let ids = (process.uid, process.gid);
        let (program, argv) =
            self.load_program(process.machine, &process.cwd, &spawn.path, ids, &spawn.argv, &spawn.env)?;
        let files: Option<Vec<_>> =
            spawn.files.iter().map(|(to, from)| process.file(*from).map(|file| (*to, file))).collect();
        let files = files.ok_or(Errno::BadDescriptor)?;
        let (child, number) = self.add_child(&process, program, now)?;
        for (_, file) in &files {
            self.hold(*file);
        }
        let group = match spawn.group {
            Group::Same => process.group,
            Group::New => number,
            Group::Join(group) => group,
        };
        if let Some(new) = self.process_mut(child) {
            (new.argv, new.files, new.group) = (argv, files, group);
            // What its parent catches or ignores for itself means nothing to another program.
            new.dispositions.clear();
            new.answer = Some(Answer::Started);
        }
        if spawn.foreground
            && let Some(tty) = process.terminal.and_then(|tty| self.terminals.get_mut(&tty))
        {
            Arc::make_mut(tty).foreground = Some((process.machine, group));
        }
        self.wake(child, now);
        Ok(Answer::Pid(number))
    }

    pub(super) fn exec(&mut self, pid: ProcessId, spawn: Spawn) -> Result<Answer, Errno> {
        let process = self.processes.get(&pid).cloned().ok_or(Errno::NoProcess)?;
        let ids = (process.uid, process.gid);
        let (program, argv) =
            self.load_program(process.machine, &process.cwd, &spawn.path, ids, &spawn.argv, &spawn.env)?;
        let process = self.process_mut(pid).ok_or(Errno::NoProcess)?;
        process.program = program;
        process.argv = argv;
        process.dispositions.retain(|(_, disposition)| *disposition == Disposition::Ignore);
        Ok(Answer::Started)
    }

    pub(super) fn fork(&mut self, pid: ProcessId, now: Time) -> Result<Answer, Errno> {
        let process = self.processes.get(&pid).cloned().ok_or(Errno::NoProcess)?;
        let (child, number) = self.add_child(&process, process.program.clone(), now)?;
        for (_, file) in &process.files {
            self.hold(*file);
        }
        if let Some(new) = self.process_mut(child) {
            new.answer = Some(Answer::Child);
        }
        self.wake(child, now);
        Ok(Answer::Pid(number))
    }

    /// A child like its parent, without an answer and without holding its files.
    fn add_child(&mut self, parent: &Process<P>, program: P, now: Time) -> Result<(ProcessId, Pid), Errno> {
        let pid = self.local_number(parent.machine)?;
        let id = ProcessId(self.number());
        let child = Process {
            id,
            pid,
            parent: Some(parent.id),
            started: now,
            program,
            call: None,
            answer: None,
            ticket: 0,
            life: Life::Running,
            signals: Vec::new(),
            queued: false,
            ..parent.clone()
        };
        self.processes.insert(id, Arc::new(child));
        self.locals.insert((parent.machine, pid), id);
        Ok((id, pid))
    }

    /// The program id behind a path; a `#!` line is put before the arguments.
    pub(crate) fn executable(
        &self,
        machine: MachineId,
        cwd: &str,
        path: &str,
        (uid, gid): (u32, u32),
        argv: &mut Vec<EcoString>,
    ) -> Result<EcoString, Errno> {
        let mut path = normalize(cwd, path);
        for _ in 0..MAX_INTERPRETERS {
            let place = self.locate(machine, &path, true)?;
            let inode = self.inode(&place).ok_or(Errno::NoEntry)?;
            let bits = inode.mode
                >> if uid == inode.uid {
                    6
                } else if gid == inode.gid {
                    3
                } else {
                    0
                };
            if inode.node == Node::Directory || (if uid == 0 { inode.mode & 0o111 } else { bits & 1 }) == 0 {
                return Err(Errno::Access);
            }
            let bytes = match &inode.node {
                Node::Program(id) => return Ok(id.clone()),
                Node::File(bytes) => bytes,
                _ => return Err(Errno::NoExec),
            };
            let first = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
            let line = std::str::from_utf8(first).ok().and_then(|line| line.strip_prefix("#!")).ok_or(Errno::NoExec)?;
            let mut words = line.trim().splitn(2, ' ').map(EcoString::from);
            let interpreter = words.next().filter(|word| !word.is_empty()).ok_or(Errno::NoExec)?;
            let script = std::mem::replace(&mut path, interpreter.to_string());
            let rest = argv.drain(..).skip(1).collect::<Vec<_>>();
            argv.push(interpreter);
            argv.extend(words);
            argv.push(script.into());
            argv.extend(rest);
        }
        Err(Errno::Loop)
    }

    /// Ends a process: its files are closed, its children become nobody's, its parent is told.
    pub(crate) fn end(&mut self, pid: ProcessId, exit: Exit, now: Time) {
        let Some(process) = self.process_mut(pid) else { return };
        if matches!(process.life, Life::Zombie(_)) {
            return;
        }
        process.life = Life::Zombie(exit);
        let (parent, machine) = (process.parent, process.machine);
        for (_, file) in std::mem::take(&mut process.files) {
            self.close_file(file, now);
        }
        if let Some(machine) = self.machine_mut(machine) {
            machine.counters.running = machine.counters.running.saturating_sub(1);
        }
        self.abandon_children(pid);
        match parent.filter(|parent| self.is_alive(*parent)) {
            Some(parent) => {
                self.wake_all(WaitKey::Child(parent), now);
                self.post(parent, Signal::Child, now);
            }
            None => {
                self.forget(pid);
                if parent.is_none() {
                    self.outcalls.push(Outcall::Exited { pid, exit });
                }
            }
        }
    }

    /// Children that have ended go; the others live on without anybody to wait for them.
    fn abandon_children(&mut self, pid: ProcessId) {
        for (child, life) in self.children(pid).collect::<Vec<_>>() {
            if matches!(life, Life::Zombie(_)) {
                self.forget(child);
            }
        }
    }

    /// The children of a process on its machine, oldest first.
    fn children(&self, pid: ProcessId) -> impl Iterator<Item = (ProcessId, Life)> {
        let machine = self.processes.get(&pid).map(|process| process.machine).unwrap_or_default();
        self.machine_processes(machine).filter(move |p| p.parent == Some(pid)).map(|p| (p.id, p.life))
    }

    fn machine_processes(&self, machine: MachineId) -> impl Iterator<Item = &Arc<Process<P>>> {
        self.locals.range((machine, Pid(0))..=(machine, Pid(u32::MAX))).filter_map(|(_, id)| self.processes.get(id))
    }

    pub(super) fn wait(&mut self, pid: ProcessId, which: Which, block: bool) -> Attempt {
        let wanted = |process: &Process<P>| match which {
            Which::Any => true,
            Which::Pid(one) => one == process.pid,
            Which::Group(group) => group == process.group,
        };
        let children: Vec<_> = self
            .children(pid)
            .filter_map(|(child, life)| self.processes.get(&child).map(|process| (process, life)))
            .filter(|(process, _)| wanted(process))
            .map(|(process, life)| (process.id, process.pid, life))
            .collect();
        for (child, number, life) in &children {
            match life {
                Life::Zombie(exit) => {
                    self.forget(*child);
                    return Attempt::Answer(Answer::Exited { pid: *number, exit: *exit });
                }
                Life::Stopped if which == Which::Pid(*number) => {
                    return Attempt::Answer(Answer::Exited { pid: *number, exit: Exit::Signal(Signal::TerminalStop) });
                }
                _ => {}
            }
        }
        if children.is_empty() {
            return Attempt::Answer(Answer::Error(Errno::NoChild));
        }
        if !block {
            return Attempt::Answer(Answer::Done);
        }
        self.wait_for(pid, WaitKey::Child(pid));
        Attempt::Wait
    }

    pub(super) fn kill(&mut self, pid: ProcessId, which: Which, signal: Signal, now: Time) -> Result<(), Errno> {
        let me = self.processes.get(&pid).cloned().ok_or(Errno::NoProcess)?;
        let targets: Vec<_> = self
            .machine_processes(me.machine)
            .filter(|process| !matches!(process.life, Life::Zombie(_)))
            .filter(|process| match which {
                Which::Any => process.id != pid,
                Which::Pid(target) => process.pid == target,
                Which::Group(group) => process.group == group,
            })
            .map(|process| (process.id, process.uid))
            .collect();
        if targets.is_empty() {
            return Err(Errno::NoProcess);
        }
        if me.uid != 0 && targets.iter().all(|(_, uid)| *uid != me.uid) {
            return Err(Errno::Access);
        }
        for (target, _) in targets {
            self.post(target, signal, now);
        }
        Ok(())
    }

    /// Notes a signal for a process.
    pub(crate) fn post(&mut self, pid: ProcessId, signal: Signal, now: Time) {
        if signal == Signal::Probe {
            return;
        }
        let Some(process) = self.process_mut(pid) else { return };
        let ignored = match process.disposition(signal) {
            Disposition::Ignore => signal != Signal::Kill,
            Disposition::Default => matches!(signal, Signal::Child | Signal::WindowChange),
            Disposition::Catch => false,
        };
        // PID 1 of a container has no default handlers: only what it catches reaches it, and KILL.
        let shielded = process.pid == Pid(1)
            && process.parent.is_none()
            && process.terminal.is_none()
            && process.disposition(signal) == Disposition::Default
            && !matches!(signal, Signal::Kill | Signal::Stop | Signal::Continue);
        if ignored || shielded || process.signals.contains(&signal) {
            return;
        }
        if signal == Signal::Continue && process.life == Life::Stopped {
            // At once, so that whoever waits for it does not see it stopped any more.
            process.life = Life::Running;
        }
        process.signals.push(signal);
        self.wake(pid, now);
    }

    pub(crate) fn signal_group(&mut self, machine: MachineId, group: Pid, signal: Signal, now: Time) {
        let members: Vec<_> = self.machine_processes(machine).filter(|p| p.group == group).map(|p| p.id).collect();
        for member in members {
            self.post(member, signal, now);
        }
    }

    pub(super) fn on_signal(&mut self, pid: ProcessId, signal: Signal, disposition: Disposition) -> Result<(), Errno> {
        if matches!(signal, Signal::Kill | Signal::Stop) {
            return Err(Errno::Invalid);
        }
        let process = self.process_mut(pid).ok_or(Errno::NoProcess)?;
        process.dispositions.retain(|(other, _)| *other != signal);
        if disposition != Disposition::Default {
            process.dispositions.push((signal, disposition));
        }
        Ok(())
    }

    pub(super) fn set_group(&mut self, pid: ProcessId, target: Pid, group: Group) -> Result<(), Errno> {
        let me = self.processes.get(&pid).ok_or(Errno::NoProcess)?;
        let (current, machine) = (me.group, me.machine);
        let target = *self.locals.get(&(machine, target)).ok_or(Errno::NoProcess)?;
        let process = self.process_mut(target).ok_or(Errno::NoProcess)?;
        if target != pid && process.parent != Some(pid) {
            return Err(Errno::NoProcess);
        }
        process.group = match group {
            Group::Same => current,
            Group::New => process.pid,
            Group::Join(group) => group,
        };
        Ok(())
    }

    pub(super) fn set_foreground(&mut self, pid: ProcessId, group: Pid) -> Result<(), Errno> {
        let process = self.processes.get(&pid).ok_or(Errno::NoProcess)?;
        let machine = process.machine;
        let tty = process.terminal.and_then(|tty| self.terminals.get_mut(&tty)).ok_or(Errno::NotTerminal)?;
        Arc::make_mut(tty).foreground = Some((machine, group));
        Ok(())
    }

    /// The number by which its machine knows a process; 0 for none.
    pub(super) fn number_of(&self, process: Option<ProcessId>) -> Attempt {
        let process = process.and_then(|id| self.processes.get(&id));
        Attempt::Answer(Answer::Pid(process.map_or(Pid(0), |process| process.pid)))
    }

    pub(super) fn list_processes(&self, pid: ProcessId) -> Attempt {
        let machine = self.processes.get(&pid).map(|process| process.machine).unwrap_or_default();
        let number = |id: ProcessId| self.processes.get(&id).map_or(Pid(0), |process| process.pid);
        let entries = self.machine_processes(machine).map(|process| Entry {
            pid: process.pid,
            parent: process.parent.map_or(Pid(0), number),
            user: process.uid,
            state: match process.life {
                Life::Zombie(_) => 'Z',
                Life::Stopped => 'T',
                Life::Running if process.id == pid => 'R',
                Life::Running => 'S',
            },
            started: process.started,
            argv: process.argv.clone(),
        });
        Attempt::Answer(Answer::Processes(entries.collect()))
    }
}
