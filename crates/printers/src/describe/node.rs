//! Nodes.

use podyard_api::kinds::{Condition, Lease, Node, Pod};
use podyard_api::{Quantity, Status, Value};

use super::out::Out;
use super::{Describer, Read, Related, lists};
use crate::resources::{self, Amounts};
use crate::table::node_roles;
use crate::values::{age, moment, or, quantity};

const LEASES: &str = "leases";

pub(super) const DESCRIBER: Describer = Describer { reads, write };

fn reads(object: &Value) -> Vec<Read> {
    let name = object.name();
    vec![
        Read {
            version: "v1",
            resource: "pods",
            field_selector: format!("spec.nodeName={name},status.phase!=Failed,status.phase!=Succeeded"),
            ..Read::default()
        },
        Read {
            group: "coordination.k8s.io",
            version: "v1",
            resource: LEASES,
            namespace: "kube-node-lease".into(),
            name: name.into(),
            ..Read::default()
        },
    ]
}

fn write(object: &Value, related: &Related, out: &mut Out) {
    let node = Node(object);
    let (meta, spec, status) = (node.metadata(), node.spec(), node.status());
    out.field(0, "Name", node.name());
    out.field(0, "Roles", or(&node_roles(node).join(","), "<none>"));
    lists::labels(out, "Labels", meta.labels());
    lists::annotations(out, "Annotations", meta.annotations());
    out.field(0, "CreationTimestamp", moment(meta.creation_timestamp()));
    lists::taints(out, "Taints", spec.taints());
    out.field(0, "Unschedulable", spec.unschedulable());
    lease(related, out);
    if status.conditions().len() > 0 {
        out.line(0, "Conditions:");
        out.line(1, "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
        out.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    }
    status.conditions().for_each(|condition| self::condition(condition, out));
    out.line(0, "Addresses:");
    for address in status.addresses() {
        out.field(1, address.kind(), address.address());
    }
    for (label, list) in [("Capacity", status.capacity()), ("Allocatable", status.allocatable())] {
        if !list.is_empty() {
            out.line(0, format_args!("{label}:"));
        }
        for (name, amount) in list {
            out.field(1, name, quantity(amount));
        }
    }
    system_info(node, out);
    out.field_if(0, "PodCIDR", spec.pod_cidr());
    out.field_if(0, "PodCIDRs", &spec.pod_cidrs().collect::<Vec<_>>().join(","));
    out.field_if(0, "ProviderID", spec.provider_id());
    if related.failure("pods").is_some() {
        out.line(0, "Pods:\tnot authorized");
    } else {
        pods(node, related, out);
    }
}

fn lease(related: &Related, out: &mut Out) {
    let Some(lease) = related.items(LEASES).next().map(|lease| Lease(lease).spec()) else {
        let why = related.failure(LEASES).map(Status::to_string).unwrap_or_default();
        out.field(0, "Lease", format_args!("Failed to get lease: {why}"));
        return;
    };
    let time = |when: Option<&str>| when.map_or_else(|| "<unset>".to_owned(), moment);
    out.line(0, "Lease:");
    out.field(1, "HolderIdentity", or(lease.holder_identity(), "<unset>"));
    out.field(1, "AcquireTime", time(lease.acquire_time()));
    out.field(1, "RenewTime", time(lease.renew_time()));
}

fn condition(condition: Condition<'_>, out: &mut Out) {
    out.line(
        1,
        format_args!(
            "{} \t{} \t{} \t{} \t{} \t{}",
            condition.kind(),
            condition.status(),
            moment(condition.last_heartbeat_time().unwrap_or_default()),
            moment(condition.last_transition_time()),
            condition.reason(),
            condition.message()
        ),
    );
}

fn system_info(node: Node<'_>, out: &mut Out) {
    let info = node.status().node_info();
    out.line(0, "System Info:");
    for (label, value) in [
        ("Machine ID", info.machine_id()),
        ("System UUID", info.system_uuid()),
        ("Boot ID", info.boot_id()),
        ("Kernel Version", info.kernel_version()),
        ("OS Image", info.os_image()),
        ("Operating System", info.operating_system()),
        ("Architecture", info.architecture()),
        ("Container Runtime Version", info.container_runtime_version()),
        ("Kubelet Version", info.kubelet_version()),
    ] {
        out.field(1, label, value);
    }
}

/// The pods on the node and what they ask for, against what it has.
// Models staging/src/k8s.io/kubectl/pkg/describe/describe.go describeNodeResource
fn pods(node: Node<'_>, related: &Related, out: &mut Out) {
    let status = node.status();
    let has = if status.allocatable().is_empty() { "capacity" } else { "allocatable" };
    let has = status.value().get(has);
    let pods: Vec<_> = related.items("pods").map(Pod).collect();
    out.field(0, "Non-terminated Pods", format_args!("({} in total)", pods.len()));
    out.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
    out.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    let (mut requests, mut limits) = (Amounts::default(), Amounts::default());
    for pod in pods {
        let [asked, limited] = [resources::requests(pod), resources::limits(pod)];
        let cells = [("cpu", &asked), ("cpu", &limited), ("memory", &asked), ("memory", &limited)];
        let cells = cells.map(|(name, amounts)| share(amounts.get(name), name, has));
        let age = age(pod.metadata().creation_timestamp(), related.now);
        out.line(1, format_args!("{}\t{}\t\t{}\t{age}", pod.namespace(), pod.name(), cells.join("\t")));
        requests.add(&asked);
        limits.add(&limited);
    }
    out.line(0, "Allocated resources:");
    out.line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
    out.line(1, "Resource\tRequests\tLimits");
    out.line(1, "--------\t--------\t------");
    let names = has.fields().iter().map(|(name, _)| name.as_str());
    let standard = ["cpu", "memory", "ephemeral-storage"];
    let pages = names.clone().filter(|name| name.starts_with("hugepages-"));
    for name in standard.into_iter().chain(pages) {
        let [requests, limits] = [&requests, &limits].map(|amounts| share(amounts.get(name), name, has));
        out.line(1, format_args!("{name}\t{requests}\t{limits}"));
    }
    let extended = |name: &&str| !standard.contains(name) && *name != "pods" && !name.starts_with("hugepages-");
    for name in names.filter(extended) {
        out.line(1, format_args!("{name}\t{}\t{}", requests.get(name), limits.get(name)));
    }
}

/// `100m (5%)`
fn share(amount: Quantity, name: &str, of: &Value) -> String {
    let of = Quantity::of(of.get(name));
    let number = |quantity: Quantity| if name == "cpu" { quantity.milli_value() } else { quantity.value() };
    let percent = match number(of) {
        0 => 0,
        whole => (number(amount) as f64 / whole as f64 * 100.0) as i64,
    };
    format!("{amount} ({percent}%)")
}
