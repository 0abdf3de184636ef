//! Editing objects in the user's editor, again and again until they are taken.

// Models staging/src/k8s.io/kubectl/pkg/cmd/util/editor

use ecow::{EcoString, eco_format};
use podyard_api::{Cause, PatchKind, Value, Verb, json, value, yaml};
use podyard_kernel::Syscall;

use crate::children;
use crate::creating::{self, LAST_APPLIED};
use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::order;
use crate::patch::merge_patch;
use crate::print::{DryRun, Printer};
use crate::resource::{Info, parse_documents, q};
use crate::strategic;

/// What becomes of the edited objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// What was changed is sent as a patch.
    Patch,
    /// They are what was applied last, and are remembered as that.
    LastApplied,
    /// They are created.
    Create,
}

const HEADER: &str = "\
# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
";
const APPLIED_HEADER: &str = "\
# Please edit the 'last-applied-configuration' annotations below.
# Lines beginning with a '#' will be ignored, and an empty file will abort the edit.
#
";

/// Why the file is shown once more.
struct Reason {
    head: String,
    others: Vec<String>,
}

/// How one round ended.
#[derive(Default)]
struct Results {
    reasons: Vec<Reason>,
    retryable: bool,
    not_found: bool,
}

/// One session of the editor on some objects.
pub(crate) struct Session<'a> {
    pub ctx: &'a Ctx,
    pub mode: Mode,
    pub json: bool,
}

