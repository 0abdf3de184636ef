//! The kernel's tables, and what its owner does with them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use ecow::EcoString;
use imbl::{OrdMap, Vector};
use podyard_api::{Request, WatchEvent};
use podyard_sim::{Queue, Time};
use serde::{Deserialize, Serialize};

use crate::fs::{FsId, Vfs};
use crate::process::{Exit, Life, Pid, Process, ProcessId};
use crate::terminal::Terminal;
use crate::{Answer, Args, Bytes, Errno, Fd, Program, Signal, TerminalMode};

/// Numbers a machine: the workstation, a node, or a container's view of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MachineId(pub u32);

/// Numbers a terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TtyId(pub u32);

/// Numbers a network namespace: what the containers of a pod share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NetId(pub u32);

/// Numbers a log that a process writes to instead of a terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SinkId(pub u32);

/// Numbers an open file, which several descriptors may share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// Numbers a pipe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct PipeId(pub u32);

/// How soon a woken process runs.
const WAKE: Duration = Duration::from_micros(10);
/// Calls that a process makes before others get their turn, and what virtual time they take.
const SLICE: (usize, Duration) = (64, Duration::from_millis(2));
/// Processes that one machine may have.
const MAX_PROCESSES: usize = 512;
/// What a pipe holds, in bytes.
pub(crate) const PIPE_SIZE: usize = 64 << 10;
/// What a log keeps, in bytes: a node rotates them at this size.
const MAX_LOG: usize = 1 << 20;

/// All machines of a cluster with their processes, as plain data.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound = "P: Program")]
pub struct Kernel<P> {
    pub(crate) machines: OrdMap<MachineId, Arc<Machine>>,
    pub(crate) processes: OrdMap<ProcessId, Arc<Process<P>>>,
    /// The processes by machine and number.
    pub(crate) locals: OrdMap<(MachineId, Pid), ProcessId>,
    pub(crate) filesystems: OrdMap<FsId, Vfs>,
    pub(crate) terminals: OrdMap<TtyId, Arc<Terminal>>,
    pub(crate) files: OrdMap<FileId, OpenFile>,
    pub(crate) pipes: OrdMap<PipeId, Arc<Pipe>>,
    pub(crate) sinks: OrdMap<SinkId, Arc<Sink>>,
    pub(crate) channels: OrdMap<FileId, VecDeque<WatchEvent>>,
    pub(crate) listeners: OrdMap<(NetId, u16), Listener>,
    pub(crate) waiters: OrdMap<WaitKey, Vec<ProcessId>>,
    pub(crate) due: Queue<Due>,
    pub(crate) next: u32,
    /// What waits to be handed to the owner.
    pub(crate) outcalls: Vec<Outcall>,
}

/// A machine: a name, mounted file systems, a network.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Machine {
    pub hostname: EcoString,
    /// Longest path first is not needed: the longest prefix wins.
    pub mounts: Vec<Mount>,
    pub net: NetId,
    /// Facts that programs may ask for by name.
    pub facts: OrdMap<EcoString, EcoString>,
    /// Whom its processes' API requests come from, in the owner's words.
    pub owner: EcoString,
    /// Kept by the kernel.
    pub counters: Counters,
}

/// A machine's processes, counted.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Counters {
    next_pid: u32,
    pub(crate) running: usize,
}

/// A file system at a place in a machine's tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mount {
    pub path: EcoString,
    pub fs: FsId,
    /// The directory (or file) of the file system that appears there; `/` for all of it.
    pub root: EcoString,
    pub read_only: bool,
}

/// What the kernel leaves to its owner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcall {
    /// Answer with [`Kernel::answer`].
    Api {
        pid: ProcessId,
        ticket: u32,
        request: Box<Request>,
    },
    /// Answer with [`Kernel::answer_watch`], or with a refusal.
    Watch {
        pid: ProcessId,
        ticket: u32,
        request: Box<Request>,
    },
    /// Answer with streams made by the owner, or with a refusal.
    Stream {
        pid: ProcessId,
        ticket: u32,
        request: Box<Request>,
    },
    Resolve {
        pid: ProcessId,
        ticket: u32,
        name: EcoString,
    },
    /// Answer with [`Kernel::answer_connect`], or with an error.
    Connect {
        pid: ProcessId,
        ticket: u32,
        address: EcoString,
        port: u16,
    },
    /// The watch of this open file is over: nobody holds it any more.
    WatchClosed {
        file: FileId,
    },
    /// A process without parent has ended.
    Exited {
        pid: ProcessId,
        exit: Exit,
    },
    /// A followed log has grown.
    Logged {
        sink: SinkId,
    },
}

