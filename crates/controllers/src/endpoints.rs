//! Keeps each service's `Endpoints`.
// Models pkg/controller/endpoint/endpoints_controller.go

use podyard_api::kinds::{Pod, Service};
use podyard_api::{Key as Field, Value, value};
use podyard_apiserver::ResourceKey;

use crate::{Context, Controller, Key, Outcome, serving};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "endpoints-controller",
    account: "endpoint-controller",
    component: "endpoint-controller",
    route: |api, change, keys| serving::route(ResourceKey::ENDPOINTS, api, change, keys),
    reconcile,
};

const MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";
const OVER_CAPACITY: &str = "endpoints.kubernetes.io/over-capacity";
/// How many addresses there may be.
const CAPACITY: usize = 1000;

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let present = context.get(ResourceKey::ENDPOINTS, &key.namespace, &key.name);
    let Some(service) = context.get(ResourceKey::SERVICES, &key.namespace, &key.name) else {
        context.memory.forget_triggers(context.component, &key.namespace, &key.name);
        return match present {
            Some(present) => drop_orphan(context, &present),
            None => Outcome::Done,
        };
    };
    let view = Service(&service);
    // A service without selector has the endpoints that somebody gives it.
    if view.spec().selector().is_empty() || view.spec().kind() == "ExternalName" {
        return Outcome::Done;
    }
    let pods = serving::selected(context, &service);
    let triggered = serving::triggered(context, &service, &pods);
    let (subsets, truncated) = subsets(&service, &pods);
    let mut wanted = match &present {
        Some(present) => present.clone(),
        None => value!({
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {"name": &key.name, "namespace": &key.namespace},
        }),
    };
    match subsets.is_empty() {
        true => drop(wanted.remove("subsets")),
        false => wanted.set(Field::Static("subsets"), subsets),
    }
    let mut labels = service.get("metadata").get("labels").clone();
    labels.set(MANAGED_BY, "endpoint-controller");
    if view.spec().is_headless() {
        labels.set(serving::HEADLESS, "");
    }
    let same = present.as_ref().is_some_and(|present| {
        comparable(present) == comparable(&wanted)
            && *present.get("metadata").get("labels") == labels
            && present.meta().annotation(OVER_CAPACITY).is_some() == truncated
    });
    if same {
        return Outcome::Done;
    }
    wanted.meta_mut().set(Field::Static("labels"), labels);
    annotate(&mut wanted, serving::TRIGGERED, triggered.as_deref());
    annotate(&mut wanted, OVER_CAPACITY, truncated.then_some("truncated"));
    write(context, present.is_some(), wanted)
}

/// The subsets, whatever the order of their ports.
fn comparable(endpoints: &Value) -> Vec<Value> {
    let in_order = |subset: &Value| {
        let mut subset = subset.clone();
        let ports = serving::by_name(subset.get("ports").clone());
        subset.set(Field::Static("ports"), ports);
        subset
    };
    endpoints.get("subsets").items().iter().map(in_order).collect()
}

/// Deletes the endpoints of a service that is gone, if they were made here.
fn drop_orphan(context: &mut Context<'_>, present: &Value) -> Outcome {
    match context.delete_object(ResourceKey::ENDPOINTS, present, Value::Null) {
        Ok(_) => Outcome::Done,
        Err(status) if status.is("NotFound") => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}

/// Sets an annotation, or takes it out.
pub(crate) fn annotate(object: &mut Value, key: &'static str, text: Option<&str>) {
    match text {
        Some(text) => object.set_annotation(key, text),
        None if object.meta().annotation(key).is_none() => {}
        None => {
            let annotations = object.meta_mut().field_mut("annotations");
            annotations.remove(key);
            if annotations.is_empty() {
                object.meta_mut().remove("annotations");
            }
        }
    }
}

fn write(context: &mut Context<'_>, exists: bool, wanted: Value) -> Outcome {
    let (namespace, name) = (wanted.namespace_text(), wanted.name_text());
    let object = wanted.clone();
    let result = match exists {
        true => context.update_object(ResourceKey::ENDPOINTS, wanted),
        false => context.create_object(ResourceKey::ENDPOINTS, wanted),
    };
    match result {
        Ok(_) => Outcome::Done,
        // In a namespace that goes there is nothing to serve.
        Err(status) if status.is("Forbidden") && !exists => Outcome::Done,
        Err(status) => {
            let (reason, what) = match exists {
                true => ("FailedToUpdateEndpoint", "update"),
                false => ("FailedToCreateEndpoint", "create"),
            };
            let message = format!("Failed to {what} endpoint {namespace}/{name}: {}", status.message);
            context.warning(&object, reason, &message);
            Outcome::Retry
        }
    }
}

/// Addresses by the ports that they serve, and whether there were too many.
fn subsets(service: &Value, pods: &[Value]) -> (Value, bool) {
    let publish = Service(service).spec().publish_not_ready_addresses();
    let mut groups: Vec<(Value, Vec<Value>, Vec<Value>)> = Vec::new();
    for pod in pods.iter().filter(|pod| serving::has_place(pod, publish)) {
        let ports = serving::ports(service, pod, false);
        let is_headless = Service(service).spec().is_headless() && Service(service).spec().ports().len() == 0;
        if ports.items().is_empty() && !is_headless {
            continue;
        }
        let index = groups.iter().position(|group| group.0 == ports).unwrap_or_else(|| {
            groups.push((ports, Vec::new(), Vec::new()));
            groups.len() - 1
        });
        let ready = publish || Pod(pod).is_ready();
        let address = address(service, pod);
        if ready {
            groups[index].1.push(address);
        } else {
            groups[index].2.push(address);
        }
    }
    let all: usize = groups.iter().map(|group| group.1.len() + group.2.len()).sum();
    let mut left = CAPACITY;
    let mut subsets = Value::array();
    for (ports, mut ready, mut not_ready) in groups {
        for list in [&mut ready, &mut not_ready] {
            list.sort_by(|a, b| a.get("ip").str().cmp(b.get("ip").str()));
            list.truncate(left);
            left -= list.len();
        }
        let mut subset = Value::object();
        for (field, list) in [("addresses", ready), ("notReadyAddresses", not_ready)] {
            if !list.is_empty() {
                subset.set(Field::Static(field), list);
            }
        }
        if !ports.is_empty() {
            subset.set(Field::Static("ports"), ports);
        }
        subsets.push(subset);
    }
    (subsets, all > CAPACITY)
}

fn address(service: &Value, pod: &Value) -> Value {
    let view = Pod(pod);
    let mut address = value!({"ip": (view.status().pod_ip()), "targetRef": serving::reference(pod)});
    if !view.node_name().is_empty() {
        address.set(Field::Static("nodeName"), pod.get("spec").get("nodeName").clone());
    }
    let hostname = serving::hostname(service, pod);
    if !hostname.is_empty() {
        address.set(Field::Static("hostname"), hostname);
    }
    address
}
