//! The shared driver of tools that read inputs and write as they go.
//!
//! It opens one input after the other, reads a chunk, hands it over whole or by lines, and writes what comes of it
//! before it reads more. So a tool's state is what it remembers between lines, and endless streams cost nothing.

use ecow::EcoString;
use podyard_kernel::{Answer, Args, Bytes, Errno, Fd, OpenMode, Syscall};
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

use super::opts::Usage;
use super::{Flavour, complaint};

/// What is read at once, in bytes.
const CHUNK: usize = 1 << 16;
/// The longest line, in bytes; a longer one is cut in pieces.
const MAX_LINE: usize = 16 << 20;

/// How often a followed file is looked at, in microseconds.
const FOLLOW_EVERY: u64 = 1_000_000;

/// What a filter wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    More,
    /// Nothing more from this input.
    OtherInput,
    /// Nothing more at all.
    Stop,
}

/// What a filter writes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Out {
    pub text: Vec<u8>,
    pub errors: Vec<u8>,
}

impl Out {
    pub(crate) fn line(&mut self, line: &[u8]) {
        self.text.extend_from_slice(line);
        self.text.push(b'\n');
    }

    pub(crate) fn print(&mut self, text: impl AsRef<[u8]>) {
        self.text.extend_from_slice(text.as_ref());
    }

    pub(crate) fn error(&mut self, text: impl AsRef<[u8]>) {
        self.errors.extend_from_slice(text.as_ref());
    }
}

/// What a tool does with its input.
pub(crate) trait Filter {
    /// Before anything is opened; may be the end already.
    fn start(&mut self, _out: &mut Out) -> Next {
        Next::More
    }

    /// Whether it takes chunks as they come rather than lines.
    fn takes_chunks(&self) -> bool {
        false
    }

    /// A new input begins.
    fn begin(&mut self, _name: &str, _out: &mut Out) {}

    /// A line without its newline; `ended` if it had one.
    fn line(&mut self, _line: &[u8], _ended: bool, _out: &mut Out) -> Next {
        Next::More
    }

    fn chunk(&mut self, _bytes: &[u8], _out: &mut Out) -> Next {
        Next::More
    }

    /// The input is over.
    fn end(&mut self, _out: &mut Out) {}

    /// All inputs are over; answers the status.
    fn finish(&mut self, _out: &mut Out) -> u8 {
        0
    }

    /// Whether more may come at the end of the input: `tail -f`.
    fn follows(&self) -> bool {
        false
    }

    /// Makes output without reading: `yes`, `seq`. `None` for a tool that reads.
    fn produce(&mut self, _out: &mut Out) -> Option<Next> {
        None
    }
}

macro_rules! filters {
    ($($variant:ident $module:ident $($name:literal)+;)+) => {
        $(pub(super) mod $module;)+

        /// The state of each tool.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        enum State {
            $($variant($module::$variant),)+
        }

        impl State {
            fn filter(&mut self) -> &mut dyn Filter {
                match self {
                    $(Self::$variant(filter) => filter,)+
                }
            }
        }

        $(impl From<$module::$variant> for State {
            fn from(filter: $module::$variant) -> Self {
                Self::$variant(filter)
            }
        })+

        type Parse = fn(&Args, Flavour) -> Result<Stream, Usage>;

        /// How a tool of this name begins.
        pub(super) fn find(name: &str) -> Option<Parse> {
            match name {
                $($($name)|+ => Some($module::parse),)+
                _ => None,
            }
        }
    };
}

filters! {
    Awk awk "awk" "gawk" "mawk";
    Base64 base64 "base64";
    Cat cat "cat";
    Cut cut "cut";
    Grep grep "grep" "egrep" "fgrep";
    Head head "head";
    Nl nl "nl";
    Paste paste "paste";
    Rev rev "rev";
    Sed sed "sed";
    Seq seq "seq";
    Sort sort "sort";
    Tac tac "tac";
    Tail tail "tail";
    Tr tr "tr";
    Uniq uniq "uniq";
    Wc wc "wc";
    Yes yes "yes";
}

