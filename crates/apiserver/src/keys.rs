//! Short handles of what is stored: one for each resource, whatever the versions it is served in.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use podyard_api::registry::{self, Resource};
use serde::{Deserialize, Serialize};

/// A stored resource. `events` of both groups are one, as are the versions of a resource.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ResourceKey(u16);

macro_rules! keys {
    ($($name:ident $group:literal $plural:literal,)*) => {
        keys!(@number 0; $($name,)*);
        /// Group and plural of each key, in order.
        const NAMES: &[(&str, &str)] = &[$(($group, $plural),)*];
    };
    (@number $n:expr; $name:ident, $($rest:ident,)*) => {
        impl ResourceKey {
            pub const $name: Self = Self($n);
        }
        keys!(@number $n + 1; $($rest,)*);
    };
    (@number $n:expr;) => {};
}

keys! {
    API_SERVICES "apiregistration.k8s.io" "apiservices",
    CLUSTER_ROLE_BINDINGS "rbac.authorization.k8s.io" "clusterrolebindings",
    CLUSTER_ROLES "rbac.authorization.k8s.io" "clusterroles",
    CONFIG_MAPS "" "configmaps",
    CONTROLLER_REVISIONS "apps" "controllerrevisions",
    CRON_JOBS "batch" "cronjobs",
    CSI_DRIVERS "storage.k8s.io" "csidrivers",
    CSI_NODES "storage.k8s.io" "csinodes",
    CSI_STORAGE_CAPACITIES "storage.k8s.io" "csistoragecapacities",
    CSRS "certificates.k8s.io" "certificatesigningrequests",
    CUSTOM_RESOURCE_DEFINITIONS "apiextensions.k8s.io" "customresourcedefinitions",
    DAEMON_SETS "apps" "daemonsets",
    DEPLOYMENTS "apps" "deployments",
    DEVICE_CLASSES "resource.k8s.io" "deviceclasses",
    ENDPOINTS "" "endpoints",
    ENDPOINT_SLICES "discovery.k8s.io" "endpointslices",
    EVENTS "" "events",
    FLOW_SCHEMAS "flowcontrol.apiserver.k8s.io" "flowschemas",
    HORIZONTAL_POD_AUTOSCALERS "autoscaling" "horizontalpodautoscalers",
    INGRESSES "networking.k8s.io" "ingresses",
    INGRESS_CLASSES "networking.k8s.io" "ingressclasses",
    IP_ADDRESSES "networking.k8s.io" "ipaddresses",
    JOBS "batch" "jobs",
    LEASES "coordination.k8s.io" "leases",
    LIMIT_RANGES "" "limitranges",
    MUTATING_ADMISSION_POLICIES "admissionregistration.k8s.io" "mutatingadmissionpolicies",
    MUTATING_ADMISSION_POLICY_BINDINGS "admissionregistration.k8s.io" "mutatingadmissionpolicybindings",
    MUTATING_WEBHOOK_CONFIGURATIONS "admissionregistration.k8s.io" "mutatingwebhookconfigurations",
    NAMESPACES "" "namespaces",
    NETWORK_POLICIES "networking.k8s.io" "networkpolicies",
    NODES "" "nodes",
    PERSISTENT_VOLUMES "" "persistentvolumes",
    PERSISTENT_VOLUME_CLAIMS "" "persistentvolumeclaims",
    PODS "" "pods",
    POD_DISRUPTION_BUDGETS "policy" "poddisruptionbudgets",
    POD_TEMPLATES "" "podtemplates",
    PRIORITY_CLASSES "scheduling.k8s.io" "priorityclasses",
    PRIORITY_LEVEL_CONFIGURATIONS "flowcontrol.apiserver.k8s.io" "prioritylevelconfigurations",
    REPLICATION_CONTROLLERS "" "replicationcontrollers",
    REPLICA_SETS "apps" "replicasets",
    RESOURCE_CLAIMS "resource.k8s.io" "resourceclaims",
    RESOURCE_CLAIM_TEMPLATES "resource.k8s.io" "resourceclaimtemplates",
    RESOURCE_QUOTAS "" "resourcequotas",
    RESOURCE_SLICES "resource.k8s.io" "resourceslices",
    ROLES "rbac.authorization.k8s.io" "roles",
    ROLE_BINDINGS "rbac.authorization.k8s.io" "rolebindings",
    RUNTIME_CLASSES "node.k8s.io" "runtimeclasses",
    SECRETS "" "secrets",
    SERVICES "" "services",
    SERVICE_ACCOUNTS "" "serviceaccounts",
    SERVICE_CIDRS "networking.k8s.io" "servicecidrs",
    STATEFUL_SETS "apps" "statefulsets",
    STORAGE_CLASSES "storage.k8s.io" "storageclasses",
    VALIDATING_ADMISSION_POLICIES "admissionregistration.k8s.io" "validatingadmissionpolicies",
    VALIDATING_ADMISSION_POLICY_BINDINGS "admissionregistration.k8s.io" "validatingadmissionpolicybindings",
    VALIDATING_WEBHOOK_CONFIGURATIONS "admissionregistration.k8s.io" "validatingwebhookconfigurations",
    VOLUME_ATTACHMENTS "storage.k8s.io" "volumeattachments",
    VOLUME_ATTRIBUTES_CLASSES "storage.k8s.io" "volumeattributesclasses",
}

