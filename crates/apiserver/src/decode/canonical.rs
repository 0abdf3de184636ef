//! The form in which Go writes an object back: what is empty is left out where Go leaves it out, what Go always
//! writes is there. The tables say where.

use podyard_api::Value;
use podyard_api::schema::{FieldInfo, Kind, TypeRef};

/// Structs that Go has by value, so that they are always there, if only as `{}`: type and fields. Besides, there are
/// `metadata`, `spec` and `status` of whole objects.
const EMBEDDED: [(&str, &[&str]); 35] = [
    ("apps.v1.DaemonSetSpec", &["template", "updateStrategy"]),
    ("apps.v1.DeploymentSpec", &["strategy", "template"]),
    ("apps.v1.ReplicaSetSpec", &["template"]),
    ("apps.v1.StatefulSetSpec", &["template", "updateStrategy"]),
    ("autoscaling.v2.ExternalMetricSource", &["metric", "target"]),
    ("autoscaling.v2.HorizontalPodAutoscalerSpec", &["scaleTargetRef"]),
    ("autoscaling.v2.ObjectMetricSource", &["describedObject", "metric", "target"]),
    ("autoscaling.v2.PodsMetricSource", &["metric", "target"]),
    ("autoscaling.v2.ResourceMetricSource", &["target"]),
    ("batch.v1.CronJobSpec", &["jobTemplate"]),
    ("batch.v1.JobSpec", &["template"]),
    ("batch.v1.JobTemplateSpec", &["metadata", "spec"]),
    ("core.v1.Binding", &["target"]),
    ("core.v1.Container", &["resources"]),
    ("core.v1.ContainerStatus", &["lastState", "state"]),
    ("core.v1.EphemeralContainer", &["resources"]),
    ("core.v1.Event", &["involvedObject", "source"]),
    ("core.v1.NodeDaemonEndpoints", &["kubeletEndpoint"]),
    ("core.v1.NodeStatus", &["daemonEndpoints", "nodeInfo"]),
    ("core.v1.PersistentVolumeClaimSpec", &["resources"]),
    ("core.v1.PersistentVolumeClaimTemplate", &["metadata", "spec"]),
    ("core.v1.PodTemplate", &["template"]),
    ("core.v1.PodTemplateSpec", &["metadata", "spec"]),
    ("core.v1.PreferredSchedulingTerm", &["preference"]),
    ("core.v1.ServiceStatus", &["loadBalancer"]),
    ("core.v1.WeightedPodAffinityTerm", &["podAffinityTerm"]),
    ("events.v1.Event", &["deprecatedSource", "regarding"]),
    ("networking.v1.HTTPIngressPath", &["backend"]),
    ("networking.v1.IngressServiceBackend", &["port"]),
    ("networking.v1.IngressStatus", &["loadBalancer"]),
    ("networking.v1.NetworkPolicySpec", &["podSelector"]),
    ("policy.v1.Eviction", &["metadata"]),
    ("rbac.v1.ClusterRoleBinding", &["roleRef"]),
    ("rbac.v1.RoleBinding", &["roleRef"]),
    ("storage.v1.VolumeAttachmentSpec", &["source"]),
];

/// Optional numbers and flags that Go has by value, so that 0 and `false` are the same as nothing.
const PLAIN: [&str; 41] = [
    "active",
    "availableReplicas",
    "chapAuthDiscovery",
    "chapAuthSession",
    "count",
    "currentReplicas",
    "failed",
    "failureThreshold",
    "generation",
    "globalDefault",
    "healthCheckNodePort",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostPort",
    "initialDelaySeconds",
    "minReadySeconds",
    "nodePort",
    "numberAvailable",
    "numberUnavailable",
    "observedGeneration",
    "partition",
    "paused",
    "periodSeconds",
    "publishNotReadyAddresses",
    "readOnly",
    "readyReplicas",
    "replicas",
    "signal",
    "sslEnabled",
    "stdin",
    "stdinOnce",
    "succeeded",
    "successThreshold",
    "timeoutSeconds",
    "tty",
    "unavailableReplicas",
    "unschedulable",
    "updatedNumberScheduled",
    "updatedReplicas",
    "weight",
];

/// Where Go has a pointer after all.
const POINTERS: [(&str, &str); 9] = [
    ("admissionregistration.v1.MutatingWebhook", "timeoutSeconds"),
    ("admissionregistration.v1.ValidatingWebhook", "timeoutSeconds"),
    ("apps.v1.DeploymentSpec", "replicas"),
    ("apps.v1.ReplicaSetSpec", "replicas"),
    ("apps.v1.RollingUpdateStatefulSetStrategy", "partition"),
    ("apps.v1.StatefulSetSpec", "replicas"),
    ("core.v1.ClientIPConfig", "timeoutSeconds"),
    ("core.v1.CSIVolumeSource", "readOnly"),
    ("core.v1.ReplicationControllerSpec", "replicas"),
];

