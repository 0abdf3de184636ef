//! The level `baseline`: no known way out of the container.
// Models staging/src/k8s.io/pod-security-admission/policy/check_*.go

use podyard_api::Value;

use super::violation::{Violation, containers, context, named, quoted, those};

const CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];
const SYSCTLS: [&str; 10] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
];

/// In the order of the checks' names. `restricted` has stricter checks of capabilities, volumes and seccomp.
pub(super) fn check(spec: &Value, restricted: bool) -> Vec<Violation> {
    let own = [
        (!restricted).then(|| capabilities(spec)).flatten(),
        host_namespaces(spec),
        (!restricted).then(|| host_path(spec)).flatten(),
        host_ports(spec),
        privileged(spec),
        proc_mount(spec),
        (!restricted).then(|| seccomp(spec)).flatten(),
        sysctls(spec),
    ];
    own.into_iter().flatten().collect()
}

fn capabilities(spec: &Value) -> Option<Violation> {
    let foreign = |container: &Value| -> Vec<String> {
        let added = context(container, "capabilities").get("add").items();
        added.iter().map(Value::str).filter(|name| !CAPABILITIES.contains(name)).map(str::to_owned).collect()
    };
    let bad = those(spec, |container| !foreign(container).is_empty());
    let mut names: Vec<String> = containers(spec).flat_map(foreign).collect();
    names.sort();
    names.dedup();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    (!bad.is_empty()).then(|| {
        let detail = format!(
            "{} must not include {} in securityContext.capabilities.add",
            named("container", &bad),
            quoted(&names)
        );
        Violation::new("non-default capabilities", detail)
    })
}

fn host_namespaces(spec: &Value) -> Option<Violation> {
    let set = ["hostNetwork", "hostPID", "hostIPC"].iter().filter(|field| spec.get(field).as_bool() == Some(true));
    let set: Vec<String> = set.map(|field| format!("{field}=true")).collect();
    (!set.is_empty()).then(|| Violation::new("host namespaces", set.join(", ")))
}

fn host_path(spec: &Value) -> Option<Violation> {
    let volumes = spec.get("volumes").items().iter().filter(|volume| !volume.get("hostPath").is_null());
    let names: Vec<&str> = volumes.map(|volume| volume.get("name").str()).collect();
    (!names.is_empty()).then(|| Violation::new("hostPath volumes", named("volume", &names)))
}

fn host_ports(spec: &Value) -> Option<Violation> {
    let ports = |container: &Value| -> Vec<i64> {
        container
            .get("ports")
            .items()
            .iter()
            .filter_map(|port| port.get("hostPort").as_i64())
            .filter(|p| *p != 0)
            .collect()
    };
    let bad = those(spec, |container| !ports(container).is_empty());
    let mut all: Vec<i64> = containers(spec).flat_map(ports).collect();
    all.sort_unstable();
    all.dedup();
    let shown: Vec<String> = all.iter().map(ToString::to_string).collect();
    (!bad.is_empty()).then(|| {
        let uses = if bad.len() == 1 { "uses" } else { "use" };
        let plural = if shown.len() == 1 { "" } else { "s" };
        let detail = format!("{} {uses} hostPort{plural} {}", named("container", &bad), shown.join(", "));
        Violation::new("hostPort", detail)
    })
}

fn privileged(spec: &Value) -> Option<Violation> {
    let bad = those(spec, |container| context(container, "privileged").as_bool() == Some(true));
    (!bad.is_empty()).then(|| {
        let detail = format!("{} must not set securityContext.privileged=true", named("container", &bad));
        Violation::new("privileged", detail)
    })
}

fn proc_mount(spec: &Value) -> Option<Violation> {
    let is = |container: &Value| context(container, "procMount").as_str().is_some_and(|kind| kind != "Default");
    let bad = those(spec, is);
    let mut kinds: Vec<&str> = containers(spec).filter(|c| is(c)).map(|c| context(c, "procMount").str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    (!bad.is_empty()).then(|| {
        let detail =
            format!("{} must not set securityContext.procMount to {}", named("container", &bad), quoted(&kinds));
        Violation::new("procMount", detail)
    })
}

/// Whose seccomp profile says `Unconfined`: the pod, its containers.
pub(super) fn unconfined(spec: &Value) -> (bool, Vec<&str>) {
    let is = |context: &Value| *context.at(&["seccompProfile", "type"]) == "Unconfined";
    (is(spec.get("securityContext")), those(spec, |container| is(container.get("securityContext"))))
}

fn seccomp(spec: &Value) -> Option<Violation> {
    let (pod, bad) = unconfined(spec);
    let to = "must not set securityContext.seccompProfile.type to \"Unconfined\"";
    let mut setters: Vec<String> = Vec::new();
    if pod {
        setters.push("pod".into());
    }
    if !bad.is_empty() {
        setters.push(named("container", &bad));
    }
    (!setters.is_empty()).then(|| Violation::new("seccompProfile", format!("{} {to}", setters.join(" and "))))
}

fn sysctls(spec: &Value) -> Option<Violation> {
    let all = spec.at(&["securityContext", "sysctls"]).items().iter().map(|sysctl| sysctl.get("name").str());
    let bad: Vec<&str> = all.filter(|name| !SYSCTLS.contains(name)).collect();
    (!bad.is_empty()).then(|| Violation::new("forbidden sysctls", bad.join(", ")))
}
