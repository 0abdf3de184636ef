//! The level `restricted`: what pods are advised to do without.
// Models staging/src/k8s.io/pod-security-admission/policy/check_*.go

use podyard_api::Value;

use super::baseline::unconfined;
use super::violation::{Violation, containers, context, named, quoted, those};

/// Kinds of volumes that are allowed.
const VOLUMES: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// In the order of the checks' names.
pub(super) fn check(spec: &Value) -> Vec<Violation> {
    let windows = *spec.at(&["os", "name"]) == "windows";
    let own = [
        (!windows).then(|| escalation(spec)).flatten(),
        (!windows).then(|| capabilities(spec)).flatten(),
        volumes(spec),
        non_root(spec),
        user(spec),
        (!windows).then(|| seccomp(spec)).flatten(),
    ];
    own.into_iter().flatten().collect()
}

fn escalation(spec: &Value) -> Option<Violation> {
    let bad = those(spec, |container| context(container, "allowPrivilegeEscalation").as_bool() != Some(false));
    (!bad.is_empty()).then(|| {
        let detail = format!("{} must set securityContext.allowPrivilegeEscalation=false", named("container", &bad));
        Violation::new("allowPrivilegeEscalation != false", detail)
    })
}

fn capabilities(spec: &Value) -> Option<Violation> {
    let drops = |container: &Value| context(container, "capabilities").get("drop").items().iter().any(|c| *c == "ALL");
    let adds = |container: &Value| -> Vec<String> {
        let added = context(container, "capabilities").get("add").items();
        added.iter().map(Value::str).filter(|name| *name != "NET_BIND_SERVICE").map(str::to_owned).collect()
    };
    let (keeping, adding) = (those(spec, |c| !drops(c)), those(spec, |c| !adds(c).is_empty()));
    let mut details = Vec::new();
    if !keeping.is_empty() {
        details.push(format!("{} must set securityContext.capabilities.drop=[\"ALL\"]", named("container", &keeping)));
    }
    if !adding.is_empty() {
        let mut names: Vec<String> = containers(spec).flat_map(adds).collect();
        names.sort();
        names.dedup();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let whom = named("container", &adding);
        details.push(format!("{whom} must not include {} in securityContext.capabilities.add", quoted(&names)));
    }
    (!details.is_empty()).then(|| Violation::new("unrestricted capabilities", details.join("; ")))
}

fn volumes(spec: &Value) -> Option<Violation> {
    let kind = |volume: &Value| {
        let fields = volume.fields().iter().map(|(name, _)| name.to_string());
        fields.into_iter().find(|name| name != "name").filter(|kind| !VOLUMES.contains(&kind.as_str()))
    };
    let bad: Vec<&Value> = spec.get("volumes").items().iter().filter(|volume| kind(volume).is_some()).collect();
    let names: Vec<&str> = bad.iter().map(|volume| volume.get("name").str()).collect();
    let mut kinds: Vec<String> = bad.iter().filter_map(|volume| kind(volume)).collect();
    kinds.sort();
    kinds.dedup();
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    (!bad.is_empty()).then(|| {
        let uses = if names.len() == 1 { "uses" } else { "use" };
        let detail = format!("{} {uses} {}", named("volume", &names), named("restricted volume type", &kinds));
        Violation::new("restricted volume types", detail)
    })
}

fn non_root(spec: &Value) -> Option<Violation> {
    let pod = spec.get("securityContext").get("runAsNonRoot").as_bool();
    let own = |container: &Value| context(container, "runAsNonRoot").as_bool();
    let explicit = those(spec, |container| own(container) == Some(false));
    let silent = those(spec, |container| own(container).is_none());
    let mut details = Vec::new();
    // What every container says for itself matters more than what the pod says.
    if pod == Some(false) && !(silent.is_empty() && explicit.is_empty()) {
        details.push("pod must not set securityContext.runAsNonRoot=false".to_owned());
    }
    if !explicit.is_empty() {
        details.push(format!("{} must not set securityContext.runAsNonRoot=false", named("container", &explicit)));
    }
    if pod.is_none() && !silent.is_empty() && explicit.is_empty() {
        details.push(format!("pod or {} must set securityContext.runAsNonRoot=true", named("container", &silent)));
    }
    (!details.is_empty()).then(|| Violation::new("runAsNonRoot != true", details.join(", ")))
}

fn user(spec: &Value) -> Option<Violation> {
    let mut setters = Vec::new();
    if spec.get("securityContext").get("runAsUser").as_i64() == Some(0) {
        setters.push("pod".to_owned());
    }
    let bad = those(spec, |container| context(container, "runAsUser").as_i64() == Some(0));
    if !bad.is_empty() {
        setters.push(named("container", &bad));
    }
    (!setters.is_empty())
        .then(|| Violation::new("runAsUser=0", format!("{} must not set runAsUser=0", setters.join(" and "))))
}

fn seccomp(spec: &Value) -> Option<Violation> {
    let (pod_unconfined, explicit) = unconfined(spec);
    let set = |context: &Value| !context.at(&["seccompProfile", "type"]).is_null();
    let silent = those(spec, |container| !set(container.get("securityContext")));
    let mut setters = Vec::new();
    if pod_unconfined {
        setters.push("pod".to_owned());
    }
    if !explicit.is_empty() {
        setters.push(named("container", &explicit));
    }
    if !setters.is_empty() {
        let to = "must not set securityContext.seccompProfile.type to \"Unconfined\"";
        return Some(Violation::new("seccompProfile", format!("{} {to}", setters.join(" and "))));
    }
    (!set(spec.get("securityContext")) && !silent.is_empty()).then(|| {
        let to = "must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"";
        Violation::new("seccompProfile", format!("pod or {} {to}", named("container", &silent)))
    })
}
