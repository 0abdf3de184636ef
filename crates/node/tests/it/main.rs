//! What a kubelet does with pods, seen from outside.
#![expect(clippy::unwrap_used, reason = "a test fails where its helpers find nothing")]

mod failing;
mod harness;
mod living;
