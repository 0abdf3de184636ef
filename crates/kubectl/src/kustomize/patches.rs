//! `patches`, `patchesStrategicMerge` and `patchesJson6902`.

// Models sigs.k8s.io/kustomize/api/internal/builtins/Patch*Transformer.go

use podyard_api::{Selector, Value, yaml};

use super::{Resource, files, id};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::merging;

pub(super) async fn run(ctx: &Ctx, directory: &str, kustomization: &Value, resources: &mut Vec<Resource>) -> Outcome {
    for entry in kustomization.get("patchesStrategicMerge").items() {
        let text = match entry.str() {
            inline if inline.contains('\n') => inline.to_owned(),
            path => files::text(ctx, directory, path).await?,
        };
        for patch in documents(&text)? {
            apply(&patch, &Value::Null, resources)?;
        }
    }
    for entry in kustomization.get("patches").items() {
        let text = text(ctx, directory, entry).await?;
        for patch in documents(&text)? {
            let may_rename = entry.at(&["options", "allowNameChange"]).as_bool().unwrap_or_default();
            let before: Vec<String> = resources.iter().map(|resource| resource.object.name().to_owned()).collect();
            apply(&patch, entry.get("target"), resources)?;
            for (resource, name) in resources.iter_mut().zip(before) {
                let now = resource.object.name_text();
                if may_rename && now != name.as_str() {
                    resource.names.push(now);
                } else {
                    resource.object.meta_mut().set("name", name);
                }
            }
        }
    }
    Ok(())
}

pub(super) async fn run_json(
    ctx: &Ctx,
    directory: &str,
    kustomization: &Value,
    resources: &mut Vec<Resource>,
) -> Outcome {
    for entry in kustomization.get("patchesJson6902").items() {
        let text = text(ctx, directory, entry).await?;
        for patch in documents(&text)? {
            apply(&patch, entry.get("target"), resources)?;
        }
    }
    Ok(())
}

async fn text(ctx: &Ctx, directory: &str, entry: &Value) -> Outcome<String> {
    match (entry.get("path").str(), entry.get("patch").str()) {
        ("", "") => Err("must specify one of patch and path in".into()),
        ("", inline) => Ok(inline.to_owned()),
        (path, "") => files::text(ctx, directory, path).await,
        _ => Err("patch and path can't be set at the same time".into()),
    }
}

fn documents(text: &str) -> Outcome<Vec<Value>> {
    let mut all = Vec::new();
    for document in yaml::documents(text) {
        let value = yaml::parse(document.text)
            .map_err(|error| Failure::Text(format!("unable to parse SM or JSON patch from [{text}]: {error}")))?;
        if !value.is_null() {
            all.push(value);
        }
    }
    Ok(all)
}

/// Applies one patch to the objects that it, or its target, names.
fn apply(patch: &Value, target: &Value, resources: &mut Vec<Resource>) -> Outcome {
    let meant: Vec<usize> = if target.is_null() {
        let same = |resource: &Resource| {
            let object = &resource.object;
            object.kind() == patch.kind()
                && object.api_version() == patch.api_version()
                && resource.names.contains(&patch.name_text())
                && (patch.namespace().is_empty() || patch.namespace() == object.namespace())
        };
        let Some(at) = resources.iter().position(same) else {
            let id = id(patch);
            return Err(Failure::Text(format!("no matches for Id {id}; failed to find unique target for patch {id}")));
        };
        vec![at]
    } else {
        (0..resources.len()).filter(|at| is_target(&resources[*at], target)).collect()
    };
    let mut deleted = Vec::new();
    for at in meant {
        let resource = &mut resources[at];
        if patch.is_array() {
            resource.object = merging::json_patch(&resource.object, patch)?;
        } else if patch.get("$patch") == "delete" {
            deleted.push(at);
        } else {
            let mut body = patch.clone();
            if !target.is_null() {
                // A patch with a target need not say which object it is.
                for field in ["apiVersion", "kind"] {
                    body.remove(field);
                }
            }
            resource.object = merging::strategic(&resource.object, &body);
        }
    }
    for at in deleted.into_iter().rev() {
        resources.remove(at);
    }
    Ok(())
}

fn is_target(resource: &Resource, target: &Value) -> bool {
    let object = &resource.object;
    let (group, version) = object.api_version().split_once('/').unwrap_or(("", object.api_version()));
    let fits = |field: &str, found: &str| target.get(field).is_empty() || matches(target.get(field).str(), found);
    let name = target.get("name");
    let selected = |field: &str, of: &Value| match target.get(field).str() {
        "" => true,
        text => Selector::parse(text).is_ok_and(|selector| {
            let labelled = podyard_api::value!({"metadata": {"labels": of}});
            selector.matches_object(&labelled)
        }),
    };
    fits("group", group)
        && fits("version", version)
        && fits("kind", object.kind())
        && fits("namespace", object.namespace())
        && (name.is_empty() || resource.names.iter().any(|own| matches(name.str(), own)))
        && selected("labelSelector", object.get("metadata").get("labels"))
        && selected("annotationSelector", object.get("metadata").get("annotations"))
}

/// Whether an anchored pattern fits: letters, `.`, and `*` after one.
fn matches(pattern: &str, text: &str) -> bool {
    let pattern = pattern.trim_start_matches('^').trim_end_matches('$');
    fits(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>())
}

fn fits(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [one, '*', rest @ ..] => {
            let run = text.iter().take_while(|c| *one == '.' || *c == one).count();
            (0..=run).rev().any(|taken| fits(rest, &text[taken..]))
        }
        [one, rest @ ..] => match text {
            [first, others @ ..] => (*one == '.' || one == first) && fits(rest, others),
            [] => false,
        },
    }
}
