//! Profiles: which plugins take part at which point, with which weights and arguments.

use ecow::EcoString;
use podyard_api::Value;
use serde::{Deserialize, Serialize};

use crate::plugins::node_resources_fit::ScoringStrategy;
use crate::plugins::{Plugin, Spec};
use crate::resources::ResourceName;

/// How the pods of one `schedulerName` are placed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    pub scheduler_name: EcoString,
    /// Of the nodes of a large cluster, how many per cent to find feasible before scoring; 0: by size.
    pub percentage_of_nodes_to_score: i64,
    pub points: Points,
    pub args: Args,
}

/// The plugins of each point, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Points {
    pub pre_enqueue: Vec<Plugin>,
    pub queue_sort: Vec<Plugin>,
    pub pre_filter: Vec<Plugin>,
    pub filter: Vec<Plugin>,
    pub post_filter: Vec<Plugin>,
    pub pre_score: Vec<Plugin>,
    /// With their weights.
    pub score: Vec<(Plugin, i64)>,
    pub reserve: Vec<Plugin>,
    pub permit: Vec<Plugin>,
    pub pre_bind: Vec<Plugin>,
    pub bind: Vec<Plugin>,
}

/// The arguments of the plugins that take some.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Args {
    pub fit: ScoringStrategy,
    /// Resources and weights of NodeResourcesBalancedAllocation.
    pub balanced_resources: Vec<(ResourceName, i64)>,
    /// How much a pod's required affinity counts for a pod that it would like near.
    pub hard_pod_affinity_weight: i64,
    pub ignore_preferred_terms_of_existing_pods: bool,
    /// Of the nodes where preemption might help, how many per cent, and how many at least, are tried.
    pub min_candidate_nodes_percentage: i64,
    pub min_candidate_nodes_absolute: i64,
    /// Spread constraints of pods that have none; without them, the built-in ones.
    pub default_constraints: Option<Value>,
    /// A node affinity that every pod of the profile has besides its own; or `Null`.
    pub added_affinity: Value,
}

impl Default for Args {
    fn default() -> Self {
        let balanced = [("cpu", 1), ("memory", 1)];
        Self {
            fit: ScoringStrategy::default(),
            balanced_resources: balanced.map(|(name, weight)| (name.into(), weight)).into(),
            hard_pod_affinity_weight: 1,
            ignore_preferred_terms_of_existing_pods: false,
            min_candidate_nodes_percentage: 10,
            min_candidate_nodes_absolute: 100,
            default_constraints: None,
            added_affinity: Value::Null,
        }
    }
}

/// The default plugins with their weights, in order.
// Models pkg/scheduler/apis/config/v1/default_plugins.go
pub const DEFAULT: &[(Plugin, i64)] = &[
    (Plugin::SchedulingGates, 0),
    (Plugin::PrioritySort, 0),
    (Plugin::NodeUnschedulable, 0),
    (Plugin::NodeName, 0),
    (Plugin::TaintToleration, 3),
    (Plugin::NodeAffinity, 2),
    (Plugin::NodePorts, 0),
    (Plugin::NodeResourcesFit, 1),
    (Plugin::VolumeRestrictions, 0),
    (Plugin::NodeVolumeLimits, 0),
    (Plugin::VolumeBinding, 0),
    (Plugin::VolumeZone, 0),
    (Plugin::PodTopologySpread, 2),
    (Plugin::InterPodAffinity, 2),
    (Plugin::DynamicResources, 2),
    (Plugin::DefaultPreemption, 0),
    (Plugin::NodeResourcesBalancedAllocation, 1),
    (Plugin::ImageLocality, 1),
    (Plugin::DefaultBinder, 0),
];

impl Default for Profile {
    fn default() -> Self {
        Self {
            scheduler_name: "default-scheduler".into(),
            percentage_of_nodes_to_score: 0,
            points: Points::of(DEFAULT),
            args: Args::default(),
        }
    }
}

impl Points {
    /// Puts each plugin in at every point at which it takes part; a weight of 0 counts as 1.
    pub fn of(plugins: &[(Plugin, i64)]) -> Self {
        Self::build(|_, takes_part| plugins.iter().filter(|(plugin, _)| takes_part(plugin.spec())).copied().collect())
    }

    /// Makes each point's list from its name in a configuration and from what tells who can take part there.
    pub fn build(mut list: impl FnMut(&str, fn(&Spec) -> bool) -> Vec<(Plugin, i64)>) -> Self {
        let mut names = |name: &str, takes_part: fn(&Spec) -> bool| -> Vec<Plugin> {
            list(name, takes_part).into_iter().map(|(plugin, _)| plugin).collect()
        };
        Self {
            pre_enqueue: names("preEnqueue", |spec| spec.pre_enqueue.is_some()),
            queue_sort: names("queueSort", |spec| spec.queue_sort.is_some()),
            pre_filter: names("preFilter", |spec| spec.pre_filter.is_some()),
            filter: names("filter", |spec| spec.filter.is_some()),
            post_filter: names("postFilter", |spec| spec.post_filter.is_some()),
            pre_score: names("preScore", |spec| spec.pre_score.is_some()),
            reserve: names("reserve", |spec| spec.reserve.is_some()),
            permit: names("permit", |spec| spec.permit.is_some()),
            pre_bind: names("preBind", |spec| spec.pre_bind.is_some()),
            bind: names("bind", |spec| spec.bind),
            score: list("score", |spec| spec.score.is_some())
                .into_iter()
                .map(|(plugin, weight)| (plugin, weight.max(1)))
                .collect(),
        }
    }
}
