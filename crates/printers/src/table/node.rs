//! Nodes.

use podyard_api::Value;
use podyard_api::kinds::Node;

use super::{AGE, NAME, Printer, Row, cells, object_age, text, wide};
use crate::values::or;

pub(super) const PRINTER: Printer = Printer {
    columns: &[
        NAME,
        text("Status"),
        text("Roles"),
        AGE,
        text("Version"),
        wide("Internal-IP"),
        wide("External-IP"),
        wide("OS-Image"),
        wide("Kernel-Version"),
        wide("Container-Runtime"),
    ],
    row,
};

fn row(object: &Value, now: i64) -> Row {
    let node = Node(object);
    let info = node.status().node_info();
    cells![
        node.name(),
        status(node),
        or(&roles(node).join(","), "<none>"),
        object_age(object, now),
        info.kubelet_version(),
        or(node.address("InternalIP"), "<none>"),
        or(node.address("ExternalIP"), "<none>"),
        or(info.os_image(), "<unknown>"),
        kernel(node),
        or(info.container_runtime_version(), "<unknown>"),
    ]
}

/// `Ready`, `NotReady` or `Unknown`, and whether pods are kept away.
fn status(node: Node<'_>) -> String {
    let ready = match node.status().conditions().rfind(|condition| condition.kind() == "Ready") {
        Some(condition) if condition.is_true() => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    };
    if node.spec().unschedulable() { format!("{ready},SchedulingDisabled") } else { ready.into() }
}

/// The kernel's version, with the machine's architecture where it is known.
fn kernel(node: Node<'_>) -> String {
    let info = node.status().node_info();
    let version = or(info.kernel_version(), "<unknown>");
    match info.architecture() {
        "" => version.into(),
        architecture => format!("{version} ({architecture})"),
    }
}

/// The roles that a node's labels give it, sorted.
pub(crate) fn roles(node: Node<'_>) -> Vec<&str> {
    let mut roles: Vec<&str> = node
        .metadata()
        .labels()
        .iter()
        .map(|(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
            Some(role) => role,
            None if &**key == "kubernetes.io/role" => value.str(),
            None => "",
        })
        .filter(|role| !role.is_empty())
        .collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}
