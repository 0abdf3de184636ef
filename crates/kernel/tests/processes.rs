//! Processes of a small machine: pipes, signals, copies, scripts.
#![expect(clippy::unwrap_used, reason = "a test fails where its helpers find nothing")]

use podyard_kernel::fs::{Inode, Node};
use podyard_kernel::{
    Answer, Args, Bytes, Disposition, Exit, Kernel, LogStream, Machine, MachineId, Main, Mount, Outcall, Program,
    Script, Signal, SinkId, Spawn, Start, Stdio, Sys, Syscall, Vfs, Which,
};
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

/// The programs of these tests.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Programs {
    /// Writes lines for ever.
    Yes,
    Script(Script<Tests>),
}

/// A straight-line program for each test, by its name.
#[derive(Debug)]
struct Tests;

impl Program for Programs {
    fn load(id: &str, args: &Args) -> Option<Self> {
        match id {
            "yes" => Some(Self::Yes),
            "script" => Some(Self::Script(Script::new(args.clone()))),
            _ => None,
        }
    }

    fn step(&mut self, answer: Answer) -> Syscall {
        match self {
            Self::Yes => Syscall::Write { fd: 1, bytes: Bytes::from(b"y\n".as_slice()) },
            Self::Script(script) => script.step(answer),
        }
    }
}

impl Main for Tests {
    async fn run(sys: Sys, args: Args) -> u8 {
        match args.argv.get(1).map(|name| name.as_str()).unwrap_or_default() {
            "head" => head(&sys).await,
            "sleeper" => sleeper(&sys).await,
            "counter" => counter(&sys, args).await,
            "forker" => forker(&sys).await,
            "files" => files(&sys).await,
            _ => 99,
        }
    }
}

/// `yes | head -n 2`, then how `yes` ended.
async fn head(sys: &Sys) -> u8 {
    let Answer::Pair(read, write) = sys.call(Syscall::Pipe).await else { return 1 };
    let spawn =
        Spawn { path: "/bin/yes".into(), argv: vec!["yes".into()], files: vec![(1, write)], ..Spawn::default() };
    let Answer::Pid(yes) = sys.call(Syscall::Spawn(Box::new(spawn))).await else { return 2 };
    sys.close(write).await;
    let Ok(bytes) = sys.read(read, 4).await else { return 3 };
    sys.print(String::from_utf8_lossy(&bytes)).await;
    sys.close(read).await;
    let Answer::Exited { exit, .. } = sys.call(Syscall::Wait { which: Which::Pid(yes), block: true }).await else {
        return 4;
    };
    sys.print(format!("{exit:?}\n")).await;
    0
}

async fn sleeper(sys: &Sys) -> u8 {
    let catch = Syscall::OnSignal { signal: Signal::Terminate, disposition: Disposition::Catch };
    sys.call(catch).await;
    let now = sys.now().await;
    let slept = sys.sleep_until(now + std::time::Duration::from_secs(60)).await;
    sys.print(format!("slept: {slept}\n")).await;
    7
}

/// Counts to a thousand, a restart every hundred: its state stays small.
async fn counter(sys: &Sys, args: Args) -> u8 {
    let mut count = args.state.as_i64().unwrap_or(0);
    loop {
        count += 1;
        sys.print(format!("{count}\n")).await;
        if count == 1000 {
            return 0;
        }
        if count % 100 == 0 {
            sys.restart(count.into()).await;
        }
    }
}

async fn forker(sys: &Sys) -> u8 {
    match sys.call(Syscall::Fork).await {
        Answer::Child => {
            sys.print("child\n").await;
            3
        }
        Answer::Pid(_) => {
            let ended = sys.call(Syscall::Wait { which: Which::Any, block: true }).await;
            let status = if let Answer::Exited { exit, .. } = ended { exit.status() } else { 255 };
            sys.print(format!("parent of {status}\n")).await;
            0
        }
        _ => 9,
    }
}

async fn files(sys: &Sys) -> u8 {
    let write = async |path: &str, text: &str| sys.write_file(path, text).await.map_err(|errno| errno.to_string());
    let read = async |path: &str| {
        let bytes = sys.read_file(path).await.map_err(|errno| errno.to_string())?;
        Ok::<_, String>(String::from_utf8_lossy(&bytes).into_owned())
    };
    let mut lines = vec![
        format!("{:?}", write("/data/a", "one").await),
        format!("{:?}", read("/data/a").await),
        format!("{:?}", read("/link").await),
        format!("{:?}", write("/ro/x", "no").await),
        format!("{:?}", read("/nope/x").await),
        format!("{:?}", write("/data", "no").await),
    ];
    sys.call(Syscall::ChangeDir("/data".into())).await;
    lines.push(format!("{:?}", read("../data/./a").await));
    sys.print(lines.join("\n") + "\n").await;
    0
}

