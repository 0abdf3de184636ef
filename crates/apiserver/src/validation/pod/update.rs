//! What may change in a pod.

use podyard_api::Value;

use super::super::field::{At, Errors, Path};
use podyard_api::names;

use super::super::{goform, meta};
use super::resources::quantity;
use super::{meta_and_spec, scheduling};

const MIRROR: &str = "kubernetes.io/config.mirror";
const UPDATABLE: &str = "pod updates may not change fields other than `spec.containers[*].image`,\
    `spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing \
    tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// An update of the pod itself.
pub(crate) fn check(new: &Value, old: &Value, errors: &mut Errors) {
    meta::check_update(new, old, errors);
    meta_and_spec(new, errors);
    annotations_update(new, old, errors);
    let (spec, old_spec) = (At::root(new, "spec"), old.get("spec"));
    if spec.value.same(old_spec) {
        return;
    }
    for list in ["containers", "initContainers"] {
        if images_update(&spec.at(list), old_spec.get(list), errors) {
            return;
        }
    }
    if deadline_update(&spec.at("activeDeadlineSeconds"), old_spec.get("activeDeadlineSeconds"), errors) {
        return;
    }
    scheduling::tolerations_update(&spec.at("tolerations"), old_spec.get("tolerations"), errors);
    scheduling::gates_update(&spec.at("schedulingGates"), old_spec.get("schedulingGates"), errors);
    if spec.value == old_spec {
        return;
    }
    let munged = munge(&spec, old_spec, errors);
    if !equal(&munged, old_spec) {
        let detail = format!("{UPDATABLE}\n{}", goform::diff("PodSpec", old_spec, &munged));
        errors.forbidden(&spec.path, &detail);
    }
}

/// Equal but for how quantities are written.
fn equal(a: &Value, b: &Value) -> bool {
    a == b || goform::compact("PodSpec", a) == goform::compact("PodSpec", b)
}

/// Annotations of the kubelet's mirror pods stay.
fn annotations_update(new: &Value, old: &Value, errors: &mut Errors) {
    let (metadata, had) = (At::root(new, "metadata"), old.at(&["metadata", "annotations", MIRROR]));
    let annotations = metadata.at("annotations");
    let has = annotations.value.get(MIRROR);
    let place = annotations.path.key(MIRROR);
    match (had.as_str(), has.as_str()) {
        (Some(had), has) if has != Some(had) => {
            errors.forbidden(&place, "may not remove or update mirror pod annotation");
        }
        (None, Some(_)) => errors.forbidden(&place, "may not add mirror pod annotation"),
        _ => {}
    }
}

/// Whether the lists differ so that nothing further can be compared.
fn images_update(at: &At, old: &Value, errors: &mut Errors) -> bool {
    if at.len() != old.items().len() {
        errors.forbidden(&at.path, "pod updates may not add or remove containers");
        return true;
    }
    for container in at.items() {
        let image = container.at("image");
        if image.str().is_empty() {
            errors.required(&image.path, "");
        }
        if image.str().trim() != image.str() {
            errors.invalid(&image.path, image.str(), "must not have leading or trailing whitespace");
        }
    }
    false
}

/// A deadline may come, and may come nearer. Whether the check ends here.
fn deadline_update(at: &At, old: &Value, errors: &mut Errors) -> bool {
    let max = i64::from(i32::MAX);
    match (at.value.as_i64(), old.as_i64()) {
        (Some(new), _) if !(0..=max).contains(&new) => {
            errors.invalid(&at.path, new, &names::out_of_range(0, max));
            true
        }
        (Some(new), Some(old)) if new > old => {
            errors.invalid(&at.path, new, "must be less than or equal to previous value");
            true
        }
        (None, Some(_)) => {
            errors.invalid(&at.path, Value::Null, "must not update from a positive integer to nil value");
            false
        }
        _ => false,
    }
}

/// The new spec with what may differ set back to what it was.
fn munge(spec: &At, old: &Value, errors: &mut Errors) -> Value {
    let mut munged = spec.value.clone();
    for list in ["containers", "initContainers"] {
        let before = old.get(list).items();
        for (container, before) in munged.get_mut(list).map(Value::items_mut).unwrap_or_default().iter_mut().zip(before)
        {
            restore(container, before, "image");
        }
    }
    for field in ["activeDeadlineSeconds", "schedulingGates", "tolerations"] {
        restore(&mut munged, old, field);
    }
    let grace = "terminationGracePeriodSeconds";
    if old.get(grace).as_i64().is_some_and(|g| g < 0) && munged.get(grace).as_i64() == Some(1) {
        restore(&mut munged, old, grace);
    }
    if old.get("schedulingGates").items().is_empty() {
        return munged;
    }
    if munged.get("nodeSelector") != old.get("nodeSelector") {
        let place = spec.path.child("nodeSelector");
        scheduling::node_selector_update(&place, munged.get("nodeSelector"), old.get("nodeSelector"), errors);
        restore(&mut munged, old, "nodeSelector");
    }
    gated_affinity(spec, &mut munged, old, errors);
    munged
}

fn restore(value: &mut Value, old: &Value, field: &'static str) {
    match old.get(field) {
        Value::Null => drop(value.remove(field)),
        before => value.set(field, before),
    }
}

