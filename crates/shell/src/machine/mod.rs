//! The interpreter as a small-step machine: a stack of frames, each a piece of running script.
//!
//! A frame is taken off the stack, does a little, and puts itself back (perhaps below others) unless it is done. What
//! it did leaves its traces in the shell's state: `$?`, the fields of an expansion, saved descriptors.

mod boot;
mod command;
mod launch;
mod list;
mod redirect;
mod session;
mod simple;
mod source;
mod subst;
mod test;
mod wait;

pub(crate) use simple::{find_program, set_array};

use ecow::EcoString;
use podyard_kernel::{Answer, Args, Bytes, Fd, Signal, Syscall};
use serde::{Deserialize, Serialize};

use crate::builtins::read::Read;
use crate::replay::{Cx, Log, Reply, Suspend};
use crate::state::{Flavour, State};
use crate::syntax::ast::{List, Node, Word};

/// Frames that run before a step yields.
const MAX_OPS: usize = 200;
/// How deep the stack may grow.
const MAX_FRAMES: usize = 20_000;

/// A shell as data.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shell {
    pub(crate) state: State,
    frames: Vec<Frame>,
    /// Frames are being taken off the stack until one stops this.
    unwind: Option<Unwind>,
    /// Whether the next answer is for the topmost frame.
    waiting: bool,
    /// The call being waited for, to be made again after a signal.
    call: Option<Syscall>,
    /// Trapped signals that have come.
    pending: Vec<Signal>,
    /// What the last expansion gave; `None` if it failed.
    fields: Option<Vec<EcoString>>,
    /// What the last redirections replaced; `None` if they failed.
    saved: Option<Vec<Saved>>,
    spawned: Option<launch::Spawned>,
    /// What the line editor has come to.
    ending: Option<session::Ended>,
    /// What could stand at the cursor.
    completion: Option<session::Found>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Frame {
    kind: Kind,
    log: Log,
}

/// Why frames are being left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Unwind {
    /// Out of this many loops.
    Break(u32),
    Continue(u32),
    Return,
    /// Back to the prompt.
    Prompt,
    Exit,
}

/// A descriptor as it was before a redirection.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Saved {
    fd: Fd,
    /// Where it is kept; `None` if it was closed.
    copy: Option<Fd>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Kind {
    Boot(boot::Boot),
    Session(Box<session::Session>),
    Readline(Box<session::Readline>),
    /// Looks for what could stand at the cursor.
    Completing {
        line: String,
    },
    /// Reads its commands from a standard input that is no terminal.
    Stdin(source::Stdin),
    Source(source::Source),
    List {
        list: List,
        at: usize,
        tested: bool,
    },
    Chain(list::Chain),
    Pipeline(list::Running),
    Launch(launch::Launch),
    ChildSetup(launch::ChildSetup),
    Wait(wait::Wait),
    Command {
        node: Node,
        tested: bool,
        tail: bool,
        redirected: bool,
    },
    Simple(Box<simple::Simple>),
    /// Puts back what redirections replaced.
    Redirected {
        saved: Vec<Saved>,
    },
    Redirect(redirect::Redirecting),
    Expand(subst::Expanding),
    Subst(subst::Subst),
    Process(subst::Process),
    If(command::If),
    Loop(command::Loop),
    For(command::For),
    ArithFor(command::ArithFor),
    Case(command::Case),
    Test(test::Testing),
    /// `((…))`
    Arith(Word, bool),
    /// A function that runs, with the parameters of its caller.
    Call {
        params: ecow::EcoVec<EcoString>,
    },
    /// Variables set for one command.
    TempVars {
        hidden: Vec<(EcoString, Option<crate::vars::Var>)>,
    },
    Builtin(simple::Running),
    Read(Read),
    /// Asks which jobs have ended.
    Reap,
    /// Writes, whatever else happens.
    Say {
        fd: Fd,
        text: Bytes,
    },
    /// Gives the terminal to a process group.
    Foreground {
        group: podyard_kernel::Pid,
    },
    /// Runs the trap on exit, then ends.
    Exit {
        trapped: bool,
    },
    /// Gives `$?` back after a trap.
    KeepStatus(u8),
}

impl Kind {
    /// Whether a frame runs even while frames are being left.
    fn survives(&self) -> bool {
        matches!(
            self,
            Self::Session(_)
                | Self::Stdin(_)
                | Self::Source(_)
                | Self::Redirected { .. }
                | Self::Subst(_)
                | Self::Loop(_)
                | Self::For(_)
                | Self::ArithFor(_)
                | Self::Call { .. }
                | Self::TempVars { .. }
                | Self::Say { .. }
                | Self::Foreground { .. }
                | Self::Exit { .. }
                | Self::KeepStatus(_)
                | Self::Redirect(_)
        )
    }
}

impl Shell {
    /// A shell that is about to start, called as `bash`, `bash -c …`, `sh file …`.
    pub fn new(args: Args) -> Self {
        Self::of(Flavour::Bash, args)
    }

