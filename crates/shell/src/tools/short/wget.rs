//! `wget`, with the words of busybox or of GNU.

mod gnu;

use std::time::Duration;

use podyard_kernel::{Errno, OpenMode, Syscall};

use super::super::Flavour;
use super::super::opts::{Opts, Spec};
use super::Env;
use super::net::{self, Fault, Reply, Url};

const SPEC: Spec = Spec {
    name: "wget",
    short: "cqSO:T:t:U:o:P:n:",
    long: &[
        ("connect-timeout=", 'T'),
        ("directory-prefix=", 'P'),
        ("header=", 'H'),
        ("no-check-certificate", 'K'),
        ("no-verbose", 'V'),
        ("output-document=", 'O'),
        ("post-data=", 'D'),
        ("quiet", 'q'),
        ("server-response", 'S'),
        ("spider", 'Z'),
        ("timeout=", 'T'),
        ("tries=", 't'),
        ("user-agent=", 'U'),
    ],
    usage: "wget [-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR] [--post-data STR] [-P DIR] [-U AGENT] [-T SEC] URL...",
    status: 1,
};

/// How long busybox waits for anything if it is not told.
const TIMEOUT: Duration = Duration::from_secs(900);
/// How often one is sent elsewhere.
const MAX_REDIRECTS: u32 = 5;

pub(super) async fn wget(env: &Env) -> u8 {
    let opts = opts!(env, SPEC);
    if env.flavour == Flavour::Gnu {
        return gnu::wget(env, &opts).await;
    }
    if opts.args.is_empty() {
        return env.usage(SPEC.error("", env.flavour)).await;
    }
    for url in &opts.args {
        if let Err(text) = fetch(env, &opts, url).await {
            env.complain(text).await;
            return 1;
        }
    }
    0
}

/// Busybox's: `Err` is what it says before it ends.
async fn fetch(env: &Env, opts: &Opts, text: &str) -> Result<(), String> {
    let quiet = opts.has('q');
    let mut url = parse(text)?;
    let limit = seconds(opts).filter(|limit| !limit.is_zero());
    let reply = {
        let mut redirects = 0;
        loop {
            let reply = ask(env, opts, &url, limit).await?;
            if opts.has('S') {
                let head: String = reply.head.lines().map(|line| format!("  {line}\n")).collect();
                env.sys.eprint(head).await;
            }
            match (reply.code(), reply.header("Location")) {
                (300..=399, Some(location)) if redirects < MAX_REDIRECTS => {
                    url = url.join(location).map_err(|_| format!("not an http or ftp url: {location}"))?;
                    redirects += 1;
                }
                (300..=399, _) => return Err("too many redirections".into()),
                (200..=299, _) => break reply,
                _ => return Err(format!("server returned error: {}", reply.status_line())),
            }
        }
    };
    if opts.has('Z') {
        if !quiet {
            env.sys.eprint("remote file exists\n").await;
        }
        return Ok(());
    }
    save(env, opts, &url, &reply).await
}

fn parse(text: &str) -> Result<Url, String> {
    Url::parse(text).map_err(|scheme| match scheme.as_str() {
        "" => format!("bad port spec '{text}'"),
        _ => format!("not an http or ftp url: {text}"),
    })
}

/// The time limit that was asked for; zero means none.
fn seconds(opts: &Opts) -> Option<Duration> {
    opts.value('T').and_then(|text| text.parse::<f64>().ok()).map(|secs| Duration::from_secs_f64(secs.clamp(0.0, 1e9)))
}

async fn ask(env: &Env, opts: &Opts, url: &Url, limit: Option<Duration>) -> Result<Reply, String> {
    let shown = match url.port {
        Some(port) => format!("{}:{port}", url.host),
        None => url.host.clone(),
    };
    let Some(address) = net::resolve(env, &url.host).await.and_then(|all| all.into_iter().next()) else {
        return Err(format!("bad address '{shown}'"));
    };
    if !opts.has('q') {
        env.sys.eprint(format!("Connecting to {shown} ({address}:{})\n", url.port())).await;
    }
    let until = env.sys.now().await + limit.unwrap_or(TIMEOUT);
    let fd = match net::connect(env, &address, url.port(), limit).await {
        Ok(fd) => fd,
        Err(Errno::TimedOut) if limit.is_some_and(|limit| limit < net::SYN_TIMEOUT) => {
            return Err("download timed out".into());
        }
        Err(errno) => return Err(format!("can't connect to remote host ({address}): {errno}")),
    };
    if url.secure {
        env.sys.eprint("wget: note: TLS certificate validation not implemented\n").await;
        if !speaks_tls(url.port()) {
            env.sys.close(fd).await;
            return Err("error getting response: Connection reset by peer".into());
        }
    }
    let request = request(opts, url, "Wget");
    let reply = net::exchange(env, fd, request.as_bytes(), Some(until)).await;
    env.sys.close(fd).await;
    reply.map_err(|fault| match fault {
        Fault::TimedOut(_) => "download timed out".into(),
        Fault::Empty => "error getting response".into(),
        Fault::NotHttp(bytes) => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            format!("bad response from {}: {}", url.host, text.lines().next().unwrap_or_default())
        }
    })
}

