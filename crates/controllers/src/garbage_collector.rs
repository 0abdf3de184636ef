//! Deletes what has lost its owners, and carries out what a deletion said about dependents.
// Models pkg/controller/garbagecollector/garbagecollector.go

use podyard_api::kinds::{OwnerReference, reference};
use podyard_api::{Key as Field, Status, Value, value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::{Context, Controller, Key, Keys, Outcome};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "garbage-collector-controller",
    account: "generic-garbage-collector",
    component: "garbage-collector-controller",
    route,
    reconcile,
};

const FOREGROUND: &str = "foregroundDeletion";
const ORPHAN: &str = "orphan";

fn route(api: &ApiServer, change: &Change, keys: &mut Keys) {
    // Nothing owns events, and nothing is owned by them.
    if matches!(change.resource, ResourceKey::EVENTS | ResourceKey::LEASES) {
        return;
    }
    let Some(new) = &change.new else {
        if let Some(old) = &change.old {
            dependents(api, old, keys);
            wake_owners(api, old, keys);
        }
        return;
    };
    let key = || Key::of(change.resource, change.namespace.clone(), change.name.clone());
    let was_deleting = change.old.as_ref().is_some_and(is_deleting);
    if is_deleting(new) {
        let same = change.old.as_ref().is_some_and(|old| finalizers(old).eq(finalizers(new)));
        if !was_deleting || !same {
            keys.push(key());
            if has(new, FOREGROUND) {
                dependents(api, new, keys);
            }
        }
    }
    let owners = |object: &Value| object.get("metadata").get("ownerReferences").clone();
    let is_news = change.old.as_ref().is_none_or(|old| {
        let (old, new) = (owners(old), owners(new));
        !old.same(&new) && old != new
    });
    if is_news {
        if new.meta().owner_references().any(|owner| state(api, &change.namespace, owner) != State::Solid) {
            keys.push(key());
        }
        // It may have been what its former owner waited for.
        if let Some(old) = &change.old {
            wake_owners(api, old, keys);
        }
    }
}

fn dependents(api: &ApiServer, owner: &Value, keys: &mut Keys) {
    for (resource, object) in api.dependents(owner.uid()) {
        keys.push(Key::of(resource, object.namespace_text(), object.name_text()));
    }
}

/// Owners that wait for their dependents to go.
fn wake_owners(api: &ApiServer, dependent: &Value, keys: &mut Keys) {
    for owner in dependent.meta().owner_references() {
        if let Some((resource, object)) = owner_of(api, dependent.namespace(), owner)
            && is_deleting(object)
            && has(object, FOREGROUND)
        {
            keys.push(Key::of(resource, object.namespace_text(), object.name_text()));
        }
    }
}

fn finalizers(object: &Value) -> impl Iterator<Item = &str> {
    object.meta().finalizers()
}

fn has(object: &Value, finalizer: &str) -> bool {
    finalizers(object).any(|present| present == finalizer)
}

fn is_deleting(object: &Value) -> bool {
    object.meta().deletion_timestamp().is_some()
}

/// What has become of an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It is there.
    Solid,
    /// It is not.
    Dangling,
    /// It waits until its dependents are gone.
    Waiting,
}

fn owner_of<'a>(api: &'a ApiServer, namespace: &str, owner: OwnerReference<'_>) -> Option<(ResourceKey, &'a Value)> {
    let (group, _) = reference::group_version(owner.api_version());
    let resource = ResourceKey::of_object(owner.api_version(), owner.kind()).filter(|key| key.group() == group)?;
    let namespace = if resource.is_namespaced() { namespace } else { "" };
    let object = api.get(resource, namespace, owner.name()).filter(|object| object.uid() == owner.uid())?;
    Some((resource, object))
}

