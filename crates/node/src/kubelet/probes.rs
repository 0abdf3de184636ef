//! Startup, readiness and liveness probes.
// Models pkg/kubelet/prober/worker.go and pkg/kubelet/prober/prober.go

use std::time::Duration;

use ecow::{EcoString, eco_format};
use podyard_api::Value;
use podyard_api::kinds::{Container as ContainerSpec, HttpGetAction, Pod, Probe};
use podyard_kernel::{Errno, Exit, Program};
use serde::{Deserialize, Serialize};

use super::tasks::Purpose;
use super::{Context, Event, Kubelet};

/// What a probe is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    Startup,
    Readiness,
    Liveness,
}

/// What is known by one probe of a container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ProbeState {
    /// The result that counts, once there is one.
    pub passes: Option<bool>,
    /// The last result, and how often it came in a row.
    last: Option<bool>,
    run: u32,
    /// A process is at it.
    busy: bool,
}

/// What a probe found; the text says why it failed.
pub(super) enum Found {
    Healthy,
    Sick(String),
    /// The probe itself failed: that says nothing of the container.
    Nothing(String),
}

/// How soon after its start a container without initial delay is probed first.
const FIRST: Duration = Duration::from_millis(600);
/// The longest output that is shown.
const MAX_OUTPUT: usize = 10 << 10;

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Startup, Self::Readiness, Self::Liveness];

    /// The container's probe of this kind.
    pub(crate) fn of(self, spec: ContainerSpec<'_>) -> Option<Probe<'_>> {
        match self {
            Self::Startup => spec.startup_probe(),
            Self::Readiness => spec.readiness_probe(),
            Self::Liveness => spec.liveness_probe(),
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Startup => "Startup",
            Self::Readiness => "Readiness",
            Self::Liveness => "Liveness",
        }
    }
}

impl Kubelet {
    /// Begins to probe a container that has been started.
    pub(super) fn begin_probes<P: Program>(&mut self, context: &mut Context<'_, P>, uid: &EcoString, name: &EcoString) {
        let Some(state) = self.pods.get(uid) else { return };
        let (Some(spec), Some(known)) = (state.spec().container(name), state.container(name)) else { return };
        let starts = known.starts;
        for kind in Kind::ALL {
            let Some(probe) = kind.of(spec) else { continue };
            let delay = seconds(probe.initial_delay_seconds()).max(FIRST);
            context.after(delay, Event::Probe { uid: uid.clone(), container: name.clone(), starts, kind });
        }
    }

