//! `kubectl apply`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/apply/{apply,patcher}.go

mod last_applied;
mod prune;

use ecow::EcoString;
use podyard_api::{Body, PatchKind, Value, Verb, json};

use crate::cmd::delete::{self, Deletion};
use crate::command::{Command, EMPTY, run};
use crate::creating::{self, LAST_APPLIED, applied_text};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::filename_flags;
use crate::flags::{Flag, shared};
use crate::print::{DryRun, Printer};
use crate::resource::{Builder, Info, delete_options, q};
use crate::strategic;

pub(crate) static COMMAND: Command = Command {
    name: "apply",
    usage: "apply (-f FILENAME | -k DIRECTORY)",
    short: "Apply a configuration to a resource by file name or stdin",
    long: "Apply a configuration to a resource by file name or stdin. The resource name must be specified. This resource will be created if it doesn't exist yet. To use 'apply', always create the resource initially with either 'apply' or 'create --save-config'.

 JSON and YAML formats are accepted.

 Alpha Disclaimer: the --prune functionality is not yet complete. Do not use unless you are aware of what the current state is. See https://issues.k8s.io/34274.",
    example: "# Apply the configuration in pod.json to a pod
kubectl apply -f ./pod.json

# Apply resources from a directory containing kustomization.yaml - e.g. dir/kustomization.yaml
kubectl apply -k dir/

# Apply the JSON passed into stdin to a pod
cat pod.json | kubectl apply -f -

# Apply the configuration from all files that end with '.json'
kubectl apply -f '*.json'

# Note: --prune is still in Alpha
# Apply the configuration in manifest.yaml that matches label app=nginx and delete all other resources that are not in the file and match label app=nginx
kubectl apply --prune -f manifest.yaml -l app=nginx

# Apply the configuration in manifest.yaml and delete all the other config maps that are not in the file
kubectl apply --prune -f manifest.yaml --all --prune-allowlist=core/v1/ConfigMap",
    flags: &[
        FLAGS,
        filename_flags!("The files that contain the configurations to apply."),
        shared::DRY_RUN,
        shared::PRINT,
        shared::SELECTOR,
        shared::VALIDATE,
    ],
    children: &[&last_applied::EDIT, &last_applied::SET, &last_applied::VIEW],
    run: run!(apply),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::bool("all", "Select all resources in the namespace of the specified resource types."),
    delete::CASCADE,
    Flag::text("field-manager", "kubectl-client-side-apply", "Name of the manager used to track field ownership."),
    delete::FORCE,
    Flag::bool("force-conflicts", "If true, server-side apply will force the changes against conflicts."),
    delete::GRACE_PERIOD,
    Flag::on(
        "openapi-patch",
        "If true, use openapi to calculate diff when the openapi presents and the resource can be found in the openapi spec. Otherwise, fall back to use baked-in types.",
    ),
    Flag::on(
        "overwrite",
        "Automatically resolve conflicts between the modified and live configuration by using values from the modified configuration",
    ),
    Flag::bool(
        "prune",
        "Automatically delete resource objects, that do not appear in the configs and are created by either apply or create --save-config. Should be used with either -l or --all.",
    ),
    Flag::texts("prune-allowlist", "Overwrite the default allowlist with <group/version/kind> for --prune"),
    Flag::bool("server-side", "If true, apply runs in the server instead of the client."),
    Flag::text(
        "subresource",
        "",
        "If specified, apply will operate on the subresource of the requested object.  Only allowed when using --server-side.",
    ),
    delete::TIMEOUT,
    Flag::bool("wait", "If true, wait for resources to be gone before returning. This waits for finalizers."),
];

const CONFLICT_HINT: &str = "
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts";

/// What the flags ask for.
struct Options {
    dry_run: DryRun,
    printer: Printer,
    field_manager: EcoString,
    /// Objects are printed together at the end.
    collect: bool,
}