/// What stands behind a descriptor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OpenFile {
    pub kind: Open,
    pub references: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Open {
    File {
        fs: FsId,
        path: EcoString,
        offset: usize,
        read: bool,
        write: bool,
        append: bool,
    },
    /// Reads from one pipe, writes to the other; a one-way pipe has only one of them.
    Pipe {
        read: Option<PipeId>,
        write: Option<PipeId>,
    },
    Terminal(TtyId),
    /// The other side of a terminal: reads its output, types its input.
    Master(TtyId),
    Sink(SinkId, LogStream),
    Channel,
    Listener(NetId, u16),
    Null,
    Zero,
    Full,
    Random,
}

/// A bounded buffer between processes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Pipe {
    pub buffer: VecDeque<u8>,
    pub readers: u32,
    pub writers: u32,
}

/// Where a log line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogStream {
    Out,
    Error,
}

/// A log: what a process wrote, with the moment of each line's first byte.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Sink {
    lines: Vector<LogLine>,
    bytes: usize,
    /// How many lines were ever dropped at the front.
    pub dropped: u64,
    pub followed: bool,
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    pub at: Time,
    pub stream: LogStream,
    /// With its newline; the last one may still lack it.
    pub text: EcoString,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Listener {
    /// Connections not yet accepted: (what the server reads, what it writes).
    pub backlog: VecDeque<(PipeId, PipeId)>,
}

/// What a waiting process waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum WaitKey {
    PipeData(PipeId),
    PipeRoom(PipeId),
    TerminalInput(TtyId),
    /// Output there (for its master) or room (for writers).
    TerminalOutput(TtyId),
    Child(ProcessId),
    Channel(FileId),
    Backlog(NetId, u16),
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Due {
    Run(ProcessId),
    Timer(ProcessId),
}

/// A process to start from outside.
#[derive(Clone, Debug, Default)]
pub struct Start {
    pub machine: MachineId,
    /// Path of the executable on that machine, or a name to be found in `PATH`.
    pub path: EcoString,
    pub argv: Vec<EcoString>,
    pub env: Vec<(EcoString, EcoString)>,
    pub cwd: EcoString,
    pub uid: u32,
    pub gid: u32,
    pub stdio: Stdio,
}

/// What a process started from outside reads and writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stdio {
    #[default]
    Null,
    Terminal(TtyId),
    /// Reads nothing; writes a log.
    Log(SinkId),
    /// Three open files, made with [`Kernel::pipe`].
    Files {
        input: FileId,
        output: FileId,
        error: FileId,
    },
}

impl<P: Program> Default for Kernel<P> {
    fn default() -> Self {
        Self {
            machines: OrdMap::new(),
            processes: OrdMap::new(),
            locals: OrdMap::new(),
            filesystems: OrdMap::new(),
            terminals: OrdMap::new(),
            files: OrdMap::new(),
            pipes: OrdMap::new(),
            sinks: OrdMap::new(),
            channels: OrdMap::new(),
            listeners: OrdMap::new(),
            waiters: OrdMap::new(),
            due: Queue::default(),
            next: 1,
            outcalls: Vec::new(),
        }
    }
}

impl<P: Program> Kernel<P> {
    /// When the kernel wants to run next.
    pub fn next_time(&self) -> Option<Time> {
        self.due.next_time()
    }

    /// Runs what is due at `now`, one slice of each process, and answers what is for the owner to do.
    pub fn run(&mut self, now: Time) -> Vec<Outcall> {
        while let Some((_, due)) = self.due.pop_due(now) {
            let (Due::Run(pid) | Due::Timer(pid)) = due;
            if matches!(due, Due::Run(_))
                && let Some(process) = self.process_mut(pid)
            {
                process.queued = false;
            }
            self.slice(pid, now);
        }
        std::mem::take(&mut self.outcalls)
    }

