//! `ls`

use ecow::EcoString;
use podyard_kernel::{Answer, Errno, FileKind, Metadata, Syscall};
use podyard_sim::Time;

use super::super::Flavour;
use super::super::opts::{Opts, Spec};
use super::Env;

const SPEC: Spec = Spec {
    name: "ls",
    short: "1aAbBcCdfFgGhHiklLmnNopqQrRsStuUvwxXZ",
    long: &[
        ("all", 'a'),
        ("almost-all", 'A'),
        ("classify", 'F'),
        ("color", 'K'),
        ("directory", 'd'),
        ("full-time", 'T'),
        ("human-readable", 'h'),
        ("inode", 'i'),
        ("recursive", 'R'),
        ("reverse", 'r'),
        ("size", 's'),
        ("sort", 'O'),
    ],
    usage: "ls [OPTION]... [FILE]...",
    status: 2,
};

/// A file to be listed.
struct Item {
    name: EcoString,
    file: Metadata,
    /// Where a symbolic link leads.
    target: Option<EcoString>,
}

pub(super) async fn ls(env: &Env) -> u8 {
    let opts = match env.opts(&SPEC).await {
        Ok(opts) => opts,
        Err(status) => return status,
    };
    let columns = columns(env, &opts).await;
    let mut status = 0;
    let (mut files, mut directories) = (Vec::new(), Vec::new());
    let args = if opts.args.is_empty() { vec![EcoString::from(".")] } else { opts.args.clone() };
    for name in &args {
        match stat(env, name, !opts.has('l')).await {
            Err(errno) => {
                status = if env.flavour == Flavour::Gnu { 2 } else { 1 };
                match env.flavour {
                    Flavour::Gnu => env.complain(format!("cannot access '{name}': {errno}")).await,
                    Flavour::Busybox => env.complain(format!("{name}: {errno}")).await,
                }
            }
            Ok(file) if file.kind == FileKind::Directory && !opts.has('d') => directories.push(name.clone()),
            Ok(file) => files.push(item(env, "", name.clone(), file).await),
        }
    }
    sort(&mut files, &opts);
    let several = args.len() > 1 || opts.has('R');
    let mut out = list(env, &files, &opts, columns, false).await;
    directories.sort();
    let mut first = files.is_empty();
    while !directories.is_empty() {
        let name = directories.remove(0);
        let items = match read(env, &name, &opts).await {
            Ok(items) => items,
            Err(errno) => {
                env.sys.print(std::mem::take(&mut out)).await;
                env.complain(format!("cannot open directory '{name}': {errno}")).await;
                status = 2;
                continue;
            }
        };
        if !std::mem::replace(&mut first, false) {
            out.push('\n');
        }
        if several {
            out.push_str(&format!("{name}:\n"));
        }
        out.push_str(&list(env, &items, &opts, columns, true).await);
        if opts.has('R') {
            let below = items
                .iter()
                .filter(|item| item.file.kind == FileKind::Directory && !matches!(item.name.as_str(), "." | ".."))
                .map(|item| EcoString::from(format!("{}/{}", name.trim_end_matches('/'), item.name)));
            directories.splice(0..0, below.collect::<Vec<_>>());
        }
    }
    env.sys.print(out).await;
    status
}

async fn stat(env: &Env, path: &str, follow: bool) -> Result<Metadata, Errno> {
    match env.sys.call(Syscall::Stat { path: path.into(), follow }).await {
        Answer::Metadata(file) => Ok(file),
        Answer::Error(_) if follow => Box::pin(stat(env, path, false)).await,
        Answer::Error(errno) => Err(errno),
        _ => Err(Errno::Io),
    }
}

async fn item(env: &Env, dir: &str, name: EcoString, file: Metadata) -> Item {
    let mut target = None;
    if file.kind == FileKind::Symlink {
        let path = if dir.is_empty() { name.clone() } else { format!("{dir}/{name}").into() };
        if let Answer::Text(text) = env.sys.call(Syscall::ReadLink(path)).await {
            target = Some(text);
        }
    }
    Item { name, file, target }
}

async fn read(env: &Env, dir: &str, opts: &Opts) -> Result<Vec<Item>, Errno> {
    let entries = match env.sys.call(Syscall::ReadDir(dir.into())).await {
        Answer::Entries(entries) => entries,
        Answer::Error(errno) => return Err(errno),
        _ => return Err(Errno::Io),
    };
    let mut items = Vec::new();
    if opts.has('a') && !opts.has('A') {
        for name in [".", ".."] {
            if let Ok(file) = stat(env, &format!("{dir}/{name}"), true).await {
                items.push(Item { name: name.into(), file, target: None });
            }
        }
    }
    for (name, file) in entries {
        if !name.starts_with('.') || opts.has('a') || opts.has('A') {
            items.push(item(env, dir, name, file).await);
        }
    }
    sort(&mut items, opts);
    Ok(items)
}

/// As in the C locale: by byte.
fn sort(items: &mut [Item], opts: &Opts) {
    if opts.has('U') || opts.has('f') {
        return;
    }
    items.sort_by(|a, b| a.name.cmp(&b.name));
    if opts.has('t') {
        items.sort_by_key(|item| std::cmp::Reverse(item.file.modified));
    } else if opts.has('S') {
        items.sort_by_key(|item| std::cmp::Reverse(item.file.size));
    }
    if opts.has('r') {
        items.reverse();
    }
}

