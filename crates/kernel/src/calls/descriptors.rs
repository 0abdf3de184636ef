//! Descriptors: read, write, pipes, waiting for several.

use std::sync::Arc;

use podyard_sim::Time;

use super::Attempt;
use crate::fs::Node;
use crate::kernel::{FileId, Kernel, Open, OpenFile, Outcall, PIPE_SIZE, Pipe, PipeId, WaitKey};
use crate::process::ProcessId;
use crate::{Answer, Bytes, Errno, Fd, Program, Signal};

/// Descriptors that one process may hold.
const MAX_FILES: usize = 256;
/// The most that one read answers.
const MAX_READ: usize = 1 << 20;

/// Whether a read or a write would wait, and for what.
enum Readiness {
    Ready,
    Later(WaitKey),
}

impl<P: Program> Kernel<P> {
    pub(crate) fn add_file(&mut self, kind: Open) -> FileId {
        let id = FileId(self.number());
        self.files.insert(id, OpenFile { kind, references: 1 });
        id
    }

    pub(crate) fn add_pipe(&mut self, readers: u32, writers: u32) -> PipeId {
        let id = PipeId(self.number());
        self.pipes.insert(id, Arc::new(Pipe { readers, writers, ..Pipe::default() }));
        id
    }

    /// One more descriptor means this open file.
    pub(crate) fn hold(&mut self, file: FileId) {
        if let Some(file) = self.files.get_mut(&file) {
            file.references += 1;
        }
    }

    /// One descriptor less; the last one closes what is behind it.
    pub(crate) fn close_file(&mut self, id: FileId, now: Time) {
        let Some(file) = self.files.get_mut(&id) else { return };
        file.references -= 1;
        if file.references > 0 {
            return;
        }
        let Some(file) = self.files.remove(&id) else { return };
        match file.kind {
            Open::Pipe { read, write } => {
                if let Some(pipe) = read {
                    self.change_pipe(pipe, |pipe| pipe.readers -= 1);
                    self.wake_all(WaitKey::PipeRoom(pipe), now);
                }
                if let Some(pipe) = write {
                    self.change_pipe(pipe, |pipe| pipe.writers -= 1);
                    self.wake_all(WaitKey::PipeData(pipe), now);
                }
            }
            Open::Master(terminal) => {
                // The terminal hangs up.
                if let Some((machine, group)) = self.terminals.get(&terminal).and_then(|tty| tty.foreground) {
                    self.signal_group(machine, group, Signal::Hangup, now);
                }
            }
            Open::Terminal(terminal) => {
                let is_same = |file: &OpenFile| matches!(file.kind, Open::Terminal(other) if other == terminal);
                if !self.files.values().any(is_same)
                    && let Some(tty) = self.terminals.get_mut(&terminal)
                {
                    Arc::make_mut(tty).closed = true;
                    self.wake_all(WaitKey::TerminalOutput(terminal), now);
                }
            }
            Open::Channel => {
                self.channels.remove(&id);
                self.outcalls.push(Outcall::WatchClosed { file: id });
            }
            Open::Listener(net, port) => {
                self.listeners.remove(&(net, port));
            }
            _ => {}
        }
    }

    /// Ends the writing half of a two-way stream.
    pub(super) fn shutdown(&mut self, pid: ProcessId, fd: Fd, now: Time) -> Result<(), Errno> {
        let (file, _) = self.open_file(pid, fd)?;
        let Some(Open::Pipe { read: Some(_), write }) = self.files.get_mut(&file).map(|file| &mut file.kind) else {
            return Err(Errno::Invalid);
        };
        if let Some(pipe) = write.take() {
            self.change_pipe(pipe, |pipe| pipe.writers -= 1);
            self.wake_all(WaitKey::PipeData(pipe), now);
        }
        Ok(())
    }

    fn change_pipe(&mut self, id: PipeId, change: impl FnOnce(&mut Pipe)) {
        let Some(pipe) = self.pipes.get_mut(&id).map(Arc::make_mut) else { return };
        change(pipe);
        if pipe.readers == 0 && pipe.writers == 0 {
            self.pipes.remove(&id);
        }
    }

    fn open_file(&self, pid: ProcessId, fd: Fd) -> Result<(FileId, Open), Errno> {
        let id = self.processes.get(&pid).and_then(|process| process.file(fd)).ok_or(Errno::BadDescriptor)?;
        self.files.get(&id).map(|file| (id, file.kind.clone())).ok_or(Errno::BadDescriptor)
    }

