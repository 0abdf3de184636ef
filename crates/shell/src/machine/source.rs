//! Commands from a text: a script, `-c`, `eval`, a trap; and from a standard input that is no terminal.

use ecow::EcoString;
use podyard_kernel::{Answer, Syscall};
use serde::{Deserialize, Serialize};

use super::{Kind, Shell, Unwind};
use crate::replay::{Log, Reply};
use crate::state::Flavour;
use crate::syntax::{self, Aliases, Need, SyntaxError};

/// Where a text comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum From {
    /// `-c`
    Command,
    Script,
    Eval,
    /// `. file`
    File(EcoString),
    /// The start-up file.
    Rc,
    Trap,
    /// A line of a session.
    Line,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Source {
    text: EcoString,
    at: usize,
    line: u32,
    from: From,
    tested: bool,
    /// What is to be put back: the source of before, and its parameters.
    former: Option<(Option<EcoString>, Option<ecow::EcoVec<EcoString>>)>,
    /// The parameters for a sourced file.
    params: Option<ecow::EcoVec<EcoString>>,
    first_line: u32,
}

impl Source {
    pub(super) fn new(text: EcoString, from: From, tested: bool) -> Self {
        Self { text, at: 0, line: 1, from, tested, former: None, params: None, first_line: 1 }
    }

    pub(super) fn with_params(mut self, params: Option<ecow::EcoVec<EcoString>>) -> Self {
        self.params = params;
        self
    }

    /// Whether `return` may end it.
    pub(super) fn is_file(&self) -> bool {
        matches!(self.from, From::File(_) | From::Rc)
    }

    /// The text begins at this line of what the user sees.
    pub(super) fn at_line(mut self, line: u32) -> Self {
        (self.line, self.first_line) = (line, line);
        self
    }
}

/// Commands read byte by byte, as others read from the same place.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Stdin {
    buffer: Vec<u8>,
    /// Bytes already known to be an unfinished command.
    tried: usize,
    line: u32,
    ended: bool,
    /// What the unfinished command waits for, if a line can tell.
    need: Option<(EcoString, bool)>,
    prompted: bool,
}

impl Shell {
    pub(super) fn source(&mut self, mut source: Source) -> Option<Syscall> {
        if source.former.is_none() {
            let params = source.params.take().map(|params| std::mem::replace(&mut self.state.params, params));
            let file = match &source.from {
                From::File(file) => self.state.source.replace(file.clone()),
                From::Rc => self.state.source.replace("~/.bashrc".into()),
                _ => self.state.source.clone(),
            };
            source.former = Some((file, params));
        }
        if self.unwind == Some(Unwind::Return) && source.is_file() {
            self.unwind = None;
            source.at = source.text.len();
        }
        let at_end = self.unwind.is_some() || source.text[source.at..].trim().is_empty();
        if at_end {
            self.source_ended(source);
            return None;
        }
        let none = Aliases::new();
        let interactive = self.state.options.interactive || self.state.flavour != Flavour::Bash;
        let aliases = if interactive { &self.state.aliases } else { &none };
        match syntax::parse_line(&source.text[source.at..], source.line, aliases, true) {
            Ok(parsed) => {
                source.at += parsed.end;
                source.line += parsed.lines;
                let tested = source.tested;
                let is_last = source.from == From::Command && source.text[source.at..].trim().is_empty();
                let only = is_last && source.first_line == 1 && self.frames.len() == 1 && is_single(&parsed.list);
                self.push(Kind::Source(source));
                if self.state.options.noexec && !interactive {
                    return None;
                }
                match parsed.list.first() {
                    Some(item) if only => self.push(Kind::Command {
                        node: item.chain[0].1.commands[0].clone(),
                        tested,
                        tail: self.state.traps.is_empty(),
                        redirected: false,
                    }),
                    _ => self.push(Kind::List { list: parsed.list, at: 0, tested }),
                }
                if let Some((delimiter, line)) = parsed.unended {
                    self.unended_document(&delimiter, line);
                }
            }
            Err(error) => {
                self.state.status = 2;
                let text = self.syntax_error(&error, &source);
                let ends_shell = matches!(source.from, From::Command | From::Script);
                self.source_ended(source);
                if ends_shell {
                    self.unwind = Some(Unwind::Exit);
                }
                self.say(2, text);
            }
        }
        None
    }

    fn source_ended(&mut self, source: Source) {
        let Some((file, params)) = source.former else { return };
        self.state.source = file;
        if let Some(params) = params {
            self.state.params = params;
        }
    }

    fn unended_document(&mut self, delimiter: &str, line: u32) {
        let last = self.state.line.max(line) + 1;
        let message = format!(
            "{}: line {last}: warning: here-document at line {line} delimited by end-of-file (wanted `{delimiter}')\n",
            self.state.name
        );
        if self.state.flavour == Flavour::Bash {
            self.say(2, message);
        }
    }

    fn syntax_error(&self, error: &SyntaxError, source: &Source) -> String {
        let state = &self.state;
        let session = matches!(source.from, From::Line) || state.options.interactive && source.from == From::Eval;
        let (text, line, with_source) = describe(error, &source.text, state.flavour);
        let line = line.max(1);
        let prefix = match (&source.from, &state.source) {
            (_, _) if session => format!("{}: ", state.name),
            (From::Command, _) if state.flavour == Flavour::Bash => format!("{}: -c: line {line}: ", state.name),
            (From::File(file), _) => format!("{file}: line {line}: "),
            (From::Rc, Some(file)) => format!("{file}: line {line}: "),
            (From::Eval, _) if state.flavour == Flavour::Bash => format!("{}: eval: line {line}: ", state.name),
            _ if state.flavour == Flavour::Dash => format!("{}: {line}: ", state.name),
            _ if state.flavour == Flavour::Busybox => format!("{}: ", state.name),
            _ => format!("{}: line {line}: ", state.name),
        };
        let shown = source.text.lines().nth((line.saturating_sub(source.first_line)) as usize).unwrap_or_default();
        let second = with_source && !session && state.flavour == Flavour::Bash;
        let second = if second { format!("{prefix}`{shown}'\n") } else { String::new() };
        format!("{prefix}{text}\n{second}")
    }

