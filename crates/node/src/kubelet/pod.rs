//! What the kubelet knows of a pod: its sandbox and its containers.

use ecow::EcoString;
use podyard_api::Value;
use podyard_api::kinds::{Pod, PodSpec};
use podyard_kernel::{Exit, FsId, MachineId, NetId, ProcessId, Signal, SinkId};
use podyard_sim::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

use super::probes::ProbeState;

/// A pod on this node.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct PodState {
    /// As last seen.
    pub object: Value,
    pub phase: Phase,
    pub started: Option<Time>,
    pub sandbox: Option<Sandbox>,
    pub containers: BTreeMap<EcoString, ContainerState>,
    /// Its worker is at something that takes time (a pull, a hook), after which it goes on by itself.
    pub busy: bool,
    /// Whether a look at what its containers did is due.
    pub relist_due: bool,
    /// How often its volumes could not be set up.
    pub mount_failures: u32,
    /// Why the kubelet made it fail: reason and message.
    pub failed: Option<(EcoString, EcoString)>,
}

/// How far a pod's worker is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Phase {
    #[default]
    Running,
    /// Its containers are being stopped, or have been, for good.
    Terminating,
}

/// What a pod's containers share.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Sandbox {
    pub address: EcoString,
    pub net: NetId,
    /// Its volumes by name.
    pub volumes: BTreeMap<EcoString, Mounted>,
}

/// Where a volume's files are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Mounted {
    pub fs: FsId,
    /// The directory of the file system that is the volume.
    pub root: EcoString,
}

/// One container of a pod, through all its restarts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ContainerState {
    pub step: Step,
    pub restarts: u32,
    /// How often it was started: tells what concerns an earlier start from what concerns this one.
    pub starts: u32,
    /// The container as last started.
    pub current: Option<Container>,
    /// The image that it was last started with.
    pub image: EcoString,
    /// How the last one ended.
    pub last: Option<Ended>,
    /// The back-off before the next start, and until when it lasts.
    pub backoff: Duration,
    pub backoff_until: Option<Time>,
    pub pull_failures: u32,
    /// Its startup probe and hook have let it pass.
    pub is_started: bool,
    /// It is being stopped.
    pub is_stopping: bool,
    pub probes: [ProbeState; 3],
}

/// How far a container is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) enum Step {
    #[default]
    Creating,
    Pulling,
    /// It waits, for this reason.
    Waiting {
        reason: EcoString,
        message: EcoString,
    },
    Running,
    /// It has ended, which the kubelet has not noticed yet.
    Exited(Ended),
    Ended(Ended),
}

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub exit_code: i64,
    pub reason: EcoString,
    pub message: EcoString,
    pub started: Option<Time>,
    pub finished: Time,
    pub id: EcoString,
}

/// A container that was started.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Container {
    /// As `containerd://` names it.
    pub id: EcoString,
    pub machine: MachineId,
    /// Its first process.
    pub process: ProcessId,
    /// Its log.
    pub sink: SinkId,
    /// The log of the one before.
    pub previous: Option<SinkId>,
    pub env: Vec<(EcoString, EcoString)>,
    pub cwd: EcoString,
    pub uid: u32,
    pub gid: u32,
    pub started: Time,
    /// Its root file system.
    pub root: FsId,
}

impl PodState {
    /// What is known of a container.
    pub(crate) fn container(&self, name: &str) -> Option<&ContainerState> {
        self.containers.get(name)
    }

    pub(crate) fn container_mut(&mut self, name: &str) -> &mut ContainerState {
        self.containers.entry(name.into()).or_default()
    }

    pub(crate) fn spec(&self) -> PodSpec<'_> {
        Pod(&self.object).spec()
    }

    /// Whether any main container has ever been started.
    pub(crate) fn has_begun(&self) -> bool {
        self.spec().containers().any(|spec| self.container(spec.name()).is_some_and(|c| c.starts > 0))
    }
}

impl ContainerState {
    /// Whether its process is there.
    pub(crate) fn is_running(&self) -> bool {
        self.step == Step::Running
    }

    /// Whether it may not be started before a later moment.
    pub(crate) fn waits(&self, now: Time) -> bool {
        self.backoff_until.is_some_and(|until| now < until)
    }

    /// Whether its end has been noticed, or it has never been there.
    pub(crate) fn is_over(&self) -> bool {
        !matches!(self.step, Step::Running | Step::Exited(_))
    }
}

impl Ended {
    /// How the runtime reports the end of a process. `limited`: its memory is; `killed`: the kubelet sent the signal.
    pub(crate) fn of(exit: Exit, container: &Container, now: Time, limited: bool, killed: bool) -> Self {
        let code = exit.status();
        // Nothing in a container can kill its first process, so a kill that is not the kubelet's is the system's.
        let out_of_memory = exit == Exit::Signal(Signal::Kill) && limited && !killed;
        let reason = match code {
            _ if out_of_memory => "OOMKilled",
            0 => "Completed",
            _ => "Error",
        };
        Self {
            exit_code: code.into(),
            reason: reason.into(),
            message: EcoString::new(),
            started: Some(container.started),
            finished: now,
            id: container.id.clone(),
        }
    }
}
