//! Simple commands: words, assignments, redirections, then a function, a builtin or a program.

use ecow::{EcoString, EcoVec};
use podyard_kernel::{Answer, Errno, FileKind, Group, Spawn, Syscall};
use serde::{Deserialize, Serialize};

use super::launch::Spawned;
use super::redirect::Redirecting;
use super::source::{From, Source};
use super::subst::Expanding;
use super::wait::Wait;
use super::{Kind, Shell, Unwind};
use crate::builtins::{self, Ran};
use crate::expand::param::key;
use crate::expand::{Expanded, Mode, Stop, arith, array, quote, single};
use crate::replay::{Cx, Log, Suspend};
use crate::state::{Flavour, Scope};
use crate::syntax::ast::{Assign, AssignValue, Body, Node};
use crate::vars::{Content, Key, Var, Vars};

/// How deep functions may call one another.
const MAX_CALLS: usize = 1000;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Simple {
    node: Node,
    tested: bool,
    /// Nothing comes after it, so that a program may replace this process.
    tail: bool,
    stage: Stage,
    argv: Vec<EcoString>,
    /// The assignment to do next.
    at: usize,
    hidden: Vec<(EcoString, Option<Var>)>,
    /// The variables before the current assignment, which may be tried more than once.
    before: Option<(Vars, u64)>,
    /// What `set -x` shows.
    trace: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    Start,
    Words,
    Assign,
    Redirect,
    Ready,
    After,
}

/// A builtin or a program about to run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Running {
    argv: Vec<EcoString>,
    external: bool,
    /// `exec`: if it fails, so does the shell.
    exec: bool,
    tail: bool,
    tested: bool,
}

impl Running {
    /// A builtin with its arguments.
    pub(super) fn new(argv: Vec<EcoString>) -> Self {
        Self { argv, external: false, exec: false, tail: false, tested: true }
    }
}

impl Simple {
    pub(super) fn new(node: Node, tested: bool, tail: bool) -> Self {
        Self {
            node,
            tested,
            tail,
            stage: Stage::Start,
            argv: Vec::new(),
            at: 0,
            hidden: Vec::new(),
            before: None,
            trace: Vec::new(),
        }
    }

    fn assigns(&self) -> &[Assign] {
        match &self.node.body {
            Body::Simple { assigns, .. } => assigns,
            _ => &[],
        }
    }
}

impl Shell {
    pub(super) fn simple(&mut self, mut simple: Box<Simple>, log: Log) -> Option<Syscall> {
        match simple.stage {
            Stage::Start => {
                self.state.line = simple.node.line.max(1);
                self.state.substituted = None;
                self.state.arrays.clear();
                simple.stage = Stage::Words;
                let Body::Simple { words, .. } = &simple.node.body else { return None };
                let words = words.clone();
                self.push(Kind::Simple(simple));
                self.push(Kind::Expand(Expanding::new(words, Mode::Arguments)));
            }
            Stage::Words => {
                simple.argv = self.fields.take()?;
                simple.stage = Stage::Assign;
                self.push(Kind::Simple(simple));
            }
            Stage::Assign => return self.assign_next(simple, log),
            Stage::Redirect => {
                simple.stage = Stage::Ready;
                if simple.node.redirects.is_empty() {
                    self.saved = Some(Vec::new());
                    self.push(Kind::Simple(simple));
                    return None;
                }
                let permanent = simple.tail || simple.argv.first().is_some_and(|name| name == "exec");
                let redirects = simple.node.redirects.clone();
                self.push(Kind::Simple(simple));
                self.push(Kind::Redirect(Redirecting::new(redirects, permanent)));
            }
            Stage::Ready => self.run(simple),
            Stage::After => {
                if let Some(spawned) = self.spawned.take() {
                    self.push(Kind::Wait(Wait::foreground(spawned)));
                }
            }
        }
        None
    }

    /// Does one assignment; when all are done, goes on.
    fn assign_next(&mut self, mut simple: Box<Simple>, log: Log) -> Option<Syscall> {
        let Some(assign) = simple.assigns().get(simple.at).cloned() else {
            simple.stage = Stage::Redirect;
            let trace = self.trace(&simple);
            self.push(Kind::Simple(simple));
            self.say(2, trace);
            return None;
        };
        match &simple.before {
            Some((vars, random)) => (self.state.vars, self.state.random) = (vars.clone(), *random),
            None => simple.before = Some((self.state.vars.clone(), self.state.random)),
        }
        let old = self.state.vars.get(&assign.name).cloned();
        match do_assign(&mut Cx::new(&mut self.state, &log), &assign) {
            Ok(shown) => {
                simple.before = None;
                simple.at += 1;
                simple.trace.push(shown);
                if !simple.argv.is_empty() {
                    simple.hidden.push((assign.name.clone(), old));
                    self.state.export(&assign.name);
                }
                self.push(Kind::Simple(simple));
            }
            Err(Stop::Suspend(suspend)) => return self.suspend(Kind::Simple(simple), log, suspend),
            Err(Stop::Error(message)) => self.fail(&message, 1),
            Err(Stop::Fatal(message, status)) => self.fail(&message, status),
        }
        None
    }

