//! `read`, `mapfile`

use ecow::EcoString;
use podyard_kernel::{Answer, Fd, Syscall};
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

use super::{Ran, wrong};
use crate::machine::Shell;
use crate::replay::{Cx, Log, Reply, Suspend};
use crate::vars::{Content, MAX_VALUE, is_name};

/// A line being read, byte by byte, as others read from the same place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Read {
    names: Vec<EcoString>,
    fd: Fd,
    raw: bool,
    delimiter: u8,
    /// At most this many characters.
    count: Option<usize>,
    array: bool,
    /// `mapfile`: all lines, without their newlines if `raw`.
    all: bool,
    /// In microseconds.
    timeout: Option<u64>,
    until: Option<Time>,
    buffer: Vec<u8>,
    /// Positions of characters that a backslash has made plain.
    plain: Vec<usize>,
    escaped: bool,
}

/// What comes of the bytes so far.
pub(crate) enum Progress {
    Call(Syscall),
    Done(u8),
}

pub(super) fn read(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let mut read = Read { delimiter: b'\n', ..Read::default() };
    let mut prompt = None;
    let mut args = argv[1..].iter();
    while let Some(arg) = args.next() {
        let Some(flags) = arg.strip_prefix('-').filter(|flags| !flags.is_empty()) else {
            read.names.push(arg.clone());
            read.names.extend(args.by_ref().cloned());
            break;
        };
        if flags == "-" {
            read.names.extend(args.by_ref().cloned());
            break;
        }
        for (at, flag) in flags.char_indices() {
            let rest = &flags[at + 1..];
            let mut value = || if rest.is_empty() { args.next().cloned().unwrap_or_default() } else { rest.into() };
            match flag {
                'r' => read.raw = true,
                's' | 'e' => {}
                'a' => {
                    read.array = true;
                    read.names = vec![value()];
                    break;
                }
                'p' => {
                    prompt = Some(value());
                    break;
                }
                'd' => {
                    read.delimiter = value().bytes().next().unwrap_or(0);
                    break;
                }
                'n' | 'N' => {
                    read.count = value().parse().ok();
                    break;
                }
                't' => {
                    let seconds = value().parse::<f64>().unwrap_or(0.0).clamp(0.0, 1e9);
                    read.timeout = Some((seconds * 1e6) as u64);
                    break;
                }
                'u' => {
                    read.fd = value().parse().unwrap_or(0);
                    break;
                }
                flag => {
                    return super::usage(
                        cx,
                        &format!("read: -{flag}: invalid option"),
                        "read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]",
                    );
                }
            }
        }
    }
    if let Some(name) = read.names.iter().find(|name| !is_name(name)) {
        let text = format!("read: `{name}': not a valid identifier");
        return wrong(cx, 1, &text);
    }
    if let Some(prompt) = prompt
        && cx.call(Syscall::IsTerminal(read.fd))? == Answer::Flag(true)
    {
        let _ = cx.write(2, &prompt)?;
    }
    Ok(Ran::Read(read))
}

pub(super) fn mapfile(cx: &mut Cx<'_>, argv: &[EcoString]) -> Result<Ran, Suspend> {
    let mut read = Read { all: true, delimiter: b'\n', ..Read::default() };
    for arg in &argv[1..] {
        match arg.as_str() {
            "-t" => read.raw = true,
            name if is_name(name) => read.names = vec![arg.clone()],
            _ => return wrong(cx, 2, &format!("mapfile: {arg}: invalid option")),
        }
    }
    if read.names.is_empty() {
        read.names.push("MAPFILE".into());
    }
    Ok(Ran::Read(read))
}

impl Shell {
    pub(crate) fn read(&mut self, mut read: Read, log: Log) -> Option<Syscall> {
        match read.progress(&mut self.state, log.last()) {
            Progress::Call(call) => self.ask_read(read, call),
            Progress::Done(status) => {
                self.state.status = status;
                None
            }
        }
    }
}

