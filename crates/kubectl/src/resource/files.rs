//! Manifests: from paths to documents to objects.

// Models staging/src/k8s.io/cli-runtime/pkg/resource/visitor.go (ExpandPathsToFileVisitors, StreamVisitor)

use ecow::EcoString;
use podyard_api::{Value, json, yaml};
use podyard_kernel::{Answer, Errno, FileKind, Syscall};

use super::q;
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};

const EXTENSIONS: [&str; 3] = [".json", ".yaml", ".yml"];

/// The files that the `-f` arguments name: directories are listed, `-` and URLs stay.
pub(super) async fn expand(ctx: &Ctx, arguments: &[EcoString], recursive: bool) -> Outcome<Vec<EcoString>> {
    let mut paths = Vec::new();
    for argument in arguments {
        if argument == "-" || is_url(argument) {
            paths.push(argument.clone());
            continue;
        }
        match kind(ctx, argument).await {
            Err(Errno::NoEntry) => return Err(Failure::Text(format!("the path {} does not exist", q(argument)))),
            Err(errno) => {
                let why = errno.to_string().to_lowercase();
                return Err(Failure::Text(format!(
                    "the path {} cannot be accessed: stat {argument}: {why}",
                    q(argument)
                )));
            }
            Ok(FileKind::Directory) => {
                let found = list(ctx, argument.trim_end_matches('/'), recursive).await;
                if found.is_empty() {
                    return Err(Failure::Text(format!(
                        "error reading [{argument}]: recognized file extensions are [.json .yaml .yml]"
                    )));
                }
                paths.extend(found);
            }
            Ok(_) => paths.push(argument.clone()),
        }
    }
    Ok(paths)
}

fn is_url(path: &str) -> bool {
    path.starts_with("http://") || path.starts_with("https://")
}

async fn kind(ctx: &Ctx, path: &str) -> Result<FileKind, Errno> {
    match ctx.sys.call(Syscall::Stat { path: path.into(), follow: true }).await {
        Answer::Metadata(metadata) => Ok(metadata.kind),
        Answer::Error(errno) => Err(errno),
        _ => Err(Errno::Io),
    }
}

/// The manifests of a directory, by name; those of its directories too if `recursive`.
async fn list(ctx: &Ctx, directory: &str, recursive: bool) -> Vec<EcoString> {
    let mut found = Vec::new();
    let mut pending = vec![EcoString::from(directory)];
    while let Some(path) = pending.pop() {
        if kind(ctx, &path).await != Ok(FileKind::Directory) {
            found.push(path);
            continue;
        }
        let Answer::Entries(entries) = ctx.sys.call(Syscall::ReadDir(path.clone())).await else {
            continue;
        };
        for (name, metadata) in entries.into_iter().rev() {
            let is_directory = metadata.kind == FileKind::Directory;
            if (is_directory && recursive) || (!is_directory && EXTENSIONS.iter().any(|end| name.ends_with(end))) {
                pending.push(ecow::eco_format!("{path}/{name}"));
            }
        }
    }
    found
}

/// The objects of a file, `-` or URL, and what stopped the reading, if anything did.
pub(crate) async fn documents(ctx: &Ctx, path: &str) -> (Vec<Value>, Option<Failure>) {
    if is_url(path) {
        return (Vec::new(), Some(Failure::Text(format!("reading manifests from {} is not simulated", q(path)))));
    }
    let read = if path == "-" { ctx.sys.read_all(0).await } else { ctx.sys.read_file(path).await };
    match read {
        Ok(bytes) => {
            let source = if path == "-" { "STDIN" } else { path };
            parse_documents(&String::from_utf8_lossy(&bytes), source)
        }
        Err(errno) => {
            let why = errno.to_string().to_lowercase();
            (Vec::new(), Some(Failure::Text(format!("open {path}: {why}"))))
        }
    }
}

/// The objects of a manifest's text, and what stopped the reading, if anything did.
// Models staging/src/k8s.io/apimachinery/pkg/util/yaml/decoder.go YAMLOrJSONDecoder
pub(crate) fn parse_documents(text: &str, source: &str) -> (Vec<Value>, Option<Failure>) {
    let failed = |why: String| Some(Failure::Text(format!("error parsing {source}: {why}")));
    let mut objects = Vec::new();
    let mut rest = text.trim_start();
    while rest.starts_with('{') {
        match json::parse_prefix(rest) {
            Ok((object, taken)) => {
                objects.push(object);
                rest = rest[taken..].trim_start();
            }
            // What only looks like JSON may be YAML.
            Err(_) if objects.is_empty() => break,
            Err(error) => return (objects, failed(error.to_string())),
        }
    }
    if !objects.is_empty() && rest.is_empty() {
        return (objects, None);
    }
    for document in yaml::documents(rest) {
        match yaml::parse(document.text) {
            Ok(value) if value.is_null() => {}
            Ok(value) => objects.push(value),
            Err(error) => return (objects, failed(format!("error converting YAML to JSON: {error}"))),
        }
    }
    (objects, None)
}
