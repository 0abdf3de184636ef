//! Whole-system comparisons with the real Kubernetes: recorded sessions and answers of its code.
#![expect(
    clippy::disallowed_methods,
    reason = "native tools: they read files, run programs and use the machine's cores"
)]

pub mod conformance;
pub mod differential;
