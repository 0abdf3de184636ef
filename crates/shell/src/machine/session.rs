//! The interactive loop: notices, prompt, line, command.

use ecow::EcoString;
use podyard_kernel::{Answer, Bytes, Signal, Syscall, TerminalMode};
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

use super::source::{From, Source};
use super::subst::Expanding;
use super::{Kind, Shell, Unwind};
use crate::expand::Mode;
use crate::readline::complete::{Completion, complete};
use crate::readline::{Editor, Event, events, prompt};
use crate::replay::{Log, Reply};
use crate::syntax::{self, Need, SyntaxError};

/// Lines of history that are kept.
const MAX_HISTORY: usize = 1_000;
/// The largest command that is kept in history, in bytes.
const MAX_REMEMBERED: usize = 64 << 10;
/// The largest command that lines may add up to, in bytes.
const MAX_COMMAND: usize = 32 << 20;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Session {
    stage: Stage,
    /// The lines of an unfinished command.
    text: String,
    /// What the next line must be for the command to end.
    need: Option<Waits>,
    /// Bytes typed ahead of the prompt.
    ahead: Vec<u8>,
    now: Time,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    #[default]
    Start,
    Notify,
    Time,
    Prompt,
    Line,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Waits {
    Document { delimiter: EcoString, strip_tabs: bool },
    Quote(char),
    More,
}

/// The editor with the calls that it needs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Readline {
    prompt: String,
    ahead: Vec<u8>,
    editor: Option<Editor>,
    stage: Editing,
    /// What the line has come to.
    event: Option<Ending>,
    /// What is to be completed.
    wants: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Editing {
    #[default]
    Mode,
    Size,
    Ready,
    Read,
    Resize,
    Completing,
    Leave,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Ending {
    Line(String),
    End,
    Cancelled,
}

impl Shell {
    pub(super) fn session(&mut self, mut session: Box<Session>, log: Log) -> Option<Syscall> {
        if self.unwind == Some(Unwind::Prompt) {
            self.unwind = None;
            *session = Session { ahead: std::mem::take(&mut session.ahead), ..Session::default() };
        }
        if self.unwind == Some(Unwind::Exit) {
            return None;
        }
        self.unwind = None;
        match session.stage {
            Stage::Start => {
                session.stage = Stage::Notify;
                self.push(Kind::Session(session));
                self.push(Kind::Reap);
            }
            Stage::Notify => {
                session.stage = Stage::Time;
                let notices = self.notices();
                let trap = self.pending.pop();
                self.push(Kind::Session(session));
                if let Some(text) = self.state.get("PROMPT_COMMAND") {
                    self.push(Kind::KeepStatus(self.state.status));
                    self.push(Kind::Source(Source::new(text, From::Eval, true)));
                }
                if let Some(signal) = trap {
                    self.run_trap(signal);
                }
                self.say(2, notices);
            }
            Stage::Time => {
                let Some(Reply::Answer(Answer::Time(now))) = log.last() else {
                    return self.ask(Kind::Session(session), log, Syscall::Now);
                };
                session.now = *now;
                session.stage = Stage::Prompt;
                let name = if session.text.is_empty() { "PS1" } else { "PS2" };
                let text = prompt::decode(&self.state.var(name), &self.state, *now);
                let word = syntax::parse_text(&text, 1).ok().filter(|word| word.0.len() > 1 || text.contains('$'));
                self.push(Kind::Session(session));
                match word {
                    Some(word) => self.push(Kind::Expand(Expanding::new([word].into(), Mode::Single))),
                    None => self.fields = Some(vec![text.replace("\\\\", "\\").into()]),
                }
            }
            Stage::Prompt => {
                let prompt = self.fields.take().and_then(|fields| fields.into_iter().next()).unwrap_or_default();
                let prompt = prompt.to_string();
                session.stage = Stage::Line;
                let ahead = std::mem::take(&mut session.ahead);
                self.push(Kind::Session(session));
                self.push(Kind::Readline(Box::new(Readline { prompt, ahead, ..Readline::default() })));
            }
            Stage::Line => self.line_ended(session),
        }
        None
    }

    /// What is said of jobs before the prompt.
    fn notices(&mut self) -> String {
        let ended = self.state.jobs.iter().filter(|job| job.exit().is_some());
        let text: String = ended.map(|job| self.state.job_line(job)).collect();
        self.state.jobs.retain(|job| job.exit().is_none());
        text
    }

    fn line_ended(&mut self, mut session: Box<Session>) {
        let Some((ending, ahead)) = self.ending.take() else {
            // The editor was left by a signal.
            session.stage = Stage::Start;
            self.push(Kind::Session(session));
            return;
        };
        session.ahead = ahead;
        session.stage = Stage::Start;
        match ending {
            Ending::Cancelled => {
                self.state.status = 130;
                (session.text, session.need) = (String::new(), None);
                self.push(Kind::Session(session));
            }
            Ending::End if session.text.is_empty() => {
                let status = self.state.status;
                self.leave(Unwind::Exit, status);
                self.push(Kind::Say { fd: 2, text: Bytes::from(b"exit\n".as_slice()) });
            }
            Ending::End => {
                let text = std::mem::take(&mut session.text);
                session.need = None;
                self.push(Kind::Session(session));
                self.push(Kind::Source(Source::new(text.into(), From::Line, false)));
            }
            Ending::Line(line) => self.take_line(session, line),
        }
    }

    fn take_line(&mut self, mut session: Box<Session>, line: String) {
        let mut line = line;
        let in_document = matches!(session.need, Some(Waits::Document { .. }));
        if !in_document && self.state.flavour == crate::state::Flavour::Bash {
            match events::expand(&line, &self.state.history, self.state.history_dropped) {
                Ok(None) => {}
                Ok(Some(expanded)) => {
                    let shown = format!("{expanded}\n");
                    line = expanded;
                    self.push_line(session, line);
                    self.say(2, shown);
                    return;
                }
                Err(error) => {
                    self.push(Kind::Session(session));
                    self.complain(&error);
                    return;
                }
            }
        }
        if line.trim().is_empty() && session.text.is_empty() {
            session.text.clear();
            self.push(Kind::Session(session));
            return;
        }
        self.push_line(session, line);
    }

    /// Adds a line to the command; when it is whole, runs it.
    fn push_line(&mut self, mut session: Box<Session>, line: String) {
        session.text.push_str(&line);
        session.text.push('\n');
        let may_end = match &session.need {
            None | Some(Waits::More) => true,
            Some(Waits::Document { delimiter, strip_tabs }) => line.split('\n').any(|line| {
                let line = if *strip_tabs { line.trim_start_matches('\t') } else { line };
                line == delimiter
            }),
            Some(Waits::Quote(quote)) => line.contains(*quote),
        };
        let too_long = session.text.len() > MAX_COMMAND;
        if may_end && !too_long {
            match syntax::parse_line(&session.text, 1, &self.state.aliases, false) {
                Err(SyntaxError::Incomplete(need)) => {
                    session.need = Some(match need {
                        Need::HereDoc { delimiter, strip_tabs } => Waits::Document { delimiter, strip_tabs },
                        Need::Closing { quote, .. } => Waits::Quote(quote),
                        Need::More => Waits::More,
                    });
                }
                _ => {
                    let text = std::mem::take(&mut session.text);
                    session.need = None;
                    self.remember(text.trim_end_matches('\n'));
                    self.push(Kind::Session(session));
                    self.push(Kind::Source(Source::new(text.into(), From::Line, false)));
                    return;
                }
            }
        }
        if too_long {
            (session.text, session.need) = (String::new(), None);
            self.push(Kind::Session(session));
            self.complain("command too long");
            return;
        }
        session.stage = Stage::Time;
        self.push(Kind::Session(session));
    }

    fn remember(&mut self, text: &str) {
        let control = self.state.var("HISTCONTROL");
        let line = events::joined(text);
        let hidden = line.starts_with(' ') && (control.contains("ignorespace") || control.contains("ignoreboth"));
        let repeated = self.state.history.last().is_some_and(|last| *last == line)
            && (control.contains("ignoredups") || control.contains("ignoreboth"));
        if hidden || repeated || line.len() > MAX_REMEMBERED {
            return;
        }
        self.state.history.push(line.into());
        if self.state.history.len() > MAX_HISTORY {
            self.state.history.remove(0);
            self.state.history_dropped += 1;
        }
    }

    /// A prompt where there is no editor.
    pub(super) fn prompt(&self, name: &str) -> String {
        prompt::decode(&self.state.var(name), &self.state, Time::default()).replace("\\\\", "\\")
    }

    pub(super) fn readline(&mut self, mut readline: Box<Readline>, log: Log) -> Option<Syscall> {
        let answer = match log.last() {
            Some(Reply::Answer(answer)) => Some(answer.clone()),
            _ => None,
        };
        if let Some(Answer::Interrupted(signal)) = answer {
            return self.readline_signal(readline, signal);
        }
        match (readline.stage, answer) {
            (Editing::Mode, None) => {
                return self.ask(Kind::Readline(readline), log, Syscall::SetTerminalMode(TerminalMode::EDITING));
            }
            (Editing::Mode, Some(_)) => {
                readline.stage = Editing::Size;
                return self.ask(Kind::Readline(readline), Log::new(), Syscall::TerminalSize);
            }
            (Editing::Size | Editing::Resize, Some(answer)) => {
                let columns = if let Answer::Size { columns, .. } = answer { columns } else { 80 };
                match &mut readline.editor {
                    Some(editor) => editor.resized(columns),
                    None => {
                        let (prompt, ahead) =
                            (std::mem::take(&mut readline.prompt), std::mem::take(&mut readline.ahead));
                        readline.editor = Some(Editor::new(prompt, self.state.history.clone(), columns, ahead));
                    }
                }
                readline.stage = Editing::Ready;
                self.feed_editor(&mut readline, &[]);
            }
            (Editing::Read, Some(Answer::Bytes(bytes))) if bytes.is_empty() => readline.event = Some(Ending::End),
            (Editing::Read, Some(Answer::Bytes(bytes))) => {
                readline.stage = Editing::Ready;
                self.feed_editor(&mut readline, &bytes);
            }
            (Editing::Read, Some(_)) => readline.event = Some(Ending::End),
            (Editing::Completing, _) => {
                readline.stage = Editing::Ready;
                if let (Some(completion), Some(editor)) = (self.completion.take(), &mut readline.editor) {
                    editor.completed(completion);
                }
                self.feed_editor(&mut readline, &[]);
            }
            (Editing::Leave, _) => {
                let ahead = readline.editor.as_mut().map(Editor::take_rest).unwrap_or_default();
                self.ending = Some((readline.event.take().unwrap_or(Ending::Cancelled), ahead));
                return None;
            }
            _ => {}
        }
        self.editor_next(readline)
    }

    /// Writes what the editor has to show, or asks for what it needs.
    fn editor_next(&mut self, mut readline: Box<Readline>) -> Option<Syscall> {
        let Some(editor) = &mut readline.editor else { return None };
        if !editor.out.is_empty() {
            let bytes = Bytes::from(std::mem::take(&mut editor.out).as_bytes());
            return self.ask(Kind::Readline(readline), Log::new(), Syscall::Write { fd: 2, bytes });
        }
        if let Some(line) = readline.wants.take() {
            readline.stage = Editing::Completing;
            self.push(Kind::Readline(readline));
            self.push(Kind::Completing { line });
            return None;
        }
        if readline.event.is_some() {
            readline.stage = Editing::Leave;
            let call = Syscall::SetTerminalMode(TerminalMode::COOKED);
            return self.ask(Kind::Readline(readline), Log::new(), call);
        }
        readline.stage = Editing::Read;
        // Byte by byte, so that what is typed ahead is for the command; a paste comes in chunks.
        let max = if editor.is_pasting() { 1 << 16 } else { 1 };
        self.ask(Kind::Readline(readline), Log::new(), Syscall::Read { fd: 0, max })
    }

    /// Gives the editor bytes and notes what it makes of them.
    fn feed_editor(&mut self, readline: &mut Readline, bytes: &[u8]) {
        let Some(editor) = &mut readline.editor else { return };
        match editor.feed(bytes) {
            Event::None => {}
            Event::Line(line) => readline.event = Some(Ending::Line(line)),
            Event::End => readline.event = Some(Ending::End),
            Event::Cancelled => readline.event = Some(Ending::Cancelled),
            Event::Complete(line) => readline.wants = Some(line),
        }
    }

    fn readline_signal(&mut self, mut readline: Box<Readline>, signal: Signal) -> Option<Syscall> {
        if signal == Signal::WindowChange && readline.editor.is_some() {
            readline.stage = Editing::Resize;
            return self.ask(Kind::Readline(readline), Log::new(), Syscall::TerminalSize);
        }
        if signal == Signal::Interrupt {
            match &mut readline.editor {
                Some(editor) => {
                    editor.cancel();
                }
                None => readline.editor = Some(Editor::default()),
            }
            readline.event = Some(Ending::Cancelled);
            readline.stage = Editing::Ready;
            return self.editor_next(readline);
        }
        if readline.editor.is_none() {
            readline.stage = Editing::Mode;
        } else {
            readline.stage = Editing::Ready;
        }
        self.push(Kind::Readline(readline));
        None
    }

    /// Finds completions for the editor below.
    pub(super) fn completing(&mut self, line: String, log: Log) -> Option<Syscall> {
        match self.task(|| Kind::Completing { line: line.clone() }, log, |cx| complete(cx, &line)) {
            Ok(completion) => {
                self.completion = Some(completion);
                None
            }
            Err(call) => call,
        }
    }
}

/// What a line has come to, with bytes typed behind it.
pub(super) type Ended = (Ending, Vec<u8>);
/// What completion has found.
pub(super) type Found = Completion;
