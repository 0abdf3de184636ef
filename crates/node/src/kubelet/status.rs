//! What the kubelet says of a pod: phase, conditions, container statuses.
// Models pkg/kubelet/kubelet_pods.go (generateAPIPodStatus) and pkg/kubelet/status/generate.go

use ecow::EcoString;
use podyard_api::kinds::{Container as ContainerSpec, Pod};
use podyard_api::{Object, Quantity, Value, Verb, value};
use podyard_kernel::Program;
use podyard_sim::Time;

use super::api::status_target;
use super::pod::{ContainerState, Ended, Phase, PodState, Step};
use super::probes::Kind;
use super::{Context, Kubelet};
use crate::images;

impl Kubelet {
    /// Writes the pod's status if it has changed.
    pub(super) fn write_status<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString) {
        let Some(state) = self.pods.get(uid) else { return };
        let status = self.status(state, context.now);
        if *state.object.get("status") == status {
            return;
        }
        let mut object = state.object.clone();
        object.set("status", status);
        object.meta_mut().remove("resourceVersion");
        let response = self.request(context, Verb::Update, status_target(&object), object);
        if response.is_success() {
            self.pod_mut(uid).object = response.body;
        }
    }

    fn status(&self, state: &PodState, now: Time) -> Value {
        let object = &state.object;
        let pod = Pod(object);
        let spec = pod.spec();
        let phase = self.phase(state);
        let mut status = object.get("status").clone();
        status.set("phase", phase);
        status.set("observedGeneration", pod.metadata().generation());
        if let Some((reason, message)) = &state.failed {
            status.set("reason", reason);
            status.set("message", message);
        }
        if let Some(started) = state.started {
            status.set("startTime", started.rfc3339());
        }
        if state.failed.is_some() && state.sandbox.is_none() {
            // A refused pod has nothing more to tell.
            return status;
        }
        status.set("hostIP", &self.address);
        status.set("hostIPs", value!([{"ip": &self.address}]));
        if let Some(sandbox) = &state.sandbox {
            status.set("podIP", &sandbox.address);
            status.set("podIPs", value!([{"ip": &sandbox.address}]));
        }
        let has_init = spec.init_containers().next().is_some();
        let conditions = self.conditions(state, phase, now);
        status.set("conditions", conditions);
        if has_init {
            let all = spec.init_containers().map(|spec| container_status(state, spec, Role::Init));
            status.set("initContainerStatuses", all.collect::<Value>());
        }
        let mut mains: Vec<_> = spec.containers().collect();
        mains.sort_by_key(|spec| spec.name());
        let role = if has_init { Role::MainAfterInit } else { Role::Main };
        let all = mains.into_iter().map(|spec| container_status(state, spec, role));
        status.set("containerStatuses", all.collect::<Value>());
        if spec.ephemeral_containers().next().is_some() {
            let all = spec.ephemeral_containers().map(|spec| container_status(state, spec, Role::Ephemeral));
            status.set("ephemeralContainerStatuses", all.collect::<Value>());
        }
        resources(&mut status, spec.containers());
        status
    }

    /// The pod's phase; it does not end before its last container has.
    // Models pkg/kubelet/status/status_manager.go (mergePodStatus)
    fn phase(&self, state: &PodState) -> &'static str {
        let phase = if state.failed.is_some() { "Failed" } else { self.phase_by_containers(state) };
        let still_runs = state.containers.values().any(|container| !container.is_over());
        if still_runs && matches!(phase, "Succeeded" | "Failed") { "Running" } else { phase }
    }

    // Models pkg/kubelet/kubelet_pods.go (getPhase)
    fn phase_by_containers(&self, state: &PodState) -> &'static str {
        let spec = state.spec();
        let policy = spec.restart_policy();
        let (mut pending, mut init_failed) = (0, 0);
        for container in spec.init_containers() {
            let Some(known) = state.container(container.name()) else {
                pending += 1;
                continue;
            };
            match &known.step {
                Step::Running | Step::Exited(_) if container.is_sidecar() && known.is_started => {}
                Step::Ended(ended) if ended.exit_code != 0 && !container.is_sidecar() => init_failed += 1,
                Step::Ended(ended) if ended.exit_code == 0 => {}
                Step::Waiting { .. } if known.last.as_ref().is_some_and(|last| last.exit_code != 0) => init_failed += 1,
                _ => pending += 1,
            }
        }
        let (mut waiting, mut running, mut failed, mut succeeded) = (0, 0, 0, 0);
        for container in spec.containers() {
            let known = state.container(container.name());
            match known.map(|known| (&known.step, known.starts)) {
                Some((Step::Running | Step::Exited(_), _)) => running += 1,
                Some((Step::Ended(ended), _)) if ended.exit_code == 0 => succeeded += 1,
                Some((Step::Ended(_), _)) => failed += 1,
                Some((_, 1..)) => failed += 1,
                _ => waiting += 1,
            }
        }
        let is_over = state.phase == Phase::Terminating && running == 0;
        match () {
            () if init_failed > 0 && policy == "Never" => "Failed",
            () if is_over && failed + waiting == 0 => "Succeeded",
            () if is_over => "Failed",
            () if pending > 0 && waiting > 0 => "Pending",
            () if init_failed > 0 && waiting > 0 => "Pending",
            () if waiting > 0 => "Pending",
            () if running > 0 || policy == "Always" => "Running",
            () if failed == 0 && succeeded > 0 => "Succeeded",
            () if policy == "Never" => "Failed",
            () => "Running",
        }
    }

    /// The pod's conditions, each with the moment at which it last changed.
    fn conditions(&self, state: &PodState, phase: &str, now: Time) -> Value {
        let object = &state.object;
        let generation = object.meta().generation();
        let old = object.at(&["status", "conditions"]);
        let condition = |kind: &str, holds: bool, reason: &str, message: &str| {
            let status = if holds { "True" } else { "False" };
            let before = old.items().iter().find(|condition| condition.get("type") == kind);
            let since =
                before.filter(|before| before.get("status") == status).map(|b| b.get("lastTransitionTime").text());
            let mut condition = value!({
                "type": kind,
                "status": status,
                "lastProbeTime": null,
                "lastTransitionTime": (since.unwrap_or_else(|| now.rfc3339().into())),
                "observedGeneration": generation,
            });
            if !reason.is_empty() {
                condition.set("reason", reason);
            }
            if !message.is_empty() {
                condition.set("message", message);
            }
            condition
        };
        let is_terminal = matches!(phase, "Succeeded" | "Failed");
        let is_gone =
            is_terminal || state.phase == Phase::Terminating && state.containers.values().all(|c| c.is_over());
        let sandbox_is_up = state.sandbox.is_some() && !is_gone;
        let (ready, ready_reason, ready_message) = readiness(state, phase);
        let gates = if ready { gates(object) } else { Vec::new() };
        let (initialized, init_reason, init_message) = initialization(state, phase);
        let mut all = vec![
            condition("PodReadyToStartContainers", sandbox_is_up, "", ""),
            condition("Initialized", initialized, init_reason, &init_message),
            if gates.is_empty() {
                condition("Ready", ready, ready_reason, &ready_message)
            } else {
                condition("Ready", false, "ReadinessGatesNotReady", &gates.join(", "))
            },
            condition("ContainersReady", ready, ready_reason, &ready_message),
            condition("PodScheduled", true, "", ""),
        ];
        // What others have said stays.
        let own = |kind: &str| {
            matches!(kind, "PodReadyToStartContainers" | "Initialized" | "Ready" | "ContainersReady" | "PodScheduled")
        };
        all.extend(old.items().iter().filter(|condition| !own(condition.get("type").str())).cloned());
        all.into_iter().collect()
    }
}

