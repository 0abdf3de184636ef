//! `nc`, with the words of busybox or of OpenBSD.

use std::time::Duration;

use ecow::EcoString;
use podyard_kernel::{Answer, Errno, Fd, Syscall};

use super::super::Flavour;
use super::super::opts::{Opts, Spec};
use super::Env;
use super::net;

const SPEC: Spec = Spec {
    name: "nc",
    short: "46DdhklnNq:rp:s:tuUvw:z",
    long: &[],
    usage: "nc [OPTIONS] HOST PORT  - connect\n\tnc [OPTIONS] -l -p PORT [HOST] [PORT]  - listen",
    status: 1,
};

/// Ports that one call may name.
const MAX_PORTS: u16 = 4096;

pub(super) async fn nc(env: &Env) -> u8 {
    let opts = opts!(env, SPEC);
    let words = &opts.args;
    if opts.has('l') {
        let port = opts.value('p').or_else(|| words.last()).and_then(|text| text.parse().ok());
        return match port {
            Some(port) => listen(env, &opts, port).await,
            None => env.usage(SPEC.error("missing port number", env.flavour)).await,
        };
    }
    let [host, ports @ ..] = words.as_slice() else {
        return env.usage(SPEC.error("missing host", env.flavour)).await;
    };
    let Some(ports) = ports.iter().map(|text| range(text)).collect::<Option<Vec<_>>>() else {
        env.complain(format!("port number invalid: {}", ports.join(" "))).await;
        return 1;
    };
    let mut ports = ports.into_iter().flatten().peekable();
    if ports.peek().is_none() {
        return env.usage(SPEC.error("missing port number", env.flavour)).await;
    }
    let Some(address) = net::resolve(env, host).await.and_then(|all| all.into_iter().next()) else {
        let text = match env.flavour {
            Flavour::Busybox => format!("bad address '{host}'"),
            Flavour::Gnu => {
                let port = ports.peek().copied().unwrap_or_default();
                format!("getaddrinfo for host \"{host}\" port {port}: {}", Errno::NoName)
            }
        };
        env.complain(text).await;
        return 1;
    };
    let mut status = 1;
    for port in ports.take(usize::from(MAX_PORTS)) {
        if let Some(fd) = dial(env, &opts, host, &address, port).await {
            status = 0;
            if !opts.has('z') {
                return converse(env, &opts, fd).await;
            }
            env.sys.close(fd).await;
        }
    }
    status
}

/// `80` or `80-90`.
fn range(text: &str) -> Option<std::ops::RangeInclusive<u16>> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    Some(from.parse().ok()?..=to.parse().ok()?)
}

fn limit(opts: &Opts) -> Option<Duration> {
    opts.value('w').and_then(|text| text.parse().ok()).map(Duration::from_secs)
}

async fn dial(env: &Env, opts: &Opts, host: &EcoString, address: &str, port: u16) -> Option<Fd> {
    let connected = net::connect(env, address, port, limit(opts)).await;
    let literal = net::is_address(host);
    let text = match (&connected, env.flavour) {
        (Ok(_), Flavour::Busybox) => format!("{host} ({address}:{port}) open\n"),
        (Err(errno), Flavour::Busybox) => format!("nc: {host} ({address}:{port}): {errno}\n"),
        (Ok(_), Flavour::Gnu) => {
            let place = if literal { host.to_string() } else { format!("{host} ({address})") };
            format!("Connection to {place} {port} port [tcp/{}] succeeded!\n", service(port))
        }
        (Err(errno), Flavour::Gnu) => {
            let place = if literal { host.to_string() } else { format!("{host} ({address})") };
            let why = match errno {
                Errno::TimedOut if limit(opts).is_some() => "timed out: Operation now in progress".to_string(),
                errno => format!("failed: {errno}"),
            };
            format!("nc: connect to {place} port {port} (tcp) {why}\n")
        }
    };
    if opts.has('v') {
        env.sys.eprint(text).await;
    }
    connected.ok()
}

/// As `/etc/services` calls a port.
fn service(port: u16) -> &'static str {
    match port {
        21 => "ftp",
        22 => "ssh",
        25 => "smtp",
        53 => "domain",
        80 => "http",
        443 => "https",
        3306 => "mysql",
        5432 => "postgresql",
        6379 => "redis",
        8080 => "http-alt",
        _ => "*",
    }
}

async fn listen(env: &Env, opts: &Opts, port: u16) -> u8 {
    let listener = match env.sys.call(Syscall::Listen(port)).await {
        Answer::Fd(fd) => fd,
        answer => {
            let errno = if let Answer::Error(errno) = answer { errno } else { Errno::Io };
            let text = if env.flavour == Flavour::Busybox { format!("bind: {errno}") } else { errno.to_string() };
            env.complain(text).await;
            return 1;
        }
    };
    if opts.has('v') {
        let text = match env.flavour {
            Flavour::Busybox => format!("listening on [::]:{port} ...\n"),
            Flavour::Gnu => format!("Listening on 0.0.0.0 {port}\n"),
        };
        env.sys.eprint(text).await;
    }
    loop {
        let Answer::Fd(fd) = env.sys.call(Syscall::Accept(listener)).await else { return 1 };
        if !opts.has('k') {
            env.sys.close(listener).await;
        }
        let status = converse(env, opts, fd).await;
        if !opts.has('k') {
            return status;
        }
        env.sys.close(fd).await;
    }
}

/// Copies both ways until the other side ends.
async fn converse(env: &Env, opts: &Opts, fd: Fd) -> u8 {
    let mut typing = !opts.has('d');
    let idle = limit(opts);
    loop {
        let fds = if typing { vec![fd, 0] } else { vec![fd] };
        let until = match idle {
            Some(idle) => Some(env.sys.now().await + idle),
            None => None,
        };
        match env.sys.call(Syscall::Poll { fds, until }).await {
            Answer::Ready(ready) if ready == fd => match env.sys.read(fd, 1 << 16).await {
                Ok(bytes) if !bytes.is_empty() => {
                    // A reader that has gone has ended this tool, too.
                    let _ = env.sys.write(1, &bytes).await;
                }
                _ => return 0,
            },
            Answer::Ready(_) => match env.sys.read(0, 1 << 16).await {
                Ok(bytes) if !bytes.is_empty() => {
                    if env.sys.write(fd, &bytes).await.is_err() {
                        return 1;
                    }
                }
                _ => {
                    typing = false;
                    if env.flavour == Flavour::Busybox || opts.has('N') {
                        env.sys.call(Syscall::Shutdown(fd)).await;
                    }
                    if opts.value('q').is_some_and(|wait| wait == "0") {
                        return 0;
                    }
                }
            },
            _ => return u8::from(env.flavour == Flavour::Busybox),
        }
    }
}
