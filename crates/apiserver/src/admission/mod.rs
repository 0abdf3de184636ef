//! Admission: plugins in upstream's order, one file each.
// Models pkg/kubeapiserver/options/plugins.go

mod default_storage_class;
mod default_toleration_seconds;
mod limit_ranger;
mod namespace_lifecycle;
mod persistent_volume_claim_resize;
mod pod_resize;
mod pod_security;
mod pod_topology_labels;
mod priority;
mod resource_quota;
mod service_account;
mod storage_object_in_use_protection;
mod taint_nodes_by_condition;
mod validating_admission_policy;

use ecow::EcoString;
use podyard_api::{Status, Value, Verb};

use crate::route::Ask;
use crate::{ApiServer, ResourceKey};

/// What plugins see of a request, and may change.
pub(crate) struct Attributes {
    pub(crate) key: ResourceKey,
    pub(crate) sub: &'static str,
    /// `Create`, `Update` or `Delete`.
    pub(crate) verb: Verb,
    pub(crate) namespace: EcoString,
    /// From the path, or else the object's; may be empty.
    pub(crate) name: EcoString,
    pub(crate) object: Option<Value>,
    pub(crate) old: Option<Value>,
    /// What plugins tell the client.
    pub(crate) warnings: Vec<EcoString>,
    pub(crate) dry_run: bool,
}

impl Attributes {
    pub(crate) fn new(ask: &Ask, key: ResourceKey, verb: Verb, object: Option<Value>, old: Option<Value>) -> Self {
        Self {
            key,
            sub: ask.sub(),
            verb,
            namespace: ask.namespace.clone(),
            name: ask.name.clone(),
            object,
            old,
            warnings: Vec::new(),
            dry_run: ask.request.dry_run,
        }
    }

    /// Whether this is the creation of an object, not of something below one.
    fn creates(&self, key: ResourceKey) -> bool {
        self.key == key && self.verb == Verb::Create && self.sub.is_empty()
    }

    /// The refusal of a plugin.
    // Models staging/src/k8s.io/apiserver/pkg/admission/errors.go
    fn forbidden(&self, why: &str) -> Status {
        let meta = self.object.as_ref().map(Value::meta);
        let name = [self.name.as_str(), meta.map_or("", |m| m.name()), meta.map_or("", |m| m.generate_name())];
        let name = name.into_iter().find(|name| !name.is_empty()).unwrap_or("Unknown");
        Status::forbidden(self.key.group(), self.key.plural(), name, why)
    }
}

/// A plugin's changes, or its refusal.
type Mutate = fn(&mut ApiServer, &mut Attributes) -> Result<(), Status>;

/// By the names under which the real server knows them.
static MUTATING: [(&str, Mutate); 9] = [
    ("NamespaceLifecycle", namespace_lifecycle::admit),
    ("LimitRanger", limit_ranger::admit),
    ("ServiceAccount", service_account::admit),
    ("TaintNodesByCondition", taint_nodes_by_condition::admit),
    ("Priority", priority::admit),
    ("DefaultTolerationSeconds", default_toleration_seconds::admit),
    ("DefaultStorageClass", default_storage_class::admit),
    ("StorageObjectInUseProtection", storage_object_in_use_protection::admit),
    ("PodTopologyLabels", pod_topology_labels::admit),
];

static VALIDATING: [(&str, Mutate); 7] = [
    ("LimitRanger", |server, attributes| limit_ranger::validate(server, attributes)),
    ("PersistentVolumeClaimResize", |server, attributes| persistent_volume_claim_resize::validate(server, attributes)),
    ("PodResizeValidator", |server, attributes| pod_resize::validate(server, attributes)),
    ("PodSecurity", |server, attributes| pod_security::validate(server, attributes)),
    ("Priority", |server, attributes| priority::validate(server, attributes)),
    ("ValidatingAdmissionPolicy", |server, attributes| validating_admission_policy::validate(server, attributes)),
    ("ResourceQuota", |server, attributes| resource_quota::validate(server, attributes, attributes.dry_run)),
];

/// The names of all plugins, in alphabetical order.
pub fn plugins() -> Vec<&'static str> {
    let mut names: Vec<_> = MUTATING.iter().chain(&VALIDATING).map(|(name, _)| *name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The plugins' changes and refusals before validation.
pub(crate) fn mutate(server: &mut ApiServer, attributes: &mut Attributes) -> Result<(), Status> {
    MUTATING.iter().try_for_each(|(_, plugin)| plugin(server, attributes))
}

/// The refusals after validation.
pub(crate) fn validate(server: &mut ApiServer, attributes: &mut Attributes) -> Result<(), Status> {
    VALIDATING.iter().try_for_each(|(_, plugin)| plugin(server, attributes))
}

/// One reason as it is, several in brackets; nothing if there are none.
// Models staging/src/k8s.io/apimachinery/pkg/util/errors/errors.go
fn joined(reasons: &[String]) -> Option<String> {
    match reasons {
        [] => None,
        [one] => Some(one.clone()),
        many => Some(format!("[{}]", many.join(", "))),
    }
}