/// Which part a container has in its pod.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Init,
    Main,
    MainAfterInit,
    Ephemeral,
}

/// Whether all containers are ready, and why not.
fn readiness(state: &PodState, phase: &str) -> (bool, &'static str, String) {
    match phase {
        "Succeeded" => return (false, "PodCompleted", String::new()),
        "Failed" => return (false, "PodFailed", String::new()),
        _ => {}
    }
    let spec = state.spec();
    let sidecars = spec.init_containers().filter(|container| container.is_sidecar());
    let unready: Vec<&str> = sidecars
        .chain(spec.containers())
        .filter(|spec| !state.container(spec.name()).is_some_and(|container| is_ready(container, *spec)))
        .map(|spec| spec.name())
        .collect();
    if unready.is_empty() {
        return (true, "", String::new());
    }
    (false, "ContainersNotReady", format!("containers with unready status: [{}]", unready.join(" ")))
}

/// Whether all init containers have done their part, and why not.
fn initialization(state: &PodState, phase: &str) -> (bool, &'static str, String) {
    if phase == "Succeeded" {
        return (true, "PodCompleted", String::new());
    }
    let done = |spec: &ContainerSpec<'_>| {
        state.container(spec.name()).is_some_and(|container| match &container.step {
            Step::Ended(ended) => !spec.is_sidecar() && ended.exit_code == 0,
            _ => spec.is_sidecar() && container.is_started && container.is_running(),
        })
    };
    let incomplete: Vec<&str> =
        state.spec().init_containers().filter(|spec| !done(spec)).map(|spec| spec.name()).collect();
    if incomplete.is_empty() || state.has_begun() {
        return (true, "", String::new());
    }
    (false, "ContainersNotInitialized", format!("containers with incomplete status: [{}]", incomplete.join(" ")))
}

/// What readiness gates of a pod miss.
fn gates(object: &Value) -> Vec<String> {
    let pod = Pod(object);
    let missing = pod.spec().readiness_gates().filter_map(|gate| {
        let kind = gate.condition_type();
        match pod.status().condition(kind) {
            None => Some(format!("corresponding condition of pod readiness gate {kind:?} does not exist.")),
            Some(condition) if !condition.is_true() => {
                Some(format!("the status of pod readiness gate {kind:?} is not \"True\", but {}", condition.status()))
            }
            Some(_) => None,
        }
    });
    missing.collect()
}

