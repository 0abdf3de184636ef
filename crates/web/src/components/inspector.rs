//! The inspector: one object's summary, YAML and events.

use podyard_view::{EventView, ObjectRef, ObjectView};
use yew::prelude::*;

use super::icon::{Glyph, Icon};
use super::tab_list::led_to;
use crate::bridge::{self, focus_soon};
use crate::state::Inspector;
use crate::words;

/// What of the object is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Summary,
    Yaml,
    Events,
}

const SIDES: [(Side, &str, &str); 3] =
    [(Side::Summary, "summary", "Summary"), (Side::Yaml, "yaml", "YAML"), (Side::Events, "events", "Events")];

#[derive(PartialEq, Properties)]
pub(crate) struct InspectorDrawerProps {
    pub(crate) inspector: Inspector,
    pub(crate) on_close: Callback<()>,
    /// Goes on to another object.
    pub(crate) on_inspect: Callback<ObjectRef>,
}

#[component(InspectorDrawer)]
pub(crate) fn inspector_drawer(props: &InspectorDrawerProps) -> Html {
    let side = use_state(|| Side::Summary);
    let object = &props.inspector.object;
    use_effect_with(object.clone(), |_| bridge::focus_on("#inspector-title"));
    let onkeydown = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.prevent_default();
                on_close.emit(());
            }
        })
    };
    let place = if object.namespace.is_empty() {
        object.kind.clone()
    } else {
        format!("{} in {}", object.kind, object.namespace)
    };
    html! {
        <aside class="inspector" aria-labelledby="inspector-title" {onkeydown}>
            <header class="inspector__head">
                <div>
                    <p class="inspector__kind">{ place }</p>
                    <h2 id="inspector-title" tabindex="-1">{ &object.name }</h2>
                </div>
                <button type="button" class="tool" aria-label="Close the inspector" onclick={props.on_close.reform(|_| ())}>
                    <Glyph icon={Icon::Close} />
                </button>
            </header>
            { related(&props.inspector, &props.on_inspect) }
            { tabs(&side) }
            { content(&props.inspector, *side) }
        </aside>
    }
}

/// What owns the object, to go on to.
fn related(inspector: &Inspector, on_inspect: &Callback<ObjectRef>) -> Html {
    let related = inspector.view.as_ref().map(|view| view.related.as_slice()).unwrap_or_default();
    if related.is_empty() {
        return Html::default();
    }
    let links = related.iter().map(|object| {
        let (kind, name, object) = (object.kind.clone(), object.name.clone(), object.clone());
        html! {
            <li><button type="button" class="link" onclick={on_inspect.reform(move |_| object.clone())}>{ format!("{kind} {name}") }</button></li>
        }
    });
    html! { <ul class="inspector__related" aria-label="It belongs to">{ for links }</ul> }
}

fn tabs(side: &UseStateHandle<Side>) -> Html {
    let here = SIDES.iter().position(|(which, ..)| *which == **side).unwrap_or(0);
    let onkeydown = {
        let side = side.clone();
        Callback::from(move |event: KeyboardEvent| {
            if let Some(next) = led_to(&event, here, SIDES.len()) {
                side.set(SIDES[next].0);
                focus_soon(format!("#side-{}", SIDES[next].1));
            }
        })
    };
    html! {
        <div class="inspector__sides" role="tablist" aria-label="What is shown" {onkeydown}>
            { for SIDES.into_iter().map(|(which, id, name)| {
                let (selected, side) = (**side == which, side.clone());
                html! {
                    <button type="button" role="tab" class="inspector__side" id={format!("side-{id}")} aria-controls="inspector-content"
                        aria-selected={selected.to_string()} tabindex={if selected { "0" } else { "-1" }}
                        onclick={Callback::from(move |_| side.set(which))}>{ name }</button>
                }
            }) }
        </div>
    }
}

fn content(inspector: &Inspector, side: Side) -> Html {
    let id = SIDES.iter().find(|(which, ..)| *which == side).map_or("", |(_, id, _)| id);
    html! {
        <div class="inspector__content" id="inspector-content" role="tabpanel" aria-labelledby={format!("side-{id}")}>
            { text(inspector, side) }
        </div>
    }
}

fn text(inspector: &Inspector, side: Side) -> Html {
    match (&inspector.view, &inspector.failed) {
        (_, Some(why)) => html! { <p class="inspector__note" role="status">{ why }</p> },
        (None, None) => html! { <p class="inspector__note" role="status">{ "Reading …" }</p> },
        (Some(view), None) => shown(view, side),
    }
}

fn shown(view: &ObjectView, side: Side) -> Html {
    match side {
        Side::Summary => {
            html! { <pre class="inspector__text" tabindex="0" aria-label="Summary">{ &view.summary }</pre> }
        }
        Side::Yaml => html! { <pre class="inspector__text" tabindex="0" aria-label="YAML">{ &view.yaml }</pre> },
        Side::Events if view.events.is_empty() => html! { <p class="inspector__note">{ "No events." }</p> },
        Side::Events => {
            html! { <ol class="events" tabindex="0" aria-label="Events">{ for view.events.iter().map(event) }</ol> }
        }
    }
}

fn event(event: &EventView) -> Html {
    html! {
        <li class={classes!("event", event.warning.then_some("event--warning"))}>
            <p class="event__head">
                <span class="event__reason">{ &event.reason }</span>
                if event.count > 1 { <span class="event__count">{ format!("×{}", event.count) }</span> }
                <span class="event__time">{ format!("at {}", words::elapsed(event.at_ms)) }</span>
            </p>
            <p class="event__message">{ &event.message }</p>
        </li>
    }
}
