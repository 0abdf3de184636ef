//! `tee`: a machine of its own, as it may run for as long as what it copies.

use ecow::EcoString;
use podyard_kernel::{Answer, Args, Bytes, Disposition, Fd, OpenMode, Signal, Syscall};
use serde::{Deserialize, Serialize};

use super::opts::{Spec, Usage};
use super::{Flavour, complaint};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tee {
    mode: OpenMode,
    ignores: bool,
    /// Files still to be opened, last first.
    names: Vec<EcoString>,
    files: Vec<Fd>,
    /// What is being written, and how many files have it.
    bytes: Bytes,
    written: usize,
    stage: Stage,
    status: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    Start,
    Opening,
    Saying,
    Read,
    Write,
}

const SPEC: Spec = Spec {
    name: "tee",
    short: "aip",
    long: &[("append", 'a'), ("ignore-interrupts", 'i')],
    usage: "tee [OPTION]... [FILE]...",
    status: 1,
};

impl Tee {
    pub(super) fn parse(args: &Args, flavour: Flavour) -> Result<Self, Usage> {
        let opts = SPEC.parse(args, flavour)?;
        Ok(Self {
            mode: if opts.has('a') { OpenMode::APPEND } else { OpenMode::WRITE },
            ignores: opts.has('i'),
            names: opts.args.into_iter().rev().collect(),
            files: vec![1],
            bytes: Bytes::new(),
            written: 0,
            stage: Stage::Start,
            status: 0,
        })
    }

    pub(super) fn step(&mut self, answer: Answer) -> Syscall {
        match (self.stage, answer) {
            (Stage::Start, _) if std::mem::take(&mut self.ignores) => {
                return Syscall::OnSignal { signal: Signal::Interrupt, disposition: Disposition::Ignore };
            }
            (Stage::Opening, Answer::Fd(fd)) => self.files.push(fd),
            (Stage::Opening, Answer::Error(errno)) => {
                let name = self.names.pop().unwrap_or_default();
                self.status = 1;
                self.stage = Stage::Saying;
                let bytes = Bytes::from(complaint("tee", format!("{name}: {errno}")).as_bytes());
                return Syscall::Write { fd: 2, bytes };
            }
            (Stage::Read, Answer::Bytes(bytes)) if !bytes.is_empty() => {
                (self.bytes, self.written, self.stage) = (bytes, 0, Stage::Write);
            }
            (Stage::Read, _) => return Syscall::Exit(self.status),
            (Stage::Write, Answer::Error(_)) => self.status = 1,
            _ => {}
        }
        if self.stage == Stage::Opening {
            self.names.pop();
        }
        if self.stage == Stage::Write {
            if let Some(fd) = self.files.get(self.written).copied() {
                self.written += 1;
                return Syscall::Write { fd, bytes: self.bytes.clone() };
            }
            self.bytes = Bytes::new();
        } else if self.stage != Stage::Read
            && let Some(name) = self.names.last()
        {
            self.stage = Stage::Opening;
            return Syscall::Open { path: name.clone(), mode: self.mode };
        }
        self.stage = Stage::Read;
        Syscall::Read { fd: 0, max: 1 << 16 }
    }
}
