//! Containers, init containers and ephemeral containers.

use super::super::field::{At, Errors, Path};
use super::volumes::Volumes;
use super::{Context, env, mounts, probes, resources, security};
use podyard_api::names;

pub(crate) const PROTOCOLS: [&str; 3] = ["SCTP", "TCP", "UDP"];

/// Names already taken; lists are short, so a scan does.
#[derive(Default)]
struct Names<'v>(Vec<&'v str>);

impl<'v> Names<'v> {
    /// Whether the name is new.
    fn take(&mut self, name: &'v str) -> bool {
        let new = !self.0.contains(&name);
        if new {
            self.0.push(name);
        }
        new
    }
}

pub(crate) fn check(at: &At, volumes: &Volumes, context: &Context, errors: &mut Errors) {
    if at.is_empty() {
        errors.required(&at.path, "");
        return;
    }
    let mut taken = Names::default();
    for container in at.items() {
        common(&container, volumes, context, errors);
        let name = container.at("name");
        if !taken.take(name.str()) {
            errors.duplicate(&name.path, name.str());
        }
        probes::lifecycle(&container.at("lifecycle"), context, errors);
        all_probes(&container, context, errors);
        restart_policy(&container, errors);
    }
    let mut ports = Vec::new();
    for container in at.items() {
        host_ports(&container, &container.path, &mut ports, errors);
    }
}

pub(crate) fn check_init(at: &At, regular: &At, volumes: &Volumes, context: &Context, errors: &mut Errors) {
    let mut taken = Names(regular.value.items().iter().map(|c| c.get("name").str()).collect());
    for container in at.items() {
        common(&container, volumes, context, errors);
        let sidecar = container.value.get("restartPolicy") == "Always";
        restart_policy(&container, errors);
        let name = container.at("name");
        if !taken.take(name.str()) && !name.str().is_empty() {
            errors.duplicate(&name.path, name.str());
        }
        // Init containers run one by one, so each has the ports for itself. (The place lacks the container's index.)
        host_ports(&container, &at.path.index(0), &mut Vec::new(), errors);
        if sidecar {
            probes::lifecycle(&container.at("lifecycle"), context, errors);
            all_probes(&container, context, errors);
            continue;
        }
        for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
            let field = container.at(field);
            if field.is_set() {
                errors.forbidden(&field.path, "may not be set for init containers without restartPolicy=Always");
            }
        }
    }
}

/// What an ephemeral container may not have.
const EPHEMERAL_FORBIDDEN: [&str; 9] = [
    "ports",
    "resources",
    "resizePolicy",
    "restartPolicy",
    "restartPolicyRules",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
];

pub(crate) fn check_ephemeral(at: &At, others: &[&At], volumes: &Volumes, context: &Context, errors: &mut Errors) {
    let other_names: Vec<&str> =
        others.iter().flat_map(|list| list.value.items()).map(|c| c.get("name").str()).collect();
    let mut taken = Names(other_names.clone());
    for container in at.items() {
        common(&container, volumes, context, errors);
        image_spaces(&container, errors);
        let name = container.at("name");
        if !taken.take(name.str()) {
            errors.duplicate(&name.path, name.str());
        }
        let target = container.at("targetContainerName");
        if target.text().is_some_and(|name| !other_names.contains(&name)) {
            errors.not_found(&target.path, target.str());
        }
        for field in EPHEMERAL_FORBIDDEN {
            let field = container.at(field);
            if !field.is_empty() {
                errors.forbidden(&field.path, "cannot be set for an Ephemeral Container");
            }
        }
        for mount in container.at("volumeMounts").items() {
            for field in ["subPath", "subPathExpr"] {
                let field = mount.at(field);
                if field.text().is_some() {
                    errors.forbidden(&field.path, "cannot be set for an Ephemeral Container");
                }
            }
        }
    }
}

/// What holds for pods, though not for pod templates.
pub(crate) fn only_for_pods(at: &At, errors: &mut Errors) {
    for container in at.items() {
        image_spaces(&container, errors);
    }
}

fn image_spaces(container: &At, errors: &mut Errors) {
    let image = container.at("image");
    if image.str().trim() != image.str() {
        errors.invalid(&image.path, image.str(), "must not have leading or trailing whitespace");
    }
}

