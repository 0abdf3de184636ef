//! How each resource is created, changed and deleted: one file per kind beside the table.
// Models pkg/registry

mod common;
mod daemon_set;
mod event;
mod job;
mod namespace;
mod node;
pub(crate) mod pod;
pub(crate) mod service;
pub(crate) mod versions;
mod workload;

use ecow::EcoString;
use podyard_api::names::{self, NameCheck};
use podyard_api::{Status, Value};
use podyard_sim::Time;

use crate::validation::{self, Errors};
use crate::{ApiServer, ResourceKey, defaults};

/// What a change of the whole object does to what was, or nothing was.
type Prepare = fn(&mut Value, &Value);
type Validate = fn(&Value, &Value, &mut Errors);
/// Takes addresses and ports for a new object, or for a changed one (with what it was); `true` only to try.
type Allocate = fn(&mut ApiServer, &mut Value, Option<&Value>, bool) -> Result<(), Status>;

/// How a resource behaves. [`GENERIC`] is what most do.
pub(crate) struct Strategy {
    pub(crate) name_check: NameCheck,
    /// `metadata.generation` counts changes of what is wanted.
    pub(crate) generation: bool,
    /// Whether an update counts for `generation`.
    pub(crate) changed: fn(&Value, &Value) -> bool,
    pub(crate) defaults: fn(&mut Value),
    /// What a stored object gets when it is read back, as defaults are filled in then, too.
    pub(crate) on_read: fn(&mut Value),
    pub(crate) prepare_create: fn(&mut Value),
    pub(crate) prepare_update: Prepare,
    /// For an update of the status.
    pub(crate) prepare_status: Prepare,
    /// The validations below check `metadata`, too.
    pub(crate) validates_meta: bool,
    pub(crate) validate_create: fn(&Value, &mut Errors),
    pub(crate) validate_update: Validate,
    pub(crate) validate_status: Validate,
    pub(crate) warnings: fn(&Value, Option<&Value>) -> Vec<EcoString>,
    /// An update need not say which version it is based on.
    pub(crate) unconditional_update: bool,
    /// How long an object has to end after its deletion, given what the client asked for; nothing: it goes at once.
    pub(crate) grace: Option<fn(&Value, Option<i64>) -> i64>,
    /// Deletion of a kind of its own: the marked object, or nothing if it goes now.
    pub(crate) delete: Option<fn(&Value, Time) -> Option<Value>>,
    /// Whether an object that is being deleted goes with this update.
    pub(crate) gone_after_update: fn(&Value, &Value) -> bool,
    /// A deletion answers with the object.
    pub(crate) returns_deleted: bool,
    pub(crate) allocate: Option<Allocate>,
    /// Gives back what was allocated.
    pub(crate) release: Option<fn(&mut ApiServer, &Value)>,
}

/// A resource with nothing special about it.
const GENERIC: Strategy = Strategy {
    name_check: names::name_subdomain,
    generation: false,
    changed: common::spec_changed,
    defaults: |_| {},
    on_read: |_| {},
    prepare_create: |_| {},
    prepare_update: |_, _| {},
    prepare_status: common::only_status,
    validates_meta: false,
    validate_create: |_, _| {},
    validate_update: |_, _, _| {},
    validate_status: |_, _, _| {},
    warnings: |_, _| Vec::new(),
    unconditional_update: true,
    grace: None,
    delete: None,
    gone_after_update: common::gone_without_finalizers,
    returns_deleted: false,
    allocate: None,
    release: None,
};

/// A resource with spec and status.
const WITH_STATUS: Strategy =
    Strategy { generation: true, prepare_create: common::drop_status, prepare_update: common::keep_status, ..GENERIC };

/// The strategy of a resource.
pub(crate) fn of(key: ResourceKey) -> &'static Strategy {
    STRATEGIES.iter().find(|(k, _)| *k == key).map_or_else(
        || if key.resource().subresource("status").is_some() { &WITH_STATUS } else { &GENERIC },
        |(_, strategy)| strategy,
    )
}

/// Whether a resource has rules of its own, beyond its schema.
pub(crate) fn has_rules(key: ResourceKey) -> bool {
    STRATEGIES.iter().any(|(other, _)| *other == key)
}

