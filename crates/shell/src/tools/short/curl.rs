//! `curl`

mod report;

use std::time::Duration;

use podyard_kernel::{Errno, Syscall};
use podyard_sim::Time;

use super::super::opts::{Opts, Spec};
use super::Env;
use super::net::{self, Fault, Reply, Url};
use super::wget::speaks_tls;
use report::Done;

const SPEC: Spec = Spec {
    name: "curl",
    short: "#46A:H:ILOSVX:b:d:e:fgiK:kLm:no:qsu:vw:x:",
    long: &[
        ("connect-timeout=", 'C'),
        ("data=", 'd'),
        ("data-binary=", 'B'),
        ("data-raw=", 'R'),
        ("fail", 'f'),
        ("get", 'G'),
        ("head", 'I'),
        ("header=", 'H'),
        ("include", 'i'),
        ("insecure", 'k'),
        ("location", 'L'),
        ("max-time=", 'm'),
        ("noproxy=", 'N'),
        ("output=", 'o'),
        ("remote-name", 'O'),
        ("request=", 'X'),
        ("retry=", 'Y'),
        ("show-error", 'S'),
        ("silent", 's'),
        ("url=", 'W'),
        ("user=", 'u'),
        ("user-agent=", 'A'),
        ("verbose", 'v'),
        ("version", 'V'),
        ("write-out=", 'w'),
    ],
    usage: "curl [options...] <url>",
    status: 2,
};

/// What it calls itself.
const AGENT: &str = "curl/8.5.0";
const MAX_REDIRECTS: u32 = 50;

/// Why a transfer failed: its exit status and what is said of it.
struct Failure(u8, String);

/// A transfer under way.
struct Transfer<'a> {
    env: &'a Env,
    opts: &'a Opts,
    /// `-d` and its kin, joined.
    data: Option<String>,
    begun: Time,
    done: Done,
}

pub(super) async fn curl(env: &Env) -> u8 {
    let opts = match SPEC.parse(&env.args, env.flavour) {
        Ok(opts) => opts,
        Err(usage) if usage.status == 0 => return env.usage(usage).await,
        Err(usage) => {
            let word = usage.text.split('\'').nth(1).unwrap_or_default();
            let option = if word.starts_with('-') { word.to_string() } else { format!("-{word}") };
            let why = if usage.text.contains("requires") { "requires parameter" } else { "is unknown" };
            let hint = "curl: try 'curl --help' or 'curl --manual' for more information";
            env.sys.eprint(format!("curl: option {option}: {why}\n{hint}\n")).await;
            return 2;
        }
    };
    if opts.has('V') {
        env.sys.print("curl 8.5.0 (x86_64-pc-linux-gnu) libcurl/8.5.0 OpenSSL/3.0.13 zlib/1.3\nRelease-Date: 2023-12-06\nProtocols: http https\n").await;
        return 0;
    }
    let urls: Vec<&str> = opts
        .flags
        .iter()
        .filter(|(flag, _)| *flag == 'W')
        .map(|(_, url)| url)
        .chain(&opts.args)
        .map(|url| url.as_str())
        .collect();
    if urls.is_empty() {
        env.sys
            .eprint("curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n")
            .await;
        return 2;
    }
    let data = match data(env, &opts).await {
        Ok(data) => data,
        Err(path) => {
            env.sys.eprint(format!("curl: Failed to open {path}\n")).await;
            return 26;
        }
    };
    let mut status = 0;
    for url in urls {
        let begun = env.sys.now().await;
        let mut transfer = Transfer { env, opts: &opts, data: data.clone(), begun, done: Done::default() };
        status = transfer.run(url).await;
    }
    status
}

/// The text of `-d` and its kin; `Err` is a file that cannot be read.
async fn data(env: &Env, opts: &Opts) -> Result<Option<String>, String> {
    let mut parts = Vec::new();
    for (flag, value) in opts.flags.iter().filter(|(flag, _)| matches!(flag, 'd' | 'B' | 'R')) {
        let file = value.strip_prefix('@').filter(|_| *flag != 'R');
        let Some(file) = file else {
            parts.push(value.to_string());
            continue;
        };
        let bytes = if file == "-" { env.sys.read_all(0).await } else { env.sys.read_file(file).await };
        let text = String::from_utf8_lossy(&bytes.map_err(|_| file.to_string())?).into_owned();
        parts.push(if *flag == 'd' { text.replace(['\n', '\r'], "") } else { text });
    }
    Ok((!parts.is_empty()).then(|| parts.join("&")))
}