impl Session<'_> {
    /// Opens the editor until what it leaves is taken, unchanged or empty.
    pub(crate) async fn run(&self, infos: &[Info]) -> Outcome {
        let ctx = self.ctx;
        let objects: Vec<Value> = infos.iter().map(|info| without_managed_fields(&info.object)).collect();
        let original = self.text(&objects);
        let mut reasons: Vec<Reason> = Vec::new();
        let mut edited: Option<String> = None;
        let mut former: Option<EcoString> = None;
        loop {
            let body = edited.as_deref().map_or_else(|| original.clone(), strip_hashes);
            let shown = format!("{}{body}", self.header(&reasons));
            let ending = if self.json { ".json" } else { ".yaml" };
            let file = children::temporary(ctx, "kubectl-edit-", ending).await;
            let _ = ctx.sys.write_file(&file, shown).await;
            if let Err(failure) = launch(ctx, &file).await {
                return Err(self.preserved(former.as_ref(), failure).await);
            }
            let bytes = ctx.sys.read_file(&file).await.unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if edited.as_ref().is_some_and(|before| meaning(before) == meaning(&text)) {
                let failure = Failure::from("Edit cancelled, no valid changes were saved.");
                return Err(self.preserved(Some(&file), failure).await);
            }
            if let Some(former) = former.replace(file.clone()) {
                remove(ctx, &former).await;
            }
            let is_blank = text.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#'));
            let (documents, fault) = parse_documents(&text, "edited-file");
            if let (false, Some(reason)) = (is_blank, invalid(infos, &documents, fault)) {
                let first = infos.first().map_or_else(String::new, described);
                ctx.err(format!("error: {first} is invalid\n")).await;
                reasons = vec![reason];
                edited = Some(text);
                continue;
            }
            if meaning(&original) == meaning(&text) {
                remove(ctx, &file).await;
                ctx.err("Edit cancelled, no changes made.\n").await;
                return Ok(());
            }
            if is_blank {
                remove(ctx, &file).await;
                ctx.err("Edit cancelled, saved file was empty.\n").await;
                return Ok(());
            }
            let mut results = Results::default();
            if let Err(failure) = self.take(infos, &flattened(&documents), &mut results).await {
                return Err(self.preserved(Some(&file), failure).await);
            }
            if results.retryable {
                ctx.err(format!("You can run `kubectl replace -f {file}` to try this update again.\n")).await;
                return Err(Failure::Exit(1));
            }
            if results.not_found {
                ctx.err(format!("The edits you made on deleted resources have been saved to {}\n", q(&file))).await;
                return Err(Failure::Exit(1));
            }
            if results.reasons.is_empty() {
                remove(ctx, &file).await;
                return Ok(());
            }
            reasons = results.reasons;
            edited = Some(text);
        }
    }

    /// What the file to edit says.
    fn text(&self, objects: &[Value]) -> String {
        let whole = match objects {
            [one] => one.clone(),
            many => value!({
                "apiVersion": "v1",
                "kind": "List",
                "metadata": {},
                "items": many.iter().cloned().collect::<Value>(),
            }),
        };
        if self.json { json::to_string_pretty(&whole) + "\n" } else { yaml::to_string(&whole) }
    }

    fn header(&self, reasons: &[Reason]) -> String {
        if self.json {
            return String::new();
        }
        let mut text = if self.mode == Mode::LastApplied { APPLIED_HEADER } else { HEADER }.to_owned();
        for reason in reasons {
            let colon = if reason.others.is_empty() { "" } else { ":" };
            text.push_str(&format!("# {}{colon}\n", reason.head.replace('\n', "\n# ")));
            for other in &reason.others {
                text.push_str(&format!("# * {}\n", other.replace('\n', "\n# ")));
            }
            text.push_str("#\n");
        }
        text
    }

    /// Says where what was edited is kept, and gives the failure back.
    async fn preserved(&self, file: Option<&EcoString>, failure: Failure) -> Failure {
        if let Some(file) = file {
            self.ctx.err(format!("A copy of your changes has been stored to {}\n", q(file))).await;
        }
        failure
    }

    /// Does with each edited object what the mode says.
    async fn take(&self, infos: &[Info], objects: &[Value], results: &mut Results) -> Outcome {
        let ctx = self.ctx;
        let namespace = ctx.namespace().await?;
        for object in objects {
            if self.mode == Mode::Create {
                self.create(object.clone()).await?;
                continue;
            }
            let meta = object.meta();
            let Some(info) = infos.iter().find(|info| info.object.uid() == meta.uid() && is_same(info, object)) else {
                return Err(match infos.iter().any(|info| info.object.uid() == meta.uid()) {
                    true => "At least one of apiVersion, kind and name was changed".into(),
                    false => Failure::Text(format!("no original object found for {}", json::to_string_plain(object))),
                });
            };
            if ctx.access().await?.explicit_namespace
                && !object.namespace().is_empty()
                && object.namespace() != namespace
            {
                return Err(Failure::Text(format!(
                    "the namespace from the provided object {} does not match the namespace {}. You must pass '--namespace={}' to perform this operation.",
                    q(object.namespace()),
                    q(&namespace),
                    object.namespace()
                )));
            }
            match self.mode {
                Mode::LastApplied => self.remember(info, object).await?,
                _ => self.patch(info, object, results).await?,
            }
        }
        Ok(())
    }

    async fn say(&self, operation: &str, object: &Value) -> Outcome {
        Printer::from_flags(self.ctx, operation, DryRun::None).await?.print(self.ctx, object).await
    }

    async fn patch(&self, info: &Info, object: &Value, results: &mut Results) -> Outcome {
        let ctx = self.ctx;
        let before = without_managed_fields(&info.object);
        let mut after = object.clone();
        if ctx.flags.bool("save-config") {
            let text = creating::applied_text(&after);
            after.set_annotation(LAST_APPLIED, &text);
        }
        if before == after {
            return self.say("skipped", &after).await;
        }
        let (kind, patch) = if strategic::is_strategic(&before) {
            (PatchKind::Strategic, strategic::three_way(&before, &after, &before))
        } else {
            (PatchKind::Merge, merge_patch(&before, &after))
        };
        if ctx.flags.bool("output-patch") {
            ctx.out(format!("Patch: {}\n", json::to_string(&patch))).await;
        }
        let mut target = info.target();
        let subresource = ctx.flags.text("subresource");
        if !subresource.is_empty() {
            target = target.sub(&subresource);
        }
        let mut request = ctx.request(Verb::Patch, target).with_patch(kind, patch);
        request.field_manager = ctx.flags.text("field-manager");
        request.field_validation = creating::validation(ctx).into();
        match ctx.send(request).await {
            Ok(patched) => self.say("edited", &patched).await,
            Err(failure) => {
                let line = results.add(&failure, info);
                ctx.err(line).await;
                Ok(())
            }
        }
    }

    async fn remember(&self, info: &Info, object: &Value) -> Outcome {
        if &info.object == object {
            return self.say("skipped", object).await;
        }
        let text = json::to_string(object) + "\n";
        let patch = value!({"metadata": {"annotations": {(LAST_APPLIED): text}}});
        let mut request = self.ctx.request(Verb::Patch, info.target()).with_patch(PatchKind::Merge, patch);
        request.field_manager = self.ctx.flags.text("field-manager");
        self.ctx.send(request).await?;
        self.say("edited", object).await
    }

    async fn create(&self, mut object: Value) -> Outcome {
        let ctx = self.ctx;
        let discovery = ctx.discovery().await?;
        let resource = discovery.of_object(&object)?.clone();
        let namespace = match object.namespace() {
            "" => ctx.namespace().await?,
            named => named.into(),
        };
        if ctx.flags.bool("save-config") {
            let text = order::to_string(&object) + "\n";
            object.set_annotation(LAST_APPLIED, &text);
        }
        let mut request = ctx.request(Verb::Create, resource.target(&namespace, "")).with_body(object);
        request.field_manager = ctx.flags.text("field-manager");
        request.field_validation = creating::validation(ctx).into();
        let made = ctx.send(request).await?;
        self.say("created", &made).await
    }
}

