//! Counts what a namespace uses, and refuses what its quotas do not allow.
// Models staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota and pkg/quota/v1/evaluator/core

use std::collections::BTreeMap;

use ecow::EcoString;
use podyard_api::quantity::{Format, Quantity};
use podyard_api::{Key, Status, Value};

use super::{Attributes, joined};
use crate::{ApiServer, ResourceKey};

/// Amounts by resource name.
type Usage = BTreeMap<EcoString, Quantity>;

/// What a quota's resources may ask of each container.
const COMPUTE: [&str; 6] = ["cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];

/// Refuses an object for which a quota has no room, and notes in the quotas what it takes.
pub(super) fn validate(server: &mut ApiServer, attributes: &Attributes, dry_run: bool) -> Result<(), Status> {
    let counts = attributes.verb == podyard_api::Verb::Create && attributes.sub.is_empty();
    let Some(object) = attributes.object.as_ref().filter(|_| counts && attributes.key.is_namespaced()) else {
        return Ok(());
    };
    if server.count(ResourceKey::RESOURCE_QUOTAS) == 0 {
        return Ok(());
    }
    let namespace = attributes.namespace.clone();
    let quotas: Vec<Value> = server.list(ResourceKey::RESOURCE_QUOTAS, Some(&namespace)).cloned().collect();
    let mut changed = Vec::new();
    for quota in quotas {
        if !in_scope(&quota, attributes.key, object) {
            continue;
        }
        let hard = quota.at(&["spec", "hard"]);
        let asked: Usage =
            usage_of(attributes.key, object).into_iter().filter(|(name, _)| !hard.get(name).is_null()).collect();
        constraints(&quota, attributes, object)?;
        if asked.is_empty() {
            continue;
        }
        let used = used(server, &quota);
        let exceeded: Vec<&EcoString> = asked
            .iter()
            .filter(|(name, amount)| sum(used.get(*name).copied(), **amount) > Quantity::of(hard.get(name)))
            .map(|(name, _)| name)
            .collect();
        if !exceeded.is_empty() {
            return Err(attributes.forbidden(&refusal(quota.name(), &exceeded, &asked, &used, hard)));
        }
        changed.push((quota.clone(), used, asked));
    }
    for (quota, used, asked) in changed.into_iter().filter(|_| !dry_run) {
        let mut total = used;
        for (name, amount) in asked {
            let now = sum(total.get(&name).copied(), amount);
            total.insert(name, now);
        }
        note(server, quota, &total);
    }
    Ok(())
}

fn sum(used: Option<Quantity>, asked: Quantity) -> Quantity {
    used.map_or(asked, |used| used + asked)
}

fn refusal(quota: &str, exceeded: &[&EcoString], asked: &Usage, used: &Usage, hard: &Value) -> String {
    let list = |of: &dyn Fn(&str) -> String| {
        let parts: Vec<String> = exceeded.iter().map(|name| format!("{name}={}", of(name))).collect();
        parts.join(",")
    };
    let shown = |usage: &Usage, name: &str| usage.get(name).map_or_else(|| "0".to_owned(), ToString::to_string);
    format!(
        "exceeded quota: {quota}, requested: {}, used: {}, limited: {}",
        list(&|name| shown(asked, name)),
        list(&|name| shown(used, name)),
        list(&|name| Quantity::of(hard.get(name)).to_string()),
    )
}

/// Writes what is used into the quota's status.
fn note(server: &mut ApiServer, mut quota: Value, used: &Usage) {
    let Some(stored) = server.store().get(ResourceKey::RESOURCE_QUOTAS, quota.namespace(), quota.name()) else {
        return;
    };
    let managed = stored.managed.clone();
    let hard = quota.at(&["spec", "hard"]).clone();
    let mut shown = Value::object();
    for (name, _) in hard.fields() {
        let amount = used.get(name.as_str()).map_or_else(|| "0".into(), |amount| EcoString::from(amount.to_string()));
        shown.set(name.clone(), amount);
    }
    let status = podyard_api::value!({"hard": hard, "used": shown});
    if *quota.get("status") != status {
        quota.set(Key::Static("status"), status);
        server.store.put(ResourceKey::RESOURCE_QUOTAS, quota, managed);
    }
}

/// What the objects of a quota's namespace use of what it limits.
pub(crate) fn used(server: &ApiServer, quota: &Value) -> Usage {
    let hard = quota.at(&["spec", "hard"]);
    let mut total = Usage::new();
    for key in ResourceKey::all().filter(|key| key.is_namespaced()) {
        let concerns = hard.fields().iter().any(|(name, _)| limits(key, name.as_str()));
        if !concerns {
            continue;
        }
        for object in server.list(key, Some(quota.namespace())).filter(|object| in_scope(quota, key, object)) {
            for (name, amount) in usage_of(key, object) {
                if !hard.get(&name).is_null() {
                    let now = sum(total.get(&name).copied(), amount);
                    total.insert(name, now);
                }
            }
        }
    }
    total
}

/// Whether a resource's objects count for a name.
fn limits(key: ResourceKey, name: &str) -> bool {
    match key {
        ResourceKey::PODS => name == "pods" || name == "count/pods" || is_compute(name),
        ResourceKey::PERSISTENT_VOLUME_CLAIMS => {
            name.contains("persistentvolumeclaims") || name.ends_with("requests.storage")
        }
        ResourceKey::SERVICES => name.starts_with("services") || name == "count/services",
        _ => name == key.plural() || name == counted(key),
    }
}

fn is_compute(name: &str) -> bool {
    !name.starts_with("count/") && !name.ends_with("requests.storage") && name != "services"
}

/// `count/deployments.apps`.
fn counted(key: ResourceKey) -> EcoString {
    match key.group() {
        "" => ecow::eco_format!("count/{}", key.plural()),
        group => ecow::eco_format!("count/{}.{group}", key.plural()),
    }
}

/// What one object takes.
fn usage_of(key: ResourceKey, object: &Value) -> Usage {
    let one = Quantity::new(1, Format::DecimalSI);
    let mut usage = Usage::from([(counted(key), one)]);
    let spec = object.get("spec");
    match key {
        ResourceKey::PODS => {
            if matches!(object.at(&["status", "phase"]).str(), "Failed" | "Succeeded") {
                return usage;
            }
            usage.insert("pods".into(), one);
            for (list, prefix) in [("requests", "requests."), ("limits", "limits.")] {
                for name in resource_names(spec, list) {
                    let Some(amount) = pod_amount(spec, list, &name) else { continue };
                    usage.insert(ecow::eco_format!("{prefix}{name}"), amount);
                    if list == "requests" {
                        usage.insert(name, amount);
                    }
                }
            }
        }
        ResourceKey::PERSISTENT_VOLUME_CLAIMS => {
            let size = Quantity::of(spec.at(&["resources", "requests", "storage"]));
            usage.insert("persistentvolumeclaims".into(), one);
            usage.insert("requests.storage".into(), size);
            if let Some(class) = spec.get("storageClassName").as_str() {
                let prefix = format!("{class}.storageclass.storage.k8s.io");
                usage.insert(ecow::eco_format!("{prefix}/persistentvolumeclaims"), one);
                usage.insert(ecow::eco_format!("{prefix}/requests.storage"), size);
            }
        }
        ResourceKey::SERVICES => {
            let kind = spec.get("type").str();
            let number = |count: usize| Quantity::new(i64::try_from(count).unwrap_or(i64::MAX), Format::DecimalSI);
            let opened = matches!(kind, "NodePort" | "LoadBalancer");
            usage.insert("services".into(), one);
            let ports = if opened { spec.get("ports").items().len() } else { 0 };
            usage.insert("services.nodeports".into(), number(ports));
            usage.insert("services.loadbalancers".into(), number(usize::from(kind == "LoadBalancer")));
        }
        _ => {
            usage.insert(key.plural().into(), one);
        }
    }
    usage
}

fn resource_names(spec: &Value, list: &str) -> Vec<EcoString> {
    let mut names: Vec<EcoString> = ["containers", "initContainers"]
        .iter()
        .flat_map(|containers| spec.get(containers).items())
        .flat_map(|container| container.at(&["resources", list]).fields())
        .map(|(name, _)| name.text())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// What a pod asks for of one resource: its containers together, or the largest of those that run before them.
// Models staging/src/k8s.io/component-helpers/resource/helpers.go
pub(super) fn pod_amount(spec: &Value, list: &str, name: &str) -> Option<Quantity> {
    let of = |container: &Value| {
        let amount = container.at(&["resources", list, name]);
        (!amount.is_null()).then(|| Quantity::of(amount))
    };
    let mut sidecars: Option<Quantity> = None;
    let mut before: Option<Quantity> = None;
    for container in spec.get("initContainers").items() {
        let Some(own) = of(container) else { continue };
        let with = sum(sidecars, own);
        before = Some(before.map_or(with, |before| before.max(with)));
        if *container.get("restartPolicy") == "Always" {
            sidecars = Some(with);
        }
    }
    let running = spec.get("containers").items().iter().filter_map(of).fold(sidecars, |all, own| Some(sum(all, own)));
    running.max(before)
}

/// Whether a quota is about this object, by its scopes.
fn in_scope(quota: &Value, key: ResourceKey, object: &Value) -> bool {
    let spec = quota.get("spec");
    let scopes = spec.get("scopes").items().iter().map(|scope| (scope.str(), "Exists", &[] as &[Value]));
    let selected = spec.at(&["scopeSelector", "matchExpressions"]).items().iter().map(|expression| {
        (expression.get("scopeName").str(), expression.get("operator").str(), expression.get("values").items())
    });
    scopes.chain(selected).all(|(scope, operator, values)| {
        if key != ResourceKey::PODS {
            return false;
        }
        let pod = object.get("spec");
        let terminating = !pod.get("activeDeadlineSeconds").is_null();
        let best_effort = || crate::registry::pod::qos_class(pod) == "BestEffort";
        match scope {
            "Terminating" => terminating,
            "NotTerminating" => !terminating,
            "BestEffort" => best_effort(),
            "NotBestEffort" => !best_effort(),
            "PriorityClass" => {
                let class = pod.get("priorityClassName");
                match operator {
                    "In" => values.contains(class),
                    "NotIn" => !values.contains(class),
                    "DoesNotExist" => class.is_empty(),
                    _ => !class.is_empty(),
                }
            }
            _ => false,
        }
    })
}

/// Pods must say what a quota counts.
fn constraints(quota: &Value, attributes: &Attributes, object: &Value) -> Result<(), Status> {
    if attributes.key != ResourceKey::PODS {
        return Ok(());
    }
    let mut missing: Vec<String> = Vec::new();
    for (name, _) in quota.at(&["spec", "hard"]).fields().iter().filter(|(name, _)| COMPUTE.contains(&name.as_str())) {
        let (list, resource) = name.as_str().split_once('.').unwrap_or(("requests", name.as_str()));
        let containers = ["containers", "initContainers"].iter().flat_map(|list| object.get("spec").get(list).items());
        let without = containers.filter(|container| container.at(&["resources", list, resource]).is_null());
        let mut names: Vec<&str> = without.map(|container| container.get("name").str()).collect();
        names.sort_unstable();
        if !names.is_empty() {
            missing.push(format!("{name} for: {}", names.join(",")));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let why = [format!("failed quota: {}: must specify {}", quota.name(), missing.join("; "))];
    Err(attributes.forbidden(&joined(&why).unwrap_or_default()))
}
