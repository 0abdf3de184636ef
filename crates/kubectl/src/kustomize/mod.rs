//! Kustomizations: from a directory to the objects that it describes.

// Models sigs.k8s.io/kustomize/api/internal/target/kusttarget.go

mod files;
mod generate;
mod images;
mod labels;
mod names;
mod order;
mod patches;

use std::future::Future;
use std::pin::Pin;

use ecow::EcoString;
use podyard_api::Value;

use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};

/// An object on its way through the kustomizations.
#[derive(Clone, Debug)]
struct Resource {
    object: Value,
    /// The names that it has had, first to last, by which others may still call it.
    names: Vec<EcoString>,
    /// Its name is to end with a hash of its content.
    hashed: bool,
}

impl Resource {
    fn new(object: Value) -> Self {
        Self { names: vec![object.name_text()], object, hashed: false }
    }

    fn rename(&mut self, name: &str) {
        if self.object.name() != name {
            self.object.meta_mut().set("name", name);
            self.names.push(name.into());
        }
    }
}

/// The fields that a kustomization may have and that are acted on.
const KNOWN: [&str; 22] = [
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "bases",
    "components",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "commonAnnotations",
    "images",
    "replicas",
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "configMapGenerator",
    "secretGenerator",
    "generatorOptions",
    "sortOptions",
    "buildMetadata",
];

/// Those that kustomize knows and that are not acted on here.
const NOT_SIMULATED: [&str; 10] = [
    "configurations",
    "crds",
    "generators",
    "helmCharts",
    "helmGlobals",
    "openapi",
    "replacements",
    "transformers",
    "validators",
    "vars",
];

/// How deep bases may be nested.
const MAX_DEPTH: usize = 32;

/// The objects of a kustomization, in the order in which they are to be created.
///
/// # Errors
/// Those of kustomize.
pub(crate) async fn build(ctx: &Ctx, directory: &str) -> Outcome<Vec<Value>> {
    let path = files::directory(ctx, directory).await?;
    let (mut resources, kustomization) = accumulate(ctx, path, 0).await?;
    for resource in &mut resources {
        if resource.hashed {
            let name = format!("{}-{}", resource.object.name(), crate::hash::suffix(&resource.object, ""));
            resource.rename(&name);
        }
    }
    names::follow(&mut resources);
    if kustomization.get("sortOptions").get("order") != "fifo" {
        order::sort(&mut resources);
    }
    Ok(resources.into_iter().map(|resource| resource.object).collect())
}

type Accumulated = Pin<Box<dyn Future<Output = Outcome<(Vec<Resource>, Value)>>>>;

/// Reads a directory's kustomization with all its bases and does what it says.
fn accumulate(ctx: &Ctx, directory: EcoString, depth: usize) -> Accumulated {
    let ctx = ctx.clone();
    Box::pin(async move {
        if depth > MAX_DEPTH {
            return Err(Failure::Text(format!("cycle detected: candidate root '{directory}' contains visited root")));
        }
        let kustomization = files::kustomization(&ctx, &directory).await?;
        check(&kustomization)?;
        warn(&ctx, &kustomization).await;
        let mut resources = Vec::new();
        for field in ["resources", "bases"] {
            for entry in kustomization.get(field).items() {
                let found = entry_resources(&ctx, &directory, entry.str(), depth).await?;
                add(&mut resources, found)?;
            }
        }
        generate::run(&ctx, &directory, &kustomization, &mut resources).await?;
        for entry in kustomization.get("components").items() {
            let path = files::join(&directory, entry.str());
            let component = files::kustomization(&ctx, &path).await?;
            check(&component)?;
            for entry in component.get("resources").items() {
                let found = entry_resources(&ctx, &path, entry.str(), depth).await?;
                add(&mut resources, found)?;
            }
            generate::run(&ctx, &path, &component, &mut resources).await?;
            transform(&ctx, &path, &component, &mut resources).await?;
        }
        transform(&ctx, &directory, &kustomization, &mut resources).await?;
        Ok((resources, kustomization))
    })
}

async fn entry_resources(ctx: &Ctx, directory: &str, entry: &str, depth: usize) -> Outcome<Vec<Resource>> {
    let path = files::join(directory, entry);
    if files::is_directory(ctx, &path).await {
        return Ok(accumulate(ctx, path, depth + 1).await?.0);
    }
    let objects = files::resources(ctx, entry, &path).await?;
    Ok(objects.into_iter().map(Resource::new).collect())
}

/// Adds objects, of which none may be there already.
fn add(resources: &mut Vec<Resource>, more: Vec<Resource>) -> Outcome {
    for resource in more {
        if resources.iter().any(|known| id(&known.object) == id(&resource.object)) {
            return Err(Failure::Text(format!(
                "accumulating resources: accumulation err='merging resources from a file: may not add resource with an already registered id: {}'",
                id(&resource.object)
            )));
        }
        resources.push(resource);
    }
    Ok(())
}

/// `Deployment.v1.apps/web.[noNs]`
fn id(object: &Value) -> String {
    let (group, version) = match object.api_version().split_once('/') {
        Some((group, version)) => (group, version),
        None => ("[noGrp]", object.api_version()),
    };
    let namespace = if object.namespace().is_empty() { "[noNs]" } else { object.namespace() };
    format!("{}.{version}.{group}/{}.{namespace}", object.kind(), object.name())
}

fn check(kustomization: &Value) -> Outcome {
    for (key, value) in kustomization.fields() {
        let name = key.as_str();
        if NOT_SIMULATED.contains(&name) && !value.is_empty() {
            return Err(Failure::Text(format!("the field {name:?} of a kustomization is not simulated")));
        }
        if !KNOWN.contains(&name) && !NOT_SIMULATED.contains(&name) {
            return Err(Failure::Text(format!("invalid Kustomization: json: unknown field {name:?}")));
        }
    }
    Ok(())
}

/// Says which fields are old, and what has come in their place.
async fn warn(ctx: &Ctx, kustomization: &Value) {
    const OLD: [(&str, &str); 4] = [
        ("bases", "resources"),
        ("commonLabels", "labels"),
        ("patchesJson6902", "patches"),
        ("patchesStrategicMerge", "patches"),
    ];
    for (old, new) in OLD {
        if !kustomization.get(old).is_empty() {
            ctx.err(format!("# Warning: '{old}' is deprecated. Please use '{new}' instead. Run 'kustomize edit fix' to update your Kustomization automatically.\n")).await;
        }
    }
}

/// All that a kustomization changes in the objects, in kustomize's order.
async fn transform(ctx: &Ctx, directory: &str, kustomization: &Value, resources: &mut Vec<Resource>) -> Outcome {
    patches::run(ctx, directory, kustomization, resources).await?;
    names::set_namespace(kustomization.get("namespace").str(), resources);
    names::affix(kustomization.get("namePrefix").str(), kustomization.get("nameSuffix").str(), resources);
    labels::run(kustomization, resources);
    patches::run_json(ctx, directory, kustomization, resources).await?;
    images::replicas(kustomization.get("replicas"), resources)?;
    images::run(kustomization.get("images"), resources);
    Ok(())
}
