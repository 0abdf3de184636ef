//! The cluster on which the sessions of `tests/conformance` were recorded.

use podyard_node::Profile;
use podyard_sim::Time;

use super::Preset;

pub(super) const PRESET: Preset = Preset {
    name: "recorded",
    about: "Three nodes over a fake container runtime, without service proxy and DNS.",
    start: Time::from_secs(1_795_363_200),
    profile: Profile::recorded,
    nodes: &["controlplane", "node01", "node02"],
};
