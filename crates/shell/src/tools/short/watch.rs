//! `watch`, `timeout`

use std::time::Duration;

use ecow::EcoString;
use podyard_api::Value;
use podyard_kernel::{Answer, Disposition, Errno, Signal, Spawn, Syscall, Which};

use super::super::opts::Spec;
use super::Env;
use super::run::{find, interval};

const WATCH: Spec = Spec {
    name: "watch",
    short: "bcdegn:pqrtwx",
    long: &[("interval=", 'n'), ("no-title", 't'), ("differences", 'd'), ("color", 'c'), ("exec", 'x')],
    usage: "watch [options] command",
    status: 1,
};

/// Runs a command again and again until it is interrupted. Each round begins the program anew, so that it may go on
/// for days.
pub(super) async fn watch(env: &Env) -> u8 {
    let opts = match env.opts_until(&WATCH, true).await {
        Ok(opts) => opts,
        Err(status) => return status,
    };
    if opts.args.is_empty() {
        env.sys.eprint(format!("\nUsage:\n {}\n", WATCH.usage)).await;
        return 1;
    }
    let every = match opts.value('n') {
        None => 2_000_000,
        Some(text) => match interval(text) {
            Some(micros) => micros.clamp(100_000, 1 << 45),
            None => {
                env.complain(format!("failed to parse argument: '{text}'")).await;
                return 1;
            }
        },
    };
    let sys = &env.sys;
    sys.call(Syscall::OnSignal { signal: Signal::Interrupt, disposition: Disposition::Catch }).await;
    let (columns, rows) = match sys.call(Syscall::TerminalSize).await {
        Answer::Size { columns, rows } => (usize::from(columns), usize::from(rows)),
        _ => (80, 24),
    };
    let command = opts.args.join(" ");
    let output = match capture(env, &command).await {
        Ok(output) => output,
        Err(()) => return leave(env).await,
    };
    let now = sys.now().await;
    let host = match sys.call(Syscall::Hostname).await {
        Answer::Text(host) => host,
        _ => EcoString::new(),
    };
    let mut screen = String::from("\x1b[?1049h\x1b[H\x1b[2J");
    let mut left = rows;
    if !opts.has('t') {
        let title = format!("Every {:.1}s: {command}", every as f64 / 1e6);
        let date = now.unix_date();
        // `date` puts the zone before the year; the title has none.
        let right = format!("{host}: {}", date.replace(" UTC", ""));
        let gap = columns.saturating_sub(title.chars().count() + right.chars().count());
        if gap > 0 {
            screen.push_str(&format!("{title}{}{right}\r\n\r\n", " ".repeat(gap)));
        } else {
            let title: String = title.chars().take(columns).collect();
            screen.push_str(&format!("{title}\r\n\r\n"));
        }
        left = left.saturating_sub(2);
    }
    let lines: Vec<String> = output.lines().take(left).map(|line| line.chars().take(columns).collect()).collect();
    screen.push_str(&lines.join("\r\n"));
    sys.print(screen).await;
    if !sys.sleep_until(now + Duration::from_micros(every)).await {
        return leave(env).await;
    }
    let id = env.args.state.clone();
    env.sys.restart(if matches!(id, Value::Null) { Value::from("watch") } else { id }).await
}

async fn leave(env: &Env) -> u8 {
    env.sys.print("\x1b[?1049l").await;
    0
}

/// What a command prints; `Err` after Ctrl-C.
async fn capture(env: &Env, command: &str) -> Result<String, ()> {
    let sys = &env.sys;
    let Answer::Pair(read, write) = sys.call(Syscall::Pipe).await else { return Err(()) };
    let spawn = Spawn {
        path: "/bin/sh".into(),
        argv: vec!["sh".into(), "-c".into(), command.into()],
        env: env.args.env.clone(),
        files: vec![(0, 0), (1, write), (2, write)],
        ..Spawn::default()
    };
    let started = sys.call(Syscall::Spawn(Box::new(spawn))).await;
    sys.close(write).await;
    let mut output = Vec::new();
    let mut interrupted = false;
    loop {
        match sys.call(Syscall::Read { fd: read, max: 1 << 16 }).await {
            Answer::Bytes(bytes) if !bytes.is_empty() => {
                if output.len() < 1 << 20 {
                    output.extend_from_slice(&bytes);
                }
            }
            Answer::Interrupted(_) => {
                interrupted = true;
                break;
            }
            _ => break,
        }
    }
    sys.close(read).await;
    if let Answer::Pid(pid) = started {
        sys.call(Syscall::Wait { which: Which::Pid(pid), block: !interrupted }).await;
    }
    if interrupted { Err(()) } else { Ok(String::from_utf8_lossy(&output).into_owned()) }
}

const TIMEOUT: Spec = Spec {
    name: "timeout",
    short: "k:s:v",
    long: &[("kill-after=", 'k'), ("signal=", 's'), ("preserve-status", 'P'), ("foreground", 'F')],
    usage: "timeout [OPTION] DURATION COMMAND [ARG]...",
    status: 125,
};

pub(super) async fn timeout(env: &Env) -> u8 {
    let opts = match env.opts_until(&TIMEOUT, true).await {
        Ok(opts) => opts,
        Err(status) => return status,
    };
    let [duration, argv @ ..] = opts.args.as_slice() else {
        return env.usage(TIMEOUT.error("missing operand", env.flavour)).await;
    };
    if argv.is_empty() {
        return env.usage(TIMEOUT.error(format!("missing operand after '{duration}'"), env.flavour)).await;
    }
    let Some(micros) = interval(duration) else {
        return env.usage(TIMEOUT.error(format!("invalid time interval '{duration}'"), env.flavour)).await;
    };
    let signal = match opts.value('s') {
        None => Signal::Terminate,
        Some(text) => match Signal::parse(text) {
            Some(signal) => signal,
            None => return env.usage(TIMEOUT.error(format!("'{text}': invalid signal"), env.flavour)).await,
        },
    };
    let sys = &env.sys;
    sys.call(Syscall::OnSignal { signal: Signal::Child, disposition: Disposition::Catch }).await;
    let Some(path) = find(env, &argv[0]).await else {
        env.complain(format!("failed to run command '{}': {}", argv[0], Errno::NoEntry)).await;
        return 127;
    };
    let spawn = Spawn {
        path,
        argv: argv.to_vec(),
        env: env.args.env.clone(),
        files: vec![(0, 0), (1, 1), (2, 2)],
        ..Spawn::default()
    };
    let pid = match sys.call(Syscall::Spawn(Box::new(spawn))).await {
        Answer::Pid(pid) => pid,
        answer => {
            let errno = if let Answer::Error(errno) = answer { errno } else { Errno::Io };
            env.complain(format!("failed to run command '{}': {errno}", argv[0])).await;
            return if errno == Errno::NoEntry { 127 } else { 126 };
        }
    };
    let until = sys.now().await + Duration::from_micros(micros);
    let mut in_time = true;
    loop {
        let wait = Syscall::Wait { which: Which::Pid(pid), block: !in_time };
        match sys.call(wait).await {
            Answer::Exited { exit, .. } => {
                return if in_time || opts.has('P') { exit.status() } else { 124 };
            }
            Answer::Interrupted(_) => continue,
            _ => {}
        }
        if in_time && micros > 0 {
            if sys.sleep_until(until).await {
                in_time = false;
                sys.call(Syscall::Kill { which: Which::Pid(pid), signal }).await;
            }
        } else {
            // A duration of zero waits for ever.
            sys.sleep_until(until + Duration::from_secs(1 << 30)).await;
        }
    }
}
