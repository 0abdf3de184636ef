//! `kubectl explain`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/explain

mod plain;
mod schema;
mod v2;

use podyard_api::Value;

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::discovery::{Discovery, Resource};
use crate::failure::{Failure, Outcome};
use crate::flags::Flag;
use crate::resource::q;
use schema::Schema;

pub(crate) static COMMAND: Command = Command {
    name: "explain",
    usage: "explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2]",
    short: "Get documentation for a resource",
    long: "Describe fields and structure of various resources.

 This command describes the fields associated with each supported API resource. Fields are identified via a simple JSONPath identifier:

        <type>.<fieldName>[.<fieldName>]
        
 Information about each field is retrieved from the server in OpenAPI format.

Use \"kubectl api-resources\" for a complete list of supported resources.",
    example: "# Get the documentation of the resource and its fields
kubectl explain pods

# Get all the fields in the resource
kubectl explain pods --recursive

# Get the explanation for deployment in supported api versions
kubectl explain deployments --api-version=apps/v1

# Get the documentation of a specific field of a resource
kubectl explain pods.spec.containers

# Get the documentation of resources in different format
kubectl explain deployment --output=plaintext-openapiv2",
    flags: &[FLAGS],
    run: run!(explain),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::text("api-version", "", "Use given api-version (group/version) of the resource."),
    Flag::text(
        "output",
        "plaintext",
        "Format in which to render the schema. Valid values are: (plaintext, plaintext-openapiv2).",
    )
    .short("o"),
    Flag::bool(
        "recursive",
        "When true, print the name of all the fields recursively. Otherwise, print the available fields with their description.",
    ),
];

async fn explain(ctx: Ctx) -> Outcome {
    let [what] = ctx.args() else {
        return Err(if ctx.args().is_empty() {
            "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources.\n".into()
        } else {
            "We accept only this format: explain RESOURCE\n".into()
        });
    };
    let output = ctx.flags.text("output");
    let version = ctx.flags.text("api-version");
    let discovery = ctx.discovery().await?;
    let words: Vec<&str> = what.split('.').collect();
    let (resource, path) = resource(&discovery, &words, version.is_empty())?;
    let (group, number) = match version.as_str() {
        "" => (resource.group.as_str(), resource.version.as_str()),
        version => version.split_once('/').unwrap_or(("", version)),
    };
    let is_v2 = output == "plaintext-openapiv2";
    let known = discovery
        .resources
        .iter()
        .find(|other| other.name == resource.name && other.group == group && other.version == number);
    let Some(resource) = known else {
        return Err(Failure::Text(if is_v2 {
            format!("couldn't find resource for {}", q(&format!("{group}/{number}, Kind={}", resource.kind)))
        } else {
            missing(&discovery, group, number, &resource.name)
        }));
    };
    let Some(root) = root(&ctx, resource).await? else {
        return Err(Failure::Text(missing(&discovery, group, number, &resource.name)));
    };
    if !is_v2 && output != "plaintext" {
        return Err(Failure::Text(format!("unrecognized format: {output}")));
    }
    let found = plain::walk(&root, path);
    if !is_v2 {
        ctx.out(header(resource)).await;
    }
    let recursive = ctx.flags.bool("recursive");
    let (name, schema) = found.map_err(|name| Failure::Text(format!("field {} does not exist", q(&name))))?;
    if is_v2 {
        let (kind, version) = (&resource.kind, resource.api_version());
        ctx.out(format!("KIND:     {kind}\nVERSION:  {version}\n\n")).await;
        ctx.out(v2::page(name.as_deref(), &schema, recursive)).await;
    } else {
        ctx.out(plain::page(name.as_deref(), &schema, recursive)).await;
    }
    Ok(())
}

fn header(resource: &Resource) -> String {
    let group = match resource.group.as_str() {
        "" => String::new(),
        group => format!("GROUP:      {group}\n"),
    };
    format!("{group}KIND:       {}\nVERSION:    {}\n\n", resource.kind, resource.version)
}

fn missing(discovery: &Discovery, group: &str, version: &str, resource: &str) -> String {
    let is_served = discovery.versions.iter().any(|(own, number)| own == group && number == version);
    if is_served {
        return format!("GVR ({group}/{version}, Resource={resource}) not found in OpenAPI schema");
    }
    let path = if group.is_empty() { format!("api/{version}") } else { format!("apis/{group}/{version}") };
    format!("couldn't find resource for \"{group}/{version}, Resource={resource}\" at {path}")
}

/// The resource that the first words name, with or without its group, and the path that follows.
fn resource<'a, 'w>(
    discovery: &'a Discovery,
    words: &'w [&'w str],
    with_group: bool,
) -> Outcome<(&'a Resource, &'w [&'w str])> {
    let (first, rest) = words.split_first().unwrap_or((&"", &[]));
    if with_group {
        for end in (1..=rest.len()).rev() {
            let group = rest[..end].join(".");
            if let Some(found) = discovery.named_resource(first, &group).filter(|found| found.group == group) {
                return Ok((found, &rest[end..]));
            }
        }
    }
    match discovery.named_resource(first, "") {
        Some(found) => Ok((found, rest)),
        None => {
            let text = format!("the server doesn't have a resource type {}", q(first));
            Err(Failure::Said { code: 1, text })
        }
    }
}

/// The schema of a kind; that of a custom one is read from its definition.
async fn root(ctx: &Ctx, resource: &Resource) -> Outcome<Option<Schema>> {
    if let Some(schema) = schema::built_in(&resource.group, &resource.version, &resource.kind) {
        return Ok(Some(schema));
    }
    let name = resource.qualified();
    let path = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}");
    let definition = match ctx.get_path(&path).await {
        Ok(definition) => definition,
        Err(failure) if failure.is("NotFound") => return Ok(None),
        Err(failure) => return Err(failure),
    };
    let versions = definition.get("spec").get("versions");
    let version = versions.items().iter().find(|version| version.get("name") == resource.version.as_str());
    Ok(version.map(|version: &Value| schema::custom(version.at(&["schema", "openAPIV3Schema"]))))
}
