//! Exercises as data: schema, checks, hints, scoring, and the proof that an exercise works.
//!
//! A cluster is seen through [`Probe`] only, so that a real one can stand behind it too.

mod check;
mod probe;
mod proof;
mod schema;
mod text;

pub use check::{Verdict, judge, judge_task};
pub use probe::{Connection, Output, Permission, Probe, Unsupported};
pub use proof::{Flaw, prove};
pub use schema::{
    Afterwards, CanICheck, Check, ClusterSpec, Difficulty, ReachCheck, Reached, Scenario, Spec, Task, Wrong,
};
