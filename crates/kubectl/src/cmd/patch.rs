//! `kubectl patch`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/patch/patch.go

use podyard_api::{PatchKind, Status, Value, Verb, json, yaml};

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::{field_manager_flag, filename_flags};
use crate::flags::{Flag, shared};
use crate::merging;
use crate::patch::apply_merge_patch;
use crate::print::{DryRun, Printer};
use crate::resource::{Builder, Info, q};
use crate::templates::check_named;

pub(crate) static COMMAND: Command = Command {
    name: "patch",
    usage: "patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]",
    short: "Update fields of a resource",
    long: "Update fields of a resource using strategic merge patch, a JSON merge patch, or a JSON patch.

 JSON and YAML formats are accepted.

 Note: Strategic merge patch is not supported for custom resources.",
    example: "# Partially update a node using a strategic merge patch, specifying the patch as JSON
kubectl patch node k8s-node-1 -p '{\"spec\":{\"unschedulable\":true}}'

# Partially update a node using a strategic merge patch, specifying the patch as YAML
kubectl patch node k8s-node-1 -p $'spec:\\n unschedulable: true'

# Partially update a node identified by the type and name specified in \"node.json\" using strategic merge patch
kubectl patch -f node.json -p '{\"spec\":{\"unschedulable\":true}}'

# Update a container's image; spec.containers[*].name is required because it's a merge key
kubectl patch pod valid-pod -p '{\"spec\":{\"containers\":[{\"name\":\"kubernetes-serve-hostname\",\"image\":\"new image\"}]}}'

# Update a container's image using a JSON patch with positional arrays
kubectl patch pod valid-pod --type='json' -p='[{\"op\": \"replace\", \"path\": \"/spec/containers/0/image\", \"value\":\"new image\"}]'

# Update a deployment's replicas through the 'scale' subresource using a merge patch
kubectl patch deployment nginx-deployment --subresource='scale' --type='merge' -p '{\"spec\":{\"replicas\":2}}'",
    flags: &[
        FLAGS,
        filename_flags!("identifying the resource to update"),
        field_manager_flag!("kubectl-patch"),
        shared::DRY_RUN,
        shared::PRINT,
    ],
    run: run!(patch),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::bool("local", "If true, patch will operate on the content of the file, not the server-side resource."),
    Flag::text("patch", "", "The patch to be applied to the resource JSON file.").short("p"),
    Flag::text("patch-file", "", "A file containing a patch to be applied to the resource."),
    Flag::text("subresource", "", "If specified, patch will operate on the subresource of the requested object."),
    Flag::text("type", "strategic", "The type of patch being provided; one of [json merge strategic]"),
];

async fn patch(ctx: Ctx) -> Outcome {
    let flags = &ctx.flags;
    let dry_run = DryRun::from_flags(&ctx).await?;
    let printer = Printer::from_flags(&ctx, "", dry_run).await?;
    let kind = match flags.text("type").to_lowercase().as_str() {
        _ if flags.changed("patch") && flags.changed("patch-file") => {
            return Err("cannot specify --patch and --patch-file together".into());
        }
        _ if flags.text("patch").is_empty() && flags.text("patch-file").is_empty() => {
            return Err("must specify --patch or --patch-file containing the contents of the patch".into());
        }
        _ if flags.bool("local") && !ctx.args().is_empty() => {
            return Err("cannot specify --local and server resources".into());
        }
        _ if flags.bool("local") && dry_run.is_server() => {
            return Err("cannot specify --local and --dry-run=server - did you mean --dry-run=client?".into());
        }
        "json" => PatchKind::Json,
        "merge" => PatchKind::Merge,
        "strategic" => PatchKind::Strategic,
        _ => {
            let given = q(&flags.text("type"));
            return Err(Failure::Text(format!("--type must be one of [json merge strategic], not {given}")));
        }
    };
    check_named(&ctx)?;
    let patch = content(&ctx).await?;
    let mut builder = Builder::from_flags(&ctx, ctx.args()).await?;
    builder.subresource = flags.text("subresource");
    let mut items = builder.start(&ctx).await?;
    let mut failures = Vec::new();
    let mut count = 0;
    while let Some(next) = items.next(&ctx).await {
        let result = match next {
            Ok(info) => {
                count += 1;
                one(&ctx, &info, kind, &patch, dry_run, &printer).await
            }
            Err(failure) => Err(failure),
        };
        failures.extend(result.err());
    }
    if count == 0 && failures.is_empty() {
        return Err("no objects passed to patch".into());
    }
    Failure::collect(failures)
}

/// What is sent: JSON as it is, anything else read as YAML.
async fn content(ctx: &Ctx) -> Outcome<Value> {
    let file = ctx.flags.text("patch-file");
    let text = if file.is_empty() {
        ctx.flags.text("patch").to_string()
    } else {
        match ctx.sys.read_file(&file).await {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(errno) => {
                let why = errno.to_string().to_lowercase();
                return Err(Failure::Text(format!("unable to read patch file: open {file}: {why}")));
            }
        }
    };
    if text.trim_start().starts_with(['{', '[']) {
        // The server is the first to read it.
        return json::parse(&text).or_else(|error| match yaml::parse(&text) {
            Ok(value) if !text.trim_start().starts_with('{') => Ok(value),
            _ => Err(Status::bad_request(error.to_string()).into()),
        });
    }
    yaml::parse(&text)
        .map_err(|error| Failure::Text(format!("unable to parse {}: error converting YAML to JSON: {error}", q(&text))))
}

/// The object without the record of who set what, which only reads come with.
fn without_managers(object: &Value) -> Value {
    let mut object = object.clone();
    if !object.get("metadata").get("managedFields").is_null() {
        object.meta_mut().remove("managedFields");
    }
    object
}

async fn one(ctx: &Ctx, info: &Info, kind: PatchKind, patch: &Value, dry_run: DryRun, printer: &Printer) -> Outcome {
    let (before, after) = if ctx.flags.bool("local") {
        let after = match kind {
            PatchKind::Json => merging::json_patch(&info.object, patch)?,
            PatchKind::Merge => apply_merge_patch(&info.object, patch),
            _ => merging::strategic(&info.object, patch),
        };
        (info.object.clone(), after)
    } else {
        let subresource = ctx.flags.text("subresource");
        let target = if subresource.is_empty() { info.target() } else { info.target().sub(&subresource) };
        let mut request = ctx.request(Verb::Patch, target).with_patch(kind, patch.clone());
        // What the object would become is best known by the server, also if only the client shall say it.
        request.dry_run = dry_run != DryRun::None;
        request.field_manager = ctx.flags.text("field-manager");
        (info.object.clone(), ctx.send(request).await?)
    };
    let is_whole = ctx.flags.text("subresource").is_empty();
    let word = if is_whole && without_managers(&before) == without_managers(&after) {
        "patched (no change)"
    } else {
        "patched"
    };
    printer.saying(dry_run.mark(word)).print(ctx, &after).await
}
