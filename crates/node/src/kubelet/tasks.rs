//! Processes that the kubelet itself starts: commands of probes and hooks in a container, and requests from the node.

use std::time::Duration;

use ecow::EcoString;
use podyard_kernel::{Errno, Exit, FsId, Machine, MachineId, Mount, NetId, Program, Signal, SinkId, Start, Stdio, Vfs};
use serde::{Deserialize, Serialize};

use super::probes::Kind;
use super::{Context, Event, Kubelet};

/// A process of the kubelet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Task {
    pub uid: EcoString,
    pub container: EcoString,
    /// Which start of the container it belongs to.
    pub starts: u32,
    pub purpose: Purpose,
    /// What it writes.
    pub sink: SinkId,
    pub timed_out: bool,
}

/// What a task is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Purpose {
    /// A command or a request; `is_http` tells which.
    Probe {
        kind: Kind,
        is_http: bool,
    },
    PostStart,
    PreStop,
}

/// The node itself.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Host {
    pub net: NetId,
    /// The machine on which probes run.
    pub machine: MachineId,
    /// Its files.
    pub fs: FsId,
}

/// What every node has.
const HOST_DIRECTORIES: [&str; 12] = [
    "/data",
    "/etc/kubernetes/manifests",
    "/home",
    "/mnt",
    "/opt",
    "/root",
    "/run",
    "/srv",
    "/tmp",
    "/usr/local/bin",
    "/var/lib/kubelet/pods",
    "/var/log/pods",
];
/// How long a hook may take at most.
const HOOK_LIMIT: Duration = Duration::from_secs(3600);
/// The program that asks a container over HTTP, where the node's machine has it.
const HTTP_PROGRAM: &str = "/usr/libexec/kubelet/http-get";

impl Kubelet {
    /// The node's own network, and its machine.
    pub(super) fn host<P: Program>(&mut self, context: &mut Context<'_, P>) -> Host {
        if let Some(host) = self.host {
            return host;
        }
        let net = context.kernel.add_net();
        let mut vfs = Vfs::new();
        for path in HOST_DIRECTORIES {
            vfs.put_dir(path, context.now);
        }
        vfs.put_file("/etc/hostname", format!("{}\n", self.name), context.now);
        vfs.put_program(HTTP_PROGRAM, "http-get", context.now);
        let fs = context.kernel.add_fs(vfs);
        let mounts = vec![Mount { path: "/".into(), fs, root: "/".into(), read_only: false }];
        let owner = ecow::eco_format!("node:{}", self.name);
        let machine = context.kernel.add_machine(Machine {
            hostname: self.name.clone(),
            mounts,
            net,
            owner,
            ..Machine::default()
        });
        self.networks.insert(self.address.clone(), net);
        *self.host.insert(Host { net, machine, fs })
    }

    /// Runs a command in a container.
    ///
    /// # Errors
    /// The command cannot be started.
    pub(super) fn run_in<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        name: &EcoString,
        purpose: Purpose,
        argv: Vec<EcoString>,
        limit: Option<Duration>,
    ) -> Result<(), Errno> {
        let current = self.pods.get(uid).and_then(|state| state.container(name)?.current.clone());
        let container = current.ok_or(Errno::NoProcess)?;
        let start = Start {
            machine: container.machine,
            path: argv.first().cloned().unwrap_or_default(),
            argv,
            env: container.env,
            cwd: container.cwd,
            uid: container.uid,
            gid: container.gid,
            stdio: Stdio::Null,
        };
        self.start_task(context, uid, name, purpose, start, limit)
    }

    /// Asks for a page from the node.
    ///
    /// # Errors
    /// The request cannot be made.
    pub(super) fn ask<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        name: &EcoString,
        purpose: Purpose,
        words: Vec<EcoString>,
        limit: Duration,
    ) -> Result<(), Errno> {
        let machine = self.host(context).machine;
        let argv = std::iter::once("http-get".into()).chain(words).collect();
        let start = Start { machine, path: HTTP_PROGRAM.into(), argv, ..Start::default() };
        self.start_task(context, uid, name, purpose, start, Some(limit))
    }

    fn start_task<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        name: &EcoString,
        purpose: Purpose,
        mut start: Start,
        limit: Option<Duration>,
    ) -> Result<(), Errno> {
        let sink = context.kernel.add_sink();
        start.stdio = Stdio::Log(sink);
        let process = context.kernel.start(start, context.now).inspect_err(|_| context.kernel.remove_sink(sink))?;
        let starts = self.pods.get(uid).and_then(|state| state.container(name)).map_or(0, |c| c.starts);
        let task = Task { uid: uid.clone(), container: name.clone(), starts, purpose, sink, timed_out: false };
        self.tasks.insert(process, task);
        context.after(limit.unwrap_or(HOOK_LIMIT), Event::TaskOver { process });
        Ok(())
    }

    /// A task has had its time.
    pub(super) fn task_timed_out<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        process: podyard_kernel::ProcessId,
    ) {
        if let Some(task) = self.tasks.get_mut(&process) {
            task.timed_out = true;
            context.kernel.signal(process, Signal::Kill, context.now);
        }
    }

    /// A task has ended.
    pub(super) fn task_ended<P: Program>(&mut self, context: &mut Context<'_, P>, task: Task, exit: Exit) {
        let output: String =
            context.kernel.sink(task.sink).into_iter().flat_map(|s| s.lines()).map(|l| l.text.as_str()).collect();
        context.kernel.remove_sink(task.sink);
        let state = self.pods.get(&task.uid).and_then(|state| state.container(&task.container));
        let is_current = state.is_some_and(|c| c.starts == task.starts && c.is_running());
        if !is_current || self.is_stopped {
            return;
        }
        let Task { uid, container, purpose, timed_out, starts, .. } = task;
        match purpose {
            Purpose::Probe { kind, is_http } => {
                let result = if is_http {
                    self.http_result(&uid, &container, kind, &output, timed_out)
                } else {
                    self.exec_result(&uid, &container, kind, &output, exit, timed_out)
                };
                self.probed(context, &uid, &container, kind, result);
            }
            Purpose::PostStart if exit.status() != 0 => self.post_start_failed(context, &uid, &container),
            Purpose::PreStop if exit.status() != 0 => {
                self.pre_stop_failed(context, &uid, &container);
                self.hook_over(context, &uid, &container, starts, true);
            }
            Purpose::PostStart => self.hook_over(context, &uid, &container, starts, false),
            Purpose::PreStop => self.hook_over(context, &uid, &container, starts, true),
        }
    }

    /// Forgets the tasks of a container that is gone.
    pub(super) fn drop_tasks<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString, name: &EcoString) {
        let gone: Vec<_> = self
            .tasks
            .iter()
            .filter(|(_, task)| task.uid == *uid && task.container == *name)
            .map(|(process, task)| (*process, task.sink))
            .collect();
        for (process, sink) in gone {
            self.tasks.remove(&process);
            context.kernel.remove_sink(sink);
        }
    }
}
