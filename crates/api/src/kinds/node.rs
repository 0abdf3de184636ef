//! Nodes.

use super::*;
use crate::{Key, Value, view};

view! {
    /// `v1` `Node`.
    Node: "core.v1.Node" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view NodeSpec;
        status "status": view NodeStatus;
    }
}

view! {
    NodeSpec: "core.v1.NodeSpec" {
        pod_cidr "podCIDR": str;
        pod_cidrs "podCIDRs": strs;
        provider_id "providerID": str;
        unschedulable "unschedulable": bool;
        taints "taints": list Taint;
    }
}

view! {
    Taint: "core.v1.Taint" {
        key "key": str;
        val "value": str;
        effect "effect": str;
        time_added "timeAdded": opt str;
    }
}

view! {
    NodeStatus: "core.v1.NodeStatus" {
        capacity "capacity": map;
        allocatable "allocatable": map;
        phase "phase": str;
        conditions "conditions": list Condition;
        addresses "addresses": list NodeAddress;
        daemon_endpoints "daemonEndpoints": value;
        node_info "nodeInfo": view NodeSystemInfo;
        images "images": list ContainerImage;
        volumes_in_use "volumesInUse": strs;
        volumes_attached "volumesAttached": value;
    }
}

view! {
    NodeAddress: "core.v1.NodeAddress" {
        kind "type": str;
        address "address": str;
    }
}

view! {
    NodeSystemInfo: "core.v1.NodeSystemInfo" {
        machine_id "machineID": str;
        system_uuid "systemUUID": str;
        boot_id "bootID": str;
        kernel_version "kernelVersion": str;
        os_image "osImage": str;
        container_runtime_version "containerRuntimeVersion": str;
        kubelet_version "kubeletVersion": str;
        kube_proxy_version "kubeProxyVersion": str;
        operating_system "operatingSystem": str;
        architecture "architecture": str;
    }
}

view! {
    ContainerImage: "core.v1.ContainerImage" {
        names "names": strs;
        size_bytes "sizeBytes": i64;
    }
}

impl<'a> Node<'a> {
    /// The first address of a type, as `InternalIP` or `Hostname`; empty where there is none.
    pub fn address(self, kind: &str) -> &'a str {
        self.status().addresses().find(|address| address.kind() == kind).map(NodeAddress::address).unwrap_or_default()
    }

    /// Whether the `Ready` condition holds.
    pub fn is_ready(self) -> bool {
        self.status().condition("Ready").is_some_and(|condition| condition.is_true())
    }
}

impl<'a> NodeStatus<'a> {
    /// The condition of type `kind`, if there.
    pub fn condition(self, kind: &str) -> Option<Condition<'a>> {
        self.conditions().find(|condition| condition.kind() == kind)
    }
}

impl Toleration<'_> {
    /// Whether this toleration covers the taint.
    // Models staging/src/k8s.io/component-helpers/scheduling/corev1/helpers.go and core/v1/toleration.go
    pub fn tolerates(self, taint: Taint<'_>) -> bool {
        if !self.effect().is_empty() && self.effect() != taint.effect() {
            return false;
        }
        if !self.key().is_empty() && self.key() != taint.key() {
            return false;
        }
        match self.operator() {
            "" | "Equal" => self.val() == taint.val(),
            "Exists" => true,
            _ => false,
        }
    }
}

/// Sets the node condition `kind`; a heartbeat is noted even where nothing else changed.
pub fn set_condition(node: &mut Value, kind: &str, status: &str, reason: &str, message: &str, now: &str) -> bool {
    let conditions = node.field_mut("status").field_mut("conditions");
    let heartbeat = ("lastHeartbeatTime", Value::from(now));
    let changed = condition::set(conditions, kind, status, reason, message, now, [heartbeat]);
    if !changed && let Some(item) = conditions.items_mut().iter_mut().find(|item| item.get("type") == kind) {
        item.set("lastHeartbeatTime", now);
    }
    changed
}

/// Moves the heartbeat of every condition to `now`.
pub fn beat(node: &mut Value, now: &str) {
    for condition in node.field_mut("status").field_mut("conditions").items_mut() {
        condition.set(Key::Static("lastHeartbeatTime"), now);
    }
}

/// Takes the heartbeats of the conditions out, so that two states can be compared without them.
pub fn forget_heartbeats(node: &mut Value) {
    for condition in node.field_mut("status").field_mut("conditions").items_mut() {
        condition.remove("lastHeartbeatTime");
    }
}
