//! `kubectl diff`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/diff

use ecow::{EcoString, eco_format};
use podyard_api::{Body, PatchKind, Value, Verb, json, yaml};
use podyard_kernel::Syscall;

use crate::children;
use crate::command::{Command, EMPTY, run};
use crate::creating::{LAST_APPLIED, applied_text};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::flags::shared::{SHOW_MANAGED_FIELDS, field_manager_flag, filename_flags};
use crate::flags::{Flag, shared};
use crate::print;
use crate::resource::{Builder, Info, q};
use crate::strategic;

pub(crate) static COMMAND: Command = Command {
    name: "diff",
    usage: "diff -f FILENAME",
    short: "Diff the live version against a would-be applied version",
    long: "Diff configurations specified by file name or stdin between the current online configuration, and the configuration as it would be if applied.

 The output is always YAML.

 KUBECTL_EXTERNAL_DIFF environment variable can be used to select your own diff command. Users can use external commands with params too, example: KUBECTL_EXTERNAL_DIFF=\"colordiff -N -u\"

 By default, the \"diff\" command available in your path will be run with the \"-u\" (unified diff) and \"-N\" (treat absent files as empty) options.

 Exit status: 0 No differences were found. 1 Differences were found. >1 Kubectl or diff failed with an error.

 Note: KUBECTL_EXTERNAL_DIFF, if used, is expected to follow that convention.",
    example: "# Diff resources included in pod.json
kubectl diff -f pod.json

# Diff file read from stdin
cat service.yaml | kubectl diff -f -",
    flags: &[
        FLAGS,
        filename_flags!("contains the configuration to diff"),
        field_manager_flag!("kubectl-client-side-apply"),
        shared::SELECTOR,
    ],
    run: run!(diff),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::int(
        "concurrency",
        "1",
        "Number of objects to process in parallel when diffing against the live version. Larger number = faster, but more memory, I/O and CPU over that shorter period of time.",
    ),
    Flag::bool("force-conflicts", "If true, server-side apply will force the changes against conflicts."),
    Flag::bool(
        "prune",
        "Include resources that would be deleted by pruning. Can be used with -l and default shows all resources would be pruned",
    ),
    Flag::texts("prune-allowlist", "Overwrite the default allowlist with <group/version/kind> for --prune"),
    Flag::bool("server-side", "If true, apply runs in the server instead of the client."),
    SHOW_MANAGED_FIELDS,
];

/// An exit status of 1 means that there are differences, so failures have a higher one.
async fn diff(ctx: Ctx) -> Outcome {
    match compare(&ctx).await {
        Ok(0) => Ok(()),
        Ok(status) => Err(Failure::Exit(status)),
        Err(failure) => {
            let (text, code) = failure.report();
            Err(Failure::Said { code: code.saturating_add(1), text })
        }
    }
}

async fn compare(ctx: &Ctx) -> Outcome<u8> {
    let flags = &ctx.flags;
    if flags.bool("force-conflicts") && !flags.bool("server-side") {
        return Err("--force-conflicts only works with --server-side".into());
    }
    if !ctx.args().is_empty() {
        return Err(ctx.usage(format!("Unexpected args: [{}]", ctx.args().join(" "))));
    }
    if flags.list("filename").is_empty() && flags.text("kustomize").is_empty() {
        return Err("must specify one of -f and -k".into());
    }
    if flags.bool("prune") {
        return Err("diff --prune is not simulated; see kubectl apply --prune --dry-run=server".into());
    }
    let mut builder = Builder::from_flags(ctx, &[]).await?;
    builder.fetch = false;
    let mut items = builder.start(ctx).await?;
    let live = children::temporary(ctx, "LIVE-", "").await;
    let merged = children::temporary(ctx, "MERGED-", "").await;
    for path in [&live, &merged] {
        let _ = ctx.sys.call(Syscall::MakeDir { path: path.clone(), mode: 0o700 }).await;
    }
    let result = fill(ctx, &mut items, &live, &merged).await;
    let status = match result {
        Ok(_) => run_diff(ctx, &live, &merged).await,
        Err(failure) => Err(failure),
    };
    for directory in [&live, &merged] {
        if let podyard_kernel::Answer::Entries(entries) = ctx.sys.call(Syscall::ReadDir(directory.clone())).await {
            for (name, _) in entries {
                let _ = ctx.sys.call(Syscall::Remove(eco_format!("{directory}/{name}"))).await;
            }
        }
        let _ = ctx.sys.call(Syscall::Remove(directory.clone())).await;
    }
    status
}

