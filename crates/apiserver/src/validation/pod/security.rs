//! Security contexts of pods and containers.

use podyard_api::Value;

use super::super::field::{At, Errors};
use podyard_api::names;

use super::super::goform;
use super::Context;
use super::mounts::descending;

/// The pod's own.
pub(crate) fn pod(spec: &At, errors: &mut Errors) {
    let at = spec.at("securityContext");
    if at.is_empty() {
        return;
    }
    for name in ["fsGroup", "runAsUser", "runAsGroup"] {
        id(&at.at(name), errors);
    }
    for group in at.at("supplementalGroups").items() {
        id(&group, errors);
    }
    let share = spec.value.get("shareProcessNamespace");
    if share.as_bool() == Some(true) && spec.value.get("hostPID").as_bool() == Some(true) {
        let detail = "ShareProcessNamespace and HostPID cannot both be enabled";
        errors.invalid(&at.path.child("shareProcessNamespace"), true, detail);
    }
    sysctls(&at.at("sysctls"), spec.value, errors);
    one_of(&at.at("fsGroupChangePolicy"), &["Always", "OnRootMismatch"], errors);
    seccomp(&at.at("seccompProfile"), errors);
    app_armor(&at.at("appArmorProfile"), errors);
    one_of(&at.at("supplementalGroupsPolicy"), &["Merge", "Strict"], errors);
    one_of(&at.at("seLinuxChangePolicy"), &["MountOption", "Recursive"], errors);
}

/// A container's.
pub(crate) fn container(at: &At, context: &Context, errors: &mut Errors) {
    if at.is_empty() {
        return;
    }
    id(&at.at("runAsUser"), errors);
    id(&at.at("runAsGroup"), errors);
    let proc_mount = at.at("procMount");
    one_of(&proc_mount, &["Default", "Unmasked"], errors);
    if context.host_users && proc_mount.str() == "Unmasked" {
        errors.invalid(&proc_mount.path, proc_mount.str(), "`hostUsers` must be false to use `Unmasked`");
    }
    seccomp(&at.at("seccompProfile"), errors);
    if at.value.get("allowPrivilegeEscalation").as_bool() == Some(false) {
        escalation(at, errors);
    }
    app_armor(&at.at("appArmorProfile"), errors);
}

fn escalation(at: &At, errors: &mut Errors) {
    if at.value.get("privileged").as_bool() == Some(true) {
        let detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
        errors.invalid_as(&at.path, &goform::compact("SecurityContext", at.value), detail);
    }
    let add = at.value.at(&["capabilities", "add"]);
    for _ in add.items().iter().filter(|c| **c == "CAP_SYS_ADMIN") {
        let detail = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
        errors.invalid_as(&at.path, &goform::compact("SecurityContext", at.value), detail);
    }
}

fn id(at: &At, errors: &mut Errors) {
    if let Some(number) = at.value.as_i64() {
        for message in names::id_number(number) {
            errors.invalid(&at.path, number, &message);
        }
    }
}

/// An optional text with few values; `supported` in order.
pub(crate) fn one_of(at: &At, supported: &[&str], errors: &mut Errors) {
    if at.is_set() && !supported.contains(&at.str()) {
        errors.not_supported(&at.path, at.str(), supported);
    }
}

fn seccomp(at: &At, errors: &mut Errors) {
    if !at.is_set() {
        return;
    }
    let (kind, profile) = (at.at("type"), at.at("localhostProfile"));
    match kind.str() {
        "Localhost" | "RuntimeDefault" | "Unconfined" => {}
        "" => errors.required(&kind.path, "type is required when seccompProfile is set"),
        other => errors.not_supported(&kind.path, other, &["Localhost", "RuntimeDefault", "Unconfined"]),
    }
    match (kind.str(), profile.is_set()) {
        ("Localhost", true) => descending(profile.str(), &profile.path, errors),
        ("Localhost", false) => errors.required(&profile.path, "must be set when seccomp type is Localhost"),
        (_, true) => {
            let detail = "can only be set when seccomp type is Localhost";
            errors.invalid_as(&profile.path, &goform::compact("SeccompProfile", at.value), detail);
        }
        (_, false) => {}
    }
}

fn app_armor(at: &At, errors: &mut Errors) {
    if !at.is_set() {
        return;
    }
    let (kind, profile) = (at.at("type"), at.at("localhostProfile"));
    match kind.str() {
        "Localhost" => {
            let text = profile.str();
            if !profile.is_set() || text.is_empty() {
                errors.required(&profile.path, "must be set when AppArmor type is Localhost");
            } else if text.trim() != text {
                errors.invalid(&profile.path, text, "must not be padded with whitespace");
            }
            if text.len() > 4095 {
                errors.too_long(&profile.path, 4095);
            }
        }
        "RuntimeDefault" | "Unconfined" => {
            if profile.is_set() {
                errors.invalid(&profile.path, profile.str(), "can only be set when AppArmor type is Localhost");
            }
        }
        "" => errors.required(&kind.path, "type is required when appArmorProfile is set"),
        other => errors.not_supported(&kind.path, other, &["Localhost", "RuntimeDefault", "Unconfined"]),
    }
}

fn sysctls(at: &At, spec: &Value, errors: &mut Errors) {
    let mut seen: Vec<&str> = Vec::new();
    for sysctl in at.items() {
        let name = sysctl.at("name");
        let text = name.str();
        if text.is_empty() {
            errors.required(&name.path, "");
        } else if !is_sysctl(text) {
            let detail = "must have at most 253 characters and match regex \
                ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
            errors.invalid(&name.path, text, detail);
        } else if seen.contains(&text) {
            errors.duplicate(&name.path, text);
        }
        let dotted = text.replace('/', ".");
        let set = |field: &str| spec.get(field).as_bool() == Some(true);
        if set("hostNetwork") && dotted.starts_with("net.") {
            errors.invalid(&name.path, text, "may not be specified when 'hostNetwork' is true");
        } else if set("hostIPC") && is_ipc(&dotted) {
            errors.invalid(&name.path, text, "may not be specified when 'hostIPC' is true");
        }
        seen.push(text);
    }
}

fn is_ipc(name: &str) -> bool {
    name == "kernel.sem" || ["kernel.shm", "kernel.msg", "fs.mqueue."].iter().any(|p| name.starts_with(p))
}

fn is_sysctl(name: &str) -> bool {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let segment = |part: &str| {
        let bytes = part.as_bytes();
        let ends = bytes.first().is_some_and(|b| good(*b)) && bytes.last().is_some_and(|b| good(*b));
        ends && bytes.iter().all(|b| good(*b) || matches!(b, b'-' | b'_'))
    };
    name.len() <= 253 && name.split(['.', '/']).all(segment)
}