    /// Lets one process make its calls until it waits, ends or has used its slice.
    fn slice(&mut self, pid: ProcessId, now: Time) {
        for _ in 0..SLICE.0 {
            if !self.advance(pid, now) {
                return;
            }
        }
        self.wake_at(pid, now + SLICE.1);
    }

    /// Adds a machine.
    pub fn add_machine(&mut self, machine: Machine) -> MachineId {
        let id = MachineId(self.number());
        self.machines.insert(id, Arc::new(machine));
        id
    }

    pub fn machine(&self, id: MachineId) -> Option<&Machine> {
        self.machines.get(&id).map(Arc::as_ref)
    }

    pub fn machine_mut(&mut self, id: MachineId) -> Option<&mut Machine> {
        self.machines.get_mut(&id).map(Arc::make_mut)
    }

    /// Takes a machine away with its processes; its file systems stay.
    pub fn remove_machine(&mut self, id: MachineId, now: Time) {
        let all: Vec<_> = self.locals.range((id, Pid(0))..=(id, Pid(u32::MAX))).map(|(_, process)| *process).collect();
        for process in all {
            self.end(process, Exit::Signal(Signal::Kill), now);
            self.forget(process);
        }
        self.machines.remove(&id);
    }

    /// Adds a file system.
    pub fn add_fs(&mut self, vfs: Vfs) -> FsId {
        let id = FsId(self.number());
        self.filesystems.insert(id, vfs);
        id
    }

    pub fn fs(&self, id: FsId) -> Option<&Vfs> {
        self.filesystems.get(&id)
    }

    pub fn fs_mut(&mut self, id: FsId) -> Option<&mut Vfs> {
        self.filesystems.get_mut(&id)
    }

    pub fn remove_fs(&mut self, id: FsId) {
        self.filesystems.remove(&id);
    }

    /// Numbers a new network namespace.
    pub fn add_net(&mut self) -> NetId {
        NetId(self.number())
    }

    /// Adds a terminal of this size.
    pub fn add_terminal(&mut self, columns: u16, rows: u16) -> TtyId {
        let id = TtyId(self.number());
        self.terminals.insert(id, Arc::new(Terminal::new(columns, rows)));
        id
    }

    /// Takes typed bytes.
    pub fn type_bytes(&mut self, terminal: TtyId, bytes: &[u8], now: Time) {
        let mut signals = Vec::new();
        let Some(tty) = self.terminals.get_mut(&terminal).map(Arc::make_mut) else { return };
        for byte in bytes {
            if let Some(signal) = tty.type_byte(*byte) {
                signals.extend(tty.foreground.map(|group| (group, signal)));
            }
        }
        for ((machine, group), signal) in signals {
            self.signal_group(machine, group, signal, now);
        }
        self.wake_all(WaitKey::TerminalInput(terminal), now);
        self.wake_all(WaitKey::TerminalOutput(terminal), now);
    }

    /// What a terminal is to show.
    pub fn take_output(&mut self, terminal: TtyId, now: Time) -> Vec<u8> {
        let has_output = self.terminals.get(&terminal).is_some_and(|tty| tty.has_output());
        if !has_output {
            return Vec::new();
        }
        self.wake_all(WaitKey::TerminalOutput(terminal), now);
        self.terminals.get_mut(&terminal).map(|tty| Arc::make_mut(tty).take_output()).unwrap_or_default()
    }

    /// Tells a terminal its new size.
    pub fn resize(&mut self, terminal: TtyId, columns: u16, rows: u16, now: Time) {
        let Some(tty) = self.terminals.get_mut(&terminal).map(Arc::make_mut) else { return };
        if (tty.columns, tty.rows) == (columns, rows) {
            return;
        }
        (tty.columns, tty.rows) = (columns, rows);
        if let Some((machine, group)) = tty.foreground {
            self.signal_group(machine, group, Signal::WindowChange, now);
        }
    }

