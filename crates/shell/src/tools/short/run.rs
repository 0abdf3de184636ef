//! `clear`, `env`, `printenv`, `sleep`, `which`

use std::time::Duration;

use ecow::EcoString;
use podyard_kernel::{Answer, Errno, FileKind, Spawn, Syscall};

use super::super::Flavour;
use super::super::opts::Spec;
use super::Env;

pub(super) async fn clear(env: &Env) -> u8 {
    env.sys.print("\x1b[H\x1b[2J\x1b[3J").await;
    0
}

const ENV: Spec = Spec {
    name: "env",
    short: "i0u:",
    long: &[("ignore-environment", 'i'), ("null", '0'), ("unset=", 'u')],
    usage: "env [OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]",
    status: 125,
};

pub(super) async fn env(env: &Env) -> u8 {
    let opts = match env.opts_until(&ENV, true).await {
        Ok(opts) => opts,
        Err(status) => return status,
    };
    let mut vars: Vec<(EcoString, EcoString)> = if opts.has('i') { Vec::new() } else { env.args.env.clone() };
    for (_, name) in opts.flags.iter().filter(|(flag, _)| *flag == 'u') {
        vars.retain(|(own, _)| own != name);
    }
    let mut rest = opts.args.as_slice();
    while let Some((first, others)) = rest.split_first() {
        if first == "-" {
            vars.clear();
        } else if let Some((name, value)) = first.split_once('=') {
            vars.retain(|(own, _)| own != name);
            vars.push((name.into(), value.into()));
        } else {
            break;
        }
        rest = others;
    }
    if rest.is_empty() {
        let end = if opts.has('0') { '\0' } else { '\n' };
        env.sys.print(vars.iter().map(|(name, value)| format!("{name}={value}{end}")).collect::<String>()).await;
        return 0;
    }
    replace(env, rest, vars).await
}

/// Lets another program take this one's place.
pub(super) async fn replace(env: &Env, argv: &[EcoString], vars: Vec<(EcoString, EcoString)>) -> u8 {
    let name = &argv[0];
    let errno = match find(env, name).await {
        Some(path) => {
            let spawn = Spawn { path, argv: argv.to_vec(), env: vars, ..Spawn::default() };
            match env.sys.call(Syscall::Exec(Box::new(spawn))).await {
                Answer::Error(errno) => errno,
                _ => Errno::Io,
            }
        }
        None => Errno::NoEntry,
    };
    let name = match env.flavour {
        Flavour::Gnu => format!("'{name}'"),
        Flavour::Busybox => format!("can't execute '{name}'"),
    };
    env.complain(format!("{name}: {errno}")).await;
    if errno == Errno::NoEntry { 127 } else { 126 }
}

/// The path of a program.
pub(super) async fn find(env: &Env, name: &str) -> Option<EcoString> {
    if name.contains('/') {
        return Some(name.into());
    }
    let path = env.args.var("PATH").unwrap_or("/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin");
    for dir in path.split(':') {
        let candidate = EcoString::from(format!("{dir}/{name}"));
        let stat = env.sys.call(Syscall::Stat { path: candidate.clone(), follow: true }).await;
        if let Answer::Metadata(file) = stat
            && file.kind != FileKind::Directory
            && file.mode & 0o111 != 0
        {
            return Some(candidate);
        }
    }
    None
}

pub(super) async fn printenv(env: &Env) -> u8 {
    let names = &env.args.argv[1..];
    if names.is_empty() {
        let all = env.args.env.iter().map(|(name, value)| format!("{name}={value}\n"));
        env.sys.print(all.collect::<String>()).await;
        return 0;
    }
    let mut status = 0;
    for name in names {
        match env.args.var(name) {
            Some(value) => env.sys.print(format!("{value}\n")).await,
            None => status = 1,
        }
    }
    status
}

const SLEEP: Spec =
    Spec { name: "sleep", short: "", long: &[], usage: "sleep NUMBER[SUFFIX]...\n  or:  sleep OPTION", status: 1 };

/// `5`, `1.5`, `2m`, `inf`, in microseconds.
pub(super) fn interval(text: &str) -> Option<u64> {
    let (digits, factor) = match text.chars().next_back()? {
        's' => (&text[..text.len() - 1], 1.0),
        'm' => (&text[..text.len() - 1], 60.0),
        'h' => (&text[..text.len() - 1], 3600.0),
        'd' => (&text[..text.len() - 1], 86_400.0),
        _ => (text, 1.0),
    };
    if matches!(text, "infinity" | "inf") {
        return Some(u64::MAX >> 8);
    }
    let seconds = digits.parse::<f64>().ok().filter(|seconds| *seconds >= 0.0 && seconds.is_finite())?;
    Some((seconds * factor * 1e6).min((u64::MAX >> 8) as f64) as u64)
}

pub(super) async fn sleep(env: &Env) -> u8 {
    let opts = match env.opts(&SLEEP).await {
        Ok(opts) => opts,
        Err(status) => return status,
    };
    if opts.args.is_empty() {
        return env.usage(SLEEP.error("missing operand", env.flavour)).await;
    }
    let mut total = 0_u64;
    for arg in &opts.args {
        match interval(arg) {
            Some(micros) => total = total.saturating_add(micros),
            None => {
                let text = match env.flavour {
                    Flavour::Gnu => format!("invalid time interval '{arg}'"),
                    Flavour::Busybox => format!("invalid number '{arg}'"),
                };
                return match env.flavour {
                    Flavour::Gnu => env.usage(SLEEP.error(text, env.flavour)).await,
                    Flavour::Busybox => {
                        env.complain(text).await;
                        1
                    }
                };
            }
        }
    }
    let until = env.sys.now().await + Duration::from_micros(total.min(u64::MAX >> 8));
    env.sys.sleep_until(until).await;
    0
}

const WHICH: Spec = Spec { name: "which", short: "a", long: &[], usage: "which [-a] args", status: 2 };

pub(super) async fn which(env: &Env) -> u8 {
    let opts = match env.opts(&WHICH).await {
        Ok(opts) => opts,
        Err(status) => return status,
    };
    let mut status = 0;
    for name in &opts.args {
        match find(env, name).await {
            Some(path) => env.sys.print(format!("{path}\n")).await,
            None => status = 1,
        }
    }
    status
}
