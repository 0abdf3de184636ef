//! Services.
// Models pkg/apis/core/v1/defaults.go

use podyard_api::{Key, Value, value};

use super::fill;

pub(crate) fn service(object: &mut Value) {
    let spec = object.field_mut("spec");
    fill(spec, "sessionAffinity", "None");
    match spec.get("sessionAffinity").str() {
        "None" => drop(spec.remove("sessionAffinityConfig")),
        "ClientIP" if spec.at(&["sessionAffinityConfig", "clientIP", "timeoutSeconds"]).is_null() => {
            spec.set(Key::Static("sessionAffinityConfig"), value!({"clientIP": {"timeoutSeconds": 10800}}));
        }
        _ => {}
    }
    fill(spec, "type", "ClusterIP");
    if let Some(ports) = spec.get_mut("ports") {
        for port in ports.items_mut() {
            fill(port, "protocol", "TCP");
            let target = port.get("targetPort");
            if target.is_null() || target.as_str() == Some("") || target.as_i64() == Some(0) {
                let number = port.get("port").clone();
                port.set(Key::Static("targetPort"), number);
            }
        }
    }
    let kind = spec.get("type").str().to_owned();
    let external_ips = !spec.get("externalIPs").items().is_empty();
    let external = matches!(kind.as_str(), "NodePort" | "LoadBalancer") || kind == "ClusterIP" && external_ips;
    if external {
        fill(spec, "externalTrafficPolicy", "Cluster");
    }
    if matches!(kind.as_str(), "NodePort" | "LoadBalancer" | "ClusterIP") {
        fill(spec, "internalTrafficPolicy", "Cluster");
    }
    if kind == "LoadBalancer" {
        fill(spec, "allocateLoadBalancerNodePorts", true);
        if let Some(ingress) = object.field_mut("status").field_mut("loadBalancer").get_mut("ingress") {
            for entry in ingress.items_mut().iter_mut().filter(|entry| !entry.get("ip").is_null()) {
                fill(entry, "ipMode", "VIP");
            }
        }
    }
}
