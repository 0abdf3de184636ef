//! Pods: the object, its status, and the setters that several components share.

use ecow::EcoString;

use super::*;
use crate::{Value, value, view};

view! {
    /// `v1` `Pod`.
    Pod: "core.v1.Pod" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view PodSpec;
        status "status": view PodStatus;
    }
}

view! {
    /// `status` of a pod.
    PodStatus: "core.v1.PodStatus" {
        phase "phase": str;
        conditions "conditions": list Condition;
        message "message": str;
        reason "reason": str;
        nominated_node_name "nominatedNodeName": str;
        host_ip "hostIP": str;
        host_ips "hostIPs": list PodIp;
        pod_ip "podIP": str;
        pod_ips "podIPs": list PodIp;
        start_time "startTime": opt str;
        init_container_statuses "initContainerStatuses": list ContainerStatus;
        container_statuses "containerStatuses": list ContainerStatus;
        ephemeral_container_statuses "ephemeralContainerStatuses": list ContainerStatus;
        qos_class "qosClass": str;
        observed_generation "observedGeneration": i64;
        resize "resize": str;
    }
}

view! {
    /// One entry of `status.podIPs` or `status.hostIPs`.
    PodIp: "core.v1.PodIP" {
        ip "ip": str;
    }
}

view! {
    /// One entry of `status.containerStatuses` and its kin.
    ContainerStatus: "core.v1.ContainerStatus" {
        name "name": str;
        state "state": view ContainerState;
        last_state "lastState": view ContainerState;
        ready "ready": bool;
        restart_count "restartCount": i64;
        image "image": str;
        image_id "imageID": str;
        container_id "containerID": str;
        started "started": opt bool;
        allocated_resources "allocatedResources": map;
        resources "resources": view ResourceRequirements;
        volume_mounts "volumeMounts": list VolumeMountStatus;
    }
}

view! {
    /// One entry of a container status' `volumeMounts`.
    VolumeMountStatus: "core.v1.VolumeMountStatus" {
        name "name": str;
        mount_path "mountPath": str;
        read_only "readOnly": bool;
        recursive_read_only "recursiveReadOnly": opt str;
    }
}

view! {
    /// What a container is doing: one of the three is there.
    ContainerState: "core.v1.ContainerState" {
        waiting "waiting": opt view ContainerStateWaiting;
        running "running": opt view ContainerStateRunning;
        terminated "terminated": opt view ContainerStateTerminated;
    }
}

view! {
    ContainerStateWaiting: "core.v1.ContainerStateWaiting" {
        reason "reason": str;
        message "message": str;
    }
}

view! {
    ContainerStateRunning: "core.v1.ContainerStateRunning" {
        started_at "startedAt": str;
    }
}

view! {
    ContainerStateTerminated: "core.v1.ContainerStateTerminated" {
        exit_code "exitCode": i64;
        signal "signal": i64;
        reason "reason": str;
        message "message": str;
        started_at "startedAt": str;
        finished_at "finishedAt": str;
        container_id "containerID": str;
    }
}

view! {
    /// `v1` `Binding`, the scheduler's decision.
    Binding: "core.v1.Binding" {
        metadata "metadata": view ObjectMeta;
        target "target": view ObjectReference;
    }
}

impl<'a> Pod<'a> {
    /// The node the pod is bound to; empty before.
    pub fn node_name(self) -> &'a str {
        self.spec().node_name()
    }

    /// `Succeeded` or `Failed`.
    pub fn is_terminal(self) -> bool {
        matches!(self.status().phase(), "Succeeded" | "Failed")
    }

    /// Whether deletion has been asked for.
    pub fn is_terminating(self) -> bool {
        self.metadata().deletion_timestamp().is_some()
    }

    /// Whether the `Ready` condition holds.
    pub fn is_ready(self) -> bool {
        self.status().condition("Ready").is_some_and(|condition| condition.is_true())
    }

    /// A static pod's copy in the API, made by its kubelet.
    pub fn is_mirror(self) -> bool {
        self.metadata().annotation("kubernetes.io/config.mirror").is_some()
    }
}

impl<'a> PodStatus<'a> {
    /// The condition of type `kind`, if there.
    pub fn condition(self, kind: &str) -> Option<Condition<'a>> {
        self.conditions().find(|condition| condition.kind() == kind)
    }

    /// The status of the container `name`, be it init, main or ephemeral.
    pub fn container(self, name: &str) -> Option<ContainerStatus<'a>> {
        self.container_statuses()
            .chain(self.init_container_statuses())
            .chain(self.ephemeral_container_statuses())
            .find(|status| status.name() == name)
    }
}

/// Sets `status.phase`.
pub fn set_phase(pod: &mut Value, phase: &str) {
    pod.field_mut("status").set("phase", phase);
}

/// Sets `spec.nodeName`.
pub fn set_node_name(pod: &mut Value, node: &str) {
    pod.field_mut("spec").set("nodeName", node);
}

/// Sets the pod condition `kind`; see [`condition::set`](super::condition::set).
pub fn set_condition(pod: &mut Value, kind: &str, status: &str, reason: &str, message: &str, now: &str) -> bool {
    let conditions = pod.field_mut("status").field_mut("conditions");
    let probe = ("lastProbeTime", Value::Null);
    condition::set(conditions, kind, status, reason, message, now, [probe])
}

/// Sets `status.podIP` and `status.podIPs`.
pub fn set_ips(pod: &mut Value, ips: &[&str]) {
    let status = pod.field_mut("status");
    status.set("podIP", ips.first().copied().unwrap_or_default());
    status.set("podIPs", ips.iter().map(|ip| value!({"ip": *ip})).collect::<Value>());
}

/// Sets `status.hostIP` and `status.hostIPs`.
pub fn set_host_ips(pod: &mut Value, ips: &[&str]) {
    let status = pod.field_mut("status");
    status.set("hostIP", ips.first().copied().unwrap_or_default());
    status.set("hostIPs", ips.iter().map(|ip| value!({"ip": *ip})).collect::<Value>());
}

/// What a downward API `fieldPath` means, as far as the object says it; `""` for what it does not.
// Models pkg/fieldpath/fieldpath.go
pub fn field(pod: &Value, path: &str) -> EcoString {
    let map = |fields: &[(crate::Key, Value)]| {
        let lines: Vec<String> =
            fields.iter().map(|(key, value)| format!("{key}={}", crate::gostr::quote(value.str()))).collect();
        EcoString::from(lines.join("\n"))
    };
    let meta = pod.meta();
    if let Some((field, key)) = path.strip_suffix("']").and_then(|path| path.split_once("['")) {
        return pod.get("metadata").get(field.trim_start_matches("metadata.")).get(key).text();
    }
    match path {
        "metadata.labels" => map(meta.labels()),
        "metadata.annotations" => map(meta.annotations()),
        _ => path.split('.').fold(pod, |value, field| value.get(field)).text(),
    }
}

/// Sets `status.nominatedNodeName`; an empty name takes it out.
pub fn set_nominated_node(pod: &mut Value, node: &str) {
    let status = pod.field_mut("status");
    if node.is_empty() {
        status.remove("nominatedNodeName");
    } else {
        status.set("nominatedNodeName", node);
    }
}
