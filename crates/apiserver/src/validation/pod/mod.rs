//! Pods and pod templates.
// Models pkg/apis/core/validation/validation.go

mod affinity;
mod containers;
mod env;
mod mounts;
mod network;
mod os;
mod probes;
mod projected;
mod resources;
mod scheduling;
mod security;
mod status;
mod update;
mod volumes;

use podyard_api::Value;

use super::field::{At, Errors};
use podyard_api::names;

use super::{labels, meta};

pub(crate) use affinity::node_selector;
pub(crate) use containers::{PROTOCOLS, port_number};
pub(crate) use mounts::no_backsteps;
pub(crate) use probes::port_or_name;
pub(crate) use resources::{container_name, quantity, quantity_value, resource_name};
pub(crate) use scheduling::taint_effect;
pub(crate) use security::one_of;
pub(crate) use status::check as check_status;
pub(crate) use update::{check as check_update, check_ephemeral_containers, check_resize};

/// What parts of a pod's validation need to know of the whole.
pub(crate) struct Context<'v> {
    /// Not only a template in another object.
    is_pod: bool,
    pod_name: &'v str,
    /// `terminationGracePeriodSeconds`.
    grace: Option<i64>,
    restart_policy: &'v str,
    host_users: bool,
    os: &'v str,
    /// Names of `resourceClaims`.
    claims: Vec<&'v str>,
}

/// A new pod.
pub(crate) fn check_create(pod: &Value, errors: &mut Errors) {
    meta_and_spec(pod, errors);
    let spec = At::root(pod, "spec");
    let ephemeral = spec.at("ephemeralContainers");
    if !ephemeral.is_empty() {
        errors.forbidden(&ephemeral.path, "cannot be set on create");
    }
    let node = spec.at("nodeName");
    if node.text().is_some() && !spec.at("schedulingGates").is_empty() {
        errors.forbidden(&node.path, "cannot be set until all schedulingGates have been cleared");
    }
}

fn meta_and_spec(pod: &Value, errors: &mut Errors) {
    meta::check(pod, true, names::name_subdomain, errors);
    let metadata = At::root(pod, "metadata");
    pod_annotations(&metadata.at("annotations"), pod.get("spec"), errors);
    let at = At::root(pod, "spec");
    spec(&at, Some(pod.name()), errors);
    if at.at("serviceAccountName").str().is_empty() {
        for volume in at.at("volumes").items() {
            let projected = volume.at("projected");
            for source in projected.at("sources").items() {
                let token = source.at("serviceAccountToken");
                if token.is_set() {
                    errors.forbidden(&token.path, "must not be specified when serviceAccountName is not set");
                }
            }
        }
    }
    containers::only_for_pods(&at.at("containers"), errors);
    containers::only_for_pods(&at.at("initContainers"), errors);
}

fn pod_annotations(at: &At, spec: &Value, errors: &mut Errors) {
    const MIRROR: &str = "kubernetes.io/config.mirror";
    const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
    if let Some(value) = at.value.get(MIRROR).as_str().filter(|_| spec.get("nodeName").str().is_empty()) {
        let detail = "must set spec.nodeName if mirror pod annotation is set";
        errors.invalid(&at.path.key(MIRROR), value, detail);
    }
    if let Some(cost) = at.value.get(DELETION_COST).as_str() {
        let good = cost.parse::<i32>().is_ok_and(|n| n.to_string() == cost);
        if !good {
            errors.invalid(&at.path.key(DELETION_COST), cost, "must be a 32bit integer");
        }
    }
}

/// `spec.template` of a workload.
pub(crate) fn check_template(at: &At, errors: &mut Errors) {
    let metadata = at.at("metadata");
    // Upstream names these places without `metadata`.
    let own = At { value: metadata.value, path: at.path };
    labels::labels(&own.at("labels"), errors);
    let annotations = own.at("annotations");
    meta::annotations(&annotations, errors);
    pod_annotations(&annotations, at.value.get("spec"), errors);
    let pod_spec = at.at("spec");
    spec(&pod_spec, None, errors);
    let ephemeral = pod_spec.at("ephemeralContainers");
    if !ephemeral.is_empty() {
        errors.forbidden(&ephemeral.path, "ephemeral containers not allowed in pod template");
    }
}

