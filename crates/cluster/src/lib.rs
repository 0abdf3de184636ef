//! Composition root: a whole cluster with its consoles, as one value that can be stepped, copied and saved.

mod access;
mod cluster;
mod command;
mod console;
mod identity;
mod looking;
mod machines;
mod modelled;
mod network;
pub mod presets;
mod programs;
mod reach;
mod routing;
mod saving;
mod scheduling;
mod serving;
mod streams;
pub mod tables;
mod timeline;
mod why;

pub use access::{Access, Permission};
pub use cluster::{Cluster, Event};
pub use command::Output;
pub use looking::{Changes, EndpointSummary, EventSummary, Inspection, NodeSummary, PodSummary, ServiceSummary, Tone};
pub use modelled::{Modelled, modelled};
pub use podyard_api::explanation::{About, Explanation, Line};
pub use podyard_api::{Value, base64};
pub use podyard_sim::Time;
pub use presets::{PRESETS, Preset};
pub use programs::Programs;
pub use reach::{Connection, Reached};
pub use timeline::{Point, State, Timeline};
pub use why::Why;
