//! Services, endpoints and ingresses.

use super::*;
use crate::view;

view! {
    /// `v1` `Service`.
    Service: "core.v1.Service" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view ServiceSpec;
        status "status": view ServiceStatus;
    }
}

view! {
    ServiceSpec: "core.v1.ServiceSpec" {
        ports "ports": list ServicePort;
        selector "selector": map;
        cluster_ip "clusterIP": str;
        cluster_ips "clusterIPs": strs;
        kind "type": str = "ClusterIP";
        external_ips "externalIPs": strs;
        session_affinity "sessionAffinity": str = "None";
        load_balancer_ip "loadBalancerIP": str;
        load_balancer_source_ranges "loadBalancerSourceRanges": strs;
        external_name "externalName": str;
        external_traffic_policy "externalTrafficPolicy": str;
        health_check_node_port "healthCheckNodePort": i64;
        publish_not_ready_addresses "publishNotReadyAddresses": bool;
        session_affinity_config "sessionAffinityConfig": value;
        ip_families "ipFamilies": strs;
        ip_family_policy "ipFamilyPolicy": str;
        allocate_load_balancer_node_ports "allocateLoadBalancerNodePorts": opt bool;
        load_balancer_class "loadBalancerClass": opt str;
        internal_traffic_policy "internalTrafficPolicy": str = "Cluster";
        traffic_distribution "trafficDistribution": opt str;
    }
}

view! {
    ServicePort: "core.v1.ServicePort" {
        name "name": str;
        protocol "protocol": str = "TCP";
        app_protocol "appProtocol": opt str;
        port "port": i64;
        /// A number or the name of a container port.
        target_port "targetPort": value;
        node_port "nodePort": i64;
    }
}

view! {
    ServiceStatus: "core.v1.ServiceStatus" {
        load_balancer "loadBalancer": view LoadBalancerStatus;
        conditions "conditions": list Condition;
    }
}

view! {
    /// `loadBalancer` of a service's or an ingress' status.
    LoadBalancerStatus: "core.v1.LoadBalancerStatus" {
        ingress "ingress": list LoadBalancerIngress;
    }
}

view! {
    LoadBalancerIngress: "core.v1.LoadBalancerIngress" {
        ip "ip": str;
        hostname "hostname": str;
    }
}

view! {
    /// `v1` `Endpoints`.
    Endpoints: "core.v1.Endpoints" {
        metadata "metadata": view ObjectMeta;
        subsets "subsets": list EndpointSubset;
    }
}

view! {
    EndpointSubset: "core.v1.EndpointSubset" {
        addresses "addresses": list EndpointAddress;
        not_ready_addresses "notReadyAddresses": list EndpointAddress;
        ports "ports": list EndpointPort;
    }
}

view! {
    EndpointAddress: "core.v1.EndpointAddress" {
        ip "ip": str;
        hostname "hostname": str;
        node_name "nodeName": str;
        target_ref "targetRef": opt view ObjectReference;
    }
}

view! {
    /// A port of `Endpoints` or an `EndpointSlice`.
    EndpointPort: "core.v1.EndpointPort" {
        name "name": str;
        port "port": opt i64;
        protocol "protocol": str = "TCP";
        app_protocol "appProtocol": opt str;
    }
}

view! {
    /// `discovery.k8s.io/v1` `EndpointSlice`.
    EndpointSlice: "discovery.v1.EndpointSlice" {
        metadata "metadata": view ObjectMeta;
        address_type "addressType": str;
        endpoints "endpoints": list Endpoint;
        ports "ports": list EndpointPort;
    }
}

view! {
    Endpoint: "discovery.v1.Endpoint" {
        addresses "addresses": strs;
        conditions "conditions": view EndpointConditions;
        hostname "hostname": str;
        target_ref "targetRef": opt view ObjectReference;
        deprecated_topology "deprecatedTopology": map;
        node_name "nodeName": str;
        zone "zone": str;
        hints "hints": value;
    }
}

view! {
    EndpointConditions: "discovery.v1.EndpointConditions" {
        ready "ready": opt bool;
        serving "serving": opt bool;
        terminating "terminating": opt bool;
    }
}

view! {
    /// `networking.k8s.io/v1` `Ingress`.
    Ingress: "networking.v1.Ingress" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view IngressSpec;
        status "status": view IngressStatus;
    }
}

view! {
    IngressSpec: "networking.v1.IngressSpec" {
        ingress_class_name "ingressClassName": opt str;
        default_backend "defaultBackend": opt view IngressBackend;
        tls "tls": list IngressTls;
        rules "rules": list IngressRule;
    }
}

view! {
    IngressStatus: "networking.v1.IngressStatus" {
        load_balancer "loadBalancer": view LoadBalancerStatus;
    }
}

view! {
    IngressTls: "networking.v1.IngressTLS" {
        hosts "hosts": strs;
        secret_name "secretName": str;
    }
}

view! {
    IngressRule: "networking.v1.IngressRule" {
        host "host": str;
        http "http": opt view HttpIngressRuleValue;
    }
}

view! {
    HttpIngressRuleValue: "networking.v1.HTTPIngressRuleValue" {
        paths "paths": list HttpIngressPath;
    }
}

view! {
    HttpIngressPath: "networking.v1.HTTPIngressPath" {
        path "path": str;
        path_type "pathType": str;
        backend "backend": view IngressBackend;
    }
}

view! {
    IngressBackend: "networking.v1.IngressBackend" {
        service "service": opt view IngressServiceBackend;
        resource "resource": opt view TypedLocalObjectReference;
    }
}

view! {
    IngressServiceBackend: "networking.v1.IngressServiceBackend" {
        name "name": str;
        port "port": view ServiceBackendPort;
    }
}

view! {
    ServiceBackendPort: "networking.v1.ServiceBackendPort" {
        name "name": str;
        number "number": i64;
    }
}

view! {
    TypedLocalObjectReference: "core.v1.TypedLocalObjectReference" {
        api_group "apiGroup": str;
        kind "kind": str;
        name "name": str;
    }
}

view! {
    /// `networking.k8s.io/v1` `IngressClass`.
    IngressClass: "networking.v1.IngressClass" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view IngressClassSpec;
    }
}

view! {
    IngressClassSpec: "networking.v1.IngressClassSpec" {
        controller "controller": str;
        parameters "parameters": value;
    }
}

impl ServiceSpec<'_> {
    /// `clusterIP: None`.
    pub fn is_headless(self) -> bool {
        self.cluster_ip() == "None"
    }
}