/// A tool with its inputs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stream {
    name: EcoString,
    flavour: Flavour,
    state: State,
    /// Files; `-` is standard input.
    inputs: Vec<EcoString>,
    at: usize,
    stage: Stage,
    /// The beginning of a line whose end has not come.
    carry: Vec<u8>,
    out: Out,
    status: u8,
    /// The status for an input that cannot be read.
    failure: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    Start,
    Open,
    Opening,
    Read(Fd),
    Reading(Fd),
    /// Waits for more to come.
    Sleep(Fd),
    Sleeping(Fd),
    Wait(Fd, Time),
    Close(Fd),
    Closing,
    Finish,
    Exit,
}

impl Stream {
    fn new(name: &str, flavour: Flavour, state: impl Into<State>, inputs: Vec<EcoString>) -> Self {
        let inputs = if inputs.is_empty() { vec!["-".into()] } else { inputs };
        Self {
            name: name.into(),
            flavour,
            state: state.into(),
            inputs,
            at: 0,
            stage: Stage::Start,
            carry: Vec::new(),
            out: Out::default(),
            status: 0,
            failure: 1,
        }
    }

    /// With this status where an input cannot be read.
    fn failing_with(mut self, status: u8) -> Self {
        self.failure = status;
        self
    }

    /// For tools that read nothing.
    fn without_input(mut self) -> Self {
        self.inputs.clear();
        self
    }

    pub(super) fn step(&mut self, answer: Answer) -> Syscall {
        self.take(answer);
        loop {
            if !self.out.text.is_empty() {
                let bytes = Bytes::from(std::mem::take(&mut self.out.text));
                return Syscall::Write { fd: 1, bytes };
            }
            if !self.out.errors.is_empty() {
                let bytes = Bytes::from(std::mem::take(&mut self.out.errors));
                return Syscall::Write { fd: 2, bytes };
            }
            if let Some(call) = self.go_on() {
                return call;
            }
        }
    }

    /// The next call, if it is time for one.
    fn go_on(&mut self) -> Option<Syscall> {
        match self.stage {
            Stage::Start => {
                let next = self.state.filter().start(&mut self.out);
                self.stage = if next == Next::More { Stage::Open } else { Stage::Finish };
            }
            Stage::Open => match self.inputs.get(self.at) {
                None => match self.state.filter().produce(&mut self.out) {
                    Some(Next::More) => return self.out.text.is_empty().then_some(Syscall::Yield),
                    _ => self.stage = Stage::Finish,
                },
                Some(name) if name == "-" => {
                    self.begin();
                    self.stage = Stage::Read(0);
                }
                Some(path) => {
                    let path = path.clone();
                    self.stage = Stage::Opening;
                    return Some(Syscall::Open { path, mode: OpenMode::READ });
                }
            },
            Stage::Read(fd) => {
                self.stage = Stage::Reading(fd);
                return Some(Syscall::Read { fd, max: CHUNK });
            }
            Stage::Sleep(fd) => {
                self.stage = Stage::Sleeping(fd);
                return Some(Syscall::Now);
            }
            Stage::Wait(fd, until) => {
                self.stage = Stage::Sleeping(fd);
                return Some(Syscall::SleepUntil(until));
            }
            Stage::Close(fd) => {
                self.at += 1;
                if fd == 0 {
                    self.stage = Stage::Open;
                    return None;
                }
                self.stage = Stage::Closing;
                return Some(Syscall::Close(fd));
            }
            Stage::Finish => {
                let status = self.state.filter().finish(&mut self.out);
                self.status = self.status.max(status);
                self.stage = Stage::Exit;
            }
            Stage::Exit => return Some(Syscall::Exit(self.status)),
            Stage::Opening | Stage::Reading(_) | Stage::Sleeping(_) | Stage::Closing => return Some(Syscall::Yield),
        }
        None
    }