async fn apply(ctx: Ctx) -> Outcome {
    let flags = &ctx.flags;
    if !ctx.args().is_empty() {
        return Err(ctx.usage(format!("Unexpected args: [{}]", ctx.args().join(" "))));
    }
    let server_side = flags.bool("server-side");
    if flags.bool("force-conflicts") && !server_side {
        return Err("--force-conflicts only works with --server-side".into());
    }
    let dry_run = DryRun::from_flags(&ctx).await?;
    if dry_run.is_client() && server_side {
        return Err("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)".into());
    }
    if flags.bool("force") && server_side {
        return Err("--force cannot be used with --server-side".into());
    }
    if flags.list("filename").is_empty() && flags.text("kustomize").is_empty() {
        return Err("must specify one of -f and -k".into());
    }
    if flags.bool("prune") && !flags.bool("all") && flags.text("selector").is_empty() {
        return Err("all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector".into());
    }
    let output = flags.text("output");
    let options = Options {
        dry_run,
        printer: Printer::from_flags(&ctx, "", dry_run).await?,
        field_manager: match flags.changed("field-manager") || !server_side {
            true => flags.text("field-manager"),
            false => "kubectl".into(),
        },
        collect: !output.is_empty() && output != "name",
    };
    let mut builder = Builder::from_flags(&ctx, &[]).await?;
    builder.fetch = false;
    builder.select_all = false;
    builder.validate = creating::validation(&ctx) != "Ignore";
    let mut items = builder.start(&ctx).await?;
    let (infos, mut failures) = items.all(&ctx, true).await;
    if infos.is_empty() && failures.is_empty() {
        return Err("no objects passed to apply".into());
    }
    let mut done: Vec<Info> = Vec::new();
    for mut info in infos {
        let result = if server_side {
            on_server(&ctx, &options, &mut info).await
        } else {
            on_client(&ctx, &options, &mut info).await
        };
        failures.extend(result.err());
        done.push(info);
    }
    if options.collect && failures.is_empty() {
        options.printer.print(&ctx, &together(&done)).await?;
    }
    Failure::collect(failures)?;
    if flags.bool("prune") { prune::prune(&ctx, &done, dry_run).await } else { Ok(()) }
}

/// One object as it is, several as a list.
fn together(infos: &[Info]) -> Value {
    match infos {
        [info] => info.object.clone(),
        _ => podyard_api::value!({
            "apiVersion": "v1",
            "kind": "List",
            "metadata": {},
            "items": infos.iter().map(|info| info.object.clone()).collect::<Value>(),
        }),
    }
}

async fn say(ctx: &Ctx, options: &Options, info: &Info, word: &str) -> Outcome {
    if options.collect {
        return Ok(());
    }
    options.printer.saying(options.dry_run.mark(word)).print(ctx, &info.object).await
}

async fn on_server(ctx: &Ctx, options: &Options, info: &mut Info) -> Outcome {
    let mut target = info.target();
    let subresource = ctx.flags.text("subresource");
    if !subresource.is_empty() {
        target = target.sub(&subresource);
    }
    let mut request = ctx.request(Verb::Patch, target);
    request.body = Body::Patch(PatchKind::Apply, info.object.clone());
    request.dry_run = options.dry_run.is_server();
    request.field_manager = options.field_manager.clone();
    request.field_validation = creating::validation(ctx).into();
    request.force = ctx.flags.bool("force-conflicts");
    let object = ctx.send(request).await.map_err(|failure| match failure {
        Failure::Server(status) if status.is("Conflict") => Failure::Text(format!("{}{CONFLICT_HINT}", status.message)),
        other => other,
    })?;
    info.refresh(object);
    warn_if_deleting(ctx, info).await;
    say(ctx, options, info, "serverside-applied").await
}

async fn on_client(ctx: &Ctx, options: &Options, info: &mut Info) -> Outcome {
    if info.name.is_empty() {
        let generated = info.object.meta().generate_name();
        if !generated.is_empty() {
            return Err(Failure::Text(format!("from {generated}: cannot use generate name with apply")));
        }
    }
    let mut modified = info.object.clone();
    let text = applied_text(&modified);
    modified.set_annotation(LAST_APPLIED, &text);
    match info.get(ctx).await {
        Ok(()) => {}
        Err(failure) if failure.is("NotFound") => {
            info.object = without_nulls(&modified);
            return create(ctx, options, info).await;
        }
        Err(failure) => {
            let doing = format!("retrieving current configuration of:\n{}\nfrom server for:", described(info));
            return Err(failure.when(&doing, &info.source));
        }
    }
    if !options.dry_run.is_client() {
        let current = info.object.clone();
        let original = last_applied(&current);
        if original.is_none() {
            ctx.warn(&format!(
                "resource {}/{} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.",
                info.resource.name, info.name
            ))
            .await;
        }
        let changed = patch(ctx, options, info, &original.unwrap_or_default(), &modified).await?;
        warn_if_deleting(ctx, info).await;
        if !changed {
            return say(ctx, options, info, "unchanged").await;
        }
    }
    say(ctx, options, info, "configured").await
}

