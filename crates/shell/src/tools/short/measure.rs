//! `du` and `stat`: how large files are, and what is known of them.

use ecow::EcoString;
use podyard_kernel::{Errno, FileKind, Metadata};

use super::super::Flavour;
use super::super::opts::Spec;
use super::Env;
use super::files::{entries, join, stat_of};
use super::ls::{human, permissions};

const DU: Spec = Spec {
    name: "du",
    short: "abchksx",
    long: &[("summarize", 's'), ("human-readable", 'h'), ("all", 'a'), ("bytes", 'b')],
    usage: "du [OPTION]... [FILE]...",
    status: 1,
};

pub(super) async fn du(env: &Env) -> u8 {
    let opts = opts!(env, DU);
    let roots = if opts.args.is_empty() { vec![EcoString::from(".")] } else { opts.args.clone() };
    let mut status = 0;
    for root in roots {
        let Ok(file) = stat_of(env, &root, false).await else {
            env.complain(format!("cannot access '{root}': {}", Errno::NoEntry)).await;
            status = 1;
            continue;
        };
        // Every file with its size, directories after what is in them.
        let mut all = Vec::new();
        let mut open = vec![(root.clone(), file)];
        while let Some((path, file)) = open.pop() {
            if file.kind == FileKind::Directory {
                let inner = entries(env, &path).await.unwrap_or_default();
                open.extend(inner.into_iter().map(|(name, file)| (join(&path, &name), file)));
            }
            all.push((path, file));
        }
        all.reverse();
        let size = |file: &Metadata| {
            if opts.has('b') { file.size } else { file.size.div_ceil(4096) * 4096 }
        };
        let shown = |bytes: u64| {
            if opts.has('h') {
                human(bytes)
            } else if opts.has('b') {
                bytes.to_string()
            } else {
                (bytes / 1024).to_string()
            }
        };
        let mut out = String::new();
        for (path, file) in &all {
            let is_tree = file.kind == FileKind::Directory;
            let wanted = *path == root || !opts.has('s') && (is_tree || opts.has('a'));
            if wanted {
                let below = format!("{}/", path.trim_end_matches('/'));
                let inside = all.iter().filter(|(other, _)| other == path || other.starts_with(&below));
                let total: u64 = inside.map(|(_, file)| size(file)).sum();
                out.push_str(&format!("{}\t{path}\n", shown(total)));
            }
        }
        env.sys.print(out).await;
    }
    status
}

const STAT: Spec = Spec {
    name: "stat",
    short: "c:Lft",
    long: &[("format=", 'c'), ("dereference", 'L')],
    usage: "stat [OPTION]... FILE...",
    status: 1,
};

pub(super) async fn stat(env: &Env) -> u8 {
    let opts = opts!(env, STAT);
    if opts.args.is_empty() {
        return env.usage(STAT.error("missing operand", env.flavour)).await;
    }
    let mut status = 0;
    for path in &opts.args {
        let file = match stat_of(env, path, opts.has('L')).await {
            Ok(file) => file,
            Err(errno) => {
                match env.flavour {
                    Flavour::Gnu => env.complain(format!("cannot statx '{path}': {errno}")).await,
                    Flavour::Busybox => env.complain(format!("can't stat '{path}': {errno}")).await,
                }
                status = 1;
                continue;
            }
        };
        let kind = match file.kind {
            FileKind::Directory => "directory",
            FileKind::Symlink => "symbolic link",
            FileKind::Device => "character special file",
            FileKind::File if file.size == 0 => "regular empty file",
            FileKind::File | FileKind::Program => "regular file",
        };
        let owner = |id: u32| if id == 0 { "root".to_string() } else { id.to_string() };
        let Some(format) = opts.value('c') else {
            let time = file.modified.rfc3339_micros().replace('T', " ").replace('Z', "000 +0000");
            let (uid, gid) = (owner(file.uid), owner(file.gid));
            env.sys
                .print(format!(
                    "  File: {path}\n  Size: {:<10}\tBlocks: {:<10} IO Block: 4096   {kind}\n\
                     Access: ({:04o}/{})  Uid: ({:>5}/{uid:>8})   Gid: ({:>5}/{gid:>8})\nModify: {time}\n",
                    file.size,
                    file.size.div_ceil(4096) * 8,
                    file.mode,
                    permissions(&file),
                    file.uid,
                    file.gid,
                ))
                .await;
            continue;
        };
        let mut out = String::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            out.push_str(&match chars.next() {
                Some('n') => path.to_string(),
                Some('s') => file.size.to_string(),
                Some('a') => format!("{:o}", file.mode),
                Some('A') => permissions(&file),
                Some('F') => kind.into(),
                Some('u') => file.uid.to_string(),
                Some('g') => file.gid.to_string(),
                Some('U') => owner(file.uid),
                Some('G') => owner(file.gid),
                Some('Y') => file.modified.as_secs().to_string(),
                Some('%') => "%".into(),
                _ => "?".into(),
            });
        }
        env.sys.print(out + "\n").await;
    }
    status
}
