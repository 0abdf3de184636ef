//! Stopping containers and taking pods away: hook, SIGTERM, grace period, SIGKILL, the last word to the API server.
// Models pkg/kubelet/kuberuntime/kuberuntime_container.go (killContainer) and pkg/kubelet/pod_workers.go

use std::time::Duration;

use ecow::EcoString;
use podyard_api::kinds::Pod;
use podyard_api::{Target, Verb, value};
use podyard_kernel::{Program, Signal};

use super::pod::{Phase, Step};
use super::tasks::Purpose;
use super::{Context, Event, Kubelet};

impl Kubelet {
    /// Goes on with a pod that is being deleted.
    pub(super) fn terminate<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString) {
        let grace = self.pods.get(uid).and_then(|s| Pod(&s.object).metadata().deletion_grace_period_seconds());
        if self.stop_all(context, uid, grace.unwrap_or(30)) {
            self.removed(context, uid);
        }
    }

    /// One container less runs of a pod that is being stopped.
    pub(super) fn go_on_stopping<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString) {
        let Some(state) = self.pods.get(uid) else { return };
        if Pod(&state.object).is_terminating() {
            return self.terminate(context, uid);
        }
        // It only has had its time: it stays to be seen.
        let grace = state.spec().termination_grace_period_seconds();
        self.stop_all(context, uid, grace);
        self.write_status(context, uid);
    }

    /// Stops what still runs of a pod, sidecars last; `true` once nothing does.
    pub(super) fn stop_all<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString, grace: i64) -> bool {
        let Some(state) = self.pods.get(uid) else { return false };
        let exited: Vec<EcoString> = state
            .containers
            .iter()
            .filter(|(_, container)| matches!(container.step, Step::Exited(_)))
            .map(|(name, _)| name.clone())
            .collect();
        let pod = self.pod_mut(uid);
        pod.phase = Phase::Terminating;
        pod.busy = false;
        for name in &exited {
            self.notice(context, uid, name);
        }
        let Some(state) = self.pods.get(uid) else { return false };
        let spec = state.spec();
        let runs = |name: &str| state.container(name).is_some_and(|container| !container.is_over());
        let is_sidecar = |name: &EcoString| spec.init_containers().any(|c| c.is_sidecar() && c.name() == name);
        let running: Vec<EcoString> = state.containers.keys().filter(|name| runs(name)).cloned().collect();
        if running.is_empty() {
            return true;
        }
        let (sidecars, mains): (Vec<_>, Vec<_>) = running.into_iter().partition(is_sidecar);
        let targets = if mains.is_empty() {
            // The last sidecar goes first, one after the other.
            let last = spec.init_containers().map(|c| EcoString::from(c.name())).rfind(|name| sidecars.contains(name));
            last.into_iter().collect()
        } else {
            mains
        };
        for name in targets {
            self.stop(context, uid, &name, grace, &format!("Stopping container {name}"));
        }
        false
    }

    /// Stops a container: says so, runs its hook, and ends its process.
    pub(super) fn stop<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        name: &str,
        grace: i64,
        message: &str,
    ) {
        let Some(state) = self.pods.get(uid) else { return };
        let object = state.object.clone();
        let Some((starts, is_stopping)) =
            state.container(name).filter(|c| c.is_running()).map(|c| (c.starts, c.is_stopping))
        else {
            return;
        };
        let name = EcoString::from(name);
        let grace = Duration::from_secs(u64::try_from(grace).unwrap_or(0));
        let over = Event::GraceOver { uid: uid.clone(), container: name.clone(), starts };
        if is_stopping {
            // A second, shorter grace period counts too.
            return context.after(grace, over);
        }
        self.pod_mut(uid).container_mut(&name).is_stopping = true;
        self.event(context, &object, Some(&name), ("Normal", "Killing"), message);
        context.after(grace, over);
        let spec = Pod(&object).spec().container(&name);
        let hook = spec.and_then(|spec| Some((spec, spec.lifecycle().pre_stop()?))).filter(|_| !grace.is_zero());
        if let Some((spec, hook)) = hook {
            match self.run_hook(context, uid, spec, hook, Purpose::PreStop) {
                Ok(()) => return,
                Err(_) => self.pre_stop_failed(context, uid, &name),
            }
        }
        self.end_process(context, uid, &name);
    }

    /// Tells a container's process to end.
    pub(super) fn end_process<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString, name: &str) {
        let signal = if context.profile.stops_at_once { Signal::Kill } else { Signal::Terminate };
        self.signal(context, uid, name, signal);
    }

    /// The grace period of a container is over: it is killed.
    pub(super) fn kill<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        name: &EcoString,
        starts: u32,
    ) {
        let is_due = self.pods.get(uid).and_then(|state| state.container(name));
        if is_due.is_some_and(|container| container.starts == starts && container.is_stopping) {
            self.signal(context, uid, name, Signal::Kill);
        }
    }

    fn signal<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString, name: &str, signal: Signal) {
        let container = self.pods.get(uid).and_then(|state| state.container(name)).filter(|c| c.is_running());
        if let Some(current) = container.and_then(|container| container.current.as_ref()) {
            context.kernel.signal(current.process, signal, context.now);
        }
    }

    /// Nothing of the pod runs any more: the API server may forget it.
    fn removed<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString) {
        self.write_status(context, uid);
        let Some(object) = self.pods.get(uid).map(|state| state.object.clone()) else { return };
        self.delete(context, &object);
    }

    /// Lets the API server forget a pod.
    pub(super) fn delete<P: Program>(&mut self, context: &mut Context<'_, P>, object: &podyard_api::Value) {
        let target = Target::resource("", "v1", "pods", object.namespace(), object.name());
        let options = value!({"gracePeriodSeconds": 0, "preconditions": {"uid": (object.uid())}});
        self.request(context, Verb::Delete, target, options);
    }

    /// The pod is gone from the store: so is all that it had here.
    pub(super) fn forget<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString) {
        let Some(state) = self.pods.get(uid) else { return };
        if Pod(&state.object).is_mirror() && self.mirror_again(context, uid) {
            return;
        }
        let Some(state) = self.pods.remove(uid) else { return };
        self.names.remove(&(state.object.namespace().into(), state.object.name().into()));
        for (name, container) in &state.containers {
            let Some(current) = &container.current else { continue };
            self.drop_tasks(context, uid, name);
            self.processes.remove(&current.process);
            context.kernel.remove_machine(current.machine, context.now);
            context.kernel.remove_fs(current.root);
            context.kernel.remove_sink(current.sink);
            if let Some(previous) = current.previous {
                context.kernel.remove_sink(previous);
            }
        }
        if let Some(sandbox) = &state.sandbox {
            if !state.spec().host_network() {
                self.networks.remove(&sandbox.address);
            }
            for volume in sandbox.volumes.values() {
                if self.host.is_none_or(|host| host.fs != volume.fs) {
                    context.kernel.remove_fs(volume.fs);
                }
            }
        }
    }
}
