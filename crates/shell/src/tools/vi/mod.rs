//! `vi`: an editor for the whole screen, as a machine whose state is its text.

mod editor;
mod ex;
mod insert;
mod keys;
mod motion;
mod normal;
mod operate;
mod screen;
mod visual;

use ecow::EcoString;
use podyard_kernel::{Answer, Args, Bytes, Disposition, Errno, Fd, OpenMode, Signal, Syscall, TerminalMode};
use serde::{Deserialize, Serialize};

use editor::{Action, Editor};

/// A running `vi`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Vi {
    editor: Editor,
    /// What the terminal shows, by rows.
    shown: Vec<String>,
    /// Bytes that are not a whole key yet.
    input: Vec<u8>,
    former: Option<TerminalMode>,
    /// Settings of the user's, read before the text.
    settings: Option<EcoString>,
    stage: Stage,
}

/// The call whose answer comes next.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Stage {
    Start,
    Caught,
    Mode,
    Size,
    Opening { of: Purpose },
    Reading { of: Purpose, fd: Fd, bytes: Bytes },
    Read { of: Purpose },
    Drawing,
    Keys,
    Saving { path: EcoString, quits: bool },
    Writing { path: EcoString, quits: bool, fd: Fd },
    Saved { path: EcoString, quits: bool, error: Option<Errno> },
    Leaving,
    Left,
    Complaining,
}

/// What is done with a file that is read.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Purpose {
    Settings,
    Edit,
    /// Goes behind this row.
    Insert(usize),
}

/// The most that is edited.
const MAX_FILE: usize = 8 << 20;

impl Vi {
    pub(super) fn new(args: &Args) -> Self {
        let mut editor = Editor::default();
        for word in args.argv.iter().skip(1) {
            if let Some(line) = word.strip_prefix('+') {
                editor.first_command = if line.is_empty() { "$".into() } else { line.into() };
            } else if !word.starts_with('-') && editor.file.is_empty() {
                editor.file = word.clone();
            }
        }
        let settings = args.var("HOME").map(|home| ecow::eco_format!("{home}/.vimrc"));
        Self { editor, shown: Vec::new(), input: Vec::new(), former: None, settings, stage: Stage::Start }
    }

    /// One step of the kernel's [`Program`](podyard_kernel::Program).
    pub(super) fn step(&mut self, answer: Answer) -> Syscall {
        if let Answer::Interrupted(_) = answer {
            self.stage = Stage::Mode;
            return self.advance(Answer::Done);
        }
        self.advance(answer)
    }

    fn advance(&mut self, answer: Answer) -> Syscall {
        match (std::mem::replace(&mut self.stage, Stage::Keys), answer) {
            (Stage::Start, _) => {
                self.stage = Stage::Caught;
                Syscall::OnSignal { signal: Signal::WindowChange, disposition: Disposition::Catch }
            }
            (Stage::Caught, _) => {
                self.stage = Stage::Mode;
                Syscall::SetTerminalMode(TerminalMode::RAW)
            }
            (Stage::Mode, Answer::Error(_)) => {
                self.stage = Stage::Complaining;
                let text = "Vim: Error reading input, exiting...\nVim: Finished.\n";
                Syscall::Write { fd: 2, bytes: Bytes::from(text.as_bytes()) }
            }
            (Stage::Mode, answer) => {
                if let Answer::Mode(mode) = answer {
                    self.former = Some(mode);
                }
                self.stage = Stage::Size;
                Syscall::TerminalSize
            }
            (Stage::Size, answer) => {
                let (columns, rows) =
                    if let Answer::Size { columns, rows } = answer { (columns, rows) } else { (80, 24) };
                self.editor.resize(usize::from(columns), usize::from(rows));
                let first = self.shown.is_empty();
                self.shown.clear();
                match self.settings.take().filter(|_| first) {
                    Some(path) => self.open(path, Purpose::Settings),
                    None if first && !self.editor.loaded => self.open_text(),
                    None => self.draw(),
                }
            }
            (Stage::Keys, Answer::Bytes(bytes)) => self.typed(&bytes),
            (Stage::Keys, _) => self.leave(1),
            (Stage::Drawing, _) => {
                self.stage = Stage::Keys;
                Syscall::Read { fd: 0, max: 1 << 12 }
            }
            (Stage::Leaving, _) => {
                self.stage = Stage::Left;
                Syscall::SetTerminalMode(self.former.unwrap_or(TerminalMode::COOKED))
            }
            (Stage::Left, _) => Syscall::Exit(self.editor.status),
            (Stage::Complaining, _) => Syscall::Exit(1),
            (stage, answer) => self.file(stage, answer),
        }
    }

