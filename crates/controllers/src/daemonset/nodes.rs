//! On which nodes a daemon set's pods should be, and what they are like there.
// Models pkg/controller/daemon/daemon_controller.go and util/daemonset_util.go

use ecow::EcoString;
use podyard_api::kinds::{DaemonSet, Node, PodSpec, SelectorRequirement, Taint, Toleration};
use podyard_api::{Key as Field, Value, value};

use super::HASH;
use crate::pods;

/// The node that a daemon pod is for, be it bound or not.
pub(super) fn target(pod: &Value) -> EcoString {
    let spec = pod.get("spec");
    let bound = spec.get("nodeName").text();
    if !bound.is_empty() {
        return bound;
    }
    let path = ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"];
    let term = spec.at(&path).item(0);
    term.get("matchFields").item(0).get("values").item(0).text()
}

/// Whether a pod should run on a node, and whether one that is there may stay.
pub(super) fn should_run(node: &Value, set: &Value) -> (bool, bool) {
    let template = DaemonSet(set).spec().template();
    let wanted = template.spec().node_name();
    if !wanted.is_empty() && wanted != node.name() || !fits_affinity(node, set) {
        return (false, false);
    }
    let tolerated = |taint: Taint<'_>| is_tolerated(template.spec(), taint);
    let mut untolerated = Node(node).spec().taints().filter(|taint| !tolerated(*taint));
    if untolerated.clone().all(|taint| taint.effect() == "PreferNoSchedule") {
        return (true, true);
    }
    (false, !untolerated.any(|taint| taint.effect() == "NoExecute"))
}

/// By the template, or by what is added to every daemon pod.
fn is_tolerated(spec: PodSpec<'_>, taint: Taint<'_>) -> bool {
    let added = (taint.key(), taint.effect());
    TOLERATED.contains(&added)
        || spec.host_network() && added == NO_NETWORK
        || spec.value().get("tolerations").items().iter().any(|item| Toleration(item).tolerates(taint))
}

/// Node selector and required node affinity of the template.
fn fits_affinity(node: &Value, set: &Value) -> bool {
    let spec = PodSpec(set.get("spec").get("template").get("spec"));
    let labels = node.get("metadata").get("labels");
    if !spec.node_selector().iter().all(|(key, wanted)| labels.get(key) == wanted) {
        return false;
    }
    let path = ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"];
    let required = spec.value().at(&path);
    if required.is_null() {
        return true;
    }
    let mut terms = required.get("nodeSelectorTerms").items().iter();
    terms.any(|term| {
        let expressions = term.get("matchExpressions").items();
        let fields = term.get("matchFields").items();
        let by_name = value!({"metadata.name": node.name_text()});
        !(expressions.is_empty() && fields.is_empty())
            && expressions.iter().all(|item| holds(SelectorRequirement(item), labels))
            && fields.iter().all(|item| holds(SelectorRequirement(item), &by_name))
    })
}

fn holds(requirement: SelectorRequirement<'_>, labels: &Value) -> bool {
    let label = labels.get(requirement.key()).as_str();
    let number = |text: &str| text.parse::<i64>().ok();
    let listed = |label: &str| requirement.values().any(|value| value == label);
    let compared = |wanted: std::cmp::Ordering| {
        let bound = requirement.values().next().and_then(number);
        label.and_then(number).zip(bound).is_some_and(|(label, bound)| label.cmp(&bound) == wanted)
    };
    match requirement.operator() {
        "In" => label.is_some_and(listed),
        "NotIn" => !label.is_some_and(listed),
        "Exists" => label.is_some(),
        "DoesNotExist" => label.is_none(),
        "Gt" => compared(std::cmp::Ordering::Greater),
        "Lt" => compared(std::cmp::Ordering::Less),
        _ => false,
    }
}

/// The daemon pod for a node: it goes there and nowhere else, and stays through what the node goes through.
pub(super) fn pod(set: &Value, node: &str, hash: &str) -> Value {
    let mut template = set.get("spec").get("template").clone();
    let spec = template.field_mut("spec");
    for (key, effect) in TOLERATED {
        tolerate(spec, key, effect);
    }
    if PodSpec(spec).host_network() {
        tolerate(spec, NO_NETWORK.0, NO_NETWORK.1);
    }
    let affinity = spec.field_mut("affinity").field_mut("nodeAffinity");
    let term = value!([{"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}]);
    affinity.set("requiredDuringSchedulingIgnoredDuringExecution", value!({"nodeSelectorTerms": term}));
    if let Some(generation) = set.meta().annotation("deprecated.daemonset.template.generation") {
        template.set_label("pod-template-generation", generation);
    }
    template.set_label(HASH, hash);
    let mut pod = pods::of_template(set, &template);
    pod.meta_mut().set(Field::Static("generateName"), pods::name_base(set));
    pod
}

const TOLERATED: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

/// Tolerated by pods that use the node's own network.
const NO_NETWORK: (&str, &str) = ("node.kubernetes.io/network-unavailable", "NoSchedule");

/// Adds a toleration, or puts it in the place of one for the same.
fn tolerate(spec: &mut Value, key: &str, effect: &str) {
    let new = value!({"key": key, "operator": "Exists", "effect": effect});
    let tolerations = spec.field_mut("tolerations");
    let same = |old: &Value| *old.get("key") == key && *old.get("effect") == effect && *old.get("operator") == "Exists";
    match tolerations.items().iter().position(same) {
        Some(index) => tolerations.items_mut()[index] = new,
        None => tolerations.push(new),
    }
}
