//! Archives as `tar` reads and writes them, for `kubectl cp`.

// Models go/src/archive/tar (ustar)

const BLOCK: usize = 512;

/// A file or directory in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Relative, without `/` at the end.
    pub name: String,
    pub mode: u16,
    pub content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    File(Vec<u8>),
    Directory,
    Link(String),
}

/// Writes an archive.
pub(crate) fn write(entries: &[Entry]) -> Vec<u8> {
    let mut archive = Vec::new();
    for entry in entries {
        let (kind, link, bytes): (u8, &str, &[u8]) = match &entry.content {
            Content::File(bytes) => (b'0', "", bytes),
            Content::Directory => (b'5', "", &[]),
            Content::Link(target) => (b'2', target, &[]),
        };
        let mut header = [0u8; BLOCK];
        let slash = if kind == b'5' { "/" } else { "" };
        put(&mut header, 0, 100, &format!("{}{slash}", entry.name));
        put(&mut header, 100, 8, &format!("{:07o}", entry.mode));
        put(&mut header, 108, 8, "0000000");
        put(&mut header, 116, 8, "0000000");
        put(&mut header, 124, 12, &format!("{:011o}", bytes.len()));
        put(&mut header, 136, 12, "00000000000");
        header[156] = kind;
        put(&mut header, 157, 100, link);
        put(&mut header, 257, 8, "ustar\u{0}00");
        put(&mut header, 148, 8, "        ");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        put(&mut header, 148, 8, &format!("{sum:06o}\u{0} "));
        archive.extend_from_slice(&header);
        archive.extend_from_slice(bytes);
        archive.resize(archive.len().next_multiple_of(BLOCK), 0);
    }
    archive.resize(archive.len() + 2 * BLOCK, 0);
    archive
}

fn put(header: &mut [u8; BLOCK], at: usize, room: usize, text: &str) {
    let bytes = &text.as_bytes()[..text.len().min(room)];
    header[at..at + bytes.len()].copy_from_slice(bytes);
}

/// Reads an archive; what is cut off or broken ends it.
pub(crate) fn read(archive: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut rest = archive;
    while rest.len() >= BLOCK && rest[..BLOCK].iter().any(|byte| *byte != 0) {
        let (header, after) = rest.split_at(BLOCK);
        let size = usize::from_str_radix(&text(&header[124..136]), 8).unwrap_or_default().min(after.len());
        let prefix = if header[257..262] == *b"ustar" { text(&header[345..500]) } else { String::new() };
        let name = text(&header[..100]);
        let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let content = match header[156] {
            b'5' => Content::Directory,
            b'2' => Content::Link(text(&header[157..257])),
            _ => Content::File(after[..size].to_vec()),
        };
        let mode = u16::from_str_radix(&text(&header[100..108]), 8).unwrap_or(0o644) & 0o777;
        entries.push(Entry { name: name.trim_end_matches('/').to_owned(), mode, content });
        rest = after.get(size.next_multiple_of(BLOCK)..).unwrap_or_default();
    }
    entries
}

/// A field of the header without its padding.
fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let entry = |name: &str, content| Entry { name: name.into(), mode: 0o640, content };
        let entries = vec![
            entry("a", Content::Directory),
            entry("a/f.txt", Content::File(vec![7; 700])),
            entry("a/l", Content::Link("f.txt".into())),
        ];
        let archive = write(&entries);
        assert_eq!(archive.len(), BLOCK * 7);
        assert_eq!(read(&archive), entries);
    }

    #[test]
    fn an_archive_that_was_cut_off() {
        let whole = write(&[Entry { name: "f".into(), mode: 0o644, content: Content::File(vec![1; 600]) }]);
        assert_eq!(read(&whole[..BLOCK + 10]).len(), 1);
        assert_eq!(read(&whole[..100]), []);
    }
}
