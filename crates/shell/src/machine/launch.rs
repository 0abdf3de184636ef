//! Copies of the shell: pipelines, subshells, jobs in the background.

use ecow::{EcoString, EcoVec};
use podyard_kernel::{Answer, Disposition, Fd, Group, OpenMode, Pid, Signal, Syscall};
use serde::{Deserialize, Serialize};

use super::wait::Wait;
use super::{Kind, Shell};
use crate::replay::{Cx, Log, Suspend};
use crate::syntax::ast::{Body, Item, List, Node};

/// A program or a pipeline that has been started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Spawned {
    pub pids: Vec<Pid>,
    /// Its process group, if it has one of its own.
    pub group: Option<Pid>,
    pub text: EcoString,
}

/// Commands to be run in copies, each one's output being the next one's input.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Launch {
    nodes: EcoVec<Node>,
    /// A whole `a && b &` instead of nodes.
    item: Option<Item>,
    background: bool,
    tested: bool,
    text: EcoString,
}

/// What a copy does with its descriptors before it goes on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Stdio {
    pub input: Option<Fd>,
    pub output: Option<Fd>,
    pub close: Vec<Fd>,
    /// Reads nothing.
    pub no_input: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ChildSetup {
    stdio: Stdio,
    /// The group that it makes or joins.
    group: Option<Group>,
    foreground: bool,
    /// Signals to have their default effect again.
    reset: Vec<Signal>,
}

impl ChildSetup {
    pub(super) fn new(stdio: Stdio) -> Self {
        Self { stdio, group: None, foreground: false, reset: Vec::new() }
    }
}

impl Launch {
    pub(super) fn foreground(nodes: EcoVec<Node>, text: EcoString) -> Self {
        Self { nodes, item: None, background: false, tested: false, text }
    }

    pub(super) fn background(item: Item, text: EcoString) -> Self {
        let is_pipeline = item.chain.len() == 1 && item.chain.iter().all(|(_, p)| !p.negate && !p.timed);
        let nodes = match item.chain.first() {
            Some((_, pipeline)) if is_pipeline => pipeline.commands.clone(),
            _ => EcoVec::new(),
        };
        let item = if nodes.is_empty() { Some(item) } else { None };
        Self { nodes, item, background: true, tested: false, text }
    }

    pub(super) fn subshell(list: List, tested: bool) -> Self {
        let node = Node { body: Body::Group(list), redirects: EcoVec::new(), line: 0 };
        Self { nodes: [node].into(), item: None, background: false, tested, text: EcoString::new() }
    }
}

enum Launched {
    Here(Vec<Pid>, Option<Pid>),
    Child { number: usize, setup: ChildSetup },
    Failed(Vec<Pid>),
}

fn run(cx: &mut Cx<'_>, launch: &Launch) -> Result<Launched, Suspend> {
    let count = launch.nodes.len().max(1);
    let monitor = cx.state.options.monitor;
    let mut input = None;
    let mut pids = Vec::new();
    for number in 0..count {
        let pipe = if number + 1 < count {
            match cx.call(Syscall::Pipe)? {
                Answer::Pair(read, write) => Some((read, write)),
                _ => return Ok(Launched::Failed(pids)),
            }
        } else {
            None
        };
        let group = match (monitor, pids.first()) {
            (false, _) => None,
            (true, None) => Some(Group::New),
            (true, Some(first)) => Some(Group::Join(*first)),
        };
        match cx.call(Syscall::Fork)? {
            Answer::Child => {
                let stdio = Stdio {
                    input,
                    output: pipe.map(|(_, write)| write),
                    close: pipe.iter().map(|(read, _)| *read).collect(),
                    no_input: launch.background && !monitor && input.is_none(),
                };
                let foreground = monitor && !launch.background;
                return Ok(Launched::Child {
                    number,
                    setup: ChildSetup { group, foreground, ..ChildSetup::new(stdio) },
                });
            }
            Answer::Pid(pid) => {
                pids.push(pid);
                if let Some(group) = group {
                    cx.call(Syscall::SetGroup { pid, group })?;
                    if number == 0 && !launch.background {
                        cx.call(Syscall::SetForeground { group: pid })?;
                    }
                }
            }
            _ => return Ok(Launched::Failed(pids)),
        }
        for fd in input.take().into_iter().chain(pipe.map(|(_, write)| write)) {
            cx.call(Syscall::Close(fd))?;
        }
        input = pipe.map(|(read, _)| read);
    }
    let group = if monitor { pids.first().copied() } else { None };
    Ok(Launched::Here(pids, group))
}