/// Strategies of their own, the busiest first.
static STRATEGIES: &[(ResourceKey, Strategy)] = &[
    (ResourceKey::PODS, pod::STRATEGY),
    (ResourceKey::EVENTS, event::STRATEGY),
    (ResourceKey::LEASES, Strategy { unconditional_update: false, ..GENERIC }),
    (ResourceKey::NODES, node::STRATEGY),
    (
        ResourceKey::CONFIG_MAPS,
        Strategy {
            validates_meta: true,
            validate_create: validation::config_map::create,
            validate_update: validation::config_map::update,
            ..GENERIC
        },
    ),
    (
        ResourceKey::CLUSTER_ROLE_BINDINGS,
        Strategy {
            name_check: names::name_path_segment,
            defaults: defaults::binding,
            validates_meta: true,
            validate_create: validation::role::cluster_role_binding,
            validate_update: validation::role::cluster_role_binding_update,
            ..GENERIC
        },
    ),
    (
        ResourceKey::CLUSTER_ROLES,
        Strategy {
            name_check: names::name_path_segment,
            validates_meta: true,
            validate_create: validation::role::cluster_role,
            validate_update: validation::role::cluster_role_update,
            ..GENERIC
        },
    ),
    (
        ResourceKey::CRON_JOBS,
        Strategy {
            defaults: defaults::cron_job,
            validates_meta: true,
            validate_create: validation::cron_job::create,
            validate_update: validation::cron_job::update,
            ..WITH_STATUS
        },
    ),
    (ResourceKey::DAEMON_SETS, daemon_set::STRATEGY),
    (ResourceKey::DEPLOYMENTS, workload::DEPLOYMENT),
    (ResourceKey::ENDPOINTS, Strategy { defaults: defaults::endpoints, ..GENERIC }),
    (
        ResourceKey::ENDPOINT_SLICES,
        Strategy {
            defaults: defaults::endpoint_slice,
            generation: true,
            changed: |new, old| {
                ["endpoints", "ports", "addressType"].iter().any(|field| new.get(field) != old.get(field))
            },
            ..GENERIC
        },
    ),
    (
        ResourceKey::HORIZONTAL_POD_AUTOSCALERS,
        Strategy {
            defaults: defaults::autoscaler,
            generation: false,
            validates_meta: true,
            validate_create: validation::autoscaler::create,
            validate_update: validation::autoscaler::update,
            ..WITH_STATUS
        },
    ),
    (
        ResourceKey::INGRESSES,
        Strategy {
            validates_meta: true,
            validate_create: validation::ingress::create,
            validate_update: validation::ingress::update,
            ..WITH_STATUS
        },
    ),
    (ResourceKey::JOBS, job::STRATEGY),
    (
        ResourceKey::LIMIT_RANGES,
        Strategy {
            defaults: defaults::limit_range,
            // One without a name is called by a number of its own.
            prepare_create: |range| {
                if range.name().is_empty() {
                    let uid = range.uid().to_owned();
                    range.meta_mut().set("name", uid);
                }
            },
            validates_meta: true,
            validate_create: validation::limit_range::create,
            validate_update: validation::limit_range::update,
            ..GENERIC
        },
    ),
    (ResourceKey::NAMESPACES, namespace::STRATEGY),
    (
        ResourceKey::NETWORK_POLICIES,
        Strategy {
            defaults: defaults::network_policy,
            generation: true,
            validates_meta: true,
            validate_create: validation::network_policy::create,
            validate_update: validation::network_policy::update,
            ..GENERIC
        },
    ),
    (
        ResourceKey::PERSISTENT_VOLUMES,
        Strategy {
            generation: false,
            defaults: defaults::persistent_volume,
            prepare_create: |volume| {
                let mut status = podyard_api::value!({"phase": "Pending"});
                let made = volume.get("metadata").get("creationTimestamp").clone();
                if !made.is_null() {
                    status.set("lastPhaseTransitionTime", made);
                }
                volume.set("status", status);
            },
            returns_deleted: true,
            validates_meta: true,
            validate_create: validation::persistent_volume::create,
            validate_update: validation::persistent_volume::update,
            warnings: validation::persistent_volume::warnings,
            ..WITH_STATUS
        },
    ),
    (
        ResourceKey::PERSISTENT_VOLUME_CLAIMS,
        Strategy {
            generation: false,
            validates_meta: true,
            returns_deleted: true,
            defaults: defaults::persistent_volume_claim,
            prepare_create: |claim| {
                common::drop_status(claim);
                data_sources(claim);
            },
            on_read: |claim| defaults::fill(claim.field_mut("status"), "phase", "Pending"),
            validate_create: validation::pvc::create,
            validate_update: validation::pvc::update,
            ..WITH_STATUS
        },
    ),
    (
        ResourceKey::POD_DISRUPTION_BUDGETS,
        Strategy {
            // Its metadata is checked as everybody's.
            name_check: names::name_path_segment,
            prepare_create: |budget| {
                let none = podyard_api::value!({
                    "currentHealthy": 0,
                    "desiredHealthy": 0,
                    "disruptionsAllowed": 0,
                    "expectedPods": 0,
                });
                budget.set("status", none);
            },
            unconditional_update: false,
            validates_meta: true,
            validate_create: validation::disruption_budget::create,
            validate_update: validation::disruption_budget::update,
            ..WITH_STATUS
        },
    ),
    (
        ResourceKey::PRIORITY_CLASSES,
        Strategy {
            defaults: |class| {
                defaults::priority_class(class);
                defaults::fill(class, "value", 0);
            },
            generation: true,
            validates_meta: true,
            validate_create: validation::priority_class::create,
            validate_update: validation::priority_class::update,
            ..GENERIC
        },
    ),
    (ResourceKey::REPLICATION_CONTROLLERS, Strategy { defaults: defaults::replication_controller, ..WITH_STATUS }),
    (
        ResourceKey::RESOURCE_QUOTAS,
        Strategy {
            generation: false,
            validates_meta: true,
            validate_create: validation::resource_quota::create,
            validate_update: validation::resource_quota::update,
            ..WITH_STATUS
        },
    ),
    (
        ResourceKey::ROLE_BINDINGS,
        Strategy {
            name_check: names::name_path_segment,
            defaults: defaults::binding,
            validates_meta: true,
            validate_create: validation::role::role_binding,
            validate_update: validation::role::role_binding_update,
            ..GENERIC
        },
    ),
    (
        ResourceKey::ROLES,
        Strategy {
            name_check: names::name_path_segment,
            validates_meta: true,
            validate_create: validation::role::role,
            validate_update: validation::role::role_update,
            ..GENERIC
        },
    ),
    (ResourceKey::REPLICA_SETS, workload::REPLICA_SET),
    (
        ResourceKey::SECRETS,
        Strategy {
            defaults: defaults::secret,
            validates_meta: true,
            validate_create: validation::secret::create,
            validate_update: validation::secret::update,
            ..GENERIC
        },
    ),
    (ResourceKey::SERVICES, service::STRATEGY),
    (ResourceKey::SERVICE_ACCOUNTS, Strategy { returns_deleted: true, ..GENERIC }),
    (
        ResourceKey::STORAGE_CLASSES,
        Strategy {
            defaults: defaults::storage_class,
            validates_meta: true,
            validate_create: validation::storage_class::create,
            validate_update: validation::storage_class::update,
            ..GENERIC
        },
    ),
    (ResourceKey::STATEFUL_SETS, workload::STATEFUL_SET),
];

/// The two fields that name what a claim is filled from say the same.
// Models pkg/api/persistentvolumeclaim/util.go
fn data_sources(claim: &mut Value) {
    let spec = claim.field_mut("spec");
    let (old, new) = (spec.get("dataSource").clone(), spec.get("dataSourceRef").clone());
    // Anything but claims and snapshots is ignored in the old field.
    let known = |source: &Value| match (source.get("apiGroup").str(), source.get("kind").str()) {
        ("", kind) => kind == "PersistentVolumeClaim",
        (group, kind) => group == "snapshot.storage.k8s.io" && kind == "VolumeSnapshot",
    };
    if new.is_null() && old.is_object() {
        if known(&old) {
            spec.set("dataSourceRef", old);
        } else {
            spec.remove("dataSource");
        }
    } else if old.is_null() && new.is_object() && new.get("namespace").str().is_empty() {
        spec.set("dataSource", new);
    }
}