fn state(api: &ApiServer, namespace: &str, owner: OwnerReference<'_>) -> State {
    match owner_of(api, namespace, owner) {
        None if ResourceKey::of_object(owner.api_version(), owner.kind()).is_none() => State::Solid,
        None => State::Dangling,
        Some((_, object)) if is_deleting(object) && has(object, FOREGROUND) => State::Waiting,
        Some(_) => State::Solid,
    }
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let Some(resource) = key.resource else { return Outcome::Done };
    let Some(object) = context.get(resource, &key.namespace, &key.name) else { return Outcome::Done };
    let result = if is_deleting(&object) {
        if has(&object, ORPHAN) {
            orphan(context, resource, &object)
        } else if has(&object, FOREGROUND) {
            wait_for_dependents(context, resource, &object)
        } else {
            Ok(())
        }
    } else {
        judge(context, resource, &object)
    };
    match result {
        Ok(()) => Outcome::Done,
        Err(status) if status.is("NotFound") => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}

/// Takes the owner out of its dependents, and then lets it go.
fn orphan(context: &mut Context<'_>, resource: ResourceKey, owner: &Value) -> Result<(), Status> {
    let dependents: Vec<(ResourceKey, Value)> =
        context.api.dependents(owner.uid()).map(|(resource, object)| (resource, object.clone())).collect();
    for (resource, dependent) in dependents {
        drop_owners(context, resource, &dependent, &|reference| reference.uid() == owner.uid())?;
    }
    drop_finalizer(context, resource, owner, ORPHAN)
}

/// Lets an owner go whose dependents that block it are gone.
fn wait_for_dependents(context: &mut Context<'_>, resource: ResourceKey, owner: &Value) -> Result<(), Status> {
    let blocks =
        |object: &Value| object.meta().owner_references().any(|r| r.uid() == owner.uid() && r.block_owner_deletion());
    if context.api.dependents(owner.uid()).any(|(_, object)| blocks(object)) {
        return Ok(());
    }
    drop_finalizer(context, resource, owner, FOREGROUND)
}

/// Deletes an object without owners, or takes those that are gone out of it.
fn judge(context: &mut Context<'_>, resource: ResourceKey, object: &Value) -> Result<(), Status> {
    let states: Vec<State> =
        object.meta().owner_references().map(|owner| state(context.api, object.namespace(), owner)).collect();
    if states.iter().all(|state| *state == State::Solid) {
        return Ok(());
    }
    if states.contains(&State::Solid) {
        let gone: Vec<&str> = object
            .meta()
            .owner_references()
            .zip(&states)
            .filter(|(_, state)| **state != State::Solid)
            .map(|(owner, _)| owner.uid())
            .collect();
        return drop_owners(context, resource, object, &|owner| gone.contains(&owner.uid()));
    }
    let has_dependents = context.api.dependents(object.uid()).next().is_some();
    let policy = if states.contains(&State::Waiting) && has_dependents {
        "Foreground"
    } else if has(object, ORPHAN) {
        "Orphan"
    } else if has(object, FOREGROUND) {
        "Foreground"
    } else {
        "Background"
    };
    let options = value!({
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": (object.uid())},
        "propagationPolicy": policy,
    });
    context.delete_object(resource, object, options).map(|_| ())
}

fn drop_owners(
    context: &mut Context<'_>,
    resource: ResourceKey,
    object: &Value,
    goes: &dyn Fn(OwnerReference<'_>) -> bool,
) -> Result<(), Status> {
    let references = object.meta().owner_references().filter(|owner| !goes(*owner));
    let kept: Value = references.map(|owner| owner.value().clone()).collect();
    let kept = if kept.is_empty() { Value::Null } else { kept };
    let patch = value!({"metadata": {"uid": (object.uid()), "ownerReferences": kept}});
    match context.patch_object(resource, object, patch) {
        Ok(_) => Ok(()),
        Err(status) if status.is("NotFound") => Ok(()),
        Err(status) => Err(status),
    }
}

fn drop_finalizer(context: &mut Context<'_>, resource: ResourceKey, object: &Value, gone: &str) -> Result<(), Status> {
    let kept: Value = finalizers(object).filter(|finalizer| *finalizer != gone).collect();
    let mut patch = value!({"metadata": {"resourceVersion": (object.meta().resource_version())}});
    let kept = if kept.is_empty() { Value::Null } else { kept };
    patch.meta_mut().set(Field::Static("finalizers"), kept);
    context.patch_object(resource, object, patch).map(|_| ())
}