/// Whether a server at this port is taken to speak TLS: its bytes are simulated without encryption.
pub(super) fn speaks_tls(port: u16) -> bool {
    matches!(port, 443 | 6443 | 8443 | 10250)
}

fn request(opts: &Opts, url: &Url, agent: &str) -> String {
    let data = opts.value('D');
    let method = match (opts.has('Z'), data) {
        (_, Some(_)) => "POST",
        (true, None) => "HEAD",
        (false, None) => "GET",
    };
    let own: Vec<&str> = opts.flags.iter().filter(|(flag, _)| *flag == 'H').map(|(_, line)| line.as_str()).collect();
    let has = |name: &str| own.iter().any(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")));
    let mut text = format!("{method} {} HTTP/1.1\r\n", url.path);
    if !has("host") {
        text.push_str(&format!("Host: {}\r\n", url.authority()));
    }
    if !has("user-agent") {
        text.push_str(&format!("User-Agent: {}\r\n", opts.value('U').map_or(agent, |agent| agent.as_str())));
    }
    text.push_str("Connection: close\r\n");
    for line in &own {
        text.push_str(&format!("{line}\r\n"));
    }
    if let Some(data) = data {
        if !has("content-type") {
            text.push_str("Content-Type: application/x-www-form-urlencoded\r\n");
        }
        text.push_str(&format!("Content-Length: {}\r\n", data.len()));
    }
    format!("{text}\r\n{}", data.map_or("", |data| data.as_str()))
}

async fn save(env: &Env, opts: &Opts, url: &Url, reply: &Reply) -> Result<(), String> {
    let quiet = opts.has('q');
    let given = opts.value('O').map(|name| name.as_str());
    if given == Some("-") {
        if !quiet {
            env.sys.eprint("writing to stdout\n").await;
        }
        // A reader that has gone has ended this tool, too.
        let _ = env.sys.write(1, &reply.body).await;
        if !quiet {
            env.sys.eprint(format!("{}written to stdout\n", bar(env, "-", reply).await)).await;
        }
        return Ok(());
    }
    let name = given.unwrap_or_else(|| url.file_name());
    let name = if name.is_empty() { "index.html" } else { name };
    let path = match opts.value('P') {
        Some(folder) if given.is_none() => format!("{folder}/{name}"),
        _ => name.to_string(),
    };
    let mode = OpenMode { exclusive: given.is_none(), ..OpenMode::WRITE };
    let fd = env.sys.open(&path, mode).await.map_err(|errno| format!("can't open '{path}': {errno}"))?;
    if !quiet {
        env.sys.eprint(format!("saving to '{path}'\n")).await;
    }
    let written = env.sys.write(fd, &reply.body).await;
    env.sys.close(fd).await;
    written.map_err(|errno| format!("write error: {errno}"))?;
    if !quiet {
        env.sys.eprint(format!("{}'{path}' saved\n", bar(env, name, reply).await)).await;
    }
    Ok(())
}

/// The line of the progress meter at the end.
// Models busybox libbb/progress.c
async fn bar(env: &Env, name: &str, reply: &Reply) -> String {
    let columns = match env.sys.is_terminal(2).await {
        true => match env.sys.call(Syscall::TerminalSize).await {
            podyard_kernel::Answer::Size { columns, .. } => usize::from(columns),
            _ => 80,
        },
        false => 80,
    };
    let size = match reply.body.len() {
        size @ 0..100_000 => format!("{size:>6} "),
        size @ 100_000..100_000_000 => format!("{:>6}k", size >> 10),
        size => format!("{:>6}M", size >> 20),
    };
    let short: String = name.chars().take(20).collect();
    if reply.length().is_some() {
        let stars = "*".repeat(columns.saturating_sub(48));
        format!("\r{short:<20} 100% |{stars}|{size} 0:00:00 ETA\n")
    } else {
        format!("\r{short:<20} {size} --:--:-- ETA\n")
    }
}
