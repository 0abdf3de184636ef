//! A machine with a shell and all tools.

use podyard_kernel::fs::{Inode, Node};
use podyard_kernel::{
    Answer, Args, Errno, Exit, Kernel, LogStream, Machine, Mount, Outcall, Program, Start, Stdio, Syscall, TtyId, Vfs,
};
use podyard_shell::{Shell, tools};
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

/// The programs of the tests.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "a test has few processes")]
pub(crate) enum Programs {
    Shell(Shell),
    Tool(tools::Tool),
}

impl Program for Programs {
    fn load(id: &str, args: &Args) -> Option<Self> {
        Shell::load(id, args).map(Self::Shell).or_else(|| tools::load(id, args).map(Self::Tool))
    }

    fn step(&mut self, answer: Answer) -> Syscall {
        match self {
            Self::Shell(shell) => shell.step(answer),
            Self::Tool(tool) => tool.step(answer),
        }
    }
}

/// A machine and its time.
pub(crate) struct World {
    pub kernel: Kernel<Programs>,
    pub now: Time,
    machine: podyard_kernel::MachineId,
}

/// What a script did.
#[derive(Debug, PartialEq)]
pub(crate) struct Done {
    pub out: String,
    pub err: String,
    pub status: Option<u8>,
}

impl World {
    pub(crate) fn new() -> Self {
        let now = Time::parse_rfc3339("2026-11-22T15:17:44Z").unwrap();
        let mut vfs = Vfs::new();
        for dir in ["/root", "/tmp", "/etc", "/usr/bin", "/home/me"] {
            vfs.put_dir(dir, now);
        }
        for id in tools::IDS.iter().chain(tools::WORKSTATION_IDS) {
            vfs.put_program(&format!("/usr/bin/{id}"), id, now);
            vfs.put_program(&format!("/busybox/{id}"), &format!("busybox:{id}"), now);
        }
        for (path, id) in [("/usr/bin/bash", "bash"), ("/usr/bin/sh", "bash"), ("/usr/bin/dash", "dash")] {
            vfs.put_program(path, id, now);
        }
        vfs.put_program("/busybox/sh", "busybox:sh", now);
        vfs.put("/bin", Inode::new(Node::Symlink("usr/bin".into()), 0o777, now));
        vfs.put_file("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nme:x:1000:1000::/home/me:/bin/sh\n", now);
        vfs.put_file(
            "/etc/resolv.conf",
            "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n",
            now,
        );
        let device = |device| Inode::new(Node::Device(device), 0o666, now);
        vfs.put("/dev/null", device(podyard_kernel::fs::Device::Null));
        vfs.put("/dev/zero", device(podyard_kernel::fs::Device::Zero));
        vfs.put("/dev/tty", device(podyard_kernel::fs::Device::Terminal));
        vfs.put("/dev/stdin", device(podyard_kernel::fs::Device::Stdin));
        vfs.put("/dev/stdout", device(podyard_kernel::fs::Device::Stdout));
        vfs.put("/dev/stderr", device(podyard_kernel::fs::Device::Stderr));
        let mut kernel = Kernel::default();
        let fs = kernel.add_fs(vfs);
        let mounts = vec![Mount { path: "/".into(), fs, root: "/".into(), read_only: false }];
        let machine = kernel.add_machine(Machine { hostname: "workstation".into(), mounts, ..Machine::default() });
        Self { kernel, now, machine }
    }

    fn start(&self, argv: &[&str], stdio: Stdio) -> Start {
        let path = if argv[0].starts_with("busybox:") { "/busybox/sh".into() } else { format!("/bin/{}", argv[0]) };
        let argv = argv.iter().map(|arg| arg.trim_start_matches("busybox:").into()).collect();
        let bin = if path.starts_with("/busybox") { "/busybox" } else { "/usr/bin:/bin" };
        Start {
            machine: self.machine,
            path: path.into(),
            argv,
            env: [("HOME", "/root"), ("PATH", bin), ("USER", "root"), ("TERM", "xterm")]
                .map(|(name, value)| (name.into(), value.into()))
                .to_vec(),
            cwd: "/root".into(),
            stdio,
            ..Start::default()
        }
    }

