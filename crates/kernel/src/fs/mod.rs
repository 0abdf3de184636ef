//! The virtual file system: a persistent map of absolute paths, so that a copy is O(1).

use ecow::EcoString;
use imbl::OrdMap;
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

use crate::{Bytes, Errno, FileKind, Metadata};

/// Names a file system in a kernel; machines mount them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FsId(pub u32);

/// A tree of files. Paths are absolute and normal: `/`, `/etc/hosts`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Vfs {
    inodes: OrdMap<EcoString, Inode>,
    /// Sum of the files' sizes in bytes.
    used: u64,
}

/// The largest a file system may grow, in bytes.
pub const MAX_BYTES: u64 = 64 << 20;
/// The most files a file system may hold.
pub const MAX_INODES: usize = 50_000;

/// One file of a tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inode {
    pub node: Node,
    pub mode: u16,
    pub uid: u32,
    pub gid: u32,
    pub modified: Time,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Node {
    File(Bytes),
    Directory,
    Symlink(EcoString),
    /// An executable that is a program of ours, by its id.
    Program(EcoString),
    Device(Device),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Device {
    Null,
    Zero,
    Full,
    Random,
    /// The process's controlling terminal.
    Terminal,
    Stdin,
    Stdout,
    Stderr,
}

impl Inode {
    pub fn new(node: Node, mode: u16, modified: Time) -> Self {
        Self { node, mode, uid: 0, gid: 0, modified }
    }

    pub fn metadata(&self) -> Metadata {
        let (kind, size) = match &self.node {
            Node::File(bytes) => (FileKind::File, bytes.len() as u64),
            Node::Directory => (FileKind::Directory, 4096),
            Node::Symlink(target) => (FileKind::Symlink, target.len() as u64),
            Node::Program(_) => (FileKind::Program, 35_664),
            Node::Device(_) => (FileKind::Device, 0),
        };
        Metadata { kind, size, mode: self.mode, modified: self.modified, uid: self.uid, gid: self.gid }
    }

    fn size(&self) -> u64 {
        match &self.node {
            Node::File(bytes) => bytes.len() as u64,
            _ => 0,
        }
    }
}

impl Vfs {
    /// A tree with an empty root.
    pub fn new() -> Self {
        let mut vfs = Self::default();
        vfs.inodes.insert("/".into(), Inode::new(Node::Directory, 0o755, Time::default()));
        vfs
    }

    pub fn get(&self, path: &str) -> Option<&Inode> {
        self.inodes.get(path)
    }

    /// The bytes of a regular file.
    pub fn read(&self, path: &str) -> Option<&Bytes> {
        match &self.get(path)?.node {
            Node::File(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub fn len(&self) -> usize {
        self.inodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.inodes.len() <= 1
    }

    /// Makes or replaces a file and the directories on its way, without looking at permissions: for whoever
    /// prepares the tree.
    pub fn put(&mut self, path: &str, inode: Inode) {
        let mut end = 0;
        while let Some(next) = path[end + 1..].find('/') {
            end += next + 1;
            let parent = &path[..end];
            if !self.inodes.contains_key(parent) {
                self.inodes.insert(parent.into(), Inode::new(Node::Directory, 0o755, inode.modified));
            }
        }
        let freed = self.inodes.get(path).map_or(0, Inode::size);
        self.used = self.used - freed + inode.size();
        self.inodes.insert(path.into(), inode);
    }

    /// [`put`](Self::put) for a text file with mode 0644.
    pub fn put_file(&mut self, path: &str, text: impl AsRef<[u8]>, modified: Time) {
        self.put(path, Inode::new(Node::File(Bytes::from(text.as_ref())), 0o644, modified));
    }

    /// [`put`](Self::put) for a directory.
    pub fn put_dir(&mut self, path: &str, modified: Time) {
        if self.get(path).is_none() {
            self.put(path, Inode::new(Node::Directory, 0o755, modified));
        }
    }

    /// Makes `path` an executable that is the program `id`.
    pub fn put_program(&mut self, path: &str, id: &str, modified: Time) {
        self.put(path, Inode::new(Node::Program(id.into()), 0o755, modified));
    }

    /// Makes or replaces a file as a process does.
    ///
    /// # Errors
    /// `NoEntry` or `NotDirectory` if its directory is missing, `NoSpace` at the tree's bounds.
    pub fn create(&mut self, path: &str, inode: Inode) -> Result<(), Errno> {
        match self.get(parent(path)).map(|inode| &inode.node) {
            Some(Node::Directory) => {}
            Some(_) => return Err(Errno::NotDirectory),
            None => return Err(Errno::NoEntry),
        }
        let freed = self.get(path).map_or(0, Inode::size);
        if self.used - freed + inode.size() > MAX_BYTES || self.inodes.len() >= MAX_INODES {
            return Err(Errno::NoSpace);
        }
        self.put(path, inode);
        Ok(())
    }

    /// Changes a file that exists, by which it grows by at most `growth` bytes.
    ///
    /// # Errors
    /// `NoEntry`; `NoSpace` at the tree's bound, with nothing changed.
    pub fn update(&mut self, path: &str, growth: usize, change: impl FnOnce(&mut Inode)) -> Result<(), Errno> {
        let inode = self.inodes.get_mut(path).ok_or(Errno::NoEntry)?;
        if self.used + growth as u64 > MAX_BYTES {
            return Err(Errno::NoSpace);
        }
        let before = inode.size();
        change(inode);
        self.used = self.used - before + inode.size();
        Ok(())
    }

    /// Removes a file or an empty directory.
    ///
    /// # Errors
    /// `NoEntry`, `NotEmpty`.
    pub fn remove(&mut self, path: &str) -> Result<(), Errno> {
        let inode = self.get(path).ok_or(Errno::NoEntry)?;
        if inode.node == Node::Directory && self.children(path).next().is_some() {
            return Err(Errno::NotEmpty);
        }
        self.used -= inode.size();
        self.inodes.remove(path);
        Ok(())
    }

    /// Removes whatever is at and below `path`.
    pub fn remove_all(&mut self, path: &str) {
        let below = prefix(path);
        let gone: Vec<_> = self
            .inodes
            .range(EcoString::from(path)..)
            .map(|(name, _)| name.clone())
            .take_while(|name| name.starts_with(path))
            .filter(|name| name == path || name.starts_with(&below))
            .collect();
        for name in gone {
            if let Some(inode) = self.inodes.remove(&name) {
                self.used -= inode.size();
            }
        }
    }

    /// Moves a file or a whole directory.
    ///
    /// # Errors
    /// `NoEntry`; `Invalid` into itself; `NotEmpty`, `IsDirectory`, `NotDirectory` if the target is in the way.
    pub fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let inode = self.get(from).cloned().ok_or(Errno::NoEntry)?;
        if from == to {
            return Ok(());
        }
        if to.starts_with(&prefix(from)) {
            return Err(Errno::Invalid);
        }
        let is_directory = inode.node == Node::Directory;
        match self.get(to).map(|target| target.node == Node::Directory) {
            Some(true) if !is_directory => return Err(Errno::IsDirectory),
            Some(false) if is_directory => return Err(Errno::NotDirectory),
            Some(_) => self.remove(to)?,
            None => {}
        }
        let below = prefix(from);
        let moved: Vec<_> = self
            .inodes
            .range(EcoString::from(below.as_str())..)
            .take_while(|(name, _)| name.starts_with(&below))
            .map(|(name, inode)| (name.clone(), inode.clone()))
            .collect();
        self.create(to, inode)?;
        for (name, inode) in moved {
            self.put(&format!("{to}/{}", &name[below.len()..]), inode);
        }
        self.remove_all(from);
        Ok(())
    }

    /// Names and files directly in a directory, by name.
    pub fn children(&self, path: &str) -> impl Iterator<Item = (&str, &Inode)> {
        let below = prefix(path);
        let length = below.len();
        self.inodes
            .range(EcoString::from(below.as_str())..)
            .take_while(move |(name, _)| name.starts_with(&below))
            .map(move |(name, inode)| (&name[length..], inode))
            .filter(|(name, _)| !name.is_empty() && !name.contains('/'))
    }

    /// Every path with its file, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Inode)> {
        self.inodes.iter().map(|(path, inode)| (path.as_str(), inode))
    }
}

/// The directory of a normal path.
pub fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(end) => &path[..end],
    }
}

