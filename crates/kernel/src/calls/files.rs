//! Files of a machine: paths over its mounts, permissions, and what processes do with them.

use ecow::EcoString;
use podyard_sim::Time;

use super::Attempt;
use crate::fs::{Device, FsId, Inode, Node, normalize, parent};
use crate::kernel::{Kernel, MachineId, Open};
use crate::process::{Process, ProcessId};
use crate::{Answer, Bytes, Errno, OpenMode, Program};

/// How many symbolic links one path may go through.
const MAX_LINKS: usize = 40;
/// The longest path.
const MAX_PATH: usize = 4096;

/// Where a path of a machine leads.
pub(crate) struct Place {
    pub fs: FsId,
    pub path: String,
    pub read_only: bool,
    /// The path on the machine, without symbolic links.
    pub machine_path: String,
}

/// A permission bit.
#[derive(Clone, Copy)]
enum Want {
    Read = 4,
    Write = 2,
    Enter = 1,
}

impl<P: Program> Kernel<P> {
    /// The file system and path in it of a normal machine path, by its longest mount.
    fn mounted(&self, machine: MachineId, path: &str) -> Option<Place> {
        let below = |mount: &str| {
            mount == "/" || path == mount || path.strip_prefix(mount).is_some_and(|rest| rest.starts_with('/'))
        };
        let mounts = &self.machines.get(&machine)?.mounts;
        let mount = mounts.iter().rev().filter(|m| below(&m.path)).max_by_key(|mount| mount.path.len())?;
        let rest = if mount.path == "/" { path } else { &path[mount.path.len()..] };
        let inner = match (mount.root.as_str(), rest) {
            ("/" | "", "") => "/".to_string(),
            ("/" | "", rest) => rest.to_string(),
            (root, "/") => root.to_string(),
            (root, rest) => format!("{root}{rest}"),
        };
        Some(Place { fs: mount.fs, path: inner, read_only: mount.read_only, machine_path: path.to_string() })
    }

