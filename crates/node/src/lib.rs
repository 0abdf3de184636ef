//! A machine of the cluster: kubelet, container runtime, image catalogue, container programs.

mod explain;
pub mod images;
mod kubelet;
mod profile;
pub mod programs;

pub use explain::explain_containers;
pub use kubelet::{Container, Context, Event, Kubelet};
pub use profile::Profile;
