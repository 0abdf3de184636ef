//! What is wrong with an object: one file per kind, errors as data in upstream's words.
// Models pkg/apis/*/validation

pub(crate) mod autoscaler;
mod cidr;
pub(crate) mod config_map;
pub(crate) mod cron_job;
pub(crate) mod daemon_set;
pub(crate) mod deployment;
pub(crate) mod disruption_budget;
pub(crate) mod event;
mod field;
pub(crate) mod goform;
pub(crate) mod ingress;
pub(crate) mod job;
pub(crate) mod labels;
pub(crate) mod limit_range;
mod linediff;
pub(crate) mod meta;
pub(crate) mod namespace;
pub(crate) mod network_policy;
pub(crate) mod node;
pub(crate) mod persistent_volume;
pub(crate) mod pod;
pub(crate) mod priority_class;
pub(crate) mod pvc;
pub(crate) mod replica_set;
pub(crate) mod resource_quota;
pub(crate) mod role;
mod schedule;
pub(crate) mod secret;
pub(crate) mod service;
pub(crate) mod stateful_set;
pub(crate) mod storage_class;
pub(crate) mod warnings;
mod workload;

pub(crate) use field::{At, Errors, Path};
