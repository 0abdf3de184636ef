//! Autoscalers, network policies, priority classes and role bindings.

use podyard_api::{Value, value};

use super::{each, fill};

// Models pkg/apis/autoscaling/v2/defaults.go
pub(crate) fn autoscaler(object: &mut Value) {
    let spec = object.field_mut("spec");
    fill(spec, "minReplicas", 1);
    if spec.get("metrics").items().is_empty() {
        let target = value!({"type": "Utilization", "averageUtilization": 80});
        spec.set("metrics", value!([{"type": "Resource", "resource": {"name": "cpu", "target": target}}]));
    }
    if !spec.get("behavior").is_object() {
        return;
    }
    let behavior = spec.field_mut("behavior");
    let percent = value!({"type": "Percent", "value": 100, "periodSeconds": 15});
    let up = behavior.field_mut("scaleUp");
    fill(up, "stabilizationWindowSeconds", 0);
    fill(up, "selectPolicy", "Max");
    fill(up, "policies", value!([{"type": "Pods", "value": 4, "periodSeconds": 15}, &percent]));
    let down = behavior.field_mut("scaleDown");
    fill(down, "selectPolicy", "Max");
    fill(down, "policies", value!([&percent]));
}

// Models pkg/apis/networking/v1/defaults.go
pub(crate) fn network_policy(object: &mut Value) {
    let spec = object.field_mut("spec");
    for rules in ["ingress", "egress"] {
        each(spec, rules, lacks_protocol, |rule| {
            each(rule, "ports", |port| port.get("protocol").is_null(), |port| fill(port, "protocol", "TCP"));
        });
    }
    if spec.get("policyTypes").items().is_empty() {
        let egress = !spec.get("egress").items().is_empty();
        let types: &[&str] = if egress { &["Ingress", "Egress"] } else { &["Ingress"] };
        spec.set("policyTypes", types.to_vec());
    }
}

fn lacks_protocol(rule: &Value) -> bool {
    rule.get("ports").items().iter().any(|port| port.get("protocol").is_null())
}

// Models pkg/apis/scheduling/v1/defaults.go
pub(crate) fn priority_class(object: &mut Value) {
    fill(object, "preemptionPolicy", "PreemptLowerPriority");
}

// Models pkg/apis/rbac/v1/defaults.go
pub(crate) fn binding(object: &mut Value) {
    const GROUP: &str = "rbac.authorization.k8s.io";
    if object.at(&["roleRef", "apiGroup"]).str().is_empty() {
        object.field_mut("roleRef").set("apiGroup", GROUP);
    }
    let lacks =
        |subject: &Value| subject.get("apiGroup").is_null() && matches!(subject.get("kind").str(), "User" | "Group");
    each(object, "subjects", lacks, |subject| fill(subject, "apiGroup", GROUP));
}
