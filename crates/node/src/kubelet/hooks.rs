//! What a container wants done after its start and before its stop.
// Models pkg/kubelet/lifecycle/handlers.go

use std::time::Duration;

use ecow::EcoString;
use podyard_api::Value;
use podyard_api::kinds::{Container as ContainerSpec, LifecycleHandler, Pod};
use podyard_kernel::{Errno, Program};

use super::tasks::Purpose;
use super::{Context, Event, Kubelet, probes};

/// How long a request of a hook may take.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);

impl Kubelet {
    /// A container has been started: its hook runs, then its probes.
    pub(super) fn after_start<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        _: &Value,
        spec: ContainerSpec<'_>,
    ) {
        let name = EcoString::from(spec.name());
        let starts = self.pod_mut(uid).container_mut(&name).starts;
        let Some(hook) = spec.lifecycle().post_start() else {
            return self.has_started(context, uid, &name);
        };
        match self.run_hook(context, uid, spec, hook, Purpose::PostStart) {
            // The pod's worker waits for it.
            Ok(()) => self.pod_mut(uid).busy = true,
            Err(_) if hook.exec().is_some() => self.post_start_failed(context, uid, &name),
            Err(_) => self.hook_over(context, uid, &name, starts, false),
        }
    }

    /// Nothing keeps a container any more from counting as started, but its startup probe.
    fn has_started<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString, name: &EcoString) {
        let Some(state) = self.pods.get(uid) else { return };
        let waits = state.spec().container(name).is_some_and(|spec| spec.startup_probe().is_some());
        self.pod_mut(uid).container_mut(name).is_started = !waits;
        self.begin_probes(context, uid, name);
        self.relist_soon(context, uid);
    }

    /// Runs a hook.
    ///
    /// # Errors
    /// It cannot be run.
    pub(super) fn run_hook<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        spec: ContainerSpec<'_>,
        hook: LifecycleHandler<'_>,
        purpose: Purpose,
    ) -> Result<(), Errno> {
        let name = EcoString::from(spec.name());
        if let Some(exec) = hook.exec() {
            let argv = exec.command().map(EcoString::from).collect();
            return self.run_in(context, uid, &name, purpose, argv, None);
        }
        if let Some(http) = hook.http_get() {
            let own = self.pods.get(uid).and_then(|s| Some(s.sandbox.as_ref()?.address.clone())).unwrap_or_default();
            let host = if http.host().is_empty() { own } else { http.host().into() };
            let port = probes::port(http.port(), spec).ok_or(Errno::Invalid)?;
            return self.ask(context, uid, &name, purpose, probes::request(http, &host, port), REQUEST_LIMIT);
        }
        let seconds = hook.sleep().map_or(0, |sleep| sleep.seconds());
        let starts = self.pod_mut(uid).container_mut(&name).starts;
        let is_stop = purpose == Purpose::PreStop;
        let event = Event::HookOver { uid: uid.clone(), container: name, starts, is_stop };
        context.after(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)), event);
        Ok(())
    }

    /// A hook has come to its end.
    pub(super) fn hook_over<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        name: &EcoString,
        starts: u32,
        is_stop: bool,
    ) {
        let Some(state) = self.pods.get(uid) else { return };
        if state.container(name).is_none_or(|container| container.starts != starts || !container.is_running()) {
            return;
        }
        if is_stop {
            return self.end_process(context, uid, name);
        }
        self.pod_mut(uid).busy = false;
        self.has_started(context, uid, name);
        context.after(super::REACTION, Event::Sync { uid: uid.clone() });
    }

    /// The hook after a container's start has failed: the container is stopped.
    pub(super) fn post_start_failed<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        name: &EcoString,
    ) {
        let Some(object) = self.pods.get(uid).map(|state| state.object.clone()) else { return };
        self.event(context, &object, Some(name), ("Warning", "FailedPostStartHook"), "PostStartHook failed");
        self.pod_mut(uid).busy = false;
        let grace = Pod(&object).spec().termination_grace_period_seconds();
        self.stop(context, uid, name, grace, "FailedPostStartHook");
    }

    /// The hook before a container's stop has failed: it is stopped all the same.
    pub(super) fn pre_stop_failed<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        name: &EcoString,
    ) {
        let Some(object) = self.pods.get(uid).map(|state| state.object.clone()) else { return };
        self.event(context, &object, Some(name), ("Warning", "FailedPreStopHook"), "PreStopHook failed");
    }
}
