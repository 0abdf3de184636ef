//! Services, Endpoints and EndpointSlices.

use podyard_api::Value;
use podyard_api::kinds::{Endpoint, EndpointSlice, EndpointSubset, Endpoints, LoadBalancerIngress, Service};

use super::out::Out;
use super::{Describer, Read, Related, config, nothing};
use crate::labels::labels;
use crate::values::{int_or_string, join_host_port, or};

pub(super) const SERVICE: Describer = Describer { reads, write: service };
pub(super) const ENDPOINTS: Describer = Describer { reads: nothing, write: endpoints };
pub(super) const SLICE: Describer = Describer { reads: nothing, write: slice };

fn reads(object: &Value) -> Vec<Read> {
    vec![slices_of(object.namespace(), object.name())]
}

/// The slices of a service.
pub(super) fn slices_of(namespace: &str, service: &str) -> Read {
    Read {
        group: "discovery.k8s.io",
        version: "v1",
        resource: "endpointslices",
        namespace: namespace.into(),
        label_selector: format!("kubernetes.io/service-name={service}"),
        ..Read::default()
    }
}

fn service(object: &Value, related: &Related, out: &mut Out) {
    let service = Service(object);
    let spec = service.spec();
    config::head(service.metadata(), out);
    out.field(0, "Selector", labels(spec.selector()));
    out.field(0, "Type", spec.kind());
    out.field_if(0, "IP Family Policy", spec.ip_family_policy());
    let joined = |texts: Vec<&str>| texts.join(",");
    out.field(0, "IP Families", or(&joined(spec.ip_families().collect()), "<none>"));
    out.field(0, "IP", spec.cluster_ip());
    out.field(0, "IPs", or(&joined(spec.cluster_ips().collect()), "<none>"));
    out.field_if(0, "External IPs", &joined(spec.external_ips().collect()));
    out.field_if(0, "Desired LoadBalancer IP", spec.load_balancer_ip());
    out.field_if(0, "External Name", spec.external_name());
    let ingress = service.status().load_balancer().ingress().map(ingress).collect::<Vec<_>>().join(", ");
    out.field_if(0, "LoadBalancer Ingress", &ingress);
    let slices: Vec<_> = related.items("endpointslices").map(EndpointSlice).collect();
    for port in spec.ports() {
        let (name, protocol) = (or(port.name(), "<unset>"), port.protocol());
        out.field(0, "Port", format_args!("{name}\t{}/{protocol}", port.port()));
        out.field(0, "TargetPort", format_args!("{}/{protocol}", int_or_string(port.target_port())));
        if port.node_port() != 0 {
            out.field(0, "NodePort", format_args!("{name}\t{}/{protocol}", port.node_port()));
        }
        out.field(0, "Endpoints", addresses(&slices, port.name()));
    }
    out.field(0, "Session Affinity", spec.session_affinity());
    out.field_if(0, "External Traffic Policy", spec.external_traffic_policy());
    out.field_if(0, "Internal Traffic Policy", spec.value().get("internalTrafficPolicy").str());
    if spec.health_check_node_port() != 0 {
        out.field(0, "HealthCheck NodePort", spec.health_check_node_port());
    }
    out.field_if(0, "LoadBalancer Source Ranges", &joined(spec.load_balancer_source_ranges().collect()));
    out.field_if(0, "Traffic Distribution", spec.traffic_distribution().unwrap_or_default());
}

fn ingress(ingress: LoadBalancerIngress<'_>) -> String {
    match (ingress.ip(), ingress.value().get("ipMode").str()) {
        ("", _) => ingress.hostname().into(),
        (ip, "") => ip.into(),
        (ip, mode) => format!("{ip} ({mode})"),
    }
}

