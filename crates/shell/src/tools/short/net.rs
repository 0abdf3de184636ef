//! What the network tools share: URLs, names, connections with a time limit, and HTTP replies.

use std::time::Duration;

use ecow::EcoString;
use podyard_kernel::{Answer, Bytes, Errno, Fd, Syscall};
use podyard_sim::Time;

use super::Env;

/// How long Linux tries to connect before it gives up (six retransmissions of a SYN).
pub(super) const SYN_TIMEOUT: Duration = Duration::from_secs(127);
/// The most that a tool keeps of what it is sent.
const MAX_REPLY: usize = 16 << 20;

/// The parts of a URL that a request needs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Url {
    pub secure: bool,
    pub host: String,
    /// As it was written, if it was.
    pub port: Option<u16>,
    /// With its query, without its fragment.
    pub path: String,
}

impl Url {
    /// Reads a URL; `Err` names the scheme that no tool of ours knows, or is empty for a wrong port.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(scheme.into()),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.is_empty() => (host, Some(port.parse().map_err(|_| String::new())?)),
            Some((host, _)) => (host, None),
            None => (authority, None),
        };
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { path.into() } else { format!("/{path}") };
        Ok(Self { secure, host: host.into(), port, path })
    }

    pub(super) fn port(&self) -> u16 {
        self.port.unwrap_or(if self.secure { 443 } else { 80 })
    }

    /// The host, with the port if it is not the usual one.
    pub(super) fn authority(&self) -> String {
        let usual = if self.secure { 443 } else { 80 };
        match self.port {
            Some(port) if port != usual => format!("{}:{port}", self.host),
            _ => self.host.clone(),
        }
    }

    /// Where a `Location` header leads from here.
    pub(super) fn join(&self, location: &str) -> Result<Self, String> {
        if location.contains("://") {
            return Self::parse(location);
        }
        let path = if location.starts_with('/') {
            location.to_string()
        } else {
            let folder = self.path.rfind('/').map_or("/", |end| &self.path[..=end]);
            format!("{folder}{location}")
        };
        Ok(Self { path, ..self.clone() })
    }

    /// The file name that its path ends with.
    pub(super) fn file_name(&self) -> &str {
        self.path.split('?').next().and_then(|path| path.rsplit('/').next()).unwrap_or_default()
    }

    pub(super) fn text(&self) -> String {
        format!("{}://{}{}", if self.secure { "https" } else { "http" }, self.authority(), self.path)
    }
}

/// The addresses of a name, or `None` if it has none.
pub(super) async fn resolve(env: &Env, name: &str) -> Option<Vec<EcoString>> {
    match env.sys.call(Syscall::Resolve(name.into())).await {
        Answer::Addresses(all) if !all.is_empty() => Some(all),
        _ => None,
    }
}

/// Whether it is an address already.
pub(super) fn is_address(name: &str) -> bool {
    name.split('.').count() == 4 && name.split('.').all(|part| part.parse::<u8>().is_ok())
}

/// Connects. Whoever does not answer takes as long as `limit`, or as Linux tries.
///
/// # Errors
/// Why there is no connection.
pub(super) async fn connect(env: &Env, address: &str, port: u16, limit: Option<Duration>) -> Result<Fd, Errno> {
    let begun = env.sys.now().await;
    match env.sys.call(Syscall::Connect { address: address.into(), port }).await {
        Answer::Fd(fd) => Ok(fd),
        Answer::Error(Errno::TimedOut) => {
            let wait = limit.unwrap_or(SYN_TIMEOUT).min(SYN_TIMEOUT);
            env.sys.sleep_until(begun + wait).await;
            Err(Errno::TimedOut)
        }
        Answer::Error(errno) => Err(errno),
        _ => Err(Errno::Io),
    }
}

/// Reads what comes before `until`.
///
/// # Errors
/// `TimedOut` if nothing came.
pub(super) async fn read_before(env: &Env, fd: Fd, until: Option<Time>) -> Result<Bytes, Errno> {
    if until.is_some() && !matches!(env.sys.call(Syscall::Poll { fds: vec![fd], until }).await, Answer::Ready(_)) {
        return Err(Errno::TimedOut);
    }
    env.sys.read(fd, 1 << 16).await
}

