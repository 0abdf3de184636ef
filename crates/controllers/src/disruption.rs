//! Keeps the status of disruption budgets: how many pods may go.
// Models pkg/controller/disruption/disruption.go

use std::time::Duration;

use podyard_api::kinds::{Deployment, LabelSelector, Pod, PodDisruptionBudget};
use podyard_api::{Key as Field, Selector, Value, intstr, value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::{Context, Controller, Key, Keys, Outcome, pods};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "disruption-controller",
    account: "disruption-controller",
    component: "controllermanager",
    route,
    reconcile,
};

const BUDGETS: ResourceKey = ResourceKey::POD_DISRUPTION_BUDGETS;
/// How long a pod that was evicted counts as going.
const DELETION_TIMEOUT: Duration = Duration::from_secs(120);

fn route(api: &ApiServer, change: &Change, keys: &mut Keys) {
    match change.resource {
        BUDGETS => keys.push(Key::new(change.namespace.clone(), change.name.clone())),
        ResourceKey::PODS => {
            let count = i64::try_from(api.count(ResourceKey::PODS)).unwrap_or_default();
            for budget in api.list(BUDGETS, Some(&change.namespace)) {
                let selector = selector(budget);
                if [&change.old, &change.new].into_iter().flatten().any(|pod| selector.matches_object(pod)) {
                    keys.gather(Key::new(change.namespace.clone(), budget.name_text()), count);
                }
            }
        }
        ResourceKey::DEPLOYMENTS | ResourceKey::REPLICA_SETS | ResourceKey::STATEFUL_SETS => {
            let scale = |object: &Value| object.get("spec").get("replicas").as_i64();
            if change.old.as_ref().map(scale) != change.new.as_ref().map(scale) {
                for budget in api.list(BUDGETS, Some(&change.namespace)) {
                    keys.push(Key::new(change.namespace.clone(), budget.name_text()));
                }
            }
        }
        _ => {}
    }
}

fn selector(budget: &Value) -> Selector {
    let selector = PodDisruptionBudget(budget).spec().selector().map(|selector| LabelSelector(selector.value()));
    Selector::of(selector).unwrap_or_else(|_| Selector::nothing())
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let Some(budget) = context.get(BUDGETS, &key.namespace, &key.name) else { return Outcome::Done };
    let selector = selector(&budget);
    let pods: Vec<Value> = context
        .api
        .list(ResourceKey::PODS, Some(&key.namespace))
        .filter(|pod| selector.matches_object(pod))
        .cloned()
        .collect();
    if pods.is_empty() {
        context.normal(&budget, "NoPods", "No matching pods found");
    }
    let (expected, desired) = match expectation(context.api, &budget, &pods) {
        Ok(expectation) => expectation,
        Err(message) => return fail(context, budget, &message),
    };
    let (disrupted, recheck) = disrupted(context, &budget, &pods);
    let is_healthy =
        |pod: &&Value| Pod(pod).is_ready() && !Pod(pod).is_terminating() && disrupted.get(pod.name()).is_null();
    let healthy = pods.iter().filter(is_healthy).count() as i64;
    let allowed = if expected <= 0 { 0 } else { (healthy - desired).max(0) };
    let mut changed = budget.clone();
    let status = changed.field_mut("status");
    for (field, count) in [
        ("currentHealthy", healthy),
        ("desiredHealthy", desired),
        ("disruptionsAllowed", allowed),
        ("expectedPods", expected),
        ("observedGeneration", budget.meta().generation()),
    ] {
        status.set(Field::Static(field), count);
    }
    match disrupted.is_empty() {
        true => drop(status.remove("disruptedPods")),
        false => status.set(Field::Static("disruptedPods"), disrupted),
    }
    let (is, reason) = if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
    set_condition(context, &mut changed, is, reason, "");
    if changed == budget {
        return recheck.map_or(Outcome::Done, Outcome::After);
    }
    match context.update_status(BUDGETS, changed) {
        Ok(_) => recheck.map_or(Outcome::Done, Outcome::After),
        Err(_) => Outcome::Retry,
    }
}