/// The ready endpoints of one port, at most three.
// Models staging/src/k8s.io/kubectl/pkg/describe/describe.go formatEndpointSlices
pub(super) fn addresses(slices: &[EndpointSlice<'_>], port: &str) -> String {
    if slices.is_empty() {
        return "<none>".into();
    }
    let mut shown: Vec<String> = Vec::new();
    let (mut more, mut count) = (false, 0);
    let mut add = |endpoints: EndpointSlice<'_>, port: Option<i64>| {
        for endpoint in endpoints.endpoints() {
            more |= shown.len() == 3;
            if endpoint.conditions().ready() == Some(false) {
                continue;
            }
            let address = endpoint.addresses().next().unwrap_or_default();
            if !more {
                shown.push(port.map_or_else(|| address.to_owned(), |port| join_host_port(address, &port.to_string())));
            }
            count += 1;
        }
    };
    for slice in slices {
        if slice.ports().len() == 0 {
            add(*slice, None);
        }
        for slice_port in slice.ports().filter(|slice_port| slice_port.name() == port) {
            add(*slice, Some(slice_port.port().unwrap_or_default()));
        }
    }
    let list = shown.join(",");
    if more { format!("{list} + {} more...", count - 3) } else { list }
}

fn endpoints(object: &Value, _: &Related, out: &mut Out) {
    let endpoints = Endpoints(object);
    config::head(endpoints.metadata(), out);
    out.line(0, "Subsets:");
    endpoints.subsets().for_each(|subset| self::subset(subset, out));
}

fn subset(subset: EndpointSubset<'_>, out: &mut Out) {
    let addresses = subset.addresses().map(|address| address.ip()).collect::<Vec<_>>().join(",");
    let not_ready = subset.not_ready_addresses().map(|address| address.ip()).collect::<Vec<_>>().join(",");
    out.field(1, "Addresses", or(&addresses, "<none>"));
    out.field(1, "NotReadyAddresses", or(&not_ready, "<none>"));
    if subset.ports().len() > 0 {
        out.line(1, "Ports:");
        out.header(2, &["Name", "Port", "Protocol"]);
    }
    for port in subset.ports() {
        let number = port.port().unwrap_or_default();
        out.line(2, format_args!("{}\t{number}\t{}", or(port.name(), "<unset>"), port.protocol()));
    }
    out.line(0, "");
}

fn slice(object: &Value, _: &Related, out: &mut Out) {
    let slice = EndpointSlice(object);
    config::head(slice.metadata(), out);
    out.field(0, "AddressType", slice.address_type());
    if slice.ports().len() == 0 {
        out.line(0, "Ports: <unset>");
    } else {
        out.line(0, "Ports:");
        out.header(1, &["Name", "Port", "Protocol"]);
    }
    for port in slice.ports() {
        let number = port.port().map_or_else(|| "<unset>".to_owned(), |port| port.to_string());
        out.line(1, format_args!("{}\t{number}\t{}", or(port.name(), "<unset>"), port.protocol()));
    }
    if slice.endpoints().len() == 0 {
        out.line(0, "Endpoints: <none>");
    } else {
        out.line(0, "Endpoints:");
    }
    slice.endpoints().for_each(|endpoint| self::endpoint(endpoint, out));
}

fn endpoint(endpoint: Endpoint<'_>, out: &mut Out) {
    let addresses = endpoint.addresses().collect::<Vec<_>>().join(", ");
    out.field(1, "- Addresses", or(&addresses, "<none>"));
    out.line(2, "Conditions:");
    let ready = endpoint.conditions().ready().map(|ready| ready.to_string());
    out.field(3, "Ready", ready.as_deref().unwrap_or("<unset>"));
    out.field(2, "Hostname", or(endpoint.hostname(), "<unset>"));
    if let Some(target) = endpoint.target_ref() {
        out.field(2, "TargetRef", format_args!("{}/{}", target.kind(), target.name()));
    }
    out.field(2, "NodeName", or(endpoint.node_name(), "<unset>"));
    out.field(2, "Zone", or(endpoint.zone(), "<unset>"));
}
