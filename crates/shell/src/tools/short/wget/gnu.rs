//! GNU's wget.

use std::time::Duration;

use podyard_kernel::Errno;
use podyard_sim::Time;

use super::super::Env;
use super::super::net::{self, Fault, Reply, Url};
use super::{MAX_REDIRECTS, request, seconds, speaks_tls};
use crate::tools::opts::Opts;

/// How often it tries.
const TRIES: u32 = 20;
/// It does not stay at a server that says nothing for longer than this.
const READ_TIMEOUT: Duration = Duration::from_secs(900);

const NETWORK_FAILURE: u8 = 4;
const TLS_FAILURE: u8 = 5;
const SERVER_ERROR: u8 = 8;

/// How one try ended.
enum Try {
    Reply(Reply),
    Again,
    Over(u8),
}

/// One run: what is said, and where.
struct Run<'a> {
    env: &'a Env,
    opts: &'a Opts,
    quiet: bool,
    quotes: (&'static str, &'static str),
}

pub(super) async fn wget(env: &Env, opts: &Opts) -> u8 {
    if opts.args.is_empty() {
        env.sys
            .eprint("wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n")
            .await;
        return 1;
    }
    let utf8 =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().any(|name| env.args.var(name).is_some_and(|v| v.contains("UTF-8")));
    let quiet = opts.has('q') || opts.has('V') || opts.value('n').is_some_and(|value| value == "v");
    let run = Run { env, opts, quiet, quotes: if utf8 { ("‘", "’") } else { ("'", "'") } };
    let mut status = 0;
    for text in &opts.args {
        let ended = match Url::parse(text) {
            Ok(url) => run.fetch(url).await,
            Err(scheme) => {
                let why = if scheme.is_empty() { "Bad port number." } else { "Unsupported scheme." };
                env.sys.eprint(format!("{text}: {why}\n")).await;
                1
            }
        };
        status = if status == 0 { ended } else { status };
    }
    status
}

