//! `kubectl apply view-last-applied`, `set-last-applied`, `edit-last-applied`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/apply/apply_{view,set}_last_applied.go

use podyard_api::{PatchKind, Verb, json, value, yaml};

use super::last_applied;
use crate::command::{Command, EMPTY, run};
use crate::creating::LAST_APPLIED;
use crate::ctx::Ctx;
use crate::editor::{Mode, Session};
use crate::failure::{Failure, Outcome};
use crate::flags::shared::{field_manager_flag, filename_flags};
use crate::flags::{Flag, shared};
use crate::print::{DryRun, Printer};
use crate::resource::{Builder, Info, MISSING};

pub(super) static VIEW: Command = Command {
    name: "view-last-applied",
    usage: "view-last-applied (TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)",
    short: "View the latest last-applied-configuration annotations of a resource/object",
    long: "View the latest last-applied-configuration annotations by type/name or file.

 The default output will be printed to stdout in YAML format. You can use the -o option to change the output format.",
    example: "# View the last-applied-configuration annotations by type/name in YAML
kubectl apply view-last-applied deployment/nginx

# View the last-applied-configuration annotations by file in JSON
kubectl apply view-last-applied -f deploy.yaml -o json",
    flags: &[VIEW_FLAGS, filename_flags!("that contains the last-applied-configuration annotations"), shared::SELECTOR],
    run: run!(view),
    ..EMPTY
};

static VIEW_FLAGS: &[Flag] = &[
    Flag::bool("all", "Select all resources in the namespace of the specified resource types"),
    Flag::text("output", "yaml", "Output format. Must be one of (yaml, json)").short("o"),
];

pub(super) static SET: Command = Command {
    name: "set-last-applied",
    usage: "set-last-applied -f FILENAME",
    short: "Set the last-applied-configuration annotation on a live object to match the contents of a file",
    long: "Set the latest last-applied-configuration annotations by setting it to match the contents of a file. This results in the last-applied-configuration being updated as though 'kubectl apply -f<file> ' was run, without updating any other parts of the object.",
    example: "# Set the last-applied-configuration of a resource to match the contents of a file
kubectl apply set-last-applied -f deploy.yaml

# Execute set-last-applied against each configuration file in a directory
kubectl apply set-last-applied -f path/

# Set the last-applied-configuration of a resource to match the contents of a file; will create the annotation if it does not already exist
kubectl apply set-last-applied -f deploy.yaml --create-annotation=true",
    flags: &[SET_FLAGS, shared::DRY_RUN, shared::PRINT],
    run: run!(set),
    ..EMPTY
};

static SET_FLAGS: &[Flag] = &[
    Flag::bool(
        "create-annotation",
        "Will create 'last-applied-configuration' annotations if current objects doesn't have one",
    ),
    Flag::slice(
        "filename",
        "Filename, directory, or URL to files that contains the last-applied-configuration annotations",
    )
    .short("f"),
];

pub(super) static EDIT: Command = Command {
    name: "edit-last-applied",
    usage: "edit-last-applied (RESOURCE/NAME | -f FILENAME)",
    short: "Edit latest last-applied-configuration annotations of a resource/object",
    long: "Edit the latest last-applied-configuration annotations of resources from the default editor.

 The edit-last-applied command allows you to directly edit any API resource you can retrieve via the command-line tools. It will open the editor defined by your KUBE_EDITOR, or EDITOR environment variables, or fall back to 'vi' for Linux or 'notepad' for Windows. You can edit multiple objects, although changes are applied one at a time. The command accepts file names as well as command-line arguments, although the files you point to must be previously saved versions of resources.

 The default format is YAML. If you would like to edit in JSON, specify \"-o json\".

 The flag --windows-line-endings can be used to force Windows line endings, otherwise the default for your operating system will be used.

 In the event an error occurs while updating, a temporary file will be created on disk that contains your unapplied changes. The most common error when updating a resource is another editor changing the resource on the server. When this occurs, you will have to apply your changes to the newer version of the resource, or update your temporary saved copy to include the latest resource version.",
    example: "# Edit the last-applied-configuration annotations by type/name in YAML
kubectl apply edit-last-applied deployment/nginx

# Edit the last-applied-configuration annotations by file in JSON
kubectl apply edit-last-applied -f deploy.yaml -o json",
    flags: &[
        EDIT_FLAGS,
        filename_flags!("to use to edit the resource"),
        field_manager_flag!("kubectl-client-side-apply"),
        shared::PRINT,
        shared::VALIDATE,
    ],
    run: run!(edit),
    ..EMPTY
};

