//! The ends of containers: noticing them, and when they are started again.
// Models pkg/kubelet/kuberuntime/kuberuntime_manager.go (doBackOff)

use std::time::Duration;

use ecow::EcoString;
use podyard_api::Value;
use podyard_api::kinds::Pod;
use podyard_kernel::{Exit, FsId, Program};

use super::pod::{Ended, Phase, Step};
use super::sync::restarts;
use super::{Context, Event, Kubelet};

/// The back-off between restarts: its first and last value, and how long a container must have run to be forgiven.
// Models pkg/kubelet/kubelet.go
const FIRST_BACKOFF: Duration = Duration::from_secs(10);
const LAST_BACKOFF: Duration = Duration::from_secs(300);
const FORGIVEN_AFTER: Duration = Duration::from_secs(600);
/// How long after a crash the kubelet says that it waits.
const SAY_AFTER: Duration = Duration::from_secs(1);
/// The longest message that a container can leave.
const MAX_MESSAGE: usize = 4096;
/// The longest message taken from a log, in lines and bytes.
const MAX_LOG: (usize, usize) = (80, 2048);

impl Kubelet {
    /// A container's first process has ended.
    pub(super) fn container_exited<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        name: &EcoString,
        exit: Exit,
    ) {
        let Some(state) = self.pods.get(uid) else { return };
        let Some((is_stopping, container)) =
            state.container(name).and_then(|c| Some((c.is_stopping, c.current.clone()?)))
        else {
            return;
        };
        let is_limited = state.spec().container(name).is_some_and(|c| !c.resources().limit("memory").is_null());
        let is_leaving = state.phase == Phase::Terminating;
        let mut ended = Ended::of(exit, &container, context.now, is_limited, is_stopping);
        if let Some(message) = self.last_words(context, uid, name, container.root, ended.exit_code) {
            ended.message = message;
        }
        context.kernel.remove_machine(container.machine, context.now);
        context.kernel.remove_fs(container.root);
        self.drop_tasks(context, uid, name);
        self.pod_mut(uid).container_mut(name).step = Step::Exited(ended);
        if self.is_stopped {
            return;
        }
        if is_leaving {
            self.notice(context, uid, name);
            return self.go_on_stopping(context, uid);
        }
        self.relist_soon(context, uid);
    }

    /// What a container left as its termination message.
    fn last_words<P: Program>(
        &self,
        context: &Context<'_, P>,
        uid: &EcoString,
        name: &str,
        root: FsId,
        exit_code: i64,
    ) -> Option<EcoString> {
        let state = self.pods.get(uid)?;
        let spec = state.spec().container(name)?;
        let bytes = context.kernel.fs(root).and_then(|vfs| vfs.read(spec.termination_message_path()).cloned());
        let bytes = bytes.filter(|bytes| !bytes.is_empty());
        if let Some(bytes) = bytes {
            return Some(String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_MESSAGE)]).into());
        }
        if spec.termination_message_policy() != "FallbackToLogsOnError" || exit_code == 0 {
            return None;
        }
        let sink = context.kernel.sink(state.container(name)?.current.as_ref()?.sink)?;
        let lines: Vec<_> = sink.lines().collect();
        let text: String =
            lines[lines.len().saturating_sub(MAX_LOG.0)..].iter().map(|line| line.text.as_str()).collect();
        let mut from = text.len().saturating_sub(MAX_LOG.1);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        Some(text[from..].into())
    }

    /// Notices what a pod's containers did, says it, and goes on with the pod.
    pub(super) fn relist<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString) {
        let Some(state) = self.pods.get(uid) else { return };
        let exited: Vec<EcoString> = state
            .containers
            .iter()
            .filter(|(_, container)| matches!(container.step, Step::Exited(_)))
            .map(|(name, _)| name.clone())
            .collect();
        self.pod_mut(uid).relist_due = false;
        for name in &exited {
            self.notice(context, uid, name);
        }
        self.write_status(context, uid);
        if !exited.is_empty() {
            self.sync(context, uid);
        }
    }

    /// Notes how a container ended, and when it is started again.
    pub(super) fn notice<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString, name: &EcoString) {
        let container = self.pod_mut(uid).container_mut(name);
        let Step::Exited(ended) = container.step.clone() else { return };
        self.ended(context, uid, name, ended);
    }

    /// A container has ended, or could not be started.
    pub(super) fn ended<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        name: &EcoString,
        ended: Ended,
    ) {
        let now = context.now;
        let Some(state) = self.pods.get(uid) else { return };
        let again = state.phase == Phase::Running && will_restart(&state.object, name, ended.exit_code);
        let container = self.pod_mut(uid).container_mut(name);
        let ran_long = ended.started.is_some_and(|started| ended.finished.since(started) >= FORGIVEN_AFTER);
        (container.is_started, container.is_stopping) = (false, false);
        container.step = Step::Ended(ended);
        if !again {
            return;
        }
        // The first restart is at once; each further one waits twice as long.
        let wait = if ran_long { Duration::ZERO } else { container.backoff };
        container.backoff = if wait.is_zero() { FIRST_BACKOFF } else { (wait * 2).min(LAST_BACKOFF) };
        if wait.is_zero() {
            container.backoff_until = None;
            return;
        }
        // The worker's queue adds up to half of it; this is the mean.
        let until = now + wait * 5 / 4;
        container.backoff_until = Some(until);
        let starts = container.starts;
        context.later.push((until, Event::Sync { uid: uid.clone() }));
        context.after(SAY_AFTER, Event::CrashBackoff { uid: uid.clone(), container: name.clone(), starts });
    }

    /// Says that a container waits for its next start.
    pub(super) fn crash_waits<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        name: &EcoString,
        starts: u32,
    ) {
        let Some(state) = self.pods.get(uid) else { return };
        let Some(container) = state.container(name).filter(|c| c.starts == starts && c.waits(context.now)) else {
            return;
        };
        let Step::Ended(ended) = container.step.clone() else { return };
        let object = state.object.clone();
        if Pod(&object).is_terminating() {
            return;
        }
        let message = format!(
            "Back-off restarting failed container {name} in pod {}_{}({uid})",
            object.name(),
            object.namespace()
        );
        self.event(context, &object, Some(name), ("Warning", "BackOff"), &message);
        let container = self.pod_mut(uid).container_mut(name);
        let wait = if container.backoff == LAST_BACKOFF { LAST_BACKOFF } else { container.backoff / 2 };
        let message = ecow::eco_format!(
            "back-off {} restarting failed container={name} pod={}_{}({uid})",
            podyard_api::duration::go(i64::try_from(wait.as_micros()).unwrap_or(0)),
            object.name(),
            object.namespace()
        );
        container.last = Some(ended);
        container.step = Step::Waiting { reason: "CrashLoopBackOff".into(), message };
        self.write_status(context, uid);
    }
}

/// Whether a container that ended with this code is started again.
pub(super) fn will_restart(pod: &Value, name: &str, exit_code: i64) -> bool {
    let spec = Pod(pod).spec();
    if spec.ephemeral_containers().any(|container| container.name() == name) {
        return false;
    }
    match spec.init_containers().find(|container| container.name() == name) {
        Some(container) if container.is_sidecar() => true,
        Some(_) => exit_code != 0 && spec.restart_policy() != "Never",
        None => restarts(spec.restart_policy(), exit_code),
    }
}
