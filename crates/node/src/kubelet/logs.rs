//! What others ask of a kubelet: a container, its log, an address.
// Models pkg/kubelet/kubelet_pods.go (validateContainerLogStatus)

use ecow::EcoString;
use podyard_kernel::{NetId, ProcessId, SinkId};

use super::Kubelet;
use super::pod::{Container, ContainerState, Step};

impl Kubelet {
    fn state(&self, namespace: &str, pod: &str, container: &str) -> Option<&ContainerState> {
        let uid = self.names.get(&(EcoString::from(namespace), EcoString::from(pod)))?;
        self.pods.get(uid)?.container(container)
    }

    /// A container that has been started at least once.
    pub fn container(&self, namespace: &str, pod: &str, container: &str) -> Option<&Container> {
        self.state(namespace, pod, container)?.current.as_ref()
    }

    /// A container whose process is there.
    pub fn running(&self, namespace: &str, pod: &str, container: &str) -> Option<&Container> {
        self.state(namespace, pod, container).filter(|state| state.is_running())?.current.as_ref()
    }

    /// The log of a container, or with `previous` of the one before it.
    ///
    /// # Errors
    /// Why there is none, in the kubelet's words.
    pub fn log(&self, namespace: &str, pod: &str, container: &str, previous: bool) -> Result<SinkId, String> {
        let Some(state) = self.state(namespace, pod, container) else {
            let why = self.first_reason(namespace, pod, container);
            return Err(match why {
                Some(why) => format!("container {container:?} in pod {pod:?} is waiting to start: {why}"),
                None => format!("container {container:?} in pod {pod:?} is not available"),
            });
        };
        let gone = || format!("previous terminated container {container:?} in pod {pod:?} not found");
        let current = state.current.as_ref();
        if previous {
            // While a container waits for its next start, the one that ended last is the previous one.
            return match (&state.step, current) {
                (Step::Waiting { .. }, Some(current)) if state.last.is_some() => Ok(current.sink),
                (_, Some(current)) => current.previous.ok_or_else(gone),
                _ => Err(gone()),
            };
        }
        if let Some(current) = current {
            return Ok(current.sink);
        }
        let reason = match &state.step {
            Step::Waiting { reason, .. } => reason.as_str(),
            _ => "",
        };
        let why = match reason {
            "ErrImagePull" => "image can't be pulled",
            "ImagePullBackOff" => "trying and failing to pull image",
            "" => self.first_reason(namespace, pod, container).unwrap_or("ContainerCreating"),
            other => other,
        };
        Err(format!("container {container:?} in pod {pod:?} is waiting to start: {why}"))
    }

    /// What a container of a known pod waits for that has not been looked at yet.
    fn first_reason(&self, namespace: &str, pod: &str, container: &str) -> Option<&'static str> {
        let uid = self.names.get(&(EcoString::from(namespace), EcoString::from(pod)))?;
        let spec = self.pods.get(uid)?.spec();
        spec.container(container)?;
        let has_init = spec.init_containers().next().is_some();
        Some(if has_init { "PodInitializing" } else { "ContainerCreating" })
    }

    /// Whether a process is a container's first.
    pub fn owns(&self, process: ProcessId) -> bool {
        self.processes.contains_key(&process) || self.tasks.contains_key(&process)
    }

    /// The network of the pod with this address, or the node's own.
    pub fn pod_net(&self, address: &str) -> Option<NetId> {
        self.networks.get(address).copied()
    }

    /// The network and the port behind a host port of this node.
    pub fn host_port(&self, port: u16) -> Option<(NetId, u16)> {
        self.pods.values().find_map(|state| {
            let sandbox = state.sandbox.as_ref()?;
            let ports = state.spec().containers().flat_map(|container| container.ports().collect::<Vec<_>>());
            let found = ports.filter(|p| p.host_port() == i64::from(port)).map(|p| p.container_port()).next()?;
            Some((sandbox.net, u16::try_from(found).ok()?))
        })
    }
}