/// Node affinity of gated pods may only become narrower.
fn gated_affinity(spec: &At, munged: &mut Value, old: &Value, errors: &mut Errors) {
    let before = old.at(&["affinity", "nodeAffinity"]);
    let after = munged.at(&["affinity", "nodeAffinity"]).clone();
    if *before == after {
        return;
    }
    let required = ["requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"];
    let (old_terms, new_terms) = (before.at(&required).items(), after.at(&required));
    let affinity = spec.path.child("affinity");
    let node = affinity.child("nodeAffinity");
    let required_path = node.child(required[0]);
    let terms = required_path.child(required[1]);
    if !old_terms.is_empty() && old_terms.len() != new_terms.items().len() {
        let detail = "no additions/deletions to non-empty NodeSelectorTerms list are allowed";
        errors.invalid_as(&terms, &goform::compact("[]NodeSelectorTerm", new_terms), detail);
    } else {
        for (i, (old, new)) in old_terms.iter().zip(new_terms.items()).enumerate() {
            if !only_additions(new, old) {
                let detail = "only additions are allowed (no mutations or deletions)";
                errors.invalid_as(&terms.index(i), &goform::compact("NodeSelectorTerm", new), detail);
            }
        }
    }
    if before.is_null() {
        if let Some(affinity) = munged.get_mut("affinity") {
            affinity.remove("nodeAffinity");
        }
        if old.get("affinity").is_null() && munged.get("affinity").is_empty() {
            munged.remove("affinity");
        }
    } else {
        munged.field_mut("affinity").set("nodeAffinity", before);
    }
}

fn only_additions(new: &Value, old: &Value) -> bool {
    let fields = ["matchExpressions", "matchFields"];
    let old_empty = fields.iter().all(|f| old.get(f).items().is_empty());
    if old_empty && fields.iter().any(|f| !new.get(f).items().is_empty()) {
        return false;
    }
    fields.iter().all(|f| new.get(f).items().starts_with(old.get(f).items()))
}

/// An update through `pods/ephemeralcontainers`.
pub(crate) fn check_ephemeral_containers(new: &Value, old: &Value, errors: &mut Errors) {
    if !old.at(&["metadata", "annotations", MIRROR]).is_null() {
        errors.forbidden(&Path::root(""), "static pods do not support ephemeral containers");
        return;
    }
    meta::check_update(new, old, errors);
    meta_and_spec(new, errors);
    let spec = At::root(new, "spec");
    let list = spec.at("ephemeralContainers");
    for before in old.at(&["spec", "ephemeralContainers"]).items() {
        let name = podyard_api::gostr::quote(before.get("name").str());
        match list.value.items().iter().find(|c| c.get("name") == before.get("name")) {
            None => errors.forbidden(&list.path, &format!("existing ephemeral containers {name} may not be removed\n")),
            Some(after) if after != before => {
                let diff = goform::diff("EphemeralContainer", before, after);
                let detail = format!("existing ephemeral containers {name} may not be changed\n{diff}");
                errors.forbidden(&list.path, &detail);
            }
            Some(_) => {}
        }
    }
}

/// An update through `pods/resize`.
pub(crate) fn check_resize(new: &Value, old: &Value, errors: &mut Errors) {
    meta::check_update(new, old, errors);
    meta_and_spec(new, errors);
    if !old.at(&["metadata", "annotations", MIRROR]).is_null() {
        errors.forbidden(&Path::root(""), "static pods cannot be resized");
        return;
    }
    let (spec, old_spec) = (At::root(new, "spec"), old.get("spec"));
    if crate::registry::pod::qos_class(new.get("spec")) != old.at(&["status", "qosClass"]).str() {
        let class = new.at(&["status", "qosClass"]);
        errors.invalid(&spec.path, class, "Pod QOS Class may not change as a result of resizing");
    }
    let before = errors.len();
    for list in ["initContainers", "containers"] {
        for (container, old) in spec.at(list).items().zip(old_spec.get(list).items()) {
            if list == "initContainers" && container.value.get("restartPolicy") != "Always" {
                if container.value != old {
                    errors.forbidden(&spec.path, "resources for non-sidecar init containers are immutable");
                }
                continue;
            }
            container_resize(&container, old, errors);
            if without_compute(container.value) != without_compute(old) {
                let whose = if list == "containers" { "" } else { " for sidecar containers" };
                errors.forbidden(&spec.path, &format!("only cpu and memory resources{whose} are mutable"));
            }
        }
    }
    if errors.len() == before && without_containers(spec.value) != without_containers(old_spec) {
        errors.forbidden(&spec.path, "only cpu and memory resources are mutable");
    }
}

fn container_resize(container: &At, old: &Value, errors: &mut Errors) {
    let resources = container.at("resources");
    let old = old.get("resources");
    for (kind, what) in [("requests", "resource requests"), ("limits", "resource limits")] {
        let list = resources.at(kind);
        if old.get(kind).fields().iter().any(|(name, _)| list.value.get(name).is_null()) {
            errors.forbidden(&list.path, &format!("{what} cannot be removed"));
        }
    }
    let policy = container.value.get("resizePolicy").items().iter().find(|p| *p.get("resourceName") == "memory");
    if policy.is_some_and(|p| *p.get("restartPolicy") == "RestartContainer") {
        return;
    }
    let limits = resources.at("limits");
    let memory = limits.at("memory");
    let place = limits.path.key("memory");
    if let (Some(new), Some(old)) = (quantity(memory.value), quantity(old.at(&["limits", "memory"])))
        && new < old
    {
        errors.forbidden(&place, "memory limits cannot be decreased unless resizePolicy is RestartContainer");
    }
}

fn without_compute(container: &Value) -> Value {
    let mut container = container.clone();
    for kind in ["requests", "limits"] {
        let list = container.at_mut(&["resources", kind]);
        for name in ["cpu", "memory"] {
            list.remove(name);
        }
        if list.is_empty() {
            container.field_mut("resources").remove(kind);
        }
    }
    container
}

fn without_containers(spec: &Value) -> Value {
    let mut spec = spec.clone();
    spec.remove("containers");
    spec.remove("initContainers");
    spec
}