/// What a server answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reply {
    /// The status line and the headers, with their line ends.
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    /// As `HTTP/1.1 200 OK`.
    pub(super) fn status_line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    pub(super) fn code(&self) -> u16 {
        self.status_line().split_whitespace().nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (own, value) = line.split_once(':')?;
            own.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub(super) fn length(&self) -> Option<usize> {
        self.header("Content-Length")?.parse().ok()
    }
}

/// Why there is no whole reply; what came of its body is in the second part.
pub(super) enum Fault {
    TimedOut(Reply),
    /// The connection ended before a status line.
    Empty,
    /// It does not speak HTTP.
    NotHttp(Vec<u8>),
}

/// Sends a request and reads the reply, of which a `HEAD` has no body.
pub(super) async fn exchange(env: &Env, fd: Fd, request: &[u8], until: Option<Time>) -> Result<Reply, Fault> {
    if env.sys.write(fd, request).await.is_err() {
        return Err(Fault::Empty);
    }
    let bodiless = request.starts_with(b"HEAD ");
    let mut bytes = Vec::new();
    let mut reply: Option<Reply> = None;
    loop {
        let part = match read_before(env, fd, until).await {
            Ok(part) => part,
            Err(Errno::TimedOut) => return Err(Fault::TimedOut(reply.unwrap_or_default())),
            Err(_) => Bytes::new(),
        };
        let ended = part.is_empty();
        match &mut reply {
            Some(reply) => reply.body.extend_from_slice(&part),
            None => {
                bytes.extend_from_slice(&part);
                reply = split(&bytes);
            }
        }
        if let Some(reply) = &mut reply
            && let length = reply.length().unwrap_or(MAX_REPLY).min(MAX_REPLY)
            && (ended || bodiless || reply.body.len() >= length || matches!(reply.code(), 204 | 304))
        {
            reply.body.truncate(if bodiless { 0 } else { length });
            return Ok(std::mem::take(reply));
        }
        if ended || reply.is_none() && bytes.len() > MAX_REPLY >> 8 {
            return Err(if bytes.is_empty() { Fault::Empty } else { Fault::NotHttp(bytes) });
        }
    }
}

/// The head, once it is whole, and what has come behind it.
fn split(bytes: &[u8]) -> Option<Reply> {
    if !bytes.starts_with(b"HTTP/") {
        return None;
    }
    let crlf = bytes.windows(4).position(|part| part == b"\r\n\r\n").map(|at| (at + 2, at + 4));
    let lf = bytes.windows(2).position(|part| part == b"\n\n").map(|at| (at + 1, at + 2));
    let (head, body) = crlf.or(lf)?;
    Some(Reply { head: String::from_utf8_lossy(&bytes[..head]).into_owned(), body: bytes[body..].to_vec() })
}

/// What `/etc/resolv.conf` says: the name servers and the search domains.
pub(super) async fn resolv_conf(env: &Env) -> (Vec<String>, Vec<String>) {
    let text = env.sys.read_file("/etc/resolv.conf").await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let (mut servers, mut search) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let mut words = line.split_whitespace().map(String::from);
        match words.next().as_deref() {
            Some("nameserver") => servers.extend(words.next()),
            Some("search") => search = words.collect(),
            _ => {}
        }
    }
    (servers, search)
}

/// The full name under which a name is found, and its addresses: the search domains apply as in the C library.
pub(super) async fn find_name(env: &Env, name: &str) -> Option<(String, Vec<EcoString>)> {
    if is_address(name) {
        return Some((name.into(), vec![name.into()]));
    }
    let (_, search) = resolv_conf(env).await;
    if !name.ends_with('.') {
        for domain in search {
            let full = format!("{name}.{domain}");
            if let Some(all) = resolve(env, &format!("{full}.")).await {
                return Some((full, all));
            }
        }
    }
    let all = resolve(env, name).await?;
    Some((name.trim_end_matches('.').into(), all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let url = Url::parse(text).map_or_else(
            |scheme| format!("? {scheme}"),
            |url| format!("{} {} {} {}", url.secure, url.host, url.port(), url.path),
        );
        assert_eq!(url, expect, "{text}");
    }

    #[test]
    fn urls_have_parts() {
        check("web", "false web 80 /");
        check("http://web:8080/a/b?c=d#e", "false web 8080 /a/b?c=d");
        check("https://10.96.0.1", "true 10.96.0.1 443 /");
        check("web?x", "false web 80 /?x");
        check("ftp://web", "? ftp");
        check("web:99999", "? ");
    }
}
