//! Queue, framework and plugins: a snapshot and a pod to effects with their trace.
//!
//! [`Scheduler`] is kube-scheduler as plain data. It hears of changes by [`Scheduler::observe`], and
//! [`Scheduler::schedule_one`] answers with the requests to be made ([`Effect`]) and how it came to them ([`Trace`]).
//! It knows no store and makes no request itself.

pub mod cache;
pub mod config;
pub mod configuration;
pub mod decide;
pub mod decisions;
pub mod differential;
pub mod effects;
pub mod events;
mod explain;
pub mod framework;
pub mod messages;
pub mod node_info;
pub mod node_terms;
pub mod plugins;
pub mod pod_info;
pub mod queue;
pub mod resources;
mod scheduler;
pub mod status;
pub mod topology;
pub mod trace;

pub use config::{Args, Points, Profile};
pub use effects::{Attempt, Effect, PodRef};
pub use plugins::{BeforeBind, Plugin};
pub use scheduler::{RESOURCES, Scheduler};
pub use status::{Code, Status};
pub use trace::{CandidateTrace, NodeTrace, PluginScores, PostFilterTrace, Trace};
