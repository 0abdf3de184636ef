//! A cluster of some size, for what only shows in a crowd.

use podyard_node::Profile;
use podyard_sim::Time;

use super::Preset;

pub(super) const PRESET: Preset = Preset {
    name: "twenty-workers",
    about: "A control plane and twenty workers.",
    start: Time::from_secs(1_795_363_200),
    profile: Profile::default,
    nodes: &[
        "controlplane",
        "node01",
        "node02",
        "node03",
        "node04",
        "node05",
        "node06",
        "node07",
        "node08",
        "node09",
        "node10",
        "node11",
        "node12",
        "node13",
        "node14",
        "node15",
        "node16",
        "node17",
        "node18",
        "node19",
        "node20",
    ],
};
