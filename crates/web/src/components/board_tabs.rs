//! The tabs beside the map: the map itself, and the tables of who decides what.

use podyard_view::WhyKind;
use yew::prelude::*;

use crate::bridge;

const TABS: [(Option<WhyKind>, &str, &str); 4] = [
    (None, "map", "Map"),
    (Some(WhyKind::Scheduling), "scheduling", "Scheduling"),
    (Some(WhyKind::Access), "access", "Access"),
    (Some(WhyKind::Network), "network", "Network"),
];

#[derive(PartialEq, Properties)]
pub(crate) struct BoardTabsProps {
    pub(crate) shown: Option<WhyKind>,
    pub(crate) on_show: Callback<Option<WhyKind>>,
}

#[component(BoardTabs)]
pub(crate) fn board_tabs(props: &BoardTabsProps) -> Html {
    let here = TABS.iter().position(|(kind, ..)| *kind == props.shown).unwrap_or(0);
    let onkeydown = {
        let on_show = props.on_show.clone();
        Callback::from(move |event: KeyboardEvent| {
            let step = match event.key().as_str() {
                "ArrowRight" => 1,
                "ArrowLeft" => TABS.len() - 1,
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            let (kind, id, _) = TABS[(here + step) % TABS.len()];
            on_show.emit(kind);
            // The board may have to be shown first.
            gloo::timers::callback::Timeout::new(0, move || bridge::focus_on(&format!("#board-{id}"))).forget();
        })
    };
    html! {
        <div class="board-tabs" role="tablist" aria-label="Views of the cluster" {onkeydown}>
            { for TABS.into_iter().map(|(kind, id, label)| {
                let selected = kind == props.shown;
                html! {
                    <button type="button" role="tab" class="board-tabs__tab" id={format!("board-{id}")}
                        aria-controls="board" aria-selected={selected.to_string()}
                        tabindex={if selected { "0" } else { "-1" }} onclick={props.on_show.reform(move |_| kind)}>
                        { label }
                    </button>
                }
            }) }
        </div>
    }
}
