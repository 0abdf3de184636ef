//! What differs between environments, as data.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::images::{self, Image};

/// How an environment's machines behave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// How long an API request of a program takes.
    pub api_latency: Duration,
    /// How long pulling any image takes; `None` goes by its size.
    pub pull_time: Option<Duration>,
    /// What a registry delivers, in bytes a second.
    pub pull_rate: u64,
    /// How long it takes to make a pod's sandbox, and to start a container.
    pub start_time: Duration,
    /// Whether a node pulls one image after the other.
    pub serial_pulls: bool,
    /// How soon a kubelet notices what containers did.
    pub relist: Duration,
    /// Whether being told to end kills every process at once.
    pub stops_at_once: bool,
    /// Whether service addresses and names of the cluster lead anywhere.
    pub has_service_proxy: bool,
    pub has_dns: bool,
    /// Whether registries have an image for every name, but for those that say that there is none.
    pub has_any_image: bool,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            api_latency: Duration::from_millis(4),
            pull_time: None,
            pull_rate: 60 << 20,
            start_time: Duration::from_millis(120),
            serial_pulls: true,
            relist: Duration::from_millis(500),
            stops_at_once: false,
            has_service_proxy: true,
            has_dns: true,
            has_any_image: false,
        }
    }
}

impl Profile {
    /// The environment of the recorded sessions.
    pub fn recorded() -> Self {
        Self {
            pull_time: Some(Duration::from_millis(250)),
            serial_pulls: false,
            stops_at_once: true,
            has_service_proxy: false,
            has_dns: false,
            has_any_image: true,
            ..Self::default()
        }
    }

    /// What an environment's registries have under this name.
    pub fn image(&self, repository: &str) -> Option<&'static Image> {
        // Of official images there are those of the catalogue.
        let says_no = repository.starts_with("docker.io/library/")
            || ["nope", "doesnotexist", "99"].iter().any(|word| repository.contains(word));
        images::find(repository).or_else(|| images::find(images::ANY).filter(|_| self.has_any_image && !says_no))
    }

    /// How long an image of `bytes` takes to be pulled.
    pub fn pull(&self, bytes: u64) -> Duration {
        self.pull_time.unwrap_or_else(|| Duration::from_millis(400 + bytes * 1000 / self.pull_rate.max(1)))
    }
}
