//! What a machine tells of itself: `hostname`, `id`, `ps`, `uname`, `whoami`.

use podyard_kernel::{Answer, Syscall};

use super::super::Flavour;
use super::super::opts::Spec;
use super::Env;

async fn fact(env: &Env, name: &str) -> Option<String> {
    match env.sys.call(Syscall::Fact(name.into())).await {
        Answer::Text(text) => Some(text.to_string()),
        _ => None,
    }
}

async fn name(env: &Env) -> String {
    match env.sys.call(Syscall::Hostname).await {
        Answer::Text(text) => text.to_string(),
        _ => String::new(),
    }
}

async fn ids(env: &Env) -> (u32, u32) {
    match env.sys.call(Syscall::Identity).await {
        Answer::Ids(uid, gid) => (uid, gid),
        _ => (0, 0),
    }
}

/// The name of a user or group, from `/etc/passwd` or `/etc/group`.
async fn named(env: &Env, file: &str, id: u32) -> Option<String> {
    let bytes = env.sys.read_file(file).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let found = text.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next()?;
        (parts.nth(1)?.parse() == Ok(id)).then(|| name.to_string())
    });
    found.or_else(|| (id == 0).then(|| "root".into()))
}

const HOSTNAME: Spec = Spec {
    name: "hostname",
    short: "adfiIsy",
    long: &[("short", 's'), ("ip-address", 'i'), ("all-ip-addresses", 'I'), ("fqdn", 'f'), ("domain", 'd')],
    usage: "hostname [-b] {hostname|-F file}         set host name (from file)",
    status: 1,
};

pub(super) async fn hostname(env: &Env) -> u8 {
    let opts = match env.opts(&HOSTNAME).await {
        Ok(opts) => opts,
        Err(status) => return status,
    };
    if !opts.args.is_empty() {
        let text = match env.flavour {
            Flavour::Gnu => "you must be root to change the host name",
            Flavour::Busybox => "sethostname: Operation not permitted",
        };
        env.complain(text).await;
        return 1;
    }
    let host = name(env).await;
    let text = if opts.has('i') || opts.has('I') {
        let addresses = match env.sys.call(Syscall::Resolve(host.as_str().into())).await {
            Answer::Addresses(all) => all.join(" "),
            _ => "127.0.1.1".into(),
        };
        if opts.has('I') { format!("{addresses} ") } else { addresses }
    } else if opts.has('s') {
        host.split('.').next().unwrap_or_default().into()
    } else {
        host
    };
    env.sys.print(format!("{text}\n")).await;
    0
}

const ID: Spec = Spec {
    name: "id",
    short: "Ggnru",
    long: &[("group", 'g'), ("groups", 'G'), ("name", 'n'), ("user", 'u')],
    usage: "id [OPTION]... [USER]...",
    status: 1,
};

pub(super) async fn id(env: &Env) -> u8 {
    let opts = match env.opts(&ID).await {
        Ok(opts) => opts,
        Err(status) => return status,
    };
    let (uid, gid) = ids(env).await;
    let user = named(env, "/etc/passwd", uid).await;
    let group = named(env, "/etc/group", gid).await;
    let shown = |id: u32, name: &Option<String>| match name {
        Some(name) => format!("{id}({name})"),
        None => id.to_string(),
    };
    let text = if opts.has('u') {
        if opts.has('n') { user.unwrap_or_else(|| uid.to_string()) } else { uid.to_string() }
    } else if opts.has('g') || opts.has('G') {
        if opts.has('n') { group.unwrap_or_else(|| gid.to_string()) } else { gid.to_string() }
    } else {
        let group = shown(gid, &group);
        format!("uid={} gid={group} groups={group}", shown(uid, &user))
    };
    env.sys.print(format!("{text}\n")).await;
    0
}

pub(super) async fn whoami(env: &Env) -> u8 {
    let (uid, _) = ids(env).await;
    match named(env, "/etc/passwd", uid).await {
        Some(user) => {
            env.sys.print(format!("{user}\n")).await;
            0
        }
        None => {
            let text = match env.flavour {
                Flavour::Gnu => format!("cannot find name for user ID {uid}"),
                Flavour::Busybox => format!("unknown uid {uid}"),
            };
            env.complain(text).await;
            1
        }
    }
}

