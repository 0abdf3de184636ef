//! File names that match a pattern.

use podyard_kernel::{Answer, FileKind, Syscall};

use super::pattern::{Pattern, has_magic, unescape};
use crate::replay::{Cx, Suspend};

/// How many names one pattern may stand for.
const MAX_NAMES: usize = 50_000;

/// The names that match, sorted; empty if there is none.
pub(super) fn glob(cx: &mut Cx<'_>, pattern: &str) -> Result<Vec<String>, Suspend> {
    let absolute = pattern.starts_with('/');
    let mut found = vec![if absolute { "/".to_string() } else { String::new() }];
    let parts: Vec<&str> = pattern.split('/').collect();
    let last = parts.len() - 1;
    for (number, part) in parts.iter().enumerate() {
        if part.is_empty() && number < last {
            continue;
        }
        let mut next = Vec::new();
        for base in &found {
            if !has_magic(part) {
                let name = format!("{base}{}", unescape(part));
                let exists = number < last
                    || part.is_empty()
                    || matches!(
                        cx.call(Syscall::Stat { path: name.as_str().into(), follow: false })?,
                        Answer::Metadata(_)
                    );
                if exists {
                    next.push(if number < last { format!("{name}/") } else { name });
                }
                continue;
            }
            let dir = if base.is_empty() { "." } else { base.as_str() };
            let Answer::Entries(entries) = cx.call(Syscall::ReadDir(dir.into()))? else { continue };
            let compiled = Pattern::new(part);
            let hidden = part.starts_with('.') || cx.state.options.dotglob;
            for (name, metadata) in entries {
                if name.starts_with('.') && !hidden || !compiled.matches(&name) || next.len() >= MAX_NAMES {
                    continue;
                }
                if number == last {
                    next.push(format!("{base}{name}"));
                } else if matches!(metadata.kind, FileKind::Directory | FileKind::Symlink) {
                    next.push(format!("{base}{name}/"));
                }
            }
        }
        found = next;
    }
    found.sort();
    Ok(found)
}
