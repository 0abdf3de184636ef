//! One command line, run to its end: what records, checks and scenario set-ups do.

use std::time::Duration;

use podyard_kernel::{LogStream, Signal, SinkId, Start, Stdio};

use crate::Cluster;
use crate::console::environment;

/// What a command line did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    pub stdout: String,
    pub stderr: String,
    pub exit: u8,
}

impl Cluster {
    /// Runs `line` by `bash -c` in the home directory of the workstation, without input and without a terminal,
    /// letting virtual time pass until it has ended. After `limit` it is killed, with status 124.
    pub fn run_line(&mut self, line: &str, limit: Duration) -> Output {
        let sink = self.kernel.add_sink();
        let mut env = environment();
        env.push(("TERM".into(), "dumb".into()));
        let start = Start {
            machine: self.workstation,
            path: "/usr/bin/bash".into(),
            argv: vec!["bash".into(), "-c".into(), line.into()],
            env,
            cwd: "/root".into(),
            stdio: Stdio::Log(sink),
            ..Start::default()
        };
        let Ok(process) = self.kernel.start(start, self.now) else {
            return Output { stderr: "bash: cannot start\n".into(), exit: 127, ..Output::default() };
        };
        let deadline = self.now + limit;
        let mut exit = None;
        while exit.is_none() && self.next_time().is_some_and(|next| next <= deadline) {
            self.step();
            exit = self.take_end(process);
        }
        if exit.is_none() {
            self.kernel.signal(process, Signal::Kill, self.now);
            self.settle();
            self.take_end(process);
        }
        let (stdout, stderr) = (self.logged(sink, LogStream::Out), self.logged(sink, LogStream::Error));
        self.kernel.remove_sink(sink);
        Output { stdout, stderr, exit: exit.unwrap_or(124) }
    }

    /// The status of a process that has ended.
    fn take_end(&mut self, process: podyard_kernel::ProcessId) -> Option<u8> {
        let index = self.ended.iter().position(|(ended, _)| *ended == process)?;
        Some(self.ended.remove(index).1)
    }

    fn logged(&self, sink: SinkId, stream: LogStream) -> String {
        let lines = self.kernel.sink(sink).into_iter().flat_map(|sink| sink.lines());
        lines.filter(|line| line.stream == stream).map(|line| line.text.as_str()).collect()
    }
}