/// How wide the screen is, if names are to stand in columns.
async fn columns(env: &Env, opts: &Opts) -> Option<usize> {
    if opts.has('1') || opts.has('l') || opts.has('n') || opts.has('o') || opts.has('g') {
        return None;
    }
    if !env.sys.is_terminal(1).await && !opts.has('C') {
        return None;
    }
    match env.sys.call(Syscall::TerminalSize).await {
        Answer::Size { columns, .. } => Some(usize::from(columns).max(1)),
        _ => Some(80),
    }
}

async fn list(env: &Env, items: &[Item], opts: &Opts, columns: Option<usize>, is_directory: bool) -> String {
    if opts.has('l') || opts.has('n') || opts.has('o') || opts.has('g') {
        return long(env, items, opts, is_directory).await;
    }
    let shown: Vec<String> = items.iter().map(|item| format!("{}{}", item.name, suffix(&item.file, opts))).collect();
    match columns {
        Some(width) => in_columns(&shown, width),
        None => shown.iter().map(|name| format!("{name}\n")).collect(),
    }
}

fn suffix(file: &Metadata, opts: &Opts) -> &'static str {
    match file.kind {
        FileKind::Directory if opts.has('F') || opts.has('p') => "/",
        FileKind::Symlink if opts.has('F') => "@",
        FileKind::File | FileKind::Program if opts.has('F') && file.mode & 0o111 != 0 => "*",
        _ => "",
    }
}

/// As many columns as fit, filled downwards.
fn in_columns(names: &[String], width: usize) -> String {
    if names.is_empty() {
        return String::new();
    }
    let length = |name: &String| name.chars().count();
    let most = names.len();
    for rows in 1..=most {
        let widths: Vec<usize> =
            names.chunks(rows).map(|column| column.iter().map(length).max().unwrap_or(0)).collect();
        let total: usize = widths.iter().sum::<usize>() + 2 * (widths.len() - 1);
        if total > width && rows < most {
            continue;
        }
        let mut out = String::new();
        for row in 0..rows {
            let mut line = String::new();
            for (column, name) in names.iter().skip(row).step_by(rows).enumerate() {
                line.push_str(name);
                let is_last = row + (column + 1) * rows >= names.len();
                if !is_last {
                    line.push_str(&" ".repeat(widths[column] - length(name) + 2));
                }
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        return out;
    }
    String::new()
}

async fn long(env: &Env, items: &[Item], opts: &Opts, is_directory: bool) -> String {
    let now = env.sys.now().await;
    let mut rows = Vec::new();
    let mut blocks = 0;
    for item in items {
        blocks += item.file.size.div_ceil(4096) * 4;
        let owner = |id: u32| if id == 0 && !opts.has('n') { "root".to_string() } else { id.to_string() };
        let links = if item.file.kind == FileKind::Directory { 2 } else { 1 };
        let target = item.target.as_ref().map(|target| format!(" -> {target}")).unwrap_or_default();
        rows.push([
            permissions(&item.file),
            links.to_string(),
            owner(item.file.uid),
            owner(item.file.gid),
            if opts.has('h') { human(item.file.size) } else { item.file.size.to_string() },
            moment(item.file.modified, now, opts.has('T')),
            format!("{}{}{target}", item.name, suffix(&item.file, opts)),
        ]);
    }
    let width = |at: usize| rows.iter().map(|row| row[at].len()).max().unwrap_or(0);
    let (links, user, group, size) = (width(1), width(2), width(3), width(4));
    let mut out = if is_directory { format!("total {blocks}\n") } else { String::new() };
    for row in &rows {
        let [mode, link, owner, owners, bytes, time, name] = row;
        out.push_str(&format!("{mode} {link:>links$} "));
        if !opts.has('g') {
            out.push_str(&format!("{owner:<user$} "));
        }
        if !opts.has('o') {
            out.push_str(&format!("{owners:<group$} "));
        }
        out.push_str(&format!("{bytes:>size$} {time} {name}\n"));
    }
    out
}

/// `drwxr-xr-x`
pub(super) fn permissions(file: &Metadata) -> String {
    let mut out = String::from(match file.kind {
        FileKind::Directory => "d",
        FileKind::Symlink => "l",
        FileKind::Device => "c",
        FileKind::File | FileKind::Program => "-",
    });
    let mode = if file.kind == FileKind::Symlink { 0o777 } else { file.mode };
    for shift in [6, 3, 0] {
        let bits = mode >> shift;
        out.push(if bits & 4 != 0 { 'r' } else { '-' });
        out.push(if bits & 2 != 0 { 'w' } else { '-' });
        let sticky = shift == 0 && mode & 0o1000 != 0;
        out.push(match (bits & 1 != 0, sticky) {
            (true, false) => 'x',
            (false, false) => '-',
            (true, true) => 't',
            (false, true) => 'T',
        });
    }
    out
}

/// `1.5K`
pub(super) fn human(bytes: u64) -> String {
    if bytes < 1024 {
        return bytes.to_string();
    }
    let mut value = bytes as f64;
    let mut unit = ' ';
    for next in ['K', 'M', 'G', 'T'] {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    if value < 10.0 {
        format!("{:.1}{unit}", (value * 10.0).ceil() / 10.0)
    } else {
        format!("{:.0}{unit}", value.ceil())
    }
}

/// `Nov 22 15:17`, or with the year where it is long ago.
fn moment(time: Time, now: Time, full: bool) -> String {
    let (year, month, day, hour, minute, second) = time.parts();
    if full {
        return format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.000000000 +0000");
    }
    let text = time.unix_date();
    let month = text.get(4..7).unwrap_or_default();
    if now.since(time).as_secs() > 15_778_476 || time > now {
        format!("{month} {day:>2}  {year:>4}")
    } else {
        format!("{month} {day:>2} {hour:02}:{minute:02}")
    }
}
