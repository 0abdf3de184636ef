//! Servers: they say that they start, listen, answer, and end when told to.

use super::kinds::{KINDS, Kind};
use ecow::EcoString;
use podyard_kernel::{Answer, Args, Bytes, Disposition, Fd, OpenMode, Signal, Syscall};
use serde::{Deserialize, Serialize};

/// A running server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Server {
    kind: EcoString,
    /// Where it listens, if not where its kind does.
    port: Option<u16>,
    /// What it answers instead of a file.
    text: Option<EcoString>,
    /// What it needs to be told is missing.
    lacks: bool,
    at: At,
}

/// Where it stands: the call whose answer comes next.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum At {
    Start,
    CatchTerm,
    Greeted,
    Listening,
    Accepting {
        listener: Fd,
    },
    Reading {
        listener: Fd,
        client: Fd,
        request: Vec<u8>,
    },
    Opening {
        listener: Fd,
        client: Fd,
        path: EcoString,
    },
    Loading {
        listener: Fd,
        client: Fd,
        file: Fd,
        body: Vec<u8>,
    },
    Answering {
        listener: Fd,
        client: Fd,
    },
    Closing {
        listener: Fd,
    },
    /// It has nothing to listen on: it only waits for its end.
    Idle,
}

/// The longest request that is read.
const MAX_REQUEST: usize = 8 << 10;
/// The longest answer.
const MAX_BODY: usize = 1 << 20;

impl Server {
    pub(super) fn new(name: &str, args: &Args) -> Option<Self> {
        let kind = KINDS.iter().find(|known| known.name == name)?;
        let lacks = !kind.needs.is_empty() && kind.needs.iter().all(|need| args.var(need).is_none());
        Some(Self { kind: name.into(), port: port(kind, args), text: text(kind, args), lacks, at: At::Start })
    }