    /// Probes a container, and will again.
    pub(super) fn probe<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        name: &EcoString,
        starts: u32,
        kind: Kind,
    ) {
        let Some(state) = self.pods.get(uid) else { return };
        let object = state.object.clone();
        let Some(known) = state.container(name).filter(|c| c.starts == starts && c.is_running() && !c.is_stopping)
        else {
            return;
        };
        let (is_started, probe_state) = (known.is_started, known.probes[kind as usize]);
        if Pod(&object).is_terminating() && kind != Kind::Readiness {
            return;
        }
        let Some(spec) = Pod(&object).spec().container(name) else { return };
        let Some(probe) = kind.of(spec) else { return };
        if kind == Kind::Startup && is_started {
            return;
        }
        let again = Event::Probe { uid: uid.clone(), container: name.clone(), starts, kind };
        context.after(seconds(probe.period_seconds().max(1)), again);
        // Other probes wait until the container has started.
        if probe_state.busy || (kind != Kind::Startup && !is_started) {
            return;
        }
        let address = self.pods.get(uid).and_then(|s| Some(s.sandbox.as_ref()?.address.clone())).unwrap_or_default();
        if let Some(found) = self.run_probe(context, uid, spec, kind, probe, &address) {
            self.probed(context, uid, name, kind, found);
        }
    }

    /// Runs a probe; nothing if its result comes later.
    fn run_probe<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        spec: ContainerSpec<'_>,
        kind: Kind,
        probe: Probe<'_>,
        address: &str,
    ) -> Option<Found> {
        let name = EcoString::from(spec.name());
        let limit = seconds(probe.timeout_seconds().max(1));
        let started = if let Some(exec) = probe.exec() {
            let argv: Vec<EcoString> = exec.command().map(EcoString::from).collect();
            let program = argv.first().cloned().unwrap_or_default();
            let purpose = Purpose::Probe { kind, is_http: false };
            self.run_in(context, uid, &name, purpose, argv, Some(limit)).map_err(|errno| exec_failure(&program, errno))
        } else if let Some(http) = probe.http_get() {
            let Some(port) = port(http.port(), spec) else {
                return Some(Found::Nothing(format!("invalid port number: {}", http.port().text())));
            };
            let host = if http.host().is_empty() { address } else { http.host() };
            if self.is_refused(context, uid, host, address, port) {
                let url = url(http, host, port);
                return Some(Found::Sick(format!("Get {url:?}: dial tcp {host}:{port}: connect: connection refused")));
            }
            let purpose = Purpose::Probe { kind, is_http: true };
            self.ask(context, uid, &name, purpose, request(http, host, port), limit).map_err(|errno| errno.to_string())
        } else if let Some(tcp) = probe.tcp_socket() {
            let Some(port) = port(tcp.port(), spec) else {
                return Some(Found::Nothing(format!("invalid port number: {}", tcp.port().text())));
            };
            let host = if tcp.host().is_empty() { address } else { tcp.host() };
            return Some(if self.is_refused(context, uid, host, address, port) {
                Found::Sick(format!("dial tcp {host}:{port}: connect: connection refused"))
            } else {
                Found::Healthy
            });
        } else if let Some(grpc) = probe.grpc() {
            let port = u16::try_from(grpc.port()).unwrap_or(0);
            return Some(if self.is_refused(context, uid, address, address, port) {
                let seconds = limit.as_secs();
                Found::Sick(format!(
                    "timeout: failed to connect service \"{address}:{port}\" within {seconds}s: context deadline exceeded"
                ))
            } else {
                Found::Healthy
            });
        } else {
            return None;
        };
        match started {
            Ok(()) => {
                self.pod_mut(uid).container_mut(&name).probes[kind as usize].busy = true;
                None
            }
            Err(why) => Some(Found::Nothing(why)),
        }
    }

    /// Whether nobody listens on a port of the pod itself; of elsewhere nothing is known.
    fn is_refused<P: Program>(
        &self,
        context: &Context<'_, P>,
        uid: &EcoString,
        host: &str,
        own: &str,
        port: u16,
    ) -> bool {
        let sandbox = self.pods.get(uid).and_then(|state| state.sandbox.as_ref());
        host == own && sandbox.is_some_and(|sandbox| !context.kernel.listens(sandbox.net, port))
    }

    /// What the answer to a request says.
    pub(super) fn http_result(&self, uid: &EcoString, name: &str, kind: Kind, output: &str, timed_out: bool) -> Found {
        let code = output.lines().next().and_then(|line| line.trim().parse::<u16>().ok());
        let shown = || {
            let state = self.pods.get(uid)?;
            let spec = state.spec().container(name)?;
            let http = kind.of(spec)?.http_get()?;
            let address = state.sandbox.as_ref()?.address.clone();
            let host = if http.host().is_empty() { address } else { http.host().into() };
            Some(url(http, &host, port(http.port(), spec)?))
        };
        match code {
            Some(200..400) => Found::Healthy,
            Some(code) => Found::Sick(format!("HTTP probe failed with statuscode: {code}")),
            None if timed_out => Found::Sick(format!(
                "Get {:?}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
                shown().unwrap_or_default()
            )),
            None => Found::Sick(format!("Get {:?}: {}", shown().unwrap_or_default(), output.trim())),
        }
    }

    /// What the end of a command says.
    pub(super) fn exec_result(
        &self,
        uid: &EcoString,
        name: &str,
        kind: Kind,
        output: &str,
        exit: Exit,
        timed_out: bool,
    ) -> Found {
        if timed_out {
            let probe = self.pods.get(uid).and_then(|state| {
                let probe = kind.of(state.spec().container(name)?)?;
                let command: Vec<&str> = probe.exec()?.command().collect();
                Some((command.join(" "), probe.timeout_seconds().max(1)))
            });
            let (command, seconds) = probe.unwrap_or_default();
            return Found::Sick(format!("command timed out: {command:?} timed out after {seconds}s"));
        }
        if exit.status() == 0 {
            return Found::Healthy;
        }
        let mut end = output.len().min(MAX_OUTPUT);
        while !output.is_char_boundary(end) {
            end -= 1;
        }
        Found::Sick(output[..end].to_string())
    }

    /// Takes a probe's result.
    pub(super) fn probed<P: Program>(
        &mut self,
        context: &mut Context<'_, P>,
        uid: &EcoString,
        name: &EcoString,
        kind: Kind,
        found: Found,
    ) {
        let Some(state) = self.pods.get(uid) else { return };
        let object = state.object.clone();
        let Some(probe) = Pod(&object).spec().container(name).and_then(|spec| kind.of(spec)) else { return };
        let title = kind.title();
        self.pod_mut(uid).container_mut(name).probes[kind as usize].busy = false;
        let passes = match found {
            Found::Healthy => true,
            Found::Sick(why) => {
                let message = format!("{title} probe failed: {why}");
                self.event(context, &object, Some(name), ("Warning", "Unhealthy"), &message);
                false
            }
            Found::Nothing(why) => {
                let message = format!("{title} probe errored and resulted in unknown state: {why}");
                return self.event(context, &object, Some(name), ("Warning", "Unhealthy"), &message);
            }
        };
        let threshold = if passes { probe.success_threshold() } else { probe.failure_threshold() };
        let container = self.pod_mut(uid).container_mut(name);
        let known = &mut container.probes[kind as usize];
        known.run = if known.last == Some(passes) { known.run + 1 } else { 1 };
        known.last = Some(passes);
        if i64::from(known.run) < threshold {
            return;
        }
        let before = known.passes.replace(passes);
        match kind {
            Kind::Readiness if before != Some(passes) => self.write_status(context, uid),
            Kind::Startup if passes => {
                container.is_started = true;
                self.write_status(context, uid);
                // What has waited for it goes on: other containers, and the other probes.
                context.after(super::REACTION, Event::Sync { uid: uid.clone() });
            }
            Kind::Startup | Kind::Liveness if !passes => {
                let grace = probe.termination_grace_period_seconds();
                let grace = grace.unwrap_or(Pod(&object).spec().termination_grace_period_seconds());
                let lower = title.to_lowercase();
                let message = format!("Container {name} failed {lower} probe, will be restarted");
                self.stop(context, uid, name, grace, &message);
            }
            _ => {}
        }
    }
}

