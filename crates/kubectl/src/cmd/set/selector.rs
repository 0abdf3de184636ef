//! `kubectl set selector`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/set/set_selector.go

use podyard_api::{PatchKind, Selector, Value, Verb, value};

use super::ALL;
use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::{field_manager_flag, filename_flags};
use crate::flags::{Flag, shared};
use crate::print::{DryRun, Printer};
use crate::templates;

pub(crate) static COMMAND: Command = Command {
    name: "selector",
    usage: "selector (-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]",
    short: "Set the selector on a resource",
    long: "Set the selector on a resource. Note that the new selector will overwrite the old selector if the resource had one prior to the invocation of 'set selector'.

 A selector must begin with a letter or number, and may contain letters, numbers, hyphens, dots, and underscores, up to 63 characters. If --resource-version is specified, then updates will use this resource version, otherwise the existing resource-version will be used. Note: currently selectors can only be set on Service objects.",
    example: "# Set the labels and selector before creating a deployment/service pair
kubectl create service clusterip my-svc --clusterip=\"None\" -o yaml --dry-run=client | kubectl set selector --local -f - 'environment=qa' -o yaml | kubectl create -f -
kubectl create deployment my-dep -o yaml --dry-run=client | kubectl label --local -f - environment=qa -o yaml | kubectl create -f -",
    flags: &[
        FLAGS,
        filename_flags!("identifying the resource."),
        field_manager_flag!("kubectl-set"),
        shared::DRY_RUN,
        shared::PRINT,
    ],
    run: run!(set),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    ALL,
    Flag::bool("local", "If true, annotation will NOT contact api-server but run locally."),
    Flag::text(
        "resource-version",
        "",
        "If non-empty, the selectors update will only succeed if this is the current resource-version for the object. Only valid when specifying a single resource.",
    ),
];

async fn set(ctx: Ctx) -> Outcome {
    let dry_run = DryRun::from_flags(&ctx).await?;
    let printer = Printer::from_flags(&ctx, "selector updated", dry_run).await?;
    let (resources, expression) = match ctx.args().split_last() {
        Some((last, before)) if last.contains('=') || !before.is_empty() => (before, last.as_str()),
        _ => (ctx.args(), ""),
    };
    templates::check_resources(&ctx, resources)?;
    if expression.is_empty() {
        return Err("one selector must be specified".into());
    }
    let selector = labels(expression)?;
    let infos = templates::infos(&ctx, resources).await?;
    let local = ctx.flags.bool("local") || dry_run.is_client();
    let mut failures = Vec::new();
    for info in &infos {
        if info.object.kind() != "Service" {
            failures.push(Failure::Text("setting a selector is only supported for Services".to_owned()));
            continue;
        }
        let mut after = info.object.clone();
        after.field_mut("spec").set("selector", &selector);
        let shown = if local {
            Ok(after)
        } else {
            // A selector is replaced, so keys that are not named any more must go.
            let mut patch = templates::difference(&info.object, &after);
            if patch.is_empty() {
                patch = value!({"spec": {"selector": &selector}});
            }
            let mut request = ctx.request(Verb::Patch, info.target()).with_patch(PatchKind::Strategic, patch);
            request.dry_run = dry_run.is_server();
            request.field_manager = ctx.flags.text("field-manager");
            ctx.send(request).await
        };
        match shown {
            Ok(object) => printer.print(&ctx, &object).await?,
            Err(failure) => failures.push(failure),
        }
    }
    Failure::collect(failures)
}

/// `a=b,c=d`
fn labels(text: &str) -> Outcome<Value> {
    Selector::parse(text).map_err(Failure::Text)?;
    let mut labels = Value::object();
    for pair in text.split(',') {
        match pair.split_once('=') {
            Some((key, value)) if !key.ends_with('!') => labels.set(key.trim(), value.trim_start_matches('=').trim()),
            _ => return Err(Failure::Text(format!("{} is not a valid label selector", crate::resource::q(text)))),
        }
    }
    Ok(labels)
}
