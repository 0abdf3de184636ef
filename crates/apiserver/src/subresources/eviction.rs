//! `pods/eviction`: a deletion that disruption budgets may refuse.
// Models pkg/registry/core/pod/storage/eviction.go

use ecow::eco_format;
use podyard_api::kinds::LabelSelector;
use podyard_api::{Cause, Key, Response, Selector, Status, Value, value};

use crate::delete::Options;
use crate::route::Ask;
use crate::{ApiServer, ResourceKey, decode};

pub(super) fn create(server: &mut ApiServer, ask: &Ask) -> Result<Response, Status> {
    let (eviction, _) = decode::body(ask)?;
    let name = eviction.name();
    if !name.is_empty() && name != ask.name {
        return Err(Status::bad_request("name in URL does not match name in Eviction object"));
    }
    let pod = server
        .get(ResourceKey::PODS, ask.namespace, ask.name)
        .cloned()
        .ok_or_else(|| Status::not_found("", "pods", ask.name))?;
    let options = Options::of_value(eviction.get("deleteOptions"), ask.request.dry_run)?;
    let phase = pod.at(&["status", "phase"]).str();
    let free = matches!(phase, "Succeeded" | "Failed" | "Pending") || pod.meta().deletion_timestamp().is_some();
    if !free {
        ask_budgets(server, ask, &pod, options.dry_run)?;
    }
    server.delete_object(ask, ResourceKey::PODS, &pod, &options);
    Ok(Response::created(value!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "code": 201,
    })))
}

fn ask_budgets(server: &mut ApiServer, ask: &Ask, pod: &Value, dry_run: bool) -> Result<(), Status> {
    let covers = |budget: &&Value| {
        let selector = budget.at(&["spec", "selector"]);
        let selector = Some(selector).filter(|s| !s.is_null()).map(LabelSelector);
        Selector::of(selector).is_ok_and(|selector| selector.matches_object(pod))
    };
    let budgets: Vec<Value> =
        server.list(ResourceKey::POD_DISRUPTION_BUDGETS, Some(ask.namespace)).filter(covers).cloned().collect();
    if budgets.len() > 1 {
        return Err(Status {
            code: 500,
            reason: "InternalError".into(),
            message: "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
                .into(),
            ..Status::default()
        });
    }
    let Some(budget) = budgets.into_iter().next() else { return Ok(()) };
    let ready = podyard_api::kinds::Pod(pod).is_ready();
    let policy = budget.at(&["spec", "unhealthyPodEvictionPolicy"]).str();
    let status = budget.get("status");
    let number = |field: &str| status.get(field).as_i64().unwrap_or_default();
    if !ready {
        let healthy = number("currentHealthy") >= number("desiredHealthy") && number("desiredHealthy") > 0;
        if policy == "AlwaysAllow" || healthy {
            return Ok(());
        }
    }
    if status.get("observedGeneration").as_i64().unwrap_or_default() < budget.meta().generation() {
        return Err(too_many(&budget, "The disruption budget is still being processed by the server."));
    }
    if number("disruptionsAllowed") <= 0 {
        let detail = eco_format!(
            "The disruption budget {} needs {} healthy pods and has {} currently",
            budget.name(),
            number("desiredHealthy"),
            number("currentHealthy")
        );
        return Err(too_many(&budget, &detail));
    }
    if !dry_run {
        count(server, ask, &budget, pod);
    }
    Ok(())
}

fn too_many(budget: &Value, detail: &str) -> Status {
    Status {
        code: 429,
        reason: "TooManyRequests".into(),
        message: "Cannot evict pod as it would violate the pod's disruption budget.".into(),
        causes: vec![Cause { reason: "DisruptionBudget".into(), message: detail.into(), field: "".into() }],
        name: budget.name_text(),
        ..Status::default()
    }
}

/// One disruption less is allowed until the controller has seen the pod go.
fn count(server: &mut ApiServer, ask: &Ask, budget: &Value, pod: &Value) {
    let key = ResourceKey::POD_DISRUPTION_BUDGETS;
    let Some(stored) = server.store().get(key, ask.namespace, budget.name()).cloned() else { return };
    let mut counted = stored.object.clone();
    let status = counted.field_mut("status");
    let left = status.get("disruptionsAllowed").as_i64().unwrap_or_default() - 1;
    status.set(Key::Static("disruptionsAllowed"), left);
    status.field_mut("disruptedPods").set(pod.name(), ask.now.rfc3339());
    let managed = stored.managed.updated(ask, &stored.object, &counted);
    server.store.put(key, counted, managed);
}
