//! A terminal's line discipline.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::kernel::MachineId;
use crate::{Pid, Signal, TerminalMode};

/// A terminal as data: what was typed and not yet read, what was written and not yet shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Terminal {
    pub mode: TerminalMode,
    pub columns: u16,
    pub rows: u16,
    /// The group that Ctrl-C reaches.
    pub foreground: Option<(MachineId, Pid)>,
    /// Bytes ready to be read.
    ready: VecDeque<u8>,
    /// The line being typed, in canonical mode.
    line: Vec<u8>,
    /// Ctrl-D on an empty line: the next read ends.
    ended: u32,
    output: Vec<u8>,
    /// No program holds it any more: its other side has come to its end.
    pub closed: bool,
}

/// Output that nobody takes is kept up to this; writers wait beyond it.
const MAX_OUTPUT: usize = 256 << 10;
/// The most that can be typed ahead.
const MAX_INPUT: usize = 16 << 20;

impl Default for Terminal {
    fn default() -> Self {
        Self {
            mode: TerminalMode::COOKED,
            columns: 80,
            rows: 24,
            foreground: None,
            ready: VecDeque::new(),
            line: Vec::new(),
            ended: 0,
            output: Vec::new(),
            closed: false,
        }
    }
}

impl Terminal {
    pub(crate) fn new(columns: u16, rows: u16) -> Self {
        Self { columns, rows, ..Self::default() }
    }

    /// Takes one typed byte; answers the signal that it means, if any.
    pub(crate) fn type_byte(&mut self, byte: u8) -> Option<Signal> {
        if self.mode.signals {
            let signal = match byte {
                0x03 => Some((Signal::Interrupt, "^C")),
                0x1c => Some((Signal::Quit, "^\\")),
                0x1a => Some((Signal::TerminalStop, "^Z")),
                _ => None,
            };
            if let Some((signal, text)) = signal {
                self.line.clear();
                self.ready.clear();
                if self.mode.echo {
                    self.output.extend_from_slice(text.as_bytes());
                }
                return Some(signal);
            }
        }
        if self.ready.len() + self.line.len() >= MAX_INPUT {
            return None;
        }
        if self.mode.canonical {
            self.edit(byte)
        } else {
            self.ready.push_back(byte)
        }
        None
    }

    /// Canonical input: whole lines, with erase, kill and end of file.
    fn edit(&mut self, byte: u8) {
        match byte {
            b'\r' | b'\n' => {
                self.line.push(b'\n');
                self.echo(b"\r\n");
                self.ready.extend(self.line.drain(..));
            }
            0x04 if self.line.is_empty() => self.ended += 1,
            0x04 => self.ready.extend(self.line.drain(..)),
            0x7f | 0x08 => {
                self.erase();
            }
            0x15 => while self.erase() {},
            0x17 => {
                while self.line.last() == Some(&b' ') && self.erase() {}
                while self.line.last().is_some_and(|b| *b != b' ') && self.erase() {}
            }
            _ => {
                self.line.push(byte);
                if byte < 0x20 && byte != b'\t' {
                    self.echo(&[b'^', byte + 0x40]);
                } else {
                    self.echo(&[byte]);
                }
            }
        }
    }

    /// Takes the last character back; `false` if there is none.
    fn erase(&mut self) -> bool {
        let Some(mut byte) = self.line.pop() else { return false };
        // The continuation bytes of a character go together with its first.
        while byte & 0xc0 == 0x80 {
            match self.line.pop() {
                Some(previous) => byte = previous,
                None => break,
            }
        }
        let width = if byte < 0x20 && byte != b'\t' { 2 } else { 1 };
        for _ in 0..width {
            self.echo(b"\x08 \x08");
        }
        true
    }

    fn echo(&mut self, bytes: &[u8]) {
        if self.mode.echo {
            self.output.extend_from_slice(bytes);
        }
    }

    /// Changes the line discipline; answers the former one. What was typed of a line can now be read.
    pub(crate) fn set_mode(&mut self, mode: TerminalMode) -> TerminalMode {
        if !mode.canonical {
            self.ready.extend(self.line.drain(..));
        }
        std::mem::replace(&mut self.mode, mode)
    }

    /// Whether a read would not wait.
    pub(crate) fn can_read(&self) -> bool {
        !self.ready.is_empty() || self.ended > 0
    }

    /// What a read gets: in canonical mode one line at the most; empty at the end of input.
    pub(crate) fn read(&mut self, max: usize) -> Option<Vec<u8>> {
        if self.ready.is_empty() {
            self.ended = self.ended.checked_sub(1)?;
            return Some(Vec::new());
        }
        let mut count = self.ready.len().min(max);
        if self.mode.canonical
            && let Some(end) = self.ready.iter().take(count).position(|b| *b == b'\n')
        {
            count = end + 1;
        }
        Some(self.ready.drain(..count).collect())
    }

    /// Whether there is room for output.
    pub(crate) fn can_write(&self) -> bool {
        self.output.len() < MAX_OUTPUT
    }

    /// Writes for the screen.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        if !self.mode.newlines {
            self.output.extend_from_slice(bytes);
            return;
        }
        for byte in bytes {
            if *byte == b'\n' {
                self.output.push(b'\r');
            }
            self.output.push(*byte);
        }
    }

    /// Whether something is to be shown.
    pub(crate) fn has_output(&self) -> bool {
        !self.output.is_empty()
    }

    /// Takes what is to be shown: whole characters only, unless a program writes none.
    pub(crate) fn take_output(&mut self) -> Vec<u8> {
        let whole = match std::str::from_utf8(&self.output) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => self.output.len(),
        };
        let rest = self.output.split_off(whole);
        std::mem::replace(&mut self.output, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Types `input`; answers what programs read, then what the screen shows.
    fn check(mode: TerminalMode, input: &str, read: &[&str], shown: &str) {
        let mut terminal = Terminal { mode, ..Terminal::default() };
        for byte in input.bytes() {
            terminal.type_byte(byte);
        }
        let mut got = Vec::new();
        while terminal.can_read() {
            got.push(String::from_utf8(terminal.read(100).unwrap()).unwrap());
        }
        assert_eq!(got, read);
        assert_eq!(String::from_utf8(terminal.take_output()).unwrap(), shown);
    }

    #[test]
    fn cooked_input_is_edited_and_comes_by_lines() {
        check(TerminalMode::COOKED, "ab\x7fc\rd\r", &["ac\n", "d\n"], "ab\x08 \x08c\r\nd\r\n");
        check(TerminalMode::COOKED, "one two\x17\x15x\r\x04", &["x\n", ""], &{
            let back = "\x08 \x08";
            format!("one two{}{}x\r\n", back.repeat(3), back.repeat(4))
        });
        check(TerminalMode::COOKED, "é\x7fe\r", &["e\n"], "é\x08 \x08e\r\n");
    }

    #[test]
    fn raw_input_goes_through() {
        check(TerminalMode::RAW, "a\x03\r", &["a\x03\r"], "");
    }

    #[test]
    fn control_c_is_a_signal_and_drops_the_line() {
        let mut terminal = Terminal::default();
        terminal.type_byte(b'x');
        assert_eq!(terminal.type_byte(3), Some(Signal::Interrupt));
        assert!(!terminal.can_read());
    }
}
