//! Reading what a kustomization names.

// Models sigs.k8s.io/kustomize/api/internal/target and sigs.k8s.io/kustomize/kyaml/filesys

use ecow::{EcoString, eco_format};
use podyard_api::{Value, yaml};
use podyard_kernel::{Answer, Errno, FileKind, Syscall};

use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::resource::parse_documents;

const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The path with `.` and `..` resolved, as seen from `base`.
pub(super) fn join(base: &str, path: &str) -> EcoString {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{base}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    eco_format!("/{}", parts.join("/"))
}

pub(super) async fn is_directory(ctx: &Ctx, path: &str) -> bool {
    matches!(
        ctx.sys.call(Syscall::Stat { path: path.into(), follow: true }).await,
        Answer::Metadata(file) if file.kind == FileKind::Directory
    )
}

/// The whole path of a directory that the user named.
pub(super) async fn directory(ctx: &Ctx, named: &str) -> Outcome<EcoString> {
    let path = join(&ctx.sys.working_dir().await, named);
    let stat = ctx.sys.call(Syscall::Stat { path: path.clone(), follow: true }).await;
    match stat {
        Answer::Metadata(file) if file.kind == FileKind::Directory => Ok(path),
        Answer::Metadata(_) => Err(Failure::Text(format!(
            "must build at directory: not a valid directory: file is not directory: '{path}'"
        ))),
        _ => Err(Failure::Text(not_there(named, &path))),
    }
}

fn not_there(named: &str, path: &str) -> String {
    format!(
        "must build at directory: not a valid directory: evalsymlink failure on '{named}' : lstat {path}: no such file or directory"
    )
}

/// The kustomization of a directory.
pub(super) async fn kustomization(ctx: &Ctx, directory: &str) -> Outcome<Value> {
    let mut found = Vec::new();
    for name in NAMES {
        if let Ok(bytes) = ctx.sys.read_file(&format!("{directory}/{name}")).await {
            found.push((name, bytes));
        }
    }
    match found.as_slice() {
        [] => Err(Failure::Text(format!(
            "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{directory}'"
        ))),
        [(_, bytes)] => {
            let text = String::from_utf8_lossy(bytes);
            let value = yaml::parse(&text).map_err(|error| Failure::Text(format!("invalid Kustomization: {error}")))?;
            if value.is_empty() {
                return Err("kustomization.yaml is empty".into());
            }
            Ok(value)
        }
        _ => Err(Failure::Text(format!("Found multiple kustomization files under: {directory}\n"))),
    }
}

/// The objects of a file among the resources.
pub(super) async fn resources(ctx: &Ctx, named: &str, path: &str) -> Outcome<Vec<Value>> {
    if named.starts_with("http://") || named.starts_with("https://") || named.starts_with("git@") {
        return Err(Failure::Text(format!("reading the remote resource {named:?} is not simulated")));
    }
    let bytes = ctx.sys.read_file(path).await.map_err(|errno| {
        let why = match errno {
            Errno::NoEntry => "no such file or directory".to_owned(),
            errno => errno.to_string().to_lowercase(),
        };
        Failure::Text(format!(
            "accumulating resources: accumulation err='accumulating resources from '{named}': open {path}: {why}': {}",
            not_there(path, path)
        ))
    })?;
    let (objects, failure) = parse_documents(&String::from_utf8_lossy(&bytes), path);
    let failed = |why: String| {
        Failure::Text(format!(
            "accumulating resources: accumulation err='accumulating resources from '{named}': {why}': must build at directory: '{path}': file is not directory"
        ))
    };
    if let Some(failure) = failure {
        return Err(failed(failure.message()));
    }
    let mut flat = Vec::new();
    for object in objects {
        if object.kind().is_empty() {
            return Err(failed("missing Resource metadata".to_owned()));
        }
        if object.kind().ends_with("List") && object.get("items").is_array() {
            flat.extend(object.get("items").items().iter().cloned());
        } else {
            flat.push(object);
        }
    }
    Ok(flat)
}

/// A file's text.
pub(super) async fn text(ctx: &Ctx, directory: &str, named: &str) -> Outcome<String> {
    let path = join(directory, named);
    let bytes =
        ctx.sys.read_file(&path).await.map_err(|_| Failure::Text(format!("open {path}: no such file or directory")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
