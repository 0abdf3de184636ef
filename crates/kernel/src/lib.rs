//! Processes as data.
//!
//! The learner's console, kubectl, each container's process, each node's tools: all are processes of machines
//! inside one [`Kernel`]. A process is plain data; all it wants from outside it asks for with one closed enum,
//! [`Syscall`], and gets as one [`Answer`]. What the kernel cannot answer itself (the API, names, connections to
//! elsewhere) it hands to its owner as an [`Outcall`].

mod calls;
pub mod fs;
mod kernel;
mod process;
mod program;
pub mod script;
mod syscall;
mod terminal;

pub use fs::{FsId, Inode, Vfs};
pub use kernel::{
    FileId, Kernel, LogLine, LogStream, Machine, MachineId, Mount, NetId, Outcall, Sink, SinkId, Start, Stdio, TtyId,
};
pub use process::{Exit, Pid, Process, ProcessId};
pub use program::{Args, Program};
pub use script::{Main, Script, Sys};
pub use syscall::{
    Answer, Bytes, Disposition, Entry, Errno, Fd, FileKind, Group, Metadata, OpenMode, Signal, Spawn, Syscall,
    TerminalMode, Which,
};
