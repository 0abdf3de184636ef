//! What both controllers of endpoints share: which pods serve a service, on which ports, since when.
// Models staging/src/k8s.io/endpointslice/util/controller_utils.go and trigger_time_tracker.go

use ecow::EcoString;
use imbl::OrdMap;
use podyard_api::kinds::{Container, Pod, Service, ServicePort};
use podyard_api::{Key as Field, Value, value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};
use podyard_sim::Time;
use serde::{Deserialize, Serialize};

use crate::{Context, Key, Keys, pods};

/// Says since when what endpoints show has been so.
pub(crate) const TRIGGERED: &str = "endpoints.kubernetes.io/last-change-trigger-time";
/// Marks what belongs to a service without an address of its own.
pub(crate) const HEADLESS: &str = "service.kubernetes.io/headless";

/// The moments that were known when a service's endpoints were last made.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Triggers {
    service: Option<Time>,
    pods: OrdMap<EcoString, Time>,
}

/// The services that a change concerns.
pub(crate) fn route(own: ResourceKey, api: &ApiServer, change: &Change, keys: &mut Keys) {
    match change.resource {
        ResourceKey::SERVICES => keys.push(Key::new(change.namespace.clone(), change.name.clone())),
        ResourceKey::PODS => {
            if !matters(change) {
                return;
            }
            let pods = i64::try_from(api.count(ResourceKey::PODS)).unwrap_or_default();
            for service in api.list(ResourceKey::SERVICES, Some(&change.namespace)) {
                if [&change.old, &change.new].into_iter().flatten().any(|pod| selects(service, pod)) {
                    keys.gather(Key::new(change.namespace.clone(), service.name_text()), pods);
                }
            }
        }
        resource if resource == own => {
            let object = change.new.as_ref().or(change.old.as_ref());
            let service = object.and_then(|object| object.meta().label("kubernetes.io/service-name"));
            keys.push(Key::new(change.namespace.clone(), service.unwrap_or(&change.name)));
        }
        _ => {}
    }
}

/// Whether a pod's change can change endpoints.
fn matters(change: &Change) -> bool {
    let (Some(old), Some(new)) = (&change.old, &change.new) else { return true };
    let labels = |pod: &Value| pod.get("metadata").get("labels").clone();
    let seen = |pod: &Value| {
        let view = Pod(pod);
        (view.is_terminating(), view.is_terminal(), view.is_ready(), !view.status().pod_ip().is_empty())
    };
    seen(old) != seen(new)
        || Pod(old).status().pod_ip() != Pod(new).status().pod_ip()
        || pods::ready_since(old) != pods::ready_since(new)
        || labels(old) != labels(new)
}

/// Whether a service's selector, if it has one, selects a pod.
pub(crate) fn selects(service: &Value, pod: &Value) -> bool {
    let selector = Service(service).spec().selector();
    let labels = pod.get("metadata").get("labels");
    !selector.is_empty() && selector.iter().all(|(key, wanted)| labels.get(key) == wanted)
}

/// The pods that a service selects.
pub(crate) fn selected(context: &Context<'_>, service: &Value) -> Vec<Value> {
    let all = context.api.list(ResourceKey::PODS, Some(service.namespace()));
    all.filter(|pod| selects(service, pod)).cloned().collect()
}

/// Whether a pod has a place in endpoints.
pub(crate) fn has_place(pod: &Value, include_terminating: bool) -> bool {
    let view = Pod(pod);
    !view.is_terminal() && !view.status().pod_ip().is_empty() && (include_terminating || !view.is_terminating())
}

/// The number of the port of a pod that a service's port leads to, if the pod has it.
// Models pkg/api/v1/pod/util.go FindPort
pub(crate) fn port_number(pod: &Value, port: ServicePort<'_>) -> Option<i64> {
    let target = port.target_port();
    if let Some(number) = target.as_i64() {
        return Some(if number == 0 { port.port() } else { number });
    }
    let spec = Pod(pod).spec();
    let sidecars = spec.init_containers().filter(|container| container.is_sidecar());
    let mut ports = spec.containers().chain(sidecars).flat_map(Container::ports);
    let named = ports.find(|found| found.name() == target.str() && found.protocol() == port.protocol());
    named.map(|found| found.container_port())
}

/// The ports on which a pod serves a service, as endpoints list them.
pub(crate) fn ports(service: &Value, pod: &Value, always_named: bool) -> Value {
    let mut ports = Value::array();
    for port in Service(service).spec().ports() {
        let Some(number) = port_number(pod, port) else { continue };
        let mut listed = value!({"port": number, "protocol": (port.protocol())});
        if always_named || !port.name().is_empty() {
            listed.set(Field::Static("name"), port.name());
        }
        if let Some(protocol) = port.app_protocol() {
            listed.set(Field::Static("appProtocol"), protocol);
        }
        ports.push(listed);
    }
    if always_named { by_name(ports) } else { ports }
}

/// Ports in order of their names, by which they are compared.
pub(crate) fn by_name(mut ports: Value) -> Value {
    ports.items_mut().sort_by(|a, b| a.get("name").str().cmp(b.get("name").str()));
    ports
}

/// The pod behind an address.
pub(crate) fn reference(pod: &Value) -> Value {
    let meta = pod.get("metadata");
    value!({
        "kind": "Pod",
        "namespace": (meta.get("namespace").clone()),
        "name": (meta.get("name").clone()),
        "uid": (meta.get("uid").clone()),
    })
}

/// The name by which DNS knows a pod of this service; empty for most.
pub(crate) fn hostname<'p>(service: &Value, pod: &'p Value) -> &'p str {
    let spec = Pod(pod).spec();
    if spec.subdomain() == service.name() { spec.hostname() } else { "" }
}

/// The moment of what has changed since the last time, as the annotation has it.
pub(crate) fn triggered(context: &mut Context<'_>, service: &Value, pods: &[Value]) -> Option<String> {
    let known = context.memory.triggers(context.component, service.namespace(), service.name());
    let created = pods::time(service.meta().creation_timestamp());
    let mut changed = if known.service == created { None } else { created };
    let mut moments = OrdMap::new();
    for pod in pods {
        let ready = Pod(pod).status().condition("Ready");
        let Some(moment) = ready.and_then(|ready| pods::time(ready.last_transition_time())) else { continue };
        let name = pod.name_text();
        if known.pods.get(&name) != Some(&moment) {
            changed = Some(changed.map_or(moment, |earliest| earliest.min(moment)));
        }
        moments.insert(name, moment);
    }
    known.service = created;
    known.pods = moments;
    changed.map(Time::rfc3339)
}
