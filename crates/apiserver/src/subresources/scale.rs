//! `scale`: the number of replicas of whatever has replicas. Also the two versions of autoscalers.
// Models pkg/registry/apps/deployment/storage/storage.go

use podyard_api::kinds::LabelSelector;
use podyard_api::{Body, Key, Response, Selector, Status, Value, Verb, value};

use crate::route::Ask;
use crate::{ApiServer, ResourceKey, decode, patch};

pub(super) fn serve(server: &mut ApiServer, ask: &Ask, key: ResourceKey) -> Result<Response, Status> {
    let old = server.stored(ask, key)?;
    let current = of(&old.object);
    if ask.request.verb == Verb::Get {
        return Ok(Response::ok(current));
    }
    let wanted = match &ask.request.body {
        Body::Patch(kind, change) => patch::apply(*kind, &current, change, "Scale", "autoscaling/v1")?,
        _ => decode::body(ask)?.0,
    };
    let replicas = wanted.at(&["spec", "replicas"]).as_i64().unwrap_or_default();
    if replicas < 0 {
        let mut errors = crate::validation::Errors::default();
        let spec = crate::validation::Path::root("spec");
        errors.invalid(&spec.child("replicas"), replicas, crate::validation::meta::NEGATIVE);
        return Err(Status::invalid("autoscaling", "Scale", ask.name, errors.into_causes()));
    }
    let version = wanted.meta().resource_version();
    if !version.is_empty() && version != old.object.meta().resource_version() {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        return Err(ask.conflict(ask.name, why));
    }
    let mut object = old.object.clone();
    object.field_mut("spec").set(Key::Static("replicas"), replicas);
    let done = server.update_object(ask, key, &old, object, Default::default())?;
    Ok(Response { body: of(&done.body), ..done })
}

/// The scale of an object.
fn of(object: &Value) -> Value {
    let selector = object.at(&["spec", "selector"]);
    let selector = match object.kind() {
        "ReplicationController" => Selector::of_labels(selector.fields()).to_string(),
        _ => Selector::of(Some(LabelSelector(selector))).map(|s| s.to_string()).unwrap_or_default(),
    };
    let meta = object.get("metadata");
    let mut metadata = Value::object();
    for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        if !meta.get(field).is_null() {
            metadata.set(Key::Static(field), meta.get(field));
        }
    }
    let mut spec = Value::object();
    if let Some(replicas) = object.at(&["spec", "replicas"]).as_i64().filter(|n| *n != 0) {
        spec.set(Key::Static("replicas"), replicas);
    }
    value!({
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": metadata,
        "spec": spec,
        "status": {"replicas": object.at(&["status", "replicas"]).as_i64().unwrap_or_default(), "selector": selector},
    })
}

/// An `autoscaling/v1` autoscaler as `autoscaling/v2`.
// Models pkg/apis/autoscaling/v1/conversion.go
pub(crate) fn autoscaler_from_v1(mut object: Value) -> Value {
    if let Some(percent) = object.get_mut("spec").and_then(|spec| spec.remove("targetCPUUtilizationPercentage")) {
        let target = value!({"type": "Utilization", "averageUtilization": percent});
        let metric = value!({"type": "Resource", "resource": {"name": "cpu", "target": target}});
        object.field_mut("spec").set(Key::Static("metrics"), value!([metric]));
    }
    if let Some(percent) = object.get_mut("status").and_then(|s| s.remove("currentCPUUtilizationPercentage")) {
        let metric =
            value!({"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": percent}}});
        object.field_mut("status").set(Key::Static("currentMetrics"), value!([metric]));
    }
    object.set(Key::Static("apiVersion"), "autoscaling/v2");
    object
}

/// An `autoscaling/v2` autoscaler as `autoscaling/v1`.
pub(crate) fn autoscaler_to_v1(mut object: Value) -> Value {
    let is_cpu = |metric: &&Value| *metric.at(&["resource", "name"]) == "cpu";
    let of = |list: &Value, path: &[&str]| list.items().iter().find(is_cpu).map(|metric| metric.at(path).clone());
    let target = of(object.at(&["spec", "metrics"]), &["resource", "target", "averageUtilization"]);
    let current = of(object.at(&["status", "currentMetrics"]), &["resource", "current", "averageUtilization"]);
    let spec = object.field_mut("spec");
    spec.remove("metrics");
    spec.remove("behavior");
    if let Some(target) = target.filter(|t| !t.is_null()) {
        spec.set(Key::Static("targetCPUUtilizationPercentage"), target);
    }
    let status = object.field_mut("status");
    status.remove("currentMetrics");
    status.remove("conditions");
    if let Some(current) = current.filter(|c| !c.is_null()) {
        status.set(Key::Static("currentCPUUtilizationPercentage"), current);
    }
    object
}
