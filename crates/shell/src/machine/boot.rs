//! How a shell starts: its arguments, what it asks the system for, its start-up file.

use ecow::EcoString;
use podyard_kernel::{Answer, Args, Disposition, Errno, Group, Pid, Signal, Syscall};
use serde::{Deserialize, Serialize};

use super::source::{From, Source, Stdin};
use super::{Kind, Shell, Unwind};
use crate::replay::{Cx, Log, Suspend};
use crate::state::{Flavour, State};
use crate::vars::{Var, is_name};

/// What the arguments say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Boot {
    /// `-c`
    command: Option<EcoString>,
    script: Option<EcoString>,
    /// `-i`
    interactive: bool,
    login: bool,
    no_rc: bool,
    /// An argument that cannot be.
    wrong: Option<EcoString>,
}

/// What the system answered.
struct Found {
    pid: Pid,
    parent: Pid,
    cwd: EcoString,
    uid: u32,
    hostname: EcoString,
    terminal: bool,
    now: u64,
    script: Option<Result<Vec<u8>, Errno>>,
    rc: Option<Vec<u8>>,
}

impl Boot {
    /// Reads the arguments; options go to the state at once.
    pub(super) fn new(state: &mut State, args: Args) -> Self {
        let mut boot = Self::default();
        state.name = args.program().trim_start_matches('-').into();
        state.arg0 = args.argv.first().cloned().unwrap_or_default();
        boot.login = state.arg0.starts_with('-');
        for (name, value) in &args.env {
            if is_name(name) {
                let value = Some(crate::vars::Content::Text(value.clone()));
                state.vars.insert(name.clone(), Var { value, exported: true, ..Var::default() });
            }
        }
        let mut rest = args.argv.into_iter().skip(1).peekable();
        let mut wants_command = false;
        while let Some(arg) = rest.next_if(|arg| arg.len() > 1 && arg.starts_with(['-', '+'])) {
            match arg.as_str() {
                "--" => break,
                "--norc" | "--noprofile" => boot.no_rc = true,
                "--login" => boot.login = true,
                "--posix" | "--noediting" => {}
                "--rcfile" | "--init-file" => {
                    rest.next();
                }
                "-o" | "+o" => {
                    let name = rest.next().unwrap_or_default();
                    if !state.options.set_by_name(&name, arg == "-o") {
                        boot.wrong = Some(arg);
                    }
                }
                long if long.starts_with("--") => boot.wrong = Some(arg),
                flags => {
                    let on = flags.starts_with('-');
                    for flag in flags[1..].chars() {
                        match flag {
                            'c' => wants_command = true,
                            'i' => boot.interactive = true,
                            'l' => boot.login = true,
                            's' => {}
                            flag if state.options.set_by_flag(flag, on) => {}
                            _ => boot.wrong = Some(arg.clone()),
                        }
                    }
                }
            }
        }
        if wants_command {
            boot.command = Some(rest.next().unwrap_or_else(|| {
                boot.wrong = Some("-c".into());
                EcoString::new()
            }));
            if let Some(name) = rest.next() {
                state.name = name.clone();
                state.arg0 = name;
            }
        } else if let Some(script) = rest.next() {
            state.name = script.clone();
            state.arg0 = script.clone();
            boot.script = Some(script);
        }
        state.params = rest.collect();
        boot
    }

    fn find(&self, cx: &mut Cx<'_>) -> Result<Found, Suspend> {
        let pid = |answer| if let Answer::Pid(pid) = answer { pid } else { Pid::default() };
        let text = |answer| if let Answer::Text(text) = answer { text } else { EcoString::new() };
        let mut found = Found {
            pid: pid(cx.call(Syscall::GetPid)?),
            parent: pid(cx.call(Syscall::GetParent)?),
            cwd: text(cx.call(Syscall::WorkingDir)?),
            uid: match cx.call(Syscall::Identity)? {
                Answer::Ids(uid, _) => uid,
                _ => 0,
            },
            hostname: text(cx.call(Syscall::Hostname)?),
            terminal: cx.call(Syscall::IsTerminal(0))? == Answer::Flag(true),
            now: match cx.call(Syscall::Now)? {
                Answer::Time(time) => time.as_secs(),
                _ => 0,
            },
            script: None,
            rc: None,
        };
        if let Some(script) = &self.script {
            found.script = Some(cx.read_file(script)?);
        }
        if self.is_interactive(found.terminal) && !self.no_rc {
            let home = cx.state.var("HOME");
            let file = match cx.state.flavour {
                Flavour::Bash => format!("{}/.bashrc", home.trim_end_matches('/')),
                _ => cx.state.var("ENV").to_string(),
            };
            if !file.is_empty() {
                found.rc = cx.read_file(&file)?.ok();
            }
        }
        if self.is_interactive(found.terminal) {
            prepare_terminal(cx, found.pid)?;
        }
        Ok(found)
    }

    fn is_interactive(&self, terminal: bool) -> bool {
        self.interactive || terminal && self.command.is_none() && self.script.is_none()
    }
}

