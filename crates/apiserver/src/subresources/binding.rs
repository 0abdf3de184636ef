//! `pods/binding`: the scheduler's decision.
// Models pkg/registry/core/pod/storage/storage.go

use ecow::eco_format;
use podyard_api::{Key, Response, Status, Value, Verb, value};

use crate::admission::{self, Attributes};
use crate::route::Ask;
use crate::validation::{At, Errors};
use crate::{ApiServer, ResourceKey, decode};

pub(super) fn create(server: &mut ApiServer, ask: &Ask) -> Result<Response, Status> {
    let (binding, _) = decode::body(ask)?;
    let name = match ask.name.as_str() {
        "" => binding.name_text(),
        name => name.into(),
    };
    validate(&binding, &name)?;
    let mut attributes = Attributes::new(ask, ResourceKey::PODS, Verb::Create, Some(binding), None);
    admission::mutate(server, &mut attributes)?;
    let binding = attributes.object.take().unwrap_or_default();
    let node = binding.at(&["target", "name"]).text();
    let old = server
        .store()
        .get(ResourceKey::PODS, ask.namespace, &name)
        .cloned()
        .ok_or_else(|| Status::not_found("", "pods", &name))?;
    let refused = |why: &str| Status::conflict("", "pods/binding", &name, why);
    let pod = &old.object;
    if !binding.uid().is_empty() && binding.uid() != pod.uid() {
        let why =
            format!("Precondition failed: UID in precondition: {}, UID in object meta: {}", binding.uid(), pod.uid());
        return Err(Status::conflict("", "pods", &name, &why));
    }
    if pod.meta().deletion_timestamp().is_some() {
        return Err(refused(&eco_format!("pod {name} is being deleted, cannot be assigned to a host")));
    }
    let present = pod.at(&["spec", "nodeName"]).str();
    if !present.is_empty() {
        return Err(refused(&eco_format!("pod {name} is already assigned to node \"{present}\"")));
    }
    if !pod.at(&["spec", "schedulingGates"]).items().is_empty() {
        return Err(refused(&eco_format!("pod {name} has non-empty .spec.schedulingGates")));
    }
    let bound = bound(pod, &binding, &node, ask);
    if !ask.request.dry_run {
        let managed = old.managed.updated(ask, pod, &bound);
        server.store.put(ResourceKey::PODS, bound, managed);
    }
    Ok(Response::created(value!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "code": 201,
    })))
}

// Models pkg/apis/core/validation/validation.go
fn validate(binding: &Value, name: &str) -> Result<(), Status> {
    let mut errors = Errors::default();
    let target = At::root(binding, "target");
    let kind = target.at("kind");
    if !matches!(kind.str(), "" | "Node") {
        errors.not_supported(&kind.path, kind.str(), &["Node", "<empty>"]);
    }
    let node = target.at("name");
    if node.str().is_empty() {
        errors.required(&node.path, "");
    }
    if errors.is_empty() {
        return Ok(());
    }
    Err(Status::invalid("", "Binding", name, errors.into_causes()))
}

fn bound(pod: &Value, binding: &Value, node: &ecow::EcoString, ask: &Ask) -> Value {
    let mut pod = pod.clone();
    pod.field_mut("spec").set(Key::Static("nodeName"), node);
    let meta = pod.meta_mut();
    for field in ["annotations", "labels"] {
        for (key, value) in binding.get("metadata").get(field).fields() {
            meta.field_mut(Key::Static(field)).set(key, value);
        }
    }
    let now = ask.now.rfc3339();
    podyard_api::kinds::pod::set_condition(&mut pod, "PodScheduled", "True", "", "", &now);
    pod
}
