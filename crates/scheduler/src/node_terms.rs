//! Node selectors made ready for many comparisons.

use ecow::EcoString;
use podyard_api::kinds::{LabelSelector, NodeSelector, NodeSelectorTerm, SelectorRequirement};
use podyard_api::selector::{Operator, Requirement};
use podyard_api::{Selector, Value, value};
use serde::{Deserialize, Serialize};

/// The terms of a node selector, of which one must hold.
// Models staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeTerms(Vec<NodeTerm>);

/// One term: labels and fields, both of which must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeTerm {
    labels: Selector,
    fields: Selector,
}

impl NodeTerms {
    pub fn of(selector: NodeSelector<'_>) -> Self {
        Self(selector.node_selector_terms().filter_map(NodeTerm::of).collect())
    }

    pub fn matches(&self, labels: &Value, name: &str) -> bool {
        self.0.iter().any(|term| term.matches(labels, name))
    }
}

impl NodeTerm {
    /// None for a term without requirements, or with an odd one: it matches nothing.
    pub fn of(term: NodeSelectorTerm<'_>) -> Option<Self> {
        let labels: Vec<_> = term.match_expressions().map(requirement).collect::<Option<_>>()?;
        let fields: Vec<_> = term.match_fields().map(requirement).collect::<Option<_>>()?;
        let any = !labels.is_empty() || !fields.is_empty();
        let (labels, fields) = (Selector::of_requirements(labels), Selector::of_requirements(fields));
        any.then_some(Self { labels, fields })
    }

    pub fn matches(&self, labels: &Value, name: &str) -> bool {
        self.labels.matches(labels) && (self.fields.is_empty() || self.fields.matches(&value!({"metadata.name": name})))
    }
}

fn requirement(expression: SelectorRequirement<'_>) -> Option<Requirement> {
    let operator = match expression.operator() {
        "In" => Operator::In,
        "NotIn" => Operator::NotIn,
        "Exists" => Operator::Exists,
        "DoesNotExist" => Operator::DoesNotExist,
        "Gt" => Operator::GreaterThan,
        "Lt" => Operator::LessThan,
        _ => return None,
    };
    let values = expression.values().map(EcoString::from).collect();
    Requirement::new(expression.key(), operator, values).ok()
}

/// An object's label selector; one that is absent or wrong selects nothing.
pub fn label_selector(selector: Option<LabelSelector<'_>>) -> Selector {
    Selector::of(selector).unwrap_or_else(|_| Selector::nothing())
}

/// What satisfies both.
pub fn both(a: &Selector, b: &Selector) -> Selector {
    let selects_nothing = |selector: &Selector| selector.requirements().is_empty() && !selector.is_empty();
    if selects_nothing(a) || selects_nothing(b) {
        return Selector::nothing();
    }
    Selector::of_requirements(a.requirements().iter().chain(b.requirements()).cloned().collect())
}
