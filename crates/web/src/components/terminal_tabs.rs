//! The tabs of the terminals: one shows, all run.

use web_sys::Element;
use yew::prelude::*;

use super::icon::{Glyph, Icon};
use super::tab_list::led_to;
use crate::bridge::focus_soon;
use crate::state::Consoles;

/// What is done with a tab, by the number of its console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    Show(u32),
    Open(u32),
    Close(u32),
}

#[derive(PartialEq, Properties)]
pub(crate) struct TerminalTabsProps {
    pub(crate) consoles: Consoles,
    pub(crate) on_tab: Callback<Tab>,
}

#[component(TerminalTabs)]
pub(crate) fn terminal_tabs(props: &TerminalTabsProps) -> Html {
    let Consoles { open, shown } = &props.consoles;
    let closable = open.len() > 1;
    let selected = use_node_ref();
    use_effect_with(props.consoles.clone(), {
        let selected = selected.clone();
        move |_| {
            if let Some(tab) = selected.cast::<Element>() {
                tab.scroll_into_view_with_bool(false);
            }
        }
    });
    let onkeydown = {
        let (open, shown, on_tab) = (open.clone(), *shown, props.on_tab.clone());
        Callback::from(move |event: KeyboardEvent| {
            let here = open.iter().position(|number| *number == shown).unwrap_or(0);
            if event.key() == "Delete" && closable {
                event.prevent_default();
                on_tab.emit(Tab::Close(shown));
            } else if let Some(next) = led_to(&event, here, open.len()) {
                on_tab.emit(Tab::Show(open[next]));
            } else {
                return;
            }
            focus_soon(".terminal-tabs [aria-selected=true]".to_owned());
        })
    };
    let next = props.consoles.next();
    let on_open = props.on_tab.clone();
    let label = if next.is_some() { "Open one more terminal" } else { "There can be no more terminals" };
    html! {
        <div class="terminal-tabs">
            <div class="terminal-tabs__list" role="tablist" aria-label="Terminals" {onkeydown}>
                { for open.iter().map(|&number| {
                    let place = if number == *shown { selected.clone() } else { NodeRef::default() };
                    tab(number, number == *shown, closable, place, &props.on_tab)
                }) }
            </div>
            <button type="button" class="tool tool--small" aria-label={label} title={label} disabled={next.is_none()}
                onclick={Callback::from(move |_| if let Some(next) = next { on_open.emit(Tab::Open(next)) })}>
                <Glyph icon={Icon::Plus} />
            </button>
        </div>
    }
}

fn tab(number: u32, selected: bool, closable: bool, place: NodeRef, on_tab: &Callback<Tab>) -> Html {
    let onclick = {
        let on_tab = on_tab.clone();
        Callback::from(move |event: MouseEvent| {
            let target = event.target_dyn_into::<Element>();
            let cross =
                target.is_some_and(|target| target.closest(".terminal-tabs__close").is_ok_and(|at| at.is_some()));
            on_tab.emit(if cross { Tab::Close(number) } else { Tab::Show(number) });
            focus_soon("#panel-terminal [role=tabpanel]:not([hidden]) textarea".to_owned());
        })
    };
    html! {
        <button key={number} ref={place} type="button" role="tab" class="terminal-tabs__tab" id={format!("console-tab-{number}")}
            aria-controls={format!("console-{number}")} aria-selected={selected.to_string()} tabindex={if selected { "0" } else { "-1" }}
            aria-keyshortcuts={closable.then_some("Delete")} {onclick}>
            <span><span class="terminal-tabs__word">{ "Terminal " }</span>{ number + 1 }</span>
            // For the pointer; the keyboard has Delete.
            if closable {
                <span class="terminal-tabs__close" aria-hidden="true" title="Close"><Glyph icon={Icon::Close} /></span>
            }
        </button>
    }
}