/// An interactive shell sees Ctrl-C and is not stopped; the terminal is its own.
fn prepare_terminal(cx: &mut Cx<'_>, pid: Pid) -> Result<(), Suspend> {
    for (signal, disposition) in [
        (Signal::Interrupt, Disposition::Catch),
        (Signal::WindowChange, Disposition::Catch),
        (Signal::TerminalStop, Disposition::Ignore),
        (Signal::Quit, Disposition::Ignore),
        (Signal::Terminate, Disposition::Ignore),
    ] {
        cx.call(Syscall::OnSignal { signal, disposition })?;
    }
    cx.call(Syscall::SetGroup { pid, group: Group::New })?;
    cx.call(Syscall::SetForeground { group: pid })?;
    Ok(())
}

impl Shell {
    pub(super) fn boot(&mut self, boot: Boot, log: Log) -> Option<Syscall> {
        if let Some(wrong) = &boot.wrong {
            let what = if wrong == "-c" { "option requires an argument" } else { "invalid option" };
            let message = format!("{}: {wrong}: {what}\n", self.state.name);
            self.leave(Unwind::Exit, 2);
            self.say(2, message);
            return None;
        }
        let found = match self.task(|| Kind::Boot(boot.clone()), log, |cx| boot.find(cx)) {
            Ok(found) => found,
            Err(call) => return call,
        };
        let interactive = boot.is_interactive(found.terminal);
        self.settle(&found, interactive);
        if let Some(command) = boot.command {
            self.state.options.command = true;
            self.push(Kind::Source(Source::new(command, From::Command, false)));
            return None;
        }
        match found.script {
            Some(Ok(bytes)) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                self.push(Kind::Source(Source::new(text.into(), From::Script, false)));
                return None;
            }
            Some(Err(errno)) => {
                let path = boot.script.unwrap_or_default();
                let status = if errno == Errno::NoEntry { 127 } else { 126 };
                let name = if self.state.flavour == Flavour::Bash { "bash" } else { "sh" };
                let message = match self.state.flavour {
                    Flavour::Busybox => format!("sh: can't open '{path}': {errno}\n"),
                    Flavour::Dash => format!("sh: 0: cannot open {path}: No such file\n"),
                    Flavour::Bash => format!("{name}: {path}: {errno}\n"),
                };
                self.leave(Unwind::Exit, if self.state.flavour == Flavour::Bash { status } else { 2 });
                self.say(2, message);
                return None;
            }
            None => {}
        }
        if interactive && found.terminal {
            self.push(Kind::Session(Box::default()));
        } else {
            self.push(Kind::Stdin(Stdin::default()));
        }
        if let Some(rc) = found.rc {
            let text = String::from_utf8_lossy(&rc).into_owned();
            self.push(Kind::Source(Source::new(text.into(), From::Rc, true)));
        }
        None
    }

    /// Sets what every shell has set.
    fn settle(&mut self, found: &Found, interactive: bool) {
        let state = &mut self.state;
        (state.pid, state.own_pid, state.parent, state.uid) = (found.pid, found.pid, found.parent, found.uid);
        state.group = found.pid;
        state.hostname = found.hostname.clone();
        state.random = u64::from(found.pid.0) ^ found.now << 16;
        state.options.interactive = interactive;
        state.options.monitor = interactive && found.terminal;
        state.fds = [0, 1, 2].into();
        let level = state.var("SHLVL").parse::<u32>().unwrap_or(0) + 1;
        let mut values = vec![
            ("IFS", " \t\n".to_string()),
            ("PWD", found.cwd.to_string()),
            ("PPID", found.parent.to_string()),
            ("OPTIND", "1".into()),
            ("PS4", "+ ".into()),
        ];
        if state.flavour == Flavour::Bash {
            values.extend([
                ("BASH", "/usr/bin/bash".to_string()),
                ("BASH_VERSION", "5.2.15(1)-release".into()),
                ("HOSTNAME", found.hostname.to_string()),
                ("SHLVL", level.to_string()),
                ("UID", found.uid.to_string()),
                ("EUID", found.uid.to_string()),
                ("SECONDS", found.now.to_string()),
            ]);
        }
        if state.vars.get("PATH").is_none() {
            values.push(("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".into()));
        }
        if interactive {
            let symbol = if found.uid == 0 { '#' } else { '$' };
            let prompt = match state.flavour {
                Flavour::Bash if state.vars.get("PS1").is_some() => state.var("PS1").to_string(),
                Flavour::Bash => "\\u@\\h:\\w\\$ ".into(),
                Flavour::Dash => format!("{symbol} "),
                Flavour::Busybox => "\\w \\$ ".into(),
            };
            values.extend([("PS1", prompt), ("PS2", "> ".into())]);
        }
        for (name, value) in values {
            // Nothing is read-only yet.
            let _ = state.set(name, value);
        }
        for name in ["PWD", "SHLVL"] {
            state.export(name);
        }
    }
}
