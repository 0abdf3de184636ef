//! Services, endpoints and DNS: a name to its addresses, a connection to its path.
//!
//! Everything here is a pure function of what [`Objects`] shows of the cluster: [`resolve`] answers as the cluster's DNS
//! does, [`connect`] follows a connection from its source over a service's endpoints to a pod, through the network
//! policies of both ends, and keeps each hop.

mod dns;
mod explain;
mod path;
#[cfg(test)]
mod testing;

use ecow::EcoString;
use podyard_api::Value;
use podyard_netpol::Policies;

pub use dns::{CLUSTER_DOMAIN, NoAnswer, Resolver, resolve};
pub use explain::{Asked, source_name};
pub use path::{Hop, Outcome, Path, Source, Why, connect};

/// What the network needs to know of a cluster.
pub trait Objects {
    fn service(&self, namespace: &str, name: &str) -> Option<&Value>;
    fn services(&self) -> Box<dyn Iterator<Item = &Value> + '_>;
    /// The endpoint slices of a service.
    fn slices(&self, namespace: &str, service: &str) -> Box<dyn Iterator<Item = &Value> + '_>;
    /// The pod with this address on the pod network.
    fn pod_at(&self, address: &str) -> Option<&Value>;
    /// The name of the node with this address.
    fn node_at(&self, address: &str) -> Option<EcoString>;
    /// The address of the node with this name.
    fn node(&self, name: &str) -> Option<EcoString>;
    /// The policies that the CNI enforces.
    fn policies(&self) -> Policies;
    /// Whether service addresses lead anywhere.
    fn has_service_proxy(&self) -> bool;
}
