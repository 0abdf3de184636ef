//! What may change in a pod's status.

use podyard_api::Value;

use super::super::field::{At, Errors};
use podyard_api::names;

use super::super::meta;

/// An update through `pods/status`.
pub(crate) fn check(new: &Value, old: &Value, errors: &mut Errors) {
    if !new.get("metadata").same(old.get("metadata")) {
        meta::check_update(new, old, errors);
    }
    let (status, old_status) = (At::root(new, "status"), old.get("status"));
    if !status.value.get("conditions").same(old_status.get("conditions")) {
        conditions(new, errors);
    }
    let nominated = status.at("nominatedNodeName");
    if let Some(name) = nominated.text().filter(|name| old_status.get("nominatedNodeName").str() != *name) {
        errors.invalid_each(&nominated.path, name, names::dns_subdomain(name));
    }
    let class = status.at("qosClass");
    if class.str() != old_status.get("qosClass").str() {
        errors.invalid(&class.path, class.str(), meta::IMMUTABLE);
    }
    let policy = old.at(&["spec", "restartPolicy"]).str();
    let list = "containerStatuses";
    transitions(&status.at(list), old_status.get(list), policy, &[], errors);
    let init = old.at(&["spec", "initContainers"]).items();
    let list = "initContainerStatuses";
    transitions(&status.at(list), old_status.get(list), policy, init, errors);
    let list = "ephemeralContainerStatuses";
    transitions(&status.at(list), old_status.get(list), "Never", &[], errors);
    for list in ["podIPs", "hostIPs"] {
        for ip in status.at(list).items() {
            let text = ip.value.get("ip").str();
            errors.invalid_each(&ip.path, text, names::ip_address(text));
        }
    }
}

fn conditions(pod: &Value, errors: &mut Errors) {
    // The place is under metadata, as upstream has it.
    let metadata = At::root(pod, "metadata");
    let place = metadata.path.child("conditions");
    for (i, condition) in pod.at(&["status", "conditions"]).items().iter().enumerate() {
        let kind = condition.get("type").str();
        if !["PodScheduled", "Ready", "Initialized"].contains(&kind) {
            errors.invalid_each(&place.index(i).child("Type"), kind, names::qualified_name(kind));
        }
    }
}

/// Containers that have ended for good do not come back.
fn transitions(at: &At, old: &Value, policy: &str, init: &[Value], errors: &mut Errors) {
    if policy == "Always" || !at.is_set() {
        return;
    }
    for (i, before) in old.items().iter().enumerate() {
        let terminated = before.at(&["state", "terminated"]);
        let may_restart = policy == "OnFailure" && terminated.get("exitCode").as_i64() != Some(0);
        let own = init.iter().find(|c| c.get("name") == before.get("name"));
        if terminated.is_null() || may_restart || own.is_some_and(|c| !c.get("restartPolicy").is_null()) {
            continue;
        }
        let back = |now: &Value| now.get("name") == before.get("name") && now.at(&["state", "terminated"]).is_null();
        if at.value.items().iter().any(back) {
            let detail = "may not be transitioned to non-terminated state";
            errors.forbidden(&at.path.index(i).child("state"), detail);
        }
    }
}
