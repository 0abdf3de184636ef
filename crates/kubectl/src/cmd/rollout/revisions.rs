//! The revisions of a workload.

// Models staging/src/k8s.io/kubectl/pkg/polymorphichelpers/history.go

use podyard_api::{Target, Value, Verb, json};

use crate::ctx::Ctx;
use crate::failure::{Failure, Outcome};
use crate::pods;
use crate::resource::Info;

const REVISION: &str = "deployment.kubernetes.io/revision";
const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

/// One revision: its number, and the object that keeps it (a replica set or controller revision).
pub(super) struct Revision {
    pub number: i64,
    pub object: Value,
}

impl Revision {
    /// Why it came about, by its annotation.
    pub(super) fn cause(&self) -> &str {
        self.object.meta().annotation(CHANGE_CAUSE).unwrap_or("<none>")
    }

    /// The pods' template, as its history is shown: with the change cause among its annotations.
    pub(super) fn template(&self) -> Value {
        let mut template = self.template_as_it_was();
        if let Some(cause) = self.object.meta().annotation(CHANGE_CAUSE).filter(|cause| !cause.is_empty()) {
            template.set_annotation(CHANGE_CAUSE, cause);
        }
        template
    }

    /// The pods' template.
    pub(super) fn template_as_it_was(&self) -> Value {
        let data = if self.object.kind() == "ReplicaSet" { &self.object } else { self.object.get("data") };
        let mut template = data.get("spec").get("template").clone();
        // A controller revision is kept as a patch.
        template.remove("$patch");
        template
    }
}

/// All revisions by number.
///
/// # Errors
/// A kind that has none.
pub(super) async fn of(ctx: &Ctx, info: &Info) -> Outcome<Vec<Revision>> {
    let (resource, kind) = match info.object.kind() {
        "Deployment" => ("replicasets", "ReplicaSet"),
        "DaemonSet" | "StatefulSet" => ("controllerrevisions", "ControllerRevision"),
        kind => {
            let group = &info.resource.group;
            let dot = if group.is_empty() { "" } else { "." };
            return Err(Failure::Text(format!("no history viewer has been implemented for \"{kind}{dot}{group}\"")));
        }
    };
    let mut request = ctx.request(Verb::List, Target::resource("apps", "v1", resource, &info.namespace, ""));
    request.options.label_selector = pods::selector(&info.object)?;
    let list = ctx.send(request).await?;
    let uid = info.object.uid();
    let owned = list
        .get("items")
        .items()
        .iter()
        .filter(|item| item.meta().controller().is_some_and(|owner| owner.uid() == uid));
    let revision = |item: &Value| {
        let mut object = item.clone();
        object.set("apiVersion", "apps/v1");
        object.set("kind", kind);
        let number = match kind {
            "ReplicaSet" => item.meta().annotation(REVISION)?.parse().ok()?,
            _ => item.get("revision").as_i64()?,
        };
        Some(Revision { number, object })
    };
    let mut revisions: Vec<Revision> = owned.filter_map(revision).collect();
    revisions.sort_by_key(|revision| revision.number);
    Ok(revisions)
}

/// Whether two pod templates are the same but for the hash that tells their pods apart.
pub(super) fn same_template(a: &Value, b: &Value) -> bool {
    json::to_string(&without_hash(a)) == json::to_string(&without_hash(b))
}

/// The template without the label that its controller adds.
pub(super) fn without_hash(template: &Value) -> Value {
    let mut template = template.clone();
    if let Some(labels) = template.get_mut("metadata").and_then(|metadata| metadata.get_mut("labels")) {
        labels.remove("pod-template-hash");
    }
    template
}
