//! Empties namespaces that are being deleted: their pods first, then everything else.
// Models pkg/controller/namespace/deletion/namespaced_resources_deleter.go

use std::collections::BTreeMap;
use std::time::Duration;

use podyard_api::kinds::{Pod, condition};
use podyard_api::{Status, Target, Value, Verb, value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::{Context, Controller, Key, Keys, Outcome};

pub(crate) const CONTROLLER: Controller =
    Controller { name: "namespace-controller", account: "namespace-controller", component: "", route, reconcile };

const NAMESPACES: ResourceKey = ResourceKey::NAMESPACES;
/// How long a namespace that is to go is left as it is, so that every server has heard of it.
const GRACE: Duration = Duration::from_secs(5);
/// How long finalizers are given.
const FINALIZERS: u64 = 15;

fn route(_: &ApiServer, change: &Change, keys: &mut Keys) {
    let is_leaving = |object: &Value| object.meta().deletion_timestamp().is_some();
    if change.resource == NAMESPACES
        && change.new.as_ref().is_some_and(is_leaving)
        && !change.old.as_ref().is_some_and(is_leaving)
    {
        keys.later(Key::new("", change.name.clone()), GRACE);
    }
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let Some(namespace) = context.get(NAMESPACES, "", &key.name) else { return Outcome::Done };
    if namespace.meta().deletion_timestamp().is_none() {
        return Outcome::Done;
    }
    match empty(context, &key.name) {
        Ok(None) => match finalize(context, &key.name) {
            Ok(()) => Outcome::Done,
            Err(status) if status.is("NotFound") => Outcome::Done,
            Err(_) => Outcome::Retry,
        },
        Ok(Some(wait)) => Outcome::After(wait),
        Err(_) => Outcome::Retry,
    }
}

/// Deletes what is in a namespace; says when to look again if something is left.
fn empty(context: &mut Context<'_>, name: &str) -> Result<Option<Duration>, Status> {
    let grace = estimate(context.api, name);
    delete_all(context, ResourceKey::PODS, name)?;
    if context.api.list(ResourceKey::PODS, Some(name)).next().is_none() {
        for resource in ResourceKey::all().filter(|resource| resource.is_namespaced()) {
            delete_all(context, resource, name)?;
        }
    }
    let left: Vec<(ResourceKey, usize)> = ResourceKey::all()
        .filter(|resource| resource.is_namespaced())
        .map(|resource| (resource, context.api.list(resource, Some(name)).count()))
        .filter(|(_, count)| *count > 0)
        .collect();
    let pods_left = left.iter().any(|(resource, _)| *resource == ResourceKey::PODS);
    // As long as there are pods, nothing else was looked at.
    let left: Vec<_> = left.into_iter().filter(|(resource, _)| !pods_left || *resource == ResourceKey::PODS).collect();
    let finalizers = finalizers(context.api, name, &left);
    note(context, name, &left, &finalizers)?;
    if left.is_empty() {
        return Ok(None);
    }
    let estimate = if pods_left && finalizers.is_empty() { grace.max(1) } else { FINALIZERS };
    Ok(Some(Duration::from_secs(estimate / 2 + 1)))
}

/// The longest time that a pod is given to end, in seconds.
fn estimate(api: &ApiServer, namespace: &str) -> u64 {
    let pods = api.list(ResourceKey::PODS, Some(namespace)).filter(|pod| !Pod(pod).is_terminal());
    let grace = pods.map(|pod| Pod(pod).spec().termination_grace_period_seconds()).max();
    grace.and_then(|grace| u64::try_from(grace).ok()).unwrap_or_default()
}

fn delete_all(context: &mut Context<'_>, resource: ResourceKey, namespace: &str) -> Result<(), Status> {
    if context.api.list(resource, Some(namespace)).next().is_none() {
        return Ok(());
    }
    let options = value!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"});
    let target = crate::context::target(resource, namespace, "");
    context.request(Verb::DeleteCollection, target, |request| request.with_body(options)).map(|_| ())
}

/// How many of what is left each finalizer holds.
fn finalizers(api: &ApiServer, namespace: &str, left: &[(ResourceKey, usize)]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for object in left.iter().flat_map(|(resource, _)| api.list(*resource, Some(namespace))) {
        for finalizer in object.meta().finalizers() {
            *counts.entry(finalizer.to_owned()).or_default() += 1;
        }
    }
    counts
}

/// Notes what is left in the namespace's conditions.
// Models pkg/controller/namespace/deletion/status_condition_utils.go
fn note(
    context: &mut Context<'_>,
    name: &str,
    left: &[(ResourceKey, usize)],
    finalizers: &BTreeMap<String, usize>,
) -> Result<(), Status> {
    let Some(namespace) = context.get(NAMESPACES, "", name) else { return Ok(()) };
    let mut listed: Vec<String> = left
        .iter()
        .map(|(resource, count)| format!("{}.{} has {count} resource instances", resource.plural(), resource.group()))
        .collect();
    listed.sort();
    let remaining = format!("Some resources are remaining: {}", listed.join(", "));
    let held: Vec<String> =
        finalizers.iter().map(|(name, count)| format!("{name} in {count} resource instances")).collect();
    let held = format!("Some content in the namespace has finalizers remaining: {}", held.join(", "));
    let content = match left.is_empty() {
        true => ("False", "ContentRemoved", "All content successfully removed"),
        false => ("True", "SomeResourcesRemain", remaining.as_str()),
    };
    let finalizing = match finalizers.is_empty() {
        true => ("False", "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
        false => ("True", "SomeFinalizersRemain", held.as_str()),
    };
    let deleted = "All content successfully deleted, may be waiting on finalization";
    let parsed = "All legacy kube types successfully parsed";
    let mut changed = namespace.clone();
    let conditions = changed.field_mut("status").field_mut("conditions");
    let now = context.now.rfc3339();
    for (kind, (is, reason, message)) in [
        (
            "NamespaceDeletionDiscoveryFailure",
            ("False", "ResourcesDiscovered", "All resources successfully discovered"),
        ),
        ("NamespaceDeletionGroupVersionParsingFailure", ("False", "ParsedGroupVersions", parsed)),
        ("NamespaceDeletionContentFailure", ("False", "ContentDeleted", deleted)),
        ("NamespaceContentRemaining", content),
        ("NamespaceFinalizersRemaining", finalizing),
    ] {
        condition::set(conditions, kind, is, reason, message, &now, []);
    }
    if changed != namespace {
        context.update_status(NAMESPACES, changed)?;
    }
    Ok(())
}

/// Lets the empty namespace go.
fn finalize(context: &mut Context<'_>, name: &str) -> Result<(), Status> {
    let Some(mut namespace) = context.get(NAMESPACES, "", name) else { return Ok(()) };
    namespace.field_mut("spec").set("finalizers", value!([]));
    namespace.meta_mut().remove("resourceVersion");
    let target = Target::resource("", "v1", "namespaces", "", name).sub("finalize");
    context.update(target, namespace).map(|_| ())
}