    pub(super) fn stdin(&mut self, mut stdin: Stdin, log: Log) -> Option<Syscall> {
        if self.unwind == Some(Unwind::Prompt) {
            self.unwind = None;
        }
        if self.unwind.is_some() {
            return None;
        }
        if let Some(Reply::Answer(answer)) = log.last() {
            match answer {
                Answer::Bytes(bytes) if !bytes.is_empty() => stdin.buffer.extend_from_slice(bytes),
                _ => stdin.ended = true,
            }
        }
        let at_line_end = stdin.buffer.ends_with(b"\n") && stdin.buffer.len() > stdin.tried;
        if !at_line_end && !stdin.ended {
            if self.state.options.interactive
                && stdin.buffer.is_empty()
                && !std::mem::replace(&mut stdin.prompted, true)
            {
                let prompt = self.prompt("PS1");
                self.push(Kind::Stdin(stdin));
                self.say(2, prompt);
                return None;
            }
            return self.ask(Kind::Stdin(stdin), Log::new(), Syscall::Read { fd: 0, max: 1 });
        }
        let last = String::from_utf8_lossy(&stdin.buffer[stdin.tried..]).into_owned();
        stdin.tried = stdin.buffer.len();
        if let Some((delimiter, strip)) = &stdin.need {
            let line = last.trim_end_matches('\n');
            let line = if *strip { line.trim_start_matches('\t') } else { line };
            if line != delimiter && !stdin.ended {
                self.push(Kind::Stdin(stdin));
                return None;
            }
        }
        let text = String::from_utf8_lossy(&stdin.buffer).into_owned();
        if text.trim().is_empty() {
            if !stdin.ended {
                stdin.line += text.matches('\n').count() as u32;
                stdin.buffer.clear();
                (stdin.tried, stdin.prompted) = (0, false);
                self.push(Kind::Stdin(stdin));
            }
            return None;
        }
        match syntax::parse_line(&text, stdin.line + 1, &Aliases::new(), stdin.ended) {
            Err(SyntaxError::Incomplete(need)) if !stdin.ended => {
                stdin.need = match need {
                    Need::HereDoc { delimiter, strip_tabs } => Some((delimiter, strip_tabs)),
                    _ => None,
                };
                self.push(Kind::Stdin(stdin));
            }
            _ => {
                let line = stdin.line + 1;
                let ended = stdin.ended;
                let lines = text.matches('\n').count() as u32;
                self.push(Kind::Stdin(Stdin { line: stdin.line + lines, ended, ..Stdin::default() }));
                self.push(Kind::Source(Source::new(text.into(), From::Script, false).at_line(line)));
            }
        }
        None
    }
}

/// One simple command and nothing else.
fn is_single(list: &crate::syntax::ast::List) -> bool {
    use crate::syntax::ast::Body;
    match list.as_slice() {
        [item] if !item.background => match item.chain.as_slice() {
            [(_, pipeline)] if !pipeline.negate && !pipeline.timed => {
                matches!(pipeline.commands.as_slice(), [node] if matches!(node.body, Body::Simple { .. }))
            }
            _ => false,
        },
        _ => false,
    }
}

/// A syntax error in words, its line, and whether the line itself is shown.
fn describe(error: &SyntaxError, text: &str, flavour: Flavour) -> (String, u32, bool) {
    let last_line = text.lines().count() as u32 + 1;
    match (error, flavour) {
        (SyntaxError::Message { text, line }, _) => (text.to_string(), *line, false),
        (SyntaxError::Unexpected { token, line }, Flavour::Bash) => {
            (format!("syntax error near unexpected token `{token}'"), *line, true)
        }
        (SyntaxError::Unexpected { token, line }, Flavour::Dash) => {
            let token = if token == "newline" { "newline".into() } else { format!("\"{token}\"") };
            (format!("Syntax error: {token} unexpected"), *line, false)
        }
        (SyntaxError::Unexpected { token, line }, Flavour::Busybox) => {
            (format!("syntax error: unexpected \"{token}\""), *line, false)
        }
        (SyntaxError::Incomplete(Need::Closing { quote, line }), Flavour::Bash) => {
            (format!("unexpected EOF while looking for matching `{quote}'"), *line, false)
        }
        (SyntaxError::Incomplete(Need::Closing { quote: '"' | '\'', line }), Flavour::Dash) => {
            ("Syntax error: Unterminated quoted string".into(), *line, false)
        }
        (SyntaxError::Incomplete(Need::Closing { .. }), Flavour::Busybox) => {
            ("syntax error: unterminated quoted string".into(), last_line, false)
        }
        (SyntaxError::Incomplete(_), Flavour::Bash) => {
            ("syntax error: unexpected end of file".into(), last_line, false)
        }
        (SyntaxError::Incomplete(_), Flavour::Dash) => {
            ("Syntax error: end of file unexpected".into(), last_line, false)
        }
        (SyntaxError::Incomplete(_), Flavour::Busybox) => {
            ("syntax error: unexpected end of file".into(), last_line, false)
        }
    }
}