/// A pod's spec; `pod_name` only if it is in a pod.
fn spec(at: &At, pod_name: Option<&str>, errors: &mut Errors) {
    let grace = at.at("terminationGracePeriodSeconds");
    if !grace.is_set() {
        errors.required(&grace.path, "");
    }
    let context = Context {
        is_pod: pod_name.is_some(),
        pod_name: pod_name.unwrap_or_default(),
        grace: grace.value.as_i64(),
        restart_policy: at.value.get("restartPolicy").str(),
        host_users: at.value.get("hostUsers").as_bool() != Some(false),
        os: at.value.at(&["os", "name"]).str(),
        claims: at.value.get("resourceClaims").items().iter().map(|c| c.get("name").str()).collect(),
    };
    let volume_list = at.at("volumes");
    let volumes = volumes::check(&volume_list, &context, errors);
    resource_claims(&at.at("resourceClaims"), errors);
    let (regular, init) = (at.at("containers"), at.at("initContainers"));
    containers::check(&regular, &volumes, &context, errors);
    containers::check_init(&init, &regular, &volumes, &context, errors);
    containers::check_ephemeral(&at.at("ephemeralContainers"), &[&regular, &init], &volumes, &context, errors);
    resources::check(&at.at("resources"), resources::pod_name, &context, errors);
    network::host_network(at, &context, errors);
    placement(at, &context, errors);
    identity(at, errors);
    os::check(at, errors);
}

fn placement(at: &At, context: &Context, errors: &mut Errors) {
    let restart = at.at("restartPolicy");
    match context.restart_policy {
        "" => errors.required(&restart.path, ""),
        _ => one_of(&restart, &["Always", "OnFailure", "Never"], errors),
    }
    let policy = at.at("dnsPolicy");
    network::dns_policy(&policy, errors);
    labels::labels(&at.at("nodeSelector"), errors);
    security::pod(at, errors);
    affinity::check(&at.at("affinity"), errors);
    network::dns_config(&at.at("dnsConfig"), policy.str(), errors);
    for gate in at.at("readinessGates").items() {
        let kind = gate.at("conditionType");
        errors.invalid_each(&kind.path, kind.str(), names::qualified_name(kind.str()));
    }
    scheduling::gates(&at.at("schedulingGates"), errors);
    scheduling::spread(&at.at("topologySpreadConstraints"), errors);
    if !context.host_users {
        for (field, shown) in [("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")] {
            if at.value.get(field).as_bool() == Some(true) {
                errors.forbidden(&at.path.child(shown), "when `hostUsers` is false");
            }
        }
    }
}

fn identity(at: &At, errors: &mut Errors) {
    optional_name(&at.at("serviceAccountName"), names::dns_subdomain, errors);
    optional_name(&at.at("nodeName"), names::dns_subdomain, errors);
    let deadline = at.at("activeDeadlineSeconds");
    let max = i64::from(i32::MAX);
    if let Some(seconds) = deadline.value.as_i64().filter(|s| !(1..=max).contains(s)) {
        errors.invalid(&deadline.path, seconds, &names::out_of_range(1, max));
    }
    optional_name(&at.at("hostname"), names::dns_label, errors);
    optional_name(&at.at("subdomain"), names::dns_label, errors);
    scheduling::tolerations(&at.at("tolerations"), errors);
    network::host_aliases(&at.at("hostAliases"), errors);
    optional_name(&at.at("priorityClassName"), names::dns_subdomain, errors);
    let runtime = at.at("runtimeClassName");
    if runtime.is_set() {
        errors.invalid_each(&runtime.path, runtime.str(), names::dns_subdomain(runtime.str()));
    }
    let preemption = at.at("preemptionPolicy");
    if preemption.is_set() && preemption.str().is_empty() {
        errors.required(&preemption.path, "");
    } else {
        one_of(&preemption, &["PreemptLowerPriority", "Never"], errors);
    }
}

fn optional_name(at: &At, check: fn(&str) -> Vec<ecow::EcoString>, errors: &mut Errors) {
    if let Some(text) = at.text() {
        errors.invalid_each(&at.path, text, check(text));
    }
}

fn resource_claims(at: &At, errors: &mut Errors) {
    let mut seen: Vec<&str> = Vec::new();
    for claim in at.items() {
        let name = claim.at("name");
        match name.text() {
            None => errors.required(&name.path, ""),
            Some(text) if seen.contains(&text) => errors.duplicate(&name.path, text),
            Some(text) => {
                errors.invalid_each(&name.path, text, names::dns_label(text));
                seen.push(text);
            }
        }
        let (direct, template) = (claim.at("resourceClaimName"), claim.at("resourceClaimTemplateName"));
        match (direct.is_set(), template.is_set()) {
            (true, true) => {
                let detail = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified";
                errors.invalid(&claim.path, claim.value, detail);
            }
            (false, false) => {
                let detail = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`";
                errors.invalid(&claim.path, claim.value, detail);
            }
            _ => {}
        }
        for field in [direct, template].iter().filter(|f| f.is_set()) {
            errors.invalid_each(&field.path, field.str(), names::dns_subdomain(field.str()));
        }
    }
}
