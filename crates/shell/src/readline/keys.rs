//! Bytes to keys.

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Char(char),
    /// With the control key: a lower-case letter, or one of `@[\]^_`.
    Control(char),
    /// With the alt key, or after escape.
    Alt(char),
    Up,
    Down,
    Left,
    Right,
    WordLeft,
    WordRight,
    Home,
    End,
    Delete,
    Backspace,
    AltBackspace,
    PageUp,
    PageDown,
    PasteBegin,
    Unknown,
}

/// Takes a key off the front of the bytes: how many it took, and which it was; `None` if more must come.
pub(super) fn decode(bytes: &[u8]) -> Option<(usize, Key)> {
    let first = *bytes.first()?;
    Some(match first {
        0x1b => return escape(bytes),
        0x7f | 0x08 => (1, Key::Backspace),
        0..=31 => (1, Key::Control(char::from(first + if first == 0 || first > 26 { 64 } else { 96 }))),
        0x20..0x80 => (1, Key::Char(char::from(first))),
        _ => {
            let length = match first {
                0xc0..0xe0 => 2,
                0xe0..0xf0 => 3,
                0xf0..0xf8 => 4,
                _ => 1,
            };
            if bytes.len() < length {
                return None;
            }
            let text = std::str::from_utf8(&bytes[..length]).ok().and_then(|text| text.chars().next());
            text.map_or((1, Key::Char('\u{fffd}')), |c| (length, Key::Char(c)))
        }
    })
}

fn escape(bytes: &[u8]) -> Option<(usize, Key)> {
    match *bytes.get(1)? {
        b'[' => {
            let end = 2 + bytes[2..].iter().position(|byte| (0x40..=0x7e).contains(byte))?;
            let inner = std::str::from_utf8(&bytes[2..end]).unwrap_or_default();
            let has_modifier = inner.contains(';');
            let key = match (bytes[end], inner) {
                (b'A', _) => Key::Up,
                (b'B', _) => Key::Down,
                (b'C', _) if has_modifier => Key::WordRight,
                (b'D', _) if has_modifier => Key::WordLeft,
                (b'C', _) => Key::Right,
                (b'D', _) => Key::Left,
                (b'H', _) | (b'~', "1" | "7") => Key::Home,
                (b'F', _) | (b'~', "4" | "8") => Key::End,
                (b'~', "3") => Key::Delete,
                (b'~', "5") => Key::PageUp,
                (b'~', "6") => Key::PageDown,
                (b'~', "200") => Key::PasteBegin,
                _ => Key::Unknown,
            };
            Some((end + 1, key))
        }
        b'O' => {
            let key = match *bytes.get(2)? {
                b'A' => Key::Up,
                b'B' => Key::Down,
                b'C' => Key::Right,
                b'D' => Key::Left,
                b'H' => Key::Home,
                b'F' => Key::End,
                _ => Key::Unknown,
            };
            Some((3, key))
        }
        0x7f | 0x08 => Some((2, Key::AltBackspace)),
        0x1b => Some((1, Key::Unknown)),
        byte @ 0x20..0x7f => Some((2, Key::Alt(char::from(byte)))),
        _ => Some((2, Key::Unknown)),
    }
}
