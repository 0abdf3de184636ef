//! In which order the objects come out.

// Models sigs.k8s.io/kustomize/api/krusty (legacy order) and sigs.k8s.io/kustomize/kyaml/resid/gvk.go

use super::Resource;

const FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];
const LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

pub(super) fn sort(resources: &mut [Resource]) {
    resources.sort_by_cached_key(|resource| {
        let object = &resource.object;
        let kind = object.kind();
        let place = match FIRST.iter().position(|first| *first == kind) {
            Some(at) => at,
            None => FIRST.len() + LAST.iter().position(|last| *last == kind).map_or(0, |at| at + 1),
        };
        let (group, version) = object.api_version().split_once('/').unwrap_or(("~G", object.api_version()));
        (place, format!("{group}_{version}_{kind}"), object.namespace_text(), object.name_text())
    });
}
