//! `diff`

use ecow::EcoString;
use podyard_kernel::{Answer, FileKind, Syscall};

use super::super::opts::{Opts, Spec};
use super::Env;

const SPEC: Spec = Spec {
    name: "diff",
    short: "abBdiNpqrstTuU:wy",
    long: &[
        ("brief", 'q'),
        ("ignore-case", 'i'),
        ("ignore-all-space", 'w'),
        ("ignore-space-change", 'b'),
        ("new-file", 'N'),
        ("recursive", 'r'),
        ("report-identical-files", 's'),
        ("unified", 'u'),
        ("color", 'K'),
        ("label=", 'L'),
    ],
    usage: "diff [OPTION]... FILES",
    status: 2,
};

/// Work that one comparison may take before it settles for a coarser answer.
const MAX_COST: usize = 20_000_000;

/// Lines that differ: (from, to) in the first and in the second file, ends excluded.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Change {
    a: (usize, usize),
    b: (usize, usize),
}

pub(super) async fn diff(env: &Env) -> u8 {
    let opts = match env.opts(&SPEC).await {
        Ok(opts) => opts,
        Err(status) => return status,
    };
    let [left, right] = opts.args.as_slice() else {
        let text = match opts.args.len() {
            0 => "missing operand after 'diff'".to_string(),
            1 => format!("missing operand after '{}'", opts.args[0]),
            _ => format!("extra operand '{}'", opts.args[2]),
        };
        return env.usage(SPEC.error(text, env.flavour)).await;
    };
    let (entries, others) = (entries(env, left).await, entries(env, right).await);
    match (entries, others) {
        (Some(entries), Some(others)) => directories(env, &opts, (left, &entries), (right, &others)).await,
        _ => files(env, &opts, left, right, "").await,
    }
}

/// The names of the plain files in a directory; `None` if it is none.
async fn entries(env: &Env, path: &str) -> Option<Vec<EcoString>> {
    match env.sys.call(Syscall::ReadDir(path.into())).await {
        Answer::Entries(entries) => {
            let plain = entries.into_iter().filter(|(_, file)| file.kind != FileKind::Directory);
            Some(plain.map(|(name, _)| name).collect())
        }
        _ => None,
    }
}

/// Compares the files of two directories that have the same name.
async fn directories(env: &Env, opts: &Opts, left: (&str, &[EcoString]), right: (&str, &[EcoString])) -> u8 {
    let mut names: Vec<&EcoString> = left.1.iter().chain(right.1).collect();
    names.sort();
    names.dedup();
    let mut status = 0;
    for name in names {
        let missing = [left, right].into_iter().find(|(_, names)| !names.contains(name));
        if let (Some((without, _)), false) = (missing, opts.has('N')) {
            let with = if without == left.0 { right.0 } else { left.0 };
            env.sys.print(format!("Only in {}: {name}\n", with.trim_end_matches('/'))).await;
            status = status.max(1);
            continue;
        }
        let path = |directory: &str| format!("{}/{name}", directory.trim_end_matches('/'));
        let given: String =
            env.args.argv.iter().skip(1).filter(|word| word.starts_with('-')).map(|w| format!("{w} ")).collect();
        let title = format!("diff {given}{} {}\n", path(left.0), path(right.0));
        status = status.max(files(env, opts, &path(left.0), &path(right.0), &title).await);
    }
    status
}

