//! What only Linux or only Windows pods may set.

use super::super::field::{At, Errors};

pub(crate) fn check(spec: &At, errors: &mut Errors) {
    let os = spec.at("os");
    if !os.is_set() {
        return;
    }
    match os.value.get("name").str() {
        "" => errors.required(&os.at("name").path, "cannot be empty"),
        "linux" => linux(spec, errors),
        "windows" => windows(spec, errors),
        other => errors.not_supported(&os.path, other, &["linux", "windows"]),
    }
}

const LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

fn linux(spec: &At, errors: &mut Errors) {
    let detail = "windows options cannot be set for a linux pod";
    let context = spec.at("securityContext");
    if context.at("windowsOptions").is_set() {
        errors.forbidden(&context.at("windowsOptions").path, detail);
    }
    for list in LISTS {
        for container in spec.at(list).items() {
            let context = container.at("securityContext");
            let options = context.at("windowsOptions");
            if options.is_set() {
                errors.forbidden(&options.path, detail);
            }
        }
    }
}

const DETAIL: &str = "cannot be set for a windows pod";

fn windows(spec: &At, errors: &mut Errors) {
    let context = spec.at("securityContext");
    forbid(&context, &["appArmorProfile", "seLinuxOptions"], errors);
    forbid(spec, &["hostUsers"], errors);
    for field in ["hostPID", "hostIPC"] {
        if spec.value.get(field).as_bool() == Some(true) {
            errors.forbidden(&spec.path.child(field), DETAIL);
        }
    }
    forbid(&context, &["seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls"], errors);
    forbid(spec, &["shareProcessNamespace"], errors);
    let rest = ["runAsUser", "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy"];
    forbid(&context, &rest, errors);
    for list in LISTS {
        for container in spec.at(list).items() {
            let fields = [
                "appArmorProfile",
                "seLinuxOptions",
                "seccompProfile",
                "capabilities",
                "readOnlyRootFilesystem",
                "privileged",
                "allowPrivilegeEscalation",
                "procMount",
                "runAsUser",
                "runAsGroup",
            ];
            forbid(&container.at("securityContext"), &fields, errors);
        }
    }
}

fn forbid(at: &At, fields: &[&str], errors: &mut Errors) {
    for field in fields {
        let field = at.at(field);
        if field.is_set() {
            errors.forbidden(&field.path, DETAIL);
        }
    }
}
