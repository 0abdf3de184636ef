//! How many columns characters take.

/// Ranges of characters that take two columns.
const WIDE: [(u32, u32); 16] = [
    (0x1100, 0x115f),
    (0x231a, 0x231b),
    (0x23e9, 0x23ec),
    (0x2614, 0x2615),
    (0x2648, 0x2653),
    (0x26a1, 0x26a1),
    (0x2705, 0x2705),
    (0x2728, 0x2728),
    (0x2e80, 0x303e),
    (0x3041, 0xa4cf),
    (0xac00, 0xd7a3),
    (0xf900, 0xfaff),
    (0xfe30, 0xfe6f),
    (0xff00, 0xff60),
    (0x1f300, 0x1faff),
    (0x20000, 0x3fffd),
];

/// Ranges of characters that take none.
const ZERO: [(u32, u32); 5] =
    [(0x300, 0x36f), (0x200b, 0x200f), (0x20d0, 0x20ff), (0xfe00, 0xfe0f), (0x1f3fb, 0x1f3ff)];

/// The columns of a character; control characters are shown as `^X`.
pub(crate) fn width(c: char) -> usize {
    let code = c as u32;
    let within = |ranges: &[(u32, u32)]| ranges.iter().any(|(from, to)| (*from..=*to).contains(&code));
    match code {
        0..=31 | 127 => 2,
        32..=126 => 1,
        _ if within(&ZERO) => 0,
        _ if within(&WIDE) => 2,
        _ => 1,
    }
}

/// Where a text ends that begins at a column: (rows further, column). Escape sequences take no room.
pub(super) fn walk(text: impl Iterator<Item = char>, from: (usize, usize), columns: usize) -> (usize, usize) {
    let (mut row, mut column) = from;
    let mut text = text.peekable();
    while let Some(c) = text.next() {
        match c {
            '\n' => (row, column) = (row + 1, 0),
            '\r' => column = 0,
            '\x1b' => skip_sequence(&mut text),
            c => {
                let width = width(c);
                if column + width > columns {
                    (row, column) = (row + 1, 0);
                }
                column += width;
            }
        }
    }
    if column >= columns { (row + 1, 0) } else { (row, column) }
}

fn skip_sequence(text: &mut std::iter::Peekable<impl Iterator<Item = char>>) {
    match text.next() {
        Some('[') => while text.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
        Some(']') => while text.next().is_some_and(|c| c != '\x07') {},
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_wrap_and_skip_colours() {
        assert_eq!(walk("abc".chars(), (0, 0), 10), (0, 3));
        assert_eq!(walk("abcde".chars(), (0, 6), 10), (1, 1));
        assert_eq!(walk("abcd".chars(), (0, 6), 10), (1, 0));
        assert_eq!(walk("\x1b[31mab\x1b[0m".chars(), (0, 0), 10), (0, 2));
        assert_eq!(walk("日本".chars(), (0, 0), 3), (1, 2));
    }
}
