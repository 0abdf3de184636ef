//! Shows endpoints that somebody wrote by hand as endpoint slices, too.
// Models pkg/controller/endpointslicemirroring/reconciler.go

use ecow::eco_format;
use podyard_api::kinds::{Service, reference};
use podyard_api::{Key as Field, Status, Value, value};
use podyard_apiserver::{ApiServer, Change, ResourceKey};

use crate::{Context, Controller, Key, Keys, Outcome};

pub(crate) const CONTROLLER: Controller = Controller {
    name: "endpointslice-mirroring-controller",
    account: "endpointslicemirroring-controller",
    component: "endpoint-slice-mirroring-controller",
    route,
    reconcile,
};

const SLICES: ResourceKey = ResourceKey::ENDPOINT_SLICES;
const SERVICE: &str = "kubernetes.io/service-name";
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const MANAGER: &str = "endpointslicemirroring-controller.k8s.io";
const SKIP: &str = "endpointslice.kubernetes.io/skip-mirror";

fn route(_: &ApiServer, change: &Change, keys: &mut Keys) {
    if matches!(change.resource, ResourceKey::ENDPOINTS | ResourceKey::SERVICES) {
        keys.push(Key::new(change.namespace.clone(), change.name.clone()));
    }
}

fn reconcile(context: &mut Context<'_>, key: &Key) -> Outcome {
    let is_own = |slice: &&Value| {
        slice.meta().label(SERVICE) == Some(&key.name) && slice.meta().label(MANAGED_BY) == Some(MANAGER)
    };
    let present: Vec<Value> = context.api.list(SLICES, Some(&key.namespace)).filter(is_own).cloned().collect();
    let service = context.get(ResourceKey::SERVICES, &key.namespace, &key.name);
    let service = service.filter(|service| Service(service).spec().selector().is_empty());
    let endpoints = context.get(ResourceKey::ENDPOINTS, &key.namespace, &key.name).filter(|endpoints| {
        let meta = endpoints.meta();
        meta.label(SKIP) != Some("true") && meta.annotation("control-plane.alpha.kubernetes.io/leader").is_none()
    });
    let wanted = match (service, &endpoints) {
        (Some(_), Some(endpoints)) => endpoints.get("subsets").items().iter().map(|s| slice(endpoints, s)).collect(),
        _ => Vec::new(),
    };
    match write(context, present, wanted) {
        Ok(()) => Outcome::Done,
        Err(status) if status.is("Forbidden") || status.is("NotFound") => Outcome::Done,
        Err(_) => Outcome::Retry,
    }
}

/// Each subset has a slice.
fn write(context: &mut Context<'_>, present: Vec<Value>, wanted: Vec<Value>) -> Result<(), Status> {
    let mut present = present.into_iter();
    for slice in wanted {
        match present.next() {
            None => drop(context.create_object(SLICES, slice)?),
            Some(mut old) => {
                let before = old.clone();
                for field in ["endpoints", "ports"] {
                    old.set(Field::Static(field), slice.get(field));
                }
                if old != before {
                    context.update_object(SLICES, old)?;
                }
            }
        }
    }
    for surplus in present {
        context.delete_object(SLICES, &surplus, Value::Null)?;
    }
    Ok(())
}

fn slice(endpoints: &Value, subset: &Value) -> Value {
    let lists = [("addresses", true), ("notReadyAddresses", false)];
    let addresses = lists.into_iter().flat_map(|(list, ready)| {
        subset.get(list).items().iter().map(move |address| {
            let mut endpoint = value!({
                "addresses": [(address.get("ip").clone())],
                "conditions": {"ready": ready},
            });
            for field in ["hostname", "nodeName", "targetRef"] {
                if !address.get(field).is_null() {
                    endpoint.set(Field::Static(field), address.get(field));
                }
            }
            endpoint
        })
    });
    let ports = subset.get("ports").items().iter().map(|port| {
        let mut port = port.clone();
        if port.get("name").is_null() {
            port.set(Field::Static("name"), "");
        }
        port
    });
    let mut labels = endpoints.get("metadata").get("labels").clone();
    labels.set(SERVICE, endpoints.name());
    labels.set(MANAGED_BY, MANAGER);
    value!({
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "generateName": (eco_format!("{}-", endpoints.name())),
            "namespace": endpoints.namespace_text(),
            "labels": labels,
            "ownerReferences": [reference::to_controller(endpoints)],
        },
        "addressType": "IPv4",
        "endpoints": (addresses.collect::<Value>()),
        "ports": (ports.collect::<Value>()),
    })
}