impl Shell {
    pub(super) fn launch(&mut self, launch: Launch, log: Log) -> Option<Syscall> {
        let launched = match self.task(|| Kind::Launch(launch.clone()), log, |cx| run(cx, &launch)) {
            Ok(launched) => launched,
            Err(call) => return call,
        };
        match launched {
            Launched::Child { number, setup } => {
                let kind = match (launch.nodes.get(number), launch.item) {
                    (Some(node), _) => {
                        Kind::Command { node: node.clone(), tested: launch.tested, tail: true, redirected: false }
                    }
                    (None, Some(item)) => {
                        let item = Item { background: false, ..item };
                        Kind::List { list: [item].into(), at: 0, tested: false }
                    }
                    (None, None) => return None,
                };
                self.become_child(setup, kind);
            }
            Launched::Failed(pids) => {
                self.state.status = 254;
                self.push(Kind::Wait(Wait::foreground(Spawned { pids, group: None, text: launch.text })));
                self.complain("fork: retry: Resource temporarily unavailable");
            }
            Launched::Here(pids, group) if launch.background => {
                self.state.last_background = pids.last().copied();
                self.state.status = 0;
                let id = self.state.add_job(&pids, group, launch.text);
                let last = pids.last().copied().unwrap_or_default();
                if self.state.options.interactive && !self.state.is_subshell {
                    self.say(2, format!("[{id}] {last}\n"));
                }
            }
            Launched::Here(pids, group) => {
                self.push(Kind::Wait(Wait::foreground(Spawned { pids, group, text: launch.text })));
            }
        }
        None
    }

    /// This process is a copy: it forgets what its parent was about, and does `kind` instead.
    pub(super) fn become_child(&mut self, mut setup: ChildSetup, kind: Kind) {
        self.frames.clear();
        self.unwind = None;
        self.waiting = false;
        self.pending.clear();
        let state = &mut self.state;
        if state.options.interactive && !state.is_subshell {
            setup.reset.extend([Signal::Interrupt, Signal::WindowChange, Signal::TerminalStop, Signal::Quit]);
            setup.reset.push(Signal::Terminate);
        }
        let caught = state.traps.iter().filter(|(_, text)| !text.is_empty()).map(|(signal, _)| *signal);
        setup.reset.extend(caught.filter(|signal| *signal != Signal::Probe));
        setup.stdio.close.extend(std::mem::take(&mut state.saved));
        state.traps.retain(|_, text| text.is_empty());
        state.jobs.clear();
        state.ended.clear();
        state.is_subshell = true;
        state.options.monitor = false;
        self.push(Kind::Exit { trapped: false });
        self.push(kind);
        self.push(Kind::ChildSetup(setup));
    }

    pub(super) fn child_setup(&mut self, setup: ChildSetup, log: Log) -> Option<Syscall> {
        let own = match self.task(|| Kind::ChildSetup(setup.clone()), log, |cx| set_up(cx, &setup)) {
            Ok(own) => own,
            Err(call) => return call,
        };
        self.state.own_pid = own;
        None
    }
}

fn set_up(cx: &mut Cx<'_>, setup: &ChildSetup) -> Result<Pid, Suspend> {
    for signal in &setup.reset {
        cx.call(Syscall::OnSignal { signal: *signal, disposition: Disposition::Default })?;
    }
    let Answer::Pid(own) = cx.call(Syscall::GetPid)? else { return Ok(Pid::default()) };
    if let Some(group) = setup.group {
        cx.call(Syscall::SetGroup { pid: own, group })?;
        if setup.foreground && group == Group::New {
            cx.call(Syscall::SetForeground { group: own })?;
        }
    }
    let Stdio { input, output, close, no_input } = &setup.stdio;
    if *no_input && let Ok(fd) = cx.open("/dev/null", OpenMode::READ)? {
        cx.call(Syscall::Dup { fd, to: Some(0) })?;
        cx.call(Syscall::Close(fd))?;
    }
    for (fd, to) in [(input, 0), (output, 1)] {
        if let Some(fd) = fd
            && *fd != to
        {
            cx.call(Syscall::Dup { fd: *fd, to: Some(to) })?;
            cx.call(Syscall::Close(*fd))?;
        }
    }
    for fd in close {
        cx.call(Syscall::Close(*fd))?;
    }
    Ok(own)
}
