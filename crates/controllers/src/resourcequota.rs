//! Keeps the status of resource quotas: what is used of what there may be.
// Models pkg/controller/resourcequota/resource_quota_controller.go and pkg/quota/v1/evaluator/core

use std::collections::BTreeMap;

use ecow::EcoString;
use podyard_api::kinds::{Pod, PodSpec, ResourceQuota};
use podyard_api::quantity::Format;
use podyard_api::{Key as Field, Quantity, Value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::{Context, Controller, Key, Keys, Outcome};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "resourcequota-controller",
    account: "resourcequota-controller",
    component: "",
    route,
    reconcile,
};

const QUOTAS: ResourceKey = ResourceKey::RESOURCE_QUOTAS;

fn route(api: &ApiServer, change: &Change, keys: &mut Keys) {
    if change.resource == QUOTAS {
        keys.push(Key::new(change.namespace.clone(), change.name.clone()));
        return;
    }
    // What is created was counted by admission; what goes, ends or changes is counted here.
    if matches!(change.resource, ResourceKey::EVENTS | ResourceKey::LEASES) || change.namespace.is_empty() {
        return;
    }
    let relevant = match (&change.old, &change.new) {
        (Some(old), Some(new)) if change.resource == ResourceKey::PODS => {
            Pod(old).is_terminal() != Pod(new).is_terminal() || old.get("spec") != new.get("spec")
        }
        (Some(old), Some(new)) => old.get("spec") != new.get("spec"),
        _ => true,
    };
    if relevant {
        let pods = i64::try_from(api.count(ResourceKey::PODS)).unwrap_or_default();
        for quota in api.list(QUOTAS, Some(&change.namespace)) {
            keys.gather(Key::new(change.namespace.clone(), quota.name_text()), pods);
        }
    }
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let Some(quota) = context.get(QUOTAS, &key.namespace, &key.name) else { return Outcome::Done };
    let mut used = Value::object();
    for (name, _) in ResourceQuota(&quota).spec().hard() {
        used.set(name.clone(), usage(context.api, &quota, name.as_str()).to_string());
    }
    let mut changed = quota.clone();
    let status = changed.field_mut("status");
    status.set(Field::Static("hard"), quota.get("spec").get("hard"));
    status.set(Field::Static("used"), used);
    if changed == quota || context.update_status(QUOTAS, changed).is_ok() {
        return Outcome::Done;
    }
    Outcome::Retry
}

/// How much of one resource the objects of the quota's namespace use.
fn usage(api: &ApiServer, quota: &Value, name: &str) -> Quantity {
    of_objects(api, quota.namespace(), name).unwrap_or_else(|| of_pods(api, quota, name))
}

fn number(count: i64) -> Quantity {
    Quantity::new(count, Format::DecimalSI)
}

/// Counts of objects, and what claims request.
fn of_objects(api: &ApiServer, namespace: &str, name: &str) -> Option<Quantity> {
    let count = |resource: ResourceKey| number(api.list(resource, Some(namespace)).count() as i64);
    if let Some(counted) = name.strip_prefix("count/") {
        let (plural, group) = counted.split_once('.').unwrap_or((counted, ""));
        return Some(ResourceKey::of(group, plural).map_or(Quantity::default(), count));
    }
    let services = || api.list(ResourceKey::SERVICES, Some(namespace));
    Some(match name {
        "configmaps" => count(ResourceKey::CONFIG_MAPS),
        "persistentvolumeclaims" => count(ResourceKey::PERSISTENT_VOLUME_CLAIMS),
        "replicationcontrollers" => count(ResourceKey::REPLICATION_CONTROLLERS),
        "resourcequotas" => count(QUOTAS),
        "secrets" => count(ResourceKey::SECRETS),
        "services" => count(ResourceKey::SERVICES),
        "services.loadbalancers" => {
            let is_one = |service: &&Value| *service.get("spec").get("type") == "LoadBalancer";
            number(services().filter(is_one).count() as i64)
        }
        "services.nodeports" => {
            let ports = services().flat_map(|service| service.get("spec").get("ports").items());
            number(ports.filter(|port| port.get("nodePort").as_i64().unwrap_or_default() > 0).count() as i64)
        }
        "requests.storage" => {
            let claims = api.list(ResourceKey::PERSISTENT_VOLUME_CLAIMS, Some(namespace));
            let size = |claim: &Value| Quantity::of(claim.at(&["spec", "resources", "requests", "storage"]));
            claims.map(size).fold(Quantity::default(), |sum, size| sum + size)
        }
        _ => return None,
    })
}

/// What the pods that have not ended use.
fn of_pods(api: &ApiServer, quota: &Value, name: &str) -> Quantity {
    let pods = api.list(ResourceKey::PODS, Some(quota.namespace()));
    let counted = pods.filter(|pod| !Pod(pod).is_terminal() && in_scopes(quota, pod));
    if name == "pods" {
        return number(counted.count() as i64);
    }
    let (list, resource) = match name.split_once('.') {
        Some(("limits", resource)) => ("limits", resource),
        Some(("requests", resource)) => ("requests", resource),
        _ => ("requests", name),
    };
    let of_pod = |pod: &Value| amounts(pod, list).get(resource).copied().unwrap_or_default();
    counted.map(of_pod).fold(Quantity::default(), |sum, amount| sum + amount)
}

/// What a pod requests or is limited to: all containers together, or the largest init container.
// Models pkg/api/v1/resource/helpers.go
fn amounts(pod: &Value, list: &str) -> BTreeMap<EcoString, Quantity> {
    let spec = PodSpec(pod.get("spec"));
    let of = |container: &Value| -> Vec<(EcoString, Quantity)> {
        let amounts = container.get("resources").get(list).fields();
        amounts.iter().map(|(name, amount)| (name.text(), Quantity::of(amount))).collect()
    };
    let mut sums: BTreeMap<EcoString, Quantity> = BTreeMap::new();
    for container in spec.containers().map(|container| container.value()) {
        for (name, amount) in of(container) {
            let sum = sums.entry(name).or_default();
            *sum = *sum + amount;
        }
    }
    for (name, amount) in spec.init_containers().flat_map(|container| of(container.value())) {
        let sum = sums.entry(name).or_default();
        if amount > *sum {
            *sum = amount;
        }
    }
    sums
}

/// Whether a pod is one of those that the quota is for.
// Models pkg/quota/v1/evaluator/core/pods.go
fn in_scopes(quota: &Value, pod: &Value) -> bool {
    let spec = ResourceQuota(quota).spec();
    let ends = Pod(pod).spec().active_deadline_seconds().is_some();
    let best_effort = Pod(pod).status().qos_class() == "BestEffort";
    let class = Pod(pod).spec().priority_class_name();
    let is_in = |scope: &str| match scope {
        "Terminating" => ends,
        "NotTerminating" => !ends,
        "BestEffort" => best_effort,
        "NotBestEffort" => !best_effort,
        "PriorityClass" => !class.is_empty(),
        _ => true,
    };
    let mut selected = spec.scope_selector().into_iter().flat_map(|selector| selector.match_expressions());
    spec.scopes().all(is_in)
        && selected.all(|expression| match (expression.scope_name(), expression.operator()) {
            ("PriorityClass", "In") => expression.values().any(|value| value == class),
            ("PriorityClass", "NotIn") => !expression.values().any(|value| value == class),
            ("PriorityClass", "DoesNotExist") => class.is_empty(),
            (scope, _) => is_in(scope),
        })
}
