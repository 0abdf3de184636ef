//! The one closed enum of what a process can ask for, and what it is answered.

use ecow::{EcoString, EcoVec};
use podyard_api::{Request, Response, WatchEvent};
use podyard_sim::Time;
use serde::{Deserialize, Serialize};
use std::fmt;

use crate::process::{Exit, Pid};

/// Raw bytes; a clone is O(1).
pub type Bytes = EcoVec<u8>;

/// A file descriptor's number. 0, 1 and 2 are standard input, output and error.
pub type Fd = u32;

/// What a process asks for. Calls that must wait (reads of an empty pipe, sleeps …) suspend the process; a caught
/// signal ends the wait with [`Answer::Interrupted`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Syscall {
    // Processes
    /// Ends the process with this status.
    Exit(u8),
    /// Lets others run; a program that computes long yields now and then.
    Yield,
    /// Starts a program as a child → `Pid`.
    Spawn(Box<Spawn>),
    /// Replaces this process by a program; returns only if it fails.
    Exec(Box<Spawn>),
    /// Copies this process → `Pid` in the parent, `Child` in the child.
    Fork,
    /// Waits for a child → `Exited`; `Error(NoChild)` if there is none, `Done` if `block` is false and none has ended.
    Wait {
        which: Which,
        block: bool,
    },
    /// Sends a signal → `Done`. `Signal::Probe` only asks whether the target exists.
    Kill {
        which: Which,
        signal: Signal,
    },
    /// Says what a signal does to this process → `Done`.
    OnSignal {
        signal: Signal,
        disposition: Disposition,
    },
    /// Moves a child (or itself) to a process group → `Done`.
    SetGroup {
        pid: Pid,
        group: Group,
    },
    /// Makes a group the one that the terminal's Ctrl-C reaches → `Done`.
    SetForeground {
        group: Pid,
    },
    /// → `Pid`
    GetPid,
    /// → `Pid` of the parent.
    GetParent,
    /// → `Processes` of this machine.
    ListProcesses,

    // Time
    /// → `Time`
    Now,
    /// Waits until then → `Done`.
    SleepUntil(Time),

    // Descriptors
    /// → `Fd`
    Open {
        path: EcoString,
        mode: OpenMode,
    },
    /// → `Done`
    Close(Fd),
    /// → `Bytes` of at most `max`; empty at the end.
    Read {
        fd: Fd,
        max: usize,
    },
    /// Writes all of it, waiting for room → `Done`; `Error(BrokenPipe)` (after a `Pipe` signal) with no reader left.
    Write {
        fd: Fd,
        bytes: Bytes,
    },
    /// Makes `to` (or the lowest free number) mean the same as `fd` → `Fd`.
    Dup {
        fd: Fd,
        to: Option<Fd>,
    },
    /// → `Pair` (read end, write end)
    Pipe,
    /// Waits until one of them can be read or `until` has come → `Ready`, or `Done` at that time.
    Poll {
        fds: Vec<Fd>,
        until: Option<Time>,
    },
    /// → `Flag`
    IsTerminal(Fd),

    // Files
    /// → `Metadata`
    Stat {
        path: EcoString,
        follow: bool,
    },
    /// → `Entries`, by name.
    ReadDir(EcoString),
    /// → `Text`
    ReadLink(EcoString),
    MakeDir {
        path: EcoString,
        mode: u16,
    },
    /// Removes a file or an empty directory.
    Remove(EcoString),
    Rename {
        from: EcoString,
        to: EcoString,
    },
    Symlink {
        target: EcoString,
        path: EcoString,
    },
    SetMode {
        path: EcoString,
        mode: u16,
    },
    SetModified {
        path: EcoString,
        time: Time,
    },
    ChangeDir(EcoString),
    /// → `Text`
    WorkingDir,

    // Terminal
    /// → `Size` of the controlling terminal.
    TerminalSize,
    /// Changes the line discipline → `Mode`, the former one.
    SetTerminalMode(TerminalMode),

    // Machine
    /// → `Text`
    Hostname,
    /// → `Ids` (user, group)
    Identity,
    /// → `Text`: a fact of the machine by name, as `uname`, `interfaces`.
    Fact(EcoString),

    // Network
    /// → `Addresses`, or `Error(NoName)`.
    Resolve(EcoString),
    /// → `Fd` of a two-way stream; `Error(Refused | TimedOut | Unreachable)`.
    Connect {
        address: EcoString,
        port: u16,
    },
    /// Listens on all addresses → `Fd`; `Error(InUse)`.
    Listen(u16),
    /// Waits for a connection → `Fd`.
    Accept(Fd),
    /// Says that nothing more will be written to a two-way stream → `Done`.
    Shutdown(Fd),

    // Kubernetes API
    /// → `Response`
    Api(Box<Request>),
    /// → `Fd` whose `NextEvent` yields the events, or `Response` with the refusal.
    Watch(Box<Request>),
    /// → `Event`; `Bytes` (empty) when the stream has ended.
    NextEvent(Fd),
    /// Opens log, exec, attach or port-forward → `Streams`, or `Response` with the refusal. Closing `input` ends the
    /// remote standard input; `status` yields one JSON `Status` when the remote side has ended.
    Stream(Box<Request>),
    /// Tells a stream's remote terminal its size → `Done`.
    ResizeStream {
        fd: Fd,
        columns: u16,
        rows: u16,
    },
}

