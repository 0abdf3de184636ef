//! What a pod does that it may not, and how it is said.

use podyard_api::Value;
use podyard_api::gostr::quote;

/// One rule that a pod breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Violation {
    pub(super) reason: &'static str,
    /// What breaks it; may be empty.
    pub(super) detail: String,
}

impl Violation {
    pub(super) fn new(reason: &'static str, detail: String) -> Self {
        Self { reason, detail }
    }
}

/// All containers of a pod's spec, the initial ones first.
// Models staging/src/k8s.io/pod-security-admission/policy/visitor.go
pub(super) fn containers(spec: &Value) -> impl Iterator<Item = &Value> {
    ["initContainers", "containers", "ephemeralContainers"].into_iter().flat_map(|list| spec.get(list).items())
}

/// The names of the containers that are as `is` says.
pub(super) fn those(spec: &Value, is: impl Fn(&Value) -> bool) -> Vec<&str> {
    containers(spec).filter(|container| is(container)).map(|container| container.get("name").str()).collect()
}

/// `container "a"` or `containers "a", "b"`.
pub(super) fn named(what: &str, names: &[&str]) -> String {
    let plural = if names.len() == 1 { "" } else { "s" };
    format!("{what}{plural} {}", quoted(names))
}

pub(super) fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| quote(name)).collect();
    names.join(", ")
}

/// A field of a container's security context.
pub(super) fn context<'v>(container: &'v Value, field: &str) -> &'v Value {
    container.get("securityContext").get(field)
}
