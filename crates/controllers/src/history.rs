//! Revisions of a workload's template, kept as controller revisions.
// Models pkg/controller/history/controller_history.go

use ecow::{EcoString, eco_format};
use podyard_api::kinds::{ControllerRevision, reference};
use podyard_api::{Key as Field, Selector, Status, Value, value};
use podyard_apiserver::ResourceKey;

use crate::{Context, names, pods};

const REVISIONS: ResourceKey = ResourceKey::CONTROLLER_REVISIONS;

/// What of a workload a revision holds: a patch that brings the template back.
pub(crate) fn data(owner: &Value) -> Value {
    let mut template = owner.get("spec").get("template").clone();
    template.set("$patch", "replace");
    value!({"spec": {"template": template}})
}

/// The revisions of a workload, the oldest first.
pub(crate) fn list(context: &mut Context<'_>, owner: &Value, selector: &Selector) -> Result<Vec<Value>, Status> {
    let mut revisions = pods::claim(context, REVISIONS, owner, selector, |_| true)?;
    revisions.sort_by(|a, b| number(a).cmp(&number(b)).then_with(|| a.name().cmp(b.name())));
    Ok(revisions)
}

pub(crate) fn number(revision: &Value) -> i64 {
    ControllerRevision(revision).revision()
}

/// The revision of the present template, made or brought to the front where needed. `label` names its hash; `count`
/// are the collisions known.
pub(crate) fn current(
    context: &mut Context<'_>,
    owner: &Value,
    revisions: &mut Vec<Value>,
    label: &'static str,
) -> Result<Value, Status> {
    let data = data(owner);
    let next = revisions.last().map_or(1, |last| number(last) + 1);
    if let Some(index) = revisions.iter().rposition(|revision| *revision.get("data") == data) {
        if index + 1 == revisions.len() {
            return Ok(revisions[index].clone());
        }
        let mut revision = revisions.remove(index);
        revision.set(Field::Static("revision"), next);
        let revision = context.update_object(REVISIONS, revision)?;
        revisions.push(revision.clone());
        return Ok(revision);
    }
    let collisions = owner.get("status").get("collisionCount").as_i64();
    let hash = names::hash(owner.get("spec").get("template"), collisions);
    let mut labels = owner.get("spec").get("template").get("metadata").get("labels").clone();
    labels.set(label, hash.as_str());
    let mut revision = value!({
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {
            "name": (eco_format!("{}-{hash}", owner.name())),
            "namespace": owner.namespace_text(),
            "labels": labels,
            "ownerReferences": [reference::to_controller(owner)],
        },
        "data": data,
        "revision": next,
    });
    let annotations = owner.get("metadata").get("annotations");
    if !annotations.is_empty() {
        revision.meta_mut().set(Field::Static("annotations"), annotations);
    }
    let revision = context.create_object(REVISIONS, revision)?;
    revisions.push(revision.clone());
    Ok(revision)
}

/// Deletes the oldest revisions that nothing uses, down to the limit.
pub(crate) fn truncate(
    context: &mut Context<'_>,
    revisions: &[Value],
    is_used: impl Fn(&Value) -> bool,
    limit: i64,
) -> Result<(), Status> {
    let unused: Vec<&Value> = revisions.iter().filter(|revision| !is_used(revision)).collect();
    let surplus = unused.len().saturating_sub(usize::try_from(limit).unwrap_or_default());
    for revision in unused.into_iter().take(surplus) {
        match context.delete_object(REVISIONS, revision, Value::Null) {
            Ok(_) => {}
            Err(status) if status.is("NotFound") => {}
            Err(status) => return Err(status),
        }
    }
    Ok(())
}

/// The workload with the template of one of its revisions.
pub(crate) fn template(revision: &Value) -> Value {
    let mut template = revision.get("data").get("spec").get("template").clone();
    template.remove("$patch");
    template
}

/// The label of a pod that names its revision.
pub(crate) fn of_pod(pod: &Value) -> EcoString {
    pod.get("metadata").get("labels").get("controller-revision-hash").text()
}
