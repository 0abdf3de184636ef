//! `kubectl create`, and its children: one file for each kind.

// Models staging/src/k8s.io/kubectl/pkg/cmd/create/create.go

mod bindings;
mod clusterrole;
mod configmap;
mod cronjob;
mod deployment;
mod ingress;
mod job;
mod namespace;
mod poddisruptionbudget;
mod priorityclass;
mod quota;
mod role;
mod secret;
mod service;
mod serviceaccount;
mod sources;
mod token;

pub(crate) use quota::resource_list;

use podyard_api::{Target, Verb, json};

use crate::command::{Command, EMPTY, run};
use crate::creating::{self, LAST_APPLIED};
use crate::ctx::Ctx;
use crate::editor::{Mode, Session};
use crate::failure::{Failure, Outcome};
use crate::flags::shared::filename_flags;
use crate::flags::{Flag, shared};
use crate::print::{DryRun, Printer};
use crate::resource::{Builder, Info, documents};

pub(crate) static COMMAND: Command = Command {
    name: "create",
    usage: "create -f FILENAME",
    short: "Create a resource from a file or from stdin",
    long: "Create a resource from a file or from stdin.

 JSON and YAML formats are accepted.",
    example: "# Create a pod using the data in pod.json
kubectl create -f ./pod.json

# Create a pod based on the JSON passed into stdin
cat pod.json | kubectl create -f -

# Edit the data in registry.yaml in JSON then create the resource using the edited data
kubectl create -f registry.yaml --edit -o json",
    flags: &[FLAGS, filename_flags!("to use to create the resource"), shared::GENERATE, shared::SELECTOR],
    children: &[
        &clusterrole::COMMAND,
        &bindings::CLUSTER,
        &configmap::COMMAND,
        &cronjob::COMMAND,
        &deployment::COMMAND,
        &ingress::COMMAND,
        &job::COMMAND,
        &namespace::COMMAND,
        &poddisruptionbudget::COMMAND,
        &priorityclass::COMMAND,
        &quota::COMMAND,
        &role::COMMAND,
        &bindings::NAMESPACED,
        &secret::COMMAND,
        &service::COMMAND,
        &serviceaccount::COMMAND,
        &token::COMMAND,
    ],
    run: run!(create),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::bool("edit", "Edit the API resource before creating"),
    Flag::text("raw", "", "Raw URI to POST to the server.  Uses the transport specified by the kubeconfig file."),
    Flag::bool(
        "windows-line-endings",
        "Only relevant if --edit=true. Defaults to the line ending native to your platform.",
    ),
];

async fn create(ctx: Ctx) -> Outcome {
    let flags = &ctx.flags;
    if !ctx.args().is_empty() {
        return Err(ctx.usage(format!("Unexpected args: [{}]", ctx.args().join(" "))));
    }
    if flags.list("filename").is_empty() && flags.text("kustomize").is_empty() {
        return Err("must specify one of -f and -k".into());
    }
    let raw = flags.text("raw");
    if !raw.is_empty() {
        return post_raw(&ctx, &raw).await;
    }
    let dry_run = DryRun::from_flags(&ctx).await?;
    let printer = Printer::from_flags(&ctx, "created", dry_run).await?;
    let mut builder = Builder::from_flags(&ctx, &[]).await?;
    builder.fetch = false;
    builder.validate = creating::validation(&ctx) != "Ignore";
    let mut items = builder.start(&ctx).await?;
    let mut failures = Vec::new();
    if flags.bool("edit") {
        let json = flags.text("output") == "json";
        while let Some(next) = items.next(&ctx).await {
            Session { ctx: &ctx, mode: Mode::Create, json }.run(&[next?]).await?;
        }
        return Ok(());
    }
    let mut count = 0;
    while let Some(next) = items.next(&ctx).await {
        let result = match next {
            Ok(info) => one(&ctx, info, dry_run, &printer).await.map(|()| count += 1),
            Err(failure) => Err(failure),
        };
        failures.extend(result.err());
    }
    if count == 0 && failures.is_empty() {
        return Err("no objects passed to create".into());
    }
    Failure::collect(failures)
}

async fn one(ctx: &Ctx, mut info: Info, dry_run: DryRun, printer: &Printer) -> Outcome {
    if ctx.flags.bool("save-config") {
        let text = creating::applied_text(&info.object);
        info.object.set_annotation(LAST_APPLIED, &text);
    }
    if !dry_run.is_client() {
        let mut request = info.create(ctx, info.object.clone());
        request.dry_run = dry_run.is_server();
        request.field_manager = ctx.flags.text("field-manager");
        request.field_validation = creating::validation(ctx).into();
        let made = ctx.send(request).await.map_err(|failure| failure.when("creating", &info.source))?;
        info.refresh(made);
    }
    printer.print(ctx, &info.object).await
}

async fn post_raw(ctx: &Ctx, path: &str) -> Outcome {
    let files = ctx.flags.list("filename");
    let [file] = files.as_slice() else {
        return Err("--raw can only use a single local file or stdin".into());
    };
    let (objects, failure) = documents(ctx, file).await;
    if let Some(failure) = failure {
        return Err(failure);
    }
    let request = ctx.request(Verb::Create, Target::Path(path.into()));
    let body = ctx.send(request.with_body(objects.into_iter().next().unwrap_or_default())).await?;
    ctx.out(json::to_string(&body)).await;
    Ok(())
}
