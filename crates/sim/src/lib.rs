//! Virtual time, event order, seeded random streams.
//!
//! Nothing here, nor above it, reads a clock or draws from the operating system: the same seed and the same
//! input give the same bytes.

mod queue;
mod rng;
mod time;

pub use queue::{Queue, Ticket};
pub use rng::Rng;
pub use time::Time;
