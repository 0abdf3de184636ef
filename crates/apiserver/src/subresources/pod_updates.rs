//! `pods/ephemeralcontainers` and `pods/resize`: updates of one part of a pod.
// Models pkg/registry/core/pod/strategy.go

use podyard_api::{Body, Key, Response, Status, Value, Verb};

use crate::admission::{self, Attributes};
use crate::create::invalid;
use crate::route::Ask;
use crate::validation::{self, Errors};
use crate::{ApiServer, ResourceKey, decode, defaults, patch};

const KEY: ResourceKey = ResourceKey::PODS;

pub(super) fn serve(server: &mut ApiServer, ask: &Ask) -> Result<Response, Status> {
    let old = server.stored(ask, KEY)?;
    let sent = match &ask.request.body {
        Body::Patch(kind, change) => {
            let patched = patch::apply(*kind, &old.object, change, "Pod", "v1")?;
            decode::patched(ask, &old.object, patched)?.0
        }
        _ => decode::body(ask)?.0,
    };
    let mut new = old.object.clone();
    match ask.sub() {
        "resize" => take_resources(&mut new, &sent),
        _ => match sent.at(&["spec", "ephemeralContainers"]) {
            Value::Null => drop(new.field_mut("spec").remove("ephemeralContainers")),
            list => new.field_mut("spec").set(Key::Static("ephemeralContainers"), list),
        },
    }
    defaults::pod::pod(&mut new);
    if new == old.object {
        return Ok(Response::ok(new));
    }
    let generation = new.meta().generation() + 1;
    new.meta_mut().set(Key::Static("generation"), generation);
    let mut errors = Errors::default();
    match ask.sub() {
        "resize" => validation::pod::check_resize(&new, &old.object, &mut errors),
        _ => validation::pod::check_ephemeral_containers(&new, &old.object, &mut errors),
    }
    invalid(KEY, &new, errors)?;
    let mut attributes = Attributes::new(ask, KEY, Verb::Update, Some(new.clone()), Some(old.object.clone()));
    admission::validate(server, &mut attributes)?;
    if ask.request.dry_run {
        return Ok(Response::ok(new));
    }
    let managed = old.managed.updated(ask, &old.object, &new);
    Ok(Response::ok(server.store.put(KEY, new, managed)))
}

/// Only resources and what to do when they change are taken from what was sent.
fn take_resources(pod: &mut Value, sent: &Value) {
    for list in ["containers", "initContainers"] {
        let Some(containers) = pod.field_mut("spec").get_mut(list) else { continue };
        for container in containers.items_mut() {
            let same = |c: &&Value| c.get("name") == container.get("name");
            let Some(wanted) = sent.at(&["spec", list]).items().iter().find(same) else { continue };
            for field in ["resources", "resizePolicy"] {
                match wanted.get(field) {
                    Value::Null => drop(container.remove(field)),
                    value => container.set(Key::Static(field), value),
                }
            }
        }
    }
}