/// Compares two files; `title` comes before differences.
async fn files(env: &Env, opts: &Opts, left: &str, right: &str, title: &str) -> u8 {
    let mut texts = Vec::new();
    let mut headers = Vec::new();
    for (name, other) in [(left, right), (right, left)] {
        let mut name = name.to_string();
        let mut stamp = env.sys.now().await;
        let stat = env.sys.call(Syscall::Stat { path: name.as_str().into(), follow: true }).await;
        if let Answer::Metadata(file) = &stat {
            stamp = file.modified;
            if file.kind == FileKind::Directory {
                name = format!("{}/{}", name.trim_end_matches('/'), other.rsplit('/').next().unwrap_or_default());
            }
        }
        let bytes = match name.as_str() {
            "-" => env.sys.read_all(0).await,
            path => env.sys.read_file(path).await,
        };
        match bytes {
            Ok(bytes) => texts.push(String::from_utf8_lossy(&bytes).into_owned()),
            Err(podyard_kernel::Errno::NoEntry) if opts.has('N') => texts.push(String::new()),
            Err(errno) => {
                env.complain(format!("{name}: {errno}")).await;
                return 2;
            }
        }
        let stamp = stamp.rfc3339_micros().replace('T', " ").replace('Z', "000 +0000");
        headers.push(format!("{name}\t{stamp}"));
    }
    for (at, (_, label)) in opts.flags.iter().filter(|(flag, _)| *flag == 'L').enumerate().take(2) {
        headers[at] = label.to_string();
    }
    let (a, b): (Vec<&str>, Vec<&str>) =
        (texts[0].split_inclusive('\n').collect(), texts[1].split_inclusive('\n').collect());
    let key = |line: &&str| -> String {
        let mut line = if opts.has('i') { line.to_lowercase() } else { (*line).to_string() };
        if opts.has('w') {
            line.retain(|c| !c.is_whitespace());
        } else if opts.has('b') {
            line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        line
    };
    let (keys_a, keys_b): (Vec<String>, Vec<String>) = (a.iter().map(key).collect(), b.iter().map(key).collect());
    let changes = compare(&keys_a, &keys_b);
    if changes.is_empty() {
        if opts.has('s') {
            env.sys.print(format!("Files {left} and {right} are identical\n")).await;
        }
        return 0;
    }
    if opts.has('q') {
        env.sys.print(format!("Files {left} and {right} differ\n")).await;
        return 1;
    }
    let context = match opts.value('U') {
        Some(text) => text.parse().unwrap_or(3),
        None => 3,
    };
    let out = if opts.has('u') || opts.has('U') {
        unified(&a, &b, &changes, &headers, context)
    } else {
        normal(&a, &b, &changes)
    };
    env.sys.print(format!("{title}{out}")).await;
    1
}

/// The changes that make one text of another: Myers' algorithm on what is left between equal ends.
fn compare(a: &[String], b: &[String]) -> Vec<Change> {
    let front = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let back = a[front..].iter().rev().zip(b[front..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[front..a.len() - back], &b[front..b.len() - back]);
    if a.is_empty() && b.is_empty() {
        return Vec::new();
    }
    let whole = || vec![Change { a: (front, front + a.len()), b: (front, front + b.len()) }];
    let Some(pairs) = common(a, b) else { return whole() };
    let mut changes = Vec::new();
    let (mut x, mut y) = (0, 0);
    for (i, j) in pairs.into_iter().chain([(a.len(), b.len())]) {
        if i > x || j > y {
            changes.push(Change { a: (front + x, front + i), b: (front + y, front + j) });
        }
        (x, y) = (i + 1, j + 1);
    }
    changes
}

/// Pairs of equal lines, in order; `None` if that would take too long.
fn common(a: &[String], b: &[String]) -> Option<Vec<(usize, usize)>> {
    let (n, m) = (a.len() as isize, b.len() as isize);
    let most = n + m;
    let mut best = vec![0_isize; (2 * most + 3) as usize];
    let slot = |k: isize| (k + most + 1) as usize;
    let mut history = Vec::new();
    let mut cost = 0;
    for d in 0..=most {
        // What a later walk back needs of this round.
        history.push(best[slot(-d - 1)..=slot(d + 1).min(best.len() - 1)].to_vec());
        cost += (2 * d + 1) as usize;
        if cost > MAX_COST {
            return None;
        }
        for k in (-d..=d).step_by(2) {
            let down = k == -d || k != d && best[slot(k - 1)] < best[slot(k + 1)];
            let mut x = if down { best[slot(k + 1)] } else { best[slot(k - 1)] + 1 };
            let mut y = x - k;
            while x < n && y < m && a[x as usize] == b[y as usize] {
                x += 1;
                y += 1;
            }
            best[slot(k)] = x;
            if x >= n && y >= m {
                return Some(walk_back(&history, (n, m)));
            }
        }
    }
    None
}

fn walk_back(history: &[Vec<isize>], (mut x, mut y): (isize, isize)) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for (d, best) in history.iter().enumerate().rev() {
        let d = d as isize;
        let at = |k: isize| best[(k + d + 1) as usize];
        let k = x - y;
        let down = k == -d || k != d && at(k - 1) < at(k + 1);
        let before = if down { k + 1 } else { k - 1 };
        let (from_x, from_y) = if d == 0 { (0, 0) } else { (at(before), at(before) - before) };
        while x > from_x && y > from_y {
            x -= 1;
            y -= 1;
            pairs.push((x as usize, y as usize));
        }
        (x, y) = (from_x, from_y);
    }
    pairs.reverse();
    pairs
}

fn put(out: &mut String, sign: &str, line: &str) {
    out.push_str(sign);
    out.push_str(line);
    if !line.ends_with('\n') {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

/// `1,2c3`
fn normal(a: &[&str], b: &[&str], changes: &[Change]) -> String {
    let range = |(from, to): (usize, usize)| match to - from {
        0 => from.to_string(),
        1 => to.to_string(),
        _ => format!("{},{to}", from + 1),
    };
    let mut out = String::new();
    for change in changes {
        let letter = match (change.a.0 == change.a.1, change.b.0 == change.b.1) {
            (true, _) => 'a',
            (_, true) => 'd',
            _ => 'c',
        };
        out.push_str(&format!("{}{letter}{}\n", range(change.a), range(change.b)));
        for line in &a[change.a.0..change.a.1] {
            put(&mut out, "< ", line);
        }
        if letter == 'c' {
            out.push_str("---\n");
        }
        for line in &b[change.b.0..change.b.1] {
            put(&mut out, "> ", line);
        }
    }
    out
}

/// Hunks with lines of context around changes.
fn unified(a: &[&str], b: &[&str], changes: &[Change], headers: &[String], context: usize) -> String {
    let mut out = format!("--- {}\n+++ {}\n", headers[0], headers[1]);
    let mut at = 0;
    while at < changes.len() {
        let mut last = at;
        while last + 1 < changes.len() && changes[last + 1].a.0 - changes[last].a.1 <= 2 * context {
            last += 1;
        }
        let hunk = &changes[at..=last];
        let before = hunk[0].a.0.min(context);
        let (from_a, from_b) = (hunk[0].a.0 - before, hunk[0].b.0 - before);
        let after = (a.len() - changes[last].a.1).min(context);
        let (to_a, to_b) = (changes[last].a.1 + after, changes[last].b.1 + after);
        let range = |from: usize, to: usize| match to - from {
            0 => format!("{from},0"),
            1 => (from + 1).to_string(),
            count => format!("{},{count}", from + 1),
        };
        out.push_str(&format!("@@ -{} +{} @@\n", range(from_a, to_a), range(from_b, to_b)));
        let mut line = from_a;
        for change in hunk {
            for same in &a[line..change.a.0] {
                put(&mut out, " ", same);
            }
            for old in &a[change.a.0..change.a.1] {
                put(&mut out, "-", old);
            }
            for new in &b[change.b.0..change.b.1] {
                put(&mut out, "+", new);
            }
            line = change.a.1;
        }
        for same in &a[line..to_a] {
            put(&mut out, " ", same);
        }
        at = last + 1;
    }
    out
}
