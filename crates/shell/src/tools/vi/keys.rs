//! Bytes to keys. A key is a character; those without one are from Unicode's private area.

pub(super) const UP: char = '\u{e000}';
pub(super) const DOWN: char = '\u{e001}';
pub(super) const LEFT: char = '\u{e002}';
pub(super) const RIGHT: char = '\u{e003}';
pub(super) const HOME: char = '\u{e004}';
pub(super) const END: char = '\u{e005}';
pub(super) const PAGE_UP: char = '\u{e006}';
pub(super) const PAGE_DOWN: char = '\u{e007}';
pub(super) const DELETE: char = '\u{e008}';

pub(super) const ESCAPE: char = '\x1b';
pub(super) const BACKSPACE: char = '\x7f';

/// The character that goes with the control key and a letter.
pub(super) const fn control(letter: u8) -> char {
    (letter & 0x1f) as char
}

/// Takes a key off the front: how many bytes it took, and which it was if it is known; `None` if more must come.
pub(super) fn decode(bytes: &[u8]) -> Option<(usize, Option<char>)> {
    let first = *bytes.first()?;
    if first == 0x1b && bytes.get(1) == Some(&b'[') {
        let end = 2 + bytes[2..].iter().position(|byte| (0x40..=0x7e).contains(byte))?;
        let inner = std::str::from_utf8(&bytes[2..end]).unwrap_or_default();
        let key = match (bytes[end], inner) {
            (b'A', _) => Some(UP),
            (b'B', _) => Some(DOWN),
            (b'C', _) => Some(RIGHT),
            (b'D', _) => Some(LEFT),
            (b'H', _) | (b'~', "1" | "7") => Some(HOME),
            (b'F', _) | (b'~', "4" | "8") => Some(END),
            (b'~', "3") => Some(DELETE),
            (b'~', "5") => Some(PAGE_UP),
            (b'~', "6") => Some(PAGE_DOWN),
            _ => None,
        };
        return Some((end + 1, key));
    }
    match first {
        0x08 => Some((1, Some(BACKSPACE))),
        0..0x80 => Some((1, Some(char::from(first)))),
        _ => {
            let length = match first {
                0xc0..0xe0 => 2,
                0xe0..0xf0 => 3,
                0xf0..0xf8 => 4,
                _ => 1,
            };
            let part = bytes.get(..length)?;
            let text = std::str::from_utf8(part).ok().and_then(|text| text.chars().next());
            Some(text.map_or((1, Some('\u{fffd}')), |c| (length, Some(c))))
        }
    }
}