    /// Gives an open file the lowest free descriptor.
    pub(super) fn add_descriptor(&mut self, pid: ProcessId, kind: Open) -> Result<Answer, Errno> {
        if self.processes.get(&pid).is_none_or(|process| process.files.len() >= MAX_FILES) {
            return Err(Errno::TooMany);
        }
        let file = self.add_file(kind);
        self.install(pid, file).map(Answer::Fd).ok_or(Errno::NoProcess)
    }

    pub(super) fn close(&mut self, pid: ProcessId, fd: Fd, now: Time) -> Result<(), Errno> {
        let process = self.process_mut(pid).ok_or(Errno::NoProcess)?;
        let file = process.file(fd).ok_or(Errno::BadDescriptor)?;
        process.files.retain(|(number, _)| *number != fd);
        self.close_file(file, now);
        Ok(())
    }

    pub(super) fn dup(&mut self, pid: ProcessId, fd: Fd, to: Option<Fd>, now: Time) -> Result<Answer, Errno> {
        let (file, _) = self.open_file(pid, fd)?;
        if to == Some(fd) {
            return Ok(Answer::Fd(fd));
        }
        self.hold(file);
        let process = self.process_mut(pid).ok_or(Errno::NoProcess)?;
        let to = to.unwrap_or_else(|| process.free_fd());
        let replaced = process.file(to);
        process.files.retain(|(number, _)| *number != to);
        process.files.push((to, file));
        if let Some(replaced) = replaced {
            self.close_file(replaced, now);
        }
        Ok(Answer::Fd(to))
    }

    pub(super) fn open_pipe(&mut self, pid: ProcessId) -> Result<Answer, Errno> {
        if self.processes.get(&pid).is_none_or(|process| process.files.len() + 2 > MAX_FILES) {
            return Err(Errno::TooMany);
        }
        let (read, write) = self.pipe();
        match (self.install(pid, read), self.install(pid, write)) {
            (Some(read), Some(write)) => Ok(Answer::Pair(read, write)),
            _ => Err(Errno::NoProcess),
        }
    }

    pub(super) fn read(&mut self, pid: ProcessId, fd: Fd, max: usize, now: Time) -> Attempt {
        let (id, kind) = match self.open_file(pid, fd) {
            Ok(found) => found,
            Err(errno) => return Err(errno).map(|()| Answer::Done).into(),
        };
        if let Readiness::Later(key) = self.can_read(id, &kind) {
            self.wait_for(pid, key);
            return Attempt::Wait;
        }
        let max = max.clamp(1, MAX_READ);
        match kind {
            Open::File { fs, path, offset, read: true, .. } => self.read_from_file(id, fs, &path, offset, max).into(),
            Open::Pipe { read: Some(pipe), .. } => {
                let mut bytes = Bytes::new();
                if let Some(pipe) = self.pipes.get_mut(&pipe).map(Arc::make_mut) {
                    let count = pipe.buffer.len().min(max);
                    bytes = pipe.buffer.drain(..count).collect();
                }
                self.wake_all(WaitKey::PipeRoom(pipe), now);
                Attempt::Answer(Answer::Bytes(bytes))
            }
            Open::Terminal(tty) => {
                let bytes = self.terminals.get_mut(&tty).and_then(|tty| Arc::make_mut(tty).read(max));
                Attempt::Answer(Answer::Bytes(bytes.unwrap_or_default().into()))
            }
            Open::Master(tty) => {
                let bytes = self.take_output(tty, now);
                Attempt::Answer(Answer::Bytes(bytes.into()))
            }
            Open::Null => Attempt::Answer(Answer::Bytes(Bytes::new())),
            Open::Zero | Open::Full => Attempt::Answer(Answer::Bytes(std::iter::repeat_n(0, max.min(4096)).collect())),
            Open::Random => {
                // Not random at all, but different each time: nothing here may draw from outside.
                let mut rng = podyard_sim::Rng::new(u64::from(self.number()), "dev-random");
                Attempt::Answer(Answer::Bytes((0..max.min(256)).map(|_| rng.next_u64() as u8).collect()))
            }
            _ => Attempt::Answer(Answer::Error(Errno::BadDescriptor)),
        }
    }

