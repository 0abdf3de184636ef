//! What learners get: a control plane and two workers.

use podyard_node::Profile;
use podyard_sim::Time;

use super::Preset;

pub(super) const PRESET: Preset = Preset {
    name: "two-workers",
    about: "A control plane and two workers, as kubeadm leaves them.",
    start: Time::from_secs(1_795_363_200),
    profile: Profile::default,
    nodes: &["controlplane", "node01", "node02"],
};