impl Results {
    /// Takes note of a refusal, and gives the line that says it.
    fn add(&mut self, failure: &Failure, info: &Info) -> String {
        let what = described(info);
        match failure {
            Failure::Server(status) if status.is("Invalid") => {
                let cause = |Cause { field, message, .. }: &Cause| format!("{field}: {message}");
                let others = status.causes.iter().map(cause).collect();
                self.reasons.push(Reason { head: format!("{what} was not valid"), others });
                format!("error: {what} is invalid\n")
            }
            failure if failure.is("NotFound") => {
                self.not_found = true;
                format!("error: {what} could not be found on the server\n")
            }
            failure => {
                self.retryable = true;
                format!("error: {what} could not be patched: {}\n", failure.message())
            }
        }
    }
}

/// `deployments.apps "web"`
fn described(info: &Info) -> String {
    format!("{} {}", info.resource.qualified(), q(&info.name))
}

fn is_same(info: &Info, object: &Value) -> bool {
    info.object.api_version() == object.api_version()
        && info.object.kind() == object.kind()
        && info.name == object.name()
}

/// Why a file cannot be read as objects, if it cannot.
fn invalid(infos: &[Info], documents: &[Value], fault: Option<Failure>) -> Option<Reason> {
    let why = match fault {
        Some(fault) => fault.message().trim_start_matches("error parsing edited-file: ").to_owned(),
        None if documents.iter().all(|object| !object.kind().is_empty() && !object.api_version().is_empty()) => {
            return None;
        }
        None => "[apiVersion not set, kind not set]".to_owned(),
    };
    let what = infos.first().map(described).unwrap_or_default();
    let message = format!("<nil>: Invalid value: \"The edited file failed validation\": {why}");
    Some(Reason { head: format!("{what} was not valid"), others: vec![message] })
}

/// Lists taken apart.
fn flattened(documents: &[Value]) -> Vec<Value> {
    let items = |object: &Value| match object.get("items").is_array() && object.kind().ends_with("List") {
        true => object.get("items").items().to_vec(),
        false => vec![object.clone()],
    };
    documents.iter().flat_map(items).collect()
}

fn without_managed_fields(object: &Value) -> Value {
    crate::print::without_managed_fields(object)
}

/// What a file says, leaving comments aside.
fn meaning(text: &str) -> Result<Value, String> {
    yaml::parse(text).map_err(|_| strip_hashes(text))
}

fn strip_hashes(text: &str) -> String {
    let kept = text.split_inclusive('\n').filter(|line| !line.trim_start().starts_with('#'));
    kept.collect()
}

async fn remove(ctx: &Ctx, file: &str) {
    let _ = ctx.sys.call(Syscall::Remove(file.into())).await;
}

/// Opens a file in the user's editor and waits for its end.
// Models staging/src/k8s.io/kubectl/pkg/cmd/util/editor/editor.go
async fn launch(ctx: &Ctx, file: &EcoString) -> Outcome {
    let set = |name: &str| ctx.env.var(name).filter(|value| !value.is_empty());
    let editor = set("KUBE_EDITOR").or_else(|| set("EDITOR")).unwrap_or("vi");
    let mut argv: Vec<EcoString> = if editor.contains(['"', '\'', '\\']) {
        let shell = set("SHELL").unwrap_or("/bin/bash");
        vec![shell.into(), "-c".into(), editor.into()]
    } else {
        editor.split(' ').map(Into::into).collect()
    };
    let said = argv.join(" ");
    match argv.as_mut_slice() {
        [_, flag, line] if flag == "-c" => *line = eco_format!("{line} {}", q(file)),
        _ => argv.push(file.clone()),
    }
    match children::run(ctx, &argv).await {
        Some(0) => Ok(()),
        Some(_) => Err(Failure::Text(format!("there was a problem with the editor {}", q(&said)))),
        None => Err(Failure::Text(format!("unable to launch the editor {}", q(&said)))),
    }
}