/// Writes what is there and what would be into two directories.
async fn fill(ctx: &Ctx, items: &mut crate::resource::Items, live: &str, merged: &str) -> Outcome {
    while let Some(info) = items.next(ctx).await {
        let info = info?;
        let wanted = info.object.clone();
        let mut current = info.clone();
        let before = match current.get(ctx).await {
            Ok(()) => Some(current.object.clone()),
            Err(failure) if failure.is("NotFound") => None,
            Err(failure) => return Err(failure),
        };
        let after = would_be(ctx, &info, &wanted, before.as_ref()).await?;
        let (before, after) = masked(ctx, before.unwrap_or_default(), after);
        let resource = &info.resource;
        let group = if resource.group.is_empty() { EcoString::new() } else { eco_format!("{}.", resource.group) };
        let (version, kind) = (&resource.version, &resource.kind);
        let name = format!("{group}{version}.{kind}.{}.{}", info.namespace, info.name);
        for (directory, object) in [(live, &before), (merged, &after)] {
            let text = if object.is_null() { String::new() } else { yaml::to_string(object) };
            let path = format!("{directory}/{name}");
            ctx.sys
                .write_file(&path, text)
                .await
                .map_err(|errno| Failure::Text(format!("open {path}: {}", errno.to_string().to_lowercase())))?;
        }
    }
    Ok(())
}

/// The object as it would be if the manifest were applied.
async fn would_be(ctx: &Ctx, info: &Info, wanted: &Value, live: Option<&Value>) -> Outcome<Value> {
    let mut request = if ctx.flags.bool("server-side") {
        let mut request = ctx.request(Verb::Patch, info.target());
        request.body = Body::Patch(PatchKind::Apply, wanted.clone());
        request.force = ctx.flags.bool("force-conflicts");
        request
    } else if let Some(live) = live {
        let modified = json::parse(&applied_text(wanted)).unwrap_or_default();
        let original = live.meta().annotation(LAST_APPLIED).and_then(|text| json::parse(text).ok());
        let patch = strategic::three_way(&original.unwrap_or_default(), &modified, live);
        if patch.is_empty() {
            return Ok(live.clone());
        }
        let kind = if strategic::is_strategic(wanted) { PatchKind::Strategic } else { PatchKind::Merge };
        ctx.request(Verb::Patch, info.target()).with_patch(kind, patch)
    } else {
        info.create(ctx, wanted.clone())
    };
    request.dry_run = true;
    request.field_manager = match ctx.flags.changed("field-manager") || !ctx.flags.bool("server-side") {
        true => ctx.flags.text("field-manager"),
        false => "kubectl".into(),
    };
    ctx.send(request).await
}

/// Both without managed fields, and without the values of a secret.
fn masked(ctx: &Ctx, before: Value, after: Value) -> (Value, Value) {
    let shown = |object: Value| match ctx.flags.bool("show-managed-fields") {
        true => object,
        false => print::without_managed_fields(&object),
    };
    let (mut before, mut after) = (shown(before), shown(after));
    if after.kind() != "Secret" || after.api_version() != "v1" {
        return (before, after);
    }
    let (old, new) = (before.get("data").clone(), after.get("data").clone());
    for (key, value) in old.fields() {
        let other = new.as_object().and_then(|new| new.get(key));
        let changed = other.is_some_and(|other| other != value);
        before.field_mut("data").set(key, if changed { "*** (before)" } else { "***" });
    }
    for (key, value) in new.fields() {
        let other = old.as_object().and_then(|old| old.get(key));
        let changed = other.is_some_and(|other| other != value);
        after.field_mut("data").set(key, if changed { "*** (after)" } else { "***" });
    }
    (before, after)
}

/// Runs the program that compares; its status.
async fn run_diff(ctx: &Ctx, live: &EcoString, merged: &EcoString) -> Outcome<u8> {
    let external = ctx.env.var("KUBECTL_EXTERNAL_DIFF").filter(|text| !text.is_empty());
    let mut argv: Vec<EcoString> = match external {
        None => vec!["diff".into(), "-u".into(), "-N".into(), live.clone(), merged.clone()],
        Some(text) => {
            let mut words = text.split(' ');
            let mut argv: Vec<EcoString> = words.next().map(Into::into).into_iter().collect();
            argv.extend([live.clone(), merged.clone()]);
            let plain = |word: &&str| {
                !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '=')
            };
            argv.extend(words.filter(plain).map(EcoString::from));
            argv
        }
    };
    let program = argv.first().cloned().unwrap_or_default();
    let status = children::run(ctx, &std::mem::take(&mut argv)).await;
    match status {
        Some(status @ (0 | 1)) => Ok(status),
        Some(status) => Err(Failure::Text(format!("failed to run {}: exit status {status}", q(&program)))),
        None => Err(Failure::Text(format!(
            "failed to run {}: exec: {}: executable file not found in $PATH",
            q(&program),
            q(&program)
        ))),
    }
}