/// A program to start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spawn {
    /// Path of the executable file, already found by `PATH`.
    pub path: EcoString,
    /// With the name of the program first.
    pub argv: Vec<EcoString>,
    pub env: Vec<(EcoString, EcoString)>,
    /// Descriptors of the child: (its number, the parent's number). All others are closed.
    pub files: Vec<(Fd, Fd)>,
    pub group: Group,
    /// Makes the child's group the terminal's foreground group at once.
    pub foreground: bool,
}

/// To which process group a child belongs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Group {
    /// Its parent's.
    #[default]
    Same,
    /// One of its own, named by its pid.
    New,
    Join(Pid),
}

/// Whom a wait or a signal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    /// Any child.
    Any,
    Pid(Pid),
    Group(Pid),
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenMode {
    pub read: bool,
    pub write: bool,
    pub append: bool,
    pub create: bool,
    pub truncate: bool,
    pub exclusive: bool,
}

impl OpenMode {
    pub const READ: Self =
        Self { read: true, write: false, append: false, create: false, truncate: false, exclusive: false };
    /// `> file`
    pub const WRITE: Self =
        Self { read: false, write: true, append: false, create: true, truncate: true, exclusive: false };
    /// `>> file`
    pub const APPEND: Self =
        Self { read: false, write: true, append: true, create: true, truncate: false, exclusive: false };
}

/// The terminal's line discipline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminalMode {
    /// Input comes line by line and can be edited.
    pub canonical: bool,
    pub echo: bool,
    /// Ctrl-C, Ctrl-\ and Ctrl-Z send signals.
    pub signals: bool,
    /// `\n` is written as `\r\n`.
    pub newlines: bool,
}

impl TerminalMode {
    /// How a terminal starts.
    pub const COOKED: Self = Self { canonical: true, echo: true, signals: true, newlines: true };
    /// What a line editor sets.
    pub const EDITING: Self = Self { canonical: false, echo: false, signals: true, newlines: true };
    /// Every byte goes through.
    pub const RAW: Self = Self { canonical: false, echo: false, signals: false, newlines: false };
}

/// What a process is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// The process has just been started: the first answer it gets.
    Started,
    Done,
    Error(Errno),
    /// A caught signal came; the call did not happen, or not wholly.
    Interrupted(Signal),
    Pid(Pid),
    Child,
    Exited {
        pid: Pid,
        exit: Exit,
    },
    Processes(Vec<Entry>),
    Time(Time),
    Fd(Fd),
    Pair(Fd, Fd),
    Bytes(Bytes),
    Ready(Fd),
    Flag(bool),
    Metadata(Metadata),
    Entries(Vec<(EcoString, Metadata)>),
    Text(EcoString),
    Size {
        columns: u16,
        rows: u16,
    },
    Mode(TerminalMode),
    Ids(u32, u32),
    Addresses(Vec<EcoString>),
    Response(Box<Response>),
    Event(Box<WatchEvent>),
    Streams {
        input: Fd,
        output: Fd,
        error: Fd,
        status: Fd,
    },
}

