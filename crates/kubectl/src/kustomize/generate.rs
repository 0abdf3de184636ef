//! `configMapGenerator` and `secretGenerator`.

// Models sigs.k8s.io/kustomize/api/internal/generators

use podyard_api::{Value, base64, value};

use super::{Resource, files};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};

pub(super) async fn run(ctx: &Ctx, directory: &str, kustomization: &Value, resources: &mut Vec<Resource>) -> Outcome {
    for (field, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
        for generator in kustomization.get(field).items() {
            let resource = one(ctx, directory, generator, kind, kustomization.get("generatorOptions")).await?;
            place(resource, generator.get("behavior").str(), resources)?;
        }
    }
    Ok(())
}

/// Puts a generated object among the others, or into the one that it adds to.
fn place(resource: Resource, behavior: &str, resources: &mut Vec<Resource>) -> Outcome {
    let same = resources.iter_mut().find(|known| {
        known.object.kind() == resource.object.kind() && known.names.contains(&resource.object.name_text())
    });
    match (behavior, same) {
        ("merge", Some(known)) => {
            for field in ["data", "binaryData"] {
                for (key, value) in resource.object.get(field).fields() {
                    known.object.field_mut(field).set(key, value);
                }
            }
            for field in ["labels", "annotations"] {
                for (key, value) in resource.object.get("metadata").get(field).fields() {
                    known.object.at_mut(&["metadata", field]).set(key, value);
                }
            }
        }
        ("replace", Some(known)) => {
            let name = known.object.name_text();
            known.object = resource.object;
            known.object.meta_mut().set("name", name);
        }
        ("merge" | "replace", None) => {
            return Err(Failure::Text(format!(
                "id resid.ResId{{Gvk:resid.Gvk{{Group:\"\", Version:\"v1\", Kind:\"{}\"}}, Name:\"{}\", Namespace:\"{}\"}} does not exist; cannot merge or replace",
                resource.object.kind(),
                resource.object.name(),
                resource.object.namespace()
            )));
        }
        (_, Some(_)) => {
            return Err(Failure::Text(format!(
                "behavior must be merge or replace for {} {}, which is there already",
                resource.object.kind(),
                resource.object.name()
            )));
        }
        (_, None) => resources.push(resource),
    }
    Ok(())
}

async fn one(ctx: &Ctx, directory: &str, generator: &Value, kind: &str, common: &Value) -> Outcome<Resource> {
    let name = generator.get("name");
    if name.is_empty() {
        return Err(Failure::Text(format!("a {} generator must have a name", kind.to_lowercase())));
    }
    let mut object = value!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}});
    if !generator.get("namespace").is_empty() {
        object.meta_mut().set("namespace", generator.get("namespace"));
    }
    let secret = kind == "Secret";
    if secret {
        let kind = generator.get("type");
        object.set("type", if kind.is_empty() { Value::from("Opaque") } else { kind.clone() });
    }
    for (key, bytes) in entries(ctx, directory, generator).await? {
        match (secret, String::from_utf8(bytes)) {
            (true, Ok(text)) => object.field_mut("data").set(key, base64::encode(text)),
            (true, Err(error)) => object.field_mut("data").set(key, base64::encode(error.as_bytes())),
            (false, Ok(text)) => object.field_mut("data").set(key, text),
            (false, Err(error)) => object.field_mut("binaryData").set(key, base64::encode(error.as_bytes())),
        }
    }
    let mut plain = false;
    for options in [common, generator.get("options")] {
        for field in ["labels", "annotations"] {
            for (key, value) in options.get(field).fields() {
                object.at_mut(&["metadata", field]).set(key, value);
            }
        }
        plain |= options.get("disableNameSuffixHash").as_bool().unwrap_or_default();
        if options.get("immutable").as_bool() == Some(true) {
            object.set("immutable", true);
        }
    }
    Ok(Resource { hashed: !plain, ..Resource::new(object) })
}

async fn entries(ctx: &Ctx, directory: &str, generator: &Value) -> Outcome<Vec<(String, Vec<u8>)>> {
    let mut all = Vec::new();
    let single = generator.get("env");
    for file in generator.get("envs").items().iter().chain((!single.is_empty()).then_some(single)) {
        for line in files::text(ctx, directory, file.str()).await?.lines() {
            let line = line.trim_start();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, text) = line.split_once('=').unwrap_or((line, ""));
            all.push((key.to_owned(), text.as_bytes().to_vec()));
        }
    }
    for file in generator.get("files").items() {
        let (key, path) = match file.str().split_once('=') {
            Some((key, path)) => (key, path),
            None => (file.str().rsplit('/').next().unwrap_or_default(), file.str()),
        };
        all.push((key.to_owned(), files::text(ctx, directory, path).await?.into_bytes()));
    }
    for literal in generator.get("literals").items() {
        let Some((key, text)) = literal.str().split_once('=') else {
            return Err(Failure::Text(format!("invalid literal source {}, expected key=value", literal.str())));
        };
        all.push((key.to_owned(), unquoted(text).as_bytes().to_vec()));
    }
    Ok(all)
}

/// The text without quotes around all of it.
fn unquoted(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner;
        }
    }
    text
}
