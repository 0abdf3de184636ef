//! Builders and check helpers for tests.
pub mod normalize;
pub mod transcript;