static BY_NAME: LazyLock<BTreeMap<(&'static str, &'static str), ResourceKey>> = LazyLock::new(|| {
    let mut keys: BTreeMap<_, _> = NAMES.iter().enumerate().map(|(i, name)| (*name, ResourceKey(i as u16))).collect();
    keys.insert(("events.k8s.io", "events"), ResourceKey::EVENTS);
    keys
});

static RESOURCES: LazyLock<Vec<&'static Resource>> =
    LazyLock::new(|| NAMES.iter().filter_map(|(group, plural)| registry::find(group, plural)).collect());

impl ResourceKey {
    /// The key of a group's resource (`apps`, `deployments`), if it is one that is stored.
    pub fn of(group: &str, plural: &str) -> Option<Self> {
        BY_NAME.get(&(group, plural)).copied()
    }

    /// The key of an object's resource, by its `apiVersion` and `kind`.
    pub fn of_object(api_version: &str, kind: &str) -> Option<Self> {
        registry::of_object(api_version, kind).and_then(|resource| Self::of(&resource.group, &resource.plural))
    }

    /// The resource in its preferred version.
    pub fn resource(self) -> &'static Resource {
        RESOURCES[usize::from(self.0)]
    }

    pub fn group(self) -> &'static str {
        NAMES[usize::from(self.0)].0
    }

    pub fn plural(self) -> &'static str {
        NAMES[usize::from(self.0)].1
    }

    pub fn kind(self) -> &'static str {
        &self.resource().kind
    }

    pub fn is_namespaced(self) -> bool {
        self.resource().namespaced
    }

    /// Whether there are defaults and validations for it, beyond its schema.
    pub fn has_rules(self) -> bool {
        crate::registry::has_rules(self)
    }

    /// All keys.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..NAMES.len() as u16).map(Self)
    }
}

impl fmt::Debug for ResourceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.resource().qualified())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use podyard_api::Verb;

    #[test]
    fn every_stored_resource_has_a_key() {
        assert_eq!(RESOURCES.len(), NAMES.len(), "each name is in the registry");
        for resource in registry::all().iter().filter(|r| r.has_verb(Verb::Delete)) {
            let key = ResourceKey::of(&resource.group, &resource.plural).unwrap();
            assert_eq!(key.plural(), resource.plural);
        }
        assert_eq!(ResourceKey::PODS.kind(), "Pod");
        assert_eq!(ResourceKey::of_object("apps/v1", "Deployment"), Some(ResourceKey::DEPLOYMENTS));
        assert_eq!(ResourceKey::of("", "bindings"), None);
    }
}
