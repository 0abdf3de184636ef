//! `--overrides`: parts of the generated object given as JSON.

// Models staging/src/k8s.io/kubectl/pkg/cmd/util/override_options.go

use podyard_api::{Value, yaml};

use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;
use crate::merging;
use crate::patch::apply_merge_patch;

pub(crate) static OVERRIDES: &[Flag] = &[
    Flag::text(
        "overrides",
        "",
        "An inline JSON override for the generated object. If this is non-empty, it is used to override the generated object. Requires that the object supply a valid apiVersion field.",
    ),
    Flag::text(
        "override-type",
        "merge",
        "The method used to override the generated object: json, merge, or strategic.",
    ),
];

/// The object with what `--overrides` says.
pub(crate) fn apply(ctx: &Ctx, object: Value) -> Outcome<Value> {
    let text = ctx.flags.text("overrides");
    if text.is_empty() {
        return Ok(object);
    }
    let patch = yaml::parse(&text).map_err(|error| Failure::Text(format!("error parsing overrides: {error}")))?;
    match ctx.flags.text("override-type").as_str() {
        "merge" | "" => {
            let mut patch = patch;
            if patch.api_version().is_empty() && patch.is_object() {
                patch.set("apiVersion", object.api_version());
            }
            Ok(apply_merge_patch(&object, &patch))
        }
        "strategic" => Ok(merging::strategic(&object, &patch)),
        "json" => merging::json_patch(&object, &patch),
        other => Err(Failure::Text(format!("invalid override type: {other}"))),
    }
}
