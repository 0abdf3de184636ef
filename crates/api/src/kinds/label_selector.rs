//! `LabelSelector` as objects hold it.

use crate::view;

view! {
    /// `meta/v1` `LabelSelector`.
    LabelSelector: "meta.v1.LabelSelector" {
        match_labels "matchLabels": map;
        match_expressions "matchExpressions": list SelectorRequirement;
    }
}

view! {
    /// A requirement of a label selector or a node selector term.
    SelectorRequirement: "meta.v1.LabelSelectorRequirement" {
        key "key": str;
        operator "operator": str;
        values "values": strs;
    }
}