impl Transfer<'_> {
    /// One URL from its name to what `-w` says of it.
    async fn run(&mut self, text: &str) -> u8 {
        self.done.url = text.to_string();
        let ended = self.transfer(text).await;
        self.done.elapsed = self.env.sys.now().await.since(self.begun);
        let status = match ended {
            Ok(()) => 0,
            Err(Failure(code, text)) => {
                self.done.error = text;
                code
            }
        };
        self.done.status = status;
        if status != 0 {
            if self.shows_progress().await {
                let header = if self.done.saved { "" } else { report::PROGRESS };
                self.env.sys.eprint(format!("{header}{}\n", report::progress(0, Duration::ZERO))).await;
            }
            if !self.opts.has('s') || self.opts.has('S') {
                let error = &self.done.error;
                let hint = if status == 60 { report::SSL_HINT } else { "" };
                self.env.sys.eprint(format!("curl: ({status}) {error}\n{hint}")).await;
            }
        }
        if let Some(format) = self.opts.value('w') {
            let text = report::write_out(format, &self.done);
            self.env.sys.print(text).await;
        }
        status
    }

    async fn verbose(&self, text: impl AsRef<str>) {
        if self.opts.has('v') {
            self.env.sys.eprint(text).await;
        }
    }

    /// Whether the meter is on: not with `-s`, nor where the body itself goes to the terminal.
    async fn shows_progress(&self) -> bool {
        !self.opts.has('s') && (self.opts.has('o') || self.opts.has('O') || !self.env.sys.is_terminal(1).await)
    }

    async fn transfer(&mut self, text: &str) -> Result<(), Failure> {
        let mut url = Url::parse(text).map_err(|scheme| match scheme.as_str() {
            "" => Failure(3, "URL rejected: Port number was not a decimal number between 0 and 65535".into()),
            _ => Failure(1, format!("Protocol \"{scheme}\" not supported")),
        })?;
        if url.host.is_empty() {
            return Err(Failure(3, "URL rejected: No host part in the URL".into()));
        }
        loop {
            let reply = self.ask(&url).await?;
            self.done.code = reply.code();
            self.done.content_type = reply.header("Content-Type").unwrap_or_default().to_string();
            let location = reply.header("Location").filter(|_| (300..400).contains(&reply.code()));
            let next = location.map(|location| url.join(location));
            self.done.redirect = match &next {
                Some(Ok(next)) => next.text(),
                _ => String::new(),
            };
            if let (Some(Ok(next)), true) = (next, self.opts.has('L')) {
                if self.opts.has('i') || self.opts.has('I') {
                    self.env.sys.print(&reply.head).await;
                }
                self.done.redirects += 1;
                if self.done.redirects > MAX_REDIRECTS {
                    return Err(Failure(47, format!("Maximum ({MAX_REDIRECTS}) redirects followed")));
                }
                self.verbose(format!("* Issue another request to this URL: '{}'\n", next.text())).await;
                self.done.url = next.text();
                url = next;
                continue;
            }
            if self.opts.has('f') && reply.code() >= 400 {
                return Err(Failure(22, format!("The requested URL returned error: {}", reply.code())));
            }
            return self.save(&url, &reply).await;
        }
    }

    fn limit(&self, flag: char) -> Option<Duration> {
        let secs = self.opts.value(flag)?.parse::<f64>().ok().filter(|secs| *secs > 0.0)?;
        Some(Duration::from_secs_f64(secs.min(1e9)))
    }

    async fn ask(&mut self, url: &Url) -> Result<Reply, Failure> {
        let (env, host, port) = (self.env, url.host.as_str(), url.port());
        let Some(address) = net::resolve(env, host).await.and_then(|all| all.into_iter().next()) else {
            self.verbose(format!("* Could not resolve host: {host}\n* Closing connection\n")).await;
            return Err(Failure(6, format!("Could not resolve host: {host}")));
        };
        if !net::is_address(host) {
            self.verbose(format!("* Host {host}:{port} was resolved.\n* IPv6: (none)\n* IPv4: {address}\n")).await;
        }
        self.verbose(format!("*   Trying {address}:{port}...\n")).await;
        self.done.remote = Some((address.to_string(), port));
        let until = self.limit('m').map(|limit| self.begun + limit);
        let now = env.sys.now().await;
        let left = until.map(|until| until.since(now));
        let limit = match (left, self.limit('C')) {
            (Some(left), Some(own)) => Some(left.min(own)),
            (left, own) => left.or(own),
        };
        let connected = net::connect(env, &address, port, limit).await;
        let waited = env.sys.now().await.since(self.begun).as_millis();
        let fd = match connected {
            Ok(fd) => fd,
            Err(Errno::TimedOut) if limit.is_some_and(|limit| limit < net::SYN_TIMEOUT) => {
                // The timer is looked at a millisecond after it has run out.
                let text = format!("Connection timed out after {} milliseconds", waited + 1);
                self.verbose(format!("* {text}\n* Closing connection\n")).await;
                return Err(Failure(28, text));
            }
            Err(errno) => {
                let text =
                    format!("Failed to connect to {host} port {port} after {waited} ms: Couldn't connect to server");
                let why =
                    format!("* connect to {address} port {port} failed: {errno}\n* {text}\n* Closing connection\n");
                self.verbose(why).await;
                return Err(Failure(if errno == Errno::TimedOut { 28 } else { 7 }, text));
            }
        };
        self.done.connected = env.sys.now().await.since(self.begun);
        self.verbose(format!("* Connected to {host} ({address}) port {port}\n")).await;
        if url.secure && !(speaks_tls(port) && self.opts.has('k')) {
            env.sys.close(fd).await;
            return Err(if speaks_tls(port) {
                Failure(60, "SSL certificate problem: unable to get local issuer certificate".into())
            } else {
                Failure(35, "OpenSSL/3.0.13: error:0A00010B:SSL routines::wrong version number".into())
            });
        }
        let (head, body) = self.request(url);
        let shown: String = head.lines().map(|line| format!("> {line}\n")).collect();
        self.verbose(shown).await;
        let reply = net::exchange(env, fd, format!("{head}{body}").as_bytes(), until).await;
        env.sys.close(fd).await;
        let reply = self.received(reply).await?;
        let shown: String = reply.head.lines().map(|line| format!("< {line}\n")).collect();
        self.verbose(format!("{shown}< \n")).await;
        Ok(Reply { head: format!("{}\r\n", reply.head), ..reply })
    }

    async fn received(&self, reply: Result<Reply, Fault>) -> Result<Reply, Failure> {
        match reply {
            Ok(reply) => Ok(reply),
            Err(Fault::TimedOut(part)) => {
                let waited = self.env.sys.now().await.since(self.begun).as_millis() + 1;
                let received = part.body.len();
                let of = part.length().map_or_else(
                    || format!("with {received} bytes received"),
                    |length| format!("with {received} out of {length} bytes received"),
                );
                Err(Failure(28, format!("Operation timed out after {waited} milliseconds {of}")))
            }
            Err(Fault::Empty) => {
                self.verbose("* Empty reply from server\n* Closing connection\n").await;
                Err(Failure(52, "Empty reply from server".into()))
            }
            Err(Fault::NotHttp(_)) => Err(Failure(1, "Received HTTP/0.9 when not allowed".into())),
        }
    }

    /// The head of the request, and its body.
    fn request(&self, url: &Url) -> (String, String) {
        let opts = self.opts;
        let as_query = opts.has('G');
        let data = self.data.clone().filter(|_| !as_query);
        let method = match (opts.value('X'), &data) {
            (Some(method), _) => method.as_str(),
            (None, Some(_)) => "POST",
            (None, None) if opts.has('I') => "HEAD",
            (None, None) => "GET",
        };
        let mut path = url.path.clone();
        if let (true, Some(query)) = (as_query, &self.data) {
            path = format!("{path}{}{query}", if path.contains('?') { '&' } else { '?' });
        }
        let lines: Vec<&str> =
            opts.flags.iter().filter(|(flag, _)| *flag == 'H').map(|(_, line)| line.as_str()).collect();
        let set = |name: &str| {
            let named =
                |line: &&&str| line.split([':', ';']).next().is_some_and(|own| own.trim().eq_ignore_ascii_case(name));
            lines.iter().any(|line| named(&line))
        };
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        let mut line = |name: &str, value: &str| {
            if !set(name) {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        };
        line("Host", &url.authority());
        if let Some(user) = opts.value('u') {
            line("Authorization", &format!("Basic {}", report::base64(user.as_bytes())));
        }
        line("User-Agent", opts.value('A').map_or(AGENT, |agent| agent.as_str()));
        line("Accept", "*/*");
        if let Some(data) = &data {
            line("Content-Length", &data.len().to_string());
            line("Content-Type", "application/x-www-form-urlencoded");
        }
        // `-H 'Name:'` takes a header away.
        for own in lines.iter().filter(|line| line.split_once(':').is_some_and(|(_, value)| !value.trim().is_empty())) {
            head.push_str(&format!("{own}\r\n"));
        }
        (format!("{head}\r\n"), data.unwrap_or_default())
    }

    /// Puts the body where it belongs.
    async fn save(&mut self, url: &Url, reply: &Reply) -> Result<(), Failure> {
        let mut bytes = Vec::new();
        if self.opts.has('i') || self.opts.has('I') {
            bytes.extend_from_slice(reply.head.as_bytes());
        }
        bytes.extend_from_slice(&reply.body);
        self.done.size = reply.body.len();
        let sys = &self.env.sys;
        let progress = self.shows_progress().await;
        if progress {
            let first = report::progress(0, Duration::ZERO);
            let last = report::progress(reply.body.len(), sys.now().await.since(self.begun));
            sys.eprint(format!("{}{first}{last}\n", report::PROGRESS)).await;
            self.done.saved = true;
        }
        let name = match self.opts.value('o') {
            _ if self.opts.has('O') => Some(url.file_name().to_string()),
            given => given.map(|name| name.to_string()),
        };
        match name.as_deref() {
            None | Some("-") => {
                // A reader that has gone has ended this tool, too.
                let _ = sys.write(1, &bytes).await;
            }
            Some("") => return Err(Failure(23, "Remote file name has no length".into())),
            Some(name) => {
                if sys.write_file(name, &bytes).await.is_err() {
                    return Err(Failure(23, "Failure writing output to destination".into()));
                }
            }
        }
        let kept = reply.header("Connection").is_none_or(|value| !value.eq_ignore_ascii_case("close"));
        let end = if kept {
            format!("* Connection #0 to host {} left intact\n", url.host)
        } else {
            "* Closing connection\n".into()
        };
        self.verbose(end).await;
        let _ = sys.call(Syscall::Yield).await;
        Ok(())
    }
}
