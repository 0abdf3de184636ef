//! Pods, and the pod templates of other kinds.

use podyard_api::kinds::{Container, Pod, PodTemplateSpec, TopologySpreadConstraint};
use podyard_api::{Selector, Value};

use super::container::{containers, resources, seccomp};
use super::out::Out;
use super::volume::volumes;
use super::{Describer, Related, lists, nothing};
use crate::values::{age, moment, or};

pub(super) const DESCRIBER: Describer = Describer { reads: nothing, write };

fn write(object: &Value, related: &Related, out: &mut Out) {
    let pod = Pod(object);
    head(pod, related.now, out);
    let (spec, status) = (pod.spec(), pod.status());
    if spec.init_containers().len() > 0 {
        containers("Init Containers", spec.init_containers(), Some(pod), "", out);
    }
    containers("Containers", spec.containers(), Some(pod), "", out);
    if spec.ephemeral_containers().len() > 0 {
        containers("Ephemeral Containers", spec.ephemeral_containers(), Some(pod), "", out);
    }
    if spec.readiness_gates().len() > 0 {
        out.line(0, "Readiness Gates:");
        out.line(1, "Type\tStatus");
    }
    for gate in spec.readiness_gates() {
        let condition = status.condition(gate.condition_type());
        out.line(1, format_args!("{} \t{} ", gate.condition_type(), condition.map_or("<none>", |c| c.status())));
    }
    if status.conditions().len() > 0 {
        out.line(0, "Conditions:");
        out.line(1, "Type\tStatus");
    }
    for condition in status.conditions() {
        out.line(1, format_args!("{} \t{} ", condition.kind(), condition.status()));
    }
    volumes(spec.volumes(), "", out);
    out.field(0, "QoS Class", qos_class(pod));
    lists::labels(out, "Node-Selectors", spec.node_selector());
    lists::tolerations(out, "Tolerations", spec.tolerations());
    spread(spec.topology_spread_constraints(), "", out);
}

/// Everything above the containers.
fn head(pod: Pod<'_>, now: i64, out: &mut Out) {
    let (meta, spec, status) = (pod.metadata(), pod.spec(), pod.status());
    out.field(0, "Name", pod.name());
    out.field(0, "Namespace", pod.namespace());
    if let Some(priority) = spec.value().get("priority").as_i64() {
        out.field(0, "Priority", priority);
    }
    out.field_if(0, "Priority Class Name", spec.priority_class_name());
    out.field_if(0, "Runtime Class Name", spec.runtime_class_name());
    out.field_if(0, "Service Account", spec.service_account_name());
    match spec.node_name() {
        "" => out.field(0, "Node", "<none>"),
        node => out.field(0, "Node", format_args!("{node}/{}", status.host_ip())),
    }
    if let Some(start) = status.start_time() {
        out.field(0, "Start Time", moment(start));
    }
    lists::labels(out, "Labels", meta.labels());
    lists::annotations(out, "Annotations", meta.annotations());
    match meta.deletion_timestamp().filter(|_| !pod.is_terminal()) {
        Some(when) => {
            out.field(0, "Status", format_args!("Terminating (lasts {})", age(when, now)));
            let grace = meta.deletion_grace_period_seconds().unwrap_or_default();
            out.field(0, "Termination Grace Period", format_args!("{grace}s"));
        }
        None => out.field(0, "Status", status.phase()),
    }
    out.field_if(0, "Reason", status.reason());
    out.field_if(0, "Message", status.message());
    seccomp(spec.security_context().seccomp_profile(), 0, 0, out);
    out.field(0, "IP", status.pod_ip());
    let none = if status.pod_ips().len() == 0 { "\t<none>" } else { "" };
    out.line(0, format_args!("IPs:{none}"));
    for ip in status.pod_ips() {
        out.field(1, "IP", ip.ip());
    }
    if let Some(owner) = meta.controller() {
        out.field(0, "Controlled By", format_args!("{}/{}", owner.kind(), owner.name()));
    }
    out.field_if(0, "NominatedNodeName", status.nominated_node_name());
    if !spec.resources().value().is_null() {
        out.line(0, "Resources:");
        resources(spec.resources(), 1, out);
    }
}

// Models pkg/apis/core/v1/helper/qos/qos.go
fn qos_class(pod: Pod<'_>) -> &str {
    let known = pod.status().qos_class();
    if !known.is_empty() {
        return known;
    }
    let of_interest = |name: &str| matches!(name, "cpu" | "memory");
    let all = || pod.spec().containers().chain(pod.spec().init_containers());
    let asks = |container: Container<'_>| {
        let resources = container.resources();
        resources.requests().iter().chain(resources.limits()).any(|(name, _)| of_interest(name))
    };
    let guaranteed = |container: Container<'_>| {
        ["cpu", "memory"].iter().all(|name| {
            let (request, limit) = (container.resources().request(name), container.resources().limit(name));
            !limit.is_null() && (request.is_null() || request == limit)
        })
    };
    match () {
        () if !all().any(asks) => "BestEffort",
        () if all().all(guaranteed) => "Guaranteed",
        () => "Burstable",
    }
}

fn spread<'a>(constraints: impl Iterator<Item = TopologySpreadConstraint<'a>>, space: &str, out: &mut Out) {
    let mut constraints: Vec<_> = constraints.collect();
    if constraints.is_empty() {
        return;
    }
    constraints.sort_by_key(|constraint| constraint.topology_key());
    let text = |constraint: TopologySpreadConstraint<'_>| {
        let selector = constraint.label_selector().map(|selector| Selector::format(Some(selector)));
        format!(
            "{}:{} when max skew {} is exceeded{}",
            constraint.topology_key(),
            constraint.when_unsatisfiable(),
            constraint.max_skew(),
            selector.map(|selector| format!(" for selector {selector}")).unwrap_or_default()
        )
    };
    lists::column(out, space, "Topology Spread Constraints", constraints.into_iter().map(text));
}

// Models staging/src/k8s.io/kubectl/pkg/describe/describe.go DescribePodTemplate
pub(super) fn template(template: PodTemplateSpec<'_>, out: &mut Out) {
    out.line(0, "Pod Template:");
    let (meta, spec) = (template.metadata(), template.spec());
    lists::labels(out, "  Labels", meta.labels());
    if !meta.annotations().is_empty() {
        lists::annotations(out, "  Annotations", meta.annotations());
    }
    out.field_if(1, "Service Account", spec.service_account_name());
    if spec.init_containers().len() > 0 {
        containers("Init Containers", spec.init_containers(), None, "  ", out);
    }
    containers("Containers", spec.containers(), None, "  ", out);
    volumes(spec.volumes(), "  ", out);
    spread(spec.topology_spread_constraints(), "  ", out);
    out.field_if(1, "Priority Class Name", or(spec.priority_class_name(), ""));
    lists::labels(out, "  Node-Selectors", spec.node_selector());
    lists::tolerations(out, "  Tolerations", spec.tolerations());
}
