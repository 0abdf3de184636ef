//! `stress`: takes the memory that it is told to, which the system answers by killing it if there is not so much.

use ecow::EcoString;
use podyard_kernel::{Answer, Args, Bytes, Pid, Signal, Syscall, Which};
use podyard_sim::Time;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A running `stress`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stress {
    /// How many of each worker: CPU, I/O, memory.
    workers: [u32; 3],
    /// What one memory worker takes, in bytes.
    bytes: u64,
    timeout: Option<Duration>,
    at: At,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum At {
    Start,
    Limit,
    WhoAmI,
    Killed,
    When,
    Busy,
    Over,
}

impl Stress {
    pub(super) fn new(args: &Args) -> Self {
        let value = |flags: [&str; 2]| {
            args.argv.iter().enumerate().find_map(|(index, word)| {
                let flag =
                    flags.iter().find(|flag| word.as_str() == **flag || word.starts_with(&format!("{flag}=")))?;
                word.strip_prefix(&format!("{flag}=")).or(args.argv.get(index + 1).map(EcoString::as_str))
            })
        };
        let count = |flags| value(flags).and_then(|text| text.parse().ok()).unwrap_or(0);
        Self {
            workers: [count(["--cpu", "-c"]), count(["--io", "-i"]), count(["--vm", "-m"])],
            bytes: value(["--vm-bytes", "--vm-bytes"]).map_or(256 << 20, amount),
            timeout: value(["--timeout", "-t"]).map(|text| Duration::from_secs(amount(text))),
            at: At::Start,
        }
    }

    pub(super) fn step(&mut self, answer: Answer) -> Syscall {
        let [cpu, io, vm] = self.workers;
        match (self.at, answer) {
            (At::Start, _) => {
                self.at = At::Limit;
                let text = format!("stress: info: [1] dispatching hogs: {cpu} cpu, {io} io, {vm} vm, 0 hdd\n");
                Syscall::Write { fd: 1, bytes: Bytes::from(text.as_bytes()) }
            }
            (At::Limit, Answer::Done) => Syscall::Fact("memory.max".into()),
            (At::Limit, Answer::Text(limit))
                if limit.parse::<u64>().is_ok_and(|limit| u64::from(vm).saturating_mul(self.bytes) > limit) =>
            {
                self.at = At::WhoAmI;
                Syscall::GetPid
            }
            (At::Limit, _) => {
                self.at = At::When;
                Syscall::Now
            }
            (At::WhoAmI, answer) => {
                self.at = At::Killed;
                let pid = if let Answer::Pid(pid) = answer { pid } else { Pid(1) };
                Syscall::Kill { which: Which::Pid(pid), signal: Signal::Kill }
            }
            (At::When, Answer::Time(now)) => {
                self.at = At::Busy;
                let end = self.timeout.map_or(Time::from_micros(u64::MAX), |timeout| now + timeout);
                Syscall::SleepUntil(end)
            }
            (At::Busy, Answer::Done) => {
                self.at = At::Over;
                let seconds = self.timeout.unwrap_or_default().as_secs();
                let text = format!("stress: info: [1] successful run completed in {seconds}s\n");
                Syscall::Write { fd: 1, bytes: Bytes::from(text.as_bytes()) }
            }
            (At::Over, _) => Syscall::Exit(0),
            _ => Syscall::Exit(1),
        }
    }
}

/// `250M`, `1G`, `10s`, `2m`: bytes, or seconds.
fn amount(text: &str) -> u64 {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: u64 = digits.parse().unwrap_or(0);
    let unit = match &text[digits.len()..] {
        "K" | "k" => 1 << 10,
        "M" => 1 << 20,
        "G" | "g" => 1 << 30,
        "m" => 60,
        "h" => 3600,
        _ => 1,
    };
    number.saturating_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_units() {
        for (text, expect) in [("250M", 250 << 20), ("1G", 1 << 30), ("10s", 10), ("2m", 120), ("7", 7), ("x", 0)] {
            assert_eq!(amount(text), expect, "{text}");
        }
    }
}