    fn kind(&self) -> &'static Kind {
        KINDS.iter().find(|kind| kind.name == self.kind).unwrap_or(&KINDS[0])
    }

    pub(super) fn step(&mut self, answer: Answer) -> Syscall {
        if matches!(answer, Answer::Interrupted(_)) {
            return Syscall::Exit(self.kind().end);
        }
        let at = std::mem::replace(&mut self.at, At::Idle);
        let (at, call) = self.next(at, answer);
        self.at = at;
        call
    }

    fn next(&self, at: At, answer: Answer) -> (At, Syscall) {
        let catch = |signal| Syscall::OnSignal { signal, disposition: Disposition::Catch };
        match (at, answer) {
            (At::Start, _) => (At::CatchTerm, catch(Signal::Terminate)),
            (At::CatchTerm, _) => {
                let lines = if self.lacks { self.kind().complaint } else { self.kind().greeting };
                let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
                let fd = if self.kind().logs_to_error || self.lacks { 2 } else { 1 };
                (At::Greeted, Syscall::Write { fd, bytes: Bytes::from(text.as_bytes()) })
            }
            (At::Greeted, _) if self.lacks => (At::Idle, Syscall::Exit(1)),
            (At::Greeted, _) => match self.port {
                Some(port) => (At::Listening, Syscall::Listen(port)),
                None => idle(),
            },
            (At::Listening, Answer::Fd(listener)) => accept(listener),
            (At::Listening, _) => (At::Idle, Syscall::Exit(1)),
            (At::Accepting { listener }, Answer::Fd(client)) => {
                (At::Reading { listener, client, request: Vec::new() }, Syscall::Read { fd: client, max: MAX_REQUEST })
            }
            (At::Accepting { listener }, _) => accept(listener),
            (At::Reading { listener, client, request }, Answer::Bytes(bytes)) => {
                self.read(listener, client, request, &bytes)
            }
            (At::Opening { listener, client, .. }, Answer::Fd(file)) => {
                (At::Loading { listener, client, file, body: Vec::new() }, Syscall::Read { fd: file, max: 1 << 16 })
            }
            (At::Opening { listener, client, path }, _) => {
                let body = format!(
                    "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>{}</center>\r\n</body>\r\n</html>\r\n",
                    self.kind().banner
                );
                let _ = path;
                self.respond(listener, client, "404 Not Found", body.as_bytes())
            }
            (At::Loading { listener, client, file, mut body }, Answer::Bytes(bytes)) => {
                if bytes.is_empty() || body.len() > MAX_BODY {
                    return self.respond(listener, client, "200 OK", &body);
                }
                body.extend_from_slice(&bytes);
                (At::Loading { listener, client, file, body }, Syscall::Read { fd: file, max: 1 << 16 })
            }
            (At::Answering { listener, client }, _)
            | (At::Reading { listener, client, .. } | At::Loading { listener, client, .. }, _) => {
                (At::Closing { listener }, Syscall::Close(client))
            }
            (At::Closing { listener }, _) => accept(listener),
            (At::Idle, _) => idle(),
        }
    }

    /// Takes a part of a request; answers once its head is there.
    fn read(&self, listener: Fd, client: Fd, mut request: Vec<u8>, bytes: &[u8]) -> (At, Syscall) {
        request.extend_from_slice(bytes);
        let is_http = self.kind().root.starts_with('/') || self.text.is_some();
        let ended = if is_http { request.windows(4).any(|part| part == b"\r\n\r\n") } else { request.ends_with(b"\n") };
        if bytes.is_empty() || request.len() > MAX_REQUEST {
            return (At::Closing { listener }, Syscall::Close(client));
        }
        if !ended {
            return (At::Reading { listener, client, request }, Syscall::Read { fd: client, max: MAX_REQUEST });
        }
        if !is_http {
            let bytes = Bytes::from(b"+PONG\r\n".as_slice());
            return (At::Answering { listener, client }, Syscall::Write { fd: client, bytes });
        }
        if let Some(text) = &self.text {
            return self.respond(listener, client, "200 OK", text.as_bytes());
        }
        let line = String::from_utf8_lossy(&request);
        let path = line.split_whitespace().nth(1).unwrap_or("/").split('?').next().unwrap_or("/");
        let index = if path.ends_with('/') { "index.html" } else { "" };
        let path: EcoString = format!("{}{}{index}", self.kind().root, path.replace("..", "")).into();
        (At::Opening { listener, client, path: path.clone() }, Syscall::Open { path, mode: OpenMode::READ })
    }

    fn respond(&self, listener: Fd, client: Fd, status: &str, body: &[u8]) -> (At, Syscall) {
        let head = format!(
            "HTTP/1.1 {status}\r\nServer: {}\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.kind().banner,
            body.len()
        );
        let bytes = Bytes::from([head.as_bytes(), body].concat().as_slice());
        (At::Answering { listener, client }, Syscall::Write { fd: client, bytes })
    }
}

/// Where the arguments say that it shall listen.
fn port(kind: &Kind, args: &Args) -> Option<u16> {
    let said = args.argv.iter().enumerate().find_map(|(index, word)| {
        let (_, value) = kind.port_flags.iter().find_map(|flag| {
            let rest = word.strip_prefix(flag)?;
            Some(((), if rest.is_empty() { args.argv.get(index + 1)?.as_str() } else { rest.strip_prefix('=')? }))
        })?;
        value.trim_start_matches(':').parse().ok()
    });
    said.or(kind.port)
}

/// What the arguments say that it shall answer.
fn text(kind: &Kind, args: &Args) -> Option<EcoString> {
    let said = args.argv.iter().find_map(|word| word.trim_start_matches('-').strip_prefix("text="));
    let text = if kind.name == "http-echo" { said } else { None };
    text.or(kind.text).map(|text| ecow::eco_format!("{text}\n"))
}

fn accept(listener: Fd) -> (At, Syscall) {
    (At::Accepting { listener }, Syscall::Accept(listener))
}

fn idle() -> (At, Syscall) {
    (At::Idle, Syscall::SleepUntil(podyard_sim::Time::from_micros(u64::MAX)))
}
