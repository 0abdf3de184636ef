//! Pods.
// Models pkg/registry/core/pod/strategy.go

use std::cmp::Ordering;
use std::collections::BTreeMap;

use podyard_api::kinds::PodSpec;
use podyard_api::quantity::Quantity;
use podyard_api::{Key, Value, value};

use super::{GENERIC, Strategy, common};
use crate::update::keep;
use crate::{defaults, validation};

pub(super) const STRATEGY: Strategy = Strategy {
    generation: true,
    defaults: defaults::pod::pod,
    prepare_create,
    prepare_update: |new, old| common::restore(new, old, "status"),
    prepare_status,
    validates_meta: true,
    validate_create: validation::pod::check_create,
    validate_update: validation::pod::check_update,
    validate_status: validation::pod::check_status,
    grace: Some(grace),
    returns_deleted: true,
    warnings: validation::warnings::pod,
    ..GENERIC
};

fn prepare_create(pod: &mut Value) {
    let class = qos_class(pod.get("spec"));
    let mut status = value!({"phase": "Pending", "qosClass": class});
    if !pod.get("spec").get("schedulingGates").items().is_empty() {
        status.set(
            Key::Static("conditions"),
            value!([{
                "type": "PodScheduled",
                "status": "False",
                "reason": "SchedulingGated",
                "message": "Scheduling is blocked due to non-empty scheduling gates",
            }]),
        );
    }
    pod.set(Key::Static("status"), status);
}

fn prepare_status(pod: &mut Value, old: &Value) {
    common::restore(pod, old, "spec");
    if !pod.get("metadata").same(old.get("metadata")) {
        keep(pod.meta_mut(), old.get("metadata"), "ownerReferences");
    }
    if pod.get("status").get("qosClass").str().is_empty() {
        keep(pod.field_mut("status"), old.get("status"), "qosClass");
    }
}

/// How many seconds a pod has to end.
fn grace(pod: &Value, wanted: Option<i64>) -> i64 {
    let spec = PodSpec(pod.get("spec"));
    let ended = matches!(pod.get("status").get("phase").str(), "Failed" | "Succeeded");
    if spec.node_name().is_empty() || ended {
        return 0;
    }
    let own = pod.get("spec").get("terminationGracePeriodSeconds").as_i64().unwrap_or_default();
    match wanted.unwrap_or(own) {
        period if period < 0 => 1,
        period => period,
    }
}

/// `Guaranteed`, `Burstable` or `BestEffort`.
// Models pkg/apis/core/helper/qos/qos.go
pub(crate) fn qos_class(spec: &Value) -> &'static str {
    let whole = spec.get("resources");
    if !whole.is_empty() {
        return class_of([whole].into_iter());
    }
    let containers = ["containers", "initContainers"].into_iter().flat_map(|list| spec.get(list).items());
    class_of(containers.map(|container| container.get("resources")))
}

fn class_of<'v>(all: impl Iterator<Item = &'v Value>) -> &'static str {
    let mut requests: BTreeMap<&str, Quantity> = BTreeMap::new();
    let mut limits: BTreeMap<&str, Quantity> = BTreeMap::new();
    let mut guaranteed = true;
    for resources in all {
        let add = |sums: &mut BTreeMap<&'v str, Quantity>, list: &'v Value| {
            let mut found = 0;
            for (name, amount) in list.fields() {
                let name = name.as_str();
                let amount = Quantity::of(amount);
                if (name == "cpu" || name == "memory") && amount.cmp(&Quantity::default()) == Ordering::Greater {
                    let sum = sums.entry(name).or_default();
                    *sum = *sum + amount;
                    found += 1;
                }
            }
            found
        };
        add(&mut requests, resources.get("requests"));
        guaranteed &= add(&mut limits, resources.get("limits")) == 2;
    }
    if requests.is_empty() && limits.is_empty() {
        return "BestEffort";
    }
    let equal = requests.len() == limits.len() && requests.iter().all(|(name, sum)| limits.get(name) == Some(sum));
    if guaranteed && equal { "Guaranteed" } else { "Burstable" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        let check = |resources: Value, expect| {
            let spec = value!({"containers": [{"resources": resources}]});
            assert_eq!(qos_class(&spec), expect);
        };
        check(value!({}), "BestEffort");
        check(value!({"requests": {"cpu": "0"}}), "BestEffort");
        check(value!({"requests": {"cpu": "1"}}), "Burstable");
        let both = value!({"cpu": "1", "memory": "1Gi"});
        check(value!({"requests": &both, "limits": &both}), "Guaranteed");
        check(value!({"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": &both}), "Burstable");
    }
}