    fn trace(&self, simple: &Simple) -> String {
        if !self.state.options.xtrace {
            return String::new();
        }
        let plain =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_-./:=,+@%^".contains(c));
        let words = simple.argv.iter().map(|text| if plain(text) { text.to_string() } else { quote(text) });
        let all: Vec<String> = simple.trace.iter().cloned().chain(words).collect();
        if all.is_empty() { String::new() } else { format!("{}{}\n", self.state.var("PS4"), all.join(" ")) }
    }

    /// Words, assignments and redirections are done: runs what the first word names.
    fn run(&mut self, mut simple: Box<Simple>) {
        let Some(saved) = self.saved.take() else {
            self.state.status = self.state.flavour.failed_redirect();
            let hidden = simple.hidden;
            self.push(Kind::TempVars { hidden });
            return;
        };
        let Some(name) = simple.argv.first().cloned() else {
            self.state.status = self.state.substituted.unwrap_or(0);
            self.push(Kind::Redirected { saved });
            return;
        };
        let argv = std::mem::take(&mut simple.argv);
        let hidden = std::mem::take(&mut simple.hidden);
        let (tail, tested) = (simple.tail, simple.tested);
        simple.stage = Stage::After;
        self.spawned = None;
        self.push(Kind::Simple(simple));
        if !hidden.is_empty() {
            self.push(Kind::TempVars { hidden });
        }
        if !saved.is_empty() {
            self.push(Kind::Redirected { saved });
        }
        self.dispatch(&name, argv, tested, tail, true);
    }

    /// Runs a command; `functions` says whether functions count.
    fn dispatch(&mut self, name: &str, argv: Vec<EcoString>, tested: bool, tail: bool, functions: bool) {
        if functions && let Some(function) = self.state.functions.get(name).cloned() {
            let Some(node) = function.body.first().cloned() else { return };
            if self.state.scopes.len() >= MAX_CALLS {
                self.fail(&format!("{name}: maximum function nesting level exceeded ({MAX_CALLS})"), 1);
                return;
            }
            let params: EcoVec<EcoString> = argv.into_iter().skip(1).collect();
            let params = std::mem::replace(&mut self.state.params, params);
            self.state.scopes.push(Scope { name: name.into(), hidden: Vec::new() });
            self.push(Kind::Call { params });
            self.push(Kind::Command { node, tested, tail: false, redirected: false });
            return;
        }
        let external = !builtins::is_builtin(name);
        self.push(Kind::Builtin(Running { argv, external, exec: false, tail, tested }));
        if matches!(name, "bg" | "fg" | "jobs" | "kill" | "wait") {
            self.push(Kind::Reap);
        }
    }

    /// A function has ended.
    pub(super) fn returned(&mut self, params: EcoVec<EcoString>) -> Option<Syscall> {
        if self.unwind == Some(Unwind::Return) {
            self.unwind = None;
        }
        self.state.params = params;
        if let Some(scope) = self.state.scopes.pop() {
            return self.unhide(scope.hidden);
        }
        None
    }

    pub(super) fn unhide(&mut self, hidden: Vec<(EcoString, Option<Var>)>) -> Option<Syscall> {
        for (name, var) in hidden.into_iter().rev() {
            match var {
                Some(var) => self.state.vars.insert(name, var),
                None => self.state.vars.remove(&name),
            };
        }
        None
    }

    pub(super) fn builtin(&mut self, running: Running, log: Log) -> Option<Syscall> {
        let kept = running.clone();
        let keep = || Kind::Builtin(kept);
        if running.external {
            return match self.task(keep, log, |cx| external(cx, &running)) {
                Ok(Ok(spawned)) => {
                    self.spawned = Some(spawned);
                    None
                }
                Ok(Err(status)) => {
                    self.state.status = status;
                    if running.exec && !self.state.options.interactive {
                        self.unwind = Some(Unwind::Exit);
                    }
                    None
                }
                Err(call) => call,
            };
        }
        let name = running.argv.first().cloned().unwrap_or_default();
        let function = builtins::find(&name)?;
        match self.task(keep, log, |cx| function(cx, &running.argv)) {
            Ok(ran) => self.ran(ran, running),
            Err(call) => return call,
        }
        None
    }

