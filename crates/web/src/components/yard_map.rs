//! The live map: services, the nodes with their pods, and the pods that wait for a node.

use std::collections::BTreeMap;
use std::rc::Rc;

use podyard_view::{ObjectRef, PodView, ServiceView, Tone, WhyKind};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::board_tabs::BoardTabs;
use super::node_bay::{NodeBay, chip};
use super::pod_chip::tone;
use super::service_chip::{Served, ServiceChip};
use crate::bridge;
use crate::state::{ByRef, MapState};
use crate::words;

#[derive(PartialEq, Properties)]
pub(crate) struct YardMapProps {
    pub(crate) map: ByRef<MapState>,
    pub(crate) selected: Option<ObjectRef>,
    pub(crate) on_inspect: Callback<ObjectRef>,
    /// Another view is wanted in the map's place.
    pub(crate) on_show: Callback<Option<WhyKind>>,
}

#[component(YardMap)]
pub(crate) fn yard_map(props: &YardMapProps) -> Html {
    let system = use_state(|| bridge::setting("systemPods") == "on");
    let stop = use_state(AttrValue::default);
    // The service that is pointed at, or has the focus.
    let pointed = use_state_eq(|| None::<String>);
    let on_point = use_callback((), {
        let pointed = pointed.clone();
        move |uid: Option<String>, ()| pointed.set(uid)
    });
    let root = use_node_ref();
    use_motion(root.clone());

    let yard = Yard::of(&props.map, *system);
    let reachable = yard.reachable(&stop, &props.map);
    let on_system = {
        let system = system.clone();
        Callback::from(move |_| {
            bridge::setting_put("systemPods", if *system { "" } else { "on" });
            system.set(!*system);
        })
    };
    let onkeydown = Callback::from(on_key);
    let onfocusin = {
        let stop = stop.clone();
        Callback::from(move |event: FocusEvent| {
            if let Some(name) =
                event.target_dyn_into::<Element>().and_then(|element| element.get_attribute("data-map-stop"))
            {
                stop.set(name.into());
            }
        })
    };
    let selected = props.selected.as_ref();
    let lit = yard.lit(pointed.as_ref(), selected);
    let served = lit.map(Served::by).unwrap_or_default();
    let bays = props.map.nodes.values().map(|node| {
        let pods = yard.bays.get(node.name.as_str()).cloned().unwrap_or_default();
        let hidden = yard.hidden.get(node.name.as_str()).copied().unwrap_or_default();
        html! {
            <NodeBay key={node.name.clone()} node={node.clone()} {pods} {hidden} selected={props.selected.clone()} served={served.clone()}
                reachable={reachable.clone()} on_inspect={props.on_inspect.clone()} />
        }
    });
    html! {
        <section class="map-panel panel" id="panel-map" tabindex="-1" aria-labelledby="map-title" {onkeydown} {onfocusin}>
            <BoardTabs shown={None} on_show={props.on_show.clone()} />
            <header class="panel__head">
                <h2 id="map-title">{ "Cluster" }</h2>
                { legend(&yard) }
                <button type="button" class="toggle" aria-pressed={system.to_string()} onclick={on_system}>{ "System pods" }</button>
            </header>
            <div class={classes!("yard", lit.is_some().then_some("yard--lit"))} id="board" role="tabpanel" aria-label="Map" ref={root}>
                { strip(&yard, props, lit, &reachable, &on_point) }
                <section class={classes!("lane", yard.lane.is_empty().then_some("lane--empty"))} aria-label="Pods that wait for a node">
                    <h3 class="lane__title">{ "Waiting for a node" }</h3>
                    <div class="lane__pods">
                        { for yard.lane.iter().map(|pod| chip(pod, selected, &served, &reachable, &props.on_inspect)) }
                        if yard.lane.is_empty() {
                            <span class="lane__none">{ "none" }</span>
                        }
                    </div>
                </section>
                <div class="bays">{ for bays }</div>
            </div>
        </section>
    }
}

/// Lets what changes its place below `root` glide there.
#[hook]
fn use_motion(root: NodeRef) {
    use_effect_with(root, |root| {
        let forget = root.cast::<Element>().map(|root| bridge::motion_watch(&root));
        move || {
            if let Some(forget) = forget {
                let _ = forget.call0(&wasm_bindgen::JsValue::NULL);
            }
        }
    });
}

/// The services, each to be pointed at.
fn strip(
    yard: &Yard,
    props: &YardMapProps,
    lit: Option<&ServiceView>,
    reachable: &AttrValue,
    on_point: &Callback<Option<String>>,
) -> Html {
    if yard.services.is_empty() {
        return Html::default();
    }
    let chips = yard.services.iter().map(|service| {
        let selected = is_service(props.selected.as_ref(), service);
        html! {
            <ServiceChip key={service.uid.clone()} service={service.clone()} pods={Yard::behind(service, &props.map)} {selected}
                lit={lit.is_some_and(|lit| lit.uid == service.uid)} reachable={*reachable == service.uid}
                on_inspect={props.on_inspect.clone()} on_point={on_point.clone()} />
        }
    });
    html! {
        <section class="strip" aria-label="Services">
            <h3 class="lane__title">{ "Services" }</h3>
            <div class="strip__services">{ for chips }</div>
        </section>
    }
}