    /// Runs a program to its end, or for as long as `steps` of the kernel.
    pub(crate) fn run(&mut self, argv: &[&str], steps: usize) -> Done {
        let sink = self.kernel.add_sink();
        let pid = self.kernel.start(self.start(argv, Stdio::Log(sink)), self.now).unwrap();
        let mut status = None;
        for _ in 0..steps {
            let Some(time) = self.kernel.next_time() else { break };
            self.now = self.now.max(time);
            for outcall in self.kernel.run(self.now) {
                match outcall {
                    Outcall::Exited { pid: ended, exit } if ended == pid => status = Some(exit),
                    outcall => self.serve(outcall),
                }
            }
            if status.is_some() {
                break;
            }
        }
        let collect = |stream: LogStream| {
            let lines = self.kernel.sink(sink).unwrap().lines();
            lines.filter(|line| line.stream == stream).map(|line| line.text.as_str()).collect::<String>()
        };
        Done { out: collect(LogStream::Out), err: collect(LogStream::Error), status: status.map(Exit::status) }
    }

    /// The network of the tests: `web` is this machine, nobody answers at `lost`.
    fn serve(&mut self, outcall: Outcall) {
        match outcall {
            Outcall::Resolve { pid, ticket, name } => {
                let address = match name.as_str() {
                    "localhost" => Some("127.0.0.1"),
                    "web" | "web.default.svc.cluster.local." | "web.default.svc.cluster.local" => Some("10.96.1.2"),
                    "lost" => Some("10.96.1.9"),
                    name if name.split('.').all(|part| part.parse::<u8>().is_ok()) => Some(name),
                    _ => None,
                };
                let answer =
                    address.map_or(Answer::Error(Errno::NoName), |address| Answer::Addresses(vec![address.into()]));
                self.kernel.answer(pid, ticket, answer, self.now);
            }
            Outcall::Connect { pid, ticket, address, port } => match address.as_str() {
                "127.0.0.1" | "10.96.1.2" => {
                    let net = self.kernel.machine(self.machine).unwrap().net;
                    self.kernel.answer_connect(pid, ticket, net, port, self.now);
                }
                _ => self.kernel.answer(pid, ticket, Answer::Error(Errno::TimedOut), self.now),
            },
            _ => {}
        }
    }

    /// A session on a terminal.
    pub(crate) fn session(&mut self, argv: &[&str], columns: u16) -> TtyId {
        let tty = self.kernel.add_terminal(columns, 24);
        self.kernel.start(self.start(argv, Stdio::Terminal(tty)), self.now).unwrap();
        self.settle(10_000);
        tty
    }

    /// Lets what is due now happen, but no time pass beyond a second.
    pub(crate) fn settle(&mut self, steps: usize) {
        let end = self.now + std::time::Duration::from_millis(900);
        for _ in 0..steps {
            match self.kernel.next_time() {
                Some(time) if time <= end => {
                    self.now = self.now.max(time);
                    for outcall in self.kernel.run(self.now) {
                        self.serve(outcall);
                    }
                }
                _ => break,
            }
        }
    }

    /// Types, and answers what the screen was sent.
    pub(crate) fn type_text(&mut self, tty: TtyId, text: &str) -> String {
        self.kernel.type_bytes(tty, text.as_bytes(), self.now);
        let mut shown = Vec::new();
        for _ in 0..200 {
            self.settle(2_000);
            let output = self.kernel.take_output(tty, self.now);
            if output.is_empty() {
                break;
            }
            shown.extend(output);
        }
        String::from_utf8_lossy(&shown).into_owned()
    }
}