    /// What is left to do after a builtin.
    fn ran(&mut self, ran: Ran, running: Running) {
        let tested = running.tested;
        match ran {
            Ran::Status(status) => self.state.status = status,
            Ran::Eval(text) => {
                self.state.status = 0;
                let line = self.state.line;
                self.push(Kind::Source(Source::new(text, From::Eval, tested).at_line(line)));
            }
            Ran::File { name, text, params } => {
                self.state.status = 0;
                self.push(Kind::Source(Source::new(text, From::File(name), tested).with_params(params)));
            }
            Ran::Unwind(unwind) => self.loop_control(unwind, &running.argv),
            Ran::Return(status) => {
                let within = |kind: &Kind| {
                    matches!(kind, Kind::Call { .. }) || matches!(kind, Kind::Source(source) if source.is_file())
                };
                if self.frames.iter().any(|frame| within(&frame.kind)) {
                    self.leave(Unwind::Return, status);
                } else {
                    self.state.status = 2;
                    self.complain("return: can only `return' from a function or sourced script");
                }
            }
            Ran::Exit(status) => {
                self.leave(Unwind::Exit, status);
                if self.state.options.interactive && !self.state.is_subshell {
                    self.say(2, "exit\n");
                }
            }
            Ran::Run { argv, functions } => match argv.first().cloned() {
                Some(name) => self.dispatch(&name, argv, tested, running.tail, functions),
                None => self.state.status = 0,
            },
            Ran::Exec(argv) => {
                self.push(Kind::Builtin(Running { argv, external: true, exec: true, tail: true, tested }));
            }
            Ran::Read(read) => self.push(Kind::Read(read)),
            Ran::Wait(pids) => self.push(Kind::Wait(Wait::builtin(pids, false))),
            Ran::WaitAll(pids) => self.push(Kind::Wait(Wait::builtin(pids, true))),
            Ran::Foreground(at) => {
                let Some(job) = self.state.jobs.get_mut(at) else { return };
                job.stopped = false;
                let pids = job.processes.iter().map(|(pid, _)| *pid).collect();
                let spawned = Spawned { pids, group: job.group, text: job.text.clone() };
                let id = job.id;
                self.push(Kind::Wait(Wait::job(spawned, id)));
            }
        }
    }

    fn loop_control(&mut self, unwind: Unwind, argv: &[EcoString]) {
        let mut loops = 0;
        for frame in self.frames.iter().rev() {
            match frame.kind {
                Kind::Loop(_) | Kind::For(_) | Kind::ArithFor(_) => loops += 1,
                Kind::Call { .. } => break,
                _ => {}
            }
        }
        self.state.status = 0;
        if loops == 0 {
            let name = argv.first().cloned().unwrap_or_default();
            if self.state.flavour == Flavour::Bash {
                self.complain(&format!("{name}: only meaningful in a `for', `while', or `until' loop"));
            }
            return;
        }
        self.unwind = Some(match unwind {
            Unwind::Break(levels) => Unwind::Break(levels.min(loops)),
            Unwind::Continue(levels) => Unwind::Continue(levels.min(loops)),
            other => other,
        });
    }
}

/// Does an assignment; answers it as `set -x` shows it.
fn do_assign(cx: &mut Cx<'_>, assign: &Assign) -> Expanded<String> {
    let name = assign.name.as_str();
    let word = match &assign.value {
        AssignValue::Word(word) => word,
        AssignValue::Array(elements) => {
            let elements = array(cx, elements)?;
            set_array(cx.state, name, assign.append, elements).map_err(Stop::Error)?;
            return Ok(format!("{name}=(...)"));
        }
    };
    let index = match &assign.index {
        Some(index) => Some(key(cx, name, index)?),
        None => None,
    };
    let mut value = single(cx, word, Mode::Value)?;
    let shown = format!("{name}{}{value}", if assign.append { "+=" } else { "=" });
    let integer = cx.state.vars.get(name).is_some_and(|var| var.integer);
    if assign.append {
        let old = match &index {
            Some(key) => cx.state.vars.get(name).and_then(|var| var.element(key)).cloned(),
            None => cx.state.get(name),
        };
        let old = old.unwrap_or_default();
        value = if integer { format!("({old})+({value})").into() } else { old + value.as_str() };
    }
    if integer {
        value = arith::evaluate(cx.state, &value).map_err(Stop::Error)?.to_string().into();
    }
    let set = match index {
        Some(key) => cx.state.set_element(name, key, value),
        None => cx.state.set(name, value),
    };
    set.map_err(Stop::Error)?;
    Ok(shown)
}

