//! Logs, exec and attach: streams between a client and a container, held as data.

use ecow::EcoString;
use imbl::OrdMap;
use podyard_api::{Status, Value, value};
use podyard_apiserver::Exchange;
use podyard_apiserver::exchange::{ExecOptions, Kind, LogOptions};
use podyard_kernel::{Answer, Errno, Exit, FileId, LogLine, ProcessId, SinkId, Start, Stdio};
use podyard_sim::Time;
use serde::{Deserialize, Serialize};
use std::time::Duration;

use crate::cluster::Cluster;

/// The open streams.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Streams {
    /// Where the end of a process started by exec is told.
    running: OrdMap<ProcessId, FileId>,
    followers: OrdMap<SinkId, Vec<Follower>>,
}

/// Somebody who follows a log.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Follower {
    /// The container's first process: the stream ends with it.
    process: ProcessId,
    output: FileId,
    status: FileId,
    /// The number of the next line to send, and how much of it has been sent.
    next: u64,
    sent: usize,
    timestamps: bool,
}

impl Cluster {
    /// Connects a client's process with what it asked for.
    pub(crate) fn open_stream(&mut self, client: ProcessId, ticket: u32, exchange: Exchange) {
        match &exchange.kind {
            Kind::Log(options) => self.open_log(client, ticket, &exchange, options),
            Kind::Exec(options) => self.open_exec(client, ticket, &exchange, options),
            _ => {
                let status = Status { code: 501, ..Status::internal("this kind of stream is not simulated") };
                self.answer_later(client, ticket, status.into());
            }
        }
    }

    fn open_exec(&mut self, client: ProcessId, ticket: u32, exchange: &Exchange, options: &ExecOptions) {
        let ExecOptions { command, stdin, tty, .. } = options;
        let (stdin, tty) = (*stdin, *tty);
        let kubelet = self.nodes.get(&exchange.node);
        let container = kubelet.and_then(|k| k.running(&exchange.namespace, &exchange.pod, &exchange.container));
        let Some(container) = container else {
            let message = format!("unable to upgrade connection: container not found (\"{}\")", exchange.container);
            return self.refuse_stream(client, ticket, &message);
        };
        let mut start = Start {
            machine: container.machine,
            path: command.first().cloned().unwrap_or_default(),
            argv: command.to_vec(),
            env: container.env.clone(),
            cwd: container.cwd.clone(),
            uid: container.uid,
            gid: container.gid,
            stdio: Stdio::Null,
        };
        let (status_read, status_write) = self.kernel.pipe();
        let (stdio, client_side) = if tty {
            let terminal = self.kernel.add_terminal(80, 24);
            start.env.push(("TERM".into(), "xterm".into()));
            let (input, output) = (self.kernel.master(terminal), self.kernel.master(terminal));
            let (error, unused) = self.kernel.pipe();
            self.kernel.release(unused, self.now);
            (Stdio::Terminal(terminal), (input, output, error))
        } else {
            let ((stdin_read, stdin_write), (out_read, out_write), (error_read, error_write)) =
                (self.kernel.pipe(), self.kernel.pipe(), self.kernel.pipe());
            let files = Stdio::Files { input: stdin_read, output: out_write, error: error_write };
            (files, (stdin_write, out_read, error_read))
        };
        start.stdio = stdio;
        match self.kernel.start(start, self.now) {
            Ok(process) => {
                self.streams.running.insert(process, status_write);
            }
            Err(errno) => {
                let status = start_failure(command, errno);
                self.kernel.feed(status_write, json(&status).as_bytes(), self.now);
                self.kernel.release(status_write, self.now);
                if let Stdio::Files { input, output, error } = stdio {
                    for file in [input, output, error] {
                        self.kernel.release(file, self.now);
                    }
                }
            }
        }
        if !stdin && !tty {
            // Nobody will write: the remote standard input is at its end. The client gets a closed descriptor's number.
            self.kernel.release(client_side.0, self.now);
        }
        self.answer_streams(client, ticket, client_side, status_read, stdin || tty);
    }

