//! Keeps each service's endpoint slices.
// Models staging/src/k8s.io/endpointslice/reconciler.go

use std::collections::BTreeMap;

use ecow::{EcoString, eco_format};
use podyard_api::kinds::reference;
use podyard_api::kinds::{Pod, Service};
use podyard_api::{Key as Field, Status, Value, value};
use podyard_apiserver::ResourceKey;

use crate::{Context, Controller, Key, Outcome, endpoints, serving};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "endpointslice-controller",
    account: "endpointslice-controller",
    component: "endpoint-slice-controller",
    route: |api, change, keys| serving::route(ResourceKey::ENDPOINT_SLICES, api, change, keys),
    reconcile,
};

const SLICES: ResourceKey = ResourceKey::ENDPOINT_SLICES;
const SERVICE: &str = "kubernetes.io/service-name";
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const MANAGER: &str = "endpointslice-controller.k8s.io";
/// How many endpoints a slice holds.
const MOST: usize = 100;

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let Some(service) = context.get(ResourceKey::SERVICES, &key.namespace, &key.name) else {
        context.memory.forget_triggers(context.component, &key.namespace, &key.name);
        return Outcome::Done;
    };
    let view = Service(&service);
    let is_done = view.spec().kind() == "ExternalName" || view.spec().selector().is_empty();
    if is_done || service.meta().deletion_timestamp().is_some() {
        return Outcome::Done;
    }
    match sync(context, &service) {
        Ok(()) => Outcome::Done,
        Err(status) if status.is("Forbidden") => Outcome::Done,
        Err(status) => {
            let message = format!(
                "Error updating Endpoint Slices for Service {}/{}: {}",
                key.namespace, key.name, status.message
            );
            context.warning(&service, "FailedToUpdateEndpointSlices", &message);
            Outcome::Retry
        }
    }
}

/// What a slice should become.
struct Slice {
    /// As stored; nothing for a new one.
    stored: Option<Value>,
    endpoints: Vec<Value>,
    ports: Value,
    changed: bool,
}

fn sync(context: &mut Context<'_>, service: &Value) -> Result<(), Status> {
    let pods = serving::selected(context, service);
    let triggered = serving::triggered(context, service, &pods);
    let mut slices = stored(context, service);
    let desired = desired(service, &pods);
    // What no pod serves any longer goes.
    for slice in slices.iter_mut().filter(|slice| desired.iter().all(|(ports, _)| *ports != slice.ports)) {
        slice.changed |= !slice.endpoints.is_empty();
        slice.endpoints.clear();
    }
    for (ports, wanted) in desired {
        place(&mut slices, ports, wanted);
    }
    let labels = labels(service);
    let is_empty = slices.iter().all(|slice| slice.endpoints.is_empty());
    if is_empty && slices.is_empty() {
        slices.push(Slice { stored: None, endpoints: Vec::new(), ports: Value::Null, changed: true });
    }
    let mut kept_empty = false;
    for slice in slices {
        // One empty slice says that there is nothing.
        if slice.endpoints.is_empty() && (!is_empty || kept_empty) {
            if let Some(stored) = &slice.stored {
                context.delete_object(SLICES, stored, Value::Null)?;
            }
            continue;
        }
        kept_empty |= slice.endpoints.is_empty();
        write(context, service, slice, &labels, triggered.as_deref())?;
    }
    Ok(())
}

fn stored(context: &Context<'_>, service: &Value) -> Vec<Slice> {
    let is_own = |slice: &&Value| {
        slice.meta().label(SERVICE) == Some(service.name()) && slice.meta().label(MANAGED_BY) == Some(MANAGER)
    };
    let slices = context.api.list(SLICES, Some(service.namespace())).filter(is_own);
    slices
        .map(|slice| Slice {
            stored: Some(slice.clone()),
            endpoints: slice.get("endpoints").items().to_vec(),
            ports: slice.get("ports").clone(),
            changed: false,
        })
        .collect()
}

/// The endpoints that there should be, by the ports that they serve.
fn desired(service: &Value, pods: &[Value]) -> Vec<(Value, Vec<Value>)> {
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for pod in pods.iter().filter(|pod| serving::has_place(pod, true)) {
        let ports = serving::ports(service, pod, true);
        let endpoint = endpoint(service, pod);
        match groups.iter_mut().find(|group| group.0 == ports) {
            Some(group) => group.1.push(endpoint),
            None => groups.push((ports, vec![endpoint])),
        }
    }
    groups
}