fn machine(kernel: &mut Kernel<Programs>) -> MachineId {
    let mut root = Vfs::new();
    let start = Time::default();
    root.put_program("/bin/yes", "yes", start);
    root.put_program("/bin/script", "script", start);
    root.put("/link", Inode::new(Node::Symlink("data/a".into()), 0o777, start));
    root.put_dir("/data", start);
    root.put_dir("/ro", start);
    let (root, data) = (kernel.add_fs(root), kernel.add_fs(Vfs::new()));
    let mount = |path: &str, fs, read_only| Mount { path: path.into(), fs, root: "/".into(), read_only };
    let mounts = vec![mount("/", root, false), mount("/data", data, false), mount("/ro", data, true)];
    kernel.add_machine(Machine { hostname: "test".into(), mounts, ..Machine::default() })
}

/// A kernel in which the test program `name` has just been started.
fn started(name: &str) -> (Kernel<Programs>, SinkId, podyard_kernel::ProcessId) {
    let mut kernel = Kernel::default();
    let machine = machine(&mut kernel);
    let sink = kernel.add_sink();
    let start = Start {
        machine,
        path: "/bin/script".into(),
        argv: vec!["script".into(), name.into()],
        stdio: Stdio::Log(sink),
        ..Start::default()
    };
    let process = kernel.start(start, Time::default()).unwrap();
    (kernel, sink, process)
}

/// Runs until nothing is left to do; answers the ends of processes.
fn finish(kernel: &mut Kernel<Programs>) -> Vec<Exit> {
    let mut exits = Vec::new();
    while let Some(at) = kernel.next_time() {
        for outcall in kernel.run(at) {
            if let Outcall::Exited { exit, .. } = outcall {
                exits.push(exit);
            }
        }
    }
    exits
}

fn output(kernel: &Kernel<Programs>, sink: SinkId) -> String {
    let lines = kernel.sink(sink).unwrap().lines();
    lines.filter(|line| line.stream == LogStream::Out).map(|line| line.text.as_str()).collect()
}

fn check(name: &str, expect: &str, exit: Exit) {
    let (mut kernel, sink, _) = started(name);
    assert_eq!(finish(&mut kernel), [exit]);
    assert_eq!(output(&kernel, sink), expect);
}

#[test]
fn a_writer_without_reader_ends_by_its_signal() {
    check("head", "y\ny\nSignal(Pipe)\n", Exit::Code(0));
}

#[test]
fn a_copy_goes_on_from_the_same_place() {
    check("forker", "child\nparent of 3\n", Exit::Code(0));
}

#[test]
fn files_are_found_over_mounts_and_links() {
    let expect = "Ok(())\nOk(\"one\")\nOk(\"one\")\nErr(\"Read-only file system\")\nErr(\"No such file or directory\")\nErr(\"Is a directory\")\nOk(\"one\")\n";
    check("files", expect, Exit::Code(0));
}

#[test]
fn a_caught_signal_ends_a_sleep() {
    let (mut kernel, sink, process) = started("sleeper");
    kernel.run(Time::from_secs(1));
    kernel.signal(process, Signal::Terminate, Time::from_secs(1));
    assert_eq!(finish(&mut kernel), [Exit::Code(7)]);
    assert_eq!(output(&kernel, sink), "slept: false\n");
}

#[test]
fn a_restarted_script_stays_small_and_goes_on() {
    let (mut kernel, sink, _) = started("counter");
    assert_eq!(finish(&mut kernel), [Exit::Code(0)]);
    assert_eq!(output(&kernel, sink).lines().count(), 1000);
    assert_eq!(output(&kernel, sink).lines().last(), Some("1000"));
}

#[test]
fn a_copy_of_the_kernel_does_what_the_original_does() {
    for name in ["head", "forker", "files", "counter", "sleeper"] {
        let (mut original, sink, _) = started(name);
        // Copied after every few wakes: each copy must come to the same end as the original.
        let mut copies = Vec::new();
        while let Some(at) = original.next_time() {
            copies.push(original.clone());
            original.run(at);
        }
        let expect = output(&original, sink);
        for mut copy in copies.into_iter().step_by(3) {
            finish(&mut copy);
            assert_eq!(output(&copy, sink), expect, "{name}");
        }
    }
}