    /// Answers with a stream that ends at once, in words that are no API server's.
    fn refuse_stream(&mut self, client: ProcessId, ticket: u32, message: &str) {
        let (output, out_write) = self.kernel.pipe();
        let (error, error_write) = self.kernel.pipe();
        let (status, status_write) = self.kernel.pipe();
        let refusal = value!({"metadata": {}, "status": "Failure", "message": message});
        self.kernel.feed(status_write, json(&refusal).as_bytes(), self.now);
        for file in [out_write, error_write, status_write] {
            self.kernel.release(file, self.now);
        }
        self.answer_streams(client, ticket, (output, output, error), status, false);
    }

    fn answer_streams(
        &mut self,
        client: ProcessId,
        ticket: u32,
        (input, output, error): (FileId, FileId, FileId),
        status: FileId,
        with_input: bool,
    ) {
        let mut install = |file: FileId| self.kernel.install(client, file).unwrap_or(u32::MAX);
        let input = if with_input { install(input) } else { u32::MAX };
        let answer = Answer::Streams { input, output: install(output), error: install(error), status: install(status) };
        self.kernel.answer(client, ticket, answer, self.now);
    }

    /// Tells a client that its remote process has ended; `false` if the process belongs to no stream.
    pub(crate) fn end_stream(&mut self, process: ProcessId, exit: Exit) -> bool {
        let Some(status) = self.streams.running.remove(&process) else { return false };
        self.kernel.feed(status, json(&exit_status(exit)).as_bytes(), self.now);
        self.kernel.release(status, self.now);
        true
    }

    fn open_log(&mut self, client: ProcessId, ticket: u32, exchange: &Exchange, options: &LogOptions) {
        let kubelet = self.nodes.get(&exchange.node);
        let Exchange { namespace, pod, container, .. } = exchange;
        let log = match kubelet {
            Some(kubelet) => kubelet.log(namespace, pod, container, options.previous),
            None => Err(format!("container {container:?} in pod {pod:?} is not available")),
        };
        let sink = match log {
            Ok(sink) => sink,
            Err(message) => return self.answer_later(client, ticket, Status::bad_request(message).into()),
        };
        let (output, out_write) = self.kernel.pipe();
        let (error, error_write) = self.kernel.pipe();
        let (status, status_write) = self.kernel.pipe();
        self.kernel.release(error_write, self.now);
        let (text, next, sent) = self.log_text(sink, options);
        self.kernel.feed(out_write, text.as_bytes(), self.now);
        let process = container_process(self, exchange).filter(|process| self.kernel.is_alive(*process));
        if let (true, Some(process)) = (options.follow, process) {
            let follower = Follower {
                process,
                output: out_write,
                status: status_write,
                next,
                sent,
                timestamps: options.timestamps,
            };
            self.streams.followers.entry(sink).or_default().push(follower);
            if let Some(log) = self.kernel.sink_mut(sink) {
                log.followed = true;
            }
        } else {
            self.kernel.release(out_write, self.now);
            self.kernel.feed(status_write, json(&success()).as_bytes(), self.now);
            self.kernel.release(status_write, self.now);
        }
        self.answer_streams(client, ticket, (output, output, error), status, false);
    }

    /// The part of a log that was asked for, and where following it goes on.
    fn log_text(&self, sink: SinkId, options: &LogOptions) -> (String, u64, usize) {
        let Some(log) = self.kernel.sink(sink) else { return (String::new(), 0, 0) };
        let since = since(options, self.now);
        let mut lines: Vec<_> = log.lines().filter(|line| line.at >= since).collect();
        if let Some(tail) = options.tail_lines {
            lines.drain(..lines.len().saturating_sub(usize::try_from(tail).unwrap_or(0)));
        }
        let mut text: String = lines.iter().map(|line| shown(line, options.timestamps)).collect();
        if let Some(limit) = options.limit_bytes {
            let mut end = usize::try_from(limit).unwrap_or(0).min(text.len());
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
        }
        match log.lines().next_back() {
            Some(last) if !last.text.ends_with('\n') => (text, log.end() - 1, last.text.len()),
            _ => (text, log.end(), 0),
        }
    }

