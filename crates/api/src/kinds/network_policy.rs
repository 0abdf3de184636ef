//! Network policies.

use super::*;
use crate::view;

view! {
    /// `networking.k8s.io/v1` `NetworkPolicy`.
    NetworkPolicy: "networking.v1.NetworkPolicy" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view NetworkPolicySpec;
    }
}

view! {
    NetworkPolicySpec: "networking.v1.NetworkPolicySpec" {
        pod_selector "podSelector": view LabelSelector;
        ingress "ingress": list NetworkPolicyIngressRule;
        egress "egress": list NetworkPolicyEgressRule;
        policy_types "policyTypes": strs;
    }
}

view! {
    NetworkPolicyIngressRule: "networking.v1.NetworkPolicyIngressRule" {
        ports "ports": list NetworkPolicyPort;
        from "from": list NetworkPolicyPeer;
    }
}

view! {
    NetworkPolicyEgressRule: "networking.v1.NetworkPolicyEgressRule" {
        ports "ports": list NetworkPolicyPort;
        to "to": list NetworkPolicyPeer;
    }
}

view! {
    NetworkPolicyPort: "networking.v1.NetworkPolicyPort" {
        protocol "protocol": str = "TCP";
        /// A number, the name of a port, or `Null` for all.
        port "port": value;
        end_port "endPort": opt i64;
    }
}

view! {
    NetworkPolicyPeer: "networking.v1.NetworkPolicyPeer" {
        pod_selector "podSelector": opt view LabelSelector;
        namespace_selector "namespaceSelector": opt view LabelSelector;
        ip_block "ipBlock": opt view IpBlock;
    }
}

view! {
    IpBlock: "networking.v1.IPBlock" {
        cidr "cidr": str;
        except "except": strs;
    }
}
