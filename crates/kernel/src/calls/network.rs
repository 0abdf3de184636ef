//! Listening and being connected to.

use podyard_sim::Time;

use super::Attempt;
use crate::kernel::{FileId, Kernel, Listener, NetId, Open, WaitKey};
use crate::process::ProcessId;
use crate::{Answer, Errno, Fd, Program};

/// Connections that may wait to be accepted.
const MAX_BACKLOG: usize = 128;

impl<P: Program> Kernel<P> {
    pub(super) fn listen(&mut self, pid: ProcessId, port: u16) -> Result<Answer, Errno> {
        let machine = self.processes.get(&pid).and_then(|process| self.machine(process.machine));
        let net = machine.ok_or(Errno::NoProcess)?.net;
        if self.listeners.contains_key(&(net, port)) {
            return Err(Errno::InUse);
        }
        self.listeners.insert((net, port), Listener::default());
        self.add_descriptor(pid, Open::Listener(net, port))
    }

    pub(super) fn accept(&mut self, pid: ProcessId, fd: Fd) -> Attempt {
        let file = self.processes.get(&pid).and_then(|process| process.file(fd));
        let Some(Open::Listener(net, port)) = file.and_then(|file| self.files.get(&file)).map(|file| file.kind.clone())
        else {
            return Attempt::Answer(Answer::Error(Errno::BadDescriptor));
        };
        match self.listeners.get_mut(&(net, port)).and_then(|listener| listener.backlog.pop_front()) {
            Some((read, write)) => self.add_descriptor(pid, Open::Pipe { read: Some(read), write: Some(write) }).into(),
            None => {
                self.wait_for(pid, WaitKey::Backlog(net, port));
                Attempt::Wait
            }
        }
    }

    /// A connection to whoever listens; answers the client's open file.
    pub(crate) fn connect(&mut self, net: NetId, port: u16, now: Time) -> Result<FileId, Errno> {
        let listener = self.listeners.get(&(net, port)).ok_or(Errno::Refused)?;
        if listener.backlog.len() >= MAX_BACKLOG {
            return Err(Errno::TimedOut);
        }
        let to_server = self.add_pipe(1, 1);
        let to_client = self.add_pipe(1, 1);
        if let Some(listener) = self.listeners.get_mut(&(net, port)) {
            listener.backlog.push_back((to_server, to_client));
        }
        self.wake_all(WaitKey::Backlog(net, port), now);
        Ok(self.add_file(Open::Pipe { read: Some(to_client), write: Some(to_server) }))
    }
}
