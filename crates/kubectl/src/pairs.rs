//! Setting and removing `key=value` pairs of `metadata`: what label and annotate have in common.

// Models staging/src/k8s.io/kubectl/pkg/cmd/label/label.go and staging/src/k8s.io/kubectl/pkg/cmd/annotate/annotate.go

use ecow::EcoString;
use podyard_api::{PatchKind, Value, Verb, json};

use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::patch::merge_patch;
use crate::print::{DryRun, Printer};
use crate::resource::{Builder, Info};

/// Which of the two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct What {
    /// `label` or `annotation`.
    pub word: &'static str,
    /// The field of `metadata`.
    pub field: &'static str,
}

/// What the command line asks for.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub set: Vec<(EcoString, EcoString)>,
    pub remove: Vec<EcoString>,
}

impl Changes {
    fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty()
    }
}

/// Divides the arguments into resources and changes.
// Models staging/src/k8s.io/kubectl/pkg/cmd/util/helpers.go GetResourcesAndPairs
pub(crate) fn divide<'a>(args: &'a [EcoString], word: &str) -> Outcome<(&'a [EcoString], &'a [EcoString])> {
    let is_pair = |arg: &EcoString| arg.contains('=') || arg.ends_with('-');
    let first = args.iter().position(is_pair).unwrap_or(args.len());
    let (resources, pairs) = args.split_at(first);
    match pairs.iter().find(|arg| !is_pair(arg)) {
        Some(arg) => Err(Failure::Text(format!("all resources must be specified before {word} changes: {arg}"))),
        None => Ok((resources, pairs)),
    }
}

/// Makes the changes on all that was asked for, or lists what is there. `said` gives the word for what was done.
pub(crate) async fn change(
    ctx: &Ctx,
    what: What,
    resources: &[EcoString],
    changes: &Changes,
    conflict: fn(&[(EcoString, EcoString)]) -> Failure,
    said: fn(&Value, &Value, bool) -> &'static str,
) -> Outcome {
    let flags = &ctx.flags;
    let dry_run = DryRun::from_flags(ctx).await?;
    let printer = Printer::from_flags(ctx, "", dry_run).await?;
    validate(ctx, what, resources, changes, dry_run)?;
    let list = flags.bool("list");
    let mut builder = Builder::from_flags(ctx, resources).await?;
    builder.allow_empty_selector = builder.select_all;
    builder.select_all = false;
    let mut items = builder.start(ctx).await?;
    let single = items.single;
    let resource_version = flags.text("resource-version");
    if !single && !resource_version.is_empty() {
        return Err("--resource-version may only be used with a single resource".into());
    }
    let mut failures = Vec::new();
    while let Some(next) = items.next(ctx).await {
        let result = match next {
            Ok(info) => {
                let mut one = One { ctx, what, changes, conflict, said, dry_run, printer: &printer, info };
                if list { one.list(single).await } else { one.change().await }
            }
            Err(failure) => Err(failure),
        };
        failures.extend(result.err());
    }
    Failure::collect(failures)
}

fn validate(ctx: &Ctx, what: What, resources: &[EcoString], changes: &Changes, dry_run: DryRun) -> Outcome {
    let flags = &ctx.flags;
    let no_files = flags.list("filename").is_empty() && flags.text("kustomize").is_empty();
    if flags.bool("list") && flags.changed("output") {
        return Err("--list and --output may not be specified together".into());
    }
    for selector in ["selector", "field-selector"] {
        if flags.bool("all") && !flags.text(selector).is_empty() {
            return Err(Failure::Text(format!("cannot set --all and --{selector} at the same time")));
        }
    }
    if flags.bool("local") {
        if dry_run.is_server() {
            return Err("cannot specify --local and --dry-run=server - did you mean --dry-run=client?".into());
        }
        if !resources.is_empty() {
            return Err(
                "can only use local files by -f pod.yaml or --filename=pod.json when --local=true is set".into()
            );
        }
        if no_files {
            return Err("one or more files must be specified as -f when --local=true is set".into());
        }
    } else if resources.is_empty() && no_files {
        return Err("one or more resources must be specified as <resource> <name> or <resource>/<name>".into());
    }
    if changes.is_empty() && !flags.bool("list") {
        return Err(Failure::Text(format!("at least one {} update is required", what.word)));
    }
    Ok(())
}