static EDIT_FLAGS: &[Flag] =
    &[Flag::bool("windows-line-endings", "Defaults to the line ending native to your platform.")];

async fn view(ctx: Ctx) -> Outcome {
    let output = ctx.flags.text("output");
    if output != "yaml" && output != "json" {
        return Err(
            ctx.usage(format!("Unexpected -o output mode: {output}, the flag 'output' must be one of yaml|json"))
        );
    }
    let mut items = Builder::from_flags(&ctx, ctx.args()).await?.start(&ctx).await?;
    let mut texts = Vec::new();
    while let Some(info) = items.next(&ctx).await {
        let info = info?;
        let Some(applied) = last_applied(&info.object) else {
            let name = &info.name;
            return Err(Failure::Text(format!("no last-applied-configuration annotation found on resource: {name}\n")));
        };
        texts.push(if output == "json" {
            json::to_string_indented(&applied, "  ") + "\n"
        } else {
            yaml::to_string(&applied)
        });
    }
    for text in texts {
        ctx.out(text).await;
    }
    Ok(())
}

async fn set(ctx: Ctx) -> Outcome {
    let dry_run = DryRun::from_flags(&ctx).await?;
    let printer = Printer::from_flags(&ctx, "configured", dry_run).await?;
    if ctx.flags.list("filename").is_empty() {
        return Err("must specify --filename/-f".into());
    }
    let mut builder = Builder::from_flags(&ctx, &[]).await?;
    builder.fetch = false;
    let mut items = builder.start(&ctx).await?;
    let mut changes = Vec::new();
    while let Some(info) = items.next(&ctx).await {
        let mut info = info?;
        let text = json::to_string(&info.object) + "\n";
        let source = info.source.clone();
        info.get(&ctx).await.map_err(|failure| failure.when("retrieving current configuration of", &source))?;
        let current = info.object.meta().annotation(LAST_APPLIED).map(str::to_owned);
        if current.is_none() && !ctx.flags.bool("create-annotation") {
            return Err(Failure::Text(format!(
                "no last-applied-configuration annotation found on resource: {}, to create the annotation, run the command with --create-annotation",
                info.name
            )));
        }
        if current.as_deref() != Some(text.as_str()) {
            changes.push((info, text));
        } else {
            ctx.out(format!("set-last-applied {}: no changes required.\n", info.name)).await;
        }
    }
    for (info, text) in changes {
        let mut object = info.object.clone();
        object.set_annotation(LAST_APPLIED, &text);
        if !dry_run.is_client() {
            let patch = value!({"metadata": {"annotations": {(LAST_APPLIED): text}}});
            let mut request = ctx.request(Verb::Patch, info.target()).with_patch(PatchKind::Merge, patch);
            request.dry_run = dry_run.is_server();
            object = ctx.send(request).await?;
        }
        printer.print(&ctx, &object).await?;
    }
    Ok(())
}

async fn edit(ctx: Ctx) -> Outcome {
    let mut builder = Builder::from_flags(&ctx, ctx.args()).await?;
    builder.allow_empty_selector = true;
    if ctx.args().is_empty() && !builder.has_files() {
        return Err(MISSING.into());
    }
    let mut items = builder.start(&ctx).await?;
    let (infos, failures) = items.all(&ctx, true).await;
    Failure::collect(failures)?;
    let mut applied = Vec::new();
    for info in infos {
        if let Some(object) = last_applied(&info.object) {
            applied.push(Info { object, ..info });
        }
    }
    if applied.is_empty() {
        return Err("no last-applied-configuration annotation found on resources, to create the annotation, use command `kubectl apply set-last-applied --create-annotation`".into());
    }
    let json = ctx.flags.text("output") == "json";
    Session { ctx: &ctx, mode: Mode::LastApplied, json }.run(&applied).await
}
