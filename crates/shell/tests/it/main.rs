//! The shell and its tools on a real kernel: script in, output and status out.
#![expect(clippy::unwrap_used, reason = "a test fails where its helpers find nothing")]

mod flavours;
mod harness;
mod interactive;
mod network;
mod oracle;
mod robust;
mod vi;