    /// The shell of this id: `bash`, `dash` (or `sh`), `busybox:sh` (or `busybox:ash`). They differ in their words.
    pub fn load(id: &str, args: &Args) -> Option<Self> {
        let flavour = match id {
            "bash" => Flavour::Bash,
            "dash" | "sh" => Flavour::Dash,
            "busybox:sh" | "busybox:ash" => Flavour::Busybox,
            _ => return None,
        };
        Some(Self::of(flavour, args.clone()))
    }

    fn of(flavour: Flavour, args: Args) -> Self {
        let mut shell = Self {
            state: State { flavour, ..State::default() },
            frames: Vec::new(),
            unwind: None,
            waiting: false,
            call: None,
            pending: Vec::new(),
            fields: None,
            saved: None,
            spawned: None,
            ending: None,
            completion: None,
        };
        shell.push(Kind::Exit { trapped: false });
        let boot = boot::Boot::new(&mut shell.state, args);
        shell.push(Kind::Boot(boot));
        shell
    }

    /// A builtin that is a program of its own, as `/usr/bin/test`.
    pub(crate) fn builtin_program(name: &str, args: Args, flavour: crate::tools::Flavour) -> Self {
        let mut shell = Self::new(Args { argv: vec![name.into()], env: args.env, ..Args::default() });
        shell.frames.truncate(1);
        shell.state.external = true;
        shell.state.fds = [0, 1, 2].into();
        if flavour == crate::tools::Flavour::Busybox {
            shell.state.flavour = Flavour::Busybox;
        }
        let mut argv = args.argv;
        if let Some(first) = argv.first_mut() {
            *first = name.into();
        }
        shell.push(Kind::Builtin(simple::Running::new(argv)));
        shell
    }

    /// One step of the kernel's [`Program`](podyard_kernel::Program).
    pub fn step(&mut self, answer: Answer) -> Syscall {
        match answer {
            Answer::Interrupted(signal) => {
                if let Some(call) = self.interrupted(signal) {
                    return call;
                }
            }
            answer => self.take(answer),
        }
        for _ in 0..MAX_OPS {
            if let Some(call) = self.advance() {
                self.waiting = true;
                self.call = Some(call.clone());
                return call;
            }
        }
        self.call = None;
        Syscall::Yield
    }

    fn take(&mut self, answer: Answer) {
        if std::mem::take(&mut self.waiting)
            && let Some(frame) = self.frames.last_mut()
        {
            frame.log.push(Reply::Answer(answer));
        }
    }

    /// A caught signal; answers the call to make again, unless the signal changes what happens.
    fn interrupted(&mut self, signal: Signal) -> Option<Syscall> {
        let seen = matches!(
            self.frames.last().map(|frame| &frame.kind),
            Some(Kind::Session(_) | Kind::Readline(_) | Kind::Wait(wait::Wait { builtin: true, .. }))
        );
        if self.waiting && seen {
            if self.state.traps.contains_key(&signal) {
                self.pending.push(signal);
            }
            self.take(Answer::Interrupted(signal));
            return None;
        }
        let is_prompt_shell = self.state.options.interactive && !self.state.is_subshell;
        if self.state.traps.contains_key(&signal) {
            if !self.pending.contains(&signal) {
                self.pending.push(signal);
            }
        } else if signal == Signal::Interrupt && is_prompt_shell {
            self.waiting = false;
            self.state.status = 130;
            self.unwind = Some(Unwind::Prompt);
            // The frame that waited keeps no half-made log.
            if let Some(frame) = self.frames.last_mut()
                && !matches!(frame.kind, Kind::Redirected { .. } | Kind::Subst(_) | Kind::Say { .. })
            {
                frame.log.clear();
            }
            self.say(2, "\n");
            return None;
        }
        if self.waiting { self.call.clone() } else { None }
    }

    fn push(&mut self, kind: Kind) {
        self.frames.push(Frame { kind, log: Log::new() });
    }

    fn say(&mut self, fd: Fd, text: impl AsRef<[u8]>) {
        let text = Bytes::from(text.as_ref());
        if !text.is_empty() {
            self.push(Kind::Say { fd, text });
        }
    }

    fn complain(&mut self, text: &str) {
        let message = self.state.complaint(text);
        self.say(2, message);
    }

