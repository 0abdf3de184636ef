//! Services for the map, with the pods behind them.

use std::collections::BTreeMap;

use podyard_api::Value;
use podyard_api::kinds::{EndpointSlice, Service, ServicePort};
use podyard_apiserver::ResourceKey;

use crate::Cluster;

/// A service in a few words.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSummary {
    pub uid: String,
    pub namespace: String,
    pub name: String,
    /// As `ClusterIP`.
    pub kind: String,
    /// Its cluster IP, `None` for a headless one, or the name that it stands for.
    pub address: String,
    /// As the PORT(S) column of `kubectl get services`, one each.
    pub ports: Vec<String>,
    pub endpoints: Vec<EndpointSummary>,
}

/// An address behind a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EndpointSummary {
    /// Uid of the pod that has the address; empty if none has.
    pub pod: String,
    pub address: String,
    pub ready: bool,
}

/// The label of an endpoint slice that names its service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

impl Cluster {
    pub fn service_summaries(&self) -> Vec<ServiceSummary> {
        let mut slices: BTreeMap<(&str, &str), Vec<&Value>> = BTreeMap::new();
        for slice in self.api.list(ResourceKey::ENDPOINT_SLICES, None) {
            slices.entry((slice.namespace(), service_of(slice))).or_default().push(slice);
        }
        let services = self.api.list(ResourceKey::SERVICES, None);
        let summary = |service: &Value| {
            let behind = slices.get(&(service.namespace(), service.name()));
            summarize(service, behind.into_iter().flatten().copied())
        };
        services.map(summary).collect()
    }

    /// One service, if it is there.
    pub(super) fn service_summary(&self, namespace: &str, name: &str) -> Option<ServiceSummary> {
        let service = self.api.get(ResourceKey::SERVICES, namespace, name)?;
        let slices = self.api.list(ResourceKey::ENDPOINT_SLICES, Some(namespace));
        Some(summarize(service, slices.filter(|slice| service_of(slice) == name)))
    }
}

/// The name of the service that an endpoint slice belongs to.
pub(super) fn service_of(slice: &Value) -> &str {
    slice.meta().label(SERVICE_NAME).unwrap_or_default()
}

fn summarize<'a>(object: &Value, slices: impl Iterator<Item = &'a Value>) -> ServiceSummary {
    let spec = Service(object).spec();
    let mut endpoints: Vec<_> = slices.flat_map(endpoints).collect();
    endpoints.sort();
    endpoints.dedup();
    ServiceSummary {
        uid: object.uid().to_string(),
        namespace: object.namespace().to_string(),
        name: object.name().to_string(),
        kind: spec.kind().to_string(),
        address: if spec.kind() == "ExternalName" { spec.external_name() } else { spec.cluster_ip() }.to_string(),
        ports: spec.ports().map(port).collect(),
        endpoints,
    }
}

fn endpoints(slice: &Value) -> Vec<EndpointSummary> {
    let of = |endpoint: podyard_api::kinds::Endpoint<'_>| {
        let pod = endpoint.target_ref().filter(|target| target.kind() == "Pod");
        let ready = endpoint.conditions().ready().unwrap_or(true);
        let pod = pod.map(|pod| pod.uid().to_string()).unwrap_or_default();
        let address = |address: &str| EndpointSummary { pod: pod.clone(), address: address.to_string(), ready };
        endpoint.addresses().map(address).collect::<Vec<_>>()
    };
    EndpointSlice(slice).endpoints().flat_map(of).collect()
}

fn port(port: ServicePort<'_>) -> String {
    match port.node_port() {
        0 => format!("{}/{}", port.port(), port.protocol()),
        node => format!("{}:{node}/{}", port.port(), port.protocol()),
    }
}