    /// The steps that read and write files.
    fn file(&mut self, stage: Stage, answer: Answer) -> Syscall {
        match (stage, answer) {
            (Stage::Opening { of }, Answer::Fd(fd)) => {
                self.stage = Stage::Reading { of, fd, bytes: Bytes::new() };
                Syscall::Read { fd, max: 1 << 16 }
            }
            (Stage::Opening { of }, answer) => {
                let errno = if let Answer::Error(errno) = answer { errno } else { Errno::Io };
                match of {
                    Purpose::Settings => self.open_text(),
                    Purpose::Edit => {
                        self.editor.load(Err(errno));
                        self.draw()
                    }
                    Purpose::Insert(_) => {
                        self.editor.message = "E484: Can't open file".into();
                        self.draw()
                    }
                }
            }
            (Stage::Reading { of, fd, mut bytes }, answer) => {
                let more = if let Answer::Bytes(more) = answer { more } else { Bytes::new() };
                bytes.extend_from_slice(&more);
                if more.is_empty() || bytes.len() > MAX_FILE {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    match &of {
                        Purpose::Settings => self.editor.configure(&text),
                        Purpose::Edit => self.editor.load(Ok(&text)),
                        Purpose::Insert(row) => self.editor.insert_text(*row, &text),
                    }
                    self.stage = Stage::Read { of };
                    return Syscall::Close(fd);
                }
                self.stage = Stage::Reading { of, fd, bytes };
                Syscall::Read { fd, max: 1 << 16 }
            }
            (Stage::Read { of: Purpose::Settings }, _) => self.open_text(),
            (Stage::Saving { path, quits }, Answer::Fd(fd)) => {
                self.stage = Stage::Writing { path, quits, fd };
                Syscall::Write { fd, bytes: Bytes::from(self.editor.text().as_bytes()) }
            }
            (Stage::Saving { path, .. }, _) => {
                self.editor.message = format!("\"{path}\" E212: Can't open file for writing");
                self.draw()
            }
            (Stage::Writing { path, quits, fd }, answer) => {
                let error = if let Answer::Error(errno) = answer { Some(errno) } else { None };
                self.stage = Stage::Saved { path, quits, error };
                Syscall::Close(fd)
            }
            (Stage::Saved { path, quits, error }, _) => {
                match error {
                    None => self.editor.saved(&path),
                    Some(errno) => self.editor.message = format!("E514: Write error ({errno})"),
                }
                if quits && error.is_none() { self.leave(0) } else { self.draw() }
            }
            _ => self.draw(),
        }
    }

    fn open(&mut self, path: EcoString, of: Purpose) -> Syscall {
        self.stage = Stage::Opening { of };
        Syscall::Open { path, mode: OpenMode::READ }
    }

    fn open_text(&mut self) -> Syscall {
        if self.editor.file.is_empty() {
            self.editor.loaded = true;
            return self.draw();
        }
        self.open(self.editor.file.clone(), Purpose::Edit)
    }

    /// Takes keys, up to the first that asks for something outside.
    fn typed(&mut self, bytes: &[u8]) -> Syscall {
        if bytes.is_empty() {
            return self.leave(1);
        }
        self.input.extend_from_slice(bytes);
        self.consume()
    }

    fn consume(&mut self) -> Syscall {
        while let Some((length, key)) = keys::decode(&self.input) {
            self.input.drain(..length);
            if let Some(key) = key {
                self.editor.key(key);
            }
            if let Some(action) = self.editor.action.take() {
                return match action {
                    Action::Quit(status) => self.leave(status),
                    Action::Save { path, quits } => {
                        self.stage = Stage::Saving { path: path.clone(), quits };
                        Syscall::Open { path, mode: OpenMode::WRITE }
                    }
                    Action::Load(path) => self.open(path, Purpose::Edit),
                    Action::Insert { path, row } => self.open(path, Purpose::Insert(row)),
                };
            }
        }
        self.draw()
    }

    /// Shows what has changed, then reads on.
    fn draw(&mut self) -> Syscall {
        if let Some(true) = (!self.input.is_empty()).then(|| keys::decode(&self.input).is_some()) {
            return self.consume();
        }
        self.stage = Stage::Drawing;
        let bytes = self.editor.draw(&mut self.shown);
        Syscall::Write { fd: 1, bytes: Bytes::from(bytes.as_bytes()) }
    }

    fn leave(&mut self, status: u8) -> Syscall {
        self.editor.status = status;
        self.stage = Stage::Leaving;
        Syscall::Write { fd: 1, bytes: Bytes::from(screen::END.as_bytes()) }
    }
}
