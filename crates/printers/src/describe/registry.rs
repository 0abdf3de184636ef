//! Which kinds have a describer of their own.

use podyard_api::Value;
use podyard_api::kinds::reference;

use super::*;

/// By group and kind, in alphabetical order; whether events are shown too.
static DESCRIBERS: &[(&str, &str, &Describer, bool)] = &[
    ("", "ConfigMap", &config::CONFIG_MAP, true),
    ("", "Endpoints", &service::ENDPOINTS, true),
    ("", "LimitRange", &namespace::LIMIT_RANGE, false),
    ("", "Namespace", &namespace::NAMESPACE, false),
    ("", "Node", &node::DESCRIBER, true),
    ("", "PersistentVolume", &storage::VOLUME, true),
    ("", "PersistentVolumeClaim", &persistent_volume_claim::DESCRIBER, true),
    ("", "Pod", &pod::DESCRIBER, true),
    ("", "ReplicationController", &workload::REPLICATION_CONTROLLER, true),
    ("", "ResourceQuota", &namespace::QUOTA, false),
    ("", "Secret", &config::SECRET, false),
    ("", "Service", &service::SERVICE, true),
    ("", "ServiceAccount", &config::SERVICE_ACCOUNT, true),
    ("apps", "DaemonSet", &workload::DAEMON_SET, true),
    ("apps", "Deployment", &workload::DEPLOYMENT, true),
    ("apps", "ReplicaSet", &workload::REPLICA_SET, true),
    ("apps", "StatefulSet", &workload::STATEFUL_SET, true),
    ("autoscaling", "HorizontalPodAutoscaler", &autoscaler::DESCRIBER, true),
    ("batch", "CronJob", &job::CRON_JOB, true),
    ("batch", "Job", &job::JOB, true),
    ("certificates.k8s.io", "CertificateSigningRequest", &certificate::DESCRIBER, true),
    ("discovery.k8s.io", "EndpointSlice", &service::SLICE, true),
    ("networking.k8s.io", "IPAddress", &ingress::IP_ADDRESS, true),
    ("networking.k8s.io", "Ingress", &ingress::INGRESS, true),
    ("networking.k8s.io", "IngressClass", &ingress::CLASS, true),
    ("networking.k8s.io", "NetworkPolicy", &network_policy::DESCRIBER, false),
    ("networking.k8s.io", "ServiceCIDR", &ingress::SERVICE_CIDR, true),
    ("policy", "PodDisruptionBudget", &policy::BUDGET, true),
    ("rbac.authorization.k8s.io", "ClusterRole", &rbac::ROLE, false),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", &rbac::BINDING, false),
    ("rbac.authorization.k8s.io", "Role", &rbac::ROLE, false),
    ("rbac.authorization.k8s.io", "RoleBinding", &rbac::BINDING, false),
    ("scheduling.k8s.io", "PriorityClass", &policy::PRIORITY_CLASS, true),
    ("storage.k8s.io", "CSINode", &storage::CSI_NODE, true),
    ("storage.k8s.io", "StorageClass", &storage::CLASS, true),
    ("storage.k8s.io", "VolumeAttributesClass", &storage::ATTRIBUTES_CLASS, true),
];

fn entry(object: &Value) -> Option<&'static (&'static str, &'static str, &'static Describer, bool)> {
    let wanted = (reference::group_version(object.api_version()).0, object.kind());
    let index = DESCRIBERS.binary_search_by(|(group, kind, _, _)| (*group, *kind).cmp(&wanted)).ok()?;
    Some(&DESCRIBERS[index])
}

pub(super) fn find(object: &Value) -> Option<&'static Describer> {
    entry(object).map(|(_, _, describer, _)| *describer)
}

/// Whether the description of `object` ends with its events.
pub(super) fn has_events(object: &Value) -> bool {
    entry(object).is_none_or(|(_, _, _, events)| *events)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describers_are_in_order() {
        assert!(DESCRIBERS.is_sorted_by(|(g, k, _, _), (h, l, _, _)| (g, k) < (h, l)));
    }
}