/// Optional texts that Go has as pointers, so that an empty one is something.
const POINTER_TEXTS: [&str; 18] = [
    "apiGroup",
    "appProtocol",
    "fsType",
    "ingressClassName",
    "internalTrafficPolicy",
    "ipFamilyPolicy",
    "loadBalancerClass",
    "localhostProfile",
    "mountPropagation",
    "nodeName",
    "preemptionPolicy",
    "procMount",
    "runtimeClassName",
    "service",
    "storageClassName",
    "timeZone",
    "type",
    "volumeAttributesClassName",
];

/// Texts of these names that are plain in some types.
const PLAIN_TEXTS: [(&str, &str); 3] =
    [("core.v1.PodSpec", "nodeName"), ("core.v1.Secret", "type"), ("core.v1.PersistentVolumeSpec", "storageClassName")];

/// Optional fields that Go writes as `null`.
const NULLABLE: [(&str, &str); 7] = [
    ("autoscaling.v2.HorizontalPodAutoscalerStatus", "currentMetrics"),
    ("core.v1.Event", "eventTime"),
    ("core.v1.Event", "firstTimestamp"),
    ("core.v1.Event", "lastTimestamp"),
    ("core.v1.PodCondition", "lastProbeTime"),
    ("core.v1.TypedLocalObjectReference", "apiGroup"),
    ("core.v1.TypedObjectReference", "apiGroup"),
];

/// Optional fields that Go writes even if they are empty or 0.
const WRITTEN: [(&str, &str); 2] =
    [("apps.v1.StatefulSetSpec", "serviceName"), ("apps.v1.StatefulSetStatus", "availableReplicas")];

/// Whether an optional field of this type and kind is left out when it is empty, 0 or `false`.
pub(super) fn is_left_out(owner: TypeRef, field: &FieldInfo) -> bool {
    match field.kind {
        _ if field.required || WRITTEN.contains(&(owner.name, field.name)) => false,
        Kind::String | Kind::Bytes => {
            !POINTER_TEXTS.contains(&field.name) || PLAIN_TEXTS.contains(&(owner.name, field.name))
        }
        Kind::Bool | Kind::Int32 | Kind::Int64 => {
            PLAIN.contains(&field.name) && !POINTERS.contains(&(owner.name, field.name))
        }
        Kind::List(_) | Kind::Map(_) => true,
        _ => false,
    }
}

/// Whether `null` is written.
pub(super) fn is_nullable(owner: TypeRef, field: &FieldInfo) -> bool {
    field.required && matches!(field.kind, Kind::List(_)) || NULLABLE.contains(&(owner.name, field.name))
}

/// What Go writes for a field that has no value, though its type does not leave it out.
pub(super) fn zero(owner: TypeRef, field: &FieldInfo) -> Option<Value> {
    match field.kind {
        _ if is_nullable(owner, field) => Some(Value::Null),
        _ if !field.required && !WRITTEN.contains(&(owner.name, field.name)) => None,
        Kind::String => Some(Value::from("")),
        Kind::Int32 | Kind::Int64 => Some(Value::Int(0)),
        Kind::Bool => Some(Value::Bool(false)),
        _ => None,
    }
}

/// The fields of a type that are always there.
pub(crate) fn always(info: TypeRef) -> impl Iterator<Item = &'static FieldInfo> {
    let whole = info.field("apiVersion").is_some() && info.field("metadata").is_some();
    let top: &[&str] = if whole { &["metadata", "spec", "status"] } else { &[] };
    let names = embedded(info.name).iter().chain(top);
    names.filter_map(|name| info.field(name)).filter(|field| field.kind.as_struct().is_some())
}

fn embedded(type_name: &str) -> &'static [&'static str] {
    EMBEDDED.binary_search_by(|(name, _)| (*name).cmp(type_name)).map_or(&[], |index| EMBEDDED[index].1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::schema;

    #[test]
    fn tables_are_sorted_and_name_what_exists() {
        assert!(EMBEDDED.is_sorted());
        for (name, fields) in EMBEDDED {
            let info = schema::named(name).unwrap_or_else(|| panic!("{name}"));
            assert!(fields.iter().all(|field| info.field(field).is_some()), "{name} {fields:?}");
        }
        for (name, field) in POINTERS.into_iter().chain(PLAIN_TEXTS) {
            assert!(schema::named(name).and_then(|info| info.field(field)).is_some(), "{name}.{field}");
        }
        for name in PLAIN.into_iter().chain(POINTER_TEXTS) {
            assert!(schema::types().any(|info| info.field(name).is_some()), "{name}");
        }
    }
}