    /// Where a normal path leads through symbolic links; the last one is followed only if `follow`.
    pub(crate) fn locate(&self, machine: MachineId, path: &str, follow: bool) -> Result<Place, Errno> {
        if path.len() > MAX_PATH {
            return Err(Errno::NameTooLong);
        }
        let mut path = path.to_string();
        'links: for _ in 0..MAX_LINKS {
            let mut end = 0;
            while end < path.len() {
                end = path[end + 1..].find('/').map_or(path.len(), |next| end + 1 + next);
                let is_last = end == path.len();
                if is_last && !follow {
                    break;
                }
                let place = self.mounted(machine, &path[..end]).ok_or(Errno::NoEntry)?;
                match self.inode(&place).map(|inode| &inode.node) {
                    Some(Node::Symlink(target)) => {
                        path = format!("{}{}", normalize(parent(&path[..end]), target), &path[end..]);
                        path = normalize("/", &path);
                        continue 'links;
                    }
                    Some(Node::Directory) => {}
                    Some(_) if !is_last => return Err(Errno::NotDirectory),
                    _ => {}
                }
            }
            return self.mounted(machine, &path).ok_or(Errno::NoEntry);
        }
        Err(Errno::Loop)
    }

    pub(crate) fn inode(&self, place: &Place) -> Option<&Inode> {
        self.filesystems.get(&place.fs)?.get(&place.path)
    }

    /// Where a process's path leads, if it may go there.
    fn find(&self, pid: ProcessId, path: &str, follow: bool) -> Result<Place, Errno> {
        if path.is_empty() {
            return Err(Errno::NoEntry);
        }
        let process = self.processes.get(&pid).ok_or(Errno::NoProcess)?;
        let whole = normalize(&process.cwd, path);
        let place = self.locate(process.machine, &whole, follow || path.ends_with('/'))?;
        if process.uid != 0 {
            let mut above = place.machine_path.as_str();
            while above != "/" {
                above = parent(above);
                let directory = self.mounted(process.machine, above).ok_or(Errno::NoEntry)?;
                self.permit(process, &directory, Want::Enter)?;
            }
        }
        if path.ends_with('/') && self.inode(&place).is_some_and(|inode| inode.node != Node::Directory) {
            return Err(Errno::NotDirectory);
        }
        Ok(place)
    }

    fn permit(&self, process: &Process<P>, place: &Place, want: Want) -> Result<(), Errno> {
        if matches!(want, Want::Write) && place.read_only {
            return Err(Errno::ReadOnly);
        }
        let Some(inode) = self.inode(place) else { return Ok(()) };
        if process.uid == 0 {
            return Ok(());
        }
        let shift = if process.uid == inode.uid { 6 } else { 3 * u16::from(process.gid == inode.gid) };
        if inode.mode >> shift & want as u16 == 0 { Err(Errno::Access) } else { Ok(()) }
    }

    /// Whether a process may add to or take from the directory of `place`.
    fn permit_change(&self, pid: ProcessId, place: &Place) -> Result<(), Errno> {
        let process = self.processes.get(&pid).ok_or(Errno::NoProcess)?;
        if place.read_only {
            return Err(Errno::ReadOnly);
        }
        let directory = Place {
            fs: place.fs,
            path: parent(&place.path).to_string(),
            read_only: false,
            machine_path: parent(&place.machine_path).to_string(),
        };
        self.permit(process, &directory, Want::Write)
    }

    fn create_at(&mut self, pid: ProcessId, place: &Place, node: Node, mode: u16, now: Time) -> Result<(), Errno> {
        self.permit_change(pid, place)?;
        let process = self.processes.get(&pid).ok_or(Errno::NoProcess)?;
        let inode = Inode { node, mode, uid: process.uid, gid: process.gid, modified: now };
        self.filesystems.get_mut(&place.fs).ok_or(Errno::Io)?.create(&place.path, inode)
    }

    pub(super) fn open(&mut self, pid: ProcessId, path: &str, mode: OpenMode, now: Time) -> Result<Answer, Errno> {
        let place = self.find(pid, path, true)?;
        let process = self.processes.get(&pid).ok_or(Errno::NoProcess)?;
        let node = self.inode(&place).map(|inode| inode.node.clone());
        match node {
            Some(Node::Device(device)) => return self.open_device(pid, device),
            Some(_) if mode.exclusive && mode.create => return Err(Errno::Exists),
            Some(Node::Directory) if mode.write => return Err(Errno::IsDirectory),
            Some(_) => {
                if mode.read {
                    self.permit(process, &place, Want::Read)?;
                }
                if mode.write {
                    self.permit(process, &place, Want::Write)?;
                }
                if mode.truncate && mode.write {
                    let vfs = self.filesystems.get_mut(&place.fs).ok_or(Errno::Io)?;
                    vfs.update(&place.path, 0, |inode| {
                        inode.node = Node::File(Bytes::new());
                        inode.modified = now;
                    })?;
                }
            }
            None if mode.create => self.create_at(pid, &place, Node::File(Bytes::new()), 0o644, now)?,
            None => return Err(Errno::NoEntry),
        }
        let OpenMode { read, write, append, .. } = mode;
        self.add_descriptor(pid, Open::File { fs: place.fs, path: place.path.into(), offset: 0, read, write, append })
    }

    fn open_device(&mut self, pid: ProcessId, device: Device) -> Result<Answer, Errno> {
        let process = self.processes.get(&pid).ok_or(Errno::NoProcess)?;
        let same = |fd| process.file(fd).ok_or(Errno::NoEntry);
        let shared = match device {
            Device::Stdin => same(0)?,
            Device::Stdout => same(1)?,
            Device::Stderr => same(2)?,
            Device::Null => return self.add_descriptor(pid, Open::Null),
            Device::Zero => return self.add_descriptor(pid, Open::Zero),
            Device::Full => return self.add_descriptor(pid, Open::Full),
            Device::Random => return self.add_descriptor(pid, Open::Random),
            Device::Terminal => {
                let tty = process.terminal.ok_or(Errno::NoEntry)?;
                return self.add_descriptor(pid, Open::Terminal(tty));
            }
        };
        self.hold(shared);
        self.install(pid, shared).map(Answer::Fd).ok_or(Errno::NoProcess)
    }

    pub(super) fn stat(&self, pid: ProcessId, path: &str, follow: bool) -> Result<Answer, Errno> {
        let place = self.find(pid, path, follow)?;
        self.inode(&place).map(|inode| Answer::Metadata(inode.metadata())).ok_or(Errno::NoEntry)
    }

    pub(super) fn read_dir(&self, pid: ProcessId, path: &str) -> Result<Answer, Errno> {
        let place = self.find(pid, path, true)?;
        let process = self.processes.get(&pid).ok_or(Errno::NoProcess)?;
        match self.inode(&place).map(|inode| &inode.node) {
            Some(Node::Directory) => self.permit(process, &place, Want::Read)?,
            Some(_) => return Err(Errno::NotDirectory),
            None => return Err(Errno::NoEntry),
        }
        let vfs = self.filesystems.get(&place.fs).ok_or(Errno::Io)?;
        let mut entries: Vec<(EcoString, _)> =
            vfs.children(&place.path).map(|(name, inode)| (name.into(), inode.metadata())).collect();
        let mounts = self.machine(process.machine).map(|machine| machine.mounts.as_slice()).unwrap_or_default();
        for mount in mounts.iter().filter(|mount| mount.path != "/" && parent(&mount.path) == place.machine_path) {
            let name = EcoString::from(&mount.path[mount.path.rfind('/').map_or(0, |slash| slash + 1)..]);
            let root = Place {
                fs: mount.fs,
                path: if mount.root.is_empty() { "/".into() } else { mount.root.to_string() },
                read_only: mount.read_only,
                machine_path: String::new(),
            };
            if let Some(inode) = self.inode(&root) {
                entries.retain(|(other, _)| *other != name);
                entries.push((name, inode.metadata()));
            }
        }
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(Answer::Entries(entries))
    }

    pub(super) fn read_link(&self, pid: ProcessId, path: &str) -> Result<Answer, Errno> {
        let place = self.find(pid, path, false)?;
        match self.inode(&place).map(|inode| &inode.node) {
            Some(Node::Symlink(target)) => Ok(Answer::Text(target.clone())),
            Some(_) => Err(Errno::Invalid),
            None => Err(Errno::NoEntry),
        }
    }

    pub(super) fn make_dir(&mut self, pid: ProcessId, path: &str, mode: u16, now: Time) -> Result<(), Errno> {
        let place = self.find(pid, path.trim_end_matches('/'), false)?;
        if self.inode(&place).is_some() {
            return Err(Errno::Exists);
        }
        self.create_at(pid, &place, Node::Directory, mode, now)
    }

    pub(super) fn remove(&mut self, pid: ProcessId, path: &str) -> Result<(), Errno> {
        let place = self.find(pid, path, false)?;
        self.inode(&place).ok_or(Errno::NoEntry)?;
        self.permit_change(pid, &place)?;
        self.filesystems.get_mut(&place.fs).ok_or(Errno::Io)?.remove(&place.path)
    }

    pub(super) fn rename(&mut self, pid: ProcessId, from: &str, to: &str) -> Result<(), Errno> {
        let (from, to) = (self.find(pid, from, false)?, self.find(pid, to, false)?);
        self.inode(&from).ok_or(Errno::NoEntry)?;
        self.permit_change(pid, &from)?;
        self.permit_change(pid, &to)?;
        if from.fs != to.fs {
            return Err(Errno::NotSupported);
        }
        self.filesystems.get_mut(&from.fs).ok_or(Errno::Io)?.rename(&from.path, &to.path)
    }

    pub(super) fn symlink(&mut self, pid: ProcessId, target: &str, path: &str, now: Time) -> Result<(), Errno> {
        let place = self.find(pid, path, false)?;
        if self.inode(&place).is_some() {
            return Err(Errno::Exists);
        }
        self.create_at(pid, &place, Node::Symlink(target.into()), 0o777, now)
    }

    pub(super) fn set_mode(&mut self, pid: ProcessId, path: &str, mode: u16) -> Result<(), Errno> {
        self.change_owned(pid, path, |inode| inode.mode = mode)
    }

    pub(super) fn set_modified(&mut self, pid: ProcessId, path: &str, time: Time) -> Result<(), Errno> {
        self.change_owned(pid, path, |inode| inode.modified = time)
    }

    fn change_owned(&mut self, pid: ProcessId, path: &str, change: impl FnOnce(&mut Inode)) -> Result<(), Errno> {
        let place = self.find(pid, path, true)?;
        let process = self.processes.get(&pid).ok_or(Errno::NoProcess)?;
        let owner = self.inode(&place).ok_or(Errno::NoEntry)?.uid;
        if place.read_only {
            return Err(Errno::ReadOnly);
        }
        if process.uid != 0 && process.uid != owner {
            return Err(Errno::Access);
        }
        self.filesystems.get_mut(&place.fs).ok_or(Errno::Io)?.update(&place.path, 0, change)
    }

    pub(super) fn change_dir(&mut self, pid: ProcessId, path: &str) -> Result<(), Errno> {
        let place = self.find(pid, path, true)?;
        let process = self.processes.get(&pid).ok_or(Errno::NoProcess)?;
        match self.inode(&place).map(|inode| &inode.node) {
            Some(Node::Directory) => self.permit(process, &place, Want::Enter)?,
            Some(_) => return Err(Errno::NotDirectory),
            None => return Err(Errno::NoEntry),
        }
        if let Some(process) = self.process_mut(pid) {
            process.cwd = place.machine_path.into();
        }
        Ok(())
    }

    pub(super) fn working_dir(&self, pid: ProcessId) -> Attempt {
        let cwd = self.processes.get(&pid).map(|process| process.cwd.clone()).unwrap_or_default();
        Attempt::Answer(Answer::Text(cwd))
    }
}
