//! A pod on the map, as a container in the yard.

use std::rc::Rc;

use podyard_view::{ObjectRef, PodView, Tone};
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(crate) struct PodChipProps {
    pub(crate) pod: Rc<PodView>,
    /// The inspector shows it.
    pub(crate) selected: bool,
    /// The service pointed at leads here: whether the pod is ready for it.
    pub(crate) served: Option<bool>,
    /// Tab leads here; the arrow keys lead to the others.
    pub(crate) reachable: bool,
    pub(crate) on_inspect: Callback<ObjectRef>,
}

#[component(PodChip)]
pub(crate) fn pod_chip(props: &PodChipProps) -> Html {
    let pod = &props.pod;
    let object = ObjectRef { kind: "Pod".to_owned(), namespace: pod.namespace.clone(), name: pod.name.clone() };
    let (class, _) = tone(pod.tone);
    html! {
        <button type="button" class={classes!("pod", class, props.selected.then_some("pod--selected"), served(props.served))}
            id={format!("pod-{}", pod.uid)} data-flip={pod.uid.clone()} data-map-stop={pod.uid.clone()}
            tabindex={if props.reachable { "0" } else { "-1" }} title={hover(pod)}
            onclick={props.on_inspect.reform(move |_| object.clone())}>
            <span class="pod__ribs" aria-hidden="true"></span>
            <span class="sr-only">{ "Pod " }</span>
            <span class="pod__name">{ &pod.name }</span>
            <span class="sr-only">{ " " }</span>
            <span class="pod__state">
                <span class="pod__status">{ &pod.status }</span>
                <span class="pod__ready">{ &pod.ready }</span>
                if pod.restarts > 0 {
                    <span class="pod__restarts">{ format!("↻{}", pod.restarts) }</span>
                }
            </span>
            <span class="sr-only">{ place(pod) }</span>
        </button>
    }
}

fn served(ready: Option<bool>) -> Option<&'static str> {
    ready.map(|ready| if ready { "pod--served" } else { "pod--unready" })
}

/// The class and the word of a tone.
pub(crate) fn tone(tone: Tone) -> (&'static str, &'static str) {
    match tone {
        Tone::Pending => ("tone-pending", "on its way"),
        Tone::Good => ("tone-good", "running"),
        Tone::Done => ("tone-done", "finished"),
        Tone::Bad => ("tone-bad", "in trouble"),
        Tone::Leaving => ("tone-leaving", "leaving"),
    }
}

/// Where a pod is, for those who do not see it.
fn place(pod: &PodView) -> String {
    let node = if pod.node.is_empty() { "waiting for a node".to_owned() } else { format!("on {}", pod.node) };
    format!(" in {}, {node}", pod.namespace)
}

fn hover(pod: &PodView) -> String {
    let labels: Vec<String> = pod.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let mut lines = vec![format!("{}/{}", pod.namespace, pod.name), pod.images.join(", ")];
    if !pod.ip.is_empty() {
        lines.push(pod.ip.clone());
    }
    lines.push(labels.join(", "));
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}