const UNAME: Spec = Spec {
    name: "uname",
    short: "amnoprsv",
    long: &[
        ("all", 'a'),
        ("kernel-name", 's'),
        ("machine", 'm'),
        ("nodename", 'n'),
        ("kernel-release", 'r'),
        ("operating-system", 'o'),
    ],
    usage: "uname [OPTION]...",
    status: 1,
};

pub(super) async fn uname(env: &Env) -> u8 {
    let opts = match env.opts(&UNAME).await {
        Ok(opts) => opts,
        Err(status) => return status,
    };
    let release = fact(env, "kernel-release").await.unwrap_or_else(|| "6.1.0-18-amd64".into());
    let version = fact(env, "kernel-version").await.unwrap_or_else(|| "#1 SMP PREEMPT_DYNAMIC".into());
    let all = [
        ('s', "Linux".to_string()),
        ('n', name(env).await),
        ('r', release),
        ('v', version),
        ('m', "x86_64".into()),
        ('o', "GNU/Linux".into()),
    ];
    let plain = opts.flags.is_empty();
    let wanted = |flag: char| opts.has('a') || opts.has(flag) || plain && flag == 's';
    let parts: Vec<String> = all.into_iter().filter(|(flag, _)| wanted(*flag)).map(|(_, text)| text).collect();
    env.sys.print(format!("{}\n", parts.join(" "))).await;
    0
}

const PS: Spec = Spec {
    name: "ps",
    short: "AaCefFjlo:p:uwx",
    long: &[("sort=", 'S'), ("no-headers", 'N'), ("pid=", 'p')],
    usage: "ps [options]",
    status: 1,
};

pub(super) async fn ps(env: &Env) -> u8 {
    // `ps aux` is BSD's, without a hyphen.
    let mut args = env.args.clone();
    if let Some(arg) = args.argv.get_mut(1)
        && !arg.starts_with('-')
        && arg.chars().all(|c| "auxefw".contains(c))
    {
        *arg = format!("-{arg}").into();
    }
    let opts = match PS.parse(&args, env.flavour) {
        Ok(opts) => opts,
        Err(usage) => return env.usage(usage).await,
    };
    let bsd = env.args.argv.get(1).is_some_and(|arg| !arg.starts_with('-'));
    let Answer::Processes(all) = env.sys.call(Syscall::ListProcesses).await else { return 1 };
    let now = env.sys.now().await;
    let (uid, _) = ids(env).await;
    let mut out = String::new();
    let busybox = env.flavour == Flavour::Busybox;
    out.push_str(match (busybox, bsd, opts.has('f')) {
        (true, ..) => "PID   USER     TIME  COMMAND\n",
        (_, true, _) => "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n",
        (_, _, true) => "UID          PID    PPID  C STIME TTY          TIME CMD\n",
        _ => "    PID TTY          TIME CMD\n",
    });
    let everything = busybox || bsd || opts.has('e') || opts.has('A');
    for entry in all.iter().filter(|entry| everything || entry.user == uid) {
        let user = named(env, "/etc/passwd", entry.user).await.unwrap_or_else(|| entry.user.to_string());
        let command = entry.argv.join(" ");
        let short = entry.argv.first().and_then(|name| name.rsplit('/').next()).unwrap_or_default();
        let (_, _, _, hour, minute, _) = entry.started.parts();
        let started = if now.since(entry.started).as_secs() < 86_400 {
            format!("{hour:02}:{minute:02}")
        } else {
            entry.started.unix_date()[4..10].replace(' ', "")
        };
        let pid = entry.pid;
        out.push_str(&match (busybox, bsd, opts.has('f')) {
            (true, ..) => format!("{pid:>5} {user:<8}  0:00 {command}\n"),
            (_, true, _) => {
                format!(
                    "{user:<8} {pid:>7}  0.0  0.0   4608  3712 pts/0    {}    {started}   0:00 {command}\n",
                    entry.state
                )
            }
            (_, _, true) => {
                format!("{user:<8} {pid:>7} {:>7}  0 {started} pts/0    00:00:00 {command}\n", entry.parent)
            }
            _ => format!("{pid:>7} pts/0    00:00:00 {short}\n"),
        });
    }
    env.sys.print(out).await;
    0
}