fn seconds(number: i64) -> Duration {
    Duration::from_secs(u64::try_from(number).unwrap_or(0))
}

/// A port given by number or by the name of a container's port.
pub(super) fn port(value: &Value, spec: ContainerSpec<'_>) -> Option<u16> {
    let named = || spec.ports().find(|port| *value == port.name()).map(|port| port.container_port());
    let number = value.as_i64().or_else(named).or_else(|| value.text().parse().ok())?;
    u16::try_from(number).ok().filter(|port| *port > 0)
}

fn url(http: HttpGetAction<'_>, host: &str, port: u16) -> EcoString {
    let path = http.path();
    let slash = if path.starts_with('/') { "" } else { "/" };
    eco_format!("{}://{host}:{port}{slash}{path}", http.scheme().to_lowercase())
}

/// The words for the program that asks: address, port, path, then headers.
pub(super) fn request(http: HttpGetAction<'_>, host: &str, port: u16) -> Vec<EcoString> {
    let path = http.path();
    let slash = if path.starts_with('/') { "" } else { "/" };
    let headers = http.http_headers().map(|header| eco_format!("{}: {}", header.name(), header.val()));
    [host.into(), eco_format!("{port}"), eco_format!("{slash}{path}")].into_iter().chain(headers).collect()
}

/// What the runtime says of a command that it cannot start.
pub(super) fn exec_failure(program: &str, errno: Errno) -> String {
    let why = match errno {
        Errno::NoEntry if program.contains('/') => format!("stat {program}: no such file or directory"),
        Errno::NoEntry => "executable file not found in $PATH".to_string(),
        other => other.to_string().to_lowercase(),
    };
    format!(
        "rpc error: code = Unknown desc = failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: {program:?}: {why}"
    )
}
