//! The terminals, drawn by the JavaScript half: one shows, the others go on behind it.

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::Element;
use yew::prelude::*;

use super::terminal_tabs::{Tab, TerminalTabs};
use crate::bridge;
use crate::state::Consoles;

#[derive(PartialEq, Properties)]
pub(crate) struct TerminalPaneProps {
    pub(crate) consoles: Consoles,
    /// How many bytes of a paste are still to come.
    pub(crate) pasting: usize,
    /// What was typed or pasted into which console.
    pub(crate) on_data: Callback<(u32, String)>,
    /// Columns and rows of a console.
    pub(crate) on_resize: Callback<(u32, u16, u16)>,
    pub(crate) on_tab: Callback<Tab>,
}

#[component(TerminalPane)]
pub(crate) fn terminal_pane(props: &TerminalPaneProps) -> Html {
    let speaks = use_state(bridge::screen_reader);
    let on_speak = {
        let speaks = speaks.clone();
        Callback::from(move |_| {
            bridge::screen_reader_set(!*speaks);
            speaks.set(!*speaks);
        })
    };
    html! {
        <section class="terminal-panel panel" id="panel-terminal" aria-labelledby="terminal-title">
            <header class="panel__head panel__head--dark">
                <h2 id="terminal-title" class="sr-only">{ "Terminal" }</h2>
                <TerminalTabs consoles={props.consoles.clone()} on_tab={props.on_tab.clone()} />
                if props.pasting > 0 {
                    <span class="panel__hint">{ format!("pasting, {} KB to go; Ctrl-C ends it", props.pasting.div_ceil(1024)) }</span>
                }
                <span class="panel__hint panel__hint--keys"><kbd>{ "F6" }</kbd>{ " leaves it" }</span>
                <button type="button" class="toggle toggle--dark" aria-pressed={speaks.to_string()} onclick={on_speak}>
                    { "Screen reader" }
                </button>
            </header>
            { for props.consoles.open.iter().map(|&console| html! {
                <Screen key={console} {console} shown={console == props.consoles.shown}
                    on_data={props.on_data.clone()} on_resize={props.on_resize.clone()} />
            }) }
        </section>
    }
}

#[derive(PartialEq, Properties)]
struct ScreenProps {
    console: u32,
    shown: bool,
    on_data: Callback<(u32, String)>,
    on_resize: Callback<(u32, u16, u16)>,
}

/// The screen of one console.
#[component(Screen)]
fn screen(props: &ScreenProps) -> Html {
    let place = use_node_ref();
    use_effect_with(props.console, {
        let (place, on_data, on_resize) = (place.clone(), props.on_data.clone(), props.on_resize.clone());
        move |&console| {
            let data = Closure::<dyn FnMut(String)>::new(move |text| on_data.emit((console, text)));
            let size =
                Closure::<dyn FnMut(u16, u16)>::new(move |columns, rows| on_resize.emit((console, columns, rows)));
            if let Some(element) = place.cast::<Element>() {
                bridge::terminal_mount(console, &element, function(&data), function(&size));
            }
            move || {
                bridge::terminal_unmount(console);
                drop((data, size));
            }
        }
    });
    html! {
        <div class="terminal" ref={place} role="tabpanel" id={format!("console-{}", props.console)} hidden={!props.shown}
            aria-labelledby={format!("console-tab-{}", props.console)}></div>
    }
}

fn function<T: ?Sized>(closure: &Closure<T>) -> &Function {
    closure.as_ref().unchecked_ref()
}
