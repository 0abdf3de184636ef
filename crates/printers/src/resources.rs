//! What pods ask for, summed up as `kubectl describe node` does.

use std::collections::BTreeMap;

use podyard_api::kinds::Pod;
use podyard_api::{Key, Quantity, Value};

/// Quantities by resource name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Amounts(BTreeMap<String, Quantity>);

impl Amounts {
    pub(crate) fn get(&self, name: &str) -> Quantity {
        self.0.get(name).copied().unwrap_or_default()
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (name, amount) in &other.0 {
            let sum = self.0.get(name).map_or(*amount, |sum| *sum + *amount);
            self.0.insert(name.clone(), sum);
        }
    }

    fn max(&mut self, other: &Self) {
        for (name, amount) in &other.0 {
            if self.0.get(name).is_none_or(|known| amount > known) {
                self.0.insert(name.clone(), *amount);
            }
        }
    }

    fn of(list: &[(Key, Value)]) -> Self {
        Self(list.iter().map(|(name, amount)| (name.to_string(), Quantity::of(amount))).collect())
    }
}

// Models staging/src/k8s.io/kubectl/pkg/util/resource/resource.go
pub(crate) fn requests(pod: Pod<'_>) -> Amounts {
    let mut sum = total(pod, "requests");
    sum.add(&Amounts::of(pod.spec().overhead()));
    sum
}

pub(crate) fn limits(pod: Pod<'_>) -> Amounts {
    let mut sum = total(pod, "limits");
    // Overhead counts only where there is a limit.
    let overhead = Amounts::of(pod.spec().overhead());
    let limited = overhead.0.into_iter().filter(|(name, _)| sum.0.contains_key(name)).collect();
    sum.add(&Amounts(limited));
    sum
}

/// The containers' sum or what initialization needs, whichever is more; what the pod itself states counts instead.
fn total(pod: Pod<'_>, list: &str) -> Amounts {
    let spec = pod.spec();
    let mut sum = Amounts::default();
    for container in spec.containers() {
        let mut amounts = Amounts::of(container.resources().value().get(list).fields());
        let status = pod.status().container_statuses().find(|status| status.name() == container.name());
        if let Some(status) = status.filter(|_| list == "requests") {
            amounts.max(&Amounts::of(status.allocated_resources()));
        }
        sum.add(&amounts);
    }
    let (mut sidecars, mut initial) = (Amounts::default(), Amounts::default());
    for container in spec.init_containers() {
        let mut amounts = Amounts::of(container.resources().value().get(list).fields());
        if container.is_sidecar() {
            sum.add(&amounts);
            sidecars.add(&amounts);
            amounts = sidecars.clone();
        } else {
            amounts.add(&sidecars);
        }
        initial.max(&amounts);
    }
    sum.max(&initial);
    sum.0.extend(Amounts::of(spec.resources().value().get(list).fields()).0);
    sum
}
