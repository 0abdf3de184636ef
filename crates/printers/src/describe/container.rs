//! Containers of a pod or pod template.

use podyard_api::kinds::{
    Container, ContainerPort, ContainerState, ContainerStatus, EnvVar, ObjectMeta, Pod, Probe, ResourceFieldSelector,
    ResourceRequirements, SecurityProfile,
};
use podyard_api::{Quantity, gostr};

use super::out::Out;
use crate::values::{int_or_string, join_host_port, moment, or, quantity, title_bool};

/// One group of containers: `Containers`, `Init Containers` … `pod` is there for what runs; a template has none and
/// is indented by `space`.
pub(super) fn containers<'a>(
    label: &str,
    containers: impl ExactSizeIterator<Item = Container<'a>>,
    pod: Option<Pod<'a>>,
    space: &str,
    out: &mut Out,
) {
    let none = if containers.len() == 0 { " <none>" } else { "" };
    out.line(0, format_args!("{space}{label}:{none}"));
    for container in containers {
        let status = pod.and_then(|pod| status_of(label, pod, container.name()));
        basics(container, status, space, out);
        command(container, out);
        if let Some(status) = status {
            self::status(status, out);
        }
        resources(container.resources(), 2, out);
        probes(container, out);
        environment(container, pod, out);
        mounts(container, out);
    }
}

/// The status of a container within its group.
fn status_of<'a>(label: &str, pod: Pod<'a>, name: &str) -> Option<ContainerStatus<'a>> {
    let status = pod.status();
    let named = |status: &ContainerStatus<'_>| status.name() == name;
    match label {
        "Init Containers" => status.init_container_statuses().rev().find(named),
        "Ephemeral Containers" => status.ephemeral_container_statuses().rev().find(named),
        _ => status.container_statuses().rev().find(named),
    }
}

fn basics(container: Container<'_>, status: Option<ContainerStatus<'_>>, space: &str, out: &mut Out) {
    let indent = if space.is_empty() { "" } else { " " };
    out.line(1, format_args!("{indent}{}:", container.name()));
    if let Some(status) = status {
        out.field(2, "Container ID", status.container_id());
    }
    out.field(2, "Image", container.image());
    if let Some(status) = status {
        out.field(2, "Image ID", status.image_id());
    }
    for (one, many, number) in [
        ("Port", "Ports", (|port: ContainerPort<'_>| port.container_port()) as fn(ContainerPort<'_>) -> i64),
        ("Host Port", "Host Ports", |port| port.host_port()),
    ] {
        let texts = container.ports().map(|port| {
            let text = format!("{}/{}", number(port), port.protocol());
            if port.name().is_empty() { text } else { format!("{text} ({})", port.name()) }
        });
        let text = texts.collect::<Vec<_>>().join(", ");
        out.field(2, if text.contains(',') { many } else { one }, or(&text, "<none>"));
    }
    seccomp(container.security_context().seccomp_profile(), 2, 3, out);
}

/// The seccomp profile, if one is set.
pub(super) fn seccomp(profile: SecurityProfile<'_>, level: usize, below: usize, out: &mut Out) {
    if profile.value().is_null() {
        return;
    }
    out.field(level, "SeccompProfile", profile.kind());
    if profile.kind() == "Localhost" {
        out.field(below, "LocalhostProfile", profile.localhost_profile());
    }
}

fn command(container: Container<'_>, out: &mut Out) {
    let mut words = |label: &str, words: Vec<&str>| {
        if !words.is_empty() {
            out.line(2, format_args!("{label}:"));
        }
        for line in words.iter().flat_map(|word| word.split('\n')) {
            out.line(3, line);
        }
    };
    words("Command", container.command().collect());
    words("Args", container.args().collect());
}

fn status(status: ContainerStatus<'_>, out: &mut Out) {
    state("State", status.state(), out);
    if status.last_state().terminated().is_some() {
        state("Last State", status.last_state(), out);
    }
    out.field(2, "Ready", title_bool(status.ready()));
    out.field(2, "Restart Count", status.restart_count());
}

