//! Keys and contents from `--from-literal`, `--from-file` and `--from-env-file`.

// Models staging/src/k8s.io/kubectl/pkg/util/{util,hash}.go and staging/src/k8s.io/kubectl/pkg/util/env_file.go

use ecow::EcoString;
use podyard_api::names;
use podyard_kernel::{Answer, FileKind, Syscall};

use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;
use crate::resource::q;

/// For configmaps and secrets alike.
pub(super) const FROM_ENV_FILE: Flag =
    Flag::slice("from-env-file", "Specify the path to a file to read lines of key=val pairs to create a configmap.");

pub(super) const APPEND_HASH: Flag = Flag::bool("append-hash", "Append a hash of the configmap to its name.");

/// One entry.
pub(super) struct Entry {
    pub key: EcoString,
    pub bytes: Vec<u8>,
    /// It comes from an env file, about which messages differ.
    pub from_env: bool,
}

/// All entries: literals, then files, then env files.
pub(super) async fn entries(ctx: &Ctx) -> Outcome<Vec<Entry>> {
    let flags = &ctx.flags;
    let (literals, files, env_files) =
        (flags.list("from-literal"), flags.list("from-file"), flags.list("from-env-file"));
    let others = !literals.is_empty() || !files.is_empty();
    if others && !env_files.is_empty() {
        return Err("from-env-file cannot be combined with from-file or from-literal".into());
    }
    let mut entries = Vec::new();
    for literal in &literals {
        let Some((key, text)) = literal.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(Failure::Text(format!("invalid literal source {literal}, expected key=value")));
        };
        let text = text.trim_matches(['"', '\'']);
        entries.push(Entry { key: key.into(), bytes: text.into(), from_env: false });
    }
    for file in &files {
        from_file(ctx, file, &mut entries).await?;
    }
    for file in &env_files {
        from_env_file(ctx, file, &mut entries).await?;
    }
    Ok(entries)
}

async fn from_file(ctx: &Ctx, source: &str, entries: &mut Vec<Entry>) -> Outcome {
    let parts: Vec<&str> = source.split('=').collect();
    let (key, path) = match parts[..] {
        [path] => (None, path),
        ["", path] => return Err(Failure::Text(format!("key name for file path {path} missing"))),
        [key, ""] => return Err(Failure::Text(format!("file path for key name {key} missing"))),
        [key, path] => (Some(key), path),
        _ => return Err("key names or file paths cannot contain '='".into()),
    };
    let kind = match ctx.sys.call(Syscall::Stat { path: path.into(), follow: true }).await {
        Answer::Metadata(metadata) => metadata.kind,
        Answer::Error(errno) => {
            return Err(Failure::Text(format!("error reading {path}: {}", errno.to_string().to_lowercase())));
        }
        _ => return Err(Failure::Text(format!("error reading {path}"))),
    };
    if kind != FileKind::Directory {
        let name = key.unwrap_or_else(|| path.rsplit('/').next().unwrap_or(path));
        let bytes = read(ctx, path).await?;
        entries.push(Entry { key: name.into(), bytes, from_env: false });
        return Ok(());
    }
    if key.is_some() {
        return Err("cannot give a key name for a directory path".into());
    }
    let directory = path.trim_end_matches('/');
    if let Answer::Entries(files) = ctx.sys.call(Syscall::ReadDir(directory.into())).await {
        for (name, metadata) in files {
            if metadata.kind == FileKind::File {
                let bytes = read(ctx, &format!("{directory}/{name}")).await?;
                entries.push(Entry { key: name, bytes, from_env: false });
            }
        }
    }
    Ok(())
}

/// A whole file.
pub(super) async fn read(ctx: &Ctx, path: &str) -> Outcome<Vec<u8>> {
    ctx.sys
        .read_file(path)
        .await
        .map_err(|errno| Failure::Text(format!("open {path}: {}", errno.to_string().to_lowercase())))
}

async fn from_env_file(ctx: &Ctx, path: &str, entries: &mut Vec<Entry>) -> Outcome {
    let kind = ctx.sys.call(Syscall::Stat { path: path.into(), follow: true }).await;
    match kind {
        Answer::Metadata(metadata) if metadata.kind == FileKind::Directory => {
            return Err("env secret file cannot be a directory".into());
        }
        Answer::Error(errno) => {
            return Err(Failure::Text(format!("error reading {path}: {}", errno.to_string().to_lowercase())));
        }
        _ => {}
    }
    let bytes = read(ctx, path).await?;
    let text = String::from_utf8_lossy(&bytes);
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, given) = line.split_once('=').map_or((line, None), |(key, text)| (key, Some(text)));
        let problems = names::env_file_name(key);
        if !problems.is_empty() {
            return Err(Failure::Text(format!("{} is not a valid key name: {}", q(key), problems.join(";"))));
        }
        // A name without `=` takes its value from the environment.
        let text = given.or_else(|| ctx.env.var(key)).unwrap_or_default();
        entries.push(Entry { key: key.into(), bytes: text.into(), from_env: true });
    }
    Ok(())
}