/// One object's turn.
struct One<'a> {
    ctx: &'a Ctx,
    what: What,
    changes: &'a Changes,
    conflict: fn(&[(EcoString, EcoString)]) -> Failure,
    said: fn(&Value, &Value, bool) -> &'static str,
    dry_run: DryRun,
    printer: &'a Printer,
    info: Info,
}

impl One<'_> {
    /// The object as it shall be.
    fn changed(&self) -> Outcome<Value> {
        let flags = &self.ctx.flags;
        let present = self.info.object.get("metadata").get(self.what.field);
        if !flags.bool("overwrite") {
            let differs = |(key, value): &&(EcoString, EcoString)| {
                present.get(key).as_str().is_some_and(|current| current != value)
            };
            let conflicts = self.changes.set.iter().filter(differs);
            let conflicts: Vec<_> = conflicts.map(|(key, _)| (key.clone(), present.get(key).text())).collect();
            if !conflicts.is_empty() {
                return Err((self.conflict)(&conflicts));
            }
        }
        let mut object = self.info.object.clone();
        let mut pairs = if present.is_object() { present.clone() } else { Value::object() };
        for (key, value) in &self.changes.set {
            pairs.set(key, value);
        }
        for key in &self.changes.remove {
            pairs.remove(key);
        }
        if pairs.is_empty() {
            if let Some(metadata) = object.get_mut("metadata") {
                metadata.remove(self.what.field);
            }
        } else {
            object.meta_mut().set(self.what.field, pairs);
        }
        let resource_version = flags.text("resource-version");
        if !resource_version.is_empty() {
            object.meta_mut().set("resourceVersion", resource_version);
        }
        Ok(object)
    }

    async fn list(&mut self, single: bool) -> Outcome {
        let object = self.changed()?;
        let mut text = String::new();
        let indent = if single { "" } else { " " };
        if !single {
            let resource = &self.info.resource;
            text =
                format!("Listing {}s for {}.{}/{}:\n", self.what.word, resource.kind, resource.group, self.info.name);
        }
        for (key, value) in object.get("metadata").get(self.what.field).fields() {
            text.push_str(&format!("{indent}{key}={}\n", value.str()));
        }
        self.ctx.out(text).await;
        Ok(())
    }

    async fn change(&mut self) -> Outcome {
        let flags = &self.ctx.flags;
        let local = flags.bool("local") || self.dry_run.is_client();
        if !local && self.what.word == "label" {
            for key in &self.changes.remove {
                if self.info.object.meta().label(key).is_none() {
                    self.ctx.out(format!("label {} not found.\n", crate::resource::q(key))).await;
                }
            }
        }
        let before = self.info.object.clone();
        let after = self.changed()?;
        let word = (self.said)(&before, &after, flags.bool("overwrite"));
        let shown = if local {
            after
        } else {
            let mut patch = merge_patch(&before, &after);
            if !flags.text("resource-version").is_empty() {
                patch.meta_mut().set("resourceVersion", flags.text("resource-version"));
            }
            let mut request = self.ctx.request(Verb::Patch, self.info.target()).with_patch(PatchKind::Merge, patch);
            request.dry_run = self.dry_run.is_server();
            request.field_manager = flags.text("field-manager");
            self.ctx.send(request).await?
        };
        self.printer.saying(self.dry_run.mark(word)).print(self.ctx, &shown).await
    }
}

/// The length of an object as it is sent.
pub(crate) fn length(object: &Value) -> usize {
    json::to_string(object).len()
}