    /// Takes a terminal away: whoever runs on it hears of it, and reads its end if that does not end it.
    pub fn hang_up(&mut self, terminal: TtyId, now: Time) {
        let on_it = |process: &&Arc<Process<P>>| process.terminal == Some(terminal);
        let all: Vec<_> = self.processes.values().filter(on_it).map(|process| process.id).collect();
        for process in all {
            self.post(process, Signal::Hangup, now);
            self.post(process, Signal::Continue, now);
        }
        self.terminals.remove(&terminal);
        self.wake_all(WaitKey::TerminalInput(terminal), now);
        self.wake_all(WaitKey::TerminalOutput(terminal), now);
    }

    /// The line discipline of a terminal.
    pub fn terminal_mode(&self, terminal: TtyId) -> Option<TerminalMode> {
        self.terminals.get(&terminal).map(|tty| tty.mode)
    }

    /// Adds a log.
    pub fn add_sink(&mut self) -> SinkId {
        let id = SinkId(self.number());
        self.sinks.insert(id, Arc::default());
        id
    }

    pub fn sink(&self, id: SinkId) -> Option<&Sink> {
        self.sinks.get(&id).map(Arc::as_ref)
    }

    pub fn sink_mut(&mut self, id: SinkId) -> Option<&mut Sink> {
        self.sinks.get_mut(&id).map(Arc::make_mut)
    }

    pub fn remove_sink(&mut self, id: SinkId) {
        self.sinks.remove(&id);
    }

    /// Makes a pipe for the owner: (read end, write end), each held once by the owner.
    pub fn pipe(&mut self) -> (FileId, FileId) {
        let pipe = self.add_pipe(1, 1);
        let read = self.add_file(Open::Pipe { read: Some(pipe), write: None });
        let write = self.add_file(Open::Pipe { read: None, write: Some(pipe) });
        (read, write)
    }

    /// Both hands of a terminal's other side, held once by the owner.
    pub fn master(&mut self, terminal: TtyId) -> FileId {
        self.add_file(Open::Master(terminal))
    }

    /// Writes to an open pipe without waiting for room.
    pub fn feed(&mut self, file: FileId, bytes: &[u8], now: Time) {
        if let Some(Open::Pipe { write: Some(id), .. }) = self.files.get(&file).map(|file| file.kind.clone())
            && let Some(pipe) = self.pipes.get_mut(&id)
        {
            Arc::make_mut(pipe).buffer.extend(bytes);
            self.wake_all(WaitKey::PipeData(id), now);
        }
    }

    /// Whether anybody still reads what is fed to this pipe.
    pub fn has_readers(&self, file: FileId) -> bool {
        match self.files.get(&file).map(|file| &file.kind) {
            Some(Open::Pipe { write: Some(id), .. }) => self.pipes.get(id).is_some_and(|pipe| pipe.readers > 0),
            _ => false,
        }
    }

    /// The owner lets go of an open file.
    pub fn release(&mut self, file: FileId, now: Time) {
        self.close_file(file, now);
    }

    /// Gives a process a descriptor for an open file, which the owner lets go of thereby.
    pub fn install(&mut self, pid: ProcessId, file: FileId) -> Option<Fd> {
        let process = self.process_mut(pid)?;
        let fd = process.free_fd();
        process.files.push((fd, file));
        Some(fd)
    }

    /// Starts a process that has no parent; its end is told by [`Outcall::Exited`].
    ///
    /// # Errors
    /// `NoEntry`, `Access` or `NoExec` if the executable is none; `TooMany` at the machine's bound.
    pub fn start(&mut self, start: Start, now: Time) -> Result<ProcessId, Errno> {
        let (program, argv) = self.load(&start)?;
        let files = self.stdio(start.stdio);
        let terminal = match start.stdio {
            Stdio::Terminal(tty) => Some(tty),
            _ => None,
        };
        let id = ProcessId(self.number());
        let pid = self.local_number(start.machine)?;
        let process = Process {
            id,
            pid,
            machine: start.machine,
            parent: None,
            group: pid,
            terminal,
            argv,
            cwd: if start.cwd.is_empty() { "/".into() } else { start.cwd },
            uid: start.uid,
            gid: start.gid,
            started: now,
            files,
            program,
            call: None,
            answer: Some(Answer::Started),
            ticket: 0,
            life: Life::Running,
            dispositions: Vec::new(),
            signals: Vec::new(),
            queued: false,
        };
        self.processes.insert(id, Arc::new(process));
        self.locals.insert((start.machine, pid), id);
        if let Some(tty) = terminal.and_then(|tty| self.terminals.get_mut(&tty)) {
            Arc::make_mut(tty).foreground = Some((start.machine, pid));
        }
        self.wake(id, now);
        Ok(id)
    }

