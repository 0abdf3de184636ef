//! The plugins, alphabetically, and the points of the framework at which each has a say.

pub mod default_binder;
pub mod default_preemption;
pub mod dynamic_resources;
pub mod image_locality;
pub mod inter_pod_affinity;
pub mod node_affinity;
pub mod node_name;
pub mod node_ports;
pub mod node_resources_balanced_allocation;
pub mod node_resources_fit;
pub mod node_unschedulable;
pub mod node_volume_limits;
pub mod pod_topology_spread;
pub mod priority_sort;
pub mod scheduling_gates;
pub mod taint_toleration;
pub mod volume_binding;
pub mod volume_restrictions;
pub mod volume_zone;

use std::collections::BTreeSet;

use ecow::EcoString;
use podyard_api::Value;
use serde::{Deserialize, Serialize};

use crate::cache::Cache;
use crate::config::Profile;
use crate::events::Interest;
use crate::framework::PostFilter;
use crate::node_info::NodeInfo;
use crate::pod_info::PodInfo;
use crate::queue::{QueuedPod, SortKey};
use crate::status::{Status, Verdict};

/// What a plugin sees: the cluster, its profile, and the pod to be placed.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub cache: &'a Cache,
    pub profile: &'a Profile,
    pub pod: &'a PodInfo,
}

/// What `PreFilter` says.
pub enum PreFilter {
    /// Ask this plugin for each node.
    Check,
    /// This plugin has nothing to say of this pod.
    Skip,
    /// Only these nodes come into question.
    Nodes(BTreeSet<EcoString>),
    Reject(Status),
}

/// What `Reserve`, `Permit` and `PreBind` do besides: requests that have to be made before the pod is bound.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum BeforeBind {
    /// Let a claim be provisioned for this node.
    SelectNode { namespace: EcoString, claim: EcoString, node: EcoString },
    /// Let a volume be for this claim.
    ClaimVolume { volume: EcoString, namespace: EcoString, claim: EcoString, uid: EcoString },
}

