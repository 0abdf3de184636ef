//! What is modelled and what is not, read from the registries.

use podyard_apiserver::{ResourceKey, admission_plugins};
use podyard_controllers::CONTROLLERS;
use podyard_node::images;
use podyard_scheduler::Plugin;
use podyard_shell::tools;

/// One part of what is modelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modelled {
    pub id: &'static str,
    /// What there is: a name, and some words about it (perhaps none).
    pub present: Vec<(String, String)>,
    /// What the real one has besides.
    pub absent: Vec<String>,
}

/// All parts.
pub fn modelled() -> Vec<Modelled> {
    vec![
        kinds(),
        part("controllers", CONTROLLERS.iter().map(|controller| controller.name), REAL_CONTROLLERS),
        part("scheduler", Plugin::ALL.iter().map(|plugin| plugin.name()), REAL_SCHEDULER_PLUGINS),
        part("admission", admission_plugins(), REAL_ADMISSION_PLUGINS),
        Modelled {
            id: "kubectl",
            present: podyard_kubectl::commands().into_iter().map(|(name, about)| (name, about.to_string())).collect(),
            absent: Vec::new(),
        },
        part("builtins", podyard_shell::builtins(), &[]),
        part("tools", tools::IDS.iter().chain(tools::WORKSTATION_IDS).copied(), &[]),
        part("images", images::catalogue().iter().map(|image| image.repository.trim_start_matches(HUB)), &[]),
    ]
}

/// What one need not write before the name of an image.
const HUB: &str = "docker.io/library/";

fn part<'a>(id: &'static str, names: impl IntoIterator<Item = &'a str>, real: &[&str]) -> Modelled {
    let mut names: Vec<&str> = names.into_iter().collect();
    names.sort_unstable();
    names.dedup();
    let absent = real.iter().filter(|name| !names.contains(name)).map(ToString::to_string).collect();
    Modelled { id, present: names.into_iter().map(|name| (name.to_string(), String::new())).collect(), absent }
}

/// The kinds with rules of their own; the others are stored by their schema, and nothing acts on them.
fn kinds() -> Modelled {
    let mut keys: Vec<ResourceKey> = ResourceKey::all().collect();
    keys.sort_by_key(|key| (key.group(), key.kind()));
    let (own, stored): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| key.has_rules());
    Modelled {
        id: "kinds",
        present: own.iter().map(|key| (key.kind().to_string(), key.resource().api_version().to_string())).collect(),
        absent: stored.iter().map(|key| key.kind().to_string()).collect(),
    }
}

// Models cmd/kube-controller-manager/names/controller_names.go
const REAL_CONTROLLERS: &[&str] = &[
    "bootstrap-signer-controller",
    "certificatesigningrequest-approving-controller",
    "certificatesigningrequest-cleaner-controller",
    "certificatesigningrequest-signing-controller",
    "clusterrole-aggregation-controller",
    "cronjob-controller",
    "daemonset-controller",
    "deployment-controller",
    "device-taint-eviction-controller",
    "disruption-controller",
    "endpoints-controller",
    "endpointslice-controller",
    "endpointslice-mirroring-controller",
    "ephemeral-volume-controller",
    "garbage-collector-controller",
    "horizontal-pod-autoscaler-controller",
    "job-controller",
    "legacy-serviceaccount-token-cleaner-controller",
    "namespace-controller",
    "node-ipam-controller",
    "node-lifecycle-controller",
    "node-route-controller",
    "persistentvolume-attach-detach-controller",
    "persistentvolume-binder-controller",
    "persistentvolume-expander-controller",
    "persistentvolume-protection-controller",
    "persistentvolumeclaim-protection-controller",
    "pod-garbage-collector-controller",
    "replicaset-controller",
    "replicationcontroller-controller",
    "resourceclaim-controller",
    "resourcequota-controller",
    "root-ca-certificate-publisher-controller",
    "service-cidr-controller",
    "service-lb-controller",
    "serviceaccount-controller",
    "serviceaccount-token-controller",
    "statefulset-controller",
    "taint-eviction-controller",
    "token-cleaner-controller",
    "ttl-after-finished-controller",
    "ttl-controller",
    "validatingadmissionpolicy-status-controller",
];

// Models pkg/scheduler/framework/plugins/names/names.go
const REAL_SCHEDULER_PLUGINS: &[&str] = &[
    "DefaultBinder",
    "DefaultPreemption",
    "DynamicResources",
    "ImageLocality",
    "InterPodAffinity",
    "NodeAffinity",
    "NodeName",
    "NodePorts",
    "NodeResourcesBalancedAllocation",
    "NodeResourcesFit",
    "NodeUnschedulable",
    "NodeVolumeLimits",
    "PodTopologySpread",
    "PrioritySort",
    "SchedulingGates",
    "TaintToleration",
    "VolumeBinding",
    "VolumeRestrictions",
    "VolumeZone",
];

// Models pkg/kubeapiserver/options/plugins.go: those that are on unless turned off
const REAL_ADMISSION_PLUGINS: &[&str] = &[
    "CertificateApproval",
    "CertificateSigning",
    "CertificateSubjectRestriction",
    "ClusterTrustBundleAttest",
    "DefaultIngressClass",
    "DefaultStorageClass",
    "DefaultTolerationSeconds",
    "LimitRanger",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionWebhook",
    "NamespaceLifecycle",
    "PersistentVolumeClaimResize",
    "PodResizeValidator",
    "PodSecurity",
    "PodTopologyLabels",
    "Priority",
    "ResourceQuota",
    "RuntimeClass",
    "ServiceAccount",
    "StorageObjectInUseProtection",
    "TaintNodesByCondition",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionWebhook",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a part has a name, or lacks it.
    fn check(id: &str, name: &str, has: bool) {
        let parts = modelled();
        let part = parts.iter().find(|part| part.id == id).unwrap_or_else(|| panic!("no part {id}"));
        let present = part.present.iter().any(|(other, _)| other == name);
        let absent = part.absent.iter().any(|other| other == name);
        assert_eq!((present, absent), (has, !has), "{id}: {name}");
    }

    #[test]
    fn what_is_there_and_what_is_not() {
        check("kinds", "Pod", true);
        check("kinds", "FlowSchema", false);
        check("controllers", "deployment-controller", true);
        check("controllers", "ttl-controller", false);
        check("scheduler", "PodTopologySpread", true);
        check("admission", "PodSecurity", true);
        check("admission", "MutatingAdmissionWebhook", false);
    }

    #[test]
    fn every_name_is_the_real_ones() {
        for (id, real, own) in [
            ("controllers", REAL_CONTROLLERS, &["local-path-provisioner"][..]),
            ("scheduler", REAL_SCHEDULER_PLUGINS, &[]),
            ("admission", REAL_ADMISSION_PLUGINS, &[]),
        ] {
            assert!(real.is_sorted(), "{id}");
            for (name, _) in modelled().into_iter().filter(|part| part.id == id).flat_map(|part| part.present) {
                assert!(real.contains(&name.as_str()) || own.contains(&name.as_str()), "{id}: {name}");
            }
        }
    }

    #[test]
    fn commands_are_named_as_they_are_typed() {
        let all = modelled();
        let kubectl = all.iter().find(|part| part.id == "kubectl").map(|part| part.present.as_slice());
        let names: Vec<&str> = kubectl.unwrap_or_default().iter().map(|(name, _)| name.as_str()).collect();
        assert!(
            names.contains(&"create deployment") && names.contains(&"get") && !names.contains(&"rollout"),
            "{names:?}"
        );
    }
}