    fn load(&self, start: &Start) -> Result<(P, Vec<EcoString>), Errno> {
        let path = start.env.iter().find(|(key, _)| key == "PATH").map_or("", |(_, path)| path);
        let candidates: Vec<String> = if start.path.contains('/') {
            vec![start.path.to_string()]
        } else {
            path.split(':').map(|dir| format!("{dir}/{}", start.path)).collect()
        };
        let mut failure = Errno::NoEntry;
        for candidate in candidates {
            match self.load_program(
                start.machine,
                &start.cwd,
                &candidate,
                (start.uid, start.gid),
                &start.argv,
                &start.env,
            ) {
                Ok(loaded) => return Ok(loaded),
                Err(Errno::NoEntry) => {}
                Err(errno) => failure = errno,
            }
        }
        Err(failure)
    }

    fn stdio(&mut self, stdio: Stdio) -> Vec<(Fd, FileId)> {
        if let Stdio::Terminal(tty) = stdio
            && let Some(tty) = self.terminals.get_mut(&tty)
        {
            Arc::make_mut(tty).closed = false;
        }
        let mut add = |kind: Open| self.add_file(kind);
        match stdio {
            Stdio::Null => (0..3).map(|fd| (fd, add(Open::Null))).collect(),
            Stdio::Terminal(tty) => (0..3).map(|fd| (fd, add(Open::Terminal(tty)))).collect(),
            Stdio::Log(sink) => {
                let kinds = [Open::Null, Open::Sink(sink, LogStream::Out), Open::Sink(sink, LogStream::Error)];
                (0..).zip(kinds).map(|(fd, kind)| (fd, add(kind))).collect()
            }
            Stdio::Files { input, output, error } => vec![(0, input), (1, output), (2, error)],
        }
    }

    /// Sends a signal from outside.
    pub fn signal(&mut self, pid: ProcessId, signal: Signal, now: Time) {
        self.post(pid, signal, now);
    }

    /// Whether a process is there and has not ended.
    pub fn is_alive(&self, pid: ProcessId) -> bool {
        self.processes.get(&pid).is_some_and(|process| !matches!(process.life, Life::Zombie(_)))
    }

    pub fn process(&self, pid: ProcessId) -> Option<&Process<P>> {
        self.processes.get(&pid).map(Arc::as_ref)
    }

    /// Answers an outcall; a ticket that is no longer awaited is passed over.
    pub fn answer(&mut self, pid: ProcessId, ticket: u32, answer: Answer, now: Time) {
        let Some(process) = self.process_mut(pid) else { return };
        if process.ticket != ticket || ticket == 0 {
            return;
        }
        process.ticket = 0;
        process.call = None;
        process.answer = Some(answer);
        self.wake(pid, now);
    }

    /// Answers [`Outcall::Watch`] with a descriptor; answers the open file to which events are sent.
    pub fn answer_watch(&mut self, pid: ProcessId, ticket: u32, now: Time) -> Option<FileId> {
        let awaited = self.processes.get(&pid).is_some_and(|process| process.ticket == ticket && ticket != 0);
        if !awaited {
            return None;
        }
        let file = self.add_file(Open::Channel);
        self.channels.insert(file, VecDeque::new());
        let fd = self.install(pid, file)?;
        self.answer(pid, ticket, Answer::Fd(fd), now);
        Some(file)
    }

    /// Sends events to a watch; `false` if nobody holds it any more.
    pub fn send_events(&mut self, file: FileId, events: impl IntoIterator<Item = WatchEvent>, now: Time) -> bool {
        let Some(channel) = self.channels.get_mut(&file) else { return false };
        channel.extend(events);
        self.wake_all(WaitKey::Channel(file), now);
        true
    }