    fn take(&mut self, answer: Answer) {
        match (self.stage, answer) {
            (Stage::Opening, Answer::Fd(fd)) => {
                self.begin();
                self.stage = Stage::Read(fd);
            }
            (Stage::Opening, Answer::Error(errno)) => {
                self.cannot_open(errno);
                self.at += 1;
                self.stage = Stage::Open;
            }
            (Stage::Reading(fd), Answer::Bytes(bytes)) if bytes.is_empty() => {
                if self.state.filter().follows() {
                    self.stage = Stage::Sleep(fd);
                } else {
                    self.end_input(fd);
                }
            }
            (Stage::Reading(fd), Answer::Bytes(bytes)) => {
                self.stage = Stage::Read(fd);
                match self.feed(&bytes) {
                    Next::More => {}
                    Next::OtherInput => {
                        self.carry.clear();
                        self.state.filter().end(&mut self.out);
                        self.stage = Stage::Close(fd);
                    }
                    Next::Stop => self.stage = Stage::Finish,
                }
            }
            (Stage::Reading(fd), Answer::Error(errno)) => {
                self.cannot_read(errno);
                self.carry.clear();
                self.state.filter().end(&mut self.out);
                self.stage = Stage::Close(fd);
            }
            (Stage::Sleeping(fd), Answer::Time(now)) => {
                self.stage = Stage::Wait(fd, Time::from_micros(now.as_micros() + FOLLOW_EVERY));
            }
            (Stage::Sleeping(fd), Answer::Done) => self.stage = Stage::Read(fd),
            (Stage::Closing, _) => self.stage = Stage::Open,
            // Nobody reads any more.
            (_, Answer::Error(_)) => self.stage = Stage::Exit,
            _ => {}
        }
    }

    fn begin(&mut self) {
        if let Some(name) = self.inputs.get(self.at).cloned() {
            self.state.filter().begin(&name, &mut self.out);
        }
    }

    fn end_input(&mut self, fd: Fd) {
        let rest = std::mem::take(&mut self.carry);
        let next = if rest.is_empty() { Next::More } else { self.state.filter().line(&rest, false, &mut self.out) };
        self.state.filter().end(&mut self.out);
        self.stage = if next == Next::Stop { Stage::Finish } else { Stage::Close(fd) };
    }

    fn feed(&mut self, bytes: &[u8]) -> Next {
        let filter = self.state.filter();
        if filter.takes_chunks() {
            return filter.chunk(bytes, &mut self.out);
        }
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let next = if self.carry.is_empty() {
                filter.line(&rest[..end], true, &mut self.out)
            } else {
                self.carry.extend_from_slice(&rest[..end]);
                let line = std::mem::take(&mut self.carry);
                filter.line(&line, true, &mut self.out)
            };
            if next != Next::More {
                return next;
            }
            rest = &rest[end + 1..];
        }
        self.carry.extend_from_slice(rest);
        if self.carry.len() > MAX_LINE {
            let line = std::mem::take(&mut self.carry);
            return filter.line(&line, false, &mut self.out);
        }
        Next::More
    }

    fn cannot_open(&mut self, errno: Errno) {
        let name = self.inputs.get(self.at).cloned().unwrap_or_default();
        let text = match (self.name.as_str(), self.flavour) {
            ("head" | "tail", Flavour::Gnu) => format!("cannot open '{name}' for reading: {errno}"),
            ("sed", _) => format!("can't read {name}: {errno}"),
            ("sort", Flavour::Gnu) => format!("cannot read: {name}: {errno}"),
            ("cat" | "tac", Flavour::Busybox) => format!("can't open '{name}': {errno}"),
            _ => format!("{name}: {errno}"),
        };
        self.failed(&text);
    }

    fn cannot_read(&mut self, errno: Errno) {
        let name = self.inputs.get(self.at).cloned().unwrap_or_default();
        let text = match (self.name.as_str(), self.flavour) {
            ("sed", _) if errno == Errno::IsDirectory => format!("couldn't edit {name}: not a regular file"),
            ("sed", _) => format!("read error on {name}: {errno}"),
            ("cat" | "tac", Flavour::Busybox) => format!("read error: {errno}"),
            ("head" | "tail", Flavour::Gnu) => format!("error reading '{name}': {errno}"),
            _ => format!("{name}: {errno}"),
        };
        self.failed(&text);
    }

    fn failed(&mut self, text: &str) {
        self.out.error(complaint(&self.name, text));
        self.status = self.failure;
    }
}