    fn read_from_file(
        &mut self,
        id: FileId,
        fs: crate::FsId,
        path: &str,
        at: usize,
        max: usize,
    ) -> Result<Answer, Errno> {
        let bytes = match self.filesystems.get(&fs).and_then(|vfs| vfs.get(path)).map(|inode| &inode.node) {
            Some(Node::File(bytes)) => bytes,
            Some(Node::Directory) => return Err(Errno::IsDirectory),
            // Our programs have no bytes to show.
            Some(_) => return Ok(Answer::Bytes(Bytes::new())),
            None => return Err(Errno::NoEntry),
        };
        let from = at.min(bytes.len());
        let to = (from + max).min(bytes.len());
        let part = if from == 0 && to == bytes.len() { bytes.clone() } else { Bytes::from(&bytes[from..to]) };
        if let Some(Open::File { offset, .. }) = self.files.get_mut(&id).map(|file| &mut file.kind) {
            *offset = to;
        }
        Ok(Answer::Bytes(part))
    }

    fn can_read(&self, id: FileId, kind: &Open) -> Readiness {
        let waits = |ready: bool, key: WaitKey| if ready { Readiness::Ready } else { Readiness::Later(key) };
        match kind {
            Open::Pipe { read: Some(id), .. } => {
                let ready = self.pipes.get(id).is_none_or(|pipe| !pipe.buffer.is_empty() || pipe.writers == 0);
                waits(ready, WaitKey::PipeData(*id))
            }
            Open::Terminal(tty) => {
                let ready = self.terminals.get(tty).is_none_or(|tty| tty.can_read());
                waits(ready, WaitKey::TerminalInput(*tty))
            }
            Open::Master(tty) => {
                let ready = self.terminals.get(tty).is_none_or(|tty| tty.has_output() || tty.closed);
                waits(ready, WaitKey::TerminalOutput(*tty))
            }
            Open::Channel => {
                waits(self.channels.get(&id).is_none_or(|channel| !channel.is_empty()), WaitKey::Channel(id))
            }
            Open::Listener(net, port) => {
                let ready = self.listeners.get(&(*net, *port)).is_none_or(|listener| !listener.backlog.is_empty());
                waits(ready, WaitKey::Backlog(*net, *port))
            }
            _ => Readiness::Ready,
        }
    }

    pub(super) fn poll(&mut self, pid: ProcessId, fds: &[Fd], until: Option<Time>, now: Time) -> Attempt {
        let mut keys = Vec::new();
        for fd in fds {
            let (id, kind) = match self.open_file(pid, *fd) {
                Ok(found) => found,
                Err(errno) => return Attempt::Answer(Answer::Error(errno)),
            };
            match self.can_read(id, &kind) {
                Readiness::Ready => return Attempt::Answer(Answer::Ready(*fd)),
                Readiness::Later(key) => keys.push(key),
            }
        }
        if until.is_some_and(|until| now >= until) {
            return Attempt::Answer(Answer::Done);
        }
        for key in keys {
            self.wait_for(pid, key);
        }
        if let Some(until) = until {
            self.set_timer(pid, until);
        }
        Attempt::Wait
    }

    pub(super) fn next_event(&mut self, pid: ProcessId, fd: Fd) -> Attempt {
        match self.open_file(pid, fd) {
            Ok((id, Open::Channel)) => match self.channels.get_mut(&id) {
                Some(channel) => match channel.pop_front() {
                    Some(event) => Attempt::Answer(Answer::Event(Box::new(event))),
                    None => {
                        self.wait_for(pid, WaitKey::Channel(id));
                        Attempt::Wait
                    }
                },
                None => Attempt::Answer(Answer::Bytes(Bytes::new())),
            },
            Ok(_) => Attempt::Answer(Answer::Error(Errno::Invalid)),
            Err(errno) => Attempt::Answer(Answer::Error(errno)),
        }
    }