    /// Answers [`Outcall::Connect`]: connects to whoever listens in `net`.
    pub fn answer_connect(&mut self, pid: ProcessId, ticket: u32, net: NetId, port: u16, now: Time) {
        let answer = match self.connect(net, port, now) {
            Ok(file) => self.install(pid, file).map_or(Answer::Error(Errno::BadDescriptor), Answer::Fd),
            Err(errno) => Answer::Error(errno),
        };
        self.answer(pid, ticket, answer, now);
    }

    /// Whether a process listens there.
    pub fn listens(&self, net: NetId, port: u16) -> bool {
        self.listeners.contains_key(&(net, port))
    }

    /// The ports listened on in a network, ascending.
    pub fn ports(&self, net: NetId) -> impl Iterator<Item = u16> {
        self.listeners.range((net, 0)..=(net, u16::MAX)).map(|((_, port), _)| *port)
    }

    pub(crate) fn number(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }

    /// The next process number of a machine, counted as running.
    pub(crate) fn local_number(&mut self, machine: MachineId) -> Result<Pid, Errno> {
        let counters = &mut self.machine_mut(machine).ok_or(Errno::NoProcess)?.counters;
        if counters.running >= MAX_PROCESSES {
            return Err(Errno::TooMany);
        }
        counters.next_pid += 1;
        counters.running += 1;
        Ok(Pid(counters.next_pid))
    }

    /// Drops a process that has ended.
    pub(crate) fn forget(&mut self, id: ProcessId) {
        if let Some(process) = self.processes.remove(&id) {
            self.locals.remove(&(process.machine, process.pid));
        }
    }

    pub(crate) fn process_mut(&mut self, pid: ProcessId) -> Option<&mut Process<P>> {
        self.processes.get_mut(&pid).map(Arc::make_mut)
    }

    pub(crate) fn wake(&mut self, pid: ProcessId, now: Time) {
        self.wake_at(pid, now + WAKE);
    }

    fn wake_at(&mut self, pid: ProcessId, at: Time) {
        let Some(process) = self.process_mut(pid) else { return };
        if !std::mem::replace(&mut process.queued, true) {
            self.due.push(at, Due::Run(pid));
        }
    }

    pub(crate) fn wake_all(&mut self, key: WaitKey, now: Time) {
        for pid in self.waiters.remove(&key).unwrap_or_default() {
            self.wake(pid, now);
        }
    }

    pub(crate) fn wait_for(&mut self, pid: ProcessId, key: WaitKey) {
        let waiters = self.waiters.entry(key).or_default();
        if !waiters.contains(&pid) {
            waiters.push(pid);
        }
    }

    pub(crate) fn load_program(
        &self,
        machine: MachineId,
        cwd: &str,
        path: &str,
        ids: (u32, u32),
        argv: &[EcoString],
        env: &[(EcoString, EcoString)],
    ) -> Result<(P, Vec<EcoString>), Errno> {
        let mut argv = argv.to_vec();
        let id = self.executable(machine, cwd, path, ids, &mut argv)?;
        let args = Args { argv: argv.clone(), env: env.to_vec(), ..Args::default() };
        P::load(&id, &args).map(|program| (program, argv)).ok_or(Errno::NoExec)
    }
}

impl Sink {
    /// Adds what a process wrote.
    pub(crate) fn write(&mut self, stream: LogStream, bytes: &Bytes, now: Time) {
        for part in String::from_utf8_lossy(bytes).split_inclusive('\n') {
            self.bytes += part.len();
            match self.lines.back_mut() {
                Some(line) if line.stream == stream && !line.text.ends_with('\n') && line.text.len() < 16 << 10 => {
                    line.text.push_str(part)
                }
                _ => self.lines.push_back(LogLine { at: now, stream, text: part.into() }),
            }
        }
        while self.bytes > MAX_LOG {
            let Some(line) = self.lines.pop_front() else { break };
            self.bytes -= line.text.len();
            self.dropped += 1;
        }
    }

    /// The lines still kept, oldest first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &LogLine> + ExactSizeIterator {
        self.lines.iter()
    }

    /// The number of the next new line, counted from the log's beginning.
    pub fn end(&self) -> u64 {
        self.dropped + self.lines.len() as u64
    }
}