async fn create(ctx: &Ctx, options: &Options, info: &mut Info) -> Outcome {
    if !options.dry_run.is_client() {
        let mut request = info.create(ctx, info.object.clone());
        request.dry_run = options.dry_run.is_server();
        request.field_manager = options.field_manager.clone();
        request.field_validation = creating::validation(ctx).into();
        let object = ctx.send(request).await.map_err(|failure| failure.when("creating", &info.source))?;
        info.refresh(object);
    }
    say(ctx, options, info, "created").await
}

/// What was applied last, if the object remembers.
pub(super) fn last_applied(object: &Value) -> Option<Value> {
    let text = object.meta().annotation(LAST_APPLIED)?;
    json::parse(text).ok()
}

/// Patches the object; whether there was anything to change.
async fn patch(ctx: &Ctx, options: &Options, info: &mut Info, original: &Value, modified: &Value) -> Outcome<bool> {
    const RETRIES: usize = 5;
    let mut attempt = 0;
    loop {
        let patch = strategic::three_way(original, modified, &info.object);
        if patch.is_empty() {
            return Ok(false);
        }
        let kind = if strategic::is_strategic(modified) { PatchKind::Strategic } else { PatchKind::Merge };
        let mut request = ctx.request(Verb::Patch, info.target()).with_patch(kind, patch.clone());
        request.dry_run = options.dry_run.is_server();
        request.field_manager = options.field_manager.clone();
        request.field_validation = creating::validation(ctx).into();
        match ctx.send(request).await {
            Ok(object) => {
                info.refresh(object);
                return Ok(true);
            }
            Err(failure) if failure.is("Conflict") && attempt < RETRIES => {
                attempt += 1;
                info.get(ctx).await?;
            }
            refused => {
                let is_forced = ctx.flags.bool("force")
                    && refused.as_ref().is_err_and(|failure| failure.is("Conflict") || failure.is("Invalid"));
                let outcome = match refused {
                    _ if is_forced => delete_and_create(ctx, options, info, modified).await,
                    other => other.map(drop),
                };
                let doing =
                    format!("applying patch:\n{}\nto:\n{}\nfor:", json::to_string_plain(&patch), described(info));
                return outcome.map(|()| true).map_err(|failure| failure.when(&doing, &info.source));
            }
        }
    }
}

/// `--force`: what cannot be changed is made anew.
async fn delete_and_create(ctx: &Ctx, options: &Options, info: &mut Info, modified: &Value) -> Outcome {
    let grace = ctx.flags.int("grace-period");
    let propagation = delete::propagation(ctx).await?;
    let mut request = ctx.request(Verb::Delete, info.target());
    request.dry_run = options.dry_run.is_server();
    let body = delete_options((grace >= 0).then_some(grace), propagation);
    ctx.send(request.with_body(body)).await?;
    if !options.dry_run.is_server() {
        let timeout = ctx.flags.duration("timeout");
        if timeout == 0 {
            // Without a timeout there is one look, and no waiting.
            match info.get(ctx).await {
                Err(failure) if failure.is("NotFound") => {}
                outcome => return outcome.and(Err("context deadline exceeded".into())),
            }
        } else {
            Deletion::quietly(timeout).wait_for(ctx, info).await?;
        }
    }
    let mut request = info.create(ctx, modified.clone());
    request.dry_run = options.dry_run.is_server();
    request.field_manager = options.field_manager.clone();
    let object = ctx.send(request).await?;
    info.refresh(object);
    Ok(())
}

async fn warn_if_deleting(ctx: &Ctx, info: &Info) {
    if info.object.meta().deletion_timestamp().is_some() {
        ctx.warn(&format!("Detected changes to resource {} which is currently being deleted.", info.name)).await;
    }
}

/// As errors name what they are about.
// Models staging/src/k8s.io/cli-runtime/pkg/resource/visitor.go Info.String
fn described(info: &Info) -> String {
    let resource = &info.resource;
    let group_version = format!("{}/{}", resource.group, resource.version);
    let (name, kind) = (&resource.name, &resource.kind);
    format!(
        "Resource: {}, GroupVersionKind: {}\nName: {}, Namespace: {}",
        q(&format!("{group_version}, Resource={name}")),
        q(&format!("{group_version}, Kind={kind}")),
        q(&info.name),
        q(&info.namespace)
    )
}

/// Without fields that are `null`, as an update by a patch would leave them out.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(_) => {
            let mut kept = Value::object();
            for (key, field) in value.fields().iter().filter(|(_, field)| !field.is_null()) {
                kept.set(key, without_nulls(field));
            }
            kept
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}