impl Read {
    fn progress(&mut self, state: &mut crate::state::State, last: Option<&Reply>) -> Progress {
        let ended = match last {
            Some(Reply::Answer(Answer::Time(now))) => {
                self.until = Some(Time::from_micros(now.as_micros() + self.timeout.unwrap_or(0)));
                false
            }
            Some(Reply::Answer(Answer::Bytes(bytes))) if bytes.is_empty() => true,
            Some(Reply::Answer(Answer::Bytes(bytes))) => {
                if self.take(bytes[0]) {
                    return Progress::Done(self.assign(state, 0));
                }
                false
            }
            // The time is over.
            Some(Reply::Answer(Answer::Done)) => return Progress::Done(self.assign(state, 142)),
            Some(Reply::Answer(Answer::Ready(_))) => {
                return Progress::Call(Syscall::Read { fd: self.fd, max: 1 });
            }
            Some(_) => return Progress::Done(1),
            None => false,
        };
        if ended || self.buffer.len() > MAX_VALUE {
            let status = u8::from(!self.all);
            return Progress::Done(self.assign(state, status));
        }
        match (self.timeout, self.until) {
            (Some(_), None) => Progress::Call(Syscall::Now),
            (Some(_), until) => Progress::Call(Syscall::Poll { fds: vec![self.fd], until }),
            _ => Progress::Call(Syscall::Read { fd: self.fd, max: 1 }),
        }
    }

    /// Takes a byte; `true` if it is the last.
    fn take(&mut self, byte: u8) -> bool {
        if self.all {
            self.buffer.push(byte);
            return false;
        }
        if !self.raw && std::mem::take(&mut self.escaped) {
            // A backslash and a newline are nothing; another character is taken as it is.
            if byte != b'\n' {
                self.plain.push(self.buffer.len());
                self.buffer.push(byte);
            }
            return false;
        }
        if byte == self.delimiter {
            return true;
        }
        if byte == b'\\' && !self.raw {
            self.escaped = true;
            return false;
        }
        if byte != 0 {
            self.buffer.push(byte);
        }
        match self.count {
            Some(count) => std::str::from_utf8(&self.buffer).is_ok_and(|text| text.chars().count() >= count),
            None => false,
        }
    }

    /// Splits what was read among the names.
    fn assign(&self, state: &mut crate::state::State, status: u8) -> u8 {
        let text = String::from_utf8_lossy(&self.buffer).into_owned();
        if self.all {
            let lines = text.split_inclusive('\n');
            let lines = lines.map(|line| if self.raw { line.trim_end_matches('\n') } else { line });
            let content = Content::Array((0_i64..).zip(lines.map(EcoString::from)).collect());
            let name = self.names.first().cloned().unwrap_or_default();
            return if state.set_content(&name, content).is_ok() { status } else { 1 };
        }
        let ifs = state.ifs();
        let blank = |at: usize, c: char| ifs.contains(c) && c.is_ascii_whitespace() && !self.plain.contains(&at);
        let separates = |at: usize, c: char| ifs.contains(c) && !self.plain.contains(&at);
        if self.names.is_empty() {
            return if state.set("REPLY", text).is_ok() { status } else { 1 };
        }
        let mut fields = Vec::new();
        let mut at = 0;
        let skip = |at: &mut usize| {
            while let Some(c) = text[*at..].chars().next().filter(|c| blank(*at, *c)) {
                *at += c.len_utf8();
            }
        };
        skip(&mut at);
        while at < text.len() {
            let is_last = !self.array && fields.len() + 1 == self.names.len();
            let rest = &text[at..];
            let end = rest.char_indices().find(|(n, c)| separates(at + n, *c)).map(|(n, _)| at + n);
            match end {
                Some(end) if !is_last => {
                    fields.push(text[at..end].to_string());
                    at = end;
                    skip(&mut at);
                    if let Some(c) = text[at..].chars().next().filter(|c| separates(at, *c) && !blank(at, *c)) {
                        at += c.len_utf8();
                        skip(&mut at);
                    }
                }
                _ => {
                    let mut last = text.len();
                    while let Some((n, _)) =
                        text[at..last].char_indices().next_back().filter(|(n, c)| blank(at + n, *c))
                    {
                        last = at + n;
                    }
                    fields.push(text[at..last].to_string());
                    break;
                }
            }
        }
        if self.array {
            let content = Content::Array((0_i64..).zip(fields.into_iter().map(EcoString::from)).collect());
            let name = self.names.first().cloned().unwrap_or_default();
            return if state.set_content(&name, content).is_ok() { status } else { 1 };
        }
        let mut fields = fields.into_iter();
        for name in &self.names {
            if state.set(name, fields.next().unwrap_or_default()).is_err() {
                return 1;
            }
        }
        status
    }
}