fn endpoint(service: &Value, pod: &Value) -> Value {
    let view = Pod(pod);
    let serves = view.is_ready();
    let terminates = view.is_terminating();
    let ready = Service(service).spec().publish_not_ready_addresses() || serves && !terminates;
    let mut endpoint = value!({
        "addresses": [view.status().pod_ip()],
        "conditions": {"ready": ready, "serving": serves, "terminating": terminates},
        "targetRef": serving::reference(pod),
    });
    if !view.node_name().is_empty() {
        endpoint.set(Field::Static("nodeName"), pod.get("spec").get("nodeName").clone());
    }
    let zone = view.metadata().label("topology.kubernetes.io/zone").unwrap_or_default();
    for (field, text) in [("hostname", serving::hostname(service, pod)), ("zone", zone)] {
        if !text.is_empty() {
            endpoint.set(Field::Static(field), text);
        }
    }
    endpoint
}

/// Puts the endpoints of one set of ports into slices: where they are already, then where there is room.
fn place(slices: &mut Vec<Slice>, ports: Value, wanted: Vec<Value>) {
    let uid = |endpoint: &Value| endpoint.get("targetRef").get("uid").text();
    let mut wanted: BTreeMap<EcoString, (usize, Value)> =
        wanted.into_iter().enumerate().map(|(order, endpoint)| (uid(&endpoint), (order, endpoint))).collect();
    for slice in slices.iter_mut().filter(|slice| slice.ports == ports) {
        let before = std::mem::take(&mut slice.endpoints);
        for endpoint in before {
            match wanted.remove(&uid(&endpoint)) {
                Some((_, new)) => {
                    slice.changed |= new != endpoint;
                    slice.endpoints.push(new);
                }
                None => slice.changed = true,
            }
        }
    }
    let mut rest: Vec<(usize, Value)> = wanted.into_values().collect();
    rest.sort_by_key(|(order, _)| *order);
    let mut rest = rest.into_iter().map(|(_, endpoint)| endpoint).peekable();
    for slice in slices.iter_mut() {
        // A slice without endpoints takes any ports.
        if rest.peek().is_none() || slice.ports != ports && !slice.endpoints.is_empty() {
            continue;
        }
        slice.ports = ports.clone();
        let room = MOST.saturating_sub(slice.endpoints.len());
        slice.endpoints.extend(rest.by_ref().take(room));
        slice.changed |= room > 0;
    }
    while rest.peek().is_some() {
        let endpoints = rest.by_ref().take(MOST).collect();
        slices.push(Slice { stored: None, endpoints, ports: ports.clone(), changed: true });
    }
}

fn labels(service: &Value) -> Value {
    let mut labels = service.get("metadata").get("labels").clone();
    labels.set(SERVICE, service.name());
    labels.set(MANAGED_BY, MANAGER);
    if Service(service).spec().is_headless() {
        labels.set(serving::HEADLESS, "");
    }
    labels
}

fn write(
    context: &mut Context<'_>,
    service: &Value,
    slice: Slice,
    labels: &Value,
    triggered: Option<&str>,
) -> Result<(), Status> {
    let stored = slice.stored.as_ref();
    let same_labels = stored.is_some_and(|stored| stored.get("metadata").get("labels") == labels);
    if !slice.changed && same_labels {
        return Ok(());
    }
    let mut wanted = match &slice.stored {
        Some(stored) => stored.clone(),
        None => value!({
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "generateName": (eco_format!("{}-", service.name())),
                "namespace": service.namespace_text(),
                "ownerReferences": [reference::to_controller(service)],
            },
            "addressType": "IPv4",
        }),
    };
    wanted.meta_mut().set(Field::Static("labels"), labels);
    endpoints::annotate(&mut wanted, serving::TRIGGERED, triggered);
    wanted.set(Field::Static("endpoints"), slice.endpoints);
    wanted.set(Field::Static("ports"), slice.ports);
    match slice.stored {
        Some(_) => context.update_object(SLICES, wanted),
        None => context.create_object(SLICES, wanted),
    }
    .map(|_| ())
}
