//! Reconcilers, one file each: what the kube-controller-manager runs.
//!
//! A controller says which keys a change concerns ([`Controller::route`]) and brings one key's objects into order
//! ([`Controller::reconcile`]), reading from the server's cache and writing through its door as its own service
//! account. What it remembers is plain data in [`Memory`]; its work queue is plain data in [`Queues`].

mod clusterrole_aggregation;
mod context;
mod cronjob;
mod daemonset;
mod deployment;
mod disruption;
mod endpoints;
mod endpointslice;
mod endpointslice_mirroring;
mod garbage_collector;
mod history;
mod horizontal;
mod job;
mod memory;
mod names;
mod namespace;
mod node_lifecycle;
mod persistent_volume;
mod podgc;
mod pods;
mod queues;
mod replicaset;
mod resourcequota;
mod root_ca;
mod serviceaccount;
mod serviceaccount_token;
mod serving;
mod statefulset;
mod storage_protection;
mod taint_eviction;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod ttl_after_finished;

use podyard_apiserver::{ApiServer, Change};

pub use context::Context;
pub use memory::Memory;
pub use queues::{Key, Keys, Queues};

/// One controller of the kube-controller-manager.
#[derive(Clone, Copy)]
pub struct Controller {
    /// As `--controllers` names it.
    pub name: &'static str,
    /// Its service account in `kube-system`; empty for one that works as the whole manager.
    pub account: &'static str,
    /// As which it reports events.
    pub component: &'static str,
    /// Adds the keys that a change concerns.
    pub route: fn(&ApiServer, &Change, &mut Keys),
    /// Brings the objects of a key into order.
    pub reconcile: fn(&mut Context<'_>, &Key) -> Outcome,
}

/// What came of a reconciliation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// To be looked at again after this time.
    After(std::time::Duration),
    /// It failed: again after the key's back-off.
    Retry,
}

/// All controllers, alphabetically. Their order is the order of their numbers in [`Queues`].
pub static CONTROLLERS: &[Controller] = &[
    clusterrole_aggregation::CONTROLLER,
    cronjob::CONTROLLER,
    daemonset::CONTROLLER,
    deployment::CONTROLLER,
    disruption::CONTROLLER,
    endpoints::CONTROLLER,
    endpointslice::CONTROLLER,
    endpointslice_mirroring::CONTROLLER,
    garbage_collector::CONTROLLER,
    horizontal::CONTROLLER,
    job::CONTROLLER,
    namespace::CONTROLLER,
    node_lifecycle::CONTROLLER,
    persistent_volume::CONTROLLER,
    persistent_volume::LOCAL_PATH,
    podgc::CONTROLLER,
    replicaset::CONTROLLER,
    replicaset::OLD,
    resourcequota::CONTROLLER,
    root_ca::CONTROLLER,
    serviceaccount::CONTROLLER,
    serviceaccount_token::CONTROLLER,
    statefulset::CONTROLLER,
    storage_protection::CLAIMS,
    storage_protection::VOLUMES,
    taint_eviction::CONTROLLER,
    ttl_after_finished::CONTROLLER,
];