impl Run<'_> {
    async fn say(&self, text: impl AsRef<str>) {
        if !self.quiet {
            self.env.sys.eprint(text).await;
        }
    }

    fn quoted(&self, text: &str) -> String {
        format!("{}{text}{}", self.quotes.0, self.quotes.1)
    }

    async fn fetch(&self, mut url: Url) -> u8 {
        let tries = match self.opts.value('t').and_then(|text| text.parse().ok()) {
            Some(0) => u32::MAX,
            given => given.unwrap_or(TRIES),
        };
        let (mut count, mut redirects) = (1, 0);
        loop {
            let again = if count > 1 { format!("(try:{count:2})  ") } else { String::new() };
            if self.opts.has('Z') && count == 1 {
                self.say("Spider mode enabled. Check if remote file exists.\n").await;
            }
            self.say(format!("--{}--  {again}{}\n", stamp(self.env.sys.now().await), url.text())).await;
            match self.attempt(&url).await {
                Try::Over(status) => return status,
                Try::Again if count >= tries => {
                    self.say("Giving up.\n\n").await;
                    return NETWORK_FAILURE;
                }
                Try::Again => {
                    self.say("Retrying.\n\n").await;
                    let wait = Duration::from_secs(u64::from(count.min(10)));
                    self.env.sys.sleep_until(self.env.sys.now().await + wait).await;
                    count += 1;
                }
                Try::Reply(reply) => match (reply.code(), reply.header("Location")) {
                    (300..=399, Some(location)) if redirects < MAX_REDIRECTS * 4 => {
                        self.say(format!("Location: {location} [following]\n")).await;
                        let Ok(next) = url.join(location) else { return 1 };
                        url = next;
                        redirects += 1;
                    }
                    _ => return self.finish(&url, reply).await,
                },
            }
        }
    }

    /// Connects and asks once.
    async fn attempt(&self, url: &Url) -> Try {
        let limit = seconds(self.opts).filter(|limit| !limit.is_zero());
        let literal = net::is_address(&url.host);
        let host = &url.host;
        if !literal {
            self.say(format!("Resolving {host} ({host})... ")).await;
        }
        let Some(all) = net::resolve(self.env, host).await else {
            self.say("failed: Name or service not known.\n").await;
            self.env.complain(format!("unable to resolve host address {}", self.quoted(host))).await;
            return Try::Over(NETWORK_FAILURE);
        };
        if !literal {
            self.say(format!("{}\n", all.join(", "))).await;
        }
        let address = all.first().cloned().unwrap_or_default();
        let port = url.port();
        let place = if literal { format!("{host}:{port}") } else { format!("{host} ({host})|{address}|:{port}") };
        self.say(format!("Connecting to {place}... ")).await;
        let fd = match net::connect(self.env, &address, port, limit).await {
            Ok(fd) => fd,
            Err(errno) => {
                self.say(format!("failed: {errno}.\n")).await;
                return if errno == Errno::TimedOut { Try::Again } else { Try::Over(NETWORK_FAILURE) };
            }
        };
        self.say("connected.\n").await;
        if url.secure && !(speaks_tls(port) && self.opts.has('K')) {
            self.env.sys.close(fd).await;
            return self.distrust(host, port).await;
        }
        let request = request(self.opts, url, "Wget/1.21.4");
        self.say(format!("{} request sent, awaiting response... ", "HTTP")).await;
        let until = self.env.sys.now().await + limit.unwrap_or(READ_TIMEOUT);
        let reply = net::exchange(self.env, fd, request.as_bytes(), Some(until)).await;
        self.env.sys.close(fd).await;
        match reply {
            Ok(reply) => {
                let words = reply.status_line().split_once(' ').map_or("", |(_, words)| words).to_string();
                if self.opts.has('S') {
                    let head: String = reply.head.lines().map(|line| format!("  {line}\n")).collect();
                    self.say(format!("\n{head}")).await;
                } else {
                    self.say(format!("{words}\n")).await;
                }
                Try::Reply(reply)
            }
            Err(Fault::TimedOut(_)) => {
                self.say("Read error (Connection timed out) in headers.\n").await;
                Try::Again
            }
            Err(Fault::Empty) => {
                self.say("No data received.\n").await;
                Try::Again
            }
            Err(Fault::NotHttp(bytes)) => {
                Try::Reply(Reply { head: "HTTP/1.0 200 No headers, assuming HTTP/0.9\n".into(), body: bytes })
            }
        }
    }

    async fn distrust(&self, host: &str, port: u16) -> Try {
        if !speaks_tls(port) {
            self.say("GnuTLS: An unexpected TLS packet was received.\nUnable to establish SSL connection.\n").await;
            return Try::Over(NETWORK_FAILURE);
        }
        let host = self.quoted(host);
        self.env
            .sys
            .eprint(format!(
                "ERROR: The certificate of {host} is not trusted.\nERROR: The certificate of {host} doesn't have a known issuer.\n"
            ))
            .await;
        Try::Over(TLS_FAILURE)
    }

    async fn finish(&self, url: &Url, reply: Reply) -> u8 {
        let now = stamp(self.env.sys.now().await);
        let code = reply.code();
        if !(200..300).contains(&code) {
            if self.opts.has('Z') {
                self.say("Remote file does not exist -- broken link!!!\n\n").await;
            } else {
                let words = reply.status_line().splitn(3, ' ').nth(2).unwrap_or_default().to_string();
                self.say(format!("{now} ERROR {code}: {words}.\n\n")).await;
            }
            return SERVER_ERROR;
        }
        let kind = reply.header("Content-Type").map_or("", |kind| kind.split(';').next().unwrap_or_default());
        let kind = if kind.is_empty() { String::new() } else { format!(" [{kind}]") };
        let size = reply.length().map_or("unspecified".to_string(), |length| length.to_string());
        self.say(format!("Length: {size}{kind}\n")).await;
        if self.opts.has('Z') {
            self.say("Remote file exists.\n\n").await;
            return 0;
        }
        self.save(url, &reply, &now).await
    }

    async fn save(&self, url: &Url, reply: &Reply, now: &str) -> u8 {
        let sys = &self.env.sys;
        let given = self.opts.value('O').map(|name| name.to_string());
        let mut name = given.clone().unwrap_or_else(|| url.file_name().into());
        if name.is_empty() {
            name = "index.html".into();
        }
        if let (Some(folder), None) = (self.opts.value('P'), &given) {
            name = format!("{folder}/{name}");
        }
        if given.is_none() {
            name = self.free_name(name).await;
        }
        let to = if name == "-" { "STDOUT".to_string() } else { self.quoted(&name) };
        self.say(format!("Saving to: {to}\n\n")).await;
        let written =
            if name == "-" { sys.write(1, &reply.body).await } else { sys.write_file(&name, &reply.body).await };
        if let Err(errno) = written {
            sys.eprint(format!("{name}: {errno}\n\nCannot write to {} ({errno}).\n", self.quoted(&name))).await;
            return 3;
        }
        let size = reply.body.len();
        if sys.is_terminal(2).await {
            let short = if name == "-" { "-" } else { name.as_str() };
            self.say(format!("\r{short:<20}100%[===================>] {size:>7}  --.-KB/s    in 0s      \n\n")).await;
        } else {
            self.say(format!("     0K {:<50} 100%  100M=0s\n\n", ".".repeat((size >> 10).min(50)))).await;
        }
        let what = if name == "-" { "written to stdout".to_string() } else { format!("{to} saved") };
        let of = reply.length().map_or_else(|| format!("[{size}]"), |length| format!("[{size}/{length}]"));
        self.say(format!("{now} (100 MB/s) - {what} {of}\n\n")).await;
        0
    }

    /// The name, or with the first number behind it that is not taken.
    async fn free_name(&self, name: String) -> String {
        let mut candidate = name.clone();
        for number in 1..1000 {
            let stat = podyard_kernel::Syscall::Stat { path: candidate.as_str().into(), follow: true };
            if matches!(self.env.sys.call(stat).await, podyard_kernel::Answer::Error(_)) {
                break;
            }
            candidate = format!("{name}.{number}");
        }
        candidate
    }
}

/// As `2026-11-22 15:17:44`.
fn stamp(now: Time) -> String {
    now.rfc3339().replace('T', " ").trim_end_matches('Z').to_string()
}