fn state(label: &str, state: ContainerState<'_>, out: &mut Out) {
    if let Some(running) = state.running() {
        out.field(2, label, "Running");
        out.field(3, "Started", moment(running.started_at()));
    } else if let Some(ended) = state.terminated().filter(|_| state.waiting().is_none()) {
        out.field(2, label, "Terminated");
        out.field_if(3, "Reason", ended.reason());
        out.field_if(3, "Message", ended.message());
        out.field(3, "Exit Code", ended.exit_code());
        if ended.signal() > 0 {
            out.field(3, "Signal", ended.signal());
        }
        out.field(3, "Started", moment(ended.started_at()));
        out.field(3, "Finished", moment(ended.finished_at()));
    } else {
        out.field(2, label, "Waiting");
        out.field_if(3, "Reason", state.waiting().map(|waiting| waiting.reason()).unwrap_or_default());
    }
}

/// Limits and requests of a container or pod.
pub(super) fn resources(resources: ResourceRequirements<'_>, level: usize, out: &mut Out) {
    for (label, list) in [("Limits", resources.limits()), ("Requests", resources.requests())] {
        if !list.is_empty() {
            out.line(level, format_args!("{label}:"));
        }
        for (name, amount) in list {
            out.field(level + 1, name, quantity(amount));
        }
    }
}

fn probes(container: Container<'_>, out: &mut Out) {
    let probes = [
        ("Liveness", container.liveness_probe()),
        ("Readiness", container.readiness_probe()),
        ("Startup", container.startup_probe()),
    ];
    for (label, probe) in probes {
        if let Some(probe) = probe {
            out.field(2, label, self::probe(probe));
        }
    }
}

fn probe(probe: Probe<'_>) -> String {
    let attributes = format!(
        "delay={}s timeout={}s period={}s #success={} #failure={}",
        probe.initial_delay_seconds(),
        probe.timeout_seconds(),
        probe.period_seconds(),
        probe.success_threshold(),
        probe.failure_threshold()
    );
    let action = if let Some(exec) = probe.exec() {
        format!("exec [{}]", exec.command().collect::<Vec<_>>().join(" "))
    } else if let Some(get) = probe.http_get() {
        let host = join_host_port(get.host(), &int_or_string(get.port()));
        let slash = if get.path().is_empty() || get.path().starts_with('/') { "" } else { "/" };
        format!("http-get {}://{host}{slash}{}", get.scheme().to_lowercase(), escaped_path(get.path()))
    } else if let Some(socket) = probe.tcp_socket() {
        format!("tcp-socket {}:{}", socket.host(), int_or_string(socket.port()))
    } else if let Some(grpc) = probe.grpc() {
        format!("grpc <pod>:{} {}", grpc.port(), grpc.service())
    } else {
        "unknown".into()
    };
    format!("{action} {attributes}")
}