fn common(at: &At, volumes: &Volumes, context: &Context, errors: &mut Errors) {
    let name = at.at("name");
    match name.text() {
        None => errors.required(&name.path, ""),
        Some(text) => errors.invalid_each(&name.path, text, names::dns_label(text)),
    }
    let image = at.at("image");
    if image.str().is_empty() {
        errors.required(&image.path, "");
    }
    let policy = at.at("terminationMessagePolicy");
    match policy.str() {
        "File" | "FallbackToLogsOnError" => {}
        "" => errors.required(&policy.path, ""),
        other => errors.not_supported(&policy.path, other, &["File", "FallbackToLogsOnError"]),
    }
    ports(&at.at("ports"), errors);
    env::check(&at.at("env"), volumes, errors);
    env::check_from(&at.at("envFrom"), errors);
    mounts::check(at, volumes, errors);
    mounts::check_devices(at, volumes, errors);
    let pull = at.at("imagePullPolicy");
    match pull.str() {
        "Always" | "IfNotPresent" | "Never" => {}
        "" => errors.required(&pull.path, ""),
        other => errors.not_supported(&pull.path, other, &["Always", "IfNotPresent", "Never"]),
    }
    resources::check(&at.at("resources"), resources::container_name, context, errors);
    resources::resize_policy(&at.at("resizePolicy"), context, errors);
    security::container(&at.at("securityContext"), context, errors);
}

fn ports(at: &At, errors: &mut Errors) {
    let mut taken = Names::default();
    for port in at.items() {
        let name = port.at("name");
        if let Some(text) = name.text() {
            let messages = names::port_name(text);
            if !messages.is_empty() {
                errors.invalid_each(&name.path, text, messages);
            } else if !taken.take(text) {
                errors.duplicate(&name.path, text);
            }
        }
        let number = port.at("containerPort");
        match number.value.as_i64().unwrap_or_default() {
            0 => errors.required(&number.path, ""),
            n => port_number(n, &number.path, errors),
        }
        let host = port.at("hostPort");
        if let Some(n) = host.value.as_i64().filter(|n| *n != 0) {
            port_number(n, &host.path, errors);
        }
        let protocol = port.at("protocol");
        match protocol.str() {
            "" => errors.required(&protocol.path, ""),
            text if PROTOCOLS.contains(&text) => {}
            text => errors.not_supported(&protocol.path, text, &PROTOCOLS),
        }
    }
}

pub(crate) fn port_number(number: i64, path: &Path, errors: &mut Errors) {
    for message in names::port_number(number) {
        errors.invalid(path, number, &message);
    }
}

fn host_ports(container: &At, place: &Path, taken: &mut Vec<String>, errors: &mut Errors) {
    let ports = place.child("ports");
    for (i, port) in container.value.get("ports").items().iter().enumerate() {
        let Some(number) = port.get("hostPort").as_i64().filter(|n| *n != 0) else { continue };
        let key = format!("{}/{}/{number}", port.get("protocol").str(), port.get("hostIP").str());
        if taken.contains(&key) {
            errors.duplicate(&ports.index(i).child("hostPort"), key);
        } else {
            taken.push(key);
        }
    }
}

fn all_probes(container: &At, context: &Context, errors: &mut Errors) {
    probes::liveness(&container.at("livenessProbe"), context, errors);
    probes::readiness(&container.at("readinessProbe"), context, errors);
    // Startup probes are checked as liveness probes are.
    probes::liveness(&container.at("startupProbe"), context, errors);
}

fn restart_policy(container: &At, errors: &mut Errors) {
    let policy = container.at("restartPolicy");
    if policy.is_set() && !["Always", "Never", "OnFailure"].contains(&policy.str()) {
        errors.not_supported(&policy.path, policy.str(), &["Always", "Never", "OnFailure"]);
    }
    let rules = container.at("restartPolicyRules");
    if rules.is_empty() {
        return;
    }
    if !policy.is_set() {
        errors.required(&policy.path, "must specify restartPolicy when restart rules are used");
    }
    if rules.len() > 20 {
        errors.too_many(&rules.path, rules.len(), 20);
    }
    for rule in rules.items() {
        restart_rule(&rule, errors);
    }
}

fn restart_rule(rule: &At, errors: &mut Errors) {
    let action = rule.at("action");
    match action.str() {
        "Restart" | "RestartAllContainers" => {}
        "" => errors.required(&action.path, ""),
        other => errors.not_supported(&action.path, other, &["Restart", "RestartAllContainers"]),
    }
    let codes = rule.at("exitCodes");
    if !codes.is_set() {
        errors.required(&codes.path, "must be specified");
        return;
    }
    let operator = codes.at("operator");
    match operator.str() {
        "In" | "NotIn" => {}
        "" => errors.required(&operator.path, ""),
        other => errors.not_supported(&operator.path, other, &["In", "NotIn"]),
    }
    let values = codes.at("values");
    if values.len() > 255 {
        errors.too_many(&values.path, values.len(), 255);
    }
}