    /// Lets the topmost frame do its next bit.
    fn advance(&mut self) -> Option<Syscall> {
        let Some(frame) = self.frames.pop() else { return Some(Syscall::Exit(self.state.status)) };
        if self.unwind.is_some() && !frame.kind.survives() {
            return None;
        }
        if self.frames.len() > MAX_FRAMES {
            self.state.status = 1;
            self.unwind = Some(if self.state.options.interactive { Unwind::Prompt } else { Unwind::Exit });
            self.complain("commands call each other too deeply");
            return None;
        }
        let Frame { kind, log } = frame;
        match kind {
            Kind::Boot(boot) => self.boot(boot, log),
            Kind::Session(session) => self.session(session, log),
            Kind::Readline(readline) => self.readline(readline, log),
            Kind::Completing { line } => self.completing(line, log),
            Kind::Stdin(stdin) => self.stdin(stdin, log),
            Kind::Source(source) => self.source(source),
            Kind::List { list, at, tested } => self.list(list, at, tested),
            Kind::Chain(chain) => self.chain(chain),
            Kind::Pipeline(pipeline) => self.pipeline(pipeline, log),
            Kind::Launch(launch) => self.launch(launch, log),
            Kind::ChildSetup(setup) => self.child_setup(setup, log),
            Kind::Wait(wait) => self.wait(wait, log),
            Kind::Command { node, tested, tail, redirected } => self.command(node, tested, tail, redirected),
            Kind::Simple(simple) => self.simple(simple, log),
            Kind::Redirected { saved } => self.restore(saved, log),
            Kind::Redirect(redirect) => self.redirect(redirect, log),
            Kind::Expand(expanding) => self.expand(expanding, log),
            Kind::Subst(subst) => self.subst(subst, log),
            Kind::Process(process) => self.process(process, log),
            Kind::If(clause) => self.if_clause(clause),
            Kind::Loop(clause) => self.loop_clause(clause),
            Kind::For(clause) => self.for_clause(clause),
            Kind::ArithFor(clause) => self.arith_for(clause),
            Kind::Case(clause) => self.case_clause(clause),
            Kind::Test(testing) => self.test(testing, log),
            Kind::Arith(word, ready) => self.arith(word, ready),
            Kind::Call { params } => self.returned(params),
            Kind::TempVars { hidden } => self.unhide(hidden),
            Kind::Builtin(running) => self.builtin(running, log),
            Kind::Read(read) => self.read(read, log),
            Kind::Reap => self.task(|| Kind::Reap, log, crate::builtins::jobs::reap).err().flatten(),
            Kind::Say { fd, text } => self.write(fd, text, &log),
            Kind::Foreground { group } if log.is_empty() => {
                self.ask(Kind::Foreground { group }, log, Syscall::SetForeground { group })
            }
            Kind::Foreground { .. } => None,
            Kind::Exit { trapped } => self.exit(trapped),
            Kind::KeepStatus(status) => {
                if self.unwind.is_none() {
                    self.state.status = status;
                }
                None
            }
        }
    }

    /// Puts a frame back with what it has learnt, to wait for one more call.
    fn ask(&mut self, kind: Kind, log: Log, call: Syscall) -> Option<Syscall> {
        self.frames.push(Frame { kind, log });
        Some(call)
    }

    /// Runs a task; if it must wait, its frame goes back on the stack.
    fn task<T>(
        &mut self,
        kind: impl FnOnce() -> Kind,
        log: Log,
        run: impl FnOnce(&mut Cx<'_>) -> Result<T, Suspend>,
    ) -> Result<T, Option<Syscall>> {
        match run(&mut Cx::new(&mut self.state, &log)) {
            Ok(value) => Ok(value),
            Err(suspend) => Err(self.suspend(kind(), log, suspend)),
        }
    }

    fn suspend(&mut self, kind: Kind, log: Log, suspend: Suspend) -> Option<Syscall> {
        match suspend {
            Suspend::Call(call) => self.ask(kind, log, call),
            Suspend::Output(list) => {
                self.frames.push(Frame { kind, log });
                self.push(Kind::Subst(subst::Subst::new(list)));
                None
            }
            Suspend::Process(write, list) => {
                self.frames.push(Frame { kind, log });
                self.push(Kind::Process(subst::Process { write, list }));
                None
            }
        }
    }

    fn write(&mut self, fd: Fd, text: Bytes, log: &Log) -> Option<Syscall> {
        if log.is_empty() {
            return self.ask(Kind::Say { fd, text: text.clone() }, log.clone(), Syscall::Write { fd, bytes: text });
        }
        None
    }

    /// The bottom of the stack.
    fn exit(&mut self, trapped: bool) -> Option<Syscall> {
        self.unwind = None;
        if !trapped && let Some(text) = self.state.traps.remove(&Signal::Probe) {
            self.push(Kind::Exit { trapped: true });
            let status = self.state.status;
            self.push(Kind::KeepStatus(status));
            self.push(Kind::Source(source::Source::new(text, source::From::Trap, true)));
            return None;
        }
        self.push(Kind::Exit { trapped: true });
        Some(Syscall::Exit(self.state.status))
    }

    /// Begins to leave frames with this status.
    fn leave(&mut self, unwind: Unwind, status: u8) {
        self.state.status = status;
        self.unwind = Some(unwind);
    }

    /// An error that ends a script, and in a session the command line.
    fn fail(&mut self, message: &str, status: u8) {
        let interactive = self.state.options.interactive && !self.state.is_subshell;
        let status = if interactive { 1 } else { status };
        self.leave(if interactive { Unwind::Prompt } else { Unwind::Exit }, status);
        self.complain(message);
    }
}

impl Shell {
    /// Puts a `read` back to wait for its next byte.
    pub(crate) fn ask_read(&mut self, read: Read, call: Syscall) -> Option<Syscall> {
        self.ask(Kind::Read(read), Log::new(), call)
    }
}
