//! A node on the map, as a bay of the yard with the pods that stand in it.

use std::rc::Rc;

use podyard_view::{NodeView, ObjectRef, PodView};
use yew::prelude::*;

use super::pod_chip::PodChip;
use super::service_chip::Served;
use crate::words;

/// From this many pods on, a bay shows them as small boxes without words.
const DENSE: usize = 24;

#[derive(PartialEq, Properties)]
pub(crate) struct NodeBayProps {
    pub(crate) node: Rc<NodeView>,
    pub(crate) pods: Vec<Rc<PodView>>,
    /// How many more pods stand here that are not shown.
    pub(crate) hidden: usize,
    pub(crate) selected: Option<ObjectRef>,
    pub(crate) served: Served,
    pub(crate) reachable: AttrValue,
    pub(crate) on_inspect: Callback<ObjectRef>,
}

#[component(NodeBay)]
pub(crate) fn node_bay(props: &NodeBayProps) -> Html {
    let node = &props.node;
    let object = ObjectRef { kind: "Node".to_owned(), namespace: String::new(), name: node.name.clone() };
    let stop = format!("node/{}", node.name);
    let selected = props.selected.as_ref() == Some(&object);
    let class = classes!(
        "bay",
        (!node.ready).then_some("bay--down"),
        (!node.schedulable).then_some("bay--closed"),
        (props.pods.len() > DENSE).then_some("bay--dense"),
        selected.then_some("bay--selected"),
    );
    let title = node.taints.join("\n");
    html! {
        <section {class} aria-label={format!("Node {}", node.name)}>
            <button type="button" class="bay__head" data-map-stop={stop.clone()} tabindex={if props.reachable == stop { "0" } else { "-1" }}
                {title} onclick={props.on_inspect.reform(move |_| object.clone())}>
                <span class="sr-only">{ "Node " }</span>
                <span class="bay__name">{ &node.name }</span>
                if node.roles != "<none>" { <span class="bay__roles">{ &node.roles }</span> }
                if !node.ready { <span class="tag tag--bad">{ "NotReady" }</span> }
                if !node.schedulable { <span class="tag tag--warn">{ "SchedulingDisabled" }</span> }
                <span class="sr-only">{ more(node) }</span>
            </button>
            <div class="bay__pods">
                { for props.pods.iter().map(|pod| chip(pod, props.selected.as_ref(), &props.served, &props.reachable, &props.on_inspect)) }
                if props.pods.is_empty() {
                    <p class="bay__empty">{ "No pods here" }</p>
                }
            </div>
            if props.hidden > 0 {
                <p class="bay__hidden">{ format!("and {}", words::count(props.hidden, "system pod")) }</p>
            }
        </section>
    }
}

/// A pod's chip, for a bay or a lane.
pub(crate) fn chip(
    pod: &Rc<PodView>,
    selected: Option<&ObjectRef>,
    served: &Served,
    reachable: &AttrValue,
    on_inspect: &Callback<ObjectRef>,
) -> Html {
    let selected = selected
        .is_some_and(|object| object.kind == "Pod" && object.namespace == pod.namespace && object.name == pod.name);
    let reachable = reachable.as_str() == pod.uid;
    let served = served.of(&pod.uid);
    html! { <PodChip key={pod.uid.clone()} pod={pod.clone()} {selected} {served} {reachable} on_inspect={on_inspect.clone()} /> }
}

/// What the painted line does not say in words.
fn more(node: &NodeView) -> String {
    let mut parts = vec![if node.ready { " ready" } else { "" }.to_owned()];
    if !node.taints.is_empty() {
        parts.push(words::count(node.taints.len(), "taint"));
    }
    parts.join(", ")
}
