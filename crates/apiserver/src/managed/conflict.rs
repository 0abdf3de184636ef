//! What is said to a manager whose configuration changes what others manage.
// Models staging/src/k8s.io/apimachinery/pkg/util/managedfields/internal/conflict.go

use podyard_api::{Cause, Status};

use super::Entry;
use super::fields::Fields;

/// The refusal, with each manager and the fields of theirs that would change.
pub(super) fn status(conflicts: &[(&Entry, Fields)]) -> Status {
    let mut named: Vec<_> = conflicts.iter().map(|(entry, fields)| (printed(entry), fields.paths())).collect();
    named.sort();
    let all: Vec<_> = named.iter().flat_map(|(who, paths)| paths.iter().map(move |path| (who, path))).collect();
    let message = match all.as_slice() {
        [(who, path)] => format!("Apply failed with 1 conflict: conflict with {who}: {path}"),
        _ => {
            let lines = named.iter().flat_map(|(who, paths)| {
                let own = paths.iter().map(|path| format!("- {path}"));
                std::iter::once(format!("conflicts with {who}:")).chain(own)
            });
            format!("Apply failed with {} conflicts: {}", all.len(), lines.collect::<Vec<_>>().join("\n"))
        }
    };
    let causes = all.iter().map(|(who, path)| Cause {
        reason: "FieldManagerConflict".into(),
        message: format!("conflict with {who}").into(),
        field: path.as_str().into(),
    });
    Status {
        code: 409,
        reason: "Conflict".into(),
        message: message.into(),
        causes: causes.collect(),
        ..Status::default()
    }
}

/// As `"kubectl" with subresource "scale" using apps/v1`.
fn printed(entry: &Entry) -> String {
    let mut text = format!("{:?}", entry.manager);
    if !entry.subresource.is_empty() {
        text.push_str(&format!(" with subresource {:?}", entry.subresource));
    }
    if !entry.applied {
        text.push_str(&format!(" using {}", entry.api_version));
    }
    text
}
