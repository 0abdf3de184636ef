//! Patches: JSON patch, merge patch and strategic merge patch of plain values.

mod json_patch;
mod merge;
mod strategic;

use podyard_api::{PatchKind, Status, Value, schema};

/// Applies a patch to an object of a kind.
///
/// # Errors
/// `BadRequest` or `UnprocessableEntity` in the words of the real server.
pub fn apply(
    kind: PatchKind,
    object: &Value,
    patch: &Value,
    object_kind: &str,
    api_version: &str,
) -> Result<Value, Status> {
    match kind {
        PatchKind::Json => json_patch::apply(object, patch),
        PatchKind::Merge => Ok(merge::apply(object, patch)),
        PatchKind::Strategic => match schema::of_object(api_version, object_kind) {
            Some(info) => strategic::apply(info, object, patch),
            None => Err(Status {
                code: 415,
                reason: "UnsupportedMediaType".into(),
                message: "the body of the request was in an unknown format - accepted media types include: \
                    application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
                    .into(),
                ..Status::default()
            }),
        },
        PatchKind::Apply => Err(Status::bad_request("an apply patch is no change of a stored object")),
    }
}
