//! Cells that several kinds share.

use podyard_api::kinds::{LoadBalancerStatus, PodSpec, RoleBinding};

/// Names and images of a template's containers.
pub(super) fn containers(spec: PodSpec<'_>) -> (String, String) {
    let names: Vec<_> = spec.containers().map(|container| container.name()).collect();
    let images: Vec<_> = spec.containers().map(|container| container.image()).collect();
    (names.join(","), images.join(","))
}

/// At most three of the texts, and how many more there are.
pub(super) fn with_more(texts: &[String]) -> String {
    let shown = texts[..texts.len().min(3)].join(",");
    match texts.len().saturating_sub(3) {
        0 => shown,
        more => format!("{shown} + {more} more..."),
    }
}

/// The same, `<unset>` where there is none.
pub(super) fn with_more_or_unset(texts: &[String]) -> String {
    let text = with_more(texts);
    if text.is_empty() { "<unset>".into() } else { text }
}

/// The addresses of a load balancer, sorted.
pub(crate) fn load_balancer(status: LoadBalancerStatus<'_>) -> String {
    let address = |ip: &'_ str, hostname: &'_ str| if ip.is_empty() { hostname.to_owned() } else { ip.to_owned() };
    let mut addresses: Vec<_> =
        status.ingress().map(|ingress| address(ingress.ip(), ingress.hostname())).filter(|a| !a.is_empty()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses.join(",")
}

/// The names of a binding's users, groups and service accounts.
pub(super) fn subjects(binding: RoleBinding<'_>) -> [String; 3] {
    ["User", "Group", "ServiceAccount"].map(|kind| {
        let name = |namespace: &str, name: &str| match namespace {
            "" => name.to_owned(),
            namespace => format!("{namespace}/{name}"),
        };
        let of_kind = binding.subjects().filter(|subject| subject.kind() == kind);
        of_kind
            .map(|s| name(if kind == "ServiceAccount" { s.namespace() } else { "" }, s.name()))
            .collect::<Vec<_>>()
            .join(", ")
    })
}
