//! The policies of a moment, read and ready to be asked.

use std::collections::BTreeMap;

use ecow::EcoString;
use podyard_api::kinds::{Namespace, NetworkPolicy, Pod};
use podyard_api::{Selector, Value};
use serde::{Deserialize, Serialize};

use crate::rule::{Direction, Rule};

/// Policies and the labels of namespaces.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Policies {
    /// By namespace and name.
    policies: BTreeMap<PolicyId, Policy>,
    namespaces: BTreeMap<EcoString, Value>,
}

/// Which policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PolicyId {
    pub namespace: EcoString,
    pub name: EcoString,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub(crate) pods: Selector,
    /// Nothing where the policy does not isolate ingress.
    pub(crate) ingress: Option<Vec<Rule>>,
    pub(crate) egress: Option<Vec<Rule>>,
}

impl Policies {
    /// Reads the policies; `namespaces` are all of the cluster, or those that matter.
    pub fn new<'v>(
        policies: impl IntoIterator<Item = &'v Value>,
        namespaces: impl IntoIterator<Item = &'v Value>,
    ) -> Self {
        let id = |object: &Value| PolicyId { namespace: object.namespace_text(), name: object.name_text() };
        let labels = |object: &'v Value| Namespace(object).metadata().value().get("labels").clone();
        Self {
            policies: policies.into_iter().map(|object| (id(object), Policy::of(NetworkPolicy(object)))).collect(),
            namespaces: namespaces.into_iter().map(|object| (object.name_text(), labels(object))).collect(),
        }
    }

    pub(crate) fn get(&self, id: &PolicyId) -> Option<&Policy> {
        self.policies.get(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&PolicyId, &Policy)> {
        self.policies.iter()
    }

    /// The policies of a namespace.
    pub(crate) fn of(&self, namespace: &str) -> impl Iterator<Item = (&PolicyId, &Policy)> {
        let first = PolicyId { namespace: namespace.into(), name: EcoString::new() };
        let own = EcoString::from(namespace);
        self.policies.range(first..).take_while(move |(id, _)| id.namespace == own)
    }

    /// The labels of a namespace. Each has its name among them, whatever it says itself.
    pub(crate) fn labels(&self, namespace: &str) -> Value {
        self.namespaces.get(namespace).cloned().unwrap_or_default()
    }
}

impl Policy {
    fn of(policy: NetworkPolicy<'_>) -> Self {
        let spec = policy.spec();
        let types: Vec<&str> = spec.policy_types().collect();
        let (isolates_ingress, isolates_egress) = match types.as_slice() {
            // Models pkg/apis/networking/v1/defaults.go
            [] => (true, spec.egress().len() > 0),
            types => (types.contains(&"Ingress"), types.contains(&"Egress")),
        };
        let ingress = || spec.ingress().map(|rule| Rule::new(rule.from(), rule.ports())).collect();
        let egress = || spec.egress().map(|rule| Rule::new(rule.to(), rule.ports())).collect();
        Self {
            pods: Selector::of(Some(spec.pod_selector())).unwrap_or_else(|_| Selector::nothing()),
            ingress: isolates_ingress.then(ingress),
            egress: isolates_egress.then(egress),
        }
    }

    /// The rules of a direction; nothing where the policy says nothing of it.
    pub(crate) fn rules(&self, direction: Direction) -> Option<&[Rule]> {
        match direction {
            Direction::Ingress => self.ingress.as_deref(),
            Direction::Egress => self.egress.as_deref(),
        }
    }

    /// Whether the policy is about this pod, which is one of its namespace.
    pub(crate) fn selects(&self, pod: Pod<'_>) -> bool {
        self.pods.matches_object(pod.value())
    }
}