/// What the paths below a directory begin with.
fn prefix(path: &str) -> String {
    if path == "/" { "/".into() } else { format!("{path}/") }
}

/// An absolute path without `.`, `..` and doubled slashes; `path` is taken relative to `cwd`.
pub fn normalize(cwd: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let whole = if path.starts_with('/') { path.to_string() } else { format!("{cwd}/{path}") };
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(paths: &[&str]) -> Vfs {
        let mut vfs = Vfs::new();
        for path in paths {
            vfs.put_file(path, path, Time::default());
        }
        vfs
    }

    fn paths(vfs: &Vfs) -> Vec<&str> {
        vfs.iter().map(|(path, _)| path).collect()
    }

    #[test]
    fn a_directory_moves_with_all_that_is_in_it_and_nothing_else() {
        let mut vfs = tree(&["/a/b/c", "/a/b.txt", "/ab"]);
        vfs.rename("/a/b", "/x").unwrap();
        assert_eq!(paths(&vfs), ["/", "/a", "/a/b.txt", "/ab", "/x", "/x/c"]);
        assert_eq!(vfs.rename("/x", "/x/y"), Err(Errno::Invalid));
    }

    #[test]
    fn children_are_the_direct_ones() {
        let vfs = tree(&["/a/1", "/a/2/3", "/a-b", "/b"]);
        assert_eq!(vfs.children("/a").map(|(name, _)| name).collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(vfs.children("/").map(|(name, _)| name).collect::<Vec<_>>(), ["a", "a-b", "b"]);
    }

    #[test]
    fn the_bound_on_size_holds_and_nothing_is_lost() {
        let mut vfs = tree(&["/f"]);
        let empty = |inode: &mut Inode| inode.node = Node::File(Bytes::new());
        assert_eq!(vfs.update("/f", MAX_BYTES as usize + 1, empty), Err(Errno::NoSpace));
        assert_eq!(vfs.read("/f").map(|b| b.as_slice()), Some(b"/f".as_slice()));
        assert_eq!(vfs.remove("/nope"), Err(Errno::NoEntry));
    }

    #[test]
    fn copies_are_independent() {
        let before = tree(&["/f"]);
        let mut after = before.clone();
        after.remove_all("/f");
        assert_eq!((before.len(), after.len()), (2, 1));
    }

    #[test]
    fn paths_become_normal() {
        for (cwd, path, expect) in [("/a", "b/../c", "/a/c"), ("/", "../..", "/"), ("/a", "/x//y/.", "/x/y")] {
            assert_eq!(normalize(cwd, path), expect);
        }
    }
}
