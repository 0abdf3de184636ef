//! Waiting for children.

use podyard_kernel::{Answer, Exit, Pid, Signal, Syscall, Which};
use serde::{Deserialize, Serialize};

use super::launch::Spawned;
use super::{Kind, Shell, Unwind};
use crate::jobs::signal_text;
use crate::replay::{Log, Reply};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Wait {
    spawned: Spawned,
    exits: Vec<Exit>,
    /// The `wait` builtin: a trapped signal ends it.
    pub builtin: bool,
    /// The terminal has been taken back.
    taken: bool,
    /// The statuses do not matter.
    ignore: bool,
    /// The job that this is, if it is already in the table.
    job: Option<u32>,
}

impl Wait {
    pub(super) fn foreground(spawned: Spawned) -> Self {
        Self { spawned, exits: Vec::new(), builtin: false, taken: false, ignore: false, job: None }
    }

    /// `fg`
    pub(super) fn job(spawned: Spawned, job: u32) -> Self {
        Self { job: Some(job), ..Self::foreground(spawned) }
    }

    /// `wait`
    pub(super) fn builtin(pids: Vec<Pid>, ignore: bool) -> Self {
        Self { builtin: true, ignore, ..Self::foreground(Spawned { pids, group: None, text: Default::default() }) }
    }
}

impl Shell {
    pub(super) fn wait(&mut self, mut wait: Wait, log: Log) -> Option<Syscall> {
        let pid = wait.spawned.pids.get(wait.exits.len()).copied();
        match (pid, log.last()) {
            (Some(pid), None) => {
                let call = Syscall::Wait { which: Which::Pid(pid), block: true };
                return self.ask(Kind::Wait(wait), log, call);
            }
            (Some(pid), Some(Reply::Answer(answer))) => match answer {
                Answer::Exited { exit: Exit::Signal(Signal::TerminalStop), .. } if wait.spawned.group.is_some() => {
                    return self.stopped(wait);
                }
                Answer::Exited { exit, .. } => {
                    wait.exits.push(*exit);
                    self.state.note_exit(pid, *exit);
                }
                Answer::Interrupted(signal) => {
                    self.state.status = 128 + signal.number();
                    return None;
                }
                _ => {
                    let status = if wait.builtin { self.state.ended.get(&pid).copied().unwrap_or(127) } else { 127 };
                    wait.exits.push(Exit::Code(status));
                }
            },
            _ => {}
        }
        if wait.exits.len() < wait.spawned.pids.len() {
            self.push(Kind::Wait(wait));
            return None;
        }
        if wait.spawned.group.is_some() && !std::mem::replace(&mut wait.taken, true) {
            let group = self.state.group;
            return self.ask(Kind::Wait(wait), log, Syscall::SetForeground { group });
        }
        self.finished(wait);
        None
    }

    fn finished(&mut self, wait: Wait) {
        let statuses: Vec<u8> = wait.exits.iter().map(|exit| exit.status()).collect();
        let mut status = statuses.last().copied().unwrap_or(0);
        if self.state.options.pipefail
            && !wait.builtin
            && let Some(failed) = statuses.iter().rev().find(|status| **status != 0)
        {
            status = *failed;
        }
        self.state.status = if wait.ignore { 0 } else { status };
        if wait.builtin {
            for pid in &wait.spawned.pids {
                self.state.jobs.retain(|job| job.last() != *pid || job.exit().is_none());
            }
            return;
        }
        self.state.pipe_status = statuses;
        self.state.jobs.retain(|job| Some(job.id) != wait.job);
        let at_prompt = self.state.options.interactive && !self.state.is_subshell;
        let interrupted = wait.exits.contains(&Exit::Signal(Signal::Interrupt));
        if interrupted && at_prompt {
            self.unwind = Some(Unwind::Prompt);
            self.say(2, "\n");
            return;
        }
        if let Some((Exit::Signal(signal), pid)) = wait.exits.last().copied().zip(wait.spawned.pids.last())
            && !matches!(signal, Signal::Interrupt | Signal::Pipe)
        {
            let what = signal_text(signal);
            if at_prompt {
                self.say(2, format!("{what}\n"));
            } else if !self.state.is_subshell {
                let line = format!("{pid:>5} {what:<23} {}", wait.spawned.text);
                self.complain(&line);
            }
        }
    }

    /// Ctrl-Z: the job stays in the table, and the prompt comes back.
    fn stopped(&mut self, wait: Wait) -> Option<Syscall> {
        let Spawned { pids, group, text } = wait.spawned;
        let id = match wait.job {
            Some(id) => id,
            None => self.state.add_job(&pids, group, text),
        };
        if let Some(job) = self.state.jobs.iter_mut().find(|job| job.id == id) {
            job.stopped = true;
        }
        let line = self.state.jobs.iter().find(|job| job.id == id).map(|job| self.state.job_line(job));
        self.state.status = 128 + Signal::TerminalStop.number();
        self.unwind = Some(Unwind::Prompt);
        self.say(2, format!("\n{}", line.unwrap_or_default()));
        let group = self.state.group;
        self.push(Kind::Foreground { group });
        None
    }
}
