//! A pod's worker: what is to be done next for it, in the order in which its containers come.
// Models pkg/kubelet/kubelet.go (SyncPod) and pkg/kubelet/kuberuntime/kuberuntime_manager.go (computePodActions)

use std::ops::ControlFlow;

use ecow::EcoString;
use podyard_api::Value;
use podyard_api::kinds::{Container as ContainerSpec, Pod};
use podyard_kernel::Program;

use super::pod::{Phase, Sandbox, Step};
use super::{Context, Kubelet};

impl Kubelet {
    /// Looks at a pod and does what is to be done next.
    pub(super) fn sync<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString) {
        let Some(state) = self.pods.get(uid) else { return };
        let object = state.object.clone();
        let pod = Pod(&object);
        if pod.is_terminating() {
            if pod.is_mirror() {
                return self.delete(context, &object);
            }
            return self.terminate(context, uid);
        }
        if state.phase == Phase::Terminating || state.failed.is_some() || state.busy || pod.is_terminal() {
            return;
        }
        if self.deadline_is_over(context, uid) {
            return;
        }
        if self.pods.get(uid).is_some_and(|state| state.started.is_none()) {
            if !self.admit(context, uid, &object) {
                return;
            }
            self.write_status(context, uid);
        }
        if !self.make_sandbox(context, uid, &object) {
            return;
        }
        self.replace_changed(context, uid, &object);
        if self.start_containers(context, uid, &object).is_continue() {
            self.end_sidecars(context, uid);
        }
        // Says what the containers' last change led to; a new pod's has been said already.
        self.relist_soon(context, uid);
    }

    /// The pod's volumes and network; `false` as long as they cannot be made.
    fn make_sandbox<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString, object: &Value) -> bool {
        if self.pods.get(uid).is_some_and(|state| state.sandbox.is_some()) {
            return true;
        }
        if let Err(failure) = self.check_volumes(context, object) {
            self.mount_failed(context, uid, object, failure);
            return false;
        }
        let host = self.host(context).net;
        let (address, net) = if Pod(object).spec().host_network() {
            (self.address.clone(), host)
        } else {
            (self.allocate_address(), context.kernel.add_net())
        };
        let volumes = self.make_volumes(context, object);
        self.networks.insert(address.clone(), net);
        self.pod_mut(uid).sandbox = Some(Sandbox { address, net, volumes });
        true
    }

    /// Starts what is to be started now; breaks off where something must be waited for first.
    pub(super) fn start_containers<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        object: &Value,
    ) -> ControlFlow<()> {
        let spec = Pod(object).spec();
        for container in spec.ephemeral_containers() {
            let state = self.pod_mut(uid).container_mut(container.name());
            if state.starts == 0 && !matches!(state.step, Step::Ended(_)) {
                self.begin(context, uid, object, container)?;
            }
        }
        let has_begun = self.pods.get(uid).is_some_and(|state| state.has_begun());
        for container in spec.init_containers() {
            self.start_init(context, uid, object, container, has_begun)?;
        }
        for container in spec.containers() {
            let state = self.pod_mut(uid).container_mut(container.name());
            match &state.step {
                Step::Running | Step::Exited(_) => {}
                Step::Ended(ended) if !restarts(spec.restart_policy(), ended.exit_code) => {}
                _ => self.begin(context, uid, object, container)?,
            }
        }
        ControlFlow::Continue(())
    }

    /// Brings one init container on its way; breaks off until it has done its part.
    fn start_init<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        object: &Value,
        spec: ContainerSpec<'_>,
        has_begun: bool,
    ) -> ControlFlow<()> {
        let policy = Pod(object).spec().restart_policy();
        let wait = || if has_begun { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
        let state = self.pod_mut(uid).container_mut(spec.name()).clone();
        match (&state.step, spec.is_sidecar()) {
            (Step::Running, true) if state.is_started => return ControlFlow::Continue(()),
            (Step::Running, true) => return wait(),
            (Step::Running | Step::Exited(_), _) => return wait(),
            (Step::Ended(ended), false) if ended.exit_code == 0 || has_begun => return ControlFlow::Continue(()),
            (Step::Ended(_), false) if policy == "Never" => return ControlFlow::Break(()),
            (_, true) if has_begun && self.is_done(uid) => return ControlFlow::Continue(()),
            _ => {}
        }
        if state.waits(context.now) {
            return wait();
        }
        self.begin(context, uid, object, spec)?;
        let is_started =
            self.pods.get(uid).and_then(|state| state.container(spec.name())).is_some_and(|c| c.is_started);
        if spec.is_sidecar() && is_started { ControlFlow::Continue(()) } else { wait() }
    }

    /// Starts a container unless it must wait; breaks off while the worker is busy with it.
    fn begin<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        object: &Value,
        spec: ContainerSpec<'_>,
    ) -> ControlFlow<()> {
        if self.pod_mut(uid).container_mut(spec.name()).waits(context.now) {
            return ControlFlow::Continue(());
        }
        self.pull_or_start(context, uid, object, spec);
        match self.pods.get(uid) {
            Some(state) if !state.busy => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    }

    /// Whether all main containers have ended for good.
    pub(super) fn is_done(&self, uid: &EcoString) -> bool {
        let Some(state) = self.pods.get(uid) else { return false };
        let spec = state.spec();
        spec.containers().all(|container| match state.container(container.name()).map(|c| &c.step) {
            Some(Step::Ended(ended)) => !restarts(spec.restart_policy(), ended.exit_code),
            _ => false,
        })
    }

    /// Stops the sidecars of a pod whose main containers have all ended for good.
    fn end_sidecars<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString) {
        if !self.is_done(uid) {
            return;
        }
        let Some(state) = self.pods.get(uid) else { return };
        let running: Vec<EcoString> = state
            .containers
            .iter()
            .filter(|(_, container)| container.is_running() && !container.is_stopping)
            .map(|(name, _)| name.clone())
            .collect();
        let grace = state.spec().termination_grace_period_seconds();
        for name in running {
            self.stop(context, uid, &name, grace, &format!("Stopping container {name}"));
        }
    }

    /// Stops containers whose image is another now: they are started anew.
    fn replace_changed<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString, object: &Value) {
        let spec = Pod(object).spec();
        for container in spec.containers().chain(spec.init_containers().filter(|spec| spec.is_sidecar())) {
            let Some(state) = self.pods.get(uid).and_then(|state| state.container(container.name())) else { continue };
            let is_changed = state.image != container.image();
            let (runs, leaves) = (state.is_running(), state.is_stopping);
            if is_changed && !runs && !state.image.is_empty() {
                // A new image is pulled at once, whatever became of the old one.
                let state = self.pod_mut(uid).container_mut(container.name());
                (state.pull_failures, state.image) = (0, container.image().into());
                if matches!(state.step, Step::Waiting { .. }) {
                    state.backoff_until = None;
                }
            }
            if is_changed && runs && !leaves {
                let message = format!("Container {} definition changed, will be restarted", container.name());
                self.stop(context, uid, container.name(), spec.termination_grace_period_seconds(), &message);
            }
        }
    }
}

/// Whether a container that ended with this code is started again.
pub(super) fn restarts(policy: &str, exit_code: i64) -> bool {
    match policy {
        "Never" => false,
        "OnFailure" => exit_code != 0,
        _ => true,
    }
}