    /// Sends what a followed log has got since.
    pub(crate) fn feed_followers(&mut self, sink: SinkId) {
        let Some(mut followers) = self.streams.followers.remove(&sink) else { return };
        followers.retain(|follower| self.kernel.has_readers(follower.output));
        for follower in &mut followers {
            let Some(log) = self.kernel.sink(sink) else { continue };
            let skip = usize::try_from(follower.next.saturating_sub(log.dropped)).unwrap_or(usize::MAX);
            let mut text = String::new();
            for line in log.lines().skip(skip) {
                if follower.sent == 0 {
                    text.push_str(&shown(line, follower.timestamps));
                } else {
                    text.push_str(line.text.get(follower.sent..).unwrap_or_default());
                }
                follower.sent = 0;
            }
            (follower.next, follower.sent) = match log.lines().next_back() {
                Some(last) if !last.text.ends_with('\n') => (log.end() - 1, last.text.len()),
                _ => (log.end(), 0),
            };
            self.kernel.feed(follower.output, text.as_bytes(), self.now);
        }
        if !followers.is_empty() {
            self.streams.followers.insert(sink, followers);
        }
    }

    /// Ends the streams of those who follow the log of a container that has ended.
    pub(crate) fn close_followers(&mut self, process: ProcessId) {
        let is_of = |followers: &Vec<Follower>| followers.iter().any(|follower| follower.process == process);
        let sinks: Vec<SinkId> =
            self.streams.followers.iter().filter(|(_, followers)| is_of(followers)).map(|(sink, _)| *sink).collect();
        for sink in sinks {
            self.feed_followers(sink);
            for follower in self.streams.followers.remove(&sink).unwrap_or_default() {
                self.kernel.release(follower.output, self.now);
                self.kernel.feed(follower.status, json(&success()).as_bytes(), self.now);
                self.kernel.release(follower.status, self.now);
            }
        }
    }
}

/// The first process of the container that a request is about.
fn container_process(cluster: &Cluster, exchange: &Exchange) -> Option<ProcessId> {
    let kubelet = cluster.nodes.get(&exchange.node)?;
    kubelet.container(&exchange.namespace, &exchange.pod, &exchange.container).map(|container| container.process)
}

/// From when on lines are wanted.
fn since(options: &LogOptions, now: Time) -> Time {
    let at = options.since_time.and_then(|micros| u64::try_from(micros).ok()).map(Time::from_micros);
    let ago = options.since_seconds.and_then(|seconds| u64::try_from(seconds).ok());
    at.or(ago.map(|seconds| now - Duration::from_secs(seconds))).unwrap_or_default()
}

/// A line with its moment before it, if wanted.
fn shown(line: &LogLine, timestamps: bool) -> String {
    if timestamps {
        let at = line.at.rfc3339_micros();
        format!("{}000Z {}", at.trim_end_matches('Z'), line.text)
    } else {
        line.text.to_string()
    }
}

fn json(status: &Value) -> String {
    podyard_api::json::to_string(status)
}

fn success() -> Value {
    value!({"metadata": {}, "status": "Success"})
}

// Models pkg/kubelet/cri/streaming/remotecommand/exec.go
fn exit_status(exit: Exit) -> Value {
    match exit.status() {
        0 => success(),
        code => value!({
            "metadata": {},
            "status": "Failure",
            "message": (format!("command terminated with non-zero exit code: command terminated with exit code {code}")),
            "reason": "NonZeroExitCode",
            "details": {"causes": [{"reason": "ExitCode", "message": (code.to_string())}]},
        }),
    }
}

/// What the runtime says of a command that it cannot start.
fn start_failure(command: &[EcoString], errno: Errno) -> Value {
    let program = command.first().map(EcoString::as_str).unwrap_or_default();
    let why = match errno {
        Errno::NoEntry if program.contains('/') => format!("stat {program}: no such file or directory"),
        Errno::NoEntry => "executable file not found in $PATH".to_string(),
        other => other.to_string().to_lowercase(),
    };
    let message =
        format!("OCI runtime exec failed: exec failed: unable to start container process: exec: {program:?}: {why}");
    value!({
        "metadata": {},
        "status": "Failure",
        "message": (format!("Internal error occurred: {message}")),
        "reason": "InternalError",
        "details": {"causes": [{"message": message}]},
        "code": 500,
    })
}
