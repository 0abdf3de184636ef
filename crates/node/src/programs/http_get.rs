//! Asks for a page, as the kubelet's probes do: prints the status code, or why there is none.

use ecow::EcoString;
use podyard_kernel::{Answer, Args, Bytes, Fd, Syscall};
use serde::{Deserialize, Serialize};

/// `http-get ADDRESS PORT PATH [HEADER…]`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HttpGet {
    words: Vec<EcoString>,
    at: At,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum At {
    Start,
    Connecting,
    Asking(Fd),
    Reading(Fd, Vec<u8>),
    Said(u8),
}

/// A status line is not longer.
const MAX_LINE: usize = 256;

impl HttpGet {
    pub(super) fn new(args: &Args) -> Self {
        Self { words: args.argv.iter().skip(1).cloned().collect(), at: At::Start }
    }

    fn word(&self, index: usize) -> &str {
        self.words.get(index).map(EcoString::as_str).unwrap_or_default()
    }

    pub(super) fn step(&mut self, answer: Answer) -> Syscall {
        let at = std::mem::replace(&mut self.at, At::Said(1));
        let (at, call) = match (at, answer) {
            (At::Start, _) => {
                let port = self.word(1).parse().unwrap_or(0);
                (At::Connecting, Syscall::Connect { address: self.word(0).into(), port })
            }
            (At::Connecting, Answer::Fd(fd)) => {
                let headers: String = self.words.iter().skip(3).map(|header| format!("{header}\r\n")).collect();
                let request = format!(
                    "GET {} HTTP/1.1\r\nHost: {}:{}\r\nUser-Agent: kube-probe/1.36\r\nAccept: */*\r\n{headers}Connection: close\r\n\r\n",
                    self.word(2),
                    self.word(0),
                    self.word(1)
                );
                (At::Asking(fd), Syscall::Write { fd, bytes: Bytes::from(request.as_bytes()) })
            }
            (At::Connecting, Answer::Error(errno)) => {
                let why = errno.to_string().to_lowercase();
                say(&format!("dial tcp {}:{}: connect: {why}", self.word(0), self.word(1)), 1)
            }
            (At::Asking(fd), Answer::Done) => (At::Reading(fd, Vec::new()), Syscall::Read { fd, max: MAX_LINE }),
            (At::Reading(fd, mut head), Answer::Bytes(bytes)) => {
                head.extend_from_slice(&bytes);
                match status(&head) {
                    Some(code) => say(&code.to_string(), 0),
                    None if bytes.is_empty() || head.len() >= MAX_LINE => say("EOF", 1),
                    None => (At::Reading(fd, head), Syscall::Read { fd, max: MAX_LINE }),
                }
            }
            (At::Said(code), _) => (At::Said(code), Syscall::Exit(code)),
            _ => say("EOF", 1),
        };
        self.at = at;
        call
    }
}

fn say(text: &str, code: u8) -> (At, Syscall) {
    (At::Said(code), Syscall::Write { fd: 1, bytes: Bytes::from(format!("{text}\n").as_bytes()) })
}

/// The code of a status line, once it is there.
fn status(head: &[u8]) -> Option<u16> {
    let end = head.iter().position(|b| *b == b'\n')?;
    String::from_utf8_lossy(&head[..end]).split_whitespace().nth(1)?.parse().ok()
}