/// Whether a running container may get traffic.
fn is_ready(container: &ContainerState, spec: ContainerSpec<'_>) -> bool {
    let probe = spec.readiness_probe().is_none() || container.probes[Kind::Readiness as usize].passes == Some(true);
    container.is_running() && container.is_started && probe
}

fn ended_state(ended: &Ended) -> Value {
    let mut state = value!({
        "exitCode": (ended.exit_code),
        "finishedAt": (ended.finished.rfc3339()),
        "reason": &ended.reason,
        "startedAt": (ended.started.map_or("1970-01-01T00:00:00Z".to_string(), Time::rfc3339)),
        "containerID": (format!("containerd://{}", ended.id)),
    });
    if !ended.message.is_empty() {
        state.set("message", &ended.message);
    }
    value!({"terminated": state})
}

/// What a container is doing now.
fn current_state(container: &ContainerState, role: Role) -> Value {
    let at = || container.current.as_ref().map(|current| current.started.rfc3339()).unwrap_or_default();
    match &container.step {
        Step::Creating | Step::Pulling => {
            let reason =
                if role == Role::MainAfterInit || role == Role::Init { "PodInitializing" } else { "ContainerCreating" };
            value!({"waiting": {"reason": reason}})
        }
        Step::Waiting { reason, message } if message.is_empty() => value!({"waiting": {"reason": reason}}),
        Step::Waiting { reason, message } => value!({"waiting": {"reason": reason, "message": message}}),
        Step::Running | Step::Exited(_) => value!({"running": {"startedAt": (at())}}),
        Step::Ended(ended) => ended_state(ended),
    }
}

fn container_status(state: &PodState, spec: ContainerSpec<'_>, role: Role) -> Value {
    let fresh = ContainerState::default();
    let container = state.container(spec.name()).unwrap_or(&fresh);
    let runs = matches!(container.step, Step::Running | Step::Exited(_));
    let reference = images::parse(spec.image());
    let started = container.current.is_some();
    let is_ready = match role {
        Role::Ephemeral => false,
        Role::Init if !spec.is_sidecar() => matches!(&container.step, Step::Ended(ended) if ended.exit_code == 0),
        _ => is_ready(container, spec),
    };
    let mut status = value!({
        "name": (spec.name()),
        "state": (current_state(container, role)),
        "lastState": (container.last.as_ref().map_or_else(Value::object, ended_state)),
        "ready": is_ready,
        "restartCount": (container.restarts),
        "image": (reference.as_ref().filter(|_| started).map_or(spec.image().into(), images::Reference::full)),
        "imageID": (reference.as_ref().filter(|_| started).map_or(String::new(), image_id)),
        "started": (runs && container.is_started && (role != Role::Init || spec.is_sidecar())),
        "resources": (spec.resources().value().clone()),
    });
    if status.get("resources").is_null() {
        status.set("resources", Value::object());
    }
    if role == Role::Ephemeral {
        status.remove("started");
    }
    if let Some(current) = &container.current {
        status.set("containerID", format!("containerd://{}", current.id));
        let (uid, gid) = (current.uid, current.gid);
        status.set("user", value!({"linux": {"gid": gid, "supplementalGroups": [gid], "uid": uid}}));
    }
    let requests = spec.resources().value().get("requests");
    if !requests.is_empty() && started {
        status.set("allocatedResources", requests);
    }
    let mounts: Vec<Value> = spec.volume_mounts().map(mount_status).collect();
    if !mounts.is_empty() {
        status.set("volumeMounts", mounts);
    }
    status
}

fn mount_status(mount: podyard_api::kinds::VolumeMount<'_>) -> Value {
    let mut shown = value!({"mountPath": (mount.mount_path()), "name": (mount.name())});
    if mount.read_only() {
        shown.set("readOnly", true);
        shown.set("recursiveReadOnly", "Disabled");
    }
    shown
}

fn image_id(reference: &images::Reference) -> String {
    format!("{}@{}", reference.repository, reference.made_up_digest())
}

/// The pod's own sums of its containers' resources, where there are any.
fn resources<'a>(status: &mut Value, containers: impl Iterator<Item = ContainerSpec<'a>> + Clone) {
    let sum = |part: &str| {
        let mut sums = Object::new();
        for container in containers.clone() {
            for (name, amount) in container.resources().value().get(part).fields() {
                let sum = match sums.get(name) {
                    Some(sum) => (Quantity::of(sum) + Quantity::of(amount)).to_string().into(),
                    None => amount.clone(),
                };
                sums.insert(name, sum);
            }
        }
        sums
    };
    let mut all = Value::object();
    for part in ["limits", "requests"] {
        let sums = sum(part);
        if !sums.is_empty() {
            all.set(part, sums);
        }
    }
    if all.is_empty() {
        return;
    }
    status.set("allocatedResources", all.get("requests"));
    status.set("resources", all);
}
