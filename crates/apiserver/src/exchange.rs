//! What only a node can answer: logs, commands and streams of a pod's containers.

use ecow::{EcoString, EcoVec};
use serde::{Deserialize, Serialize};

/// A request that was let through and checked, for the kubelet of `node`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    pub node: EcoString,
    pub namespace: EcoString,
    pub pod: EcoString,
    /// Empty for port forwarding.
    pub container: EcoString,
    pub kind: Kind,
}

/// What is wanted of the container.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Kind {
    Log(LogOptions),
    Exec(ExecOptions),
    Attach(ExecOptions),
    PortForward { ports: EcoVec<u16> },
}

/// `PodLogOptions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LogOptions {
    pub follow: bool,
    pub previous: bool,
    pub timestamps: bool,
    pub since_seconds: Option<i64>,
    /// Microseconds since 1970.
    pub since_time: Option<i64>,
    pub tail_lines: Option<i64>,
    pub limit_bytes: Option<i64>,
}

/// `PodExecOptions` and `PodAttachOptions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExecOptions {
    /// Empty for attaching.
    pub command: EcoVec<EcoString>,
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
    pub tty: bool,
}
