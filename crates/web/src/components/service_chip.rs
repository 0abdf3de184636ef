//! A service on the map: its address, and how many of the pods behind it are ready.

use std::collections::BTreeMap;
use std::rc::Rc;

use podyard_view::{ObjectRef, ServiceView};
use yew::prelude::*;

use crate::words;

/// The pods behind a service by uid, and whether each is ready; empty while no service is pointed at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Served(Rc<BTreeMap<String, bool>>);

impl Served {
    pub(crate) fn by(service: &ServiceView) -> Self {
        Self(Rc::new(service.endpoints.iter().map(|endpoint| (endpoint.pod.clone(), endpoint.ready)).collect()))
    }

    /// Whether the pod is ready, if it is behind the service.
    pub(crate) fn of(&self, pod: &str) -> Option<bool> {
        self.0.get(pod).copied()
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct ServiceChipProps {
    pub(crate) service: Rc<ServiceView>,
    /// Names of the pods behind it: ready, and not ready.
    pub(crate) pods: (String, String),
    /// The inspector shows it.
    pub(crate) selected: bool,
    /// Its pods stand out.
    pub(crate) lit: bool,
    /// Tab leads here; the arrow keys lead to the others.
    pub(crate) reachable: bool,
    pub(crate) on_inspect: Callback<ObjectRef>,
    /// Its uid while it is pointed at, nothing after.
    pub(crate) on_point: Callback<Option<String>>,
}

#[component(ServiceChip)]
pub(crate) fn service_chip(props: &ServiceChipProps) -> Html {
    let service = &props.service;
    let object =
        ObjectRef { kind: "Service".to_owned(), namespace: service.namespace.clone(), name: service.name.clone() };
    let uid = service.uid.clone();
    let point = |uid: Option<String>| {
        let on_point = props.on_point.clone();
        move || on_point.emit(uid.clone())
    };
    let (here, away) = (point(Some(uid.clone())), point(None));
    let (here_too, away_too) = (here.clone(), away.clone());
    let ready = service.endpoints.iter().filter(|endpoint| endpoint.ready).count();
    let all = service.endpoints.len();
    let class = classes!(
        "service",
        (ready == 0 && service.kind != "ExternalName").then_some("service--idle"),
        props.lit.then_some("service--lit"),
        props.selected.then_some("service--selected"),
    );
    let described = format!("service-pods-{uid}");
    html! {
        <button type="button" {class} data-map-stop={uid.clone()} data-flip={uid.clone()} tabindex={if props.reachable { "0" } else { "-1" }}
            aria-describedby={described.clone()} onclick={props.on_inspect.reform(move |_| object.clone())}
            onmouseenter={Callback::from(move |_: MouseEvent| here())} onmouseleave={Callback::from(move |_: MouseEvent| away())}
            onfocus={Callback::from(move |_: FocusEvent| here_too())} onblur={Callback::from(move |_: FocusEvent| away_too())}>
            <span class="sr-only">{ "Service " }</span>
            <span class="service__name">{ &service.name }</span>
            <span class="service__kind">{ kind(service) }</span>
            <span class="service__address">{ address(service) }</span>
            if service.kind != "ExternalName" {
                <span class="service__ready">
                    <span class="service__dots" aria-hidden="true">
                        { for (0..all.min(DOTS)).map(|dot| html! { <i class={classes!((dot < ready).then_some("on"))}></i> }) }
                    </span>
                    { format!("{ready}/{all}") }<span class="sr-only">{ " ready" }</span>
                </span>
            }
            <span id={described} hidden=true>{ in_words(service, &props.pods) }</span>
        </button>
    }
}

/// How many endpoints are drawn one by one.
const DOTS: usize = 10;

fn kind(service: &ServiceView) -> &str {
    if service.address == "None" { "headless" } else { &service.kind }
}

fn address(service: &ServiceView) -> String {
    let ports = service.ports.join(", ");
    match service.address.as_str() {
        "" | "None" => ports,
        address if ports.is_empty() => address.to_owned(),
        address => format!("{address} : {ports}"),
    }
}

/// What pointing at a service shows, for those who do not see it.
fn in_words(service: &ServiceView, (ready, unready): &(String, String)) -> String {
    let mut parts = vec![format!("In {}", service.namespace)];
    if service.kind == "ExternalName" {
        parts.push(format!("stands for {}", service.address));
    } else if service.endpoints.is_empty() {
        parts.push("nothing is behind it".to_owned());
    } else {
        parts.push(format!("{} behind it", words::count(service.endpoints.len(), "endpoint")));
    }
    parts.extend((!ready.is_empty()).then(|| format!("ready: {ready}")));
    parts.extend((!unready.is_empty()).then(|| format!("not ready: {unready}")));
    format!("{}.", parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(service: ServiceView, pods: (&str, &str), shown: &str, said: &str) {
        assert_eq!(address(&service), shown);
        assert_eq!(in_words(&service, &(pods.0.into(), pods.1.into())), said);
    }

    #[test]
    fn what_is_shown_and_said() {
        let service = |kind: &str, address: &str, endpoints: usize| ServiceView {
            namespace: "shop".into(),
            kind: kind.into(),
            address: address.into(),
            ports: if kind == "ExternalName" { Vec::new() } else { vec!["80/TCP".into()] },
            endpoints: vec![podyard_view::EndpointView::default(); endpoints],
            ..ServiceView::default()
        };
        check(
            service("ClusterIP", "10.96.0.7", 2),
            ("a", "b"),
            "10.96.0.7 : 80/TCP",
            "In shop; 2 endpoints behind it; ready: a; not ready: b.",
        );
        check(service("ClusterIP", "None", 0), ("", ""), "80/TCP", "In shop; nothing is behind it.");
        check(
            service("ExternalName", "db.example.com", 0),
            ("", ""),
            "db.example.com",
            "In shop; stands for db.example.com.",
        );
    }
}
