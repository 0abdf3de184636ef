//! Which lines differ, in the unified form, found as Python's and Go's `difflib` find it.
// Models vendor/github.com/pmezard/go-difflib/difflib/difflib.go

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

/// How many equal lines are shown around a change.
const AROUND: usize = 3;

/// A stretch of the first text and what stands for it in the second.
#[derive(Clone, Debug)]
struct Piece {
    equal: bool,
    a: Range<usize>,
    b: Range<usize>,
}

/// The hunks without a header; empty if nothing differs.
pub(crate) fn unified(a: &str, b: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split('\n').collect(), b.split('\n').collect());
    let mut out = String::new();
    for hunk in hunks(pieces(&a, &b)) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { continue };
        let (range_a, range_b) = (first.a.start..last.a.end, first.b.start..last.b.end);
        let _ = writeln!(out, "@@ -{} +{} @@", shown(&range_a), shown(&range_b));
        for piece in &hunk {
            if piece.equal {
                lines(&mut out, ' ', &a[piece.a.clone()]);
            } else {
                lines(&mut out, '-', &a[piece.a.clone()]);
                lines(&mut out, '+', &b[piece.b.clone()]);
            }
        }
    }
    out
}

fn lines(out: &mut String, mark: char, lines: &[&str]) {
    for line in lines {
        let _ = writeln!(out, "{mark}{line}");
    }
}

fn shown(range: &Range<usize>) -> String {
    match range.len() {
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        length => format!("{},{length}", range.start + 1),
    }
}

/// Groups changes with the equal lines around them.
fn hunks(mut pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
    if !pieces.iter().any(|piece| !piece.equal) {
        return Vec::new();
    }
    if let Some(first) = pieces.first_mut().filter(|piece| piece.equal) {
        first.a.start = first.a.start.max(first.a.end.saturating_sub(AROUND));
        first.b.start = first.b.start.max(first.b.end.saturating_sub(AROUND));
    }
    if let Some(last) = pieces.last_mut().filter(|piece| piece.equal) {
        last.a.end = last.a.end.min(last.a.start + AROUND);
        last.b.end = last.b.end.min(last.b.start + AROUND);
    }
    let mut hunks = Vec::new();
    let mut hunk: Vec<Piece> = Vec::new();
    for piece in pieces {
        if piece.equal && piece.a.len() > 2 * AROUND {
            let end = Piece {
                equal: true,
                a: piece.a.start..piece.a.start + AROUND,
                b: piece.b.start..piece.b.start + AROUND,
            };
            hunk.push(end);
            hunks.push(std::mem::take(&mut hunk));
            let start =
                Piece { equal: true, a: piece.a.end - AROUND..piece.a.end, b: piece.b.end - AROUND..piece.b.end };
            hunk.push(start);
        } else {
            hunk.push(piece);
        }
    }
    if hunk.iter().any(|piece| !piece.equal) {
        hunks.push(hunk);
    }
    hunks
}

fn pieces(a: &[&str], b: &[&str]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut i, mut j) = (0, 0);
    for (at, bt, size) in matches(a, b).into_iter().chain([(a.len(), b.len(), 0)]) {
        if i < at || j < bt {
            pieces.push(Piece { equal: false, a: i..at, b: j..bt });
        }
        if size > 0 {
            match pieces.last_mut().filter(|last| last.equal) {
                Some(last) => (last.a.end, last.b.end) = (at + size, bt + size),
                None => pieces.push(Piece { equal: true, a: at..at + size, b: bt..bt + size }),
            }
        }
        (i, j) = (at + size, bt + size);
    }
    pieces
}

/// The equal stretches in order: (start in a, start in b, length).
fn matches(a: &[&str], b: &[&str]) -> Vec<(usize, usize, usize)> {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (j, line) in b.iter().enumerate() {
        places.entry(line).or_default().push(j);
    }
    // Lines that are everywhere in a long text say nothing of where it belongs.
    if b.len() >= 200 {
        places.retain(|_, at| at.len() <= b.len() / 100 + 1);
    }
    let mut found = Vec::new();
    let mut todo = vec![(0..a.len(), 0..b.len())];
    while let Some((range_a, range_b)) = todo.pop() {
        let (i, j, size) = longest(a, b, &places, &range_a, &range_b);
        if size == 0 {
            continue;
        }
        todo.push((range_a.start..i, range_b.start..j));
        todo.push((i + size..range_a.end, j + size..range_b.end));
        found.push((i, j, size));
    }
    found.sort_unstable();
    found
}

fn longest(
    a: &[&str],
    b: &[&str],
    places: &BTreeMap<&str, Vec<usize>>,
    range_a: &Range<usize>,
    range_b: &Range<usize>,
) -> (usize, usize, usize) {
    let (mut best_i, mut best_j, mut best) = (range_a.start, range_b.start, 0);
    let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
    for i in range_a.clone() {
        let mut next = BTreeMap::new();
        for &j in places.get(a[i]).into_iter().flatten().filter(|j| range_b.contains(j)) {
            let length = j.checked_sub(1).and_then(|j| lengths.get(&j)).copied().unwrap_or_default() + 1;
            next.insert(j, length);
            if length > best {
                (best_i, best_j, best) = (i + 1 - length, j + 1 - length, length);
            }
        }
        lengths = next;
    }
    // Grow over the lines that were left out for being everywhere.
    while best_i > range_a.start && best_j > range_b.start && a[best_i - 1] == b[best_j - 1] {
        (best_i, best_j, best) = (best_i - 1, best_j - 1, best + 1);
    }
    while best_i + best < range_a.end && best_j + best < range_b.end && a[best_i + best] == b[best_j + best] {
        best += 1;
    }
    (best_i, best_j, best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expect: &str) {
        assert_eq!(unified(&a.replace(' ', "\n"), &b.replace(' ', "\n")), expect);
    }

    #[test]
    fn hunks_have_three_lines_around() {
        check("a b c", "a b c", "");
        check("1 2 3 4 5 6 7 8 9", "1 2 3 4 x 6 7 8 9", "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n");
        check("a b", "a n b", "@@ -1,2 +1,3 @@\n a\n+n\n b\n");
    }
}
