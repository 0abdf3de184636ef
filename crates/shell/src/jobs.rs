//! The table of jobs.

use ecow::EcoString;
use podyard_kernel::{Exit, Pid, Signal};
use serde::{Deserialize, Serialize};

use crate::state::State;

/// Jobs that one shell keeps.
const MAX_JOBS: usize = 1000;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    /// As `%1` names it.
    pub id: u32,
    /// Its processes with how they ended.
    pub processes: Vec<(Pid, Option<Exit>)>,
    /// Its process group, if it has one of its own.
    pub group: Option<Pid>,
    pub text: EcoString,
    pub stopped: bool,
    /// Nobody needs to be told of it any more.
    pub told: bool,
}

impl Job {
    /// How the last process ended, when all have.
    pub(crate) fn exit(&self) -> Option<Exit> {
        self.processes.iter().all(|(_, exit)| exit.is_some()).then(|| self.processes.last().and_then(|(_, e)| *e))?
    }

    pub(crate) fn last(&self) -> Pid {
        self.processes.last().map(|(pid, _)| *pid).unwrap_or_default()
    }

    /// As `jobs` words it.
    pub(crate) fn describe(&self) -> String {
        match self.exit() {
            None if self.stopped => "Stopped".into(),
            None => "Running".into(),
            Some(Exit::Code(0)) => "Done".into(),
            Some(Exit::Code(code)) => format!("Exit {code}"),
            Some(Exit::Signal(signal)) => signal_text(signal).into(),
        }
    }
}

/// What a shell says of a process that a signal ended.
pub(crate) fn signal_text(signal: Signal) -> &'static str {
    match signal {
        Signal::Hangup => "Hangup",
        Signal::Interrupt => "Interrupt",
        Signal::Quit => "Quit",
        Signal::Abort => "Aborted",
        Signal::Kill => "Killed",
        Signal::User1 => "User defined signal 1",
        Signal::User2 => "User defined signal 2",
        Signal::Pipe => "Broken pipe",
        Signal::Alarm => "Alarm clock",
        Signal::Terminate => "Terminated",
        _ => "Stopped",
    }
}

impl State {
    /// Notes a job; answers its number.
    pub(crate) fn add_job(&mut self, pids: &[Pid], group: Option<Pid>, text: EcoString) -> u32 {
        let id = self.jobs.iter().map(|job| job.id).max().unwrap_or(0) + 1;
        let processes = pids.iter().map(|pid| (*pid, None)).collect();
        if self.jobs.len() >= MAX_JOBS {
            self.jobs.remove(0);
        }
        self.jobs.push(Job { id, processes, group, text, stopped: false, told: false });
        id
    }

    /// Notes how a process ended.
    pub(crate) fn note_exit(&mut self, pid: Pid, exit: Exit) {
        for job in &mut self.jobs {
            for (own, ended) in &mut job.processes {
                if *own == pid && ended.is_none() {
                    *ended = Some(exit);
                }
            }
        }
        self.ended.insert(pid, exit.status());
        if self.ended.len() > MAX_JOBS {
            self.ended.pop_first();
        }
    }

    /// `+` for the job that `fg` means, `-` for the one after it.
    pub(crate) fn job_mark(&self, id: u32) -> char {
        let mut order: Vec<&Job> = self.jobs.iter().collect();
        order.sort_by_key(|job| (job.stopped, job.id));
        match order.iter().rev().position(|job| job.id == id) {
            Some(0) => '+',
            Some(1) => '-',
            _ => ' ',
        }
    }

    /// A line of `jobs`.
    pub(crate) fn job_line(&self, job: &Job) -> String {
        let ampersand = if job.exit().is_none() && !job.stopped { " &" } else { "" };
        format!("[{}]{}  {:<24}{}{}\n", job.id, self.job_mark(job.id), job.describe(), job.text, ampersand)
    }

    /// The job that `%1`, `%+`, `%-`, `%name` or nothing means, as its place in the table.
    pub(crate) fn find_job(&self, spec: &str) -> Option<usize> {
        let by_mark = |mark| self.jobs.iter().position(|job| self.job_mark(job.id) == mark);
        match spec.strip_prefix('%').unwrap_or(spec) {
            "" | "+" | "%" => by_mark('+'),
            "-" => by_mark('-').or_else(|| by_mark('+')),
            text => match text.parse::<u32>() {
                Ok(id) => self.jobs.iter().position(|job| job.id == id),
                Err(_) => match text.strip_prefix('?') {
                    Some(part) => self.jobs.iter().position(|job| job.text.contains(part)),
                    None => self.jobs.iter().position(|job| job.text.starts_with(text)),
                },
            },
        }
    }
}