/// Sets or extends an array.
pub(crate) fn set_array(
    state: &mut crate::state::State,
    name: &str,
    append: bool,
    elements: Vec<(Option<EcoString>, EcoString)>,
) -> Result<(), String> {
    let is_map = state.vars.get(name).is_some_and(Var::is_map);
    if !append {
        let empty = if is_map { Content::Map(Default::default()) } else { Content::Array(Default::default()) };
        state.set_content(name, empty)?;
    }
    for (index, value) in elements {
        let key = match index {
            Some(text) if is_map => Key::Text(text),
            Some(text) => Key::Number(arith::evaluate(state, &text)?),
            None if is_map => {
                return Err(format!("{name}: {value}: must use subscript when assigning associative array"));
            }
            None => Key::Number(state.vars.get(name).map_or(0, Var::next_index)),
        };
        state.set_element(name, key, value)?;
    }
    Ok(())
}

/// Finds a program and starts it; or an exit status, after a message.
fn external(cx: &mut Cx<'_>, running: &Running) -> Result<Result<Spawned, u8>, Suspend> {
    let name = running.argv.first().cloned().unwrap_or_default();
    let path = match find_program(cx, &name)? {
        Ok(path) => path,
        Err((message, status)) => {
            if message.is_empty() {
                let exec = cx.state.complaint(&format!("exec: {name}: not found"));
                let message = if running.exec { exec } else { cx.state.not_found(&name) };
                let _ = cx.write(2, message)?;
            } else {
                cx.complain(&message)?;
            }
            return Ok(Err(status));
        }
    };
    let monitor = cx.state.options.monitor && !running.tail;
    let spawn = Spawn {
        path: path.clone(),
        argv: running.argv.clone(),
        env: cx.state.environment(),
        files: cx.state.fds.iter().map(|fd| (*fd, *fd)).collect(),
        group: if monitor { Group::New } else { Group::Same },
        foreground: monitor,
    };
    let started = start(cx, spawn.clone(), running.tail)?;
    let errno = match started {
        Answer::Pid(pid) => {
            let group = monitor.then_some(pid);
            return Ok(Ok(Spawned { pids: vec![pid], group, text: running.argv.join(" ").into() }));
        }
        Answer::Error(Errno::NoExec) => {
            // A text without `#!` is a script for this shell.
            let shell = if cx.state.flavour == Flavour::Bash { "/bin/bash" } else { "/bin/sh" };
            let argv = [EcoString::from(shell), path.clone()];
            let argv = argv.into_iter().chain(spawn.argv.iter().skip(1).cloned()).collect();
            match start(cx, Spawn { path: shell.into(), argv, ..spawn }, running.tail)? {
                Answer::Pid(pid) => {
                    let group = monitor.then_some(pid);
                    return Ok(Ok(Spawned { pids: vec![pid], group, text: running.argv.join(" ").into() }));
                }
                _ => Errno::NoExec,
            }
        }
        Answer::Error(errno) => errno,
        _ => Errno::Io,
    };
    if errno == Errno::TooMany {
        cx.complain(&format!("fork: retry: {errno}"))?;
        return Ok(Err(254));
    }
    let what = if errno == Errno::NoExec {
        "cannot execute binary file: Exec format error".to_string()
    } else {
        errno.to_string()
    };
    cx.complain(&format!("{name}: {what}"))?;
    Ok(Err(126))
}

fn start(cx: &mut Cx<'_>, spawn: Spawn, replace: bool) -> Result<Answer, Suspend> {
    cx.call(if replace { Syscall::Exec(Box::new(spawn)) } else { Syscall::Spawn(Box::new(spawn)) })
}

/// The path of a program, or a message (empty: not found) and a status.
pub(crate) fn find_program(cx: &mut Cx<'_>, name: &str) -> Result<Result<EcoString, (String, u8)>, Suspend> {
    if name.contains('/') {
        let no_file = if cx.state.flavour == Flavour::Bash { "No such file or directory" } else { "not found" };
        return Ok(match cx.stat(name)? {
            None => Err((format!("{name}: {no_file}"), 127)),
            Some(metadata) if metadata.kind == FileKind::Directory => {
                let what = if cx.state.flavour == Flavour::Bash { "Is a directory" } else { "Permission denied" };
                Err((format!("{name}: {what}"), 126))
            }
            Some(metadata) if metadata.mode & 0o111 == 0 => Err((format!("{name}: Permission denied"), 126)),
            Some(_) => Ok(name.into()),
        });
    }
    let mut denied = None;
    for dir in cx.state.var("PATH").split(':') {
        let dir = if dir.is_empty() { "." } else { dir };
        let path = EcoString::from(format!("{}/{name}", dir.trim_end_matches('/')));
        match cx.stat(&path)? {
            Some(metadata) if metadata.kind == FileKind::Directory => {}
            Some(metadata) if metadata.mode & 0o111 == 0 => denied = denied.or(Some(path)),
            Some(_) => return Ok(Ok(path)),
            None => {}
        }
    }
    Ok(Err(match denied {
        Some(path) => (format!("{path}: Permission denied"), 126),
        None => (String::new(), 127),
    }))
}
