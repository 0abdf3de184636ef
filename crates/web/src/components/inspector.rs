//! The inspector: one object's summary, YAML and events.

use podyard_view::{EventView, ObjectView};
use yew::prelude::*;

use super::icon::{Glyph, Icon};
use crate::bridge;
use crate::state::Inspector;
use crate::words;

/// What of the object is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Summary,
    Yaml,
    Events,
}

const SIDES: [(Side, &str); 3] = [(Side::Summary, "Summary"), (Side::Yaml, "YAML"), (Side::Events, "Events")];

#[derive(PartialEq, Properties)]
pub(crate) struct InspectorDrawerProps {
    pub(crate) inspector: Inspector,
    pub(crate) on_close: Callback<()>,
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
            <div class="inspector__sides" role="group" aria-label="What is shown">
                { for SIDES.into_iter().map(|(which, name)| {
                    let side = side.clone();
                    html! {
                        <button type="button" class="toggle" aria-pressed={(*side == which).to_string()}
                            onclick={Callback::from(move |_| side.set(which))}>{ name }</button>
                    }
                }) }
            </div>
            { content(&props.inspector, *side) }
        </aside>
    }
}

fn content(inspector: &Inspector, side: Side) -> Html {
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