fn set_condition(context: &Context<'_>, budget: &mut Value, is: &str, reason: &str, message: &str) {
    let generation = budget.get("status").get("observedGeneration").as_i64().unwrap_or_default();
    let old = pods::condition(budget, "DisruptionAllowed");
    let since = old.filter(|old| old.status() == is).map(|old| old.last_transition_time().to_owned());
    let condition = value!({
        "type": "DisruptionAllowed",
        "status": is,
        "reason": reason,
        "message": message,
        "lastTransitionTime": (since.unwrap_or_else(|| context.now.rfc3339())),
        "observedGeneration": generation,
    });
    budget.field_mut("status").set(Field::Static("conditions"), value!([condition]));
}

/// Nothing may be disrupted as long as it is not known how many pods there should be.
fn fail(context: &mut Context<'_>, budget: Value, why: &str) -> Outcome {
    let message = format!("Failed to calculate the number of expected pods: {why}");
    context.warning(&budget, "CalculateExpectedPodCountFailed", &message);
    let mut changed = budget.clone();
    let status = changed.field_mut("status");
    for field in ["currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"] {
        let count = if field == "disruptionsAllowed" { 0 } else { status.get(field).as_i64().unwrap_or_default() };
        status.set(Field::Static(field), count);
    }
    set_condition(context, &mut changed, "False", "SyncFailed", why);
    if changed != budget && context.update_status(BUDGETS, changed).is_err() {
        return Outcome::Retry;
    }
    Outcome::Done
}

/// How many pods there should be, and how many of them must stay healthy.
fn expectation(api: &ApiServer, budget: &Value, pods: &[Value]) -> Result<(i64, i64), String> {
    let spec = PodDisruptionBudget(budget).spec();
    let most = spec.max_unavailable();
    if !most.is_null() {
        let expected = expected_scale(api, pods)?;
        let most = intstr::scaled(most, expected, true)?;
        return Ok((expected, (expected - most).max(0)));
    }
    match spec.min_available() {
        Value::Null => Ok((pods.len() as i64, 0)),
        least @ Value::String(_) => {
            let expected = expected_scale(api, pods)?;
            Ok((expected, intstr::scaled(least, expected, true)?))
        }
        least => Ok((pods.len() as i64, least.as_i64().unwrap_or_default())),
    }
}

/// The sum of the sizes that the pods' controllers want.
fn expected_scale(api: &ApiServer, pods: &[Value]) -> Result<i64, String> {
    let mut seen: Vec<String> = Vec::new();
    let mut sum = 0;
    for pod in pods {
        let Some(owner) = pod.meta().controller() else { continue };
        if seen.iter().any(|uid| uid == owner.uid()) {
            continue;
        }
        seen.push(owner.uid().to_owned());
        let resource = ResourceKey::of_object(owner.api_version(), owner.kind());
        let object = resource.and_then(|resource| api.get(resource, pod.namespace(), owner.name()));
        let Some((resource, object)) = resource.zip(object) else {
            return Err(format!("found no controllers for pod \"{}\"", pod.name()));
        };
        let deployment = object.meta().controller().filter(|owner| owner.kind() == "Deployment");
        let deployment = deployment.and_then(|d| api.get(ResourceKey::DEPLOYMENTS, pod.namespace(), d.name()));
        sum += match (deployment, resource.resource().subresource("scale")) {
            (Some(deployment), _) if !seen.iter().any(|uid| uid == deployment.uid()) => {
                seen.push(deployment.uid().to_owned());
                Deployment(deployment).spec().replicas()
            }
            (Some(_), _) => 0,
            (None, Some(_)) => object.get("spec").get("replicas").as_i64().unwrap_or(1),
            (None, None) => {
                let name = resource.resource().qualified();
                return Err(format!("{name} does not implement the scale subresource"));
            }
        };
    }
    Ok(sum)
}

/// Pods that were evicted and have not gone yet, and when to look at them again.
fn disrupted(context: &Context<'_>, budget: &Value, pods: &[Value]) -> (Value, Option<Duration>) {
    let mut kept = Value::object();
    let mut recheck: Option<Duration> = None;
    for (name, at) in PodDisruptionBudget(budget).status().disrupted_pods() {
        let pod = pods.iter().find(|pod| pod.name() == name.as_str());
        let since = pods::time(at.str());
        let (Some(_), Some(since)) = (pod.filter(|pod| !Pod(pod).is_terminating()), since) else { continue };
        let left = (since + DELETION_TIMEOUT).since(context.now);
        if left.is_zero() {
            continue;
        }
        kept.set(name.clone(), at);
        recheck = Some(recheck.map_or(left, |other| other.min(left)));
    }
    (kept, recheck)
}