    pub(super) fn write(&mut self, pid: ProcessId, fd: Fd, bytes: Bytes, now: Time) -> Attempt {
        let (id, kind) = match self.open_file(pid, fd) {
            Ok(found) => found,
            Err(errno) => return Attempt::Answer(Answer::Error(errno)),
        };
        match kind {
            Open::File { fs, path, offset, write: true, append, .. } => {
                self.write_to_file(id, (fs, &path), if append { usize::MAX } else { offset }, &bytes, now).into()
            }
            Open::Pipe { write: Some(pipe), .. } => self.write_to_pipe(pid, pipe, bytes, now),
            Open::Terminal(tty) => {
                let Some(terminal) = self.terminals.get_mut(&tty).map(Arc::make_mut) else {
                    return Attempt::Answer(Answer::Error(Errno::Io));
                };
                if !terminal.can_write() {
                    self.wait_for(pid, WaitKey::TerminalOutput(tty));
                    return Attempt::Wait;
                }
                terminal.write(&bytes);
                self.wake_all(WaitKey::TerminalOutput(tty), now);
                Attempt::Answer(Answer::Done)
            }
            Open::Master(tty) => {
                self.type_bytes(tty, &bytes, now);
                Attempt::Answer(Answer::Done)
            }
            Open::Sink(sink, stream) => {
                if let Some(log) = self.sinks.get_mut(&sink).map(Arc::make_mut) {
                    log.write(stream, &bytes, now);
                    if log.followed {
                        self.outcalls.push(Outcall::Logged { sink });
                    }
                }
                Attempt::Answer(Answer::Done)
            }
            Open::Null | Open::Zero | Open::Random => Attempt::Answer(Answer::Done),
            Open::Full => Attempt::Answer(Answer::Error(Errno::NoSpace)),
            _ => Attempt::Answer(Answer::Error(Errno::BadDescriptor)),
        }
    }

    fn write_to_pipe(&mut self, pid: ProcessId, id: PipeId, bytes: Bytes, now: Time) -> Attempt {
        let Some(pipe) = self.pipes.get_mut(&id).map(Arc::make_mut) else {
            return Attempt::Answer(Answer::Error(Errno::BrokenPipe));
        };
        if pipe.readers == 0 {
            self.post(pid, Signal::Pipe, now);
            return Attempt::Answer(Answer::Error(Errno::BrokenPipe));
        }
        let room = PIPE_SIZE.saturating_sub(pipe.buffer.len());
        if room == 0 {
            self.wait_for(pid, WaitKey::PipeRoom(id));
            return Attempt::Wait;
        }
        let count = room.min(bytes.len());
        pipe.buffer.extend(&bytes[..count]);
        self.wake_all(WaitKey::PipeData(id), now);
        if count == bytes.len() {
            return Attempt::Answer(Answer::Done);
        }
        // The rest waits for room: the call goes on with what is left of it.
        if let Some(crate::Syscall::Write { bytes: left, .. }) =
            self.process_mut(pid).and_then(|process| process.call.as_mut())
        {
            *left = Bytes::from(&bytes[count..]);
        }
        self.wait_for(pid, WaitKey::PipeRoom(id));
        Attempt::Wait
    }

    fn write_to_file(
        &mut self,
        id: FileId,
        (fs, path): (crate::FsId, &str),
        at: usize,
        bytes: &Bytes,
        now: Time,
    ) -> Result<(), Errno> {
        let vfs = self.filesystems.get_mut(&fs).ok_or(Errno::Io)?;
        let mut end = 0;
        vfs.update(path, bytes.len(), |inode| {
            inode.modified = now;
            if let Node::File(content) = &mut inode.node {
                let at = at.min(content.len());
                let kept = content.len().min(at + bytes.len());
                content.make_mut()[at..kept].copy_from_slice(&bytes[..kept - at]);
                content.extend(bytes[kept - at..].iter().copied());
                end = at + bytes.len();
            }
        })?;
        if let Some(Open::File { offset, .. }) = self.files.get_mut(&id).map(|file| &mut file.kind) {
            *offset = end;
        }
        Ok(())
    }

    pub(super) fn is_terminal(&self, pid: ProcessId, fd: Fd) -> Result<Answer, Errno> {
        self.open_file(pid, fd).map(|(_, kind)| Answer::Flag(matches!(kind, Open::Terminal(_))))
    }

    /// Tells the terminal behind a stream's descriptor its size.
    pub(super) fn resize_stream(
        &mut self,
        pid: ProcessId,
        fd: Fd,
        columns: u16,
        rows: u16,
        now: Time,
    ) -> Result<(), Errno> {
        match self.open_file(pid, fd)? {
            (_, Open::Master(tty)) => {
                self.resize(tty, columns, rows, now);
                Ok(())
            }
            _ => Err(Errno::NotTerminal),
        }
    }
}
