//! `kubectl replace`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/replace/replace.go

use podyard_api::{Target, Verb, json};

use crate::cmd::delete::{self, Deletion};
use crate::command::{Command, EMPTY, run};
use crate::creating::{self, LAST_APPLIED};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::{field_manager_flag, filename_flags};
use crate::flags::{Flag, shared};
use crate::print::{DryRun, Printer};
use crate::resource::{Builder, Info, delete_options, documents};

pub(crate) static COMMAND: Command = Command {
    name: "replace",
    usage: "replace -f FILENAME",
    short: "Replace a resource by file name or stdin",
    long: "Replace a resource by file name or stdin.

 JSON and YAML formats are accepted. If replacing an existing resource, the complete resource spec must be provided. This can be obtained by

  $ kubectl get TYPE NAME -o yaml",
    example: "# Replace a pod using the data in pod.json
kubectl replace -f ./pod.json

# Replace a pod based on the JSON passed into stdin
cat pod.json | kubectl replace -f -

# Update a single-container pod's image version (tag) to v4
kubectl get pod mypod -o yaml | sed 's/\\(image: myimage\\):.*$/\\1:v4/' | kubectl replace -f -

# Force replace, delete and then re-create the resource
kubectl replace --force -f ./pod.json",
    flags: &[
        FLAGS,
        filename_flags!("The files that contain the configurations to replace."),
        field_manager_flag!("kubectl-replace"),
        shared::DRY_RUN,
        shared::PRINT,
        shared::SAVE_CONFIG,
        shared::VALIDATE,
    ],
    run: run!(replace),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    delete::CASCADE,
    delete::FORCE,
    delete::GRACE_PERIOD,
    Flag::text("raw", "", "Raw URI to PUT to the server.  Uses the transport specified by the kubeconfig file."),
    Flag::text("subresource", "", "If specified, replace will operate on the subresource of the requested object."),
    delete::TIMEOUT,
    Flag::bool("wait", "If true, wait for resources to be gone before returning. This waits for finalizers."),
];

async fn replace(ctx: Ctx) -> Outcome {
    let flags = &ctx.flags;
    let dry_run = DryRun::from_flags(&ctx).await?;
    let printer = Printer::from_flags(&ctx, "replaced", dry_run).await?;
    let force = flags.bool("force");
    if flags.int("grace-period") >= 0 && !force {
        return Err("--grace-period must have --force specified".into());
    }
    if flags.duration("timeout") != 0 && !force {
        return Err("--timeout must have --force specified".into());
    }
    if flags.list("filename").is_empty() && flags.text("kustomize").is_empty() {
        return Err(ctx.usage("must specify --filename to replace"));
    }
    let raw = flags.text("raw");
    if !raw.is_empty() {
        return put_raw(&ctx, &raw).await;
    }
    let mut builder = Builder::from_flags(&ctx, &[]).await?;
    builder.fetch = false;
    builder.validate = creating::validation(&ctx) != "Ignore";
    let mut items = builder.start(&ctx).await?;
    let (infos, mut failures) = items.all(&ctx, true).await;
    if force {
        Failure::collect(failures)?;
        return anew(&ctx, infos, dry_run, &printer).await;
    }
    for mut info in infos {
        let result = update(&ctx, &mut info, dry_run).await;
        match result {
            Ok(()) => printer.print(&ctx, &info.object).await?,
            Err(failure) => failures.push(failure),
        }
    }
    Failure::collect(failures)
}

fn remember(ctx: &Ctx, info: &mut Info) {
    // An object that was applied keeps saying so.
    if ctx.flags.bool("save-config") || info.object.meta().annotation(LAST_APPLIED).is_some() {
        let text = creating::applied_text(&info.object);
        info.object.set_annotation(LAST_APPLIED, &text);
    }
}

async fn update(ctx: &Ctx, info: &mut Info, dry_run: DryRun) -> Outcome {
    remember(ctx, info);
    if dry_run.is_client() {
        return Ok(());
    }
    let mut request = info.update(ctx, info.object.clone());
    let subresource = ctx.flags.text("subresource");
    if !subresource.is_empty() {
        request.target = request.target.sub(&subresource);
    }
    request.dry_run = dry_run.is_server();
    request.field_manager = ctx.flags.text("field-manager");
    request.field_validation = creating::validation(ctx).into();
    let object = ctx.send(request).await.map_err(|failure| failure.when("replacing", &info.source))?;
    info.refresh(object);
    Ok(())
}

/// `--force`: deletes all, then creates all.
async fn anew(ctx: &Ctx, infos: Vec<Info>, dry_run: DryRun, printer: &Printer) -> Outcome {
    let grace = ctx.flags.int("grace-period");
    let propagation = delete::propagation(ctx).await?;
    let deletion = Deletion::quietly(ctx.flags.duration("timeout"));
    for info in &infos {
        let mut live = info.clone();
        match live.get(ctx).await {
            Err(failure) if failure.is("NotFound") => continue,
            other => other?,
        }
        if dry_run.is_client() {
            continue;
        }
        let mut request = ctx.request(Verb::Delete, info.target());
        request.dry_run = dry_run.is_server();
        ctx.send(request.with_body(delete_options((grace >= 0).then_some(grace), propagation))).await?;
        let place =
            if info.namespace.is_empty() { String::new() } else { format!(" from {} namespace", info.namespace) };
        let word = dry_run.mark(&format!("deleted{place}"));
        ctx.out(format!("{} \"{}\" {word}\n", info.resource.printed_kind(), info.name)).await;
        if dry_run == DryRun::None {
            deletion.wait_for(ctx, &live).await?;
        }
    }
    let mut failures = Vec::new();
    for mut info in infos {
        remember(ctx, &mut info);
        if !dry_run.is_client() {
            let mut object = info.object.clone();
            object.meta_mut().object_mut().remove("resourceVersion");
            let mut request = info.create(ctx, object);
            request.dry_run = dry_run.is_server();
            request.field_manager = ctx.flags.text("field-manager");
            match ctx.send(request).await {
                Ok(object) => info.refresh(object),
                Err(failure) => {
                    failures.push(failure);
                    continue;
                }
            }
        }
        printer.print(ctx, &info.object).await?;
    }
    Failure::collect(failures)
}

async fn put_raw(ctx: &Ctx, path: &str) -> Outcome {
    let files = ctx.flags.list("filename");
    let [file] = files.as_slice() else {
        return Err("--raw can only use a single local file or stdin".into());
    };
    let (objects, failure) = documents(ctx, file).await;
    if let Some(failure) = failure {
        return Err(failure);
    }
    let request = ctx.request(Verb::Update, Target::Path(path.into()));
    let body = ctx.send(request.with_body(objects.into_iter().next().unwrap_or_default())).await?;
    ctx.out(json::to_string(&body)).await;
    Ok(())
}