/// A process as `ps` lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub pid: Pid,
    pub parent: Pid,
    pub user: u32,
    /// `R`, `S`, `T` or `Z`.
    pub state: char,
    pub started: Time,
    pub argv: Vec<EcoString>,
}

/// What is known of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    pub kind: FileKind,
    pub size: u64,
    /// Permission bits.
    pub mode: u16,
    pub modified: Time,
    pub uid: u32,
    pub gid: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileKind {
    File,
    Directory,
    Symlink,
    Device,
    /// An executable that is a program of ours.
    Program,
}

/// Why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Errno {
    NoEntry,
    NotDirectory,
    IsDirectory,
    Exists,
    NotEmpty,
    Access,
    ReadOnly,
    NoSpace,
    BadDescriptor,
    BrokenPipe,
    Invalid,
    Loop,
    NameTooLong,
    NoExec,
    NoChild,
    NoProcess,
    NotTerminal,
    TooMany,
    Refused,
    TimedOut,
    Unreachable,
    NoName,
    InUse,
    Io,
    /// This part is not simulated here.
    NotSupported,
}

impl fmt::Display for Errno {
    /// As `strerror` words it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoEntry => "No such file or directory",
            Self::NotDirectory => "Not a directory",
            Self::IsDirectory => "Is a directory",
            Self::Exists => "File exists",
            Self::NotEmpty => "Directory not empty",
            Self::Access => "Permission denied",
            Self::ReadOnly => "Read-only file system",
            Self::NoSpace => "No space left on device",
            Self::BadDescriptor => "Bad file descriptor",
            Self::BrokenPipe => "Broken pipe",
            Self::Invalid => "Invalid argument",
            Self::Loop => "Too many levels of symbolic links",
            Self::NameTooLong => "File name too long",
            Self::NoExec => "Exec format error",
            Self::NoChild => "No child processes",
            Self::NoProcess => "No such process",
            Self::NotTerminal => "Inappropriate ioctl for device",
            Self::TooMany => "Resource temporarily unavailable",
            Self::Refused => "Connection refused",
            Self::TimedOut => "Connection timed out",
            Self::Unreachable => "No route to host",
            Self::NoName => "Name or service not known",
            Self::InUse => "Address already in use",
            Self::Io => "Input/output error",
            Self::NotSupported => "Operation not supported",
        })
    }
}

/// Signals, with their Linux numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum Signal {
    /// Number 0: asks whether a process exists.
    Probe = 0,
    Hangup = 1,
    Interrupt = 2,
    Quit = 3,
    Abort = 6,
    Kill = 9,
    User1 = 10,
    User2 = 12,
    Pipe = 13,
    Alarm = 14,
    Terminate = 15,
    Child = 17,
    Continue = 18,
    Stop = 19,
    TerminalStop = 20,
    WindowChange = 28,
}

impl Signal {
    const ALL: [(Self, &'static str); 16] = [
        (Self::Probe, "EXIT"),
        (Self::Hangup, "HUP"),
        (Self::Interrupt, "INT"),
        (Self::Quit, "QUIT"),
        (Self::Abort, "ABRT"),
        (Self::Kill, "KILL"),
        (Self::User1, "USR1"),
        (Self::User2, "USR2"),
        (Self::Pipe, "PIPE"),
        (Self::Alarm, "ALRM"),
        (Self::Terminate, "TERM"),
        (Self::Child, "CHLD"),
        (Self::Continue, "CONT"),
        (Self::Stop, "STOP"),
        (Self::TerminalStop, "TSTP"),
        (Self::WindowChange, "WINCH"),
    ];

    pub fn number(self) -> u8 {
        self as u8
    }

    /// Without `SIG`.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(signal, _)| *signal == self).map_or("", |(_, name)| name)
    }

    /// By number or name, with or without `SIG`, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        let number = text.parse::<u8>().ok();
        Self::ALL.iter().find(|(signal, n)| *n == name || number == Some(signal.number())).map(|(signal, _)| *signal)
    }
}

/// What a signal does to a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Disposition {
    #[default]
    Default,
    Ignore,
    /// It interrupts the current call with [`Answer::Interrupted`].
    Catch,
}