/// A path within a URL, as Go escapes it.
fn escaped_path(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte) {
            out.push(byte.into());
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn environment(container: Container<'_>, pod: Option<Pod<'_>>, out: &mut Out) {
    if container.env_from().len() > 0 {
        out.line(2, "Environment Variables from:");
    }
    for source in container.env_from() {
        let (kind, reference) = match (source.config_map_ref(), source.secret_ref()) {
            (Some(map), _) => ("ConfigMap", Some(map)),
            (None, Some(secret)) => ("Secret", Some(secret)),
            (None, None) => ("", None),
        };
        let name = reference.map(|reference| reference.name()).unwrap_or_default();
        let optional = reference.is_some_and(|reference| reference.optional());
        let prefix = match source.prefix() {
            "" => String::new(),
            prefix => format!(" with prefix '{prefix}'"),
        };
        out.line(3, format_args!("{name}\t{kind}{prefix}\tOptional: {optional}"));
    }
    let none = if container.env().len() == 0 { "\t<none>" } else { "" };
    out.line(2, format_args!("Environment:{none}"));
    container.env().for_each(|variable| self::variable(variable, container, pod, out));
}

fn variable(variable: EnvVar<'_>, container: Container<'_>, pod: Option<Pod<'_>>, out: &mut Out) {
    let name = variable.name();
    let Some(from) = variable.value_from() else {
        for (index, line) in variable.val().split('\n').enumerate() {
            let label = if index == 0 { format!("{name}:") } else { String::new() };
            out.line(3, format_args!("{label}\t{line}"));
        }
        return;
    };
    if let Some(field) = from.field_ref() {
        let value = pod.map(|pod| pod_field(pod.metadata(), field.field_path())).unwrap_or_default();
        out.line(3, format_args!("{name}:\t{value} ({}:{})", field.api_version(), field.field_path()));
    } else if let Some(field) = from.resource_field_ref() {
        let value = match (resource_field(container, field).unwrap_or_default().as_str(), field.resource()) {
            ("0", "limits.cpu" | "limits.memory") => "node allocatable".to_owned(),
            (value, _) => value.to_owned(),
        };
        out.line(3, format_args!("{name}:\t{value} ({})", field.resource()));
    } else if let Some(key) = from.secret_key_ref() {
        let what = format!("<set to the key '{}' in secret '{}'>", key.key(), key.name());
        out.line(3, format_args!("{name}:\t{what}\tOptional: {}", key.optional()));
    } else if let Some(key) = from.config_map_key_ref() {
        let what = format!("<set to the key '{}' of config map '{}'>", key.key(), key.name());
        out.line(3, format_args!("{name}:\t{what}\tOptional: {}", key.optional()));
    }
}

/// A field of a pod's metadata; empty for what only the kubelet knows.
// Models staging/src/k8s.io/kubectl/pkg/util/fieldpath/fieldpath.go
fn pod_field(meta: ObjectMeta<'_>, path: &str) -> String {
    let all = |map: &[(podyard_api::Key, podyard_api::Value)]| {
        let lines: Vec<_> = map.iter().map(|(key, value)| format!("{key}={}", gostr::quote(value.str()))).collect();
        lines.join("\n")
    };
    let key = |prefix: &str| path.strip_prefix(prefix)?.strip_suffix("']");
    match path {
        "metadata.name" => meta.name().into(),
        "metadata.namespace" => meta.namespace().into(),
        "metadata.uid" => meta.uid().into(),
        "metadata.labels" => all(meta.labels()),
        "metadata.annotations" => all(meta.annotations()),
        _ => match (key("metadata.labels['"), key("metadata.annotations['")) {
            (Some(key), _) => meta.label(key).unwrap_or_default().into(),
            (_, Some(key)) => meta.annotation(key).unwrap_or_default().into(),
            _ => String::new(),
        },
    }
}

/// A request or limit in units of the divisor.
// Models staging/src/k8s.io/kubectl/pkg/util/resource/resource.go
fn resource_field(container: Container<'_>, field: ResourceFieldSelector<'_>) -> Option<String> {
    let divisor = Quantity::of(field.divisor());
    let divisor = if divisor.is_zero() { Quantity::new(1, divisor.format) } else { divisor };
    let (list, name) = field.resource().split_once('.')?;
    let amount = match list {
        "limits" => container.resources().limit(name),
        "requests" => container.resources().request(name),
        _ => return None,
    };
    let amount = Quantity::of(amount);
    let share = match name {
        "cpu" => amount.milli_value() as f64 / divisor.milli_value() as f64,
        _ if name == "memory" || name == "ephemeral-storage" || name.starts_with("hugepages-") => {
            amount.value() as f64 / divisor.value() as f64
        }
        _ => return None,
    };
    Some((share.ceil() as i64).to_string())
}

fn mounts(container: Container<'_>, out: &mut Out) {
    let none = if container.volume_mounts().len() == 0 { "\t<none>" } else { "" };
    out.line(2, format_args!("Mounts:{none}"));
    let mut mounts: Vec<_> = container.volume_mounts().collect();
    mounts.sort_by_key(|mount| mount.mount_path());
    for mount in mounts {
        let access = if mount.read_only() { "ro" } else { "rw" };
        let path = match mount.sub_path() {
            "" => String::new(),
            path => format!(",path={}", gostr::quote(path)),
        };
        out.line(3, format_args!("{} from {} ({access}{path})", mount.mount_path(), mount.name()));
    }
    if container.volume_devices().len() > 0 {
        out.line(2, format_args!("Devices:{none}"));
    }
    let mut devices: Vec<_> = container.volume_devices().collect();
    devices.sort_by_key(|device| device.device_path());
    for device in devices {
        out.line(3, format_args!("{} from {}", device.device_path(), device.name()));
    }
}
