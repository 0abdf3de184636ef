//! Changing objects here and sending the difference: what `set` and `rollout` have in common.

// Models staging/src/k8s.io/kubectl/pkg/polymorphichelpers/updatepodspec.go and staging/src/k8s.io/kubectl/pkg/cmd/set/helper.go

use podyard_api::{PatchKind, Value, Verb};

use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::pods;
use crate::print::{DryRun, Printer};
use crate::resource::{Builder, Info, MISSING};
use crate::strategic;

/// Where the pod template's specification is in an object of this kind.
fn path(kind: &str) -> Option<&'static [&'static str]> {
    match kind {
        "Pod" => Some(&["spec"]),
        "CronJob" => Some(&["spec", "jobTemplate", "spec", "template", "spec"]),
        "DaemonSet" | "Deployment" | "Job" | "ReplicaSet" | "ReplicationController" | "StatefulSet" => {
            Some(&["spec", "template", "spec"])
        }
        _ => None,
    }
}

/// The specification of the object's pods, for change.
///
/// # Errors
/// A kind that has no pods.
pub(crate) fn pod_spec(object: &mut Value) -> Outcome<&mut Value> {
    let Some(path) = path(object.kind()) else {
        let kind = pods::go_type(object);
        return Err(Failure::Text(format!("the object is not a pod or does not have a pod template: *{kind}")));
    };
    Ok(object.at_mut(path))
}

/// The difference between two states of an object as a patch; empty if there is none.
pub(crate) fn difference(before: &Value, after: &Value) -> Value {
    strategic::three_way(before, after, before)
}

/// All that the command line asks for, which may be local.
pub(crate) async fn infos(ctx: &Ctx, resources: &[ecow::EcoString]) -> Outcome<Vec<Info>> {
    if ctx.flags.bool("local") && !resources.is_empty() {
        return Err("you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'".into());
    }
    let mut builder = Builder::from_flags(ctx, resources).await?;
    builder.allow_empty_selector = builder.select_all;
    builder.select_all = false;
    let mut items = builder.start(ctx).await?;
    let (infos, failures) = items.all(ctx, true).await;
    Failure::collect(failures)?;
    Ok(infos)
}

/// Whether something was named by argument or file.
pub(crate) fn check_resources(ctx: &Ctx, resources: &[ecow::EcoString]) -> Outcome {
    let no_files = ctx.flags.list("filename").is_empty() && ctx.flags.text("kustomize").is_empty();
    if resources.is_empty() && no_files {
        return Err("one or more resources must be specified as <resource> <name> or <resource>/<name>".into());
    }
    Ok(())
}

/// As [`MISSING`], where nothing was named.
pub(crate) fn check_named(ctx: &Ctx) -> Outcome {
    let no_files = ctx.flags.list("filename").is_empty() && ctx.flags.text("kustomize").is_empty();
    if ctx.args().is_empty() && no_files { Err(MISSING.into()) } else { Ok(()) }
}

/// Sends what has changed and prints the object; nothing at all if nothing has.
pub(crate) struct Sender<'a> {
    pub ctx: &'a Ctx,
    pub printer: &'a Printer,
    pub dry_run: DryRun,
    /// What a refusal begins with.
    pub refusal: &'static str,
}

impl Sender<'_> {
    /// Sends the difference between what is there and `after`.
    pub(crate) async fn send(&self, info: &Info, after: Value) -> Outcome {
        let patch = difference(&info.object, &after);
        if patch.is_empty() {
            return Ok(());
        }
        let local = self.ctx.flags.bool("local") || self.dry_run.is_client();
        let shown = if local { after } else { self.patch(info, patch).await? };
        self.printer.print(self.ctx, &shown).await
    }

    async fn patch(&self, info: &Info, patch: Value) -> Outcome<Value> {
        let kind = if strategic::is_strategic(&info.object) { PatchKind::Strategic } else { PatchKind::Merge };
        let mut request = self.ctx.request(Verb::Patch, info.target()).with_patch(kind, patch);
        request.dry_run = self.dry_run.is_server();
        request.field_manager = self.ctx.flags.text("field-manager");
        self.ctx.send(request).await.map_err(|failure| match failure {
            Failure::Server(status) if !self.refusal.is_empty() => {
                Failure::Text(format!("{} {}", self.refusal, status.message))
            }
            other => other,
        })
    }
}