/// Asked for each node.
pub type FilterFn = fn(&Context<'_>, &State, &NodeInfo) -> Verdict;
/// Told of a pod and its node, and whether it comes (1) or goes (-1).
pub type MovedFn = fn(&Context<'_>, &mut State, &PodInfo, &NodeInfo, i64);
/// Asked once, with the feasible nodes.
pub type PreScoreFn = fn(&Context<'_>, &mut State, &[&NodeInfo]) -> bool;
/// Asked for each feasible node, with its number among them.
pub type ScoreFn = fn(&Context<'_>, &State, usize, &NodeInfo) -> i64;
/// Asked for the node that was chosen.
pub type PreBindFn = fn(&Context<'_>, &State, &NodeInfo) -> Vec<BeforeBind>;

/// A plugin: its name, and a function for each point at which it takes part.
pub struct Spec {
    pub name: &'static str,
    pub pre_enqueue: Option<fn(&Cache, &PodInfo) -> Verdict>,
    /// What the queue is sorted by.
    pub queue_sort: Option<fn(&QueuedPod) -> SortKey>,
    pub pre_filter: Option<fn(&Context<'_>, &mut State) -> PreFilter>,
    /// How `PreFilter`'s findings change with a pod that comes (+1) to a node or goes (-1).
    pub pod_moved: Option<MovedFn>,
    pub filter: Option<FilterFn>,
    pub post_filter: Option<fn(&PostFilter<'_, '_>) -> crate::framework::PostFilterResult>,
    /// Whether nodes are to be scored by this plugin.
    pub pre_score: Option<PreScoreFn>,
    /// The score of the feasible node of that number.
    pub score: Option<ScoreFn>,
    /// Brings raw scores to 0..=100.
    pub normalize: Option<fn(&State, &mut [i64])>,
    pub reserve: Option<fn(&Context<'_>, &State, &NodeInfo) -> Verdict>,
    /// How long a reserved pod has to wait for leave; none of the default plugins uses this.
    pub permit: Option<fn(&Context<'_>, &NodeInfo) -> Verdict>,
    pub pre_bind: Option<PreBindFn>,
    /// Whether what `PreBind` asked for has come to pass.
    pub pre_bind_done: Option<fn(&Cache, &PodInfo) -> bool>,
    pub bind: bool,
    /// Changes of the cluster that may let a pod through that this plugin rejected.
    pub events: &'static [Interest],
}

impl Spec {
    /// A plugin that takes part nowhere.
    pub const fn named(name: &'static str) -> Self {
        Self {
            name,
            pre_enqueue: None,
            queue_sort: None,
            pre_filter: None,
            pod_moved: None,
            filter: None,
            post_filter: None,
            pre_score: None,
            score: None,
            normalize: None,
            reserve: None,
            permit: None,
            pre_bind: None,
            pre_bind_done: None,
            bind: false,
            events: &[],
        }
    }
}

macro_rules! registry {
    ($($plugin:ident $module:ident;)*) => {
        /// A plugin of the registry.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Plugin { $($plugin,)* }

        impl Plugin {
            /// Every plugin, by name.
            pub const ALL: &'static [Self] = &[$(Self::$plugin,)*];

            pub fn spec(self) -> &'static Spec {
                match self { $(Self::$plugin => &$module::SPEC,)* }
            }
        }

        /// What plugins remember between the points of one cycle.
        #[derive(Clone, Default)]
        pub struct State { $(pub $module: $module::State,)* }
    };
}

registry! {
    DefaultBinder default_binder;
    DefaultPreemption default_preemption;
    DynamicResources dynamic_resources;
    ImageLocality image_locality;
    InterPodAffinity inter_pod_affinity;
    NodeAffinity node_affinity;
    NodeName node_name;
    NodePorts node_ports;
    NodeResourcesBalancedAllocation node_resources_balanced_allocation;
    NodeResourcesFit node_resources_fit;
    NodeUnschedulable node_unschedulable;
    NodeVolumeLimits node_volume_limits;
    PodTopologySpread pod_topology_spread;
    PrioritySort priority_sort;
    SchedulingGates scheduling_gates;
    TaintToleration taint_toleration;
    VolumeBinding volume_binding;
    VolumeRestrictions volume_restrictions;
    VolumeZone volume_zone;
}

impl Plugin {
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|plugin| plugin.name() == name)
    }
}

/// A set of plugins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginSet(u32);

impl PluginSet {
    pub fn insert(&mut self, plugin: Plugin) {
        self.0 |= 1 << plugin as u32;
    }

    pub fn contains(self, plugin: Plugin) -> bool {
        self.0 & (1 << plugin as u32) != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// By name.
    pub fn iter(self) -> impl Iterator<Item = Plugin> {
        Plugin::ALL.iter().copied().filter(move |plugin| self.contains(*plugin))
    }

    /// The names as Go prints a list.
    pub fn list(self) -> String {
        let names: Vec<_> = self.iter().map(Plugin::name).collect();
        format!("[{}]", names.join(" "))
    }
}

/// Scales scores so that the highest is 100, or, reversed, so that the highest is 0.
// Models pkg/scheduler/framework/plugins/helper/normalize_score.go
pub fn normalize(scores: &mut [i64], reverse: bool) {
    let highest = scores.iter().copied().max().unwrap_or_default();
    for score in scores {
        *score = if highest == 0 { 0 } else { MAX_SCORE * *score / highest };
        if reverse {
            *score = MAX_SCORE - *score;
        }
    }
}

/// The best score a plugin can give.
pub const MAX_SCORE: i64 = 100;

/// The text of an error for an object that is not there.
pub fn not_found(resource: &str, name: &str) -> String {
    format!("{resource} {name:?} not found")
}

/// `Null`, where labels are missing.
pub static NO_LABELS: Value = Value::Null;
