//! A whole decision, to be shown: who said what of which node, scores, winner, preemption.

use ecow::EcoString;
use serde::{Deserialize, Serialize};

use crate::plugins::Plugin;
use crate::status::Status;

/// How a pod came, or did not come, to its node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// All nodes of the cluster.
    pub node_count: usize,
    /// How many nodes were looked at, and how many of them would do.
    pub evaluated: usize,
    pub feasible: usize,
    /// What rejected the pod before any node was looked at.
    pub rejected: Option<Status>,
    /// The only nodes that came into question, if the pod names them, and which plugins said so.
    pub only_nodes: Option<Vec<EcoString>>,
    pub restricted_by: Vec<Plugin>,
    /// Node by node; empty in a large cluster, where only the counts are kept.
    pub nodes: Vec<NodeTrace>,
    /// Who scored the feasible nodes, which come first in `nodes`, and how; empty if scores were not needed. In a
    /// large cluster, only who.
    pub scores: Vec<PluginScores>,
    /// The plugins that had no opinion of this pod.
    pub skipped_scorers: Vec<Plugin>,
    /// The nodes with the best score; one of them was drawn.
    pub top: Vec<EcoString>,
    pub chosen: Option<EcoString>,
    pub post_filter: Option<PostFilterTrace>,
    /// Of an unschedulable pod, the event's text, and the same without what the post-filters said.
    pub message: String,
    pub message_before_post_filter: String,
    /// The plugins that stood in the way.
    pub unschedulable_by: Vec<Plugin>,
}

/// What was said of one node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeTrace {
    pub node: EcoString,
    /// The first rejection; none if the node would do.
    pub rejected: Option<Status>,
    /// The sum of the normalised scores times their weights.
    pub total: i64,
}

/// One plugin's scores of the feasible nodes, in their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PluginScores {
    pub plugin: Plugin,
    pub weight: i64,
    pub raw: Vec<i64>,
    /// Brought to 0..=100.
    pub normalized: Vec<i64>,
}

/// What the post-filters came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PostFilterTrace {
    /// None is success.
    pub rejected: Option<Status>,
    pub nominated: Option<CandidateTrace>,
    pub candidates: Vec<CandidateTrace>,
    /// Whether a nomination made before is void.
    pub clears_nomination: bool,
}

/// A node on which preemption would make room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CandidateTrace {
    pub node: EcoString,
    /// `namespace/name` of the pods that would go.
    pub victims: Vec<EcoString>,
    pub violations: usize,
}