fn is_service(object: Option<&ObjectRef>, service: &ServiceView) -> bool {
    object.is_some_and(|object| {
        object.kind == "Service" && object.namespace == service.namespace && object.name == service.name
    })
}

/// The pods by where they stand, and the services.
#[derive(Default)]
struct Yard {
    services: Vec<Rc<ServiceView>>,
    lane: Vec<Rc<PodView>>,
    bays: BTreeMap<String, Vec<Rc<PodView>>>,
    hidden: BTreeMap<String, usize>,
    tones: [usize; 5],
}

const TONES: [Tone; 5] = [Tone::Pending, Tone::Good, Tone::Done, Tone::Bad, Tone::Leaving];

impl Yard {
    fn of(map: &MapState, system: bool) -> Self {
        let mut yard = Self::default();
        for pod in map.pods.values() {
            // A pod on a node that the map does not have would be nowhere to be seen.
            let waits = !map.nodes.contains_key(&pod.node);
            if pod.namespace == "kube-system" && !system && !waits {
                *yard.hidden.entry(pod.node.clone()).or_default() += 1;
                continue;
            }
            if let Some(tone) = TONES.iter().position(|tone| *tone == pod.tone) {
                yard.tones[tone] += 1;
            }
            if waits {
                yard.lane.push(pod.clone());
            } else {
                yard.bays.entry(pod.node.clone()).or_default().push(pod.clone());
            }
        }
        let services = map.services.values().filter(|service| system || service.namespace != "kube-system");
        yard.services = services.cloned().collect();
        yard.services.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
        yard.lane.sort_by(by_name);
        yard.bays.values_mut().for_each(|pods| pods.sort_by(by_name));
        yard
    }

    /// The service whose pods are to stand out: the one pointed at, or else the one inspected.
    fn lit(&self, pointed: Option<&String>, inspected: Option<&ObjectRef>) -> Option<&ServiceView> {
        let pointed = self.services.iter().find(|service| Some(&service.uid) == pointed);
        pointed.or_else(|| self.services.iter().find(|service| is_service(inspected, service))).map(Rc::as_ref)
    }

    /// The names of the pods behind a service: ready, and not ready.
    fn behind(service: &ServiceView, map: &MapState) -> (String, String) {
        let names = |ready: bool| {
            let those = service.endpoints.iter().filter(|endpoint| endpoint.ready == ready);
            let name = |uid: &String| map.pods.get(uid).map(|pod| pod.name.as_str());
            let mut names: Vec<&str> =
                those.map(|endpoint| name(&endpoint.pod).unwrap_or(endpoint.address.as_str())).collect();
            names.sort_unstable();
            names.join(", ")
        };
        (names(true), names(false))
    }

    /// Which stop of the map Tab leads to: the last one visited if it is still there, else the first.
    fn reachable(&self, last: &AttrValue, map: &MapState) -> AttrValue {
        let shown = |uid: &str| self.lane.iter().chain(self.bays.values().flatten()).any(|pod| pod.uid == uid);
        let node = |stop: &str| stop.strip_prefix("node/").is_some_and(|name| map.nodes.contains_key(name));
        let service = |stop: &str| self.services.iter().any(|service| service.uid == stop);
        if !last.is_empty() && (node(last) || shown(last) || service(last)) {
            return last.clone();
        }
        let first = self.lane.first().map(|pod| pod.uid.clone());
        first.or_else(|| map.nodes.keys().next().map(|name| format!("node/{name}"))).unwrap_or_default().into()
    }
}

fn by_name(a: &Rc<PodView>, b: &Rc<PodView>) -> std::cmp::Ordering {
    (&a.namespace, &a.name, &a.uid).cmp(&(&b.namespace, &b.name, &b.uid))
}

/// How many pods are in which state, for a glance at a large cluster.
fn legend(yard: &Yard) -> Html {
    let parts = TONES.iter().zip(yard.tones).filter(|(_, count)| *count > 0).map(|(&state, count)| {
        let (class, word) = tone(state);
        html! { <li class={classes!("legend__part", class)}>{ format!("{count} {word}") }</li> }
    });
    html! { <ul class="legend" aria-label={format!("{} shown", words::count(yard.tones.iter().sum(), "pod"))}>{ for parts }</ul> }
}

/// Arrow keys lead from stop to stop, in the order in which they are shown.
fn on_key(event: KeyboardEvent) {
    let step: isize = match event.key().as_str() {
        "ArrowRight" | "ArrowDown" => 1,
        "ArrowLeft" | "ArrowUp" => -1,
        _ => return,
    };
    let Some(here) = event.target_dyn_into::<Element>().filter(|element| element.has_attribute("data-map-stop")) else {
        return;
    };
    let Some(stops) =
        here.closest("#panel-map").ok().flatten().and_then(|map| map.query_selector_all("[data-map-stop]").ok())
    else {
        return;
    };
    event.prevent_default();
    let count = stops.length() as isize;
    let index = (0..count).find(|&index| stops.item(index as u32).is_some_and(|node| node.is_same_node(Some(&here))));
    let next = (index.unwrap_or(0) + step).rem_euclid(count.max(1)) as u32;
    if let Some(next) = stops.item(next).and_then(|node| node.dyn_into::<HtmlElement>().ok()) {
        let _ = next.focus();
    }
}
