//! The learner's workstation and its console tabs.

use ecow::EcoString;
use podyard_kernel::fs::{Device, Inode, Node};
use podyard_kernel::{Kernel, Machine, MachineId, Mount, ProcessId, Start, Stdio, TtyId, Vfs};
use podyard_shell::tools;
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

use crate::{Cluster, Programs};

/// One console tab.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Console {
    pub terminal: TtyId,
    pub shell: ProcessId,
    /// How many shells have ended in it.
    pub ended: u32,
    /// What the terminal has shown, as far as it is kept.
    pub screen: String,
}

/// How much of a terminal's past is kept, in bytes.
const MAX_SCREEN: usize = 64 << 10;

/// What every process of the workstation starts with.
pub(crate) fn environment() -> Vec<(EcoString, EcoString)> {
    [
        ("HOME", "/root"),
        ("HOSTNAME", "workstation"),
        ("LANG", "C.UTF-8"),
        ("LOGNAME", "root"),
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("PWD", "/root"),
        ("SHELL", "/bin/bash"),
        ("USER", "root"),
    ]
    .map(|(key, value)| (key.into(), value.into()))
    .to_vec()
}

/// The kubeconfig of a fresh cluster's administrator.
const KUBECONFIG: &str = include_str!("../presets/kubeconfig.yaml");

/// Makes the workstation: its tools, its home and its kubeconfig.
pub(crate) fn workstation(kernel: &mut Kernel<Programs>, now: Time) -> MachineId {
    let mut vfs = Vfs::new();
    for id in tools::IDS.iter().chain(tools::WORKSTATION_IDS) {
        vfs.put_program(&format!("/usr/bin/{id}"), id, now);
    }
    let programs = [
        ("/usr/bin/bash", "bash"),
        ("/usr/bin/sh", "sh"),
        ("/usr/local/bin/kubectl", "kubectl"),
        ("/usr/local/bin/why", "why"),
    ];
    for (path, id) in programs {
        vfs.put_program(path, id, now);
    }
    vfs.put("/bin", Inode::new(Node::Symlink("usr/bin".into()), 0o777, now));
    for (name, device) in [
        ("null", Device::Null),
        ("zero", Device::Zero),
        ("full", Device::Full),
        ("random", Device::Random),
        ("urandom", Device::Random),
        ("tty", Device::Terminal),
        ("stdin", Device::Stdin),
        ("stdout", Device::Stdout),
        ("stderr", Device::Stderr),
    ] {
        vfs.put(&format!("/dev/{name}"), Inode::new(Node::Device(device), 0o666, now));
    }
    for directory in ["/tmp", "/var/log", "/etc", "/root/.kube"] {
        vfs.put_dir(directory, now);
    }
    vfs.put_file("/etc/hostname", "workstation\n", now);
    vfs.put_file("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n", now);
    vfs.put_file("/etc/group", "root:x:0:\n", now);
    vfs.put_file("/root/.kube/config", KUBECONFIG, now);
    let fs = kernel.add_fs(vfs);
    let net = kernel.add_net();
    kernel.add_machine(Machine {
        hostname: "workstation".into(),
        mounts: vec![Mount { path: "/".into(), fs, root: "/".into(), read_only: false }],
        net,
        owner: "admin".into(),
        ..Machine::default()
    })
}

impl Console {
    /// Notes what was shown; the oldest lines go first.
    fn show(&mut self, text: &str) {
        self.screen.push_str(text);
        if self.screen.len() > MAX_SCREEN {
            let from = self.screen.len() - MAX_SCREEN / 2;
            let line =
                self.screen.as_bytes()[from..].iter().position(|b| *b == b'\n').map_or(from, |end| from + end + 1);
            self.screen = self.screen.get(line..).unwrap_or_default().to_string();
        }
    }
}

impl Cluster {
    /// Opens a console tab; an open one stays as it is.
    pub fn open_console(&mut self, number: u32, columns: u16, rows: u16) {
        if self.consoles.contains_key(&number) {
            return;
        }
        let terminal = self.kernel.add_terminal(columns, rows);
        self.start_console(number, terminal);
    }

    /// Closes a console tab, and hangs up on what runs in it; the last one stays.
    pub fn close_console(&mut self, number: u32) {
        if self.consoles.len() > 1
            && let Some(console) = self.consoles.remove(&number)
        {
            self.kernel.hang_up(console.terminal, self.now);
        }
    }

    fn start_console(&mut self, number: u32, terminal: TtyId) {
        let mut env = environment();
        env.push(("TERM".into(), "xterm-256color".into()));
        let start = Start {
            machine: self.workstation,
            path: "/usr/bin/bash".into(),
            argv: vec!["bash".into(), "-i".into()],
            env,
            cwd: "/root".into(),
            stdio: Stdio::Terminal(terminal),
            ..Start::default()
        };
        if let Ok(shell) = self.kernel.start(start, self.now) {
            match self.consoles.get_mut(&number) {
                Some(console) => (console.shell, console.ended) = (shell, console.ended + 1),
                None => {
                    self.consoles.insert(number, Console { terminal, shell, ended: 0, screen: String::new() });
                }
            }
        }
    }

    /// Whether the first shell of a console has ended.
    pub fn has_ended(&self, number: u32) -> bool {
        self.consoles.get(&number).is_some_and(|console| console.ended > 0)
    }

    /// The numbers of the open consoles.
    pub fn consoles(&self) -> impl Iterator<Item = u32> {
        self.consoles.keys().copied()
    }

    /// Types bytes into a console.
    pub fn type_text(&mut self, number: u32, text: &str) {
        if let Some(console) = self.consoles.get(&number) {
            self.kernel.type_bytes(console.terminal, text.as_bytes(), self.now);
        }
    }

    /// Tells a console its size.
    pub fn resize(&mut self, number: u32, columns: u16, rows: u16) {
        if let Some(console) = self.consoles.get(&number) {
            self.kernel.resize(console.terminal, columns, rows, self.now);
        }
    }

    /// What a console is to show since the last time.
    pub fn take_output(&mut self, number: u32) -> String {
        let Some(console) = self.consoles.get(&number) else { return String::new() };
        let bytes = self.kernel.take_output(console.terminal, self.now);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if !text.is_empty()
            && let Some(console) = self.consoles.get_mut(&number)
        {
            console.show(&text);
        }
        text
    }

    /// All that a console has shown and is to show, as far as it is kept.
    pub fn screen(&mut self, number: u32) -> String {
        self.take_output(number);
        self.consoles.get(&number).map(|console| console.screen.clone()).unwrap_or_default()
    }

    /// A console whose shell has ended gets a new one.
    pub(crate) fn revive_console(&mut self, shell: ProcessId) -> bool {
        let ended = self.consoles.iter().find(|(_, console)| console.shell == shell);
        let Some((number, terminal)) = ended.map(|(number, console)| (*number, console.terminal)) else {
            return false;
        };
        self.start_console(number, terminal);
        true
    }

    /// The text of a file of the workstation.
    pub fn read_file(&self, path: &str) -> Option<Vec<u8>> {
        let machine = self.kernel.machine(self.workstation)?;
        let root = machine.mounts.first()?.fs;
        self.kernel.fs(root)?.read(path).map(|bytes| bytes.to_vec())
    }

    /// Puts a file on the workstation.
    pub fn write_file(&mut self, path: &str, text: &[u8]) {
        let root = self.kernel.machine(self.workstation).and_then(|machine| machine.mounts.first()).map(|m| m.fs);
        if let Some(vfs) = root.and_then(|root| self.kernel.fs_mut(root)) {
            vfs.put_file(path, text, self.now);
        }
    }
}
