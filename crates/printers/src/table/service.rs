//! Services.

use podyard_api::Value;
use podyard_api::kinds::Service;

use super::common::load_balancer;
use super::{AGE, NAME, Printer, Row, cells, object_age, text, wide};
use crate::labels::labels;
use crate::values::or;

pub(super) const PRINTER: Printer = Printer {
    columns: &[NAME, text("Type"), text("Cluster-IP"), text("External-IP"), text("Port(s)"), AGE, wide("Selector")],
    row,
};

fn row(object: &Value, now: i64) -> Row {
    let service = Service(object);
    let spec = service.spec();
    cells![
        service.name(),
        spec.kind(),
        spec.cluster_ips().next().unwrap_or("<none>"),
        external_ip(service),
        or(&ports(service), "<none>"),
        object_age(object, now),
        labels(spec.selector()),
    ]
}

fn external_ip(service: Service<'_>) -> String {
    let spec = service.spec();
    let mut addresses: Vec<String> = spec.external_ips().map(str::to_owned).collect();
    let none = match spec.kind() {
        "ClusterIP" | "NodePort" => "<none>",
        "LoadBalancer" => {
            let balancer = load_balancer(service.status().load_balancer());
            if !balancer.is_empty() {
                addresses.insert(0, balancer);
            }
            "<pending>"
        }
        "ExternalName" => return spec.external_name().into(),
        _ => return "<unknown>".into(),
    };
    if addresses.is_empty() { none.into() } else { addresses.join(",") }
}

fn ports(service: Service<'_>) -> String {
    let port = |port: podyard_api::kinds::ServicePort<'_>| match port.node_port() {
        0 => format!("{}/{}", port.port(), port.protocol()),
        node => format!("{}:{node}/{}", port.port(), port.protocol()),
    };
    service.spec().ports().map(port).collect::<Vec<_>>().join(",")
}
